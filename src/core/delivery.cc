// core/delivery.cc: the names of states and outcomes, as they are stored, shown and documented.
// They are kept for years in databases: a word here is never changed, only added.

#include "core/delivery.h"

namespace lares::delivery {

std::string_view name(State state) {
    switch (state) {
    case State::waiting:
        return "waiting";
    case State::sending:
        return "sending";
    case State::sent:
        return "sent";
    case State::failed:
        return "failed";
    case State::expired:
        return "expired";
    case State::dropped:
        return "dropped";
    case State::gathered:
        return "gathered";
    case State::unsure:
        return "unsure";
    }
    return "unknown";
}

bool is_end(State state) { return state != State::waiting && state != State::sending; }

std::string_view name(Outcome outcome) {
    switch (outcome) {
    case Outcome::sent:
        return "sent";
    case Outcome::refused:
        return "refused";
    case Outcome::later:
        return "later";
    case Outcome::limited:
        return "limited";
    case Outcome::blocked:
        return "blocked";
    case Outcome::unsure:
        return "unsure";
    }
    return "unknown";
}

}  // namespace lares::delivery
