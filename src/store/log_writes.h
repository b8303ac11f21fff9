// store/log_writes.h: what one transaction adds to the write-ahead log goes there in one write.
//
// SQLite writes each page with a call for its header and one for itself: some thirty for a job that
// begins and ends, a third of the writer's time. Between SQLite and the file stands this layer,
// which keeps what follows on from each other until somebody asks for it: a sync, a read, the end
// of the lock under which it was written.

#pragma once

namespace lares::store::log_writes {

/// The name of the layer for sqlite3_open_v2 ("vfs=…").
inline constexpr char const* name = "lares";

/// Makes it known to SQLite, once; after SQLite's own sqlite3_config. False: it could not be.
bool set_up();

/// Calls to write to a log, and to the operating system for them; for tests.
struct Counts {
    long asked = 0, made = 0;
};
Counts counts();

}  // namespace lares::store::log_writes
