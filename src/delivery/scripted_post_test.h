// delivery/scripted_post_test.h: a world for the tests of the kinds: answers from a script, and
// every call kept for a look.
//
// For tests only. HMAC by RFC 2104 over a SHA-1 (FIPS 180-4) of its own and the house's SHA-256, so
// that signatures are judged by other code than what signs in the product.

#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "delivery/kinds.h"
#include "ports/post.h"
#include "text/json_value.h"

namespace lares::deliver {

class ScriptedPost final : public ports::Post {
public:
    ScriptedPost& answer(int status, std::string body, ports::Headers headers = {}) {
        script_.push_back(ports::WebAnswer{status, std::move(headers), std::move(body)});
        return *this;
    }
    ScriptedPost& fail(Error::Kind kind, std::string words = "it broke") {
        script_.push_back(Error{kind, std::move(words)});
        return *this;
    }

    Result<ports::WebAnswer> call(ports::WebCall const& call) override {
        calls.push_back(call);
        if (script_.empty()) return Error{Error::Kind::conflict, "the script has no more answers"};
        auto next = std::move(script_.front());
        script_.pop_front();
        return next;
    }
    Result<ports::MailAnswer> mail(ports::MailCall const&) override {
        return Error{Error::Kind::conflict, "no mail here"};
    }
    Result<ports::CommandAnswer> run(ports::CommandCall const&) override {
        return Error{Error::Kind::conflict, "no commands here"};
    }
    std::string hmac(Digest, std::string_view key, std::string_view bytes) override;
    std::string random_bytes(std::size_t count) override { return std::string(count, '\x5A'); }

    bool is_done() const { return script_.empty(); }
    /// Of the call with that number, a header by its name; empty when there is none.
    std::string header(std::size_t number, std::string_view name) const {
        for (auto const& [each, value] : calls.at(number).headers)
            if (each == name) return value;
        return {};
    }
    text::Value json(std::size_t number) const {
        auto value = text::parse_json(calls.at(number).body);
        return value ? *value : text::Value();
    }

    std::vector<ports::WebCall> calls;

private:
    std::deque<Result<ports::WebAnswer>> script_;
};

/// The first and the second try of one message, at the moment of OAuth 1's public example.
inline Try first() {
    return {
        .id = 17, .attempt = 1, .key = "lares-17-host", .now = WallTime(Duration(1318622958000))};
}
inline Try again(std::string resume = "") {
    Try attempt = first();
    attempt.attempt = 2;
    attempt.resume = std::move(resume);
    return attempt;
}

}  // namespace lares::deliver
