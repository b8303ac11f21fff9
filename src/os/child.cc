// os/child.cc: clone, and what the child does before its execve.

#include "os/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/check.h"

// glibc's clone by its other name: the thread sanitizer takes `clone` for a fork, and a child that
// shares its memory is none.
extern "C" int __clone(int (*)(void*), void* stack, int flags, void* argument, ...);

// The child lives on memory the sanitizers know nothing of.
#if defined(__clang__)
#define LARES_IN_CHILD __attribute__((no_sanitize("address", "undefined", "thread"), noinline))
#else
#define LARES_IN_CHILD __attribute__((no_sanitize("address", "undefined"), noinline))
#endif

namespace lares::os {

namespace {

constexpr std::size_t stack_bytes = 64u << 10;
constexpr std::size_t guard_bytes = 4u << 10;
/// The kernel's struct sigaction as far as we need it: default handler, no flags, empty mask.
constexpr std::size_t kernel_sigset_bytes = 8;
constexpr int last_signal = 64;
constexpr unsigned last_fd = ~0u;

struct Birth {
    ChildPlan const* plan;
    ChildReport* report;
};

// ---- In the child: raw system calls only, no allocation, no errno of other threads. ----

LARES_IN_CHILD bool reset_signals() {
    std::uint64_t action[8] = {};  // larger than any architecture's kernel_sigaction; SIG_DFL is 0
    for (int number = 1; number <= last_signal; number++) {
        if (number == SIGKILL || number == SIGSTOP) continue;
        ::syscall(SYS_rt_sigaction, number, action, nullptr, kernel_sigset_bytes);
    }
    return true;
}

LARES_IN_CHILD bool place(int from, int to) {
    if (from == to) return ::syscall(SYS_fcntl, from, F_SETFD, 0) == 0;
    return ::syscall(SYS_dup3, from, to, 0) >= 0;
}

LARES_IN_CHILD bool close_between(unsigned first, unsigned end) {
    return end <= first || ::syscall(SYS_close_range, first, end - 1, 0) == 0;
}

/// Leaves exactly 0, 1, 2, the sockets, the progress and the notification descriptor open.
LARES_IN_CHILD bool place_descriptors(ChildPlan const& plan) {
    for (int i = 0; i < 3; i++) {
        if (!place(plan.streams[i], i)) return false;
    }
    unsigned next = 3;
    for (std::size_t i = 0; i < plan.sockets.size(); i++) {
        if (!place(plan.sockets.data()[i], static_cast<int>(next++))) return false;
    }
    // The notification descriptor comes last: its number is the user's, and may be any source's.
    if (plan.progress_to >= 0 && !place(plan.progress_from, plan.progress_to)) return false;
    if (plan.notify_to >= 0 && !place(plan.notify_from, plan.notify_to)) return false;
    bool is_progress_first = plan.progress_to < plan.notify_to;
    int kept[2] = {is_progress_first ? plan.progress_to : plan.notify_to,
                   is_progress_first ? plan.notify_to : plan.progress_to};
    for (int number : kept) {
        if (number < 0) continue;
        if (!close_between(next, static_cast<unsigned>(number))) return false;
        next = static_cast<unsigned>(number) + 1;
    }
    return ::syscall(SYS_close_range, next, last_fd, 0) == 0;
}

LARES_IN_CHILD bool write_pid(char* to) {
    char digits[listen_pid_bytes];
    std::size_t count = 0;
    for (long pid = ::syscall(SYS_getpid); pid > 0; pid /= 10)
        digits[count++] = static_cast<char>('0' + pid % 10);
    while (count > 0) *to++ = digits[--count];
    *to = 0;
    return true;
}

LARES_IN_CHILD bool set_limits(ChildPlan const& plan, ChildReport& report) {
    for (std::size_t i = 0; i < plan.limits.size(); i++) {
        ChildLimit const& limit = plan.limits.data()[i];
        std::uint64_t values[2] = {limit.soft, limit.hard};
        report.index = i;
        if (::syscall(SYS_prlimit64, 0, limit.resource, values, nullptr) != 0) return false;
    }
    return true;
}

LARES_IN_CHILD bool set_oom_score_adj(char const* digits) {
    long fd = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    std::size_t length = 0;
    while (digits[length]) length++;
    bool written = ::syscall(SYS_write, fd, digits, length) == static_cast<long>(length);
    int error = errno;
    ::syscall(SYS_close, fd);
    errno = error;
    return written;
}

LARES_IN_CHILD bool set_affinity(std::vector<unsigned long> const& mask) {
    return ::syscall(SYS_sched_setaffinity, 0, mask.size() * sizeof(unsigned long), mask.data()) >=
           0;
}

LARES_IN_CHILD int run_child(void* argument) {
    auto const& birth = *static_cast<Birth const*>(argument);
    ChildPlan const& plan = *birth.plan;
    ChildReport& report = *birth.report;
    auto done = [&](ChildStep step, bool succeeded) LARES_IN_CHILD {
        if (!succeeded) {
            report.step = step;
            report.error = errno;
        }
        return succeeded;
    };
    using Step = ChildStep;
    // First of all: from here on the descriptor table is ours alone.
    bool ready =
        done(Step::descriptors, ::syscall(SYS_close_range, static_cast<unsigned>(plan.keep_below),
                                          last_fd, CLOSE_RANGE_UNSHARE) == 0) &&
        done(Step::none, reset_signals()) && done(Step::group, ::syscall(SYS_setpgid, 0, 0) == 0) &&
        (plan.cgroup_procs < 0 ||
         done(Step::cgroup, ::syscall(SYS_write, plan.cgroup_procs, "0", 1) == 1)) &&
        (!plan.oom_score_adj || done(Step::oom_score_adj, set_oom_score_adj(plan.oom_score_adj))) &&
        done(Step::descriptors, place_descriptors(plan)) &&
        done(Step::limit, set_limits(plan, report)) &&
        (!plan.nice ||
         done(Step::nice, ::syscall(SYS_setpriority, PRIO_PROCESS, 0, *plan.nice) == 0)) &&
        (plan.affinity.empty() || done(Step::affinity, set_affinity(plan.affinity))) &&
        (!plan.switch_user || (done(Step::groups, ::syscall(SYS_setgroups, plan.groups.size(),
                                                            plan.groups.data()) == 0) &&
                               done(Step::gid, ::syscall(SYS_setgid, plan.gid) == 0) &&
                               done(Step::uid, ::syscall(SYS_setuid, plan.uid) == 0))) &&
        (!plan.directory || done(Step::directory, ::syscall(SYS_chdir, plan.directory) == 0));
    if (ready) {
        if (plan.listen_pid) write_pid(plan.listen_pid);
        if (plan.umask) ::syscall(SYS_umask, *plan.umask);
        std::uint64_t nothing = 0;
        ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, nullptr, kernel_sigset_bytes);
        done(Step::exec, ::syscall(SYS_execve, plan.file, plan.argv, plan.environment) == 0);
    }
    ::syscall(SYS_exit_group, 127);
    return 127;
}

// ---- In the daemon. ----

/// clone3 with a function to call, which glibc has not; -ENOSYS where we have not written it
/// either.
long clone3_call([[maybe_unused]] clone_args* arguments, [[maybe_unused]] int (*function)(void*),
                 [[maybe_unused]] void* argument) {
#if defined(__x86_64__)
    long result = SYS_clone3;
    register auto called asm("r8") = function;
    register void* passed asm("r9") = argument;
    asm volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xorl %%ebp, %%ebp\n\t"
        "movq %%r9, %%rdi\n\t"
        "callq *%%r8\n\t"
        "hlt\n\t"  // the function never returns
        "1:"
        : "+a"(result)
        : "D"(arguments), "S"(sizeof *arguments), "r"(called), "r"(passed)
        : "rcx", "r11", "memory", "cc");
    return result;
#elif defined(__aarch64__)
    register long result asm("x0") = reinterpret_cast<long>(arguments);
    register long size asm("x1") = sizeof *arguments;
    register long number asm("x8") = SYS_clone3;
    register auto called asm("x9") = function;
    register void* passed asm("x10") = argument;
    asm volatile(
        "svc #0\n\t"
        "cbnz x0, 1f\n\t"
        "mov x29, #0\n\t"
        "mov x0, x10\n\t"
        "blr x9\n\t"
        "brk #1\n\t"
        "1:"
        : "+r"(result)
        : "r"(size), "r"(number), "r"(called), "r"(passed)
        : "memory", "cc");
    return result;
#else
    return -ENOSYS;
#endif
}

/// The child itself stores its pid (CHILD_SETTID): clone's other place for it is the pidfd's.
int clone_flags(ChildPlan const& plan) {
    return CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD |
           (plan.noted_pid ? CLONE_CHILD_SETTID : 0);
}

/// The new pid, or -1 with errno.
int clone_into(int cgroup, ChildStack const& stack, Birth& birth, int& pidfd) {
    clone_args arguments{};
    arguments.flags = static_cast<std::uint64_t>(clone_flags(*birth.plan)) | CLONE_INTO_CGROUP;
    arguments.child_tid = reinterpret_cast<std::uintptr_t>(birth.plan->noted_pid);
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    arguments.stack = reinterpret_cast<std::uintptr_t>(stack.base());
    arguments.stack_size = stack.size();
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
    long result = clone3_call(&arguments, run_child, &birth);
    if (result >= 0) return static_cast<int>(result);
    errno = static_cast<int>(-result);
    return -1;
}

}  // namespace

ChildStack::ChildStack()
    : memory_(::mmap(nullptr, guard_bytes + stack_bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    CHECK(memory_ != MAP_FAILED);
    ::mprotect(memory_, guard_bytes, PROT_NONE);
}

ChildStack::~ChildStack() { ::munmap(memory_, guard_bytes + stack_bytes); }

void* ChildStack::base() const { return static_cast<char*>(memory_) + guard_bytes; }
std::size_t ChildStack::size() const { return stack_bytes; }
void* ChildStack::top() const { return static_cast<char*>(base()) + stack_bytes; }

ChildMade make_child(ChildPlan const& plan, ChildStack const& stack, int cgroup) {
    ChildMade made;
    Birth birth{&plan, &made.report};
    int pidfd = -1;
    int pid = cgroup >= 0 ? clone_into(cgroup, stack, birth, pidfd)
                          : ::__clone(run_child, stack.top(), clone_flags(plan) | SIGCHLD, &birth,
                                      &pidfd, nullptr, plan.noted_pid);
    if (pid < 0) {
        made.clone_error = errno;
        return made;
    }
    made.pid = pid;
    made.pidfd.reset(pidfd);
    if (made.report.error != 0) {
        siginfo_t ended;
        ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &ended, WEXITED);
    }
    return made;
}

}  // namespace lares::os
