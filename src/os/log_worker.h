// os/log_worker.h: one thread beside the log thread, for what may take long: reading and
// compressing.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace lares::os {

enum class Urgency { normal, background };

/// Starts a thread that gets no signals: those are the loop's. `name` has 15 letters at most.
std::thread start_quiet_thread(char const* name, std::function<void()> work);

/// Runs one job after the other on a thread that starts with the first. The destructor waits for
/// the job under way and drops those not begun.
class LogWorker {
public:
    explicit LogWorker(char const* name, Urgency urgency) : name_(name), urgency_(urgency) {}
    ~LogWorker();
    LogWorker(LogWorker const&) = delete;
    LogWorker& operator=(LogWorker const&) = delete;

    /// A function that may be moved only, as what it carries.
    using Job = std::packaged_task<void()>;

    /// May be called by any thread.
    void run(Job job);

private:
    void work();

    char const* name_;
    Urgency urgency_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace lares::os
