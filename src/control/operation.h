// control/operation.h: what one row of the table of operations says.
//
// The rows stand in control/operations.cc; what runs them is control/desk.h. This is what the two
// share.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "config/roles.h"
#include "text/value.h"

namespace lares::control {

class Call;

using config::Role;

/// Who asks, and what they may.
struct Caller {
    /// By what they are known: nobody asked; the peer of a unix socket; name and password; a token;
    /// the cookie of a session.
    enum class By { open, peer, login, token, session };
    Role role = Role::admin;
    std::string who = "this client";  // "user 'x'", "uid 1000": for messages
    std::string from = {};            // "127.0.0.1", "pid 4711": for the journal; may be empty
    By by = By::open;
    std::string name = {};  // of the account or the token
    WallTime until{};       // of a session; epoch: has no end
};

/// "user 'x' is a viewer; supervisor.stopProcess needs operator"
std::string refusal_of(Caller const&, std::string_view what, Role needed);

/// "user 'anna' from 127.0.0.1", as the journal says it.
std::string signed_by(Caller const&);

/// Who writes into the journal that an operation was asked for. What a viewer may do only looks.
enum class Noted {
    by_desk,   // as it begins, when its role is above viewer
    by_house,  // WorkHouse is told who asks, and writes down what it does
    never,  // it only looks, though at what viewers may not see; pages ask for it again and again
};

struct Operation {
    std::string_view name;
    std::string_view alias_of;   // the name it is another one for; empty: it is the first
    std::string_view signature;  // control/signature.h
    Role role;                   // who may ask
    bool while_ending;           // also while the daemon shuts down or restarts
    std::string_view help;
    void (*run)(Call, text::Array const& parameters);
    Noted noted = Noted::by_desk;
};

/// Null when there is no such row. `rows` are sorted by name.
Operation const* find_operation(std::span<Operation const> rows, std::string_view name);

}  // namespace lares::control
