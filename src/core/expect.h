// core/expect.h: what should have happened by now, and did not.
//
// One `expect =` line is a small machine: it is told what happens and when somebody looks, and says
// when to look next, and once for each period that something is late, and that it is not any more.
// Pure; the state is a value that is kept in the store as text, so that a restart neither forgets a
// lateness nor tells it twice. Clocks are the calendar's (expectations are of people), so a clock
// that is set back must not silence one for a year: nothing is taken to have happened later than
// now.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/zone.h"

namespace lares::expect {

/// As config::Expect; core may not know config.
struct Rule {
    enum class Kind {
        by,              // enough successes of the day by a time of it
        every,           // never longer than `span` without one
        within_of_file,  // a success within `span` of each file that came
        output,          // never longer than `span` without output; span 0: no success without any
        files,           // as by, of files that came
    };
    Kind kind = Kind::by;
    std::string subject;           // "task 'report'", "folder 'in'", "program 'web'"
    int by_minute = 0;             // of the day, 0 to 1440
    std::uint8_t weekdays = 0x7f;  // bit 0: Sunday
    Duration span{0};
    std::string pattern;  // of file names; empty: any
    int count = 1;
    bool counts_files = false;   // every, of a folder: files instead of successes
    bool counts_output = false;  // by, every, of a program: output instead of successes
    bool operator==(Rule const&) const = default;
};

struct Happening {
    enum class Kind {
        look,     // nothing; time has passed
        began,    // watching begins (again): configured, maintenance over, program up; not told at
                  // each start of the daemon, when a state was kept
        ceased,   // nothing is late until it begins again: maintenance, program down
        success,  // of the task
        file,     // a file came
        output,
    };
    Kind kind = Kind::look;
    WallTime at{};
    /// Of success: when its run began; epoch: at once. Files that came later are not served by it.
    WallTime run_began{};
    /// Of file: its name. Of success: the file its job came from; empty: it serves all.
    std::string file;
};

struct File {
    std::string name;
    WallTime at{};
    bool is_late = false;
    bool operator==(File const&) const = default;
};

/// Empty until it is told that watching begins.
struct State {
    bool is_watching = false;
    WallTime began{};              // watching
    WallTime last{};               // of every, output; epoch: none yet
    std::int64_t day = 0;          // of by, files: which `count` is of, in days since 1970
    int count = 0;                 // in that day
    std::int64_t judged_day = -1;  // whose time has come and been judged
    std::vector<File> files;       // that wait for a success, oldest first
    bool has_output = false;       // since the last success
    bool is_late = false;
    WallTime late_since{};
    std::string words;  // while late
    bool operator==(State const&) const = default;
};

/// To be told to people: by and files once a day, the others once until they recover. `since`: when
/// it should have happened.
struct Told {
    enum class What { late, recovered };
    What what = What::late;
    std::string words;  // "no success of task 'report' by 06:00"
    WallTime since{};
};

struct Step {
    State state;
    std::vector<Told> told;
    std::optional<WallTime> look_at;  // none: only when something happens
};

Step step(Rule const&, schedule::Zone const&, State, Happening const&);

/// As lines of name=value (text/record.h). Of what cannot be read, an empty state: watching then
/// begins anew.
std::string write(State const&);
State read(std::string_view record);

}  // namespace lares::expect
