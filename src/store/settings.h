// store/settings.h: where the database is and how patient one is with it.

#pragma once

#include <functional>
#include <string>

#include "base/time.h"

namespace lares::store {

struct Settings {
    std::string path;
    Duration busy_timeout{5'000};  // how long another's lock is waited for before it is trouble
    /// Between tries to open or to write while there is trouble: doubles from one to the other.
    Duration retry_min{1'000}, retry_max{60'000};
    Duration idle_after{10'000};  // without work: memory that is only for speed is given back
};

/// Lets a function run on the loop's thread; may be called from any thread.
using Post = std::function<void(std::function<void()>)>;

}  // namespace lares::store
