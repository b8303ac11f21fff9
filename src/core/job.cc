// core/job.cc: the names of states and outcomes, as they are stored, shown and documented. They are
// kept for years in databases: a word here is never changed, only added.

#include "core/job.h"

namespace lares::job {

std::string_view name(State state) {
    switch (state) {
    case State::ready:
        return "ready";
    case State::running:
        return "running";
    case State::done:
        return "done";
    case State::dead:
        return "dead";
    case State::parked:
        return "parked";
    case State::cancelled:
        return "cancelled";
    case State::skipped:
        return "skipped";
    }
    return "unknown";
}

bool is_end(State state) { return state != State::ready && state != State::running; }

std::string_view name(Outcome outcome) {
    switch (outcome) {
    case Outcome::ok:
        return "ok";
    case Outcome::error:
        return "error";
    case Outcome::timeout:
        return "timeout";
    case Outcome::crash:
        return "crash";
    case Outcome::interrupted:
        return "interrupted";
    case Outcome::unstartable:
        return "unstartable";
    case Outcome::overflow:
        return "overflow";
    case Outcome::cancelled:
        return "cancelled";
    case Outcome::lost:
        return "lost";
    }
    return "unknown";
}

}  // namespace lares::job
