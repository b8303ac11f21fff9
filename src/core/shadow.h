// core/shadow.h: what a crontab would have brought about here, against what cron says it did.
//
// Pure. It backs `lares shadow crontab FILE`: lines, and cron's own words with their instants, go
// in; what agrees, what is missing and what is too much come out. A run belongs to a line when
// command and user are its, and to a due instant when it lies within the tolerance of it.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/schedule.h"

namespace lares::shadow {

struct Line {
    std::optional<text::Cron> cron;  // none: it was refused, so that it would never have run
    std::shared_ptr<schedule::Zone const> zone;
    std::string user;        // empty: whoever has the command
    std::string command;     // as text::comparable_command()
    std::int64_t delay = 0;  // seconds by which cron may have delayed it at random
};

struct Ran {
    std::int64_t at = 0;
    std::string user, command;  // comparable
    bool is_cut = false;        // the command goes on
    std::int64_t pid = 0;
    auto operator<=>(Ran const&) const = default;
};

struct Facts {
    std::vector<Line> lines;
    std::vector<Ran> ran;
    std::vector<std::int64_t> reboots;  // when the jobs of @reboot were started
    std::int64_t from = 0, until = 0;   // both inclusive
    std::int64_t tolerance = 60;
};

struct Missing {
    std::size_t line = 0;
    std::int64_t at = 0;
    bool operator==(Missing const&) const = default;
};

struct Extra {
    Ran ran;
    std::optional<std::size_t> line;  // whose command it is; none: of no line
    bool operator==(Extra const&) const = default;
};

struct LineReport {
    std::int64_t would = 0, matched = 0, missing = 0, extra = 0;
    bool operator==(LineReport const&) const = default;
};

struct Report {
    std::vector<LineReport> lines;  // in the order given
    std::vector<Missing> missing;   // by time
    std::vector<Extra> extra;       // by time; of lines
    std::vector<Extra> strangers;   // by time; of no line
    std::int64_t matched = 0;
    bool is_cut = false;  // more was due than `most`; only the beginning was compared
};

/// At most so many due instants of all lines together.
Report compare(Facts facts, std::size_t most = 5'000'000);

}  // namespace lares::shadow
