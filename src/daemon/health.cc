// daemon/health.cc: asking programs whether they are ready and well, by probe or by their own word.

#include <fmt/core.h>

#include <memory>

#include "base/overloaded.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "daemon/plans.h"
#include "text/quantity.h"

namespace lares::daemon {

using Kind = config::Probe::Kind;

namespace {

bool is_asked(Kind kind) { return kind == Kind::http || kind == Kind::tcp || kind == Kind::exec; }

}  // namespace

void Daemon::begin_readiness(Unit& unit) {
    auto const& probe = unit.settings.ready;
    if (probe.kind == Kind::after) set_timer(unit, Timer::ready, now_ + probe.after);
    if (is_asked(probe.kind)) feed_health(unit, Which::ready, health::Begin{});
}

void Daemon::begin_liveness(Unit& unit) {
    auto const& probe = unit.settings.alive;
    if (is_asked(probe.kind)) feed_health(unit, Which::alive, health::Begin{});
    if (probe.kind == Kind::notify)
        set_timer(unit, Timer::alive, now_ + unit.program->alive_plan.every);
    watch_memory(unit);
}

void Daemon::end_health(Unit& unit) {
    feed_health(unit, Which::ready, health::End{});
    feed_health(unit, Which::alive, health::End{});
    set_timer(unit, Timer::ready, std::nullopt);
    set_timer(unit, Timer::alive, std::nullopt);
    set_timer(unit, Timer::memory, std::nullopt);
}

// ---- memory, as memmon looks at it: only while it is configured

void Daemon::watch_memory(Unit& unit) {
    auto const& watch = unit.program->memory_watch;
    bool is_watched = watch.most > 0 && doors_.memory_of_tree;
    set_timer(unit, Timer::memory, is_watched ? std::optional(now_ + watch.every) : std::nullopt);
}

/// /proc is read on the worker: a tree of thousands takes its time.
void Daemon::on_memory_timer(Unit& unit) {
    if (!unit.run || unit.process.state != supervise::State::running) return;
    watch_memory(unit);
    auto bytes = std::make_shared<std::int64_t>(0);
    doors_.worker.run(
        [bytes, pid = unit.process.pid, read = doors_.memory_of_tree] {
            if (auto found = read(pid)) *bytes = *found;
        },
        [this, bytes, key = unit.key, run = *unit.run] {
            now_ = doors_.clock.now();
            judge_memory(key, run, *bytes);
        });
}

void Daemon::judge_memory(std::uint64_t key, ports::RunId run, std::int64_t bytes) {
    auto found = unit_of_key_.find(key);
    if (found == unit_of_key_.end()) return;
    Unit& unit = *found->second;
    auto most = unit.program->memory_watch.most;
    bool is_it = unit.run == run && unit.process.state == supervise::State::running;
    if (!is_it || phase_ != Phase::running || most == 0 || bytes <= most) return;
    auto why = fmt::format("it uses {} MB of memory, more than the {} MB of memory_max",
                           bytes >> 20, most >> 20);
    log_.warning(fmt::format("restarting '{}': {}", unit.shown_name(), why));
    (void)work_.journal().note_program(
        {.kind = "program.memory",
         .subject = "program/" + unit.full_name(),
         .words = fmt::format("{}: {}; it is restarted", unit.shown_name(), why),
         .data = details({}, {{"bytes", bytes}})});
    feed(unit, supervise::RestartAsked{why, true});
}

void Daemon::on_alive_timer(Unit& unit) {
    if (unit.settings.alive.kind != Kind::notify)
        return feed_health(unit, Which::alive, health::DeadlinePassed{});
    auto why =
        fmt::format("no WATCHDOG=1 for {}", text::print_duration(unit.program->alive_plan.every));
    log_.warning(fmt::format("restarting '{}': {}", unit.shown_name(), why));
    (void)work_.journal().note_program(
        {.kind = "program.unhealthy",
         .subject = "program/" + unit.full_name(),
         .words = fmt::format("{}: {}; it is restarted", unit.shown_name(), why)});
    feed(unit, supervise::RestartAsked{why, true});
}

void Daemon::feed_health(Unit& unit, Which which, health::Event const& event) {
    auto& asked = asking(unit, which);
    auto const& plan = which == Which::ready ? unit.program->ready_plan : unit.program->alive_plan;
    auto [next, actions] = health::step(asked.watch, plan, event, now_);
    asked.watch = std::move(next);
    set_timer(unit, which == Which::ready ? Timer::ready : Timer::alive, asked.watch.deadline);
    for (auto const& action : actions) perform(unit, which, action);
}

void Daemon::perform(Unit& unit, Which which, health::Action const& action) {
    std::visit(
        Overloaded{
            [&](health::Ask) { ask(unit, which); },
            [&](health::Abandon) { abandon(unit, which); },
            [&](health::Ready) { feed(unit, supervise::ReadySeen{}); },
            [&](health::Ill const& ill) {
                log_.warning(fmt::format("restarting '{}': {}", unit.shown_name(), ill.why));
                (void)work_.journal().note_program(
                    {.kind = "program.unhealthy",
                     .subject = "program/" + unit.full_name(),
                     .words = fmt::format("{}: {}; it is restarted", unit.shown_name(), ill.why)});
                feed(unit, supervise::RestartAsked{ill.why, true});
            },
        },
        action);
}

void Daemon::ask(Unit& unit, Which which) {
    auto& asked = asking(unit, which);
    auto const& probe = which == Which::ready ? unit.settings.ready : unit.settings.alive;
    auto const& plan = which == Which::ready ? unit.program->ready_plan : unit.program->alive_plan;
    if (probe.kind == Kind::exec) {
        auto run = next_run({&unit, Role::probe, {}, which});
        asked.exec.run = run;
        auto const& argv = probe.argv;
        return with_files(
            unit, run, [this, run, &argv](Unit& owner, text::Variables const& from_files) {
                auto request = child_request(context_of(owner, from_files), argv);
                request.environment.push_back("LARES_PID=" + std::to_string(owner.process.pid));
                request.stdin_pipe = false;
                doors_.processes.spawn(run, std::move(request));
            });
    }
    ports::ProbeId id{++last_probe_};
    asked.probe = id;
    probes_.emplace(last_probe_, std::pair(&unit, which));
    auto kind =
        probe.kind == Kind::http ? ports::ProbeRequest::Kind::http : ports::ProbeRequest::Kind::tcp;
    doors_.probes.probe(id, {kind, probe.target, plan.timeout});
}

void Daemon::abandon(Unit& unit, Which which) {
    auto& asked = asking(unit, which);
    if (asked.exec.run) {
        give_up(*asked.exec.run);
        asked.exec.run.reset();
    }
    if (asked.probe) {
        doors_.probes.cancel(*asked.probe);
        probes_.erase(static_cast<std::uint64_t>(*asked.probe));
        asked.probe.reset();
    }
}

void Daemon::on_probe_done(ports::ProbeDone const& event) {
    auto found = probes_.find(static_cast<std::uint64_t>(event.probe));
    if (found == probes_.end()) return;
    auto [unit, which] = found->second;
    probes_.erase(found);
    asking(*unit, which).probe.reset();
    feed_health(*unit, which, health::Answer{event.ok, event.why});
}

void Daemon::on_health_exit(Unit& unit, Which which, ports::RunId run, bool ok, std::string why) {
    auto& asked = asking(unit, which);
    if (asked.exec.run != run) return;  // abandoned, perhaps followed by another
    asked.exec.run.reset();
    feed_health(unit, which, health::Answer{ok, std::move(why)});
}

}  // namespace lares::daemon
