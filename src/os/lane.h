// os/lane.h: a thread for work on a file system that may hang, and the way back to the loop.
//
// A thread that waits for a dead server cannot be joined. So what threads share outlives their
// owner (the one reason for shared_ptr here): at the end they are given a moment and then left to
// the process's own end, cut off from everything of ours.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "os/loop.h"

namespace lares::os {

/// The way to the loop; closed when its owner goes.
class Bridge : public std::enable_shared_from_this<Bridge> {
public:
    explicit Bridge(Loop& loop) : loop_(&loop) {}
    /// Dropped when it is closed before its turn comes. Any thread.
    void post(std::function<void()> action);
    /// As post, but waits while too many such are not worked off yet: the bound of what is told.
    void post_bounded(std::function<void()> action);
    /// On the loop's thread: no action begins after it.
    void close();

private:
    bool is_closed();
    std::mutex mutex_;
    std::condition_variable changed_;
    Loop* loop_;
    std::size_t outstanding_ = 0;
};

/// A thread whose end can be waited for, but not for ever.
class PatientThread {
public:
    PatientThread() = default;
    explicit PatientThread(std::function<void()> work);
    PatientThread(PatientThread&&) = default;
    PatientThread& operator=(PatientThread&&) = default;
    ~PatientThread();

    bool is_ended() const;
    /// Joins it, or lets it go when it does not end in time.
    void end(Duration patience);

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool is_ended = false;
    };
    std::shared_ptr<State> state_;
    std::thread thread_;
};

/// Work one after the other on a thread that is there only while there is some.
class Lane {
public:
    Lane();
    ~Lane() { end(Duration{0}); }
    Lane(Lane&&) = default;
    Lane& operator=(Lane&&) = default;

    void run(std::function<void()> work);
    bool is_idle() const;
    /// What has not begun is dropped.
    void end(Duration patience);

private:
    struct State {
        std::mutex mutex;
        std::deque<std::function<void()>> work;
        bool is_working = false;
    };
    static void work_off(std::shared_ptr<State> const&);

    std::shared_ptr<State> state_;
    PatientThread thread_;
};

}  // namespace lares::os
