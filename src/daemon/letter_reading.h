// daemon/letter_reading.h: gathers a week from the store, a page of rows at a time, so that a busy
// one is never held whole (core/letter.h).

#pragma once

#include <functional>

#include "base/result.h"
#include "core/letter.h"
#include "ports/store.h"

namespace lares::daemon {

/// What began or ended in [from, to). `done` is called once; the store must outlive that.
void read_letter(ports::Store&, WallTime from, WallTime to,
                 std::function<void(Result<letter::Letter>)> done);

}  // namespace lares::daemon
