// os/folders.h: ports::Folders on inotify.
//
// Holds no descriptor while nothing is watched, and does not wake for a file that grows elsewhere
// in a watched folder. Looks up paths on the loop's thread: for local file systems.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "os/fd.h"
#include "os/loop.h"
#include "os/watch_plan.h"
#include "ports/folders.h"

struct inotify_event;

namespace lares::os {

class Folders : public ports::Folders {
public:
    Folders(Loop&, ports::Inbox&);
    ~Folders() override;

    /// Relative patterns begin in our current directory. A watch that is there already is replaced.
    void watch(ports::WatchId, std::vector<std::string> patterns, Duration quiet) override;
    void unwatch(ports::WatchId) override;

    /// Why not all can be watched: "cannot watch '/x': no space left on device (raise
    /// fs.inotify.max_user_watches)"; empty when all is well.
    std::string const& trouble() const { return trouble_; }

private:
    struct Watch {
        std::vector<std::string> patterns;
        Duration quiet{0};
        std::map<std::string, FileIdentity> files;
        TimerId timer = TimerId::none;
        Instant last_change{};
        std::string changed;
    };

    void read();
    bool take(inotify_event const& event);
    void take_overflow();
    void plan_anew();
    bool place(WatchPlan const& plan);
    void change(ports::WatchId, std::string const& path);
    void arm(ports::WatchId, Instant at);
    void on_timer(ports::WatchId);
    WatchPlan make_plan();
    void close();

    Loop& loop_;
    ports::Inbox& inbox_;
    Fd inotify_;
    std::map<ports::WatchId, Watch> watches_;
    std::map<int, std::string> paths_;  // by watch descriptor
    std::map<std::string, WatchNode> nodes_;
    std::string trouble_;
};

}  // namespace lares::os
