// os/intake_poller.cc: probe, scan, sleep; woken by commands.

#include "os/intake_poller.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace lares::os {

using namespace std::chrono_literals;

namespace {

constexpr Duration usual_poll = 5s;
/// A folder that is not there, or cannot be read: tried again, later each time.
constexpr Duration first_retry = 1s, last_retry = 60s;
/// At the end of the process, for a thread that is in the middle of a scan.
constexpr Duration patience = 500ms;

std::string in_seconds(Duration span) {
    std::string text = std::to_string(span.count() / 1000);
    if (span.count() % 1000 != 0) text = std::to_string(span.count()) + " ms";
    return span.count() % 1000 != 0 ? text : text + " s";
}

}  // namespace

struct Poller::State {
    WatchKey key;
    ports::FolderSpec spec;
    WatchHands hands;
    std::string why_polled;

    std::mutex mutex;
    std::condition_variable changed;
    bool is_ending = false, wants_rescan = false;
    std::vector<std::string> looks;
};

namespace {

/// What the thread does. Touches the shared state only under its lock.
class Round {
public:
    explicit Round(Poller::State& state)
        : state_(state),
          rules_(state.spec),
          poll_(state.spec.poll.count() > 0 ? state.spec.poll : usual_poll) {}

    void run() {
        Duration retry = first_retry;
        bool whole = true;
        while (true) {
            auto kind = state_.hands.file_system(state_.spec.path);
            if (is_ending()) return;
            if (!kind) {
                tell_trouble(kind.error().what + "; it is looked for again");
                whole = true;
                if (!wait(std::exchange(retry, std::min(retry * 2, last_retry)), whole)) return;
                continue;
            }
            std::string why = state_.why_polled.empty() ? *kind : state_.why_polled;
            if (why.empty() && state_.spec.poll.count() == 0) return state_.hands.adopt(state_.key);
            Scanned scanned = snapshot_.tell_changes(state_.key, state_.hands, state_.spec, rules_,
                                                     std::exchange(whole, false));
            if (!scanned.is_whole) {
                tell_trouble(scanned.trouble + "; it is read again");
                whole = true;
            } else {
                retry = first_retry;
                tell_polled(why);
            }
            Duration pause =
                scanned.is_whole ? poll_ : std::exchange(retry, std::min(retry * 2, last_retry));
            if (!wait(pause, whole)) return;
        }
    }

private:
    bool is_ending() {
        std::lock_guard lock(state_.mutex);
        return state_.is_ending;
    }
    void tell_trouble(std::string words) { tell({state_.key.folder, false, true, words}); }
    void tell_polled(std::string const& why) {
        std::string words = "it is read every " + in_seconds(poll_);
        if (!state_.why_polled.empty()) {
            words = why + "; " + words;
        } else if (!why.empty()) {
            words = "notifications do not work on " + why + ": " + words;
        }
        bool is_trouble = !state_.why_polled.empty();
        tell({state_.key.folder, !is_trouble, true, words});
    }
    /// Only what differs from the last time.
    void tell(ports::FolderTrouble trouble) {
        if (trouble.words == told_) return;
        told_ = trouble.words;
        state_.hands.tell(state_.key, std::move(trouble));
    }
    /// Until the pause is over or a rescan is asked for; looks are answered on the way. False: end.
    bool wait(Duration pause, bool& whole) {
        auto until = std::chrono::steady_clock::now() + pause;
        std::unique_lock lock(state_.mutex);
        while (true) {
            state_.changed.wait_until(lock, until, [this] {
                return state_.is_ending || state_.wants_rescan || !state_.looks.empty();
            });
            if (state_.is_ending) return false;
            if (std::exchange(state_.wants_rescan, false)) {
                whole = true;
                return true;
            }
            if (state_.looks.empty()) return true;
            auto paths = std::exchange(state_.looks, {});
            lock.unlock();
            tell_looks(state_.key, state_.hands, state_.spec, paths);
            lock.lock();
        }
    }

    Poller::State& state_;
    NameRules rules_;
    Duration poll_;
    Snapshot snapshot_;
    std::string told_;
};

}  // namespace

Poller::Poller(WatchKey key, ports::FolderSpec spec, WatchHands hands, std::string why_polled)
    : state_(std::make_shared<State>()) {
    state_->key = key;
    state_->spec = std::move(spec);
    state_->hands = std::move(hands);
    state_->why_polled = std::move(why_polled);
    thread_ = PatientThread([state = state_] { Round(*state).run(); });
}

Poller::~Poller() {
    if (!state_) return;
    stop();
    thread_.end(patience);
}

void Poller::stop() {
    {
        std::lock_guard lock(state_->mutex);
        state_->is_ending = true;
    }
    state_->changed.notify_all();
}

void Poller::look(std::vector<std::string> paths) {
    {
        std::lock_guard lock(state_->mutex);
        for (std::string& path : paths) state_->looks.push_back(std::move(path));
    }
    state_->changed.notify_all();
}

void Poller::rescan() {
    {
        std::lock_guard lock(state_->mutex);
        state_->wants_rescan = true;
    }
    state_->changed.notify_all();
}

}  // namespace lares::os
