// core/moment.h: how everything was at a moment, told from the journal.
//
// Pure: rows up to the moment in (from the newest back), one picture out. What the rows do not
// reach back to is not known, and said to be so.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/journal_rows.h"
#include "core/when.h"

namespace lares::moment {

struct Facts {
    std::vector<journal::EventRow> events;  // at or before the moment, in any order
    std::vector<job::Job> jobs;             // created at or before it
    std::vector<journal::RunRow> runs;      // started at or before it
    bool is_cut = false;                    // there was more than could be read
};

struct Program {
    std::string name;   // "web:web_0"
    std::string state;  // "RUNNING"; "" when no event told
    WallTime since{};
    std::string words;
};

struct LiveJob {
    job::Id id = 0;
    std::string task;
    bool is_running = false;
    WallTime since{};  // created, or the start of its attempt
    std::uint64_t run = 0;
};

/// Something that had begun and was not over: a pause, a maintenance, trouble.
struct Condition {
    std::string kind, subject;
    WallTime since{};
    std::string words;
};

struct Picture {
    WallTime at{};
    bool daemon_was_up = true;  // false when its last word before was that it ended
    std::optional<WallTime> daemon_since;
    std::string revision;  // "7"; empty: not known
    std::vector<Program> programs;
    std::vector<LiveJob> jobs;
    std::vector<Condition> conditions;
    bool is_cut = false;
};

Picture at(Facts const&, WallTime moment);

std::vector<std::string> print(Picture const&, LocalOffset const&);

}  // namespace lares::moment
