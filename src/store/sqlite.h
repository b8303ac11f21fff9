// store/sqlite.h: ports::Store on a SQLite file.
//
// Two threads, both made when first needed: one writes, with group commit; one answers questions,
// on a connection of its own. Neither wakes without cause. One node: nobody else may write to the
// file, though others may read it (store/tools.h).

#pragma once

#include <memory>

#include "ports/event.h"
#include "ports/store.h"
#include "store/settings.h"

namespace lares::store {

/// Nothing is opened before open(). What is left when it is destroyed is written, if it can be at
/// once; callbacks that were not posted by then are dropped. `inbox` is only called by way of
/// `post` and must outlive what was posted.
std::unique_ptr<ports::Store> make_sqlite(Settings, ports::Inbox& inbox, Post post);

}  // namespace lares::store
