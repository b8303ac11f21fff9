// delivery/mail.cc: a message through an SMTP server or a sendmail program, and what its answer
// means. Reply codes: RFC 5321, 4.2; RFC 4954, 6 for logins. Exit codes: sysexits.h.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "delivery/kinds.h"
#include "delivery/mail_answer.h"
#include "delivery/mail_login.h"
#include "delivery/mailbox.h"
#include "delivery/mime.h"
#include "delivery/plain_text.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

/// All files of one mail together: what large providers take at most, before base64.
constexpr std::uintmax_t files_bytes = 25u << 20;
constexpr std::string_view sendmail_scheme = "sendmail:";

/// The bytes of what goes along, as it lies there now.
Result<std::vector<MailFile>> read_files(std::vector<message::Attachment> const& attachments) {
    std::vector<MailFile> files;
    std::uintmax_t all = 0;
    for (auto const& each : attachments) {
        std::error_code trouble;
        // Never opened when it is a pipe, on which the lane would hang.
        bool is_file = std::filesystem::is_regular_file(each.path, trouble);
        std::ifstream stream(each.path, std::ios::binary);
        if (!is_file || !stream)
            return Error{Error::Kind::not_found, "the attachment '" + each.path +
                                                     "' cannot be read: it is gone, or is no file"};
        all += std::filesystem::file_size(each.path, trouble);
        if (trouble || all > files_bytes)
            return Error{Error::Kind::invalid, "the attachments are larger than " +
                                                   std::to_string(files_bytes >> 20) +
                                                   " MiB, which no mail server takes"};
        std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        auto type = each.type.empty() ? std::string(type_of(each.name)) : each.type;
        files.push_back({each.name, std::move(type), std::move(bytes)});
    }
    return files;
}

Result<Mail> make_mail(Channel const& channel, Message const& message, Try const& attempt) {
    Mail mail;
    mail.from = TRY(parse_mailbox(channel.from));
    mail.to = TRY(parse_mailboxes(message.to.empty() ? channel.to : message.to));
    auto const& reply_to = message.reply_to.empty() ? channel.reply_to : message.reply_to;
    if (!reply_to.empty()) mail.reply_to = TRY(parse_mailboxes({reply_to}));
    mail.title = message.title;
    mail.text = plain_text(message);
    mail.html = message.html;
    mail.message_id = message_id(attempt.key, domain_of(mail.from.address));
    mail.continues = message.in_reply_to;
    mail.unsubscribe = message.unsubscribe;
    mail.severity = message.severity;
    mail.language = message.language.empty() ? channel.language : message.language;
    mail.tags = message.tags;
    mail.files = TRY(read_files(message.files));
    mail.date = attempt.now;
    return mail;
}

bool is_loopback(std::string_view url) {
    auto host = url.substr(std::min(url.find("://") + 3, url.size()));
    host = host.substr(0, host.find('/'));
    if (host.starts_with("[::1]")) return true;
    host = host.substr(0, host.find(':'));
    bool is_number = host.find_first_not_of("0123456789.") == host.npos;
    return host == "localhost" || (host.starts_with("127.") && is_number);
}

/// How the line is to be protected. A login never goes over a line that could be read, unless the
/// configuration says so (`tls = none`) or the line is within this machine.
void set_tls(Channel const& channel, ports::MailCall& call) {
    using Tls = ports::MailCall::Tls;
    bool is_port_465 = channel.url.ends_with(":465");
    bool whole =
        channel.tls == channel::Tls::tls || (channel.tls == channel::Tls::automatic && is_port_465);
    if (whole && call.url.starts_with("smtp://")) call.url.replace(0, 4, "smtps");
    bool has_login = !call.user.empty() && channel.auth != channel::Auth::none;
    switch (channel.tls) {
    case channel::Tls::none:
        call.tls = Tls::none;
        return;
    case channel::Tls::starttls:
    case channel::Tls::tls:
        call.tls = Tls::required;
        return;
    case channel::Tls::automatic:
        call.tls = has_login && !is_loopback(call.url) ? Tls::required : Tls::when_offered;
        return;
    }
}

std::string mechanism(Channel const& channel) {
    switch (channel.auth) {
    case channel::Auth::automatic:
    case channel::Auth::none:
        return "";
    case channel::Auth::plain:
        return "PLAIN";
    case channel::Auth::login:
        return "LOGIN";
    case channel::Auth::cram_md5:
        return "CRAM-MD5";
    case channel::Auth::xoauth2:
        return "XOAUTH2";
    }
    return "";
}

Answer by_server(Channel const& channel, Mail const& mail, std::vector<std::string> rest,
                 Try const& attempt, ports::Post& post) {
    ports::MailCall call;
    std::string rotated;
    call.url = channel.url;
    call.mechanism = mechanism(channel);
    if (channel.auth != channel::Auth::none) {
        call.user = channel.user;
        call.password = channel.password;
        auto access = bearer_of(channel, attempt, post);
        if (!access) return login_answer(access.error());
        call.bearer = access->token;
        rotated = access->rotated;
    }
    set_tls(channel, call);
    call.ca_file = channel.ca_file;
    call.helo = channel.helo;
    call.from = mail.from.address;
    call.to = std::move(rest);
    call.bytes = mime(mail);
    call.timeout = channel.timeout;
    auto answer = server_answer(post.mail(call), call.to);
    answer.refresh_token = rotated;
    return answer;
}

Answer by_sendmail(Channel const& channel, Mail const& mail, std::vector<std::string> const& rest,
                   ports::Post& post) {
    ports::CommandCall call;
    call.argv = {channel.url.substr(sendmail_scheme.size()), "-i", "-f", mail.from.address, "--"};
    call.argv.insert(call.argv.end(), rest.begin(), rest.end());
    // What reads standard input expects the ends of lines of this system.
    for (std::string bytes = mime(mail); char c : bytes)
        if (c != '\r') call.input += c;
    call.timeout = channel.timeout;
    return sendmail_answer(post.run(call));
}

Answer refused(std::string words) {
    return {.outcome = Outcome::refused, .words = std::move(words)};
}

}  // namespace

Answer send_mail(Channel const& channel, Message const& message, Try const& attempt,
                 ports::Post& post) {
    auto from = parse_mailbox(channel.from);
    if (!from) return {.outcome = Outcome::blocked, .words = "from: " + from.error().what};
    auto mail = make_mail(channel, message, attempt);
    if (!mail) return refused(mail.error().what);
    if (mail->to.empty())
        return refused("there is no recipient: neither the message nor 'to' names one");
    auto have_it = recipients_in(attempt.resume);
    std::vector<std::string> rest;
    for (auto const& each : mail->to)
        if (std::find(have_it.begin(), have_it.end(), each.address) == have_it.end())
            rest.push_back(each.address);
    Answer answer{.outcome = Outcome::sent, .words = "all of them had it already"};
    if (!rest.empty()) {
        answer = channel.url.starts_with(sendmail_scheme)
                     ? by_sendmail(channel, *mail, rest, post)
                     : by_server(channel, *mail, rest, attempt, post);
    }
    if (answer.outcome == Outcome::sent) answer.provider = mail->message_id;
    if (answer.outcome != Outcome::sent)
        answer.provider = resume_after(std::move(have_it), recipients_in(answer.provider));
    return answer;
}

}  // namespace lares::deliver
