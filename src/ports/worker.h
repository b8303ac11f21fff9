// ports/worker.h: running what may block (reading a configuration, looking up a user) elsewhere.

#pragma once

#include <functional>

namespace lares::ports {

class Worker {
public:
    virtual ~Worker() = default;
    /// Runs `work` on another thread, one after the other in the order given; then `done` on the
    /// loop's thread. `work` must touch nothing that the loop's thread touches.
    virtual void run(std::function<void()> work, std::function<void()> done) = 0;
};

}  // namespace lares::ports
