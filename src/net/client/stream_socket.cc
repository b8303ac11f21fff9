// net/client/stream_socket.cc: RFC 6455, 4.1: the handshake; then frames both ways.

#include "net/client/stream_socket.h"

#include <openssl/rand.h>
#include <openssl/sha.h>
#include <poll.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/version.h"
#include "net/client/curl_handle.h"
#include "net/client/websocket_frames.h"
#include "text/base64.h"

namespace lares::net {

namespace {

using ports::OpenedStream;
using ports::Stream;
using ports::StreamCall;

/// Of a message, and of the head of the answer.
constexpr std::size_t message_bytes = 8u << 20, head_bytes = 64u << 10;

std::string random_bytes(int count) {
    std::string out(static_cast<std::size_t>(count), '\0');
    int made = RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), count);
    CHECK(made == 1);
    return out;
}

std::string accept_for(std::string const& key) {
    std::string const text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest);
    return text::encode_base64(std::string_view(reinterpret_cast<char*>(digest), sizeof digest));
}

struct UrlParts {
    std::string host, target;
};

UrlParts parts_of(std::string const& url) {
    UrlParts out;
    CURLU* parsed = curl_url();
    curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0);
    auto part = [&](CURLUPart which) {
        char* text = nullptr;
        std::string copy;
        if (curl_url_get(parsed, which, &text, 0) == CURLUE_OK) copy = text;
        curl_free(text);
        return copy;
    };
    out.host = part(CURLUPART_HOST);
    if (auto port = part(CURLUPART_PORT); !port.empty()) out.host += ":" + port;
    out.target = part(CURLUPART_PATH);
    if (auto query = part(CURLUPART_QUERY); !query.empty()) out.target += "?" + query;
    curl_url_cleanup(parsed);
    return out;
}

class SocketStream final : public Stream {
public:
    explicit SocketStream(StreamCall const& call) : call_(call), frames_(message_bytes) {}

    Result<> connect() {
        // libcurl 7.88 has no WebSocket in Debian 12, but it makes the connection and its TLS.
        auto const url = "http" + call_.url.substr(2);
        handle_.begin(url, "http,https", call_.open_timeout, call_.ca_file);
        handle_.set(CURLOPT_CONNECT_ONLY, 1L);
        handle_.set(CURLOPT_SSL_ENABLE_ALPN, 0L);
        handle_.set(CURLOPT_TCP_KEEPALIVE, 1L);
        auto code = handle_.perform();
        if (code != CURLE_OK)
            return Error{kind_of(code, Error::Kind::unavailable), handle_.words(code)};
        socket_ = handle_.get<curl_socket_t>(CURLINFO_ACTIVESOCKET);
        return {};
    }

    Result<> ask() {
        auto const url = parts_of("http" + call_.url.substr(2));
        key_ = text::encode_base64(random_bytes(16));
        std::string head = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.host +
                           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                           key_ + "\r\nUser-Agent: lares-capture/" + std::string(version()) +
                           "\r\n";
        for (auto const& [name, value] : call_.headers) head += name + ": " + value + "\r\n";
        return send(head + "\r\n");
    }

    /// The head of the answer; what came behind it is kept.
    Result<OpenedStream> hear() {
        auto const end = std::chrono::steady_clock::now() + call_.open_timeout;
        std::string got;
        std::size_t size = std::string::npos;
        while ((size = got.find("\r\n\r\n")) == got.npos) {
            auto left =
                std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
            if (got.size() > head_bytes || left <= Duration(0))
                return Error{Error::Kind::unavailable, "no proper answer came"};
            auto how = TRY(receive(got, left));
            if (how == Got::interrupted) return Error{Error::Kind::conflict, "interrupted"};
            if (how == Got::ended) return Error{Error::Kind::unavailable, "it hung up"};
        }
        OpenedStream opened;
        for (std::size_t at = 0; at < size + 2;) {
            auto stop = got.find("\r\n", at);
            add_header(opened.headers, std::string_view(got).substr(at, stop - at));
            at = stop + 2;
        }
        if (got.starts_with("HTTP/1.1 ")) opened.status = std::atoi(got.c_str() + 9);
        std::string const accept = accept_for(key_);
        bool const is_ours = std::ranges::any_of(opened.headers, [&](auto const& header) {
            return header.first == "sec-websocket-accept" && header.second == accept;
        });
        if (opened.status == 101 && !is_ours)
            return Error{Error::Kind::unavailable, "the peer does not speak WebSocket"};
        pending_ = got.substr(size + 4);
        if (opened.status != 101) opened.body = pending_;
        return opened;
    }

    Result<Got> read(std::string& out, Duration wait) override {
        auto const before = out.size();
        auto const end = std::chrono::steady_clock::now() + wait;
        for (;;) {
            TRY(take_frames(out));
            if (out.size() > before) return Got::bytes;
            if (is_closed_) return Got::ended;
            auto left =
                std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
            auto how = TRY(receive(pending_, std::max(left, Duration(0))));
            if (how != Got::bytes && pending_.empty()) return how;
        }
    }

private:
    Result<> take_frames(std::string& out) {
        std::string bytes;
        bytes.swap(pending_);
        std::string answers;
        auto take = [&](Opcode opcode, std::string_view payload) {
            switch (opcode) {
            case Opcode::text:
            case Opcode::binary: {
                auto const begin = out.size();
                out.append(payload);
                std::replace_if(
                    out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                    [](char c) { return c == '\n' || c == '\r'; }, ' ');
                out += '\n';
                break;
            }
            case Opcode::ping:
                answers += print_frame(Opcode::pong, payload, random_bytes(4));
                break;
            case Opcode::close:
                if (!is_closed_) answers += print_frame(Opcode::close, payload, random_bytes(4));
                is_closed_ = true;
                break;
            case Opcode::pong:
            case Opcode::more:
                break;
            }
        };
        auto added = frames_.add(bytes, take);
        if (!answers.empty()) (void)send(answers);  // a peer that is gone is noticed by reading
        return added;
    }

    Result<> send(std::string_view bytes) {
        while (!bytes.empty()) {
            std::size_t sent = 0;
            auto code = curl_easy_send(handle_.raw(), bytes.data(), bytes.size(), &sent);
            if (code == CURLE_AGAIN) {
                pollfd ready{socket_, POLLOUT, 0};
                if (::poll(&ready, 1, static_cast<int>(call_.open_timeout.count())) <= 0)
                    return Error{Error::Kind::io, "the peer takes nothing"};
                continue;
            }
            if (code != CURLE_OK) return Error{Error::Kind::io, handle_.words(code)};
            bytes.remove_prefix(sent);
        }
        return {};
    }

    /// Appends what is there, or waits for it.
    Result<Got> receive(std::string& out, Duration wait) {
        for (bool has_waited = false;; has_waited = true) {
            auto const before = out.size();
            out.resize(before + (256u << 10));
            std::size_t got = 0;
            auto code = curl_easy_recv(handle_.raw(), out.data() + before, 256u << 10, &got);
            out.resize(before + got);
            if (code == CURLE_OK) return got == 0 ? Got::ended : Got::bytes;
            if (code != CURLE_AGAIN) return Error{Error::Kind::io, handle_.words(code)};
            if (has_waited) return Got::nothing;
            pollfd ready[2] = {{socket_, POLLIN, 0}, {call_.until, POLLIN, 0}};
            auto const most = static_cast<int>(std::min<Duration::rep>(wait.count(), 60'000));
            if (::poll(ready, call_.until >= 0 ? 2 : 1, most) < 0) return Got::nothing;
            if (ready[1].revents != 0) return Got::interrupted;
        }
    }

    StreamCall call_;
    CurlHandle handle_;
    curl_socket_t socket_ = CURL_SOCKET_BAD;
    FrameReader frames_;
    std::string key_, pending_;
    bool is_closed_ = false;
};

}  // namespace

Result<OpenedStream> open_socket_stream(StreamCall const& call) {
    auto stream = std::make_unique<SocketStream>(call);
    TRY(stream->connect());
    TRY(stream->ask());
    auto opened = TRY(stream->hear());
    if (opened.status == 101) opened.stream = std::move(stream);
    return opened;
}

void add_header(ports::Headers& headers, std::string_view line) {
    auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return;
    std::string name(line.substr(0, colon));
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
        value.remove_prefix(1);
    while (!value.empty() && std::string_view("\r\n \t").find(value.back()) != value.npos)
        value.remove_suffix(1);
    headers.emplace_back(std::move(name), std::string(value));
}

}  // namespace lares::net
