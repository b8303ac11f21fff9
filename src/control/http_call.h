// control/http_call.h: an operation of the table over HTTP with JSON, for the page and for scripts:
//
//   POST /api/v1/call/lares.restart    [["web:*"], true]    ->  {"result": [...]}
//
// The body is the array of parameters, in the table's order and types; none when it is empty.
// Failures are application/problem+json (RFC 9457) with the fault's name. Roles and audit are the
// desk's, as for XML-RPC.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/drop_limits.h"
#include "base/result.h"
#include "control/faults.h"
#include "control/operation.h"
#include "ports/wire.h"
#include "text/value.h"

namespace lares::control {

constexpr std::string_view call_path = "/api/v1/call/";
/// A file into a hot folder: PUT /api/v1/folders/NAME/files/FILE, its bytes as the body.
constexpr std::string_view folders_path = limits::drop_target;
constexpr std::string_view session_path = "/api/v1/session";

/// The parameters that a body gives.
Result<text::Array> call_parameters(std::string_view body);

/// The folder and the file that a path behind folders_path names; none when it names neither.
struct DropTarget {
    std::string folder, file;
};
std::optional<DropTarget> drop_target(std::string_view rest);
/// 201 and where the file lies, or the problem.
ports::HttpReply drop_reply(Result<std::string> const& path);

ports::HttpReply call_reply(Answer const&);
/// A problem of a status, in words.
ports::HttpReply problem_reply(int status, std::string_view title, std::string_view words);
/// Who the caller is, for the page: {"name", "role", "kind"}.
ports::HttpReply session_reply(Caller const&);

}  // namespace lares::control
