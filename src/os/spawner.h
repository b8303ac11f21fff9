// os/spawner.h: the thread that makes processes.
//
// A spawn waits for an exec, which may wait for a disk; and what must be looked up before (PATH,
// the user's groups, cgroup directories) may wait longer. So it all happens here, one after the
// other, and the loop only hears how it ended. os/processes.cc is its only user.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/time.h"
#include "os/cgroups.h"
#include "os/child.h"
#include "os/command.h"
#include "os/fd.h"
#include "os/loop.h"
#include "os/spawn_notes.h"
#include "ports/processes.h"

namespace lares::os {

/// A process to be made, with the child's ends of its pipes.
struct SpawnJob {
    ports::RunId run;
    ports::SpawnRequest request;
    /// Empty: /dev/null, or what SpawnRequest::input and out_file say. err with err_to_out, and
    /// an empty one beside an out_file: where out goes.
    Fd in, out, err;
    Fd notify;    // s6: for SpawnRequest::notify_fd
    Fd progress;  // becomes number progress_to
    int progress_to = -1;
    std::vector<Fd> sockets;  // duplicates, as SpawnRequest::sockets
};

struct SpawnOutcome {
    ports::RunId run;
    int pid = 0;
    Fd pidfd;
    Instant at{};  // of the exec, or the failure
    /// Our own peak then, in KiB: the child began in our memory, and the kernel counts that as its.
    std::int64_t peak_floor = 0;
    std::optional<ports::SpawnFailure> failure;
};

class Spawner {
public:
    using Deliver = std::function<void(SpawnOutcome)>;

    /// @param files_limit  what children get as RLIMIT_NOFILE unless they ask otherwise.
    /// @param deliver  told each outcome, in order, on the loop's thread.
    /// @param notes  what is made is noted there; may be null.
    Spawner(Loop&, std::optional<ports::Limit> files_limit, Deliver deliver,
            SpawnNotes* notes = nullptr);
    /// Makes what is under way; what has not begun is dropped.
    ~Spawner();

    void spawn(SpawnJob job);
    void remove_cgroup(std::string name);
    /// What waits and is under way.
    std::size_t waiting();

private:
    struct RemoveCgroup {
        std::string name;
    };
    using Job = std::variant<SpawnJob, RemoveCgroup>;
    struct Groups {
        std::vector<unsigned> ids;
        Instant until;
    };

    struct Found {  // the last command
        std::string name, path, directory, file;
        Instant until{};
    };

    void queue(Job job);
    void work_off();
    SpawnOutcome make(SpawnJob& job);
    std::optional<ports::SpawnFailure> open_files(SpawnJob& job);
    void free_slots();
    Command find(ports::SpawnRequest const& request);
    bool place_sockets(SpawnJob const& job, ChildPlan& plan);
    std::optional<ports::SpawnFailure> place(SpawnJob const& job, ChildPlan& plan);
    void choose_user(ports::SpawnRequest::Identity const& user, ChildPlan& plan);
    ChildMade launch(ChildPlan& plan, Fd const& cgroup);
    void hand_over(SpawnOutcome outcome);

    Loop& loop_;
    std::optional<ports::Limit> files_limit_;
    Deliver deliver_;
    SpawnNotes* notes_;

    // Only the thread's.
    Cgroups cgroups_;
    ChildStack stack_;
    std::map<std::pair<std::string, unsigned>, Groups> groups_;
    Found found_;
    Fd null_;
    std::vector<Fd> slots_;         // low numbers that the child's descriptors are put on
    unsigned taken_ = 0;            // bits of those that do not hold /dev/null
    std::vector<Fd> socket_slots_;  // made when they are first needed
    bool clone3_refused_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::vector<SpawnOutcome> outcomes_;
    bool ending_ = false, is_working_ = false;
    std::thread thread_;
};

}  // namespace lares::os
