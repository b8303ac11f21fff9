// os/signals.h: signals as events of the loop.

#pragma once

#include <functional>

#include "os/fd.h"
#include "os/loop.h"
#include "ports/event.h"

namespace lares::os {

/// Blocks the signals that SignalSource hears (TERM INT QUIT HUP USR1 USR2 CHLD) and ignores PIPE.
/// Call it first in main(), before any thread exists: a thread made earlier would take a signal
/// from under the source. Children get default dispositions and an empty mask (os/child.cc).
void block_signals();

class SignalSource {
public:
    /// @param on_child  also called after CHLD, to reap orphans; empty: CHLD is not heard.
    SignalSource(Loop&, ports::Inbox&, std::function<void()> on_child = {});
    ~SignalSource();

private:
    void read();

    Loop& loop_;
    ports::Inbox& inbox_;
    std::function<void()> on_child_;
    Fd fd_;
};

}  // namespace lares::os
