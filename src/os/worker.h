// os/worker.h: one thread for what may block, made when first needed.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "os/loop.h"
#include "ports/worker.h"

namespace lares::os {

class Worker : public ports::Worker {
public:
    explicit Worker(Loop&);
    /// Waits for the work under way; what has not begun is dropped. A `done` that is posted already
    /// runs if the loop does.
    ~Worker() override { end(); }

    /// The same, before those whose work it is go; nothing is run after it.
    void end();

    void run(std::function<void()> work, std::function<void()> done) override;

private:
    struct Job {
        std::function<void()> work, done;
    };
    void work_off();

    Loop& loop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace lares::os
