// os/log_worker.cc: a queue and a thread.

#include "os/log_worker.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace lares::os {

namespace {

/// Nice 19 and the lowest best-effort disk class: a program's own work comes first. The numbers are
/// linux/ioprio.h's, which old kernel headers lack.
void become_background() {
    constexpr int this_thread = 0, who_process = 1, best_effort_lowest = (2 << 13) | 7;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
    ::syscall(SYS_ioprio_set, who_process, this_thread, best_effort_lowest);
}

}  // namespace

std::thread start_quiet_thread(char const* name, std::function<void()> work) {
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(work));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_setname_np(thread.native_handle(), name);
    return thread;
}

LogWorker::~LogWorker() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void LogWorker::run(Job job) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (!thread_.joinable()) thread_ = start_quiet_thread(name_, [this] { work(); });
    changed_.notify_one();
}

void LogWorker::work() {
    if (urgency_ == Urgency::background) become_background();
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        job = {};
        lock.lock();
    }
}

}  // namespace lares::os
