// control/describe.h: what is told about a process: supervisord's struct and our own.
//
// Pure: facts, the time and the zone's offset in; values out. Words and order of members are what
// clients parse (spec §4.3, §7), so nothing is added to process_info(): a client that formats all
// its members must not meet a fifteenth.

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "control/house.h"
#include "core/when.h"
#include "text/value.h"

namespace lares::control {

using lares::LocalOffset;

/// "1:02:03", "1 day, 2:03:04", "12 days, 0:00:09", as Python prints a timedelta. Negative is 0.
std::string print_uptime(Duration);

/// "Nov 22 05:44 AM": strftime's "%b %d %I:%M %p" in the C locale. `local` is already shifted.
std::string print_stop_time(WallTime local);

/// The description that `supervisorctl status` shows; empty while STARTING or STOPPING.
std::string describe(ProcessInfo const&, WallTime now, LocalOffset const&);

/// getProcessInfo's struct: 14 members.
text::Value process_info(ProcessInfo const&, WallTime now, LocalOffset const&);

/// Which members of a status are wanted: rows of its table, in order.
using StatusMembers = std::vector<std::size_t>;
/// Those of these names, unknown ones ignored; all when none is named.
StatusMembers status_members(std::span<std::string const> wanted);

/// One entry of lares.status's processes. Times are seconds since 1970, 0 for never; peak_memory is
/// in bytes; signal is the number that ended it last, 0 for none.
/// Only the members chosen: a table of a thousand processes needs half of them.
text::Value process_status(ProcessInfo const&, WallTime now, LocalOffset const&,
                           StatusMembers const&);

/// "RUNNING", "SHUTDOWN", "RESTARTING", "FATAL"
char const* name(DaemonState);

/// Whole seconds since 1970, rounded down as supervisord's ints are.
std::int64_t seconds(WallTime);

}  // namespace lares::control
