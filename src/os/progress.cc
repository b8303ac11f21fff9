// os/progress.cc: one inotify instance, looked at with pauses.

#include "os/progress.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <utility>

namespace lares::os {

Progress::~Progress() {
    loop_.cancel(paused_);
    loop_.cancel(fresh_at_);
    if (inotify_) loop_.forget(inotify_.get());
}

bool Progress::can_listen() {
    if (inotify_) return true;
    inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!inotify_) return false;
    loop_.on_readable(inotify_.get(), [this] { look(); });
    return true;
}

void Progress::add(ports::RunId run, ProgressFile file) {
    heard_.insert_or_assign(run, Heard{std::move(file)});
    fresh_.push_back(run);
    if (fresh_at_ != TimerId::none) return;
    fresh_at_ = loop_.at(Loop::now() + pause, [this] {
        fresh_at_ = TimerId::none;
        begin_to_listen();
    });
}

void Progress::begin_to_listen() {
    bool has_any = false;
    for (ports::RunId run : std::exchange(fresh_, {})) {
        auto found = heard_.find(run);
        if (found == heard_.end() || found->second.watch >= 0) continue;
        Heard& heard = found->second;
        has_any = true;
        listens_(run, heard.file.fd());
        if (can_listen()) heard.watch = heard.file.watch(inotify_.get());
        if (heard.watch >= 0) runs_[heard.watch] = run;
        tell(run, heard.file.read());  // what it said before, or a predecessor did not hear
    }
    if (has_any && inotify_ && paused_ == TimerId::none) pause_looking();
}

void Progress::remove(ports::RunId run) {
    auto node = heard_.extract(run);
    if (!node) return;
    Heard& heard = node.mapped();
    if (heard.watch >= 0) {
        ::inotify_rm_watch(inotify_.get(), heard.watch);
        runs_.erase(heard.watch);
    }
    tell(run, heard.file.read_last());
}

void Progress::tell(ports::RunId run, std::string line) {
    if (!line.empty()) tell_(run, std::move(line));
}

/// Takes what inotify has, and then leaves it alone for a while: a process that writes without end
/// costs us no more than a few looks a second.
void Progress::look() {
    alignas(inotify_event) char bytes[16u << 10];
    std::set<ports::RunId> written;
    ssize_t got;
    while ((got = ::read(inotify_.get(), bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < got;) {
            inotify_event event;
            std::memcpy(&event, bytes + at, sizeof event);
            at += static_cast<ssize_t>(sizeof event + event.len);
            auto run = runs_.find(event.wd);
            if (run != runs_.end()) written.insert(run->second);
            // Some were lost: then anyone may have written.
            if (event.mask & IN_Q_OVERFLOW)
                for (auto const& [watch, each] : runs_) written.insert(each);
        }
    }
    pause_looking();
    for (ports::RunId run : written) tell(run, heard_.at(run).file.read());
}

void Progress::pause_looking() {
    loop_.forget(inotify_.get());
    paused_ = loop_.at(Loop::now() + pause, [this] {
        paused_ = TimerId::none;
        loop_.on_readable(inotify_.get(), [this] { look(); });
    });
}

}  // namespace lares::os
