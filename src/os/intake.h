// os/intake.h: ports::Intake on inotify, polling and rename(2).
//
// Threads: one for all folders whose file systems tell what happens (os/intake_notifier.h), one for
// each that must be polled (os/intake_poller.h), and one for the moves and hashes of each folder,
// there only while there is work (os/lane.h). A file system that hangs holds up its own folder's.
// How it ends: threads get a moment; one that hangs in the kernel is left to the process's end.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "os/intake_notifier.h"
#include "os/intake_poller.h"
#include "os/lane.h"
#include "os/loop.h"
#include "ports/intake.h"

namespace lares::os {

class Intake : public ports::Intake {
public:
    /// Why notifications do not work at a path; empty: they do.
    using FileSystem = std::function<Result<std::string>(std::string const& path)>;

    Intake(Loop&, ports::Inbox&, FileSystem = unnotified_file_system);
    ~Intake() override;

    void watch(ports::FolderId, ports::FolderSpec) override;
    void unwatch(ports::FolderId) override;
    void look(ports::FolderId, std::vector<std::string> paths) override;
    void rescan(ports::FolderId) override;
    void move(std::string from, std::string to, Identity,
              std::function<void(Result<std::string>)> done) override;
    void put(std::string path, std::string bytes,
             std::function<void(Result<std::string>)> done) override;
    void remove(std::string path, Identity, std::function<void(Result<>)> done) override;
    void hash(std::string path, std::function<void(Result<std::string>)> done) override;

private:
    struct Watched {
        WatchKey key;
        ports::FolderSpec spec;
        std::unique_ptr<Poller> poller;  // null: the notifier has it
    };

    Watched* find(WatchKey);
    void take(WatchKey, ports::Event);
    void adopt(WatchKey);
    void restart(WatchKey, std::string why_polled);
    void retire(Watched&);
    WatchHands hands();
    template <class T>
    void work(std::string const& path, std::function<Result<T>()> what,
              std::function<void(Result<T>)> done);
    Lane& lane_of(std::string const& path);

    ports::Inbox& inbox_;
    FileSystem file_system_;
    std::shared_ptr<Bridge> bridge_;
    std::uint64_t generations_ = 0;
    std::map<ports::FolderId, Watched> watched_;
    std::vector<std::unique_ptr<Poller>> retired_;  // whose threads may hang still
    std::unique_ptr<Notifier> notifier_;
    std::map<std::string, Lane> lanes_;
};

}  // namespace lares::os
