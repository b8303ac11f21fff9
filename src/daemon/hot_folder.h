// daemon/hot_folder.h: what HotFolders (daemon/hot_folders.h) keeps of each folder and of each
// claim under way.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "config/work_settings.h"
#include "core/job.h"
#include "core/settle.h"
#include "ports/event.h"
#include "ports/store.h"

namespace lares::daemon {

/// Claims whose job is not stored yet: enough to fill a group commit, few enough that a full task
/// is noticed.
inline constexpr std::size_t most_claiming = 512;
/// Of a folder whose files are hashed before.
inline constexpr std::size_t most_hashing = 16;
inline constexpr std::size_t most_arrivals = 10'000;
/// Outputs that jobs named and that were not seen yet.
inline constexpr std::size_t most_outputs = 10'000;
/// Each made while the job of the one before ran, and named after it: then it is a loop.
inline constexpr int most_generations = 5;
inline constexpr Duration first_pause{1'000}, last_pause{60'000};

/// The states whose rows a daemon must know of when it begins.
inline constexpr std::string_view open_states[] = {"taken", "moving", "asked", "problem", "kept"};

inline settle::Identity identity_of(ports::FileRow const& row) {
    return {row.device, row.inode, row.birth_ns};
}
inline void note_identity(ports::FileRow& row, settle::Identity identity) {
    row.device = identity.device, row.inode = identity.inode, row.birth_ns = identity.birth_ns;
}
inline std::int64_t time_of(settle::Seen const& seen) {
    return seen.is_folder ? seen.newest_ns : seen.mtime_ns;
}
inline bool is_as_noted(ports::FileRow const& row, settle::Seen const& seen) {
    return row.size == seen.size && row.mtime_ns == time_of(seen);
}
inline void note_looks(ports::FileRow& row, settle::Seen const& seen) {
    row.path = seen.path;
    note_identity(row, seen.identity);
    row.size = seen.size, row.mtime_ns = time_of(seen);
}
/// JSON of an event's details.
std::string file_data(settle::Seen const&);
inline std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

struct HotFolder {
    HotFolder(config::Folder given, settle::Rules rules)
        : config(std::move(given)), settler(std::move(rules)) {}

    config::Folder config;
    settle::Settler settler;
    ports::FolderId id{};
    std::uint64_t generation = 0;
    bool is_watched = false, is_retired = false;

    std::map<std::uint64_t, ports::FileRow> rows;
    std::map<settle::Identity, std::uint64_t> by_identity;
    std::unordered_map<std::string, std::uint64_t> by_path;
    std::map<job::Id, std::vector<std::uint64_t>> by_job;
    std::map<std::string, std::uint64_t> problem_rows;    // by the settler's key
    std::map<settle::Identity, std::uint64_t> row_again;  // of a renamed file whose job went
    std::map<settle::Identity, std::uint64_t> claiming;   // tokens
    std::map<job::Id, std::string> running;               // names of their inputs
    std::map<std::string, int> generations;               // of paths that look like outputs
    std::map<std::uint64_t, int> row_generations;
    std::set<std::string> outputs, approved;
    std::set<std::uint64_t> to_move;  // rows whose move failed
    // Rows of running jobs, and moving ones, whose file is gone: what comes in its place is
    // another.
    std::set<std::uint64_t> gone;
    // Where a file was seen last that its row answered for while the row was about to end: it may
    // have been another one. Looked at again when the row is no more.
    std::map<std::uint64_t, std::string> to_look;
    bool in_whole = false;
    std::set<std::uint64_t> named;  // rows seen in the whole scan under way

    std::size_t in_flight = 0, batch = most_claiming;
    std::string blocked;                  // why nothing is claimed now
    std::optional<Instant> paused_until;  // after a failure
    Duration pause{0};
    bool is_alarmed = false;  // of the pause
    std::string move_trouble, trouble;
    bool has_trouble = false, is_polled = false;
    std::deque<WallTime> arrivals;

    ports::FileRow* find_row(std::uint64_t row) {
        auto at = rows.find(row);
        return at == rows.end() ? nullptr : &at->second;
    }
    /// Of files with that number, whatever their births; several while one of them is about to end.
    std::vector<std::uint64_t> rows_with_number(settle::Identity const& identity) const {
        std::vector<std::uint64_t> found;
        auto at = by_identity.lower_bound({identity.device, identity.inode, INT64_MIN});
        for (; at != by_identity.end() && settle::have_one_number(at->first, identity); ++at) {
            found.push_back(at->second);
        }
        return found;
    }
    std::string subject() const { return "folder/" + config.name; }
    /// The settler's key of the thing a path belongs to.
    std::string key_of(std::string const& path) const {
        if (config.unit != config::Folder::Unit::set) return path;
        for (std::string const& pattern : config.set) {
            auto common = settle::common_part(pattern, name_of(path));
            if (common) return path.substr(0, path.rfind('/') + 1) + std::string(*common);
        }
        return path;
    }
};

struct FolderClaim {
    std::uint64_t token = 0;
    ports::FolderId folder{};
    std::uint64_t generation = 0;
    settle::Claim claim;
    std::string hash;
    bool is_checked = false;  // no duplicate, or wanted all the same
    bool is_gone = false;     // removed meanwhile
    std::string to_look;      // where one of its files was seen meanwhile, under another name
    std::vector<ports::FileRow> rows;
};

}  // namespace lares::daemon
