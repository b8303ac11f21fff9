// sim/intake.h: hot folders without a kernel: files that are written slowly, renamed, removed while
// somebody looks, disks that are full, and notifications that get lost.
//
// As late and as unhelpful as the real one: what is told is how things were a moment ago, a look
// takes its time, and a whole scan comes in pieces between which other things happen. The number of
// a file that was removed is the next one's, as ext4 does it.

#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/intake.h"
#include "sim/kernel.h"

namespace lares::sim {

class Intake final : public ports::Intake {
public:
    explicit Intake(Kernel& kernel) : kernel_(kernel) {}

    struct File {
        std::uint64_t inode = 0;
        std::int64_t birth_ns = 0;
        std::int64_t size = 0, mtime_ns = 0, ctime_ns = 0;
        std::string contents;  // what hash() tells apart
        bool is_open = false, is_special = false, is_readable = true, is_folder = false;
        std::int64_t files = 0;
    };

    // What people and programs do to files.
    /// Makes or opens it for writing.
    void open(std::string const& path);
    void append(std::string const& path, std::string const& text);
    void close(std::string const& path);
    /// All three.
    void write(std::string const& path, std::string const& text);
    void rename(std::string const& from, std::string const& to);
    void erase(std::string const& path);
    /// Of the next sightings: mode, kind, what is in a folder.
    void change(std::string const& path, std::function<void(File&)> how);

    /// Notifications get lost from now on, until mend() has everything read again.
    void overflow() { is_deaf_ = true; }
    void mend();
    /// Whether the file system keeps when a file was made.
    void set_births(bool are_kept) { has_births_ = are_kept; }
    /// Moves and removals fail so, until it is empty again.
    void set_move_error(std::string words) { move_error_ = std::move(words); }
    void tell(ports::FolderTrouble trouble);
    /// The daemon died: nobody watches.
    void crash() { watches_.clear(); }

    std::map<std::string, File> const& files() const { return files_; }
    bool has(std::string const& path) const { return files_.contains(path); }
    int moves() const { return moves_; }
    bool is_watched(std::string const& path) const;

    void watch(ports::FolderId, ports::FolderSpec) override;
    void unwatch(ports::FolderId id) override { watches_.erase(id); }
    void look(ports::FolderId, std::vector<std::string> paths) override;
    void rescan(ports::FolderId) override;
    void move(std::string from, std::string to, Identity,
              std::function<void(Result<std::string>)> done) override;
    void put(std::string path, std::string bytes,
             std::function<void(Result<std::string>)> done) override;
    void remove(std::string path, Identity, std::function<void(Result<>)> done) override;
    void hash(std::string path, std::function<void(Result<std::string>)> done) override;

private:
    enum class Sign { none, closed, moved };

    bool sees(ports::FolderSpec const&, std::string const& path) const;
    ports::FolderEntry entry(std::string const& path, bool looked) const;
    void notify(std::string const& path, Sign);
    void notify_rename(std::string const& from, std::string const& to);
    void scan(ports::FolderId, bool overflowed);
    void tell(ports::FolderId, ports::FolderSeen);
    void touch(File&);
    std::pair<std::map<std::string, File>::iterator, bool> make(std::string const& path);
    void free_number(std::string const& path);
    bool is_at(std::string const& path, Identity const&) const;
    Result<std::string> move_now(std::string const& from, std::string const& to, Identity);

    Kernel& kernel_;
    std::map<std::string, File> files_;
    std::map<ports::FolderId, ports::FolderSpec> watches_;
    std::uint64_t last_inode_ = 100;
    std::set<std::uint64_t> free_inodes_;
    bool has_births_ = true;
    std::int64_t ticks_ = 0;
    bool is_deaf_ = false;
    std::string move_error_;
    int moves_ = 0;
};

}  // namespace lares::sim
