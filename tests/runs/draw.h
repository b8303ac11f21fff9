// draw.h: a configuration and the manners of its programs, drawn from a seed.
//
// What is drawn stays small in time (stops of seconds, not of hours), so that a bound can be named
// within which everything must have ended.

#pragma once

#include <random>
#include <string>
#include <vector>

#include "base/time.h"
#include "sim/processes.h"

namespace lares::runs {

class Dice {
public:
    explicit Dice(unsigned seed) : random_(seed) {}
    /// From 0 to below - 1.
    int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
    bool chance(int percent) { return pick(100) < percent; }
    template <class T>
    T const& one_of(std::vector<T> const& those) {
        return those[static_cast<std::size_t>(pick(static_cast<int>(those.size())))];
    }

private:
    std::mt19937_64 random_;
};

/// How the processes of one program behave, in percent of their lives.
struct Manners {
    int exec_fails = 0;
    int exits_early = 0;
    int exits_later = 0;
    int ignores_term = 0;
    int dies_slowly = 0;
    int never_ready = 0;
};

struct Program {
    std::string name, group;
    int numprocs = 1;
    std::vector<std::string> needs;  // names of programs
    bool reads_files = false;        // environment_file
    bool watches = false;
    Manners manners;

    /// "group:process" of each.
    std::vector<std::string> processes() const;
};

struct Plan {
    std::vector<Program> programs;
    std::string text;          // the configuration
    Duration stops_within{0};  // everything, one after the other
    bool may_end_by_itself = false;

    std::vector<std::string> processes() const;
    Program const* program_of(std::string const& who) const;
};

Plan draw_plan(Dice&);
/// What a spawned thing does; hooks and probes are known by their environment.
sim::Script draw_script(Dice&, Plan const&, ports::SpawnRequest const&);

}  // namespace lares::runs
