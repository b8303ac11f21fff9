// bin/up.h: `lares up`: puts a daemon together from its parts, and runs it.

#pragma once

#include "bin/invocation.h"
#include "cli/request.h"

namespace lares::bin {

/// The exit status: 0 after a clean shutdown, the one a program's on_exit or on_fatal asked for, or
/// 2 when nothing was started (configuration, sockets, privileges), with the words of supervisord
/// and ours on standard error. Configuration comes before everything else; nothing is changed, made
/// or removed before it is known to be good.
int up(cli::UpRequest const& request, Invocation const& invocation);

}  // namespace lares::bin
