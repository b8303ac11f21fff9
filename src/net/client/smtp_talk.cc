// net/client/smtp_talk.cc: following the conversation (RFC 5321, 4.2 and 4.3).

#include "net/client/smtp_talk.h"

#include <algorithm>

namespace lares::net {

namespace {

/// Of one reply; servers stay below 1 KB.
constexpr std::size_t reply_bytes = 4096;

std::string_view without_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    return line;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void SmtpTalk::sent(std::string_view command) {
    command = without_end(command);
    auto end = command.find(' ');
    auto verb = command.substr(0, end);
    // The talk is over; or it was another's, whose connection made room for this one.
    has_quit_ = verb == "QUIT";
    if (has_quit_) return;
    // An answer within a login is no command, and is not kept.
    bool in_login = verb_ == "AUTH" && code_ == 334;
    if (!in_login) verb_ = verb;
    is_waiting_ = true;
    if (verb_ != "RCPT") return;
    auto open = command.find('<'), close = command.rfind('>');
    bool has_address = open != command.npos && close != command.npos && close > open;
    recipient_ = has_address ? command.substr(open + 1, close - open - 1) : command;
}

void SmtpTalk::received(std::string_view line) {
    line = without_end(line);
    if (has_quit_) return;
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return;
    if (lines_.size() < reply_bytes) {
        // The code stands once, before the first line.
        std::string_view text =
            lines_.empty() ? line : line.substr(std::min<std::size_t>(4, line.size()));
        if (!lines_.empty()) lines_ += ' ';
        lines_ += text.substr(0, reply_bytes);
        if (lines_.size() > 3 && lines_[3] == '-') lines_[3] = ' ';
    }
    if (line.size() > 3 && line[3] == '-') return;
    code_ = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    words_ = std::move(lines_);
    lines_.clear();
    replied();
}

void SmtpTalk::replied() {
    is_waiting_ = false;
    if (verb_ == "RCPT" && code_ >= 400) refused_.emplace_back(recipient_, words_);
    if (verb_ == "DATA" && code_ == 354 && !is_data_) {
        is_data_ = true;
        is_waiting_ = true;  // for the answer to the mail
    }
}

bool SmtpTalk::is_verdict() const {
    bool about_mail = verb_ == "MAIL" || verb_ == "RCPT" || verb_ == "DATA";
    return about_mail && !is_waiting_ && code_ >= 400;
}

std::string SmtpTalk::awaited() const {
    if (verb_.empty()) return "the server's greeting";
    if (is_data_)
        return sent_bytes_ >= mail_bytes_ ? "the answer to the mail" : "room for the mail";
    return "the answer to " + verb_;
}

std::size_t dotted_size(std::string_view mail) {
    std::size_t size = mail.size() + (mail.starts_with('.') ? 1 : 0);
    for (auto at = mail.find("\r\n."); at != mail.npos; at = mail.find("\r\n.", at + 1)) ++size;
    return size;
}

}  // namespace lares::net
