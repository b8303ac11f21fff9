// control/rest_parameters.h: the parameters of an operation out of a request, as a row of
// control/rest_routes.h says; and the window of a list.
//
// Pure. Whatever is wrong names the field it is in.

#pragma once

#include <string>
#include <variant>
#include <vector>

#include "control/job_input.h"
#include "control/operation.h"
#include "control/rest_routes.h"
#include "text/query.h"
#include "text/value.h"

namespace lares::control {

struct RestInput {
    Captured captured;
    text::Fields query;
    text::Value body;  // a struct; empty when there was none
};

std::variant<text::Array, JobFault> rest_parameters(RestRoute const&, Operation const&,
                                                    RestInput const&);

/// Fields of the query that a list takes beside its own.
inline constexpr std::string_view window_fields = "limit:int after:string q:string fields:string";

/// Which entries of a list are wanted, and which of their members.
struct ListWindow {
    std::size_t limit = 10'000;
    std::string after;  // the key of the entry before; empty: from the first
    std::string search;
    std::vector<std::string> fields;                         // empty: all
    std::vector<std::pair<std::string, std::string>> equal;  // member, value as text
};
std::variant<ListWindow, JobFault> list_window(text::Fields const& query);

struct Windowed {
    text::Array entries;
    bool more = false;
    std::string last;   // key of the last entry
    std::string wrong;  // a member that was asked for and that no entry has
};
/// Takes what `window` wants of `entries`, which are structs in the order of their keys.
Windowed take_window(text::Array entries, ListWindow const&);

/// By what an entry of a list is known: "group:name" of a process, else its first member.
std::string key_of(text::Value const& entry);

/// A value as people write it: text as it is, numbers and booleans as in JSON.
std::string value_text(text::Value const&);

}  // namespace lares::control
