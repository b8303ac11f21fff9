// os/intake_notifier.cc: the thread, its commands and its poll(2).

#include "os/intake_notifier.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "os/intake_notified.h"

namespace lares::os {

namespace {

constexpr Duration patience{1'000};

}  // namespace

struct Notifier::State {
    explicit State(WatchHands given) : hands(std::move(given)), folders(hands) {}

    WatchHands hands;
    NotifiedFolders folders;  // the thread's alone

    std::mutex mutex;
    std::deque<std::function<void(State&)>> commands;
    bool is_ending = false;
    Fd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

    bool carry_out() {
        std::unique_lock lock(mutex);
        while (!commands.empty() && !is_ending) {
            auto command = std::move(commands.front());
            commands.pop_front();
            lock.unlock();
            command(*this);
            lock.lock();
        }
        return !is_ending;
    }
    void run() {
        while (carry_out()) {
            pollfd ready[] = {{wake.get(), POLLIN, 0},
                              {folders.inotify(), POLLIN, 0},
                              {folders.mounts(), POLLPRI, 0}};
            if (::poll(ready, 3, folders.timeout()) < 0) continue;
            std::uint64_t count;
            if (ready[0].revents && ::read(wake.get(), &count, sizeof count) < 0) continue;
            if (ready[1].revents) folders.read();
            if (ready[2].revents) folders.read_mounts();
            folders.on_time();
        }
    }
};

Notifier::Notifier(WatchHands hands) : state_(std::make_shared<State>(std::move(hands))) {
    thread_ = PatientThread([state = state_] { state->run(); });
}

Notifier::~Notifier() {
    {
        std::lock_guard lock(state_->mutex);
        state_->is_ending = true;
    }
    ::eventfd_write(state_->wake.get(), 1);
    thread_.end(patience);
}

void Notifier::command(std::function<void(State&)> what) {
    {
        std::lock_guard lock(state_->mutex);
        state_->commands.push_back(std::move(what));
    }
    ::eventfd_write(state_->wake.get(), 1);
}

void Notifier::adopt(WatchKey key, ports::FolderSpec spec) {
    command([key, spec = std::move(spec)](State& state) { state.folders.adopt(key, spec); });
}
void Notifier::drop(WatchKey key) {
    command([key](State& state) { state.folders.drop(key); });
}
void Notifier::look(WatchKey key, std::vector<std::string> paths) {
    command([key, paths = std::move(paths)](State& state) { state.folders.look(key, paths); });
}
void Notifier::rescan(WatchKey key) {
    command([key](State& state) { state.folders.rescan(key); });
}

}  // namespace lares::os
