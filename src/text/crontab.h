// text/crontab.h: cron's own tables, as crontab(5) has them.
//
// The rules are Vixie cron's in the readings of Debian and cronie, where they agree: environment
// lines with quotes, '%' and '\%', a field with the user in system tables, '@daily' and the like, a
// '-' in front (no log). Expressions are not judged here (text/cron.h). A line that cannot be read
// keeps the others.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"
#include "text/environment.h"

namespace lares::text {

enum class CrontabForm { user, system };

struct CrontabEntry {
    Place place;           // of the schedule
    std::string schedule;  // "0 6 * * 1-5", "@daily": fields with one space between
    std::string user;      // of system tables
    std::string command;   // up to the first '%'; "\%" is '%'
    std::string input;     // behind it, '%' as line ends; ends with one unless it is empty
    bool is_quiet = false;
    /// Variables set above this line, the last of each name: PATH, HOME, SHELL, MAILTO, CRON_TZ,
    /// RANDOM_DELAY among them.
    Variables environment;
    bool operator==(CrontabEntry const&) const = default;
};

struct Crontab {
    std::vector<CrontabEntry> entries;
    std::vector<Diagnostic> found;
};

/// `file` is the index for places. At most limits::tasks entries.
Crontab read_crontab(std::string_view text, CrontabForm form, int file = 0);

/// The variable's value; empty when there is none.
std::string_view find_variable(Variables const& variables, std::string_view name);

}  // namespace lares::text
