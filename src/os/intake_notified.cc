// os/intake_notified.cc: add the watch, then scan; what happened between comes twice, never not.

#include "os/intake_notified.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "os/loop.h"
#include "os/system_error.h"

namespace lares::os {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t mask = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                               IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR |
                               IN_EXCL_UNLINK;
constexpr std::size_t events_bytes = 64u << 10;
/// What has no watch is read so often.
constexpr Duration poll_span = 2s;
/// A sub-folder that is one thing is summed again at most so often while it is filled.
constexpr Duration dirty_span = 500ms;

}  // namespace

NotifiedFolders::Folder* NotifiedFolders::find(WatchKey key) {
    auto at = folders_.find(key.folder);
    return at != folders_.end() && at->second.key == key ? &at->second : nullptr;
}

bool NotifiedFolders::open(WatchKey key) {
    if (inotify_) return true;
    inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!inotify_) {
        hands_.restart(key, system_error("cannot watch folders").what +
                                " (raise it: sysctl -w fs.inotify.max_user_instances=1024)");
        return false;
    }
    mounts_.reset(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    return true;
}

void NotifiedFolders::adopt(WatchKey key, ports::FolderSpec spec) {
    if (!open(key)) return;
    Folder& folder =
        folders_.insert_or_assign(key.folder, Folder{key, spec, NameRules(spec)}).first->second;
    folder.mount = mount_of(spec.path);
    rescan(key);
}

void NotifiedFolders::drop(WatchKey key) {
    Folder* folder = find(key);
    if (!folder) return;
    for (auto const& [path, watch] : folder->watches) release(watch, key.folder);
    folders_.erase(key.folder);
    if (!folders_.empty()) return;
    inotify_.reset();
    mounts_.reset();
    targets_.clear();
}

/// Two folders may watch the same place; the kernel has one watch for both.
void NotifiedFolders::release(int watch, ports::FolderId folder) {
    auto at = targets_.find(watch);
    if (at == targets_.end()) return;
    std::erase_if(at->second, [&](Target const& target) { return target.folder == folder; });
    if (!at->second.empty()) return;
    targets_.erase(at);
    ::inotify_rm_watch(inotify_.get(), watch);
}

void NotifiedFolders::place(Folder& folder, std::string const& path) {
    if (folder.watches.contains(path)) return;
    int watch = ::inotify_add_watch(inotify_.get(), path.c_str(),
                                    path == folder.spec.path ? mask : mask | IN_DONT_FOLLOW);
    if (watch < 0) {
        if (errno == ENOSPC || errno == ENOMEM) {
            folder.no_watch = system_error("cannot watch", path).what +
                              " (raise it: sysctl -w fs.inotify.max_user_watches=524288)";
        } else if (errno == EACCES) {
            folder.no_watch = system_error("cannot watch", path).what;
        }
        return;
    }
    folder.watches[path] = watch;
    auto& targets = targets_[watch];
    std::erase_if(targets, [&](Target const& t) { return t.folder == folder.key.folder; });
    targets.push_back({folder.key.folder, path});
}

/// With all folders in it: what is put into the deepest is to be heard of.
void NotifiedFolders::place_all(Folder& folder, std::string const& path) {
    for_each_folder(folder.spec, path, [&](std::string const& each) { place(folder, each); });
}

/// The folder at this path and all below it are not watched any more.
void NotifiedFolders::take_away(Folder& folder, std::string const& path) {
    for (auto at = folder.watches.lower_bound(path); at != folder.watches.end();) {
        if (!at->first.starts_with(path)) break;
        bool is_below = at->first.size() == path.size() || at->first[path.size()] == '/';
        if (!is_below) {
            ++at;
            continue;
        }
        release(at->second, folder.key.folder);
        folder.dirty.erase(at->first);
        at = folder.watches.erase(at);
    }
}

void NotifiedFolders::look(WatchKey key, std::vector<std::string> const& paths) {
    if (Folder* folder = find(key)) tell_looks(key, hands_, folder->spec, paths);
}

void NotifiedFolders::rescan(WatchKey key, bool overflowed) {
    Folder* folder = find(key);
    if (!folder) return;
    folder->no_watch.clear();
    folder->wants_rescan = false;
    Pieces pieces(key, hands_, /*whole=*/true, overflowed);
    ScanHands hands;
    hands.enter = [&](std::string const& path) { place(*folder, path); };
    hands.tell = [&](ports::FolderEntry entry) { pieces.add(std::move(entry)); };
    Scanned scanned = scan(folder->spec, folder->rules, folder->spec.path, hands);
    pieces.end(scanned.is_whole);
    if (!folder->watches.contains(folder->spec.path) && folder->no_watch.empty()) {
        return hands_.restart(key, "");  // it went away meanwhile
    }
    tell_watch_trouble(*folder, scanned.trouble);
}

/// Trouble is told when it begins and when it is over.
void NotifiedFolders::tell_watch_trouble(Folder& folder, std::string const& trouble) {
    std::string words = folder.no_watch;
    if (!words.empty()) words += "; what has no watch is read every 2 s";
    if (!trouble.empty()) words += (words.empty() ? "" : "; ") + trouble;
    bool is_polled = !folder.no_watch.empty();
    if (words.empty() && !folder.was_told) {
        hands_.tell(folder.key, ports::FolderTrouble{folder.key.folder, true, false, ""});
        folder.was_told = true;
        return;
    }
    if (is_polled) last_poll_ = Loop::now();
    folder.was_told = words.empty();
    hands_.tell(folder.key,
                ports::FolderTrouble{folder.key.folder, words.empty(), is_polled, words});
}

void NotifiedFolders::read() {
    alignas(inotify_event) char bytes[events_bytes];
    ssize_t got;
    while (inotify_ && (got = ::read(inotify_.get(), bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < got;) {
            auto const& event = *reinterpret_cast<inotify_event const*>(bytes + at);
            take(event);
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
        std::vector<WatchKey> lost;
        for (auto& [id, folder] : folders_) {
            tell_batch(folder);
            if (folder.is_lost) lost.push_back(folder.key);
        }
        for (WatchKey key : lost) {
            drop(key);
            hands_.restart(key, "");
        }
    }
}

void NotifiedFolders::take(inotify_event const& event) {
    if (event.mask & IN_Q_OVERFLOW) {
        for (auto& [id, folder] : folders_) rescan(folder.key, /*overflowed=*/true);
        return;
    }
    auto at = targets_.find(event.wd);
    if (at == targets_.end()) return;
    std::vector<Target> targets = at->second;  // which of them change on the way
    for (Target const& target : targets) {
        auto folder = folders_.find(target.folder);
        if (folder != folders_.end()) take_for(folder->second, target.path, event);
    }
    if (event.mask & IN_IGNORED) targets_.erase(event.wd);
}

void NotifiedFolders::take_for(Folder& folder, std::string const& at, inotify_event const& event) {
    bool is_root = at == folder.spec.path;
    if (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
        folder.is_lost |= is_root;
        if (event.mask & IN_IGNORED) folder.watches.erase(at);
        return;
    }
    if (event.len == 0) return;
    if (folder.spec.wants_folders && !is_root) {
        // Of the thing that it is somewhere in.
        folder.dirty.insert(at.substr(0, at.find('/', folder.spec.path.size() + 1)));
        return;
    }
    std::string path = at + "/" + event.name;
    if (event.mask & IN_ISDIR) return take_folder(folder, path, event.mask);
    if (!folder.spec.wants_folders && folder.rules.accepts(event.name)) {
        take_file(folder, path, event.mask);
    }
}

void NotifiedFolders::take_file(Folder& folder, std::string const& path, std::uint32_t what) {
    Sign& sign = folder.changed[path];
    // What was said of a file of that name before is not said of this one.
    if (what & (IN_CREATE | IN_DELETE | IN_MOVED_FROM)) sign = {};
    if (what & IN_CLOSE_WRITE) sign.closed = true;
    if (what & IN_MOVED_TO) sign = {.closed = false, .moved = true};
}

void NotifiedFolders::take_folder(Folder& folder, std::string const& path, std::uint32_t what) {
    auto const& spec = folder.spec;
    std::string name = path.substr(path.rfind('/') + 1);
    if (std::ranges::find(spec.excluded, path) != spec.excluded.end()) return;
    bool is_thing = spec.wants_folders && folder.rules.accepts(name);
    bool is_way = !spec.wants_folders && spec.recursive && folder.rules.enters(name);
    if (what & (IN_MOVED_FROM | IN_DELETE)) {
        take_away(folder, path);
        // Which files were in it nobody told.
        if (is_way && (what & IN_MOVED_FROM)) folder.wants_rescan = true;
    }
    if (is_thing) {
        if (what & (IN_CREATE | IN_MOVED_TO)) place_all(folder, path);
        return take_file(folder, path, what);
    }
    if (is_way && (what & (IN_CREATE | IN_MOVED_TO))) {
        new_folder(folder, path, (what & IN_MOVED_TO) != 0);
    }
}

/// A sub-folder that came: it may be full already.
void NotifiedFolders::new_folder(Folder& folder, std::string const& path, bool moved) {
    ScanHands hands;
    hands.enter = [&](std::string const& each) { place(folder, each); };
    hands.tell = [&](ports::FolderEntry entry) {
        Sign& sign = folder.changed[entry.path];
        sign.moved |= moved;  // with the folder, complete as they were
    };
    Scanned scanned = scan(folder.spec, folder.rules, path, hands);
    if (!scanned.is_whole || !folder.no_watch.empty()) tell_watch_trouble(folder, scanned.trouble);
}

void NotifiedFolders::tell_batch(Folder& folder) {
    if (folder.is_lost) return;  // what cannot be seen is not gone
    if (folder.wants_rescan) rescan(folder.key);
    Pieces pieces(folder.key, hands_, /*whole=*/false, /*overflowed=*/false);
    std::vector<std::string> gone;
    for (auto const& [path, sign] : std::exchange(folder.changed, {})) {
        ports::FolderEntry entry;
        if (!look_at(folder.spec, path, sign.closed || sign.moved, entry)) {
            gone.push_back(path);
            continue;
        }
        entry.closed = sign.closed;
        entry.moved_in = sign.moved;
        pieces.add(std::move(entry));
    }
    // After the entries: a file that has another name now is renamed, not gone.
    for (std::string& path : gone) pieces.add_gone(std::move(path));
    pieces.end();
    if (!folder.dirty.empty()) tell_dirty(folder);
}

void NotifiedFolders::tell_dirty(Folder& folder) {
    if (Loop::now() - last_dirty_ < dirty_span) return;
    last_dirty_ = Loop::now();
    Pieces pieces(folder.key, hands_, /*whole=*/false, /*overflowed=*/false);
    for (std::string const& path : std::exchange(folder.dirty, {})) {
        ports::FolderEntry entry;
        place_all(folder, path);
        if (look_at(folder.spec, path, /*ask_writers=*/false, entry)) pieces.add(std::move(entry));
    }
    pieces.end();
}

int NotifiedFolders::timeout() const {
    std::optional<Instant> next;
    for (auto const& [id, folder] : folders_) {
        if (!folder.dirty.empty()) next = last_dirty_ + dirty_span;
        if (!folder.no_watch.empty())
            next = std::min(next.value_or(last_poll_ + poll_span), last_poll_ + poll_span);
    }
    if (!next) return -1;
    return static_cast<int>(std::max((*next - Loop::now()).count() + 1, Duration::rep{0}));
}

void NotifiedFolders::on_time() {
    bool is_poll = Loop::now() >= last_poll_ + poll_span;
    for (auto& [id, folder] : folders_) {
        if (!folder.dirty.empty()) tell_dirty(folder);
        if (folder.no_watch.empty() || !is_poll) continue;
        last_poll_ = Loop::now();
        std::string before = std::exchange(folder.no_watch, {});
        Folder& each = folder;
        Scanned scanned =
            folder.snapshot.tell_changes(folder.key, hands_, folder.spec, folder.rules, false,
                                         [&](std::string const& path) { place(each, path); });
        if (folder.no_watch != before) tell_watch_trouble(folder, scanned.trouble);
    }
}

/// The mount that a path lies on, as the kernel numbers them.
std::string NotifiedFolders::mount_of(std::string const& path) {
    if (!mounts_) return {};
    std::string text, best_id, best_point;
    char bytes[4096];
    ::lseek(mounts_.get(), 0, SEEK_SET);
    ssize_t got;
    while ((got = ::read(mounts_.get(), bytes, sizeof bytes)) > 0) text.append(bytes, got);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, parent, device, root, point;
        words >> id >> parent >> device >> root >> point;
        bool is_above =
            point == "/" || path == point || (path.starts_with(point) && path[point.size()] == '/');
        if (!is_above || point.size() < best_point.size()) continue;
        best_id = id;
        best_point = point;
    }
    return best_id;
}

/// Something was mounted or taken off. A folder that lies on another mount now is another folder.
void NotifiedFolders::read_mounts() {
    std::vector<WatchKey> lost;
    for (auto const& [id, folder] : folders_) {
        if (mount_of(folder.spec.path) != folder.mount) lost.push_back(folder.key);
    }
    for (WatchKey key : lost) {
        drop(key);
        hands_.restart(key, "");
    }
}

}  // namespace lares::os
