// core/circuit.cc: three states, and what leads from one to the other.

#include "core/circuit.h"

#include <algorithm>

#include "core/in_words.h"

namespace lares::circuit {

namespace {

/// The pause of the nth opening in a row.
Duration pause(Policy const& policy, int nth) {
    queue::Retry const growing{.backoff_min = std::max(policy.first, Duration(1)),
                               .backoff_max = policy.most,
                               .jitter_percent = 0};
    return queue::backoff(growing, nth, 0);
}

std::string open(Policy const& policy, Circuit& circuit, Happening const& failure) {
    bool was_trial = circuit.state == State::trial;
    circuit.opened++;
    auto wait = pause(policy, circuit.opened);
    circuit.state = State::open;
    circuit.until = failure.at + wait;
    std::string last =
        "job " + std::to_string(failure.job) + (failure.why.empty() ? "" : ": " + failure.why);
    circuit.words = was_trial ? "the trial failed, " + last
                              : std::to_string(circuit.failed.size()) +
                                    " jobs failed with no success between, the last was " + last;
    return "paused for " + in_words(wait) + ": " + circuit.words;
}

std::string close(Circuit& circuit, std::string words) {
    bool was_closed = circuit.state == State::closed;
    circuit = {};
    return was_closed ? "" : words;
}

std::string on_failure(Policy const& policy, Circuit& circuit, Happening const& failure) {
    if (policy.after <= 0) return "";
    if (std::ranges::find(circuit.failed, failure.job) == circuit.failed.end() &&
        static_cast<int>(circuit.failed.size()) < policy.after)
        circuit.failed.push_back(failure.job);
    switch (circuit.state) {
    case State::closed:
        if (static_cast<int>(circuit.failed.size()) < policy.after) return "";
        return open(policy, circuit, failure);
    case State::open:
        return "";  // it had begun before
    case State::trial:
        return open(policy, circuit, failure);
    }
    return "";
}

std::string on_look(Circuit& circuit, Instant now) {
    if (circuit.state != State::open || now < circuit.until) return "";
    circuit.state = State::trial;
    return "trying one job at a time";
}

}  // namespace

Step step(Policy const& policy, Circuit circuit, Happening const& happening) {
    Step step;
    switch (happening.kind) {
    case Happening::Kind::look:
        step.told = on_look(circuit, happening.at);
        break;
    case Happening::Kind::succeeded:
        step.told = close(circuit, "goes on: job " + std::to_string(happening.job) + " succeeded");
        break;
    case Happening::Kind::failed:
        // An end may be told before the look that was due.
        on_look(circuit, happening.at);
        step.told = on_failure(policy, circuit, happening);
        break;
    case Happening::Kind::reset:
        step.told = close(circuit, "goes on: reset");
        break;
    }
    if (circuit.state == State::open) step.look_at = circuit.until;
    step.circuit = std::move(circuit);
    return step;
}

std::optional<queue::Block> block(Circuit const& circuit) {
    if (circuit.state != State::open) return std::nullopt;
    return queue::Block{"circuit", "paused: " + circuit.words, circuit.until};
}

std::optional<queue::Cap> cap(Circuit const& circuit) {
    if (circuit.state == State::closed) return std::nullopt;
    return queue::Cap{"circuit", "one at a time, as a trial", 1};
}

}  // namespace lares::circuit
