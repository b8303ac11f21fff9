// daemon/machine.cc: one process's machine: feeding it, and carrying out what it asks.

#include <fmt/core.h>

#include "base/overloaded.h"
#include "base/signals.h"
#include "daemon/daemon.h"
#include "daemon/plans.h"
#include "daemon/waiting.h"
#include "text/quantity.h"

namespace lares::daemon {

using supervise::Hook;
using supervise::State;

void Daemon::feed(Unit& unit, supervise::Event const& event) {
    auto const* policy = &unit.program->policy;
    supervise::Policy at_the_end;
    if (phase_ != Phase::running) {  // nothing starts again by itself
        if (std::holds_alternative<supervise::RestartAsked>(event)) return;
        at_the_end = *policy;
        at_the_end.restart = supervise::Restart::never;
        policy = &at_the_end;
    }
    auto [next, actions] =
        supervise::step(unit.process, *policy, event, now_, static_cast<unsigned>(random_()));
    unit.process = std::move(next);
    members_[static_cast<std::size_t>(unit.index)].state = unit.process.state;
    set_timer(unit, Timer::process, unit.process.deadline);
    touch(unit);
    for (auto const& action : actions) perform(unit, action);
}

void Daemon::perform(Unit& unit, supervise::Action const& action) {
    std::visit(Overloaded{
                   [&](supervise::Spawn) { launch(unit); },
                   [&](supervise::Signal const& a) { send_signal(unit, a); },
                   [&](supervise::RunHook const& a) { run_hook(unit, a.hook); },
                   [&](supervise::CancelHook const& a) { end_hook(unit, a.hook); },
                   [&](supervise::Announce const& a) { announce(unit, a); },
               },
               action);
}

// The words are supervisord's (spec §3.7): scripts match on them.
void Daemon::announce(Unit& unit, supervise::Announce const& change) {
    auto const& name = unit.settings.name;
    std::string how = unit.last_signal != 0 ? "terminated by " + signal_name(unit.last_signal)
                                            : fmt::format("exit status {}", unit.exit_status);
    unit.why = change.why;
    journal_state(unit, change);
    switch (change.to) {
    case State::starting:
        unit.spawn_error.clear();
        unit.spawn_failure.reset();
        unit.has_exited = false;
        break;
    case State::running:
        log_.info(fmt::format(
            "success: {} entered RUNNING state, process has stayed up for > than {:g} seconds "
            "(startsecs)",
            name, static_cast<double>(unit.program->policy.startsecs.count()) / 1000.0));
        break;
    case State::backoff:
    case State::fatal:
        if (unit.has_exited && unit.spawn_error.empty() && change.from == State::starting) {
            log_.warning(fmt::format("exited: {} ({}; not expected)", name, how));
            unit.spawn_error = "Exited too quickly (process log may have details)";
            unit.exit_status = 0;
        }
        if (change.to == State::fatal)
            log_.info(fmt::format(
                "gave up: {} entered FATAL state, too many start retries too quickly", name));
        break;
    case State::exited:
        log_.write(change.expected ? Level::info : Level::warning,
                   fmt::format("exited: {} ({}; {})", name, how,
                               change.expected ? "expected" : "not expected"));
        if (!change.expected) unit.spawn_error = fmt::format("Bad exit code {}", unit.exit_status);
        break;
    case State::stopped:
        if (change.from == State::stopping)
            log_.write(change.expected ? Level::info : Level::warning,
                       fmt::format("stopped: {} ({})", name, how));
        break;
    case State::stopping:
        break;
    }
    emit_change(unit, change);
    after_state_change(unit, change);
}

void Daemon::after_state_change(Unit& unit, supervise::Announce const& change) {
    // Announced late, of what has ended already, it has nobody to be asked.
    if (change.to == State::running && unit.run) begin_liveness(unit);
    if (change.to == State::stopping) end_health(unit);
    // A start that was asked for counts anew.
    bool by_itself = (change.from == State::backoff && unit.process.failures > 0) ||
                     (change.from == State::exited && unit.process.exits > 0);
    if (change.to == State::starting && by_itself) unit.restarts += 1;
    if (change.to == State::exited && !unit.process.deadline) {
        apply_end_policy(unit, unit.program->on_exit, "exited");
    } else if (change.to == State::fatal) {
        apply_end_policy(unit, unit.program->on_fatal, "is FATAL");
    }
    wishes_pending_ = true;  // someone may have waited for this
    look_at_waiters_ = true;
    answer_waiters(unit, change.to);
    if (unit.process.state == State::backoff && phase_ != Phase::running)
        feed(unit, supervise::StopAsked{"the daemon is stopping"});
}

void Daemon::apply_end_policy(Unit& unit, config::EndPolicy const& policy, std::string_view what) {
    if (policy.what != config::OnEnd::shutdown || phase_ != Phase::running) return;
    // An EXITED that goes on to STARTING in the same step is no end.
    if (unit.process.state != State::exited && unit.process.state != State::fatal) return;
    int own_code = unit.last_signal != 0 ? 128 + unit.last_signal : unit.exit_status;
    int code = policy.code.value_or(own_code);
    log_.warning(
        fmt::format("shutting down with exit status {}: '{}' {}", code, unit.shown_name(), what));
    begin_end(/*restart=*/false, code);
}

void Daemon::launch(Unit& unit) {
    if (unit.successor) take_successor(unit);  // it was started before it was told to go
    unit.status.clear();
    unit.last_pid = 0;
    pools_.spawned(unit.key, now_);  // now: its READY may be told of before its Spawned
    auto run = next_run({&unit, Role::main});
    unit.run = run;
    with_files(unit, run, [this, run](Unit& owner, text::Variables const& from_files) {
        launch_with(owner, run, from_files);
    });
}

// Environment files are read for each run, on the worker: a slow disk must not hold the loop.
void Daemon::with_files(Unit& unit, ports::RunId run, FilesRead go_on) {
    auto const& files = unit.settings.environment_files;
    if (files.empty()) return go_on(unit, {});
    auto& reading = *readings_
                         .emplace(static_cast<std::uint64_t>(run),
                                  std::make_unique<Reading>(Reading{files, text::Variables{}}))
                         .first->second;
    doors_.worker.run(
        [&reading, &world = doors_.world] {
            reading.found = read_environment_files(world, reading.files);
        },
        [this, run, go_on = std::move(go_on)] { after_reading(run, go_on); });
}

void Daemon::after_reading(ports::RunId run, FilesRead const& go_on) {
    auto reading = readings_.extract(static_cast<std::uint64_t>(run));
    auto owner = runs_.find(static_cast<std::uint64_t>(run));
    if (owner == runs_.end()) {  // given up meanwhile, and never made
        given_up_.erase(static_cast<std::uint64_t>(run));
        return;
    }
    auto& variables = reading.mapped()->found;
    bool too_late = owner->second.role == Role::main && phase_ != Phase::running;
    if (too_late)
        return push(
            ports::SpawnFailed{run, {ports::SpawnFailure::Kind::setup, "the daemon is stopping"}});
    if (variables) return go_on(*owner->second.unit, *variables);
    push(ports::SpawnFailed{run, {ports::SpawnFailure::Kind::setup, variables.error().what}});
}

void Daemon::launch_with(Unit& unit, ports::RunId run, text::Variables const& from_files) {
    if (unit.settings.argv.empty()) {
        auto words =
            unit.settings.command_error.empty() ? "command is empty" : unit.settings.command_error;
        return push(ports::SpawnFailed{run, {ports::SpawnFailure::Kind::not_executable, words}});
    }
    auto request = child_request(context_of(unit, from_files), unit.settings.argv);
    if (unit.out != ports::ChannelId{}) request.out = unit.out;
    if (unit.err != ports::ChannelId{}) request.err = unit.err;
    request.err_to_out = unit.program->redirect_stderr;
    request_notify(unit.settings, request);
    if (has_cgroups_) request.cgroup = cgroup_limits(*unit.program, unit.full_name());
    if (auto handed = hand_sockets(unit, request); !handed)
        return push(
            ports::SpawnFailed{run, {ports::SpawnFailure::Kind::setup, handed.error().what}});
    // With all that this turn has changed: what it needs and is RUNNING by now is noted before it.
    touch(unit);
    note_touched();
    doors_.processes.spawn(run, std::move(request));
}

ChildContext Daemon::context_of(Unit const& unit, text::Variables const& from_files) const {
    return {*settings_, *unit.program, unit.settings, doors_.world.environment,
            from_files, server_url_};
}

void Daemon::send_signal(Unit& unit, supervise::Signal const& signal) {
    if (!unit.run) return;
    auto const& program = *unit.program;
    bool as_group = signal.last_rung ? program.killasgroup : program.stopasgroup;
    auto target = as_group ? ports::Target::group : ports::Target::process;
    if (signal.last_rung && has_cgroups_ && program.cgroup.wanted())
        target = ports::Target::everything;
    if (signal.last_rung)
        log_.warning(fmt::format("killing '{}' ({}) with {}", unit.settings.name, unit.process.pid,
                                 signal_name(signal.number)));
    else
        log_.debug(fmt::format("killing {} (pid {}) with signal {}", unit.settings.name,
                               unit.process.pid, signal_name(signal.number)));
    unit.unsent = signal;
    note(unit);
    auto sent = doors_.processes.signal(*unit.run, signal.number, target);
    unit.unsent.reset();
    touch(unit);
    if (!sent && sent.error().kind != Error::Kind::not_found)
        log_.error(fmt::format("cannot send {} to '{}' ({}): {}", signal_name(signal.number),
                               unit.shown_name(), unit.process.pid, sent.error().what));
}

config::HookCommand const& Daemon::hook_command(Unit const& unit, Hook hook) const {
    switch (hook) {
    case Hook::pre_start:
        return unit.settings.pre_start;
    case Hook::post_start:
        return unit.settings.post_start;
    case Hook::pre_stop:
        return unit.settings.pre_stop;
    case Hook::post_stop:
        return unit.settings.post_stop;
    }
    return unit.settings.pre_start;
}

// A hook sees what the program sees, and why it runs; its output goes to the program's logs.
void Daemon::run_hook(Unit& unit, Hook hook) {
    auto& side = unit.hooks[static_cast<std::size_t>(hook)];
    auto const& command = hook_command(unit, hook);
    auto run = next_run({&unit, Role::hook, hook});
    side = {.run = run, .deadline = now_ + command.time_limit};
    touch(unit);
    auto timer = static_cast<Timer>(static_cast<std::uint64_t>(Timer::hook) +
                                    static_cast<std::uint64_t>(hook));
    set_timer(unit, timer, side.deadline);
    with_files(unit, run, [this, run, hook](Unit& owner, text::Variables const& from_files) {
        spawn_hook(owner, run, hook, from_files);
    });
}

void Daemon::spawn_hook(Unit& unit, ports::RunId run, Hook hook,
                        text::Variables const& from_files) {
    auto request = child_request(context_of(unit, from_files), hook_command(unit, hook).argv);
    request.environment.push_back("LARES_HOOK=" + std::string(hook_name(hook)));
    request.environment.push_back("LARES_PID=" + std::to_string(unit.process.pid));
    request.environment.push_back("LARES_EXIT_STATUS=" + std::to_string(unit.exit_status));
    if (unit.out != ports::ChannelId{}) request.out = unit.out;
    if (unit.err != ports::ChannelId{}) request.err = unit.err;
    request.err_to_out = unit.program->redirect_stderr;
    request.stdin_pipe = false;
    note(unit);
    doors_.processes.spawn(run, std::move(request));
}

void Daemon::end_hook(Unit& unit, Hook hook) {
    auto& side = unit.hooks[static_cast<std::size_t>(hook)];
    side.given_up = true;
    note(unit);
    if (side.run && readings_.contains(static_cast<std::uint64_t>(*side.run)))
        return push(ports::SpawnFailed{
            *side.run, {ports::SpawnFailure::Kind::setup, "ended before it had begun"}});
    if (side.run) (void)doors_.processes.signal(*side.run, 9, ports::Target::group);
}

void Daemon::on_hook_exit(Unit& unit, Hook hook, bool ok, std::string why) {
    auto& side = unit.hooks[static_cast<std::size_t>(hook)];
    if (side.timed_out)
        why = fmt::format("took longer than {}",
                          text::print_duration(hook_command(unit, hook).time_limit));
    bool well = ok && !side.timed_out;
    side = {};
    auto timer = static_cast<Timer>(static_cast<std::uint64_t>(Timer::hook) +
                                    static_cast<std::uint64_t>(hook));
    set_timer(unit, timer, std::nullopt);
    if (!well)
        log_.warning(fmt::format("{} of '{}' failed: {}", hook_name(hook), unit.shown_name(), why));
    if (!well && hook == Hook::pre_start && unit.process.state == State::starting)
        unit.spawn_error = "pre_start " + why;
    feed(unit, supervise::HookDone{hook, well, std::move(why)});
}

void Daemon::answer_waiters(Unit& unit, State state) {
    if (unit.waiters.empty()) return;
    std::erase_if(unit.waiters, [&](Waiter& waiter) {
        auto outcome =
            judge(waiter.what, state, unit.process, unit.spawn_failure, unit.spawn_error);
        if (outcome) answers_.emplace_back(std::move(waiter.answer), std::move(*outcome));
        return outcome.has_value();
    });
}

void Daemon::drop_forgotten() {
    auto gone = std::exchange(forgotten_, {});
    for (auto& unit : units_)
        std::erase_if(unit->waiters,
                      [&](Waiter const& waiter) { return gone.contains(waiter.id); });
}

// Level, not edge: whatever called off what somebody waits for, he is told.
void Daemon::answer_left_waiting() {
    for (auto& unit : units_) {
        if (unit->waiters.empty()) continue;
        if (entries_[static_cast<std::size_t>(unit->index)].wish != wishes::Wish::none) continue;
        std::erase_if(unit->waiters, [&](Waiter& waiter) {
            auto outcome = judge_unwished(waiter.what, unit->process);
            if (outcome) answers_.emplace_back(std::move(waiter.answer), std::move(*outcome));
            return outcome.has_value();
        });
    }
}

// Only between the machines' steps: an answer may ask for the next thing.
bool Daemon::deliver_answers() {
    auto answers = std::exchange(answers_, {});
    for (auto& [answer, outcome] : answers) answer(std::move(outcome));
    return !answers.empty();
}

}  // namespace lares::daemon
