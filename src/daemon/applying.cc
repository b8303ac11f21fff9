// daemon/applying.cc: seeing an update through: each step until it has come true or cannot.

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "daemon/daemon.h"

namespace lares::daemon {

using control::Fault;
using control::Outcome;
using plan::Action;
using supervise::State;

namespace {

std::pair<std::string, std::string> split(std::string const& full_name) {
    auto colon = full_name.find(':');
    return {full_name.substr(0, colon), full_name.substr(colon + 1)};
}

}  // namespace

std::unique_ptr<Applying> Daemon::begin_applying(Comparison const& comparison,
                                                 control::AppliedAnswer answer) {
    auto applying = std::make_unique<Applying>();
    applying->answer = std::move(answer);
    for (auto const& step : comparison.steps) {
        auto [group, name] = split(step.name);
        applying->items.push_back({.group = group, .name = name, .action = step.action});
    }
    return applying;
}

void Daemon::find_applied(Applying& applying) {
    std::unordered_map<std::string, std::uint64_t> keys;
    for (auto const& unit : units_) keys.emplace(unit->full_name(), unit->key);
    for (auto& item : applying.items) {
        auto found = keys.find(item.group + ":" + item.name);
        if (found != keys.end()) item.unit = found->second;
    }
}

std::optional<Outcome> Daemon::judge_applied(ApplyingItem const& item) const {
    auto found = unit_of_key_.find(item.unit);
    if (item.action == Action::stop || item.action == Action::remove) {
        if (found == unit_of_key_.end()) return Outcome{};
        if (found->second->removing) return std::nullopt;
        return Outcome{Fault::failed, "it was configured again"};
    }
    if (item.action == Action::change || item.action == Action::add) return Outcome{};
    if (found == unit_of_key_.end()) return Outcome{Fault::failed, "it was removed again"};
    return judge_started(*found->second);
}

std::optional<Outcome> Daemon::judge_started(Unit const& unit) const {
    if (unit.removing) return Outcome{Fault::failed, "it was removed again"};
    auto const& process = unit.process;
    bool wished = entries_[static_cast<std::size_t>(unit.index)].wish != wishes::Wish::none;
    if (process.state == State::running && !unit.successor) return Outcome{};
    if (unit.successor || process.state == State::starting || process.state == State::stopping)
        return std::nullopt;
    if (wished) return judge_waiting(unit);
    if (process.state == State::exited && process.end_expected) return Outcome{};
    auto words = unit.spawn_error.empty() ? unit.why : unit.spawn_error;
    bool failed = process.state == State::backoff || process.state == State::fatal;
    return Outcome{failed ? Fault::spawn_error : Fault::abnormal_termination, words};
}

// What waits for something that is not on its way may wait for ever; the asker shall not.
std::optional<Outcome> Daemon::judge_waiting(Unit const& unit) const {
    auto waits = wishes::waits_for(entries_, order_, members_, unit.index, 5);
    if (waits.empty()) return std::nullopt;
    std::string names;
    for (int index : waits) {
        Unit const& other = at(index);
        bool wished = entries_[static_cast<std::size_t>(index)].wish != wishes::Wish::none;
        auto state = other.process.state;
        bool moves = state == State::starting || state == State::stopping ||
                     state == State::running || other.successor || wished;
        if (moves) return std::nullopt;
        names += (names.empty() ? "" : ", ") +
                 fmt::format("{} ({})", other.shown_name(), supervise::name(state));
    }
    return Outcome{Fault::failed, "it waits for " + names};
}

void Daemon::settle_applying() {
    if (applying_.empty()) return;
    bool ending = phase_ != Phase::running;
    std::vector<std::unique_ptr<Applying>> done;
    for (auto& applying : applying_) {
        bool all = true;
        for (auto& item : applying->items) {
            if (item.outcome) continue;
            item.outcome = judge_applied(item);
            if (!item.outcome && ending) item.outcome = Outcome{Fault::shutdown_state, ""};
            all = all && item.outcome;
        }
        if (all) done.push_back(std::move(applying));
    }
    std::erase(applying_, nullptr);
    for (auto& applying : done) {
        std::vector<control::Applied> list;
        for (auto& item : applying->items)
            list.push_back({std::move(item.group), std::move(item.name), item.action,
                            std::move(*item.outcome)});
        std::ranges::move(applying->work, std::back_inserter(list));
        applying->answer(std::move(list));
    }
}

}  // namespace lares::daemon
