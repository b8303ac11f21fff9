// control/faults.cc: the table of faults.

#include "control/faults.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace lares::control {

namespace {

// clang-format off
constexpr FaultName rows[] = {
    {Fault::unknown_method,        "UNKNOWN_METHOD"},
    {Fault::incorrect_parameters,  "INCORRECT_PARAMETERS"},
    {Fault::bad_arguments,         "BAD_ARGUMENTS"},
    {Fault::signature_unsupported, "SIGNATURE_UNSUPPORTED"},
    {Fault::shutdown_state,        "SHUTDOWN_STATE"},
    {Fault::bad_name,              "BAD_NAME"},
    {Fault::bad_signal,            "BAD_SIGNAL"},
    {Fault::no_file,               "NO_FILE"},
    {Fault::not_executable,        "NOT_EXECUTABLE"},
    {Fault::failed,                "FAILED"},
    {Fault::abnormal_termination,  "ABNORMAL_TERMINATION"},
    {Fault::spawn_error,           "SPAWN_ERROR"},
    {Fault::already_started,       "ALREADY_STARTED"},
    {Fault::not_running,           "NOT_RUNNING"},
    {Fault::success,               "SUCCESS"},
    {Fault::already_added,         "ALREADY_ADDED"},
    {Fault::still_running,         "STILL_RUNNING"},
    {Fault::cant_reread,           "CANT_REREAD"},
};
// clang-format on

}  // namespace

std::span<FaultName const> fault_names() { return rows; }

std::string_view name(Fault fault) {
    auto const* row = std::ranges::find(rows, fault, &FaultName::fault);
    CHECK(row != std::end(rows));
    return row->name;
}

std::string fault_text(Outcome const& outcome) {
    if (outcome.fault == Fault::success) return "OK";
    std::string text(name(outcome.fault));
    if (!outcome.extra.empty()) text.append(": ").append(outcome.extra);
    return text;
}

text::XmlRpcAnswer to_xmlrpc(Answer answer) {
    if (auto* value = std::get_if<text::Value>(&answer)) return std::move(*value);
    auto const& outcome = std::get<Outcome>(answer);
    return text::XmlRpcFault{static_cast<int>(outcome.fault), fault_text(outcome)};
}

}  // namespace lares::control
