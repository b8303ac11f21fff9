// core/story.h: what led to something and what came of it, as a tree.
//
// Events name the event they follow from; jobs and events have numbers of one sequence, so that a
// cause may be either. Pure: whoever collects the rows (control/trace.h) decides how far to look.
// What is missing (pruned, or never written) is made up for from the rows of jobs and runs.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/journal_rows.h"
#include "core/when.h"

namespace lares::story {

/// In any order; rows that come twice count once.
struct Facts {
    std::vector<journal::EventRow> events;
    std::vector<job::Job> jobs;
    std::vector<journal::RunRow> runs;
};

struct Line {
    int depth = 0;         // 0: a beginning
    bool is_last = false;  // of its siblings
    job::Id id = 0;        // of the event or job; 0: of a run that no event tells
    WallTime at{};
    std::string kind, subject;
    std::string words;      // whole: "job 812: accepted, from the schedule"
    bool is_asked = false;  // it is about what was asked for
};

/// Causes first; siblings in the order of time. `asked`: a subject as events have it ("job/812").
std::vector<Line> tell(Facts const&, std::string_view asked);

/// The tree with times, one line each without its end; the date stands where it changes.
std::vector<std::string> print(std::vector<Line> const&, LocalOffset const&);

/// "job 812" for "job/812", "file '/in/a b'" for "file//in/a b", "schedule 0 of 'report'".
std::string subject_words(std::string_view subject);

/// 812 for "job/812"; 0 when the subject is none of this sort.
job::Id job_of(std::string_view subject);
std::uint64_t run_of(std::string_view subject);

}  // namespace lares::story
