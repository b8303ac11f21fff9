// net/response_reader.h: bytes of a server in, one HTTP answer out.
//
// For the client of the command line. Beast's parser; interim answers (100 Continue) are passed
// over. Knows no socket.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lares::net {

class ResponseReader {
public:
    enum class State {
        reading,
        whole,    // or `take` wants no more
        refused,  // not an HTTP answer, or too large; see words()
    };
    using Take = std::function<bool(std::string_view)>;

    enum class Body { as_announced, none };  // none: the answer to HEAD
    /// With `take`, the body of a 200 goes there in pieces as it comes; every other is collected.
    explicit ResponseReader(Body body, Take const* take);
    ~ResponseReader();

    void feed(std::string_view bytes);
    /// The server closed its side: the end of an answer without length, or too early.
    void end();

    State state() const { return state_; }
    /// True once status and headers are known.
    bool has_head() const;
    int status() const;
    std::string& body() { return body_; }
    std::string const& words() const { return words_; }

private:
    class Parser;

    std::string_view parse(std::string_view bytes);
    void refuse(std::string words);
    void take_bytes(std::string_view bytes);

    Body body_wish_;
    Take const* take_;
    std::unique_ptr<Parser> parser_;
    State state_ = State::reading;
    bool has_enough_ = false;
    std::string held_;  // not parsed yet
    std::string body_;
    std::string words_;
};

}  // namespace lares::net
