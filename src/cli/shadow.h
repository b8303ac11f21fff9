// cli/shadow.h: `lares shadow crontab`, put together from tables and logs.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/session.h"
#include "core/shadow.h"
#include "text/cron_log.h"
#include "text/diagnostic.h"
#include "text/value.h"

namespace lares::cli {

/// One line of a crontab that is watched.
struct ShadowLine {
    std::string file;
    int number = 0;
    std::string schedule, user, command;
};

struct ShadowTables {
    std::vector<ShadowLine> shown;
    std::vector<shadow::Line> lines;  // the same, to be compared
    std::vector<text::Diagnostic> found;
    std::vector<text::Source> sources;
};

/// What the logs tell, their times made instants.
struct ShadowLog {
    std::vector<shadow::Ran> ran;
    std::vector<std::int64_t> reboots;
    struct Change {
        std::int64_t at;
        std::string words;  // "REPLACE of anna's table"
    };
    std::vector<Change> changes;          // of tables, by time
    std::int64_t first = 0, last = 0;     // of any line; 0: none
    std::vector<std::string> files;       // that were read
    std::vector<std::string> complaints;  // of what could not be
};

struct ShadowTelling {
    ShadowTables const& tables;
    ShadowLog const& log;
    shadow::Facts const& span;  // from and until of it
    schedule::Zone const& zone;
    bool strangers_count = false;  // --all
};

/// Reads the tables. The Error: a file that cannot be read, or a zone that does not exist.
Result<ShadowTables> read_shadow_tables(Doors const&, Request const&,
                                        std::vector<std::string> const& files);
/// Reads the logs that are asked for, or those that cron usually writes to. The Error: there is
/// none, with what to do.
Result<ShadowLog> read_shadow_log(Doors const&, Request const&, schedule::Zone const&);

bool agrees(shadow::Report const&, ShadowTelling const&);
std::string shadow_text(shadow::Report const&, ShadowTelling const&);
/// A line for each difference, by time.
std::string difference_lines(shadow::Report const&, ShadowTelling const&);
text::Value shadow_value(shadow::Report const&, ShadowTelling const&);

}  // namespace lares::cli
