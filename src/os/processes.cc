// os/processes.cc: the loop's half of processes.

#include "os/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "os/command.h"
#include "os/files.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

/// Notifications of one process taken in one go, so that a flood of them leaves the others a turn.
constexpr int notifications_at_once = 16;
/// What may still be told by a process that is gone already: the kernel queues fewer.
constexpr int notifications_at_end = 1'000;
constexpr int first_notify_fd = 3;

using ports::RunId;
using ports::SpawnFailure;
using ports::Target;

Error gone() { return {Error::Kind::not_found, "no such process"}; }

Result<> signal_error(int number) {
    if (number == ESRCH) return gone();
    return system_error("signal", {}, number);
}

/// What waitid tells of a process that has ended. It stays what it is, for a successor to ask.
struct End {
    siginfo_t info{};
    rusage usage{};
};
std::optional<End> peek(int pidfd) {
    End end;
    long result =
        ::syscall(SYS_waitid, P_PIDFD, pidfd, &end.info, WEXITED | WNOHANG | WNOWAIT, &end.usage);
    if (result != 0 || end.info.si_pid == 0) return {};
    return end;
}

Duration since_zero(timeval const& t) {
    return Duration(std::int64_t{t.tv_sec} * 1000 + t.tv_usec / 1000);
}

ports::Exited exited(RunId run, int pid, int code, int status, Instant at) {
    ports::Exited event{};
    event.run = run;
    event.pid = pid;
    bool by_exit = code == CLD_EXITED;
    event.code = by_exit ? status : -1;
    event.signal = by_exit ? 0 : status;
    event.core_dumped = code == CLD_DUMPED;
    event.at = at;
    return event;
}

/// Of a child of another that has ended and is not reaped. Left alone where we may not read them.
void add_storage(ports::Exited& event) {
    auto text = read_file("/proc/" + std::to_string(event.pid) + "/io", 4096);
    if (!text) return;
    auto number = [&](char const* name) -> std::int64_t {
        std::size_t at = text->find(name);
        return at == std::string::npos ? 0 : std::atoll(text->c_str() + at + std::strlen(name));
    };
    event.read_bytes = number("\nread_bytes:");
    event.written_bytes = number("\nwrite_bytes:");
}

/// In place of any that is there.
void set_variable(std::vector<std::string>& environment, std::string const& name,
                  std::string const& value) {
    std::erase_if(environment, [&](std::string const& line) { return line.starts_with(name); });
    environment.push_back(name + value);
}

ports::Exited exited(RunId run, int pid, End const& end, Instant at) {
    auto event = exited(run, pid, end.info.si_code, end.info.si_status, at);
    event.cpu = since_zero(end.usage.ru_utime) + since_zero(end.usage.ru_stime);
    event.peak_memory_bytes = std::int64_t{end.usage.ru_maxrss} * 1024;
    // In blocks of 512 bytes, whatever the disk has; the numbers of /proc/PID/io.
    event.read_bytes = std::int64_t{end.usage.ru_inblock} * 512;
    event.written_bytes = std::int64_t{end.usage.ru_oublock} * 512;
    return event;
}

ports::Exited exited(RunId run, keeper::State const& state, Instant at) {
    bool known = state.found == 2;
    auto event =
        exited(run, state.pid, known ? state.code : CLD_EXITED, known ? state.status : -1, at);
    event.cpu = Duration(state.cpu_microseconds / 1000);
    event.peak_memory_bytes = state.peak_kilobytes * 1024;
    event.status_unknown = !known;
    if (known) add_storage(event);
    return event;
}

}  // namespace

Processes::Processes(Loop& loop, ports::Inbox& inbox, LogIntake& intake, Options options)
    : loop_(loop),
      inbox_(inbox),
      intake_(intake),
      adopts_orphans_(options.adopt_orphans || ::getpid() == 1),
      keeper_(options.keeper),
      store_(keeper_ ? static_cast<FdStore&>(*keeper_) : nothing_),
      notes_(store_),
      sockets_(options.sockets),
      progress_(
          loop,
          [this](RunId run, std::string line) {
              inbox_.push(ports::Notified{run, "PROGRESS", std::move(line)});
          },
          [this](RunId run, int fd) {
              runs_.at(run).is_progress_kept = true;
              keep(run, "progress", fd);
          }),
      is_adopting_(store_.is_successor()),
      spawner_(
          loop, options.files_limit,
          [this](SpawnOutcome outcome) { on_outcome(std::move(outcome)); },
          keeper_ ? &notes_ : nullptr),
      second_(
          loop, options.files_limit,
          [this](SpawnOutcome outcome) { on_outcome(std::move(outcome)); },
          keeper_ ? &notes_ : nullptr) {
    if (options.adopt_orphans) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Processes::~Processes() {
    for (auto& [id, run] : runs_) {
        // Nobody listens any more.
        if (std::exchange(run.has_progress, false) && run.is_progress_kept) drop(id, "progress");
        run.is_progress_kept = false;
        release(id, run);
    }
}

void Processes::spawn(RunId id, ports::SpawnRequest request) {
    Run run;
    SpawnJob job;
    job.run = id;
    if (auto failure = make_pipes(id, request, run, job)) {
        // Not from within: the caller is in the middle of its turn.
        loop_.post(
            [this, id, failure = *failure] { inbox_.push(ports::SpawnFailed{id, failure}); });
        return;
    }
    if (request.cgroup) run.cgroup = request.cgroup->name;
    run.uid = request.user ? request.user->uid : ::geteuid();
    job.request = std::move(request);
    bool is_new = runs_.try_emplace(id, std::move(run)).second;
    CHECK(is_new);
    spawner_for(job.request).spawn(std::move(job));
}

// An exec is waited for by who asked for it: while one is, another processor can make the next. For
// jobs alone, which are many: programs are made in the order they are asked for, and cgroups are
// the first's.
Spawner& Processes::spawner_for(ports::SpawnRequest const& request) {
    bool is_job = !request.out_file.empty() && !request.cgroup && request.sockets.empty();
    if (!is_job) return spawner_;
    auto waiting = spawner_.waiting();
    if (waiting == 0) return spawner_;
    return second_.waiting() < waiting ? second_ : spawner_;
}

Result<Fd> Processes::make_output(RunId id, ports::ChannelId channel, char const* name, Run& run) {
    Pipe pipe = TRY(make_pipe());
    set_nonblocking(pipe.read.get());
    run.has_pipes = true;
    keep(id, name, pipe.read.get());
    intake_.attach(id, channel, pipe.read.release());
    return std::move(pipe.write);
}

/// A duplicate: the socket may be closed before the spawner gets to it.
Result<Fd> Processes::socket_for_child(ports::SocketId id) const {
    int number = sockets_ != nullptr ? sockets_->descriptor(id) : -1;
    Fd fd(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    if (!fd) return system_error("socket");
    return fd;
}

/// A given input is a file, which the spawner makes.
Result<> Processes::make_stdin(RunId id, ports::SpawnRequest const& request, Run& run,
                               SpawnJob& job) {
    if (request.in_socket) {
        job.in = TRY(socket_for_child(*request.in_socket));
    } else if (request.stdin_pipe && !request.input) {
        Pipe pipe = TRY(make_pipe());
        set_nonblocking(pipe.write.get());
        run.in = std::move(pipe.write);
        keep(id, "in", run.in.get());
        job.in = std::move(pipe.read);
    }
    return {};
}

Result<> Processes::make_notifications(RunId id, ports::SpawnRequest& request, Run& run,
                                       SpawnJob& job) {
    if (request.notify_fd) {
        Pipe pipe = TRY(make_pipe());
        set_nonblocking(pipe.read.get());
        run.notify_pipe = std::move(pipe.read);
        keep(id, "notify_pipe", run.notify_pipe.get());
        job.notify = std::move(pipe.write);
    }
    if (!request.notify) return {};
    run.notify = TRY(NotifySocket::open());
    keep(id, "notify", run.notify->fd());
    set_variable(request.environment, "NOTIFY_SOCKET=", run.notify->address());
    return {};
}

/// The first number behind the sockets; shells know only those of one digit.
Result<> Processes::make_progress(RunId, ports::SpawnRequest& request, Run& run, SpawnJob& job) {
    run.progress = TRY(ProgressFile::open());
    run.has_progress = true;
    job.progress = run.progress->take_end();
    job.progress_to = first_notify_fd + static_cast<int>(request.sockets.size());
    if (request.notify_fd == job.progress_to) job.progress_to++;
    set_variable(request.environment, "LARES_PROGRESS=", std::to_string(job.progress_to));
    return {};
}

/// Makes both ends of everything between us and the process.
std::optional<SpawnFailure> Processes::make_pipes(RunId id, ports::SpawnRequest& request, Run& run,
                                                  SpawnJob& job) {
    auto connect = [&]() -> Result<> {
        TRY(make_stdin(id, request, run, job));
        TRY(make_notifications(id, request, run, job));
        if (request.progress) TRY(make_progress(id, request, run, job));
        for (auto const& [socket, name] : request.sockets)
            job.sockets.push_back(TRY(socket_for_child(socket)));
        if (request.out) job.out = TRY(make_output(id, *request.out, "out", run));
        if (request.err && !request.err_to_out) {
            job.err = TRY(make_output(id, *request.err, "err", run));
        }
        return {};
    };
    if (runs_.size() >= limits::processes) {
        return SpawnFailure{SpawnFailure::Kind::refused,
                            std::to_string(limits::processes) + " processes run already"};
    }
    if (request.notify_fd && *request.notify_fd < first_notify_fd) {
        return SpawnFailure{SpawnFailure::Kind::setup,
                            "the notification descriptor " + std::to_string(*request.notify_fd) +
                                " is stdin, stdout or stderr (choose 3 or more)"};
    }
    if (request.sockets.size() > most_child_sockets) {
        return SpawnFailure{SpawnFailure::Kind::setup, "at most " +
                                                           std::to_string(most_child_sockets) +
                                                           " sockets can be handed to one process"};
    }
    int first_free = first_notify_fd + static_cast<int>(request.sockets.size());
    if (request.notify_fd && !request.sockets.empty() && *request.notify_fd < first_free) {
        return SpawnFailure{SpawnFailure::Kind::setup,
                            "the notification descriptor " + std::to_string(*request.notify_fd) +
                                " is that of a socket (choose " + std::to_string(first_free) +
                                " or more)"};
    }
    if (connect()) return {};
    int error = errno;
    drop_all(id);
    return pipe_failure(request, error);
}

void Processes::on_outcome(SpawnOutcome outcome) {
    RunId id = outcome.run;
    auto at = runs_.find(id);
    CHECK(at != runs_.end());
    Run& run = at->second;
    if (outcome.failure) {
        release(id, run);
        drop_all(id);
        if (!run.cgroup.empty()) spawner_.remove_cgroup(run.cgroup);
        runs_.erase(at);
        return inbox_.push(ports::SpawnFailed{id, std::move(*outcome.failure)});
    }
    run.pid = outcome.pid;
    run.pidfd = std::move(outcome.pidfd);
    run.peak_floor = outcome.peak_floor;
    inbox_.push(ports::Spawned{id, run.pid, outcome.at});
    watch(id, run);
}

/// Hears of its end and its notifications from now on.
void Processes::watch(RunId id, Run& run) {
    loop_.on_readable(run.pidfd.get(), [this, id] { on_end(id); });
    if (run.notify) {
        loop_.on_readable(run.notify->fd(),
                          [this, id] { read_notifications(id, notifications_at_once); });
    }
    if (run.notify_pipe) {
        loop_.on_readable(run.notify_pipe.get(), [this, id] { read_notify_pipe(id); });
    }
    if (run.progress) progress_.add(id, std::move(*std::exchange(run.progress, {})));
}

void Processes::on_end(RunId id) {
    Instant at = Loop::now();
    auto found = runs_.find(id);
    CHECK(found != runs_.end());
    Run& run = found->second;
    if (run.parent == Parent::us) {
        auto end = peek(run.pidfd.get());
        if (!end) return;
        auto event = exited(id, run.pid, *end, at);
        if (event.peak_memory_bytes <= run.peak_floor * 1024) event.peak_memory_bytes = 0;
        return finish(id, std::move(event));
    }
    loop_.forget(run.pidfd.get());
    auto tell = [this, id, at](keeper::State const& state) { finish(id, exited(id, state, at)); };
    if (run.parent == Parent::keeper && !keeper_->is_lost()) return keeper_->peek(run.pid, tell);
    tell(keeper::State{run.pid, 0, 0, 0, 0, 0});
}

/// The process is gone: takes what it left and says so.
void Processes::finish(RunId id, ports::Exited event) {
    // What it said before it ended comes before its end.
    read_notifications(id, notifications_at_end);
    read_notify_pipe(id);
    auto node = runs_.extract(id);
    Run& run = node.mapped();
    loop_.forget(run.pidfd.get());
    ended_[id] = {run.pid, std::move(run.pidfd), run.parent};
    release(id, run);
    if (!run.cgroup.empty()) spawner_.remove_cgroup(run.cgroup);
    if (!run.has_pipes) return inbox_.push(event);
    intake_.drain(id, [this, id, event] {
        drop(id, "out");
        drop(id, "err");
        inbox_.push(event);
    });
}

void Processes::noted(RunId id) {
    auto node = ended_.extract(id);
    if (!node) return;
    Ended const& ended = node.mapped();
    siginfo_t end{};
    if (ended.parent == Parent::us)
        ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(ended.pidfd.get()), &end,
                 WEXITED | WNOHANG);
    if (ended.parent == Parent::keeper) keeper_->reap(ended.pid);
}

std::uint64_t Processes::start_ticks(RunId id) const {
    auto found = runs_.find(id);
    if (found == runs_.end() || found->second.pid == 0) return 0;
    Run const& run = found->second;
    if (run.start_ticks != 0 || run.parent != Parent::us) return run.start_ticks;
    auto facts = find_process(run.pid);  // ours, so it is there until it is noted
    return facts ? facts->start_ticks : 0;
}

/// Takes everything of a run off the loop and closes it.
void Processes::release(RunId id, Run& run) {
    shut_stdin(id, run);
    if (run.has_progress) progress_.remove(id);
    if (run.is_progress_kept) drop(id, "progress");
    if (run.pidfd) loop_.forget(run.pidfd.get());
    if (run.notify) {
        loop_.forget(run.notify->fd());
        drop(id, "notify");
    }
    if (run.notify_pipe) {
        loop_.forget(run.notify_pipe.get());
        drop(id, "notify_pipe");
    }
    run.pidfd.reset();
    run.notify.reset();
    run.notify_pipe.reset();
}

Result<> Processes::signal(RunId id, int number, Target target) {
    auto at = runs_.find(id);
    if (at == runs_.end() || at->second.pid == 0) return gone();
    Run const& run = at->second;
    if (target == Target::everything && !run.cgroup.empty()) {
        auto sent = cgroups_.signal(run.cgroup, number);
        if (sent) return sent;  // else it left its cgroup, too
    }
    // The pid is not reaped yet, so neither it nor its group's number can be another's.
    if (target != Target::process) {
        if (::kill(-run.pid, number) == 0) return {};
        if (errno != ESRCH) return signal_error(errno);
        // It left its own group for another one: then at least itself.
    }
    if (::syscall(SYS_pidfd_send_signal, run.pidfd.get(), number, nullptr, 0) == 0) return {};
    return signal_error(errno);
}

void Processes::read_notifications(RunId id, int most) {
    Run& run = runs_.at(id);
    if (!run.notify) return;
    run.notify->read({run.pid, run.uid}, most, [&](NotifyLine line) {
        inbox_.push(ports::Notified{id, std::move(line.key), std::move(line.value)});
    });
}

/// s6: a newline says ready; what is before it does not matter, and nothing comes after it.
void Processes::read_notify_pipe(RunId id) {
    Run& run = runs_.at(id);
    if (!run.notify_pipe) return;
    char bytes[256];
    ssize_t got = ::read(run.notify_pipe.get(), bytes, sizeof bytes);
    if (got < 0) return;
    bool ready = std::find(bytes, bytes + got, '\n') != bytes + got;
    if (got > 0 && !ready) return;
    loop_.forget(run.notify_pipe.get());
    run.notify_pipe.reset();
    drop(id, "notify_pipe");
    if (ready) inbox_.push(ports::Notified{id, "READY", "1"});
}

std::string Processes::cgroups_missing() const { return cgroups_.missing(); }

void Processes::reap_orphans() {
    if (!adopts_orphans_ || ::gettid() != ::getpid()) return;
    siginfo_t ended{};
    while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | __WNOTHREAD) == 0 && ended.si_pid != 0) {
        ended = {};
    }
}

}  // namespace lares::os
