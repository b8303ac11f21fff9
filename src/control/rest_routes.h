// control/rest_routes.h: the resources of /api/v1 as rows: which request is which operation, how
// its parameters are made of path, query and body, and what the answer looks like.
//
// A row adds no meaning: what is done stands in the table of operations. The document for machines
// (control/openapi.h) is printed from these rows too, and a test asks every one of them.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lares::control {

/// What becomes of an operation's answer on its way to JSON.
enum class Shape {
    as_is,         // a struct, as it is
    ok,            // {"ok":true}
    rows,          // a struct with a list, `more` and `next`: gets a Link
    list,          // an array, put under RestRoute::under and cut to the window asked for
    processes,     // lares.status: its processes as a list
    one_process,   // lares.status: the one process, or 404
    no_processes,  // lares.status: all but them
    results,       // an array of outcomes under "results"
    text,          // a string under RestRoute::under
    own,           // not an operation: its handler answers
};

/// Whose state an If-Match is compared with, and whose ETag a GET gives.
enum class Guard { none, program, task, config };

struct RestRoute {
    std::string_view method;
    std::string_view path;       // below /api/v1/: "programs/{name}/log"
    std::string_view operation;  // empty: Shape::own
    /// One word for each parameter of the operation: {x} of the path, [{x}] the same as an array of
    /// one, ?x of the query, ?* a struct of all the query, .x of the body, .* the whole body, =text
    /// a constant. What was not sent takes the operation's default.
    std::string_view parameters;
    /// The fields of the query, "name:type ..."; of lists, those of the window come on top.
    std::string_view query;
    Shape shape;
    std::string_view under;   // name of the list or text
    std::string_view answer;  // what it looks like: control/shapes.h
    int status = 200;
    Guard guard = Guard::none;
    std::string_view help = {};  // empty: the operation's
};

std::span<RestRoute const> rest_routes();

/// What stands in the path where a row has {x}: decoded.
using Captured = std::vector<std::pair<std::string_view, std::string>>;

struct RouteFound {
    RestRoute const* route = nullptr;  // null: none fits
    Captured captured;
    /// There is a row for the path, but not for the method: those it has.
    std::vector<std::string_view> methods;
};

/// `path` is what stands behind "/api/v1/", undecoded. Words of a row count before its {x}.
RouteFound find_route(std::string_view method, std::string_view path);

/// "name", "type" of each word of a list such as RestRoute::query.
std::vector<std::pair<std::string_view, std::string_view>> typed_words(std::string_view list);

}  // namespace lares::control
