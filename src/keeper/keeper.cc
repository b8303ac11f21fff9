// keeper/keeper.cc: two descriptors, one poll.

#include "keeper/keeper.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <exception>

namespace lares::keeper {

namespace {

constexpr int first_delay = 100, longest_delay = 5'000;
/// A daemon that ends sooner after it was ready has not shown that it can live.
constexpr long long proof_of_life = 100;
/// Messages read in one go; signals must have their turn.
constexpr int messages_at_once = 256;

long long now_milliseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

int open_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2})
        ::sigaddset(&set, number);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool asks_for_end(int number) { return number == SIGTERM || number == SIGINT || number == SIGQUIT; }

/// Descriptors from this number on are refused: what is needed to start a daemon stays to be had,
/// however much is kept.
int first_refused() {
    constexpr int spare = 32;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    constexpr rlim_t most = 1u << 30;  // the kernel's own
    return static_cast<int>(std::min(files.rlim_cur, most)) - spare;
}

bool has_children() {
    siginfo_t found{};
    return ::waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

int delay_after(int early_ends) {
    int delay = early_ends > 1 ? first_delay : 0;
    for (int i = 2; i < early_ends && delay < longest_delay; i++) delay *= 2;
    return std::min(delay, longest_delay);
}

Keeper::Keeper(Starter& starter, int link, int daemon)
    : starter_(starter),
      link_(link),
      daemon_(daemon),
      signals_(open_signals()),
      first_refused_(first_refused()) {}

Keeper::~Keeper() {
    close_link();
    ::close(signals_);
}

int Keeper::run() {
    look_after_daemon();  // it may have ended before we listened
    while (status_ < 0) {
        pollfd watched[2] = {
            {signals_, POLLIN, 0},
            {link_, static_cast<short>(giving_ || !unsaid_.empty() ? POLLIN | POLLOUT : POLLIN),
             0}};
        int wait = -1;
        if (daemon_ == 0) wait = static_cast<int>(std::max(0LL, start_at_ - now_milliseconds()));
        ::poll(watched, link_ >= 0 ? 2 : 1, wait);
        // What a daemon said before it died is heard before its death.
        if (link_ >= 0 && watched[1].revents != 0) read_link();
        say_what_waits();
        if (giving_ && link_ >= 0) give();
        if (watched[0].revents != 0) read_signals();
        if (status_ < 0 && daemon_ == 0 && now_milliseconds() >= start_at_) start_daemon();
    }
    return status_;
}

// ---- Signals. ----

void Keeper::read_signals() {
    signalfd_siginfo info;
    while (status_ < 0 && ::read(signals_, &info, sizeof info) == sizeof info) {
        int number = static_cast<int>(info.ssi_signo);
        if (number == SIGCHLD) {
            look_after_daemon();
            offer_orphans();
        } else {
            // The terminal told the whole group, and so the daemon itself.
            on_signal(number, info.ssi_code == SI_KERNEL);
        }
    }
}

void Keeper::on_signal(int number, bool from_terminal) {
    // A daemon that is killed before it can obey leaves that to the next one, and whether this one
    // is being killed right now cannot be seen.
    bool is_known = std::find(remembered_.begin(), remembered_.end(), number) != remembered_.end();
    if (asks_for_end(number) && !is_known) remembered_.push_back(number);
    bool can_hear = daemon_ != 0 && (ready_ || !was_ever_ready_);
    if (can_hear && !from_terminal) pass_on(number);
}

void Keeper::pass_on(int number) {
    if (daemon_ > 0) ::kill(daemon_, number);
}

// ---- The daemon's life. ----

void Keeper::look_after_daemon() {
    if (daemon_ == 0) return;
    siginfo_t end{};
    int result = ::waitid(P_PID, static_cast<id_t>(daemon_), &end, WEXITED | WNOHANG);
    if (result != 0 || end.si_pid == 0) return;
    daemon_ = 0;
    // Its last words: what it wanted kept or dropped.
    while (link_ >= 0) read_link();
    on_end(end.si_code, end.si_status);
}

void Keeper::on_end(int code, int status) {
    bool by_itself = code == CLD_EXITED;
    deaths_++;
    if (ready_ && by_itself) return void(status_ = status);
    if (!was_ever_ready_ && !runs_next_) {
        status_ = by_itself ? status : 128 + status;
        return;
    }
    bool lived = ready_ && now_milliseconds() - ready_at_ >= proof_of_life;
    // Killed from outside, it shows nothing about itself: twice in a row is as bad as it gets.
    bool was_killed = !by_itself && status == SIGKILL;
    early_ends_ = lived ? 0 : was_killed ? std::min(early_ends_ + 1, 2) : early_ends_ + 1;
    if (runs_next_ && !ready_) has_next_ = false;  // back to the binary that worked
    plan_start();
}

void Keeper::plan_start() {
    ready_ = runs_next_ = giving_ = false;
    offered_ = 0;
    start_at_ = now_milliseconds() + delay_after(early_ends_);
    // Asked to end, and nothing to keep for which another daemon would be needed.
    if (!remembered_.empty() && !has_children()) status_ = 128 + remembered_.front();
}

void Keeper::start_daemon() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
        int pid = starter_.start(ends[1], has_next_);
        ::close(ends[1]);
        if (pid > 0) {
            link_ = ends[0];
            daemon_ = pid;
            runs_next_ = has_next_;
            return;
        }
        ::close(ends[0]);
    }
    early_ends_ = std::max(early_ends_ + 1, 2);  // no process or descriptor to be had: later
    plan_start();
}

void Keeper::on_ready() {
    ready_ = was_ever_ready_ = true;
    ready_at_ = now_milliseconds();
    if (runs_next_) starter_.next_works();
    if (runs_next_) has_next_ = runs_next_ = false;
    for (int number : remembered_) pass_on(number);
}

// ---- Messages. ----

void Keeper::read_link() {
    Message message;
    for (int i = 0; i < messages_at_once; i++) {
        Received received = receive(link_, message);
        if (received == Received::nothing && daemon_ != 0) return;
        if (received != Received::message) return close_link();
        on_message(message);
        for (int left : message.descriptors) ::close(left);
    }
}

void Keeper::close_link() {
    if (link_ >= 0) ::close(link_);
    link_ = -1;
    giving_ = false;
    unsaid_.clear();
}

void Keeper::say(Kind kind, std::string_view body) {
    unsaid_.emplace_back(kind, body);
    say_what_waits();
}

void Keeper::say_what_waits() {
    while (link_ >= 0 && !unsaid_.empty()) {
        auto const& [kind, body] = unsaid_.front();
        if (!send(link_, kind, body) && errno == EAGAIN) return;
        unsaid_.pop_front();
    }
}

/// Whatever goes wrong with one message (no memory to be had), the next one is read.
void Keeper::on_message(Message& message) try {
    int pid = 0;
    switch (message.kind) {
    case Kind::hello:
        return on_hello();
    case Kind::keep:
        return on_keep(message);
    case Kind::drop:
        return held_.drop(message.body);
    case Kind::peek:
        return read_value(message, pid) ? peek(pid) : void();
    case Kind::reap:
        return read_value(message, pid) ? reap(pid) : void();
    case Kind::next:
        starter_.choose_next(message.body);
        has_next_ = true;
        return;
    case Kind::ready:
        return on_ready();
    case Kind::welcome:
    case Kind::held:
    case Kind::state:
    case Kind::orphan:
    case Kind::refused:
        return;
    }
} catch (std::exception const&) {
}

void Keeper::on_keep(Message& message) {
    bool kept = false;
    if (message.descriptors.size() == 1 && message.descriptors[0] < first_refused_) {
        kept = held_.keep(message.body, message.descriptors[0]);
        message.descriptors.clear();
    }
    // Also when no descriptor arrived: we may have as many as we are allowed.
    if (!kept) say(Kind::refused, std::string_view(message.body).substr(0, name_bytes));
}

void Keeper::on_hello() {
    give_names_ = held_.names();
    given_ = 0;
    giving_ = true;
    offered_ = 0;
}

/// Hands over as much as the daemon takes at once.
void Keeper::give() {
    while (true) {
        std::string names;
        int descriptors[batch];
        std::size_t count = 0, next = given_;
        for (; next < give_names_.size() && count < batch; next++) {
            int descriptor = held_.find(give_names_[next]);
            if (descriptor < 0) continue;
            descriptors[count++] = descriptor;
            names += give_names_[next] + '\0';
        }
        if (count == 0) break;
        if (!send(link_, Kind::held, names, descriptors, count))
            return;  // EAGAIN: when it has read
        given_ = next;
    }
    Welcome welcome{protocol_version, static_cast<std::uint32_t>(deaths_)};
    if (!send_value(link_, Kind::welcome, welcome)) return;
    giving_ = false;
    give_names_ = {};
    offer_orphans();
}

// ---- Children of daemons that died, and orphans. ----

void Keeper::peek(int pid) {
    State state{pid, 0, 0, 0, 0, 0};
    siginfo_t end{};
    rusage usage{};
    if (::syscall(SYS_waitid, P_PID, pid, &end, WEXITED | WNOHANG | WNOWAIT, &usage) == 0) {
        state.found = end.si_pid == 0 ? 1 : 2;
        state.code = end.si_code;
        state.status = end.si_status;
        state.cpu_microseconds = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000LL +
                                 usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
        state.peak_kilobytes = usage.ru_maxrss;
    }
    say_value(Kind::state, state);
}

void Keeper::reap(int pid) {
    siginfo_t end{};
    if (pid > 0 && pid != daemon_) ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOHANG);
    if (pid == offered_) offered_ = 0;
    offer_orphans();
}

/// A child that has ended is reaped only when a living daemon says so. Not by a rule of ours: the
/// children of a daemon that is being killed come to us some instants before its own end can be
/// seen, and their exit status is the next daemon's.
void Keeper::offer_orphans() {
    if (daemon_ == 0 || link_ < 0 || giving_ || offered_ != 0) return;
    siginfo_t end{};
    if (::waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == 0) return;
    if (end.si_pid == daemon_) return;
    offered_ = end.si_pid;
    say_value(Kind::orphan, static_cast<int>(end.si_pid));
}

}  // namespace lares::keeper
