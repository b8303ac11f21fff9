// core/circuit.cc: three states, and what leads from one to the other.

#include "core/circuit.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "core/counted.h"
#include "core/in_words.h"
#include "text/record.h"

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
                              : counted(static_cast<std::int64_t>(circuit.failed.size()), "job") +
                                    " failed with no success between, the last was " + last;
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

void show(Circuit const& circuit, std::string_view task, queue::Queue& queue) {
    if (auto stop = block(circuit))
        queue.block(task, *std::move(stop));
    else
        queue.unblock(task, "circuit");
    queue.set_cap(task, cap(circuit));
}

std::string write(Circuit const& circuit, WallTime until) {
    text::RecordWriter writer;
    writer.put_number("state", static_cast<int>(circuit.state));
    writer.put_number_if("opened", circuit.opened);
    if (circuit.state == State::open) writer.put_number("until", until.time_since_epoch().count());
    writer.put_if("words", circuit.words);
    for (auto id : circuit.failed) writer.put_number("failed", static_cast<std::int64_t>(id));
    return writer.take();
}

std::optional<std::pair<Circuit, WallTime>> read(std::string_view text) {
    auto record = text::Record::parse(text);
    auto state = record.find_number("state");
    if (!state || *state < 0 || *state > static_cast<int>(State::trial)) return std::nullopt;
    Circuit circuit{.state = static_cast<State>(*state),
                    .failed = {},
                    .opened = static_cast<int>(std::clamp<std::int64_t>(
                        record.number("opened"), 0, std::numeric_limits<int>::max())),
                    .until = {},
                    .words = record.text("words")};
    for (auto const& id : record.all("failed"))
        circuit.failed.push_back(static_cast<job::Id>(std::strtoull(id.c_str(), nullptr, 10)));
    if (circuit == Circuit{}) return std::nullopt;
    return std::pair(std::move(circuit), WallTime(Duration(record.number("until"))));
}

}  // namespace lares::circuit
