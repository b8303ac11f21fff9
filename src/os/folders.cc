// os/folders.cc: inotify's events, sorted by who wants them, told when it has become quiet.

#include "os/folders.h"

#include <fnmatch.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <utility>

#include "os/files.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

/// How often a plan is made again because the file system changed while it was carried out.
constexpr int most_plans = 5;
constexpr std::size_t events_bytes = 64u << 10;

/// A file that differs between two looks; empty when none does.
std::string difference(std::map<std::string, FileIdentity> const& before,
                       std::map<std::string, FileIdentity> const& after) {
    for (auto const& [path, file] : after) {
        auto old = before.find(path);
        if (old == before.end() || old->second != file) return path;
    }
    for (auto const& [path, file] : before) {
        if (!after.contains(path)) return path;
    }
    return {};
}

/// Adds what the patterns of one watch need to a plan.
WatchPlan look(ports::WatchId id, std::vector<std::string> const& patterns, WatchPlan plan = {}) {
    for (std::string const& pattern : patterns) plan_watch(id, pattern, plan);
    return plan;
}

bool matches(Interest const& interest, std::string const& name) {
    if (interest.name.empty() || name.empty()) return interest.name == name;
    return ::fnmatch(interest.name.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

}  // namespace

Folders::Folders(Loop& loop, ports::Inbox& inbox) : loop_(loop), inbox_(inbox) {}

Folders::~Folders() {
    for (auto& [id, watch] : watches_) loop_.cancel(watch.timer);
    close();
}

void Folders::watch(ports::WatchId id, std::vector<std::string> patterns, Duration quiet) {
    unwatch(id);
    for (std::string& pattern : patterns) {
        if (!pattern.starts_with('/')) pattern = current_directory() + "/" + pattern;
    }
    Watch& watch = watches_[id];
    watch.patterns = std::move(patterns);
    watch.quiet = quiet;
    watch.files = look(id, watch.patterns).files;  // what is there now is no change
    plan_anew();
}

void Folders::unwatch(ports::WatchId id) {
    auto at = watches_.find(id);
    if (at == watches_.end()) return;
    loop_.cancel(at->second.timer);
    watches_.erase(at);
    if (watches_.empty()) return close();
    plan_anew();
}

void Folders::close() {
    if (inotify_) loop_.forget(inotify_.get());
    inotify_.reset();
    paths_.clear();
    nodes_.clear();
    trouble_.clear();
}

/// All watches' nodes together; tells the files that came, went or changed since the last look.
WatchPlan Folders::make_plan() {
    WatchPlan all;
    for (auto& [id, watch] : watches_) {
        WatchPlan one = look(id, watch.patterns, std::move(all));
        all.nodes = std::move(one.nodes);
        all.files.clear();
        std::string differs = difference(watch.files, one.files);
        // What waits to be told already covers it.
        if (!differs.empty() && watch.timer == TimerId::none) change(id, differs);
        watch.files = std::move(one.files);
    }
    return all;
}

/// Looks again after placing the watches: what was made between the two raised no event, and would
/// stay unseen.
void Folders::plan_anew() {
    trouble_.clear();
    WatchPlan plan = make_plan();
    for (int i = 0; i < most_plans; i++) {
        if (!place(plan)) return;
        WatchPlan again = make_plan();
        if (again.nodes == plan.nodes) return;
        plan = std::move(again);
    }
}

/// Adds and removes the kernel's watches until they are those of the plan.
bool Folders::place(WatchPlan const& plan) {
    if (!inotify_) {
        inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
        if (!inotify_) {
            trouble_ =
                system_error("cannot watch files").what + " (raise fs.inotify.max_user_instances)";
            return false;
        }
        loop_.on_readable(inotify_.get(), [this] { read(); });
    }
    std::map<int, std::string> paths;
    for (auto const& [path, node] : plan.nodes) {
        int id = ::inotify_add_watch(inotify_.get(), path.c_str(), node.mask | IN_DONT_FOLLOW);
        if (id >= 0) paths[id] = path;
        if (id < 0 && errno == ENOSPC) {
            trouble_ =
                system_error("cannot watch", path).what + " (raise fs.inotify.max_user_watches)";
        }
        if (id < 0 && errno == EACCES) trouble_ = system_error("cannot watch", path).what;
    }
    for (auto const& [id, path] : paths_) {
        if (!paths.contains(id)) ::inotify_rm_watch(inotify_.get(), id);
    }
    paths_ = std::move(paths);
    nodes_ = plan.nodes;
    return true;
}

void Folders::read() {
    alignas(inotify_event) char bytes[events_bytes];
    bool anew = false;
    ssize_t got;
    while ((got = ::read(inotify_.get(), bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < got;) {
            auto const& event = *reinterpret_cast<inotify_event const*>(bytes + at);
            anew |= take(event);
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
    if (anew) plan_anew();
}

/// Marks who is concerned. @returns true when what is to be watched may have changed.
bool Folders::take(inotify_event const& event) {
    if (event.mask & IN_Q_OVERFLOW) {
        take_overflow();
        return true;
    }
    auto path = paths_.find(event.wd);
    if (path == paths_.end()) return false;
    if (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) return true;
    std::string name = event.len > 0 ? event.name : "";
    bool concerns = false;
    for (Interest const& interest : nodes_[path->second].interests) {
        if (!matches(interest, name)) continue;
        bool is_written = (event.mask & (IN_CLOSE_WRITE | IN_MODIFY)) != 0;
        if (interest.is_file)
            change(interest.watch, name.empty() ? path->second : path->second + "/" + name);
        if (!is_written) concerns = true;
    }
    return concerns;
}

/// Events were lost: anything may have changed.
void Folders::take_overflow() {
    for (auto& [id, watch] : watches_) {
        if (!watch.patterns.empty()) change(id, watch.patterns[0]);
    }
}

void Folders::change(ports::WatchId id, std::string const& path) {
    Watch& watch = watches_[id];
    watch.last_change = Loop::now();
    watch.changed = path;
    if (watch.timer == TimerId::none) arm(id, watch.last_change + watch.quiet);
}

void Folders::arm(ports::WatchId id, Instant at) {
    watches_[id].timer = loop_.at(at, [this, id] { on_timer(id); });
}

/// One timer a watch, set again when it finds that there was a later change.
void Folders::on_timer(ports::WatchId id) {
    Watch& watch = watches_[id];
    watch.timer = TimerId::none;
    Instant quiet_at = watch.last_change + watch.quiet;
    if (quiet_at > Loop::now()) return arm(id, quiet_at);
    // What is told now is no difference at the next look.
    watch.files = look(id, watch.patterns).files;
    inbox_.push(ports::FilesChanged{id, watch.changed});
}

}  // namespace lares::os
