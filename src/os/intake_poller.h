// os/intake_poller.h: one folder on a thread of its own: first found out what it is, then, where
// notifications do not work, read again and again.
//
// Only this thread waits when its file system hangs.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "os/intake_watch.h"
#include "os/lane.h"

namespace lares::os {

class Poller {
public:
    /// @param why_polled  not empty: polled whatever the file system says.
    Poller(WatchKey, ports::FolderSpec, WatchHands, std::string why_polled);
    ~Poller();
    Poller(Poller&&) = default;

    void look(std::vector<std::string> paths);
    void rescan();
    bool is_ended() const { return thread_.is_ended(); }
    void stop();

    struct State;  // intake_poller.cc

private:
    std::shared_ptr<State> state_;
    PatientThread thread_;
};

}  // namespace lares::os
