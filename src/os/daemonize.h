// os/daemonize.h: leaving the terminal, not before everything has begun well.
//
// As supervisord: one fork and setsid (spec §3.2). The command that was typed returns only when the
// daemon serves, so that a port in use or a wrong file is told to who typed it.

#pragma once

#include "base/result.h"
#include "os/fd.h"

namespace lares::os {

class Detachment {
public:
    /// Forks; before any thread exists. Returns in the child alone, which leads a session of its
    /// own. The parent waits: for finish(), and exits with 0; or for the child's end, and exits
    /// with its status (1 when a signal ended it).
    static Result<Detachment> begin();

    /// Puts 0, 1 and 2 on /dev/null and lets the parent go.
    Result<> finish();

private:
    Fd go_ahead_;
};

}  // namespace lares::os
