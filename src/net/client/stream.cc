// net/client/stream.cc: HTTP by libcurl's multi interface, which waits for our descriptor as well.

#include "net/client/stream.h"

#include <algorithm>
#include <chrono>

#include "base/version.h"
#include "net/client/curl_handle.h"
#include "net/client/stream_socket.h"

namespace lares::net {

namespace {

using ports::OpenedStream;
using ports::Stream;
using ports::StreamCall;

/// Of an answer that is no stream.
constexpr std::size_t refusal_bytes = 64u << 10, header_bytes = 64u << 10;
/// What libcurl reads at once; it does so up to a hundred times before it asks us again.
constexpr long piece = 64L << 10;

class HttpStream final : public Stream {
public:
    explicit HttpStream(StreamCall const& call) : until_(call.until), multi_(curl_multi_init()) {
        handle_.begin(call.url, "http,https", Duration(0), call.ca_file);
        handle_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.open_timeout.count()));
        handle_.set(CURLOPT_BUFFERSIZE, piece);
        handle_.set(CURLOPT_TCP_KEEPALIVE, 1L);
        agent_ = "lares-capture/" + std::string(version());
        handle_.set(CURLOPT_USERAGENT, agent_.c_str());
        for (auto const& [name, value] : call.headers) headers_.add(name + ": " + value);
        handle_.set(CURLOPT_HTTPHEADER, headers_.get());
        if (call.method != "GET") {
            handle_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
            handle_.set(CURLOPT_COPYPOSTFIELDS, call.body.c_str());
            handle_.set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
        }
        handle_.set(CURLOPT_WRITEFUNCTION, &HttpStream::on_body);
        handle_.set(CURLOPT_WRITEDATA, this);
        handle_.set(CURLOPT_HEADERFUNCTION, &HttpStream::on_header);
        handle_.set(CURLOPT_HEADERDATA, this);
        curl_multi_add_handle(multi_, handle_.raw());
    }
    ~HttpStream() override {
        curl_multi_remove_handle(multi_, handle_.raw());
        curl_multi_cleanup(multi_);
    }

    /// Until the head is there, or a refusal is whole.
    Result<> open(Duration limit) {
        auto const end = std::chrono::steady_clock::now() + limit;
        while (!is_ended_ && !(is_head_whole_ && status() / 100 == 2)) {
            auto left =
                std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
            if (left <= Duration(0))
                return Error{Error::Kind::unavailable,
                             "no answer within " + std::to_string(limit.count()) + " ms"};
            if (TRY(turn(left)) == Got::interrupted)
                return Error{Error::Kind::conflict, "interrupted"};
        }
        return {};
    }
    int status() const { return static_cast<int>(handle_.get<long>(CURLINFO_RESPONSE_CODE)); }
    ports::Headers take_headers() { return std::move(answer_headers_); }
    std::string take_body() { return std::move(body_); }

    Result<Got> read(std::string& out, Duration wait) override {
        auto const end = std::chrono::steady_clock::now() + wait;
        while (body_.empty() && !is_ended_) {
            auto left =
                std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
            auto got = turn(std::max(left, Duration(0)));
            if (!got && body_.empty()) return std::move(got).error();
            if (!got) break;
            if (*got == Got::interrupted && body_.empty()) return Got::interrupted;
            if (body_.empty() && left <= Duration(0)) return Got::nothing;
        }
        if (body_.empty()) return Got::ended;
        if (out.empty())
            out.swap(body_);
        else
            out.append(body_);
        body_.clear();
        return Got::bytes;
    }

private:
    /// Lets libcurl work, and waits for it when there is nothing.
    Result<Got> turn(Duration wait) {
        int running = 0;
        curl_multi_perform(multi_, &running);
        int left = 0;
        while (auto* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            is_ended_ = true;
            auto const code = message->data.result;
            if (code == CURLE_OK) continue;
            auto otherwise = is_head_whole_ ? Error::Kind::io : Error::Kind::unavailable;
            return Error{kind_of(code, otherwise), handle_.words(code)};
        }
        if (is_ended_ || !body_.empty()) return Got::bytes;
        curl_waitfd extra{until_, CURL_WAIT_POLLIN, 0};
        auto const most = static_cast<int>(std::min<Duration::rep>(wait.count(), 60'000));
        curl_multi_poll(multi_, &extra, until_ >= 0 ? 1 : 0, most, nullptr);
        return extra.revents != 0 ? Got::interrupted : Got::nothing;
    }

    static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self) {
        auto& stream = *static_cast<HttpStream*>(self);
        stream.is_head_whole_ = true;
        if (stream.status() / 100 != 2 && stream.body_.size() + count > refusal_bytes) return count;
        stream.body_.append(bytes, count);
        return count;
    }
    static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) {
        auto& stream = *static_cast<HttpStream*>(self);
        std::string_view line(bytes, count);
        stream.header_bytes_ += count;
        if (stream.header_bytes_ > header_bytes) return 0;
        if (line.starts_with("HTTP/")) stream.answer_headers_.clear();
        if (line == "\r\n" || line == "\n") stream.is_head_whole_ = stream.status() / 100 != 1;
        add_header(stream.answer_headers_, line);
        return count;
    }

    int until_;
    CURLM* multi_;
    CurlHandle handle_;
    CurlList headers_;
    std::string agent_, body_;
    ports::Headers answer_headers_;
    std::size_t header_bytes_ = 0;
    bool is_head_whole_ = false, is_ended_ = false;
};

class LibcurlStreams final : public ports::Streams {
public:
    Result<OpenedStream> open(StreamCall const& call) override {
        for (auto const& [name, value] : call.headers)
            if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
                return Error{Error::Kind::invalid, "a header has an end of a line in it"};
        if (call.url.starts_with("ws://") || call.url.starts_with("wss://"))
            return open_socket_stream(call);
        auto stream = std::make_unique<HttpStream>(call);
        TRY(stream->open(call.open_timeout));
        OpenedStream opened{.status = stream->status(), .headers = stream->take_headers()};
        if (opened.status / 100 != 2) {
            opened.body = stream->take_body();
            return opened;
        }
        opened.stream = std::move(stream);
        return opened;
    }
};

}  // namespace

std::unique_ptr<ports::Streams> make_streams() { return std::make_unique<LibcurlStreams>(); }

}  // namespace lares::net
