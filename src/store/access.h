// store/access.h: how a connection to the database is made, and what it may cost.

#pragma once

#include "base/time.h"

namespace lares::store {

/// How a database is opened.
struct Access {
    enum class Kind {
        create,    // made with mode 0600 when it is not there
        existing,  // must be there
        read,      // existing, and nothing is written to it
    };
    Kind kind = Kind::existing;
    Duration busy_timeout{5'000};  // how long another process's lock is waited for
    int cache_kilobytes = 8'192;   // of what is given back when there is no work
};

}  // namespace lares::store
