// core/audit.h: zero unexplained: whatever was due, came in or was accepted has a result, is under
// way, or has a stated reason.
//
// Pure: rows in, the list of what has none of these out. A number above zero is itself an alarm.

#pragma once

#include <string>
#include <vector>

#include "core/journal_rows.h"
#include "core/when.h"

namespace lares::audit {

/// A time at which a clock should have brought a job.
struct DueInstant {
    std::string trigger;  // as in events: "report#0"
    std::string task;
    WallTime at{};
};

struct Facts {
    std::vector<job::Job> jobs;
    std::vector<job::Id> live;  // what the queue holds now
    std::vector<DueInstant> due;
    std::vector<journal::EventRow> events;  // trigger.* and job.*, at least
    std::vector<journal::FileRow> files;
};

struct Unexplained {
    std::string subject;  // as in events
    WallTime since{};
    std::string words;  // "accepted, but neither under way nor ended"

    bool is_same(Unexplained const& other) const {
        return subject == other.subject && since == other.since;
    }
};

struct Verdict {
    std::vector<Unexplained> list;                  // by time
    std::size_t jobs = 0, instants = 0, files = 0;  // looked at
};

Verdict judge(Facts const&);

/// Leaves in `second` what was found at the first look as well. Between two looks the disk catches
/// up: what was decided a moment before the first is on it at the second.
void keep_both(std::vector<Unexplained>& second, std::vector<Unexplained> const& first);

/// "0 unexplained: 812 jobs, 96 due times, 40 files", or the number and a line each.
std::vector<std::string> print(Verdict const&, LocalOffset const&);

}  // namespace lares::audit
