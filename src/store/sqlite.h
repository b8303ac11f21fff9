// store/sqlite.h: ports::Store on a SQLite file.
//
// Two threads, both made when first needed: one writes, with group commit; one answers questions,
// on a connection of its own. Neither wakes without cause. One node: nobody else may write to the
// file, though others may read it (store/tools.h).

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "ports/event.h"
#include "ports/store.h"

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

/// Nothing is opened before open(). What is left when it is destroyed is written, if it can be at
/// once; callbacks that were not posted by then are dropped. `inbox` is only called by way of `post`
/// and must outlive what was posted.
std::unique_ptr<ports::Store> make_sqlite(Settings, ports::Inbox& inbox, Post post);

}  // namespace lares::store
