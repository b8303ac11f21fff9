// core/event_kinds.h: the closed table of what can stand in the journal.
//
// Whoever writes an event takes its kind from here; filters, triggers (`on = run.slow`), the
// stories and the manual read the same rows. To add one: its row, and who writes it.

#pragma once

#include <span>
#include <string_view>

namespace lares::journal {

/// What an event closes: the thing it is about has its result or its reason.
enum class Ends { nothing, due_instant, job, run, file };

/// How far a story goes from it. Of a broad one (a configuration, a start of the daemon) everything
/// follows; a story told of one thing does not go down into all that.
enum class Reach { narrow, broad };

struct EventKind {
    std::string_view name;
    Ends ends;
    Reach reach;
    std::string_view help;
};

/// Sorted by name.
std::span<EventKind const> event_kinds();
/// Null when there is none of this name.
EventKind const* find_event_kind(std::string_view name);

}  // namespace lares::journal
