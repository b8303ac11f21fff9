// control/operation.cc: finding a row by its name, by halves, for every call does it; who may not.

#include "control/operation.h"

#include <algorithm>

namespace lares::control {

std::string signed_by(Caller const& caller) {
    if (caller.from.empty() || caller.from == caller.who) return caller.who;
    return caller.who + " from " + caller.from;
}

std::string refusal_of(Caller const& caller, std::string_view what, Role needed) {
    std::string words = caller.who;
    if (caller.role == Role::none)
        words += " has no role";
    else
        words.append(caller.role == Role::viewer ? " is a " : " is an ")
            .append(config::role_name(caller.role));
    return words.append("; ").append(what).append(" needs ").append(config::role_name(needed));
}

Operation const* find_operation(std::span<Operation const> rows, std::string_view name) {
    auto row = std::ranges::lower_bound(rows, name, {}, &Operation::name);
    return row == rows.end() || row->name != name ? nullptr : &*row;
}

}  // namespace lares::control
