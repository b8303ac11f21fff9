// os/child.h: making one child process, from clone to execve.
//
// As posix_spawn does it: the child shares our memory until it executes (CLONE_VM | CLONE_VFORK),
// on a small stack of its own, so that a spawn costs the same whatever the daemon's size. It also
// shares our descriptor table until its first act is to leave it (CLOSE_RANGE_UNSHARE), taking only
// the few low numbers it needs along: so the cost does not grow with the number of programs either.
//
// What runs in the child is in child.cc and may only make raw system calls on values prepared here:
// glibc's wrappers of setuid and the like would call all threads of the daemon to follow.

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "os/fd.h"

namespace lares::os {

/// Digits of the longest pid and a zero.
inline constexpr std::size_t listen_pid_bytes = 12;
/// Sockets a child can be given; the limit keeps the numbers it takes along low.
inline constexpr int most_child_sockets = 16;
/// From here on the numbers of what becomes a child's 3, 4, ...: above all of those, the progress
/// descriptor's too, which comes behind the sockets and may have to leave one out.
inline constexpr int first_child_source = 3 + most_child_sockets + 2;

/// The steps of a child's set-up, in their order (spec §2.3).
enum class ChildStep {
    none,
    descriptors,
    group,
    cgroup,
    limit,
    nice,
    oom_score_adj,
    affinity,
    groups,
    gid,
    uid,
    directory,
    exec,
};

/// Which step failed, and why. Written by the child into our memory.
struct ChildReport {
    ChildStep step = ChildStep::none;
    int error = 0;
    std::size_t index = 0;  // limit: which one
};

struct ChildLimit {
    int resource;
    unsigned long soft, hard;
};

/// All that a child does, as plain values and pointers to what outlives the call.
struct ChildPlan {
    char const* file = nullptr;
    char* const* argv = nullptr;
    char* const* environment = nullptr;

    /// Where descriptors 0, 1 and 2 come from: numbers from 3 to below keep_below.
    int streams[3] = {-1, -1, -1};
    int notify_from = -1, notify_to = -1;      // another descriptor of the child's; -1: none
    int progress_from = -1, progress_to = -1;  // likewise; progress_to is behind the sockets
    /// Listening sockets, which become 3, 4, ...: numbers above all of those, and notify_from and
    /// progress_from too.
    std::vector<int> sockets;
    /// Where the child writes its pid in decimal digits, with a zero behind: into its environment,
    /// for sd_listen_fds(3). At least listen_pid_bytes; null: nowhere.
    char* listen_pid = nullptr;
    int keep_below = 0;
    int cgroup_procs = -1;  // open for writing: the child moves itself there; -1: is there already

    std::vector<ChildLimit> limits;
    std::optional<int> nice;
    char const* oom_score_adj = nullptr;  // digits
    std::vector<unsigned long> affinity;  // bit mask; empty: any
    bool switch_user = false;
    unsigned uid = 0, gid = 0;
    std::vector<unsigned> groups;
    char const* directory = nullptr;
    std::optional<unsigned> umask;
    int* noted_pid = nullptr;  // where the kernel puts the pid before the child's first instruction
};

/// Memory for the child's stack, with a page below it that may not be touched.
class ChildStack {
public:
    ChildStack();
    ~ChildStack();
    ChildStack(ChildStack const&) = delete;
    ChildStack& operator=(ChildStack const&) = delete;
    void* base() const;
    std::size_t size() const;
    void* top() const;

private:
    void* memory_;
};

struct ChildMade {
    int pid = 0;
    Fd pidfd;
    int clone_error = 0;  // no process was made
    ChildReport report;   // a step failed: the process has ended and is reaped already
};

/// Makes the child and waits until it executes its file or fails. All signals must be blocked in
/// the calling thread, whose child it becomes.
/// @param cgroup  a directory of the cgroup v2 file system that the child is born in; -1: ours.
///     ENOSYS in clone_error then means that the kernel cannot: use ChildPlan::cgroup_procs.
ChildMade make_child(ChildPlan const&, ChildStack const&, int cgroup = -1);

}  // namespace lares::os
