// core/states.cc: supervisord's names, numbers and sets of states (spec/supervisor.md §2.1).

#include <iterator>

#include "base/check.h"
#include "core/supervise.h"

namespace lares::supervise {

namespace {

struct Row {
    State state;
    char const* name;
    int wire_number;
    bool is_up;
    bool is_signallable;
};

// clang-format off
constexpr Row rows[] = {
    //  state          name        number  up     signallable
    {State::stopped,  "STOPPED",     0,  false, false},
    {State::starting, "STARTING",   10,  true,  true},
    {State::running,  "RUNNING",    20,  true,  true},
    {State::backoff,  "BACKOFF",    30,  true,  false},
    {State::stopping, "STOPPING",   40,  false, true},
    {State::exited,   "EXITED",    100,  false, false},
    {State::fatal,    "FATAL",     200,  false, false},
};
// clang-format on

Row const& row(State state) {
    auto index = static_cast<std::size_t>(state);
    CHECK(index < std::size(rows) && rows[index].state == state);
    return rows[index];
}

}  // namespace

char const* name(State state) { return row(state).name; }
int wire_number(State state) { return row(state).wire_number; }
bool is_up(State state) { return row(state).is_up; }
bool is_signallable(State state) { return row(state).is_signallable; }

}  // namespace lares::supervise
