// daemon/unit_record.h: one unit as a record that a successor reads, and back.
//
// Everything the daemon knows of a process that it could not find out again: the machine's state,
// its run, its counts and times, its wish. What follows from the configuration is not in it, but
// for what is needed to stop a process that the configuration does not have any more. Pure; the
// names stand in docs/formats/ledger.md.

#pragma once

#include <string>

#include "core/wishes.h"
#include "daemon/unit.h"
#include "text/record.h"

namespace lares::daemon {

/// "unit/web:web_00".
std::string record_key(Unit const&);

std::string write_record(Unit const&, wishes::Entry const&);

/// The state of another daemon's unit into one that was just made. What the record does not say
/// stays as it is.
void read_record(text::Record const&, Unit&, wishes::Entry&);

/// Enough of a program to stop a process of it in order: its ladder and whom that signals.
config::Program departed_program(text::Record const&);

}  // namespace lares::daemon
