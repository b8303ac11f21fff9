// daemon/daemon.cc: one turn of the loop: every event to whom it concerns, then what follows.

#include "daemon/daemon.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/overloaded.h"
#include "base/signals.h"
#include "daemon/clock_words.h"

namespace lares::daemon {

Daemon::Daemon(Doors doors, std::unique_ptr<config::Settings> settings)
    : doors_(std::move(doors)),
      wire_(doors_.wire, [this] { note_touched(); }),
      settings_(std::move(settings)),
      log_(doors_.clock, doors_.logs),
      random_(doors_.seed),
      pools_(log_, pool_hands()),
      work_(work_hands()),
      sockets_(doors_.sockets) {
    applied_.overrides = doors_.applied.overrides;
}

Daemon::~Daemon() = default;

void Daemon::push(ports::Event event) { inbox_.push_back(std::move(event)); }

void Daemon::turn() {
    if (phase_ == Phase::ended) return;
    now_ = doors_.clock.now();
    auto happened = std::exchange(inbox_, {});
    for (auto& event : happened) handle(event);
    while (auto due = deadlines_.take_due(now_)) on_timer(*due);
    restart_listeners();
    answer_early();
    do {
        grant_wishes();
        settle();
        // An answer may bring the next call of a multicall, and settling may wish (a shutdown) or
        // take away what a wish waited for. Nothing else would wake us for those.
    } while (deliver_answers() || wished_);
    work_.turn(now_);
    if (face_) face_->end_turn(now_);
    end_turn_in_memory();
    deadlines_.set(static_cast<std::uint64_t>(Timer::work), work_.deadline());
    if (face_) deadlines_.set(static_cast<std::uint64_t>(Timer::live), face_->deadline());
    // An answer given in this turn may have pushed more; the loop calls again before it sleeps.
    deadlines_.set(static_cast<std::uint64_t>(Timer::pools), pools_.deadline());
    doors_.clock.wake_at(inbox_.empty() ? deadlines_.earliest() : std::optional(now_));
}

void Daemon::handle(ports::Event& event) {
    std::visit(Overloaded{
                   [&](ports::StoreChanged const& e) { work_.on(e); },
                   [&](ports::FolderSeen const& e) { work_.on(e); },
                   [&](ports::FolderTrouble const& e) { work_.on(e); },
                   [&](ports::Spawned const& e) { on_spawned(e); },
                   [&](ports::SpawnFailed const& e) { on_spawn_failed(e); },
                   [&](ports::Exited const& e) { on_exited(e); },
                   [&](ports::Notified const& e) { on_notified(e); },
                   [&](ports::ProbeDone const& e) { on_probe_done(e); },
                   [&](ports::LogTrouble const& e) { on_log_trouble(e); },
                   [&](ports::FilesChanged const& e) { on_files_changed(e); },
                   [&](ports::OutputSeen const& e) { on_output(e); },
                   [&](ports::OutputCaptured const& e) { on_captured(e); },
                   [&](ports::StdinDrained const& e) { work_.on(e); },
                   [&](ports::SignalReceived const& e) { on_signal(e.number); },
                   [&](ports::WallClockJumped const& e) {
                       log_.info(jump_in_words(e));
                       work_.on(e);
                       on_tick();
                   },
                   [&](ports::HttpRequested& e) { on_request(e); },
                   [&](ports::HttpRefused const& e) { face_->on(e); },
                   [&](ports::StreamDrained const& e) { face_->on(e); },
                   [&](ports::HttpClosed const& e) {
                       early_.closed(e.request);
                       face_->on(e);
                   },
               },
               event);
}

void Daemon::on_request(ports::HttpRequested& request) {
    if (work_.is_opening() && early_.hold(request)) return;
    face_->on(std::move(request));
}

void Daemon::answer_early() {
    if (!early_.any() || work_.is_opening()) return;
    for (auto& request : early_.take()) face_->on(std::move(request));
}

void Daemon::on_spawned(ports::Spawned const& event) {
    if (work_.owns(event.run)) return work_.on(event);
    auto owner = runs_.find(static_cast<std::uint64_t>(event.run));
    if (owner == runs_.end())  // given up while its fork was under way
        return (void)doors_.processes.signal(event.run, 9, ports::Target::group);
    Unit& unit = *owner->second.unit;
    if (owner->second.role == Role::hook) {
        auto& side = unit.hooks[static_cast<std::size_t>(owner->second.hook)];
        side.pid = event.pid;
        side.start_ticks = doors_.processes.start_ticks(event.run);
        touch(unit);
    }
    if (owner->second.role != Role::main) return end_if_unwanted(event.run, owner->second);
    unit.started = doors_.clock.wall();
    unit.last_pid = event.pid;
    unit.exit_status = 0;
    unit.last_signal = 0;
    unit.start_ticks = doors_.processes.start_ticks(event.run);
    log_.info(fmt::format("spawned: '{}' with pid {}", unit.settings.name, event.pid));
    tell_early_output(unit);
    begin_readiness(unit);
    feed(unit, supervise::Spawned{event.pid, event.at});
    answer_waiters(unit, unit.process.state);
}

// A hook that was given up while its fork was under way could not be killed then.
void Daemon::end_if_unwanted(ports::RunId run, RunOwner const& owner) {
    bool unwanted = owner.role == Role::hook
                        ? owner.unit->hooks[static_cast<std::size_t>(owner.hook)].given_up
                        : asking(*owner.unit, owner.which).exec.run != run;
    if (unwanted) (void)doors_.processes.signal(run, 9, ports::Target::group);
}

void Daemon::on_spawn_failed(ports::SpawnFailed const& event) {
    if (work_.owns(event.run)) return work_.on(event);
    given_up_.erase(static_cast<std::uint64_t>(event.run));
    auto found = runs_.find(static_cast<std::uint64_t>(event.run));
    if (found == runs_.end()) return;
    RunOwner owner = found->second;
    runs_.erase(found);
    Unit& unit = *owner.unit;
    if (owner.role == Role::hook) return on_hook_exit(unit, owner.hook, false, event.failure.words);
    if (owner.role == Role::probe)
        return on_health_exit(unit, owner.which, event.run, false, event.failure.words);
    tell_early_output(unit);
    unit.run.reset();
    pools_.ended(unit.key, now_);
    unit.spawn_error = event.failure.words;
    unit.spawn_failure = event.failure.kind;
    log_.info("spawnerr: " + event.failure.words);
    feed(unit, supervise::SpawnFailed{event.failure.words});
}

void Daemon::on_exited(ports::Exited const& event) {
    if (work_.owns(event.run)) return work_.on(event);
    if (!event.status_unknown) ended_.push_back(event.run);
    given_up_.erase(static_cast<std::uint64_t>(event.run));
    auto found = runs_.find(static_cast<std::uint64_t>(event.run));
    if (found == runs_.end()) return;
    RunOwner owner = found->second;
    runs_.erase(found);
    if (owner.role == Role::main) return on_main_exit(*owner.unit, event);
    bool ok = event.signal == 0 && event.code == 0;
    std::string why = event.signal != 0 ? "killed by " + signal_name(event.signal)
                                        : fmt::format("exited with {}", event.code);
    if (event.status_unknown) why = "ended, nobody saw how";
    if (owner.role == Role::hook) return on_hook_exit(*owner.unit, owner.hook, ok, why);
    on_health_exit(*owner.unit, owner.which, event.run, ok, why);
}

void Daemon::on_main_exit(Unit& unit, ports::Exited const& event) {
    unit.run.reset();
    unit.has_exited = true;
    unit.stopped = doors_.clock.wall();
    unit.exit_status = event.signal != 0 ? -1 : event.code;
    unit.last_signal = event.signal;
    unit.cpu += event.cpu;
    unit.peak_memory_bytes = std::max(unit.peak_memory_bytes, event.peak_memory_bytes);
    end_health(unit);
    flush_output(unit);
    pools_.ended(unit.key, now_);  // before feed(), which may start it again at once
    unit.unsent.reset();
    feed(unit, supervise::Exited{event.code, event.signal, event.core_dumped, event.at,
                                 event.status_unknown});
    unit.exits += 1;
    if (!unit.process.end_expected) unit.unexpected_exits += 1;
}

void Daemon::on_notified(ports::Notified const& event) {
    if (work_.owns(event.run)) return work_.on(event);
    auto owner = runs_.find(static_cast<std::uint64_t>(event.run));
    if (owner == runs_.end() || owner->second.role != Role::main) return;
    Unit& unit = *owner->second.unit;
    if (event.key == "STATUS") {
        unit.status = event.value;
        touch(unit);
    }
    if (event.key == "READY" && event.value == "1" &&
        unit.settings.ready.kind == config::Probe::Kind::notify)
        feed(unit, supervise::ReadySeen{});
    if (event.key == "WATCHDOG" && unit.settings.alive.kind == config::Probe::Kind::notify &&
        unit.process.state == supervise::State::running)
        set_timer(unit, Timer::alive, now_ + unit.program->alive_plan.every);
}

void Daemon::on_log_trouble(ports::LogTrouble const& event) {
    auto name = log_names_.find(static_cast<std::uint32_t>(event.channel));
    std::string whose = name == log_names_.end() ? "a log" : name->second;
    if (event.ok)
        return log_.warning(fmt::format("{}: {}; {} bytes were lost meanwhile", whose, event.words,
                                        event.lost_bytes));
    log_.error(fmt::format("{}: {}", whose, event.words));
}

void Daemon::on_files_changed(ports::FilesChanged const& event) {
    if (static_cast<std::uint32_t>(event.watch) == config_watch_)
        return look_for_drift(/*may_apply=*/true);
    if (is_of_faces(event) || work_.on(event)) return;
    auto watch = watches_.find(static_cast<std::uint32_t>(event.watch));
    if (watch == watches_.end() || phase_ != Phase::running) return;
    for (auto& unit : units_) {
        if (unit->program->name != watch->second || !supervise::is_up(unit->process.state))
            continue;
        log_.info(fmt::format("restarting '{}': '{}' changed", unit->shown_name(), event.path));
        feed(*unit, supervise::RestartAsked{fmt::format("'{}' changed", event.path), true});
    }
}

void Daemon::on_signal(int number) {
    std::string name = signal_name(number);
    if (name == "SIGTERM" || name == "SIGINT" || name == "SIGQUIT") {
        log_.warning(fmt::format("received {} indicating exit request", name));
        return begin_end(/*restart=*/false, std::nullopt);
    }
    if (name == "SIGHUP") {
        if (phase_ != Phase::running)
            return log_.warning("ignored SIGHUP indicating restart request (shutdown in progress)");
        log_.warning("received SIGHUP indicating restart request");
        return ask_restart([this](Result<> done) {
            bool busy = !done && done.error().kind == Error::Kind::conflict;
            if (busy) log_.warning("ignored SIGHUP: " + done.error().what);
        });
    }
    if (name == "SIGUSR2") {
        log_.info("received SIGUSR2 indicating log reopen request");
        log_.info("supervisord logreopen");
        renew_all_certificates();
        return doors_.logs.reopen_all();
    }
    if (name == "SIGCHLD") return;  // reaping is os/'s
    log_.info(fmt::format("received {}, which means nothing here; ignoring", name));
}

void Daemon::on_timer(Deadlines::Key key) {
    auto timer = static_cast<Timer>(key % 16);
    if (timer == Timer::waiting_note) return note_waiting();
    if (timer == Timer::shutdown_limit) return kill_what_is_left();
    if (timer == Timer::tick) return on_tick();
    if (timer == Timer::work || timer == Timer::live) return;  // their turn comes with each turn
    if (timer == Timer::pools) return pools_.deadline_passed(now_);
    auto found = unit_of_key_.find(key / 16);
    if (found == unit_of_key_.end()) return;
    Unit& unit = *found->second;
    if (timer == Timer::process) return feed(unit, supervise::DeadlinePassed{});
    if (timer == Timer::ready) {
        if (unit.settings.ready.kind == config::Probe::Kind::after)
            return feed(unit, supervise::ReadySeen{});
        return feed_health(unit, Which::ready, health::DeadlinePassed{});
    }
    if (timer == Timer::alive) return on_alive_timer(unit);
    if (timer == Timer::memory) return on_memory_timer(unit);
    auto hook = static_cast<supervise::Hook>(key % 16 - static_cast<std::uint64_t>(Timer::hook));
    unit.hooks[static_cast<std::size_t>(hook)].timed_out = true;
    end_hook(unit, hook);
}

void Daemon::set_timer(Unit& unit, Timer timer, std::optional<Instant> at) {
    deadlines_.set(unit.key * 16 + static_cast<std::uint64_t>(timer), at);
}

// What is killed here is nobody's from now on; one whose fork is under way is killed when that is
// done (on_spawned). The end waits for either.
void Daemon::give_up(ports::RunId run) {
    if (runs_.erase(static_cast<std::uint64_t>(run)) == 0) return;
    given_up_.insert(static_cast<std::uint64_t>(run));
    (void)doors_.processes.signal(run, 9, ports::Target::group);
}

void Daemon::wish(int index, wishes::Wish what, bool barrier, std::string why) {
    wishes::ask(entries_, order_, members_, index, what, barrier, std::move(why));
    wishes_pending_ = wished_ = true;
    look_at_waiters_ = look_at_entries_ = true;
}

void Daemon::grant_wishes() {
    settle_successors();
    wished_ = false;
    while (wishes_pending_) {
        look_at_entries_ = true;
        auto grants = wishes::due(entries_, order_, members_);
        if (grants.empty()) break;
        for (auto const& grant : grants) {
            Unit& unit = at(grant.member);
            switch (grant.what) {
            case wishes::Wish::start:
                feed(unit, supervise::StartAsked{});
                break;
            case wishes::Wish::stop:
                feed(unit, supervise::StopAsked{grant.why});
                break;
            case wishes::Wish::restart:
                feed(unit, supervise::RestartAsked{grant.why});
                break;
            case wishes::Wish::none:
                break;
            }
        }
    }
    wishes_pending_ = std::ranges::any_of(entries_, [](wishes::Entry const& entry) {
        return entry.wish != wishes::Wish::none || entry.then_start;
    });
}

void Daemon::settle() {
    std::erase_if(rolling_, [](auto const& rolling) { return rolling->left.empty(); });
    // First, so that whoever waits in vain from now on is told before everything ends.
    if (std::exchange(shut_down_asked_, false)) begin_end(/*restart=*/false, std::nullopt);
    if (!forgotten_.empty()) drop_forgotten();
    if (std::exchange(look_at_waiters_, false)) answer_left_waiting();
    remove_gone_units();
    drop_retired();
    if (std::exchange(look_at_sockets_, false)) close_idle_sockets();
    settle_applying();
    if (phase_ == Phase::stopping) stop_listeners();
    if (phase_ != Phase::running) check_ended();
}

}  // namespace lares::daemon
