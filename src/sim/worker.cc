// sim/worker.cc: work waits for the work before it.

#include "sim/worker.h"

#include <algorithm>

namespace lares::sim {

void Worker::run(std::function<void()> work, std::function<void()> done) {
    busy_until_ = std::max(busy_until_, kernel_.time()) + takes_;
    kernel_.at(busy_until_,
               kernel_.in_this_life([this, work = std::move(work), done = std::move(done)] {
                   work();
                   kernel_.tell({Lane::Of::worker}, done);
               }));
}

}  // namespace lares::sim
