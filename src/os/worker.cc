// os/worker.cc: a queue, a thread, and the way back to the loop.

#include "os/worker.h"

#include <utility>

namespace lares::os {

Worker::Worker(Loop& loop) : loop_(loop) {}

void Worker::end() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
        jobs_.clear();
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Worker::run(std::function<void()> work, std::function<void()> done) {
    {
        std::lock_guard lock(mutex_);
        jobs_.push_back({std::move(work), std::move(done)});
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { work_off(); });
    changed_.notify_one();
}

void Worker::work_off() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.work();
        job.work = nullptr;  // what it captured ends here, on the thread that used it
        loop_.post(std::move(job.done));
        lock.lock();
    }
}

}  // namespace lares::os
