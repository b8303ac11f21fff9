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
#include "os/log_intake.h"
#include "os/loop.h"
#include "os/notify.h"
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
    };

    /// SIGPIPE must be ignored (os/signals.h: block_signals()). All of these outlive it.
    Processes(Loop&, ports::Inbox&, LogIntake&, Options);
    /// Leaves running what runs. The loop may not run any more afterwards.
    ~Processes() override;

    void spawn(ports::RunId, ports::SpawnRequest) override;
    Result<> signal(ports::RunId, int number, ports::Target) override;
    ports::Adopted adopt(ports::RunId, ports::AdoptRequest) override {
        return ports::Adopted::gone;
    }
    void adoption_ended() override {}
    void noted(ports::RunId) override {}
    std::uint64_t start_ticks(ports::RunId) const override { return 0; }
    Result<> write_stdin(ports::RunId, std::string_view bytes) override;
    std::string cgroups_missing() const override;

    /// Reaps orphans that were adopted; SignalSource's on_child. Only on the main thread, whose
    /// children they become: ours are the spawner thread's, and so are never taken for orphans.
    void reap_orphans();

private:
    struct Run {
        int pid = 0;  // 0: being made
        Fd pidfd;
        Fd in;                // stdin's write end; empty: closed
        std::string waiting;  // for stdin
        std::optional<NotifySocket> notify;
        Fd notify_pipe;  // s6's
        unsigned uid = 0;
        std::string cgroup;  // empty: none
        bool has_pipes = false;
    };

    std::optional<ports::SpawnFailure> make_pipes(ports::RunId, ports::SpawnRequest&, Run&,
                                                  SpawnJob&);
    Result<Fd> make_output(ports::RunId, ports::ChannelId, Run&);
    void on_outcome(SpawnOutcome outcome);
    void on_end(ports::RunId);
    void read_notifications(ports::RunId, int most);
    void read_notify_pipe(ports::RunId);
    void write_waiting(ports::RunId);
    void close_stdin(Run&);
    void release(Run&);

    Loop& loop_;
    ports::Inbox& inbox_;
    LogIntake& intake_;
    bool adopts_orphans_;
    Cgroups cgroups_;
    std::unordered_map<ports::RunId, Run> runs_;
    Spawner spawner_;
};

}  // namespace lares::os
