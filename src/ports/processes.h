// ports/processes.h: making processes, signalling them, writing to them.
//
// Children are direct children of the daemon. Everything here answers at once or by an event; no
// call waits for a disk or an exec.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ports/event.h"
#include "ports/sockets.h"

namespace lares::ports {

struct Limit {
    int resource;       // RLIMIT_...
    std::int64_t soft;  // -1: unlimited
    std::int64_t hard;
};

struct CgroupLimits {
    std::string name;  // one directory below our own cgroup
    std::int64_t memory_max = 0, memory_high = 0;
    int cpu_max_percent = 0, cpu_weight = 0, pids_max = 0, io_weight = 0;
};

/// A process to be made, as spec §2.3 sets it up. All values are final: nothing is looked up in
/// configuration any more.
struct SpawnRequest {
    std::vector<std::string> argv;  // argv[0] with '/' is used as is, else searched in `path`
    std::string path;               // search path
    std::vector<std::string> environment;  // "KEY=value", complete with common_environment
    /// What many have in common, but for the names in `environment`; none: there is no more.
    std::shared_ptr<std::vector<std::string> const> common_environment;
    std::string directory;  // empty: ours
    std::optional<unsigned> umask;
    struct Identity {
        unsigned uid, gid;
        std::string name;  // for initgroups
    };
    std::optional<Identity> user;
    bool stdin_pipe = true;        // else /dev/null
    std::optional<ChannelId> out;  // none: /dev/null
    std::optional<ChannelId> err;  // none: the same as out when err_to_out, else /dev/null
    bool err_to_out = false;
    /// Not empty, and `out` none: stdout, and stderr unless `err` is given, are this file, appended
    /// to by the child itself (docs/decisions/0015): made with mode 0600, its missing folders with
    /// 0700. Nothing of ours stands in between, so our death takes nothing from it.
    std::string out_file;
    /// All of standard input, which ends after it; none: as stdin_pipe says.
    std::optional<std::string> input;
    /// Written before the process is made (path, bytes), as out_file's folders and modes are. With
    /// another user than ours they are his, to read only; and the folders above them, up to
    /// files_below, let him (and others, who find nothing of theirs) pass through, not look in.
    std::vector<std::pair<std::string, std::string>> files;
    std::string files_below;  // of ours; empty: the folders stay closed
    /// LARES_PROGRESS=NUMBER is set in its environment: a descriptor whose lines come as
    /// Notified{run, "PROGRESS", line}. It never blocks and never breaks, whether we live or not.
    bool progress = false;
    bool notify = false;  // NOTIFY_SOCKET for sd_notify is set; events come as Notified
    std::optional<int>
        notify_fd;  // s6: the child's descriptor number that is its notification pipe
    std::optional<SocketId> in_socket;  // descriptor 0 is this listening socket (fcgi-program)
    /// Passed as descriptors 3, 4, ... with LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES as
    /// sd_listen_fds(3) has them; the names may not hold ':'.
    std::vector<std::pair<SocketId, std::string>> sockets;
    std::vector<Limit> limits;
    std::optional<int> nice, oom_score_adj;
    std::vector<int> cpu_affinity;
    std::optional<CgroupLimits> cgroup;
    std::string name;  // of the process, for messages: "too many open files to spawn 'x'"
};

/// A run that a predecessor made and that this daemon takes over under the same id.
struct AdoptRequest {
    int pid = 0;  // as noted; 0: its Spawned was not noted yet
    /// When it was started, in clock ticks since boot (/proc/PID/stat), 0: not noted. With pid it
    /// names a process for good, as long as the machine has not been started again.
    std::uint64_t start_ticks = 0;
    std::optional<ChannelId> out, err;  // as in its SpawnRequest; the same ids as then
    unsigned uid = 0;                   // whom its notifications come from
    std::string cgroup;
    std::string name;
};
enum class Adopted {
    running,     // or ended, not yet reaped: its Exited comes; Spawned does not come again
    spawned,     // it had been made, but not noted: Spawned comes now
    never_made,  // the predecessor died before it: spawn it again under a new id
    gone,        // it ended and nobody can say how (the keeper died as well)
};

enum class Target { process, group, everything };  // everything: its cgroup, else its group

class Processes {
public:
    virtual ~Processes() = default;
    /// Answered by Spawned or SpawnFailed; then, if spawned, by Exited.
    virtual void spawn(RunId, SpawnRequest) = 0;
    /// Fails with not_found when it is gone (its Exited is on the way), denied when the kernel says
    /// EPERM. Never signals a pid that was reused.
    virtual Result<> signal(RunId, int number, Target) = 0;
    /// Takes over what a predecessor left; before anything is spawned.
    virtual Adopted adopt(RunId, AdoptRequest) = 0;
    /// Everything a predecessor left was adopted that is wanted: what else the keeper holds of it
    /// is let go.
    virtual void adoption_ended() = 0;
    /// What followed from Exited is in Memory: the process may be reaped and forgotten. Until then
    /// its exit status could be learned again by a successor. Called once for each Exited.
    virtual void noted(RunId) = 0;
    /// For Memory: names the process together with its pid. 0 when it is gone.
    virtual std::uint64_t start_ticks(RunId) const = 0;
    /// Whether a successor will find a process by its run alone, as long as no more than some
    /// thousands were made after it: noting its pid is not urgent then.
    virtual bool finds_by_run() const { return false; }
    /// Queues bytes for stdin, in order. unavailable: stdin is closed, or more than
    /// limits::stdin_bytes wait already; nothing of the bytes was taken then. After a call that was
    /// refused for want of room, or left something waiting, StdinDrained comes once all is written.
    virtual Result<> write_stdin(RunId, std::string_view bytes) = 0;
    /// End of input: what waits is still written, then the pipe is closed. Nothing when it is.
    virtual void close_stdin(RunId) = 0;
    /// Why cgroup limits cannot be had on this machine; empty when they can.
    virtual std::string cgroups_missing() const = 0;
};

}  // namespace lares::ports
