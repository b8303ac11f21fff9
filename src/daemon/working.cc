// daemon/working.cc: the daemon's side of tasks and jobs: what work asks of it, and what programs
// do, told to the journal.

#include <fmt/core.h>

#include <algorithm>

#include "base/signals.h"
#include "daemon/daemon.h"

namespace lares::daemon {

WorkHands Daemon::work_hands() {
    return {
        .clock = doors_.clock,
        .processes = doors_.processes,
        .logs = doors_.logs,
        .memory = doors_.memory,
        .folders = doors_.folders,
        .worker = doors_.worker,
        .store = doors_.store,
        .zones = doors_.zones,
        .intake = doors_.intake,
        .world = doors_.world,
        .log = log_,
        .next_run = [this] { return next_run_id(); },
        .raise_runs =
            [this](std::uint64_t run) {
                if (run < last_run_) return;
                last_run_ = noted_run_ = run;
                note_daemon();
            },
        .next_channel = [this] { return next_channel(); },
        .next_watch = [this] { return ports::WatchId{++last_watch_}; },
        .next_wait = [this] { return ++last_wait_; },
        .missing_program = [this](std::string_view name) { return missing_program(name); },
        .server_url = [this] { return server_url_; },
        .revision = [this] { return applied_.revision; },
        .sha256 = doors_.sha256_of_bytes,
        .write_file = doors_.write_file,
        .remove_file = doors_.remove_file,
        .read_tail = doors_.read_tail,
        .program_of = [this](std::string_view name) { return program_of(name); },
        .log_of = [this](std::string_view name) { return log_of(name); },
        .processes_of = [this](std::string_view name) { return processes_of(name); },
        .tell_unnoted = [this] { tell_unnoted(0); },
        .host = doors_.host,
        .boot_id = doors_.boot_id,
        .deliver_program = doors_.deliver_program,
        .no_deliver_program = doors_.no_deliver_program,
        .random = doors_.salt,
        .seed = doors_.seed,
        .seen =
            [this](ports::EventRow const& row) {
                if (face_) face_->event_seen(row);
            },
    };
}

/// What of a program or group is not RUNNING; a program that is not there is missing, too.
std::string Daemon::missing_program(std::string_view name) const {
    bool is_known = false;
    std::string missing;
    for (auto const& unit : units_) {
        bool is_meant = unit->program->name == name || unit->settings.group == name ||
                        unit->full_name() == name || unit->settings.name == name;
        if (!is_meant) continue;
        is_known = true;
        if (unit->process.state == supervise::State::running) continue;
        missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", unit->shown_name(),
                               supervise::name(unit->process.state));
    }
    if (!is_known) return fmt::format("{} (not configured)", name);
    return missing;
}

std::vector<std::string> Daemon::processes_of(std::string_view name) const {
    std::vector<std::string> names;
    for (auto const& unit : units_)
        if (unit->program->name == name || unit->settings.group == name)
            names.push_back(unit->full_name());
    return names;
}

std::string Daemon::program_of(std::string_view full_name) const {
    for (auto const& unit : units_)
        if (unit->full_name() == full_name) return unit->program->name;
    return "";
}

/// Standard error, where a program says what is wrong; else standard output.
std::string Daemon::log_of(std::string_view full_name) const {
    for (auto const& unit : units_) {
        if (unit->full_name() != full_name) continue;
        for (auto const* path : {&unit->err_path, &unit->out_path})
            if (path->starts_with('/')) return *path;
    }
    return "";
}

namespace {

ExpectedProgram expected(Unit const& unit, supervise::State state) {
    bool const is_heard = unit.out != ports::ChannelId{} || unit.err != ports::ChannelId{};
    return {.name = unit.full_name(),
            .shown = unit.shown_name(),
            .expects = &unit.program->expects,
            .is_up = state == supervise::State::running && is_heard && !unit.is_orphan,
            .channels = {unit.out, unit.err}};
}

}  // namespace

/// As they are configured and run now; of those that come and go journal_state() tells.
void Daemon::expect_of_programs() {
    std::vector<ExpectedProgram> programs;
    for (auto const& unit : units_)
        if (!unit->program->expects.empty())
            programs.push_back(expected(*unit, unit->process.state));
    work_.expect_of_programs(programs);
}

void Daemon::journal_state(Unit const& unit, supervise::Announce const& change) {
    work_.programs_changed();
    if (face_) face_->programs_changed();
    auto subject = "program/" + unit.full_name();
    auto words =
        fmt::format("{}: {} to {}{}{}", unit.shown_name(), supervise::name(change.from),
                    supervise::name(change.to), change.why.empty() ? "" : ": ", change.why);
    (void)work_.journal().note_program(
        {.kind = "program.state",
         .subject = subject,
         .words = words,
         .data =
             details({{"from", supervise::name(change.from)}, {"to", supervise::name(change.to)}},
                     {{"pid", unit.process.pid}, {"expected", change.expected ? 1 : 0}})});
    work_.event_happened(fmt::format("PROCESS_STATE_{}", supervise::name(change.to)),
                         unit.full_name(), words);
    if (!unit.program->expects.empty()) work_.program_is(expected(unit, change.to));
}

namespace {

/// Processes asked after in one reading.
constexpr std::size_t asked_at_once = 500;

/// The states in which a process stays: what led there is told by nothing that comes later.
bool is_lasting(supervise::State state) {
    return state == supervise::State::running || state == supervise::State::exited ||
           state == supervise::State::fatal;
}

supervise::State before(supervise::State state) {
    if (state == supervise::State::running) return supervise::State::starting;
    return state == supervise::State::fatal ? supervise::State::backoff : supervise::State::running;
}

bool is_expected_end(Unit const& unit) {
    auto const& codes = unit.program->policy.exit_codes;
    return unit.last_signal == 0 && std::ranges::find(codes, unit.exit_status) != codes.end();
}

}  // namespace

/// A daemon that died within milliseconds of a change took the event along, not the state: the next
/// one tells of it. Otherwise nobody would hear of what is FATAL, nor that it is well again.
void Daemon::tell_unnoted(std::size_t from) {
    auto is_meant = [this](Unit const& unit) {
        return is_lasting(unit.process.state) &&
               work_.journal().last_of("program/" + unit.full_name()) == 0;
    };
    std::vector<ports::Question> questions;
    std::size_t at = from;
    for (; at < units_.size() && questions.size() < asked_at_once; ++at)
        if (is_meant(*units_[at]))
            questions.emplace_back(
                ports::EventsAsked{.subject = "program/" + units_[at]->full_name(),
                                   .kind_prefix = "program.state",
                                   .limit = 1});
    if (questions.empty()) return;
    doors_.store.read_all(
        std::move(questions), [this, is_meant, from, at](Result<ports::Found> found) {
            if (!found) return log_.error("journal: " + found.error().what);
            std::map<std::string, std::string> last;
            for (auto& event : found->events) last[event.subject] = std::move(event.words);
            for (std::size_t i = from; i < at && i < units_.size(); ++i) {
                Unit& unit = *units_[i];
                auto known = last.find("program/" + unit.full_name());
                if (known == last.end() || !is_meant(unit)) continue;
                auto end = fmt::format(" to {}", supervise::name(unit.process.state));
                if (known->second.find(end) != std::string::npos) continue;
                journal_state(unit, {.from = before(unit.process.state),
                                     .to = unit.process.state,
                                     .why = "before the daemon was started again; " + unit.why,
                                     .expected = is_expected_end(unit)});
            }
            tell_unnoted(at);
        });
}

}  // namespace lares::daemon
