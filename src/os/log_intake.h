// os/log_intake.h: how the process side hands the output of a run to the log side.
//
// os/processes.cc makes the pipes and knows when a process is gone; os/log*.cc moves the bytes on a
// thread of its own. This is all they know of each other.

#pragma once

#include <functional>

#include "ports/event.h"

namespace lares::os {

class LogIntake {
public:
    virtual ~LogIntake() = default;
    /// Takes over the read end of a pipe, which is non-blocking and closed at exec; bytes go to the
    /// channel until EOF. Called on the loop's thread, before the process exists; when it then
    /// cannot be made, EOF comes at once. A run has one pipe or two.
    virtual void attach(ports::RunId, ports::ChannelId, int read_fd) = 0;
    /// Calls `done` (on the loop's thread, never from within) when all that was in the run's pipes
    /// when asked has been taken; pipes still held open by left-behind children stay attached
    /// (limits::lingering_pipes). Called once, on the loop's thread, when the process is gone;
    /// not for a run without pipes.
    virtual void drain(ports::RunId, std::function<void()> done) = 0;
};

}  // namespace lares::os
