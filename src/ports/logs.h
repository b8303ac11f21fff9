// ports/logs.h: where output goes: files that rotate, and other targets.
//
// Bytes of a program's pipe are moved to its log on a thread of its own, never on the loop, so a
// slow or full disk stops no decision. A log that cannot be written says so once (LogTrouble),
// keeps the program running and drops what it must, counting.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "ports/event.h"

namespace lares::ports {

/// Turns a chunk of output into what is stored; called on the log thread only, one chunk after the
/// other. text/log_lines.h makes them.
class LogTransform {
public:
    virtual ~LogTransform() = default;
    virtual void write(std::string_view chunk, WallTime now, std::string& out) = 0;
    virtual void finish(WallTime now, std::string& out) = 0;
    /// What it holds back of a line that is not whole; empty when nothing. At most 65 KB, and all
    /// that another transform of the same kind needs to go on (restore).
    virtual std::string save() const = 0;
    virtual void restore(std::string_view saved) = 0;
};

struct LogSpec {
    enum class Kind { file, none, syslog, journald };
    Kind kind = Kind::file;
    std::string path;
    unsigned mode = 0666;  // before umask; AUTO logs 0600
    std::int64_t maxbytes =
        0;             // 0: never by size. Ignored, as all rotation, when not a regular file
    int backups = 10;  // 0: truncate in place
    Duration rotate_every{0};  // 0: never by time
    bool compress = false;
    Duration keep_for{0};
    std::int64_t keep_bytes = 0;
    std::string syslog_name;  // syslog: put before each line; journald: the identifier
    std::string stream;       // journald: "stdout" or "stderr"; empty for our own log
    bool also_syslog = false;
    bool tap = false;                         // pushes OutputSeen
    std::int64_t capture_maxbytes = 0;        // above 0: capture mode, pushes OutputCaptured
    std::unique_ptr<LogTransform> transform;  // null: raw
};

/// What a reading of a log found.
struct LogRead {
    bool exists = false;
    std::string bytes;
    std::int64_t size = 0;    // of the file
    std::uint64_t inode = 0;  // to see a rotation
    std::string error;        // not empty: could not be read
};

class Logs {
public:
    virtual ~Logs() = default;
    virtual void open(ChannelId, LogSpec) = 0;
    virtual void close(ChannelId) = 0;
    /// Appends our own bytes (the main log, notes into a program's log). Bounded: drops and counts
    /// when the log thread is far behind.
    virtual void write(ChannelId, std::string_view bytes) = 0;
    /// Opens every file again (USR2). Files that were moved away are also noticed by themselves.
    virtual void reopen_all() = 0;
    /// Empties one log; `done` runs on the loop's thread. Never unlinks what is no regular file.
    virtual void clear(ChannelId, std::function<void(Result<>)> done) = 0;
    /// Reads up to `length` bytes from `offset` (negative: from the end) on a worker.
    virtual void read(std::string path, std::int64_t offset, std::int64_t length,
                      std::function<void(LogRead)> done) = 0;
    /// Calls `grew` on the loop's thread after the channel's file grew or was rotated; at most once
    /// until asked again. Bytes still on the way do not count.
    virtual void on_growth(ChannelId, std::function<void()> grew) = 0;
    /// Waits for everything written so far to be in the files; for the end of the daemon.
    virtual void flush(std::function<void()> done) = 0;
    /// The bytes of OutputSeen and OutputCaptured that the daemon is done with: only so many are
    /// under way at once (limits::tapped_bytes), and beyond them pipes of tapped channels wait.
    virtual void taken(std::size_t bytes) = 0;
};

}  // namespace lares::ports
