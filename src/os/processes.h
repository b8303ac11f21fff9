// os/processes.h: ports::Processes on Linux: direct children, held by pidfds.
//
// The loop's half: what runs, its signals, its stdin, its end. os/spawner.h makes the processes on
// a thread of its own; the log side (os/log_intake.h) takes their output. For each run the inbox
// hears Spawned before anything else of it, and Exited last, after its output has been taken.

#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/limits.h"
#include "os/cgroups.h"
#include "os/keeper_link.h"
#include "os/log_intake.h"
#include "os/loop.h"
#include "os/notify.h"
#include "os/process_tree.h"
#include "os/progress.h"
#include "os/sockets.h"
#include "os/spawner.h"
#include "ports/processes.h"

namespace lares::os {

class Processes : public ports::Processes {
public:
    struct Options {
        /// What children get as RLIMIT_NOFILE (os/resource_limits.h); none: what we have.
        std::optional<ports::Limit> files_limit;
        /// Become the parent of our descendants' orphans and reap them; also so as process 1.
        bool adopt_orphans = false;
        /// Who holds our ends of all pipes and is the next parent of all children; null: nobody.
        KeeperLink* keeper = nullptr;
        /// Where SpawnRequest::in_socket and sockets are found; null: there are none.
        Sockets const* sockets = nullptr;
    };

    /// SIGPIPE must be ignored (os/signals.h: block_signals()). All of these outlive it.
    Processes(Loop&, ports::Inbox&, LogIntake&, Options);
    /// Leaves running what runs. The loop may not run any more afterwards.
    ~Processes() override;

    void spawn(ports::RunId, ports::SpawnRequest) override;
    Result<> signal(ports::RunId, int number, ports::Target) override;
    ports::Adopted adopt(ports::RunId, ports::AdoptRequest) override;
    void adoption_ended() override;
    void noted(ports::RunId) override;
    std::uint64_t start_ticks(ports::RunId) const override;
    bool finds_by_run() const override {
        return keeper_ != nullptr && !keeper_->is_lost() && notes_.is_kept();
    }
    Result<> write_stdin(ports::RunId, std::string_view bytes) override;
    void close_stdin(ports::RunId) override;
    std::string cgroups_missing() const override;

    /// Reaps orphans that were adopted; SignalSource's on_child. Only on the main thread, whose
    /// children they become: ours are the spawner thread's, and so are never taken for orphans.
    void reap_orphans();
    /// The keeper has a child that ended; it is reaped unless it is a run.
    void on_ended_child(int pid);

private:
    /// Whose child a run is, and so who can tell how it ended.
    enum class Parent { us, keeper, stranger };
    struct Run {
        int pid = 0;  // 0: being made
        Parent parent = Parent::us;
        std::uint64_t start_ticks = 0;  // as adopted; 0: a child of ours, asked when needed
        Fd pidfd;
        Fd in;                // stdin's write end; empty: closed
        std::string waiting;  // for stdin
        bool is_drain_awaited = false;
        bool is_in_ending = false;  // closed once nothing waits
        std::optional<NotifySocket> notify;
        Fd notify_pipe;  // s6's
        unsigned uid = 0;
        std::string cgroup;  // empty: none
        bool has_pipes = false;
        std::optional<ProgressFile> progress;  // until it is there
        bool has_progress = false;
        bool is_progress_kept = false;  // by the keeper
        std::int64_t peak_floor = 0;    // KiB; a peak up to that was ours
    };

    std::optional<ports::SpawnFailure> make_pipes(ports::RunId, ports::SpawnRequest&, Run&,
                                                  SpawnJob&);
    Result<> make_stdin(ports::RunId, ports::SpawnRequest const&, Run&, SpawnJob&);
    Result<> make_notifications(ports::RunId, ports::SpawnRequest&, Run&, SpawnJob&);
    Result<> make_progress(ports::RunId, ports::SpawnRequest&, Run&, SpawnJob&);
    Result<Fd> socket_for_child(ports::SocketId) const;
    Spawner& spawner_for(ports::SpawnRequest const& request);
    Result<Fd> make_output(ports::RunId, ports::ChannelId, char const* name, Run&);
    void on_outcome(SpawnOutcome outcome);
    void watch(ports::RunId, Run&);
    void on_end(ports::RunId);
    void finish(ports::RunId, ports::Exited event);
    struct Found {
        Fd pidfd;
        ProcessFacts facts;
    };
    std::optional<Found> look_for(int pid, std::uint64_t start_ticks) const;
    bool is_adopted(int pid) const;
    void keep(ports::RunId, char const* what, int fd);
    void drop(ports::RunId, char const* what);
    void drop_all(ports::RunId);
    void read_notifications(ports::RunId, int most);
    void read_notify_pipe(ports::RunId);
    void write_waiting(ports::RunId);
    void shut_stdin(ports::RunId, Run&);
    void release(ports::RunId, Run&);

    Loop& loop_;
    ports::Inbox& inbox_;
    LogIntake& intake_;
    bool adopts_orphans_;
    KeeperLink* keeper_;
    NoFdStore nothing_;
    FdStore& store_;
    SpawnNotes notes_;
    Sockets const* sockets_;
    Cgroups cgroups_;
    std::unordered_map<ports::RunId, Run> runs_;
    Progress progress_;
    /// Told as Exited, not yet noted.
    struct Ended {
        int pid;
        Fd pidfd;
        Parent parent;
    };
    std::unordered_map<ports::RunId, Ended> ended_;
    bool is_adopting_;
    std::vector<int> ended_children_;  // of the keeper, while adopting
    // Both from the start: their slots then have low numbers, from which a child is made quickly.
    Spawner spawner_, second_;
};

}  // namespace lares::os
