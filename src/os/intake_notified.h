// os/intake_notified.h: the notifier's folders and their watches, as its thread has them.

#pragma once

#include <poll.h>

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "os/fd.h"
#include "os/intake_watch.h"

struct inotify_event;

namespace lares::os {

class NotifiedFolders {
public:
    explicit NotifiedFolders(WatchHands const& hands) : hands_(hands) {}

    void adopt(WatchKey, ports::FolderSpec);
    void drop(WatchKey);
    void look(WatchKey, std::vector<std::string> const& paths);
    void rescan(WatchKey, bool overflowed = false);

    int inotify() const { return inotify_.get(); }
    int mounts() const { return mounts_.get(); }
    /// What the kernel tells, as far as it is there.
    void read();
    void read_mounts();
    /// When on_time() has something to do, in ms from now; -1: never.
    int timeout() const;
    void on_time();

private:
    struct Sign {
        bool closed = false, moved = false;
    };
    struct Folder {
        WatchKey key;
        ports::FolderSpec spec;
        NameRules rules;
        std::map<std::string, int> watches;   // by folder path
        std::map<std::string, Sign> changed;  // paths of the batch under way
        std::set<std::string> dirty;          // sub-folders that are things, to be summed again
        bool wants_rescan = false, is_lost = false;
        std::string no_watch;  // why some part has none
        bool was_told = false;
        Snapshot snapshot;
        std::string mount;
    };
    struct Target {
        ports::FolderId folder;
        std::string path;
    };

    Folder* find(WatchKey);
    bool open(WatchKey);
    void place(Folder&, std::string const& path);
    void place_all(Folder&, std::string const& path);
    void take_away(Folder&, std::string const& path);
    void release(int watch, ports::FolderId);
    void take(inotify_event const&);
    void take_for(Folder&, std::string const& at, inotify_event const&);
    void take_folder(Folder&, std::string const& path, std::uint32_t mask);
    void take_file(Folder&, std::string const& path, std::uint32_t mask);
    void new_folder(Folder&, std::string const& path, bool moved);
    void tell_batch(Folder&);
    void tell_watch_trouble(Folder&, std::string const& trouble);
    void tell_dirty(Folder&);
    std::string mount_of(std::string const& path);

    WatchHands const& hands_;
    Fd inotify_, mounts_;
    std::map<ports::FolderId, Folder> folders_;
    std::unordered_map<int, std::vector<Target>> targets_;  // by watch descriptor
    Instant last_dirty_{}, last_poll_{};
};

}  // namespace lares::os
