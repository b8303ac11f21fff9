// net/client/smtp_talk.h: what was said on one SMTP connection, command by command: who was
// refused, what the last reply was, and whether the whole mail had been handed over.
//
// Pure. libcurl holds the conversation; this listens to both sides, because libcurl's own error
// codes do not tell a refused recipient from a broken line. No credential is kept.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lares::net {

class SmtpTalk {
public:
    /// @param mail_bytes  of the whole mail as it goes over the line, dots doubled.
    explicit SmtpTalk(std::size_t mail_bytes) : mail_bytes_(mail_bytes) {}

    void sent(std::string_view command);
    void sent_mail(std::size_t bytes) { sent_bytes_ += bytes; }
    /// One line of a reply, with or without its end.
    void received(std::string_view line);

    /// The last reply that came whole; 0: none yet.
    int code() const { return code_; }
    /// "550 5.1.1 no such user"; of a reply of several lines each, with spaces between.
    std::string const& words() const { return words_; }
    /// The reply is one to MAIL, RCPT, DATA or the mail itself, no later command is unanswered, and
    /// it is no consent: the server has said what it thinks of this mail.
    bool is_verdict() const;
    /// The mail's last byte went out, and no reply to it has come.
    bool is_after_data() const { return is_data_ && is_waiting_ && sent_bytes_ >= mail_bytes_; }
    /// A command, the greeting or the mail has no answer yet.
    bool is_waiting() const { return is_waiting_; }
    /// What is waited for: "the answer to RCPT", "the greeting".
    std::string awaited() const;
    /// Recipients that were refused, with the reply.
    std::vector<std::pair<std::string, std::string>> const& refused() const { return refused_; }

private:
    void replied();

    std::size_t mail_bytes_, sent_bytes_ = 0;
    std::string verb_;       // of the last command: "RCPT"; empty: the greeting
    std::string recipient_;  // of a RCPT
    bool is_waiting_ = true, is_data_ = false, has_quit_ = false;
    int code_ = 0;
    std::string words_, lines_;
    std::vector<std::pair<std::string, std::string>> refused_;
};

/// Bytes of `mail` on the line: each line that begins with a dot has one more.
std::size_t dotted_size(std::string_view mail);

}  // namespace lares::net
