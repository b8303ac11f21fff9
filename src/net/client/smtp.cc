// net/client/smtp.cc: a MailCall as libcurl's options, and what came of it. The decision what an
// error means stands on what was said (SmtpTalk), not on libcurl's code, where the two differ.

#include "net/client/smtp.h"

#include <algorithm>
#include <cstring>

#include "net/client/smtp_talk.h"

namespace lares::net {

namespace {

using ports::MailAnswer;
using ports::MailCall;

struct Exchange {
    CurlHandle& handle;
    SmtpTalk talk;
    std::string_view left;  // of the mail
    Duration timeout;
};

std::size_t give_mail(char* buffer, std::size_t, std::size_t room, void* state) {
    auto& left = static_cast<Exchange*>(state)->left;
    auto count = std::min(room, left.size());
    std::memcpy(buffer, left.data(), count);
    left.remove_prefix(count);
    return count;
}

std::size_t take_line(char* bytes, std::size_t, std::size_t count, void* state) {
    static_cast<Exchange*>(state)->talk.received({bytes, count});
    return count;
}

int listen(CURL*, curl_infotype type, char* bytes, std::size_t count, void* state) {
    auto& [handle, talk, left, timeout] = *static_cast<Exchange*>(state);
    std::string_view text(bytes, count);
    if (type == CURLINFO_HEADER_OUT) talk.sent(text);
    if (type == CURLINFO_DATA_OUT) talk.sent_mail(count);
    // After a refusal libcurl takes its leave. A server that stalls then has no claim on our time.
    if (type == CURLINFO_HEADER_OUT && text.starts_with("QUIT")) handle.stop_hearing();
    return 0;
}

bool is_line(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7f; });
}

/// What becomes part of a command must not end it.
Result<> check(MailCall const& call) {
    for (auto const& address : call.to)
        if (!is_line(address)) return Error{Error::Kind::invalid, "a recipient is no address"};
    if (!is_line(call.from)) return Error{Error::Kind::invalid, "the sender is no address"};
    if (!is_line(call.helo))
        return Error{Error::Kind::invalid, "the name for EHLO has a space in it"};
    bool is_known = call.url.starts_with("smtp://") || call.url.starts_with("smtps://");
    if (!is_known || !is_line(call.url))
        return Error{Error::Kind::invalid, "'" + call.url + "' is no smtp:// or smtps:// URL"};
    return {};
}

/// libcurl takes the name for EHLO as the URL's path.
std::string url_with_name(MailCall const& call) {
    auto host = call.url.find("://") + 3;
    std::string url = call.url.substr(0, call.url.find('/', host));
    return call.helo.empty() ? url : url + "/" + call.helo;
}

/// The mechanisms that may be used. A token is never given as a password, nor the other way round.
std::string login_options(MailCall const& call) {
    if (!call.mechanism.empty()) return "AUTH=" + call.mechanism;
    return call.bearer.empty() ? "AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN" : "AUTH=XOAUTH2";
}

void set_login(CurlHandle& handle, MailCall const& call, std::string const& options) {
    if (call.user.empty()) return;
    handle.set(CURLOPT_USERNAME, call.user.c_str());
    handle.set(CURLOPT_LOGIN_OPTIONS, options.c_str());
    handle.set(CURLOPT_SASL_IR, 1L);
    if (call.bearer.empty()) {
        handle.set(CURLOPT_PASSWORD, call.password.c_str());
    } else {
        handle.set(CURLOPT_XOAUTH2_BEARER, call.bearer.c_str());
    }
}

void set_tls(CurlHandle& handle, MailCall const& call) {
    switch (call.tls) {
    case MailCall::Tls::none:
        return;
    case MailCall::Tls::required:
        handle.set(CURLOPT_USE_SSL, long(CURLUSESSL_ALL));
        return;
    case MailCall::Tls::when_offered:
        handle.set(CURLOPT_USE_SSL, long(CURLUSESSL_TRY));
        // Where an unprotected line is good enough, an unknown certificate is too, unless the
        // configuration names those who may vouch for it.
        if (call.ca_file.empty() && call.url.starts_with("smtp://")) {
            handle.set(CURLOPT_SSL_VERIFYPEER, 0L);
            handle.set(CURLOPT_SSL_VERIFYHOST, 0L);
        }
        return;
    }
}

/// libcurl's words, or better ones.
std::string words_for(CurlHandle const& handle, CURLcode code, Duration timeout) {
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "it took longer than " + std::to_string(timeout.count()) + " ms";
    case CURLE_LOGIN_DENIED:
        return "the login was refused, or the server has no mechanism that may be used";
    case CURLE_SSL_CONNECT_ERROR:
        return "TLS failed: " + handle.words(code);
    default:  // of the hundred that there are
        return handle.words(code);
    }
}

Error failure(CurlHandle const& handle, CURLcode code, Exchange const& exchange) {
    auto const& talk = exchange.talk;
    std::string words = words_for(handle, code, exchange.timeout);
    if (talk.is_after_data())
        // A write that failed did not bring the end of the mail to the server.
        return {code == CURLE_SEND_ERROR ? Error::Kind::unavailable : Error::Kind::io,
                "the mail was handed over, but its answer did not come: " + words};
    auto kind = kind_of(code, Error::Kind::unavailable);
    // A reply that refused the talk itself: at the greeting, EHLO, STARTTLS or the login.
    if (talk.code() >= 400) return {kind, talk.words()};
    bool never_began = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
    if (kind == Error::Kind::unavailable && talk.is_waiting() && !never_began)
        words = "no answer while waiting for " + talk.awaited() + ": " + words;
    return {kind, std::move(words)};
}

Result<MailAnswer> outcome(CurlHandle const& handle, CURLcode code, Exchange const& exchange) {
    auto const& talk = exchange.talk;
    if (code == CURLE_OK || talk.is_verdict())
        return MailAnswer{talk.code(), talk.words(), talk.refused()};
    return failure(handle, code, exchange);
}

Result<MailAnswer> once(CurlHandle& handle, MailCall const& call, bool is_fresh) {
    CurlList recipients;
    for (auto const& address : call.to) recipients.add("<" + address + ">");
    std::string url = url_with_name(call), from = "<" + call.from + ">",
                login = login_options(call);
    Exchange exchange{handle, SmtpTalk(dotted_size(call.bytes)), call.bytes, call.timeout};
    handle.begin(url, "smtp,smtps", call.timeout, call.ca_file);
    handle.set(CURLOPT_PROXY, "");
    handle.set(CURLOPT_FRESH_CONNECT, is_fresh ? 1L : 0L);
    set_tls(handle, call);
    set_login(handle, call, login);
    handle.set(CURLOPT_MAIL_FROM, from.c_str());
    handle.set(CURLOPT_MAIL_RCPT, recipients.get());
    handle.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    handle.set(CURLOPT_UPLOAD, 1L);
    handle.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.bytes.size()));
    handle.set(CURLOPT_READFUNCTION, &give_mail);
    handle.set(CURLOPT_READDATA, &exchange);
    handle.set(CURLOPT_HEADERFUNCTION, &take_line);
    handle.set(CURLOPT_HEADERDATA, &exchange);
    handle.set(CURLOPT_DEBUGFUNCTION, &listen);
    handle.set(CURLOPT_DEBUGDATA, &exchange);
    handle.set(CURLOPT_VERBOSE, 1L);  // without it nothing listens
    CURLcode code = handle.perform();
    // libcurl keeps a connection on which an answer is still to come: to the next mail it would be
    // the answer to its own.
    if (code != CURLE_OK) handle.drop_connections();
    return outcome(handle, code, exchange);
}

}  // namespace

Result<MailAnswer> smtp_call(CurlHandle& handle, MailCall const& call) {
    TRY(check(call));
    auto answer = once(handle, call, /*is_fresh=*/false);
    constexpr int closing = 421;  // what a server says when it has waited for us too long
    bool broke = answer ? answer->code == closing : answer.error().kind == Error::Kind::unavailable;
    if (!broke || !handle.was_reused()) return answer;
    return once(handle, call, /*is_fresh=*/true);
}

}  // namespace lares::net
