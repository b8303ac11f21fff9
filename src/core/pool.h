// core/pool.h: a pool of event listeners: who is sent which event, and what their answers mean.
//
// Pure: no clock, no pipe, no log. daemon/pools.cc feeds it what happened and carries out what it
// asks. The protocol is supervisord's (spec §6.1, §6.2): a listener says READY, is sent an event,
// and answers RESULT. Wanted differences: a rejected event goes back to its own pool only, with a
// pause when it is rejected again and again; a listener that breaks the protocol is started again.
// It cannot fail: whatever bytes a listener writes lead to some state.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "core/event_types.h"

namespace lares::pool {

/// An event on its way to a pool. Both serials stay the same when it is sent again.
struct Event {
    std::uint64_t serial = 0;       // one count for the whole daemon
    std::uint64_t pool_serial = 0;  // one for each pool
    events::Type type{};
    std::string payload;  // UTF-8
    int rejections = 0;
    Instant due{};  // not sent before; the epoch: at once
    bool operator==(Event const&) const = default;
};

/// How far the conversation with a listener is: supervisord's listener states.
enum class Talk : std::uint8_t { acknowledged, ready, busy, unknown };

struct Listener {
    std::uint64_t key = 0;
    std::string name;      // of the process, for the log
    bool alive = false;    // from its spawn to its end
    bool running = false;  // in the process state RUNNING: only then it is sent events
    Talk talk = Talk::acknowledged;
    std::string heard;                        // what it wrote and is not understood yet
    std::optional<std::size_t> result_bytes;  // a RESULT line was read: so many bytes follow it
    std::optional<Event> event;               // that it is busy with
    int offences = 0;                         // against the protocol, since its last good result
    std::optional<Instant> restart_at;        // because of the last one
};

/// Whose word a result is: `ok` takes OK for done and anything else for a rejection; `print` takes
/// any result for done and gives it out, as the supervisor_stdout plug-in does.
enum class Handler : std::uint8_t { ok, print };

struct Pool {
    std::string name;
    std::size_t buffer_size = 10;
    Handler handler = Handler::ok;
    events::Mask wants = 0;
    std::deque<Event> buffer;  // the next to be sent first; at most buffer_size
    std::vector<Listener> listeners;
    std::uint64_t next_serial = 0;
    /// Events dropped since no listener was alive any more, beyond the one that was told of.
    std::optional<std::uint64_t> dropped_unheard;
};

// What can happen to a pool.

/// Something happened that the pool subscribes to.
struct Arrived {
    std::uint64_t serial;
    events::Type type;
    std::string payload;
};
/// Its process is being made: what is said from here on is its own.
struct Spawned {
    std::uint64_t key;
};
/// Its process entered RUNNING, or left it.
struct Running {
    std::uint64_t key;
    bool is_running;
};
struct Ended {
    std::uint64_t key;
};
struct Said {
    std::uint64_t key;
    std::string_view bytes;
};
/// The event could not be written to it.
struct Unreachable {
    std::uint64_t key;
    std::string why;
};
struct DeadlinePassed {};
using Happened = std::variant<Arrived, Spawned, Running, Ended, Said, Unreachable, DeadlinePassed>;

// What the daemon must do about it.

/// Write its `event` to the listener.
struct Send {
    std::uint64_t key;
};
struct Restart {
    std::uint64_t key;
    std::string why;
};
/// Handler::print: give out what was answered.
struct Print {
    std::string result;
};
struct Note {
    enum class Level { error, warning, debug };
    Level level;
    std::string words;
};
using Action = std::variant<Send, Restart, Print, Note>;

struct Step {
    Pool next;
    std::vector<Action> actions;
};

/// Decides what follows from `happened` at `now`. Total: news of an unknown listener, bytes after
/// its end, and the like change nothing.
Step step(Pool pool, Happened const& happened, Instant now);

/// When step() wants to be told DeadlinePassed; none: only when something happens.
std::optional<Instant> deadline(Pool const&);

/// How the header counts the payload: supervisord and all listeners written in Python count
/// characters, what reads bytes needs bytes (spec §6.1).
enum class Length : std::uint8_t { characters, bytes };

/// What is written to a listener: the header line, then the payload.
std::string envelope(Event const&, std::string_view server, std::string_view pool, Length);

/// "READY".
char const* name(Talk);

}  // namespace lares::pool
