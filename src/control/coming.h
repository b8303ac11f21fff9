// control/coming.h: the runs that a configuration's schedules will bring, in order.
//
// Pure, but for asking the zones: no clock, no daemon. Triggers that do not go by the calendar
// (every, after, on, http, folders) cannot be foretold and are not listed.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/schedule.h"
#include "ports/zones.h"
#include "text/value.h"

namespace lares::control {

struct ComingRun {
    std::string task;
    std::string expression;
    std::shared_ptr<schedule::Zone const> zone;
    schedule::Due due;
    std::int64_t at = 0;            // with the task's jitter
    std::vector<std::string> with;  // other tasks in the same minute
};

struct Outlook {
    std::vector<ComingRun> runs;
    std::vector<std::string> never;     // "task 'x': '0 0 30 2 *' never fires: ..."
    std::vector<std::string> problems;  // zones that do not exist
    bool cut = false;                   // there are more runs than were asked for
};

/// Runs after `from` up to `until`, at most `most`, of tasks that are enabled. A day that a task's
/// calendar excludes brings none. `host` goes into the jitter, with the task's name.
Outlook coming(config::Settings const&, ports::Zones&, std::string_view host, std::int64_t from,
               std::int64_t until, std::size_t most);

std::string outlook_text(Outlook const&);
text::Value outlook_value(Outlook const&);
/// As iCalendar (RFC 5545), in UTC, CRLF. `now`: when it was made.
std::string outlook_calendar(Outlook const&, std::int64_t now, std::string_view host);

}  // namespace lares::control
