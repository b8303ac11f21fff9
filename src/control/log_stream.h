// control/log_stream.h: following a log over HTTP, as `tail -f` does: its end first, then what
// comes.
//
// What a reading means (grown, rotated, truncated) is a pure function; Streams feeds it. A stream
// has one piece on its way at most and reads the next when the peer has taken it, so a slow reader
// costs nothing but its own delay. Nothing is read but after growth.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "control/house.h"
#include "ports/wire.h"

namespace lares::control {

/// How far one reader of a log is.
struct Following {
    std::string path;
    std::uint64_t inode = 0;  // of the file being read; 0: whichever is there
    std::int64_t offset = 0;
    bool in_rotated = false;  // taking the rest of the file that was rotated away
    bool operator==(Following const&) const = default;
};

struct FollowStep {
    Following next;
    std::string send;
    bool read_on = false;  // there may be more already
    bool operator==(FollowStep const&) const = default;
};

/// The file to read next: the log itself, or its first rotated sibling.
std::string file_of(Following const&);

/// What a reading of file_of() at its offset means. A new inode: the rest of the old file is looked
/// for under ".1", then the new one is read from its start. A smaller file: a line says so, and it
/// is read from its start.
FollowStep follow(Following, ports::LogRead const&);

/// Which log a reader asked for. Channels and paths change when the daemon restarts; this does not.
struct LogName {
    std::string process;  // namespec; empty: the daemon's own log
    House::Stream stream = House::Stream::out;
};

struct Log {
    ports::ChannelId channel{};
    std::string path;
    bool operator==(Log const&) const = default;
};

/// None when there is no such process, or it keeps no such file.
std::optional<Log> find_log(House const&, LogName const&);

class Streams {
public:
    Streams(House& house, ports::Wire& wire) : house_(house), wire_(wire) {}

    /// Answers with the last 1024 bytes of the log and then what is added, until the peer goes; or
    /// with 404 when there is no such file.
    void open(ports::RequestId, LogName, Log);
    /// Processes were added, removed or made anew: who follows one that is still there goes on with
    /// its log of now, from its start if it has another file; the others end.
    void logs_changed();
    void drained(ports::RequestId);
    void closed(ports::RequestId request) { streams_.erase(request); }

private:
    struct Stream {
        LogName name;
        Log log;              // of now
        Following following;  // may still be on the log of before
        bool is_open = false;
        bool reading = false;
        bool sending = false;
        bool wants = false;  // something may be there to read
    };

    void begin(ports::RequestId, ports::LogRead const&);
    void take(ports::RequestId, ports::LogRead const&);
    void send(ports::RequestId, Stream&, std::string_view bytes);
    void pump(ports::RequestId, Stream&);
    void watch(ports::ChannelId);
    void grew(ports::ChannelId);

    House& house_;
    ports::Wire& wire_;
    std::map<ports::RequestId, Stream> streams_;
    std::unordered_set<ports::ChannelId> watched_;  // asked for growth, not told yet
};

}  // namespace lares::control
