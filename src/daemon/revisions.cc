// daemon/revisions.cc: every configuration applied is kept, and compared with the files there are.
//
// Numbers only grow; the highest is what is applied. Writing happens on the worker: a disk that is
// full costs the history, not the daemon.

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "daemon/daemon.h"
#include "text/unified_diff.h"

namespace lares::daemon {

using namespace std::chrono_literals;

namespace {

constexpr Duration quiet_before_reading = 500ms;

std::int64_t seconds_of(WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Whole files first, then what is in one bundle only.
std::string diff_of(config::Bundle const& one, config::Bundle const& other) {
    std::string all;
    auto text_in = [](config::Bundle const& bundle, std::string const& path) {
        auto found = bundle.files.find(path);
        return found == bundle.files.end() ? nullptr : &found->second;
    };
    for (auto const& path : config::differing_files(one, other)) {
        auto const* before = text_in(one, path);
        auto const* after = text_in(other, path);
        all += text::unified_diff(before ? *before : "", after ? *after : "",
                                  before ? path : "/dev/null", after ? path : "/dev/null");
    }
    return all;
}

Result<config::Bundle> read_revision(config::World const& world, std::string const& state_directory,
                                     int revision) {
    auto bytes = world.read_file(config::revision_path(state_directory, revision));
    if (!bytes) return Error{Error::Kind::not_found, fmt::format("revision {}", revision)};
    return config::parse_bundle(*bytes);
}

}  // namespace

// On the worker at the start: what is kept, and its newest contents.
void Daemon::begin_revisions() {
    if (doors_.applied.main.empty()) return;
    struct Kept {
        std::vector<control::RevisionInfo> list;
        std::string print;  // of the newest
    };
    auto kept = std::make_shared<Kept>();
    doors_.worker.run(
        [kept, &world = doors_.world, sha1 = doors_.hashes.sha1,
         state = settings_->daemon.state_directory] {
            for (int number : config::revisions_in(world, state)) {
                auto bundle = read_revision(world, state, number);
                if (!bundle) continue;
                kept->list.push_back(
                    {number, bundle->when, bundle->by, bundle->cause, bundle->programs, false});
                kept->print = sha1(config::contents_of(*bundle));
            }
        },
        [this, kept] {
            history_ = std::move(kept->list);
            applied_.print = std::move(kept->print);
            if (!history_.empty()) applied_.revision = history_.back().revision;
            auto bundle = std::move(doors_.applied);
            doors_.applied = {};
            auto print = doors_.hashes.sha1(config::contents_of(bundle));
            keep_revision(bundle, std::move(print), {"start", "start"});
            if (bundle.revision != 0) look_for_drift(/*may_apply=*/false);
        });
}

void Daemon::keep_revision(config::Bundle const& bundle, std::string print, Cause const& cause) {
    applied_.overrides = bundle.overrides;
    applied_.files.clear();
    for (auto const& [path, text] : bundle.files) applied_.files[path] = doors_.hashes.sha1(text);
    watch_configuration(bundle);
    drift_ = {};
    if (applied_.print == print && applied_.revision != 0) return;
    applied_.print = std::move(print);
    if (!doors_.write_file) return;
    applied_.revision += 1;
    auto copy = std::make_shared<config::Bundle>(bundle);
    copy->revision = applied_.revision;
    copy->when = seconds_of(doors_.clock.wall());
    copy->by = cause.by;
    copy->cause = cause.cause;
    auto const& settings = next_settings_ ? *next_settings_ : *settings_;
    copy->programs = static_cast<int>(settings.programs.size());
    history_.push_back({copy->revision, copy->when, copy->by, copy->cause, copy->programs, false});
    (void)work_.journal().note(
        {.kind = "config.applied",
         .subject = "config",
         .who = copy->by,
         .words =
             fmt::format("configuration revision {} is applied ({})", copy->revision, copy->cause),
         .data = details({}, {{"revision", copy->revision}, {"programs", copy->programs}})});
    write_revision(std::move(copy));
}

void Daemon::write_revision(std::shared_ptr<config::Bundle> bundle) {
    std::vector<std::string> old;
    auto const& state = settings_->daemon.state_directory;
    while (history_.size() > limits::revisions) {
        old.push_back(config::revision_path(state, history_.front().revision));
        history_.erase(history_.begin());
    }
    auto failed = std::make_shared<std::string>();
    doors_.worker.run(
        [bundle, failed, old, path = config::revision_path(state, bundle->revision),
         write = doors_.write_file, remove = doors_.remove_file] {
            auto written = write(path, config::print_bundle(*bundle));
            if (!written) *failed = written.error().what;
            for (auto const& each : old) (void)remove(each).ok();
        },
        [this, failed] {
            if (!failed->empty())
                log_.warning("this configuration is not kept as a revision: " + *failed);
        });
}

std::vector<control::RevisionInfo> Daemon::history() const {
    auto list = history_;
    for (auto& one : list) one.current = one.revision == applied_.revision;
    return list;
}

void Daemon::diff(int from, int to, std::function<void(Result<std::string>)> answer) {
    auto done = std::make_shared<Result<std::string>>(std::string());
    doors_.worker.run(
        [done, from, to, &world = doors_.world, path = settings_->path,
         overrides = applied_.overrides, state = settings_->daemon.state_directory] {
            auto one = read_revision(world, state, from);
            config::Bundle now;
            if (to == 0) (void)config::load_recorded(world, path, overrides, now);
            auto other =
                to == 0 ? Result<config::Bundle>(std::move(now)) : read_revision(world, state, to);
            if (!one)
                *done = one.error();
            else if (!other)
                *done = other.error();
            else
                *done = diff_of(*one, *other);
        },
        [done, answer = std::move(answer)] { answer(std::move(*done)); });
}

// ---- the files beside what is applied

void Daemon::watch_configuration(config::Bundle const& bundle) {
    std::set<std::string> patterns;
    for (auto const& [path, text] : bundle.files) patterns.insert(path);
    for (auto const& [pattern, paths] : bundle.globs) patterns.insert(pattern);
    std::vector<std::string> list(patterns.begin(), patterns.end());
    if (list == watched_patterns_) return;
    if (config_watch_ != 0) doors_.folders.unwatch(ports::WatchId{config_watch_});
    watched_patterns_ = list;
    config_watch_ = ++last_watch_;
    doors_.folders.watch(ports::WatchId{config_watch_}, std::move(list), quiet_before_reading);
}

void Daemon::look_for_drift(bool may_apply) {
    fetch(settings_->path, {}, [this, may_apply](Fetched& fetched) {
        if (phase_ != Phase::running) return;
        auto before = std::exchange(drift_, drift_of(fetched));
        auto mode = settings_->include_auto;
        bool heals = !before.trouble.empty() && drift_.trouble.empty();
        if (heals && mode != config::IncludeAuto::off)
            log_.info("the configuration files are sound again");
        if (drift_.files.empty()) return;
        bool news = before.files != drift_.files || before.trouble != drift_.trouble;
        if (mode == config::IncludeAuto::off) return;
        if (!drift_.trouble.empty()) {
            if (!news) return;
            report(fetched.loaded);
            return log_.error(fmt::format("{}; what was applied last goes on", drift_.trouble));
        }
        if (mode == config::IncludeAuto::apply && may_apply)
            return carry_out(fetched, {}, {"files", "files changed"},
                             [this](auto const& done) { tell_applied(done); });
        if (news) log_.warning("configuration files differ from what is applied: " + drift_words());
    });
}

control::Drift Daemon::drift_of(Fetched const& fetched) const {
    control::Drift drift;
    std::set<std::string> paths;
    for (auto const& [path, text] : fetched.bundle.files) {
        auto found = applied_.files.find(path);
        if (found == applied_.files.end() || found->second != doors_.hashes.sha1(text))
            paths.insert(path);
    }
    for (auto const& [path, print] : applied_.files)
        if (!fetched.bundle.files.contains(path)) paths.insert(path);
    drift.files.assign(paths.begin(), paths.end());
    if (auto sound = check_loaded(fetched.loaded); !sound) drift.trouble = sound.error().what;
    return drift;
}

std::string Daemon::drift_words() const {
    std::string words;
    for (auto const& file : drift_.files) words += (words.empty() ? "" : ", ") + file;
    return words;
}

void Daemon::tell_applied(Result<std::vector<control::Applied>> const& done) {
    if (!done) return log_.error(done.error().what + "; what was applied last goes on");
    for (auto const& one : *done)
        if (one.outcome.fault != control::Fault::success)
            log_.warning(fmt::format("configuration: {} '{}:{}' failed: {}", plan::name(one.action),
                                     one.group, one.name, one.outcome.extra));
}

}  // namespace lares::daemon
