// net/request_reader.h: bytes of a connection in, whole HTTP requests or a refusal out.
//
// The grammar is Beast's parser (RFC 7230, strict: CRLF only); what is refused besides, and with
// which words, stands here. Knows no socket and no time: net/session.cc feeds it, and so do tests
// and the fuzzer. Supervisor's rules (spec §4.1): Content-Length is mandatory where there is a
// body, chunked requests are not taken, CRLFs before a request line are ignored.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lares::net {

struct Request {
    std::string method;
    std::string target;                             // as sent
    std::string authorization, host, content_type;  // header values; empty when absent
    std::string origin, fetch_site, user_agent;
    /// Those that HTTP itself does not know; names in lower case.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool is_http11 = true;
    bool keep_alive = true;  // what version and Connection header ask for
};

/// Why a request is not taken: an HTTP status and a sentence for its sender.
struct Refusal {
    int status = 400;
    std::string words;
};

class RequestReader {
public:
    enum class State {
        empty,      // between requests
        half_read,  // a request has begun
        whole,      // take() it; more bytes are kept for the next one
        refused,    // no further request can be read from these bytes
    };

    RequestReader();
    ~RequestReader();

    /// Never keeps more than the header limit, the body limit, and what was fed behind a whole one.
    void feed(std::string_view bytes);
    State state() const { return state_; }
    /// The whole request, still here.
    Request const& peek() const;
    /// The whole request. Then goes on with the bytes behind it, which may be the next one already.
    Request take();
    Refusal const& refusal() const { return refusal_; }

    /// True once, when the sender waits for "100 Continue" before it sends the body.
    bool take_wish_to_continue();
    /// Content-Length of the request under way, once its header is read; never above the limit.
    std::size_t announced_bytes() const;
    /// Of the body under way, how much has come.
    std::size_t body_bytes() const;
    /// Bytes kept behind a whole request.
    std::size_t waiting_bytes() const { return held_.size(); }

private:
    class Parser;

    std::string_view parse(std::string_view bytes);
    std::string_view parse_some(std::string_view bytes);
    void refuse(int status, std::string words);

    std::unique_ptr<Parser> parser_;  // null between requests
    State state_ = State::empty;
    Refusal refusal_;
    std::string held_;  // not parsed yet
};

}  // namespace lares::net
