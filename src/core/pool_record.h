// core/pool_record.h: a pool of event listeners as records that outlive the daemon.
//
// Pure. A pool has a record of its own, and one for each event in it; an event's is written once,
// when it arrives, the pool's at each step, before what the step asks for is done. After kill -9 a
// listener that was READY and idle goes on; of one that was in the middle of anything nobody can
// say how far it came: it is started again and sent its event again.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/pool.h"

namespace lares::pool {

/// Counters, and how far each listener is. The buffer is known by the events that are kept: its
/// order is that of their pool_serials.
std::string write_pool(Pool const&);

/// An event in pieces, each short enough for one record of ports::Memory.
std::vector<std::string> write_event(Event const&);
/// none when a piece is missing or was written by a version that knows other events.
std::optional<Event> read_event(std::vector<std::string> const& pieces);

/// The pool_serials a pool's record tells of; their events are to be kept, others dropped.
std::vector<std::uint64_t> serials_of(Pool const&);

struct Recalled {
    Pool pool;
    std::vector<std::uint64_t> ambiguous;  // keys of listeners that must be started again
};
/// Puts what a predecessor's record says into `fresh`, whose listeners say whether they are alive
/// and RUNNING still. Events that were under way come first, then the others, by pool_serial.
Recalled recall(Pool fresh, std::string_view record, std::map<std::uint64_t, Event> events);

}  // namespace lares::pool
