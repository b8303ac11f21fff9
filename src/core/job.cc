// core/job.cc: the names of states and outcomes (stand-in until the queue's room is merged).

#include "core/job.h"

namespace lares::job {

std::string_view name(State state) {
    switch (state) {
    case State::ready: return "ready";
    case State::running: return "running";
    case State::done: return "done";
    case State::dead: return "dead";
    case State::parked: return "parked";
    case State::cancelled: return "cancelled";
    case State::skipped: return "skipped";
    }
    return "";
}
bool is_end(State state) { return state != State::ready && state != State::running; }
std::string_view name(Outcome) { return "ok"; }

}  // namespace lares::job
