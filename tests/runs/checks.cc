// checks.cc: one function a promise.

#include "checks.h"

#include <algorithm>
#include <map>

namespace lares::runs {

using supervise::State;

Checks::Checks(Stage& stage, Plan const& plan, bool looks)
    : stage_(stage), plan_(plan), looks_(looks) {
    stage.on_event = [this](ports::Event const& event) { on_event(event); };
    stage.on_spawn = [this](Live const& live) { on_spawn(live); };
    stage.on_answer = [this](Asked const& asked) { on_answer(asked); };
    stage.after_turn = [this] { after_turn(); };
}

void Checks::on_event(ports::Event const& event) {
    auto touch = [this](ports::RunId run) {
        auto found = stage_.live().find(run);
        if (found != stage_.live().end()) touched_.insert(found->second.who);
    };
    if (auto const* e = std::get_if<ports::Spawned>(&event)) touch(e->run);
    if (auto const* e = std::get_if<ports::Exited>(&event)) touch(e->run);
    auto const* signal = std::get_if<ports::SignalReceived>(&event);
    if (signal && signal->number == 15 && ending_since_ == 0) ending_since_ = stage_.world.turns();
}

void Checks::on_spawn(Live const& live) {
    if (live.role == Role::main)
        for (auto const& [run, other] : stage_.live())
            if (other.role == Role::main && other.who == live.who)
                complain(live.who + " is spawned while it lives");
    bool ending = ending_since_ != 0 && stage_.world.turns() > ending_since_;
    bool begins = live.role == Role::main || live.role == Role::pre_start;
    auto const* program = plan_.program_of(live.who);
    // One whose environment files were being read is made, and then stopped.
    bool was_under_way = program && program->reads_files && live.role == Role::main;
    if (ending && begins && !was_under_way)
        complain(live.who + " is spawned while the daemon ends");
}

void Checks::on_answer(Asked const& asked) {
    if (asked.method != "supervisor.stopProcess" || asked.answer != "true" || !asked.waits) return;
    // Nothing of it lives, unless somebody asked for what may have started it since.
    auto begins = [&](Asked const& other) {
        bool about_it = other.method.find("Info") == std::string::npos &&
                        other.method.find("status") == std::string::npos &&
                        other.method.find("stop") == std::string::npos && other.method != "GET";
        return about_it && (!other.answered || *other.answered >= asked.at) && other.id != asked.id;
    };
    if (std::ranges::any_of(stage_.asked(), [&](auto const& one) { return begins(one.second); }))
        return;
    for (auto const& [run, live] : stage_.live())
        if (live.role == Role::main && live.who == asked.name)
            complain(live.who + " lives after its stop was answered");
    stopped_.push_back(asked.name);
}

void Checks::after_turn() {
    auto now = stage_.world.now();
    auto wake = stage_.world.clock.wake();
    if (wake && *wake < now) complain("a deadline of the past is asked for");
    if (looks_ && !stage_.finished()) {
        auto lives = stage_.live();
        bool more_now = wake && *wake == now;  // a deadline has come up in this very turn
        auto rows = stage_.status();
        if (!more_now && stage_.live().size() > lives.size())
            complain("a turn leaves undone what the next one then does");
        check_lives(rows, lives);
        check_needs(rows);
        check_stopped(rows);
        rows_ = std::move(rows);
    }
    touched_.clear();
    stopped_.clear();
}

void Checks::check_lives(std::vector<Row> const& rows, std::map<ports::RunId, Live> const& all) {
    std::map<std::string, std::vector<Live>> lives;
    for (auto const& [run, live] : all)
        if (live.role == Role::main) lives[live.who].push_back(live);
    for (auto const& row : rows) {
        auto mine = lives.extract(row.who);
        std::size_t count = mine.empty() ? 0 : mine.mapped().size();
        int pid = count > 0 ? mine.mapped().front().pid : 0;
        bool may_live = row.state == State::starting || row.state == State::stopping ||
                        row.state == State::running;
        std::string words = row.who + " is " + supervise::name(row.state);
        if (count > (may_live ? 1 : 0)) complain(words + " and too much of it lives");
        if (row.state == State::running && pid == 0) complain(words + " and is not alive");
        if (row.pid != pid) complain(words + " with another pid than it has");
    }
    for (auto const& [who, those] : lives) complain(who + " lives and is in no list");
}

void Checks::check_needs(std::vector<Row> const& rows) {
    auto find = [](std::vector<Row> const& those, std::string const& who) {
        auto found = std::ranges::find(those, who, &Row::who);
        return found == those.end() ? nullptr : &*found;
    };
    for (auto const& row : rows) {
        auto const* before = find(rows_, row.who);
        auto const* program = plan_.program_of(row.who);
        bool was_down = before && (before->state == State::stopped ||
                                   before->state == State::fatal || before->state == State::exited);
        bool begins = was_down && row.state == State::starting && row.restarts == before->restarts;
        if (!begins || !program) continue;
        for (auto const& other : rows) {
            if (std::ranges::find(program->needs, other.program) == program->needs.end()) continue;
            auto const* earlier = find(rows_, other.who);
            // One that is new (scaled up) was not there to be needed.
            bool met =
                !earlier || other.state == State::running || earlier->state == State::running;
            if (!met && !touched_.contains(other.who) && !was_scaled(other.program))
                complain(row.who + " starts while " + other.who + ", which it needs, is " +
                         supervise::name(other.state));
        }
    }
}

/// What is being scaled away is needed by nobody, and a status does not tell it.
bool Checks::was_scaled(std::string const& program) const {
    return std::ranges::any_of(stage_.asked(), [&](auto const& one) {
        auto words = one.second.method + " " + one.second.parameters;
        return words.find("lares.scale") != words.npos &&
               words.find('"' + program + '"') != words.npos;
    });
}

void Checks::check_stopped(std::vector<Row> const& rows) {
    for (auto const& row : rows)
        if (supervise::is_up(row.state) && std::ranges::find(stopped_, row.who) != stopped_.end())
            complain(row.who + " is " + supervise::name(row.state) +
                     " after its stop was answered");
}

void Checks::after_quiet() {
    auto rows = stage_.status();
    bool excuse = std::ranges::any_of(rows, [](Row const& row) { return !row.waits_for.empty(); });
    for (auto const& [id, asked] : stage_.asked()) {
        if (asked.answered || asked.hung_up || excuse) continue;
        complain(asked.method + " " + asked.name + " still waits after a long quiet");
    }
}

void Checks::at_end() {
    for (auto const& [run, live] : stage_.live())
        complain(live.who + ": run " + std::to_string(static_cast<std::uint64_t>(run)) +
                 " is left behind");
    for (auto const& [id, asked] : stage_.asked()) {
        bool told = !stage_.closed() || asked.at < *stage_.closed();
        if (told && !asked.answered && !asked.hung_up)
            complain(asked.method + " " + asked.name + ", asked at " +
                     std::to_string(asked.at.time_since_epoch().count()) + ", is never answered");
    }
}

}  // namespace lares::runs
