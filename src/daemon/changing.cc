// daemon/changing.cc: planning, applying and updating: files read on the worker, compared and
// carried out in one turn of the loop.
//
// A fingerprint covers what is applied, what was read and the steps from one to the other. Whoever
// applies it gets exactly these steps, or is told that the world moved.

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "daemon/daemon.h"
#include "daemon/plan_words.h"
#include "daemon/plan_work.h"
#include "text/glob.h"

namespace lares::daemon {

using control::Applied;
using control::AppliedAnswer;

namespace {

constexpr std::size_t fingerprint_digits = 12;

text::Ini ini_of_bundle(config::Bundle const& bundle, std::vector<text::Source> const& order) {
    std::vector<std::pair<std::string, std::string>> files;
    if (!order.empty()) {  // as load() went through them: later ones win
        for (auto const& source : order) files.emplace_back(source.path, source.text);
        return ini_of(files);
    }
    auto main = bundle.files.find(bundle.main);
    if (main != bundle.files.end()) files.emplace_back(*main);
    for (auto const& [path, text] : bundle.files)
        if (path != bundle.main) files.emplace_back(path, text);
    return ini_of(files);
}

/// On the worker: everything a plan needs from the disk.
void read_all(Fetched& fetched, FetchOrder const& order) {
    if (order.replay) {
        fetched.bundle = *order.replay;
        fetched.loaded = config::load_bundle(order.world, fetched.bundle);
    } else {
        config::World world = order.world;
        if (order.overlay) {
            auto const& [path, text] = *order.overlay;
            world.read_file = [&order, &path = path, &text = text](std::string const& asked) {
                return asked == path ? Result<std::string>(text) : order.world.read_file(asked);
            };
            world.glob = [&order, &path = path](std::string const& pattern) {
                auto found = order.world.glob(pattern);
                bool matches = text::glob_match(pattern, path, text::GlobKind::path);
                if (matches && std::ranges::find(found, path) == found.end()) {
                    found.push_back(path);
                    std::ranges::sort(found);
                }
                return found;
            };
        }
        fetched.loaded = config::load_recorded(world, order.path, order.overrides, fetched.bundle);
    }
    fetched.print = order.sha1_hex(config::contents_of(fetched.bundle));
    fetched.now = ini_of_bundle(fetched.bundle, fetched.loaded.sources);
    if (order.revision == 0) return;
    auto bytes =
        order.world.read_file(config::revision_path(order.state_directory, order.revision));
    if (!bytes) return;
    if (auto before = config::parse_bundle(*bytes)) fetched.before = ini_of_bundle(*before, {});
}

bool is_named(std::vector<std::string> const& names, std::string_view name) {
    return std::ranges::any_of(names, [&](std::string const& pattern) {
        return pattern == name || text::glob_match(pattern, name, text::GlobKind::name);
    });
}

}  // namespace

void Daemon::fetch(std::string path, FetchExtra extra, std::function<void(Fetched&)> then) {
    auto fetched = std::make_shared<Fetched>();  // docs/decisions/0009: crosses to the worker
    FetchOrder order{.world = doors_.world,
                     .path = std::move(path),
                     .overrides = applied_.overrides,
                     .state_directory = settings_->daemon.state_directory,
                     .revision = applied_.revision,
                     .replay = std::move(extra.replay),
                     .overlay = std::move(extra.overlay),
                     .sha1_hex = doors_.hashes.sha1};
    doors_.worker.run([order = std::move(order), fetched] { read_all(*fetched, order); },
                      [this, fetched, then = std::move(then)] {
                          now_ = doors_.clock.now();
                          then(*fetched);
                      });
}

/// Everything read, as far as a running daemon can take it over.
config::Settings Daemon::reachable(config::Settings const& wanted) const {
    config::Settings next = wanted;
    next.daemon = config::adopted(settings_->daemon, wanted.daemon);
    next.servers = settings_->servers;
    next.accounts = settings_->accounts;
    next.has_rpc_interface = settings_->has_rpc_interface;
    return next;
}

std::string Daemon::fingerprint_of(Fetched const& fetched, Comparison const& comparison) const {
    std::string all = applied_.print + "\n" + fetched.print + "\n";
    for (auto const& step : comparison.steps)
        all += fmt::format("{} {}\n", plan::name(step.action), step.name);
    return doors_.hashes.sha1(all).substr(0, fingerprint_digits);
}

void Daemon::plan(std::string path, std::function<void(control::Planned)> answer) {
    auto file = path.empty() ? settings_->path : std::move(path);
    fetch(std::move(file), {},
          [this, answer = std::move(answer)](Fetched& fetched) { answer(planned(fetched)); });
}

control::Planned Daemon::planned(Fetched const& fetched) {
    control::Planned plan{.revision = applied_.revision};
    for (auto const& diagnostic : fetched.loaded.found) {
        auto words = text::format(diagnostic, fetched.loaded.sources, "");
        auto line = words.substr(0, words.find('\n'));
        bool is_error = diagnostic.severity == text::Severity::error;
        (is_error ? plan.errors : plan.warnings).push_back(std::move(line));
    }
    if (!fetched.loaded.settings) return plan;
    auto next = reachable(*fetched.loaded.settings);
    auto comparison = compare(next);
    if (!comparison) {
        plan.errors.push_back(comparison.error().what);
        return plan;
    }
    plan.fingerprint = fingerprint_of(fetched, *comparison);
    plan.changes = planned_changes(*comparison, {fetched.now, fetched.before});
    plan.work = work_changes(next, {fetched.now, fetched.before}, plan.warnings);
    for (auto& warning : plan_warnings(*settings_, *fetched.loaded.settings))
        plan.warnings.push_back(std::move(warning));
    return plan;
}

std::vector<control::PlannedWork> Daemon::work_changes(config::Settings const& next,
                                                       Texts const& texts,
                                                       std::vector<std::string>& warnings) {
    auto wall = std::chrono::floor<std::chrono::seconds>(doors_.clock.wall());
    auto folders = work_.folders();
    PlanGround ground{.running = *settings_,
                      .wanted = next,
                      .texts = texts,
                      .zones = doors_.zones,
                      .host = doors_.host,
                      .now = wall.time_since_epoch().count(),
                      .jobs =
                          [this](std::string const& name) {
                              auto info = work_.task(name);
                              return info ? AtWork{info->depth.ready, info->depth.running}
                                          : AtWork{};
                          },
                      .files =
                          [&folders](std::string const& name) {
                              for (auto const& one : folders)
                                  if (one.folder->name == name)
                                      return AtWork{one.waiting, one.taken};
                              return AtWork{};
                          }};
    return planned_work(ground, warnings);
}

void Daemon::apply(std::string fingerprint, AppliedAnswer answer) {
    fetch(settings_->path, {}, [this, fingerprint, answer = std::move(answer)](Fetched& fetched) {
        auto sound = check_fetched(fetched);
        if (!sound) return answer(std::move(sound).error());
        auto comparison = compare(reachable(*fetched.loaded.settings));
        if (!comparison) return answer(std::move(comparison).error());
        auto now = fingerprint_of(fetched, *comparison);
        if (now != fingerprint)
            return answer(Error{Error::Kind::conflict,
                                fmt::format("the world moved: the plan is {} by now, not {}; look "
                                            "at it again (lares plan)",
                                            now, fingerprint)});
        carry_out(fetched, {}, {"client", "apply " + fingerprint}, std::move(answer));
    });
}

void Daemon::update(std::vector<std::string> names, AppliedAnswer answer) {
    fetch(settings_->path, {},
          [this, names = std::move(names), answer = std::move(answer)](Fetched& fetched) {
              auto sound = check_fetched(fetched);
              if (!sound) return answer(std::move(sound).error());
              carry_out(fetched, names, {"client", "update"}, answer);
          });
}

Result<> Daemon::check_fetched(Fetched const& fetched) {
    if (phase_ != Phase::running) return Error{Error::Kind::unavailable, "the daemon is stopping"};
    report(fetched.loaded);
    return check_loaded(fetched.loaded);
}

/// The groups that names mean, in what runs or in what was read; names of programs mean all groups
/// they are in. The Error names those that mean nothing.
Result<std::vector<std::string>> Daemon::groups_named(std::vector<std::string> const& names,
                                                      config::Settings const& read) const {
    std::vector<std::string> groups;
    std::vector<std::string> unknown = names;
    auto look = [&](config::Settings const& settings) {
        for (auto const& group : settings.groups) {
            bool meant = is_named(names, group.name);
            std::erase_if(unknown, [&](auto const& name) { return is_named({name}, group.name); });
            for (auto const& program : group.programs) {
                meant = meant || is_named(names, program);
                std::erase_if(unknown, [&](auto const& name) { return is_named({name}, program); });
            }
            bool is_new = std::ranges::find(groups, group.name) == groups.end();
            if (meant && is_new) groups.push_back(group.name);
        }
    };
    look(*settings_);
    look(read);
    if (unknown.empty()) return groups;
    return Error{Error::Kind::not_found, unknown.front()};
}

Result<config::Settings> Daemon::next_settings(Fetched const& fetched,
                                               std::vector<std::string> const& names) const {
    auto const& read = *fetched.loaded.settings;
    if (names.empty()) return reachable(read);
    config::Settings next = *settings_;
    for (auto const& name : TRY(groups_named(names, read)))
        next = config::with_group(config::without_group(next, name), read, name);
    return next;
}

void Daemon::carry_out(Fetched& fetched, std::vector<std::string> const& names, Cause cause,
                       AppliedAnswer answer) {
    auto settings = next_settings(fetched, names);
    if (!settings) return answer(std::move(settings).error());
    auto next = std::make_unique<config::Settings>(std::move(*settings));
    auto comparison = compare(*next);
    if (!comparison) return answer(std::move(comparison).error());
    if (names.empty())
        for (auto const& warning : plan_warnings(*settings_, *fetched.loaded.settings))
            log_.warning(warning);
    auto applying = begin_applying(*comparison, std::move(answer));
    applying->work = applied_work(*settings_, *next);
    adopt(std::move(next), std::move(*comparison), cause.cause);
    find_applied(*applying);
    applying_.push_back(std::move(applying));
    note_applied(fetched, cause, names.empty());
    wished_ = true;  // what is done already is told in this turn
}

// After a part was applied the configuration counts as applied when nothing else is left to do.
void Daemon::note_applied(Fetched& fetched, Cause const& cause, bool whole) {
    if (!whole) {
        auto left = config::changed_groups(*settings_, *fetched.loaded.settings);
        whole = left.added.empty() && left.changed.empty() && left.removed.empty();
    }
    if (!whole) {
        read_ = std::make_unique<config::Settings>(std::move(*fetched.loaded.settings));
        return;
    }
    read_.reset();
    keep_revision(fetched.bundle, std::move(fetched.print), cause);
}

void Daemon::rollback(int revision, AppliedAnswer answer) {
    auto path = config::revision_path(settings_->daemon.state_directory, revision);
    auto bytes = std::make_shared<Result<std::string>>(std::string());
    doors_.worker.run([bytes, path, &world = doors_.world] { *bytes = world.read_file(path); },
                      [this, bytes, revision, answer = std::move(answer)] {
                          roll_back_to(revision, std::move(*bytes), answer);
                      });
}

void Daemon::roll_back_to(int revision, Result<std::string> bytes, AppliedAnswer const& answer) {
    if (!bytes) return answer(Error{Error::Kind::not_found, fmt::format("revision {}", revision)});
    auto bundle = config::parse_bundle(*bytes);
    if (!bundle) return answer(std::move(bundle).error());
    fetch(settings_->path, {.replay = std::move(*bundle)}, [this, revision, answer](Fetched& old) {
        auto sound = check_fetched(old);
        if (!sound) return answer(std::move(sound).error());
        carry_out(old, {}, {"client", fmt::format("rollback to {}", revision)}, answer);
        look_for_drift(/*may_apply=*/false);
    });
}

void Daemon::read_configuration(std::function<void(Result<config::GroupChanges>)> answer) {
    fetch(settings_->path, {}, [this, answer = std::move(answer)](Fetched& fetched) {
        auto sound = check_fetched(fetched);
        if (!sound) return answer(std::move(sound).error());
        read_ = std::make_unique<config::Settings>(std::move(*fetched.loaded.settings));
        read_bundle_ = {std::move(fetched.bundle), std::move(fetched.print)};
        answer(config::changed_groups(*settings_, *read_));
    });
}

// What supervisorctl's update does group by group ends in a revision, too.
void Daemon::note_group_change() {
    if (!read_ || read_bundle_.first.main.empty()) return;
    auto left = config::changed_groups(*settings_, *read_);
    if (!left.added.empty() || !left.changed.empty() || !left.removed.empty()) return;
    keep_revision(read_bundle_.first, read_bundle_.second, {"client", "update by groups"});
}

}  // namespace lares::daemon
