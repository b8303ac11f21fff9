// net/client/web.cc: a WebCall as libcurl's options, and what came of it.

#include "net/client/web.h"

#include <algorithm>
#include <memory>

#include "base/version.h"

namespace lares::net {

namespace {

using ports::WebAnswer;
using ports::WebCall;

/// Of all headers of an answer together; servers send some 2 KB.
constexpr std::size_t header_bytes = 64u << 10;

struct Receiver {
    WebAnswer answer;
    std::int64_t most;
    std::size_t headers = 0;
    bool is_too_large = false;
    bool wants_body = true;
    bool is_enough = false;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* state) {
    auto& receiver = *static_cast<Receiver*>(state);
    if (!receiver.wants_body) {
        receiver.is_enough = true;
        return 0;
    }
    auto& body = receiver.answer.body;
    receiver.is_too_large = static_cast<std::int64_t>(body.size() + count) > receiver.most;
    if (receiver.is_too_large) return 0;
    body.append(bytes, count);
    return count;
}

std::string lower(std::string_view name) {
    std::string out(name);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    auto begin = std::min(text.find_first_not_of(blank), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* state) {
    auto& receiver = *static_cast<Receiver*>(state);
    std::string_view line(bytes, count);
    receiver.headers += count;
    receiver.is_too_large = receiver.headers > header_bytes;
    if (receiver.is_too_large) return 0;
    // A status line begins an answer; one before it was an interim "100 Continue".
    if (line.starts_with("HTTP/")) receiver.answer.headers.clear();
    auto colon = line.find(':');
    if (colon != line.npos && colon > 0)
        receiver.answer.headers.emplace_back(lower(trimmed(line.substr(0, colon))),
                                             std::string(trimmed(line.substr(colon + 1))));
    return count;
}

bool breaks_a_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

/// No byte of a header's value may begin another header.
Result<> add_headers(WebCall const& call, CurlList& list) {
    for (auto const& [name, value] : call.headers) {
        bool is_name = !name.empty() && name.find_first_of(": \t") == name.npos;
        if (!is_name || breaks_a_line(name) || breaks_a_line(value))
            return Error{Error::Kind::invalid, "the header '" + name.substr(0, 60) +
                                                   "' has an end of a line in it, or no name"};
        // libcurl's way to send a header that is empty.
        list.add(value.empty() ? name + ";" : name + ": " + value);
    }
    list.add("Expect:");  // no waiting for "100 Continue"
    return {};
}

struct MimeFree {
    void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using Mime = std::unique_ptr<curl_mime, MimeFree>;

Mime make_parts(CurlHandle& handle, std::vector<ports::WebPart> const& parts) {
    Mime mime(curl_mime_init(handle.raw()));
    for (auto const& each : parts) {
        auto* part = curl_mime_addpart(mime.get());
        curl_mime_name(part, each.name.c_str());
        if (each.path.empty()) {
            curl_mime_data(part, each.body.data(), each.body.size());
        } else {
            curl_mime_filedata(part, each.path.c_str());
        }
        if (!each.file_name.empty()) curl_mime_filename(part, each.file_name.c_str());
        if (!each.type.empty()) curl_mime_type(part, each.type.c_str());
    }
    return mime;
}

void set_body(CurlHandle& handle, WebCall const& call, curl_mime* parts) {
    if (parts != nullptr) {
        handle.set(CURLOPT_MIMEPOST, parts);
    } else if (!call.body.empty() || call.method == "POST" || call.method == "PUT") {
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
        handle.set(CURLOPT_POSTFIELDS, call.body.data());
    }
    if (call.method == "HEAD") handle.set(CURLOPT_NOBODY, 1L);
    handle.set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
}

Error failure(CurlHandle const& handle, CURLcode code, Receiver const& receiver) {
    if (receiver.is_too_large)
        return {Error::Kind::io,
                "the answer is longer than " + std::to_string(receiver.most) + " bytes"};
    bool was_sent = handle.get<long>(CURLINFO_REQUEST_SIZE) > 0;
    auto otherwise = was_sent ? Error::Kind::io : Error::Kind::unavailable;
    return {kind_of(code, otherwise), handle.words(code)};
}

Result<WebAnswer> exchange(CurlHandle& handle, WebCall const& call, Receiver receiver) {
    if (breaks_a_line(call.method) || breaks_a_line(call.url))
        return Error{Error::Kind::invalid, "the URL or method has an end of a line in it"};
    CurlList headers;
    TRY(add_headers(call, headers));
    std::string agent = "lares/" + std::string(version());
    handle.begin(call.url, "http,https", call.timeout, call.ca_file);
    // On a kept connection that breaks before the first byte of the answer libcurl sends the
    // request again by itself: with POST that would say it twice, and nobody would know.
    bool const may_repeat = call.method == "GET" || call.method == "PUT" || call.method == "HEAD";
    handle.set(CURLOPT_FRESH_CONNECT, may_repeat ? 0L : 1L);
    handle.set(CURLOPT_USERAGENT, agent.c_str());
    handle.set(CURLOPT_HTTPHEADER, headers.get());
    handle.set(CURLOPT_WRITEFUNCTION, &take_body);
    handle.set(CURLOPT_WRITEDATA, &receiver);
    handle.set(CURLOPT_HEADERFUNCTION, &take_header);
    handle.set(CURLOPT_HEADERDATA, &receiver);
    if (!call.user.empty()) {
        handle.set(CURLOPT_HTTPAUTH, long(CURLAUTH_BASIC));
        handle.set(CURLOPT_USERNAME, call.user.c_str());
        handle.set(CURLOPT_PASSWORD, call.password.c_str());
    }
    Mime parts = call.parts.empty() ? nullptr : make_parts(handle, call.parts);
    set_body(handle, call, parts.get());
    CURLcode code = handle.perform();
    receiver.answer.status = static_cast<int>(handle.get<long>(CURLINFO_RESPONSE_CODE));
    if (code != CURLE_OK && !receiver.is_enough) return failure(handle, code, receiver);
    return std::move(receiver.answer);
}

}  // namespace

Result<WebAnswer> web_call(CurlHandle& handle, WebCall const& call) {
    return exchange(handle, call, {.answer = {}, .most = call.answer_most});
}

Result<WebAnswer> web_head(CurlHandle& handle, WebCall const& call) {
    return exchange(handle, call, {.answer = {}, .most = call.answer_most, .wants_body = false});
}

}  // namespace lares::net
