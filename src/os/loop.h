// os/loop.h: the one loop: descriptors, timers, and functions posted by other threads.
//
// Boost.Asio behind a face small enough to hold in the head; only os/loop.cc and net/ see Asio
// (os/loop_asio.h). Never wakes without a cause: no tick, one timer armed for the earliest
// deadline. Unless said otherwise, everything here is called on the thread that calls run().

#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/time.h"
#include "ports/usage.h"

namespace lares::os {

enum class TimerId : std::uint64_t { none = 0 };

class Loop {
public:
    using Action = std::function<void()>;

    Loop();
    ~Loop();
    Loop(Loop const&) = delete;
    Loop& operator=(Loop const&) = delete;

    /// Runs `action` on the loop's thread, after what is posted already. May be called by any
    /// thread.
    void post(Action action);

    /// Runs `action` once, at `when` or soon after; at once (not from within) when that is past.
    TimerId at(Instant when, Action action);
    /// A timer that has run, or none, may be cancelled too.
    void cancel(TimerId);

    /// Calls `action` whenever `fd` can be read (or has hung up), again and again while that is so.
    /// The descriptor stays the caller's; forget() it before closing it.
    void on_readable(int fd, Action action);
    void on_writable(int fd, Action action);
    /// No action of this descriptor runs any more. May be called from within one, or twice.
    void forget(int fd);

    /// Called once after each batch of actions, before the loop would sleep: the daemon's turn.
    /// What it posts runs before the next sleep.
    void before_sleep(Action action);

    /// Works until stop(). May be called again afterwards.
    void run();
    void stop();

    /// The monotonic clock, in whole milliseconds that have passed. May be called by any thread.
    static Instant now();

    /// How often the loop came out of its sleep. An idle daemon's count stands still.
    std::uint64_t wake_ups() const;
    /// How long it was awake each time, with the turn under way left out.
    ports::LoopFigures figures() const;

    struct Inside;  // os/loop_asio.h
    Inside& inside() { return *inside_; }

private:
    std::unique_ptr<Inside> inside_;
};

}  // namespace lares::os
