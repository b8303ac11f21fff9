// os/intake_notifier.h: the folders whose file systems tell what happens, all on one thread and one
// inotify descriptor.
//
// The thread sleeps until something happens in one of them, without any time-out: an idle folder
// wakes nobody. Only what could get no watch is read now and then.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "os/intake_watch.h"
#include "os/lane.h"

namespace lares::os {

class Notifier {
public:
    explicit Notifier(WatchHands);
    ~Notifier();

    void adopt(WatchKey, ports::FolderSpec);
    void drop(WatchKey);
    void look(WatchKey, std::vector<std::string> paths);
    void rescan(WatchKey);

    struct State;  // intake_notifier.cc

private:
    void command(std::function<void(State&)>);
    std::shared_ptr<State> state_;
    PatientThread thread_;
};

}  // namespace lares::os
