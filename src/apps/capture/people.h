// apps/capture/people.h: who is behind a name: asking a service for an account's stable id, its
// name as the service writes it, and its state.
//
// Names change and are given away; ids stay. What a service's answer means is pure; the exchange
// goes through ports::Post.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ports/post.h"

namespace lares::capture {

struct Account {
    std::string id, name;
    std::string state = "active";  // protected, suspended, deleted
    bool operator==(Account const&) const = default;
};

/// A service's people, and where they are asked about.
struct Directory {
    std::string service;  // "jetstream", "mastodon", "x": as captures have it
    std::string url;      // without a slash at its end; empty: the service's own
    std::string token, ca_file;
};

enum class By { name, id };
/// How to ask. invalid: the service has no such question.
Result<ports::WebCall> account_call(Directory const&, By, std::string const& who);
/// What an answer says. not_found: there is no such account; unavailable: ask later. A suspended or
/// deleted one that was asked by id is an Account with that state, and its name empty.
Result<Account> read_account(std::string_view service, By, std::string const& who,
                             ports::WebAnswer const&);

}  // namespace lares::capture
