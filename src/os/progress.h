// os/progress.h: hearing of lines that processes write to LARES_PROGRESS.
//
// One inotify instance for all runs, made with the first of them that lives for longer than
// `pause`: most jobs do not, and what they said last is read when they are over. A process may
// write as often as it likes: we look at most once in `pause`, and then at the last line only.

#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "os/child_files.h"
#include "os/fd.h"
#include "os/loop.h"
#include "ports/event.h"

namespace lares::os {

class Progress {
public:
    using Tell = std::function<void(ports::RunId, std::string line)>;
    using Listens = std::function<void(ports::RunId, int fd)>;
    /// Both are called on the loop's thread. @param listens  the run's file is worth keeping for a
    /// successor.
    Progress(Loop& loop, Tell tell, Listens listens)
        : loop_(loop), tell_(std::move(tell)), listens_(std::move(listens)) {}
    ~Progress();
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;

    /// Listens to the run's file from the next look on. Where inotify has no more room only its
    /// last line is heard, by remove().
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
    void begin_to_listen();
    void look();
    void pause_looking();
    void tell(ports::RunId, std::string line);

    Loop& loop_;
    Tell tell_;
    Listens listens_;
    Fd inotify_;
    std::vector<ports::RunId> fresh_;  // not listened to yet
    TimerId fresh_at_ = TimerId::none;
    TimerId paused_ = TimerId::none;
    std::unordered_map<ports::RunId, Heard> heard_;
    std::unordered_map<int, ports::RunId> runs_;  // by watch
};

}  // namespace lares::os
