// daemon/work_expect.cc: what is expected and usual of tasks and folders, and the circuit that
// opens when a task's jobs all fail.
//
// The rules are core's (expect, usual, circuit); their states are marks in the store, so that a
// restart neither forgets a lateness nor tells it twice.

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "daemon/work.h"

namespace lares::daemon {

namespace {

/// Between two times that what is usual of a task is written.
constexpr Duration usual_told_every{1'000};

expect::Rule rule_of(config::Expect const& wanted, std::string subject, bool is_folder) {
    using Kind = config::Expect::Kind;
    expect::Rule rule;
    switch (wanted.kind) {
    case Kind::by:
        rule.kind = expect::Rule::Kind::by;
        break;
    case Kind::every:
        rule.kind = expect::Rule::Kind::every;
        break;
    case Kind::within_of_file:
        rule.kind = expect::Rule::Kind::within_of_file;
        break;
    case Kind::output:
        rule.kind = expect::Rule::Kind::output;
        break;
    case Kind::files:
        rule.kind = expect::Rule::Kind::files;
        break;
    }
    rule.subject = std::move(subject);
    rule.by_minute = wanted.by_minute;
    rule.weekdays = wanted.weekdays;
    rule.span = wanted.span;
    rule.pattern = wanted.pattern;
    rule.count = wanted.count;
    rule.counts_files = is_folder;
    return rule;
}

}  // namespace

// ---- expectations

void Work::set_up_expectations() {
    auto before = std::exchange(expectations_, {});
    std::unordered_map<std::string_view, Expectation const*> known;
    for (auto const& one : before) known.emplace(one.mark, &one);
    auto add = [&](std::vector<config::Expect> const& wanted, std::string const& kind,
                   std::string const& name, std::shared_ptr<schedule::Zone const> zone,
                   bool is_folder) {
        for (auto const& one : wanted) {
            Expectation made;
            made.rule = rule_of(one, fmt::format("{} '{}'", kind, name), is_folder);
            made.subject = kind + "/" + name;
            made.name = name;
            made.mark = fmt::format("expect/{}/{}/{}", kind, name, one.text);
            made.zone = zone;
            if (auto same = known.find(made.mark); same != known.end())
                made.state = same->second->state;
            expectations_.push_back(std::move(made));
        }
    };
    auto local = hands_.zones.find("");
    auto zone_here = local ? *local : std::make_shared<schedule::Zone const>();
    for (auto const& [name, state] : tasks_)
        if (state.task != nullptr && state.task->enabled)
            add(state.task->expects, "task", name, state.zone ? state.zone : zone_here, false);
    if (settings_ != nullptr)
        for (auto const& folder : settings_->folders)
            add(folder.expects, "folder", folder.name, zone_here, true);
    for (auto& one : before)
        if (one.subject.starts_with("program/")) expectations_.push_back(std::move(one));
    if (loaded_) begin_expectations();
}

void Work::begin_expectations() {
    for (auto& expectation : expectations_) {
        if (expectation.state.is_watching || !expectation.is_up) continue;
        if (auto mark = marks_.find(expectation.mark); mark != marks_.end())
            expectation.state = expect::read(mark->second);
        bool is_known = expectation.state.is_watching;
        step_expectation(expectation, {.kind = is_known ? expect::Happening::Kind::look
                                                        : expect::Happening::Kind::began,
                                       .at = hands_.clock.wall()});
    }
    set_expect_timer();
}

void Work::step_expectation(Expectation& expectation, expect::Happening const& happening) {
    if (expectation.zone == nullptr) return;
    auto step = expect::step(expectation.rule, *expectation.zone, expectation.state, happening);
    bool has_changed = step.state != expectation.state;
    expectation.state = std::move(step.state);
    expectation.look_at = step.look_at;
    auto* state = expectation.subject.starts_with("task/") ? find(expectation.name) : nullptr;
    if (state != nullptr)
        state->late_words = expectation.state.is_late ? expectation.state.words : "";
    std::vector<ports::Write> writes;
    if (has_changed)
        writes.push_back(ports::SetMark{expectation.mark, expect::write(expectation.state)});
    for (auto const& told : step.told) {
        bool is_late = told.what == expect::Told::What::late;
        auto row = journal_.event({.kind = is_late ? "expect.late" : "expect.ok",
                                   .subject = expectation.subject,
                                   .cause = journal_.last_of(expectation.subject),
                                   .words = told.words});
        journal_.set_cause(expectation.subject, row.id);
        if (is_late) hands_.log.warning("late: " + told.words);
        auto cause = row.id;
        writes.push_back(ports::PutEvent{std::move(row)});
        if (is_late && state != nullptr) put_late(*state, told.words, cause);
    }
    if (!writes.empty()) commit_must(std::move(writes));
}

/// on_late: tasks that get a job when this one is late.
void Work::put_late(TaskState const& state, std::string const& words, job::Id cause) {
    for (auto const& task : state.task->on_late)
        (void)fire({.job = {.task = task,
                            .payload = details({{"late_task", state.task->name}, {"words", words}}),
                            .source = "on_late of " + state.task->name},
                    .cause = cause,
                    .by_clock = true,
                    .trigger = fmt::format("trigger/{}#on_late", task)});
}

/// Something happened to a task or folder that somebody may have waited for.
void Work::expected_happened(std::string_view subject, expect::Happening const& happening) {
    bool any = false;
    for (auto& expectation : expectations_) {
        if (expectation.subject != subject) continue;
        step_expectation(expectation, happening);
        any = true;
    }
    if (any) set_expect_timer();
}

void Work::expectations_due() {
    auto now = hands_.clock.wall();
    for (auto& expectation : expectations_)
        if (expectation.look_at && *expectation.look_at <= now)
            step_expectation(expectation, {.kind = expect::Happening::Kind::look, .at = now});
    hear_again();
    set_expect_timer();
}

void Work::set_expect_timer() {
    std::optional<WallTime> earliest;
    for (auto const& expectation : expectations_)
        if (expectation.look_at && (!earliest || *expectation.look_at < *earliest))
            earliest = expectation.look_at;
    std::optional<Instant> at;
    if (earliest && loaded_) at = instant_of(*earliest);
    for (auto const& one : unheard_)
        if (!at || one.until < *at) at = one.until;
    deadlines_.set(static_cast<std::uint64_t>(Timer::expect), at);
}

/// Nothing is late while its task is held.
void Work::pause_expectations(bool is_held) {
    for (auto& expectation : expectations_) {
        auto const* state =
            expectation.subject.starts_with("task/") ? find(expectation.name) : nullptr;
        if (state == nullptr || expectation.state.is_watching != is_held) continue;
        if (is_held && !this->is_held(*state->task)) continue;
        step_expectation(expectation, {.kind = is_held ? expect::Happening::Kind::ceased
                                                       : expect::Happening::Kind::began,
                                       .at = hands_.clock.wall()});
    }
    set_expect_timer();
}

// ---- what is usual

void Work::judge_usual(TaskState& state, ports::RunRow const& row, job::Outcome outcome,
                       EndCommit& commit) {
    // Of a line's run only its time is known, and there may be thousands a second.
    bool is_judged = outcome == job::Outcome::ok && !row.log.empty() && row.node.empty();
    if (!is_judged) return;
    auto const& name = state.task->name;
    auto mark = "usual/" + name;
    auto [known, is_new] = histories_.try_emplace(name);
    if (is_new)
        if (auto kept = marks_.find(mark); kept != marks_.end())
            known->second = usual::read(kept->second);
    usual::Run run{row.wall, row.cpu, row.peak_memory_bytes};
    auto words = usual::judge(known->second, run, state.task->slow_percent);
    if (!words.empty())
        commit.writes.push_back(ports::PutEvent{journal_.event(
            {.kind = "run.slow",
             .subject = fmt::format("run/{}", row.run),
             .cause = commit.event,
             .words = fmt::format("run {} ({}) {}", row.run, name, words),
             .data = details({{"task", name}}, {{"run", static_cast<std::int64_t>(row.run)}})})});
    usual::note(known->second, run);
    // What a thousand jobs a second took is as usual as what some of them took.
    if (!is_new && now_ < state.usual_told + usual_told_every) return;
    state.usual_told = now_;
    commit.writes.push_back(ports::SetMark{mark, usual::write(known->second)});
}

Duration Work::usual_of(std::string const& task) const {
    auto known = histories_.find(task);
    if (known != histories_.end()) return usual::usual(known->second).wall;
    auto kept = marks_.find("usual/" + task);
    return kept == marks_.end() ? Duration(0) : usual::usual(usual::read(kept->second)).wall;
}

// ---- a cause that all of a task's jobs share

std::vector<ports::Write> Work::step_circuit(TaskState& state,
                                             circuit::Happening const& happening) {
    if (state.task->circuit <= 0) return {};
    circuit::Policy policy{.after = state.task->circuit};
    auto before = state.circuit;
    auto step = circuit::step(policy, std::move(state.circuit), happening);
    state.circuit = std::move(step.circuit);
    auto const& name = state.task->name;
    deadlines_.set(timer_of(name, Timer::circuit), step.look_at);
    std::vector<ports::Write> writes;
    if (state.circuit == circuit::Circuit{} && before != state.circuit)
        writes.push_back(ports::DropMark{"circuit/" + name});
    else if (before != state.circuit)
        writes.push_back(ports::SetMark{
            "circuit/" + name,
            circuit::write(state.circuit, hands_.clock.wall() + (state.circuit.until - now_))});
    if (step.told.empty()) return writes;
    show_circuit(state, step.look_at);
    bool is_open = state.circuit.state != circuit::State::closed;
    auto words = fmt::format("task '{}': {}", name, step.told);
    hands_.log.warning(words);
    (void)journal_.note({.kind = is_open ? "circuit.open" : "circuit.closed",
                         .subject = "task/" + name,
                         .cause = journal_.last_of("task/" + name),
                         .words = words});
    return writes;
}

/// The queue and the clock follow it.
void Work::show_circuit(TaskState const& state, std::optional<Instant> look_at) {
    auto const& name = state.task->name;
    deadlines_.set(timer_of(name, Timer::circuit), look_at);
    circuit::show(state.circuit, name, queue_);
    look_at_starts_ = true;
}

/// As a predecessor left it. A pause that is over meanwhile becomes a trial at the first look.
void Work::load_circuit(TaskState& state, std::string const& kept) {
    auto read = circuit::read(kept);
    if (!read || state.task->circuit <= 0) return;
    state.circuit = std::move(read->first);
    std::optional<Instant> look_at;
    if (state.circuit.state == circuit::State::open) {
        // A clock that was set back makes no pause longer than it can be.
        auto left = std::min(read->second - hands_.clock.wall(), circuit::Policy{}.most);
        state.circuit.until = now_ + std::max(left, Duration(0));
        look_at = state.circuit.until;
    }
    show_circuit(state, look_at);
}

/// What started lately still counts against `rate` and `retry_budget`. An attempt that was broken
/// off counts as if the one before it had failed: rather too few retries than too many.
void Work::load_starts() {
    Duration longest{0};
    for (auto const& [name, state] : tasks_) {
        auto const& rules = state.task->rules;
        for (auto const& rate : {rules.rate, rules.retry.budget})
            if (rate.count > 0) longest = std::max(longest, rate.span);
    }
    if (longest == Duration(0)) return;
    ports::RunsAsked asked{
        .kind = "job", .since = hands_.clock.wall() - longest, .limit = limits::store_rows};
    is_counting_starts_ = true;
    hands_.store.read(asked, [this](Result<ports::Found> found) {
        now_ = hands_.clock.now();
        is_counting_starts_ = false;
        look_at_starts_ = true;
        if (!found) return hands_.log.error("database: " + found.error().what);
        std::ranges::sort(found->runs, {}, &ports::RunRow::started);
        for (auto const& run : found->runs) {
            if (find(run.subject) == nullptr) continue;
            auto at = std::min(instant_of(run.started), now_);
            if (run.attempt > 1)
                queue_.note_retried(run.subject, at);
            else
                queue_.note_started(run.subject, at);
        }
    });
}

void Work::circuit_due(std::uint64_t number) {
    for (auto& [name, state] : tasks_) {
        if (state.task == nullptr || state.number != number) continue;
        auto writes = step_circuit(state, {.kind = circuit::Happening::Kind::look, .at = now_});
        if (!writes.empty()) commit_must(std::move(writes));
        return;
    }
}

void Work::note_outcome(TaskState& state, job::Job const& job, job::Outcome outcome, bool counted,
                        EndCommit& commit) {
    using Kind = circuit::Happening::Kind;
    if (outcome != job::Outcome::ok && !counted) return;
    auto kind = outcome == job::Outcome::ok ? Kind::succeeded : Kind::failed;
    auto writes = step_circuit(state, {.kind = kind, .at = now_, .job = job.id, .why = job.why});
    std::ranges::move(writes, std::back_inserter(commit.writes));
}

}  // namespace lares::daemon
