// os/progress.h: hearing of lines that processes write to LARES_PROGRESS.
//
// One inotify instance for all runs, made with the first of them. A process may write as often as
// it likes: we look at most once in `pause`, and then at the last line only.

#pragma once

#include <functional>
#include <unordered_map>

#include "os/child_files.h"
#include "os/fd.h"
#include "os/loop.h"
#include "ports/event.h"

namespace lares::os {

class Progress {
public:
    using Tell = std::function<void(ports::RunId, std::string line)>;
    /// @param tell  called on the loop's thread.
    Progress(Loop& loop, Tell tell) : loop_(loop), tell_(std::move(tell)) {}
    ~Progress();
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;

    /// Listens to the run's file from now on, which is looked at at once. Where inotify has no more
    /// room only its last line is heard, by remove().
    void add(ports::RunId, ProgressFile);
    /// The run is over: tells what it said last. Nothing for a run that was not added.
    void remove(ports::RunId);

    static constexpr Duration pause{100};

private:
    struct Heard {
        ProgressFile file;
        int watch = -1;  // inotify's number; -1: none
    };
    bool can_listen();
    void look();
    void tell(ports::RunId, std::string line);

    Loop& loop_;
    Tell tell_;
    Fd inotify_;
    TimerId paused_ = TimerId::none;
    std::unordered_map<ports::RunId, Heard> heard_;
    std::unordered_map<int, ports::RunId> runs_;  // by watch
};

}  // namespace lares::os
