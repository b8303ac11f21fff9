// os/processes_adopt.cc: runs that a predecessor made, and what the keeper holds of them.

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/check.h"
#include "os/processes.h"

namespace lares::os {

namespace {

using ports::Adopted;
using ports::RunId;

std::string name_of(RunId id, char const* what) {
    return "run/" + std::to_string(static_cast<std::uint64_t>(id)) + "/" + what;
}

constexpr char const* all_names[] = {"in", "out", "err", "notify", "notify_pipe", "progress"};

/// The run of "run/ID/what".
RunId run_of(std::string const& name) {
    return RunId{std::strtoull(name.c_str() + std::string_view("run/").size(), nullptr, 10)};
}

}  // namespace

void Processes::keep(RunId id, char const* what, int fd) {
    // What the keeper cannot hold is told by the link; the run goes on.
    if (keeper_) (void)store_.keep(name_of(id, what), fd);
}

void Processes::drop(RunId id, char const* what) {
    if (keeper_) store_.drop(name_of(id, what));
}

void Processes::drop_all(RunId id) {
    for (char const* what : all_names) drop(id, what);
}

/// The process, if it is still the one that was noted.
std::optional<Processes::Found> Processes::look_for(int pid, std::uint64_t start_ticks) const {
    Found found{Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))), {}};
    auto facts = found.pidfd ? find_process(pid) : std::nullopt;
    if (!facts || (start_ticks != 0 && facts->start_ticks != start_ticks)) return {};
    found.facts = *facts;
    return found;
}

Adopted Processes::adopt(RunId id, ports::AdoptRequest request) {
    bool was_noted = request.pid != 0;
    int pid = was_noted ? request.pid : notes_.find(id);
    // Where no pid was noted, the start that was noted is that of the run before.
    if (!was_noted) request.start_ticks = 0;
    auto found = pid > 0 ? look_for(pid, request.start_ticks) : std::nullopt;
    bool is_keepers = found && store_.is_successor() && found->facts.parent == ::getppid();
    // A pid alone names a process only as long as its parent has not reaped it.
    bool is_sure = is_keepers || (found && request.start_ticks != 0);
    if (!is_sure) {
        drop_all(id);
        return was_noted || !store_.is_successor() ? Adopted::gone : Adopted::never_made;
    }
    Run run;
    run.pid = pid;
    run.parent = is_keepers ? Parent::keeper : Parent::stranger;
    run.start_ticks = found->facts.start_ticks;
    run.pidfd = std::move(found->pidfd);
    run.uid = request.uid;
    run.cgroup = std::move(request.cgroup);
    run.in = store_.take(name_of(id, "in"));
    run.notify_pipe = store_.take(name_of(id, "notify_pipe"));
    if (Fd notify = store_.take(name_of(id, "notify")))
        run.notify = NotifySocket::take_over(std::move(notify));
    auto attach = [&](char const* what, std::optional<ports::ChannelId> channel) {
        Fd pipe = channel ? store_.take(name_of(id, what)) : Fd();
        if (!pipe) return;
        run.has_pipes = true;
        intake_.attach(id, *channel, pipe.release());
    };
    attach("out", request.out);
    attach("err", request.err);
    if (Fd progress = store_.take(name_of(id, "progress"))) {
        run.progress = ProgressFile::take_over(std::move(progress));
        run.has_progress = run.is_progress_kept = true;
    }
    if (!was_noted) inbox_.push(ports::Spawned{id, pid, Loop::now()});
    auto [at, is_new] = runs_.try_emplace(id, std::move(run));
    CHECK(is_new);
    watch(id, at->second);
    return was_noted ? Adopted::running : Adopted::spawned;
}

void Processes::adoption_ended() {
    for (auto const& name : store_.untaken("run/")) {
        RunId id = run_of(name);
        int pid = runs_.contains(id) ? 0 : notes_.find(id);
        auto found = pid > 0 ? look_for(pid, 0) : std::nullopt;
        // Made by a predecessor that did not live to note it, and by nobody's wish any more.
        if (found && found->facts.parent == ::getppid() && !is_adopted(pid)) ::kill(-pid, SIGTERM);
        store_.take(name).reset();
        store_.drop(name);
    }
    is_adopting_ = false;
    for (int pid : std::exchange(ended_children_, {})) on_ended_child(pid);
}

bool Processes::is_adopted(int pid) const {
    auto is_it = [&](auto const& entry) {
        return entry.second.parent == Parent::keeper && entry.second.pid == pid;
    };
    return std::ranges::any_of(runs_, is_it) || std::ranges::any_of(ended_, is_it);
}

void Processes::on_ended_child(int pid) {
    if (is_adopting_) return ended_children_.push_back(pid);
    if (keeper_ && !is_adopted(pid)) keeper_->reap(pid);
}

}  // namespace lares::os
