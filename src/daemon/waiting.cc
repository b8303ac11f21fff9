// daemon/waiting.cc: one function a kind of waiting.

#include "daemon/waiting.h"

namespace lares::daemon {

namespace {

using control::Fault;
using control::Outcome;
using supervise::State;

Outcome start_failed(std::optional<ports::SpawnFailure::Kind> failure, std::string const& words) {
    if (failure == ports::SpawnFailure::Kind::not_found) return {Fault::no_file, words};
    if (failure == ports::SpawnFailure::Kind::not_executable) return {Fault::not_executable, words};
    return {Fault::spawn_error, words};
}

std::optional<Outcome> judge_start(Waiter::For what, State state, supervise::Process const& process,
                                   std::optional<ports::SpawnFailure::Kind> failure,
                                   std::string const& words) {
    switch (state) {
    case State::running:
        return Outcome{};
    case State::backoff:
    case State::fatal:
        return start_failed(failure, words);
    case State::starting:
        if (what == Waiter::For::spawned && process.pid != 0) return Outcome{};
        return std::nullopt;
    case State::stopping:
        return std::nullopt;  // it may be on its way to BACKOFF, or down before it comes up again
    case State::stopped:
        if (what == Waiter::For::running_again) return std::nullopt;
        return Outcome{Fault::abnormal_termination, ""};
    case State::exited:
        if (what == Waiter::For::running_again && process.deadline) return std::nullopt;
        return Outcome{Fault::abnormal_termination, ""};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Outcome> judge(Waiter::For what, State state, supervise::Process const& process,
                             std::optional<ports::SpawnFailure::Kind> failure,
                             std::string const& words) {
    if (what != Waiter::For::down) return judge_start(what, state, process, failure, words);
    // An EXITED that starts again, now or later, is not down: its stop is still to come.
    bool rests = process.state == State::stopped || process.state == State::fatal ||
                 (process.state == State::exited && !process.deadline);
    if (rests) return Outcome{};
    return std::nullopt;
}

std::optional<Outcome> judge_unwished(Waiter::For what, supervise::Process const& process) {
    State state = process.state;
    bool comes_by_itself = state == State::exited && process.deadline;
    if (state == State::stopping || comes_by_itself) return std::nullopt;
    if (what == Waiter::For::down) {
        if (!supervise::is_up(state)) return Outcome{};
        return Outcome{Fault::failed, "the stop was called off by a start"};
    }
    if (state == State::running) return Outcome{};
    if (supervise::is_up(state)) return std::nullopt;
    return Outcome{Fault::abnormal_termination, ""};
}

}  // namespace lares::daemon
