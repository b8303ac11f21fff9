// daemon/ending.cc: how the daemon begins, and how it ends or begins again with other settings.
//
// A faulty configuration changes nothing: it is read and checked before anything is stopped
// (supervisord stops first: spec §3.5).

#include <fmt/core.h>

#include <algorithm>

#include "core/wishes.h"
#include "daemon/daemon.h"

namespace lares::daemon {

namespace {

using namespace std::chrono_literals;
/// Between two "waiting for a, b to die" lines, as supervisord.
constexpr Duration waiting_note_every = 3s;

Deadlines::Key own_key(std::uint64_t timer) { return timer; }  // unit keys begin at 1

/// What supervisord prints when a server cannot be opened (spec §1.8).
Error in_classic_words(Error error) {
    if (error.kind == Error::Kind::conflict)
        error.what =
            "Another program is already listening on a port that one of our HTTP servers is "
            "configured to use.  Shut this program down first before starting supervisord.";
    if (error.kind == Error::Kind::denied || error.kind == Error::Kind::unavailable)
        error.what = "Cannot open an HTTP server: socket.error reported " + error.what;
    return error;
}

bool is_down(Unit const& unit) {
    bool idle =
        !supervise::is_up(unit.process.state) && unit.process.state != supervise::State::stopping;
    bool quiet =
        std::ranges::none_of(unit.hooks, [](SideRun const& side) { return side.run.has_value(); });
    return idle && !unit.run && quiet;
}

}  // namespace

Result<> Daemon::listen() {
    int first = next_server_;
    listening_ = false;
    for (auto const& server : settings_->servers) {
        ports::ListenSpec spec{.server = next_server_++,
                               .is_unix = server.is_unix,
                               .file = server.file,
                               .mode = server.chmod,
                               .uid = server.chown_uid,
                               .gid = server.chown_gid,
                               .host = server.host,
                               .port = server.port,
                               .certificate = server.certificate,
                               .key = server.key,
                               .client_ca = server.client_ca};
        std::vector<std::string> notes;
        auto listening = doors_.wire.listen(spec, notes);
        for (auto const& note : notes) log_.warning(note);
        if (!listening) {
            doors_.wire.close_listeners();
            return in_classic_words(std::move(listening).error());
        }
        if (control::is_open_to_all(server, settings_->accounts))
            log_.write(Level::critical,
                       fmt::format("Server '{}' running without any HTTP authentication checking",
                                   server.section));
    }
    listening_ = true;
    control::House& house = *this;
    if (!face_) face_ = std::make_unique<control::Face>(house, wire_, door_tools());
    face_->serve(settings_->servers, settings_->accounts, first);
    watch_faces(first);
    return {};
}

void Daemon::start(std::vector<StartNote> const& notes) {
    now_ = doors_.clock.now();
    for (auto const& note : notes) log_.write(note.level, note.text);
    auto missing = doors_.processes.cgroups_missing();
    has_cgroups_ = missing.empty();
    if (!has_cgroups_)
        for (auto const& program : settings_->programs)
            if (program.cgroup.wanted())
                log_.warning(
                    fmt::format("cgroup limits of '{}' have no effect: {}", program.name, missing));
    log_.info(fmt::format("supervisord started with pid {}", doors_.own_pid));
    note_daemon();
    begin_events();
    if (takes_over_ || !restored_.empty()) resume();
    takes_over_ = false;
    stop_orphans();
    if (!started_ && phase_ == Phase::running) {
        for (int index : order_.start_order())
            if (is_to_start(at(index)))
                wish(index, wishes::Wish::start, settings_->daemon.start_barrier, "autostart");
        note_touched();  // before it is noted that all was wished
    }
    started_ = true;
    daemon_touched_ = true;
    begin_revisions();
    work_.start();
    turn();
}

void Daemon::begin_end(bool restart, std::optional<int> code) {
    if (code && !restart) exit_code_ = *code;
    if (!restart) restarting_ = false;  // a shutdown asked during a restart wins
    daemon_touched_ = true;
    if (phase_ != Phase::running) return;
    phase_ = Phase::stopping;
    restarting_ = restart;
    over_limit_ = false;
    listeners_end_at_.reset();
    emit(events::Type::supervisor_state_change_stopping, "");
    if (settings_->daemon.shutdown_limit > 0ms) {
        shutdown_limit_at_ = now_ + settings_->daemon.shutdown_limit;
        deadlines_.set(own_key(static_cast<std::uint64_t>(Timer::shutdown_limit)),
                       shutdown_limit_at_);
    }
    note_daemon();  // before anything is stopped on its account
    stop_everything();
    if (!restart) work_.begin_end();
    note_waiting();
}

// Nothing starts any more: pending wishes go, what would start again by itself is told to stop, and
// what is up stops in tiers.
void Daemon::stop_everything() {
    for (auto& rolling : rolling_) {
        rolling->left.clear();
        if (rolling->answer)
            answers_.emplace_back(std::exchange(rolling->answer, nullptr),
                                  control::Outcome{control::Fault::shutdown_state, ""});
    }
    for (auto& entry : entries_) entry = {};
    look_at_waiters_ = look_at_entries_ = true;
    for (auto& unit : units_) {
        auto const& process = unit->process;
        bool begun =
            process.state != supervise::State::backoff && (process.pid != 0 || process.spawning);
        if (!supervise::is_up(process.state) || !begun)
            feed(*unit, supervise::StopAsked{"the daemon is stopping"});
    }
    for (auto& unit : units_)
        if (supervise::is_up(unit->process.state) && !stops_last(*unit))
            wish(unit->index, wishes::Wish::stop, /*barrier=*/true, "the daemon is stopping");
    for (auto& entry : entries_) entry.then_start = false;
}

// Again each second, for what these ends have begun: a process that was being made, a post_stop.
void Daemon::kill_what_is_left() {
    if (!std::exchange(over_limit_, true))
        log_.error("shutdown_limit is over; killing what is left");
    for (auto& unit : units_) {
        if (unit->run) (void)doors_.processes.signal(*unit->run, 9, ports::Target::everything);
        for (std::size_t hook = 0; hook < unit->hooks.size(); ++hook)
            if (unit->hooks[hook].run) end_hook(*unit, static_cast<supervise::Hook>(hook));
    }
    if (!restarting_) work_.kill_everything();
    shutdown_limit_at_ = now_ + 1s;
    daemon_touched_ = true;
    deadlines_.set(own_key(static_cast<std::uint64_t>(Timer::shutdown_limit)), shutdown_limit_at_);
}

void Daemon::note_waiting() {
    std::string names;
    for (auto const& unit : units_)
        if (!is_down(*unit)) names += (names.empty() ? "" : ", ") + unit->settings.name;
    if (!restarting_)
        if (auto jobs = work_.still_running(); !jobs.empty())
            names += (names.empty() ? "" : ", ") + jobs;
    if (names.empty()) return;
    log_.info(fmt::format("waiting for {} to die", names));
    deadlines_.set(own_key(static_cast<std::uint64_t>(Timer::waiting_note)),
                   now_ + waiting_note_every);
}

void Daemon::check_ended() {
    if (phase_ != Phase::stopping) return;
    for (auto const& unit : units_)
        if (!is_down(*unit)) return;
    if (!restarting_ && !work_.is_at_rest()) return;
    if (!given_up_.empty()) return;  // killed, or about to be once its fork is done
    phase_ = Phase::ending;
    deadlines_.set(own_key(static_cast<std::uint64_t>(Timer::waiting_note)), std::nullopt);
    deadlines_.set(own_key(static_cast<std::uint64_t>(Timer::shutdown_limit)), std::nullopt);
    shutdown_limit_at_.reset();
    if (restarting_ && next_settings_) return restart_with(std::move(next_settings_));
    finish_ending();
}

void Daemon::finish_ending() {
    doors_.wire.close_listeners();
    sockets_.close_all();
    for (auto& unit : units_) close_logs(*unit);
    end_memory();
    work_.flush([this] {
        doors_.logs.flush([this] {
            phase_ = Phase::ended;
            doors_.finished();
        });
    });
}

// The servers stay open while only programs changed; other addresses are opened after the old ones
// are closed, and if that fails the daemon goes on without them and says so.
void Daemon::restart_with(std::unique_ptr<config::Settings> settings) {
    auto before = std::move(settings_);
    settings_ = std::move(settings);
    work_.configure(*settings_);  // before what it pointed into goes
    forget_all_units();
    read_.reset();
    retired_.clear();
    server_url_ = server_url(*settings_);
    configure_main_log();
    doors_.worker.run([clean = doors_.clean_auto_logs, &now = *settings_] { clean(now); },
                      [this] { continue_restart(); });
    bool same_doors =
        before->servers == settings_->servers && before->accounts == settings_->accounts;
    if (listening_ && same_doors) return renew_all_certificates();
    doors_.wire.close_listeners();
    if (auto listening = listen(); !listening) log_.error(listening.error().what);
}

void Daemon::forget_all_units() {
    for (auto& unit : units_) forget_unit(*unit);
    units_.clear();
    pools_.clear();
    members_.clear();
    entries_.clear();
    order_ = {};
    scaled_down_ = 0;
    scales_.clear();
    started_ = false;
}

void Daemon::continue_restart() {
    // The circle check was done before anything was stopped, so this can only fail by a bug.
    if (auto built = build_units(); !built) {
        log_.error(built.error().what);
        forget_all_units();
    }
    phase_ = Phase::running;
    bool shut_down = !restarting_;
    restarting_ = false;
    for (auto const& error : open_sockets()) log_.error(error.what);
    if (face_) face_->logs_changed();
    if (shut_down) return begin_end(/*restart=*/false, std::nullopt);
    start({});
}

void Daemon::report(config::Loaded const& loaded) {
    for (auto const& diagnostic : loaded.found) {
        auto words = text::format(diagnostic, loaded.sources, "");
        while (words.ends_with('\n')) words.pop_back();
        log_.write(diagnostic.severity == text::Severity::error ? Level::error : Level::warning,
                   words);
    }
}

void Daemon::ask_shutdown() { shut_down_asked_ = daemon_touched_ = true; }

void Daemon::ask_restart(std::function<void(Result<>)> answer) {
    if (loading_) return answer(Error{Error::Kind::conflict, "a restart is under way already"});
    loading_ = std::make_unique<config::Loaded>();
    doors_.worker.run(
        [&world = doors_.world, path = settings_->path, overrides = applied_.overrides,
         &loaded = *loading_, &bundle = loading_bundle_] {
            bundle = {};
            loaded = config::load_recorded(world, path, overrides, bundle);
        },
        [this, answer = std::move(answer)] { answer(restart_when_sound()); });
}

Result<> Daemon::restart_when_sound() {
    auto loaded = std::move(*loading_);
    loading_.reset();
    now_ = doors_.clock.now();
    report(loaded);
    auto sound = check_loaded(loaded);
    if (!sound) {
        auto running = std::ranges::count_if(
            units_, [](auto const& unit) { return supervise::is_up(unit->process.state); });
        log_.error(fmt::format("{}; configuration not changed, {} processes keep running as before",
                               sound.error().what, running));
        return sound;
    }
    if (phase_ != Phase::running)
        return Error{Error::Kind::conflict, "the daemon is stopping already"};
    next_settings_ = std::make_unique<config::Settings>(std::move(*loaded.settings));
    // Before anything stops: a daemon that has to finish this restart finds it there.
    auto print = doors_.hashes.sha1(config::contents_of(loading_bundle_));
    keep_revision(std::exchange(loading_bundle_, {}), std::move(print), {"client", "restart"});
    begin_end(/*restart=*/true, std::nullopt);
    return {};
}

Result<> Daemon::check_loaded(config::Loaded const& loaded) const {
    if (!loaded.settings) {
        for (auto const& diagnostic : loaded.found)
            if (diagnostic.severity == text::Severity::error)
                return Error{Error::Kind::invalid,
                             diagnostic.classic.empty() ? diagnostic.what : diagnostic.classic};
        return Error{Error::Kind::invalid, "the configuration could not be read"};
    }
    return {};
}

}  // namespace lares::daemon
