// control/operation.h: what one row of the table of operations says.
//
// The rows stand in control/operations.cc; what runs them is control/desk.h. This is what the two
// share.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/roles.h"
#include "text/value.h"

namespace lares::control {

class Call;

using config::Role;

/// Who asks, and what they may.
struct Caller {
    Role role = Role::admin;
    std::string who = "this client";  // "user 'x'", "uid 1000": for messages
};

/// "user 'x' is a viewer; supervisor.stopProcess needs operator"
std::string refusal_of(Caller const&, std::string_view what, Role needed);

struct Operation {
    std::string_view name;
    std::string_view alias_of;   // the name it is another one for; empty: it is the first
    std::string_view signature;  // control/signature.h
    Role role;                   // who may ask
    bool while_ending;           // also while the daemon shuts down or restarts
    std::string_view help;
    void (*run)(Call, text::Array const& parameters);
};

/// Null when there is no such row. `rows` are sorted by name.
Operation const* find_operation(std::span<Operation const> rows, std::string_view name);

}  // namespace lares::control
