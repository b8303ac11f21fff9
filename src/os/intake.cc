// os/intake.cc: who watches which folder, and which thread moves what.

#include "os/intake.h"

#include <utility>

#include "os/intake_move.h"

namespace lares::os {

namespace {

constexpr Duration patience{1'000};

}  // namespace

Intake::Intake(Loop& loop, ports::Inbox& inbox, FileSystem file_system)
    : inbox_(inbox),
      file_system_(std::move(file_system)),
      bridge_(std::make_shared<Bridge>(loop)) {}

Intake::~Intake() {
    bridge_->close();
    for (auto& [id, watched] : watched_) {
        if (watched.poller) watched.poller->stop();  // all at once, before one is waited for
    }
    for (auto& [path, lane] : lanes_) lane.end(patience);
}

WatchHands Intake::hands() {
    // Run on other threads, but for what they post.
    WatchHands made;
    made.tell = [this, bridge = bridge_](WatchKey key, ports::Event event) {
        bridge->post_bounded([this, key, event = std::move(event)] { take(key, event); });
    };
    made.adopt = [this, bridge = bridge_](WatchKey key) {
        bridge->post([this, key] { adopt(key); });
    };
    made.restart = [this, bridge = bridge_](WatchKey key, std::string why) {
        bridge->post([this, key, why = std::move(why)] { restart(key, why); });
    };
    made.file_system = file_system_;
    return made;
}

Intake::Watched* Intake::find(WatchKey key) {
    auto at = watched_.find(key.folder);
    return at != watched_.end() && at->second.key == key ? &at->second : nullptr;
}

void Intake::take(WatchKey key, ports::Event event) {
    if (find(key)) inbox_.push(std::move(event));
}

void Intake::watch(ports::FolderId id, ports::FolderSpec spec) {
    unwatch(id);
    Watched& watched = watched_[id];
    watched.key = {id, ++generations_};
    while (spec.path.size() > 1 && spec.path.back() == '/') spec.path.pop_back();
    watched.spec = std::move(spec);
    watched.poller = std::make_unique<Poller>(watched.key, watched.spec, hands(), "");
}

void Intake::retire(Watched& watched) {
    if (watched.poller) {
        watched.poller->stop();
        retired_.push_back(std::move(watched.poller));
    } else if (notifier_) {
        notifier_->drop(watched.key);
    }
    std::erase_if(retired_, [](auto const& poller) { return poller->is_ended(); });
}

void Intake::unwatch(ports::FolderId id) {
    auto at = watched_.find(id);
    if (at == watched_.end()) return;
    retire(at->second);
    watched_.erase(at);
    bool has_notified = false;
    for (auto const& [other, watched] : watched_) has_notified |= !watched.poller;
    if (!has_notified) notifier_.reset();
    std::erase_if(lanes_, [](auto const& each) { return each.second.is_idle(); });
}

void Intake::adopt(WatchKey key) {
    Watched* watched = find(key);
    if (!watched) return;
    if (!notifier_) notifier_ = std::make_unique<Notifier>(hands());
    retire(*watched);
    notifier_->adopt(key, watched->spec);
}

void Intake::restart(WatchKey key, std::string why_polled) {
    Watched* watched = find(key);
    if (!watched) return;
    retire(*watched);
    watched->key.generation = ++generations_;
    watched->poller =
        std::make_unique<Poller>(watched->key, watched->spec, hands(), std::move(why_polled));
}

void Intake::look(ports::FolderId id, std::vector<std::string> paths) {
    auto at = watched_.find(id);
    if (at == watched_.end() || paths.empty()) return;
    // Lost when it turns out to be the notifier's: that begins by telling everything.
    if (at->second.poller) return at->second.poller->look(std::move(paths));
    notifier_->look(at->second.key, std::move(paths));
}

void Intake::rescan(ports::FolderId id) {
    auto at = watched_.find(id);
    if (at == watched_.end()) return;
    if (at->second.poller) return at->second.poller->rescan();
    notifier_->rescan(at->second.key);
}

/// Of the innermost folder that the path lies in; of its own parent when it lies in none.
Lane& Intake::lane_of(std::string const& path) {
    std::string best;
    for (auto const& [id, watched] : watched_) {
        std::string const& root = watched.spec.path;
        if (root.size() > best.size() && path.starts_with(root + "/")) best = root;
    }
    return lanes_[best.empty() ? path.substr(0, path.rfind('/')) : best];
}

template <class T>
void Intake::work(std::string const& path, std::function<Result<T>()> what,
                  std::function<void(Result<T>)> done) {
    lane_of(path).run([bridge = bridge_, what = std::move(what), done = std::move(done)]() mutable {
        bridge->post([result = what(), done = std::move(done)] { done(result); });
    });
}

void Intake::move(std::string from, std::string to, Identity identity,
                  std::function<void(Result<std::string>)> done) {
    std::string path = from;
    work<std::string>(
        path,
        [from = std::move(from), to = std::move(to), identity] {
            return move_path(from, to, identity);
        },
        std::move(done));
}

void Intake::put(std::string path, std::string bytes,
                 std::function<void(Result<std::string>)> done) {
    std::string at = path;
    work<std::string>(
        at, [path = std::move(path), bytes = std::move(bytes)] { return put_file(path, bytes); },
        std::move(done));
}

void Intake::remove(std::string path, Identity identity, std::function<void(Result<>)> done) {
    std::string at = path;
    work<Unit>(
        at, [path = std::move(path), identity] { return remove_path(path, identity); },
        std::move(done));
}

void Intake::hash(std::string path, std::function<void(Result<std::string>)> done) {
    std::string at = path;
    work<std::string>(at, [path = std::move(path)] { return hash_path(path); }, std::move(done));
}

}  // namespace lares::os
