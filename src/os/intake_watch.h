// os/intake_watch.h: what the intake's threads have in common: which watch they work for, and how
// they tell what they see in pieces, or only what changed.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "os/intake_scan.h"
#include "ports/event.h"
#include "ports/intake.h"

namespace lares::os {

/// A folder may be watched again under its number; what an old watch still tells is dropped.
struct WatchKey {
    ports::FolderId folder{};
    std::uint64_t generation = 0;
    bool operator==(WatchKey const&) const = default;
};

/// What the threads ask of their owner. May be called by any thread, also after the owner is gone.
struct WatchHands {
    /// Waits while too much is told that nobody took yet.
    std::function<void(WatchKey, ports::Event)> tell;
    /// Notifications work at this folder: the notifier's from now on.
    std::function<void(WatchKey)> adopt;
    /// The notifier cannot go on with it: to be looked at anew. `why_polled` not empty: by polling.
    std::function<void(WatchKey, std::string why_polled)> restart;
    /// unnotified_file_system, or what a test says.
    std::function<Result<std::string>(std::string const& path)> file_system;
};

inline constexpr std::size_t entries_in_a_piece = 1'000;

/// Tells entries in pieces of one FolderSeen each.
class Pieces {
public:
    Pieces(WatchKey key, WatchHands const& hands, bool whole, bool overflowed);
    void add(ports::FolderEntry);
    void add_gone(std::string path);
    /// The last piece. Nothing is told when there is nothing, unless it says that all is told.
    /// @param is_whole  false: not all could be seen after all.
    void end(bool is_whole = true);

private:
    void tell(bool more);
    WatchKey key_;
    WatchHands const& hands_;
    ports::FolderSeen seen_;
};

/// What was told last of a folder that is polled.
class Snapshot {
public:
    /// Scans, and tells what differs from the last time; `whole`: everything.
    Scanned tell_changes(WatchKey, WatchHands const&, ports::FolderSpec const&, NameRules const&,
                         bool whole, std::function<void(std::string const&)> enter = {});

private:
    struct Facts {
        std::uint64_t device, inode;
        std::int64_t birth_ns, size, mtime_ns, ctime_ns, files, newest_ns;
        bool operator==(Facts const&) const = default;
    };
    static Facts facts_of(ports::FolderEntry const&);
    struct Known {
        Facts facts;
        std::uint32_t round;
    };
    std::unordered_map<std::string, Known> known_;
    std::uint32_t round_ = 0;
};

/// Looks at each of the paths; one FolderSeen (or pieces of it) names them all.
void tell_looks(WatchKey, WatchHands const&, ports::FolderSpec const&,
                std::vector<std::string> const& paths);

}  // namespace lares::os
