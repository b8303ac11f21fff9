// core/alert_kinds.cc: the rows of what people can be told of. Names are kept in databases and
// configurations: only added to.

#include "core/alert_kinds.h"

#include <algorithm>
#include <iterator>

namespace lares::alert {

namespace {

using enum Severity;
using enum Lasts;

// clang-format off
constexpr KindRow rows[] = {
    //                                                     ends with
    // kind              name           severity  lasts       success cause
    {Kind::failure,     "failure",      error,    until_over, true,  true,  "a job of a task failed for good"},
    {Kind::fatal,       "fatal",        critical, state,      true,  true,  "a program could not be started, or exits again and again"},
    {Kind::late,        "late",         error,    state,      false, true,  "something expected did not come in time"},
    {Kind::missed,      "missed",       warning,  momentary,  false, false, "due times passed while nobody could run them"},
    {Kind::retry,       "retry",        info,     until_over, true,  false, "an attempt failed, and is tried again"},
    {Kind::exit,        "exit",         warning,  momentary,  false, false, "a program exited unexpectedly, and is started again"},
    {Kind::unhealthy,   "unhealthy",    error,    state,      true,  true,  "a program does not answer its probe"},
    {Kind::memory,      "memory",       warning,  momentary,  false, false, "a program was restarted for the memory it took"},
    {Kind::flap,        "flap",         warning,  momentary,  false, false, "something comes and goes; nothing more is told until it is stable"},
    {Kind::recovery,    "recovery",     info,     momentary,  false, false, "what was told is over"},
    {Kind::slow,        "slow",         warning,  momentary,  false, false, "a run takes longer than usual"},
    {Kind::heavy,       "heavy",        warning,  momentary,  false, false, "a run took more memory or CPU than usual"},
    {Kind::dead,        "dead",         error,    until_over, true,  true,  "a job has used up its retries"},
    {Kind::parked,      "parked",       error,    until_over, false, false, "a job killed its worker too often, and waits for a person"},
    {Kind::overflow,    "overflow",     warning,  momentary,  false, false, "more came than there is room for: a log, a queue, notifications"},
    {Kind::circuit,     "circuit",      error,    state,      false, true,  "a task is held because its jobs fail one after the other"},
    {Kind::trouble,     "trouble",      critical, state,      false, true,  "a folder, the database or the disk does not work"},
    {Kind::undelivered, "undelivered",  error,    until_over, true,  false, "a channel does not work, or a message was not delivered"},
    {Kind::budget,      "budget",       warning,  momentary,  false, false, "a threshold of a budget was reached"},
    {Kind::audit,       "audit",        error,    state,      false, false, "something is unexplained"},
};
// clang-format on

}  // namespace

std::string_view name(Severity severity) {
    switch (severity) {
    case info:
        return "info";
    case warning:
        return "warning";
    case error:
        return "error";
    case critical:
        return "critical";
    }
    return "unknown";
}

std::span<KindRow const> kinds() { return rows; }

KindRow const& row_of(Kind kind) { return rows[static_cast<std::size_t>(kind)]; }

KindRow const* find_kind(std::string_view name) {
    auto const* row = std::ranges::find(rows, name, &KindRow::name);
    return row == std::end(rows) ? nullptr : row;
}

}  // namespace lares::alert
