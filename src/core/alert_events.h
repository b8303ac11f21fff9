// core/alert_events.h: which events of the journal people can be told of, and as what.
//
// Pure, and the same after a restart: alerts are made of what stands in the journal and of nothing
// else, so that none is lost or told twice over a crash.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/alert.h"
#include "core/journal_rows.h"

namespace lares::alert {

/// None: it is nothing that is told, and ends nothing. `routes` are left to the caller.
std::optional<Happening> happening_of(journal::EventRow const&);

/// True for kinds that happening_of() may make something of: cheap, asked of every event.
bool is_of_interest(std::string_view event_kind);
/// True for kinds that never open a problem: while there is none, they matter to nobody.
bool only_ends(std::string_view event_kind);

/// Whether anything ever becomes a happening of that kind: one that does not is no word for people.
bool is_told(Kind);

/// "812" of a job's end: the run whose last lines go into the message; 0: none.
std::uint64_t run_of(journal::EventRow const&);

}  // namespace lares::alert
