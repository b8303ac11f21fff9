// daemon/hot_folders.h: hot folders: from a file that lies there to a job, and from the job's end
// to where the file goes.
//
// When a file is complete is core/settle.h's; what lies where, and the moves, are the intake's.
// This remembers which files are whose: a FileRow is written in the same commit as the job, and
// again in the same commit as the job's end, before the file is moved. So at every instant the rows
// say what is to be done, and doing it twice does no harm:
//
//   (none) ── put ──► taken ── the job's end ──► moving ── the move ──► done | failed | ignored
//                       └── withdrawn                  └── it stays ──► kept
//   asked, problem: wait for a person, or for the file to change.
//
// A task's own outputs must not come round as new work. Known for certain: what the job names by
// `OUTPUT path` (on_output), whatever it does to its input file, the done and failed folders. For
// the rest, a file that appears while a job runs and is named after that job's input is taken, but
// the fifth in a row of such is put to a person ("asked"): nothing is lost, and no loop goes on.
//
// Which file a row is of: by device, inode and birth (core/settle.h), because an inode's number is
// used again at once. A file with the number and another birth is another file: the row's own is
// gone, and whatever is still to be done with that is not done to this one. On a file system
// without births the number must do, and for a file that comes under another name than the row's
// also size and time. What a row took for its own while it was being moved or removed is looked at
// again after that, so that nothing lies there unseen.
//
// How it ends: with the daemon; whatever is under way is done again by the next from the rows.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/work_settings.h"
#include "control/work_house.h"
#include "core/settle.h"
#include "ports/intake.h"
#include "ports/store.h"

namespace lares::daemon {

struct HotFolder;
struct FolderClaim;

/// What hot folders ask of the daemon.
struct FolderHands {
    std::function<Instant()> now;
    std::function<WallTime()> wall;
    /// Stores the job and its rows in one commit; fills in FileRow::job. `words`: of the event that
    /// causes the job. Answers once. is_duplicate: another job has its `once`;
    /// nothing was written. conflict: the task is full.
    std::function<void(control::NewJob, std::vector<ports::FileRow>, std::string words,
                       std::function<void(Result<control::PutOutcome>)>)>
        put;
    std::function<bool(std::string const& task)> is_full;
    /// Ready or running; running.
    std::function<bool(job::Id)> is_live, is_running;
    /// Takes a ready job out of the queue as skipped (and comes back with writes_for_end and
    /// on_job_end). False: it is not ready.
    std::function<bool(job::Id, std::string words)> withdraw;
    /// An event of the journal. kinds: folder.asked, folder.problem, folder.orphan,
    /// folder.withdrawn, folder.ignored, folder.overflow, folder.trouble, folder.well,
    /// folder.paused, folder.resumed.
    std::function<void(std::string kind, std::string subject, job::Id cause, std::string words,
                       std::string data)>
        note;
};

class HotFolders {
public:
    HotFolders(ports::Intake&, ports::Store&, FolderHands);
    ~HotFolders();

    /// The folders there are from now on. One that changed begins anew from its rows; one that is
    /// gone finishes what it took. Live jobs must be known (is_live) before the first; while the
    /// store cannot be read it tries again by itself.
    void configure(std::vector<config::Folder>);

    void on_seen(ports::FolderSeen const&);
    void on_trouble(ports::FolderTrouble const&);
    void on_job_start(job::Id);
    /// A job says that it made this file: no new work.
    void on_output(job::Id, std::string path);
    /// To be committed together with the job's end; empty when it is no folder's.
    std::vector<ports::Write> writes_for_end(job::Id, job::State) const;
    /// Once that is committed.
    void on_job_end(job::Id, job::State);
    /// Before a job that ended is made ready again: puts its files back where it looks for them.
    void revive(job::Id, control::Done);
    /// What waits for a person (asked, problem): run it, or leave it where it is.
    void settle_file(std::uint64_t file, bool run, std::string who, control::Done);
    /// As control::WorkHouse::drop_file.
    void drop_file(std::string_view folder, std::string const& name, std::string bytes,
                   std::string who, std::function<void(Result<std::string>)>);

    /// Once each turn of the loop, after its events; and when deadline() has come.
    void turn();
    std::optional<Instant> deadline() const;

    std::vector<control::FolderInfo> infos() const;
    /// Why the file at this path is not being worked on, in words; none: nothing is known of it.
    std::optional<std::string> reason(std::string_view path) const;
    /// Files that came since then, by the time they were taken in ("by 06:00 at least 3"); counts
    /// up to the last 10,000, those before a restart as well.
    std::size_t arrived_since(std::string_view folder, WallTime) const;

private:
    using Folder = HotFolder;
    using Claiming = FolderClaim;

    // hot_folders.cc
    void begin(Folder&);
    void load(ports::FolderId, std::uint64_t generation, std::size_t state, std::uint64_t before);
    void take_loaded(Folder&, ports::FileRow);
    void resolve(Folder&);
    void watch(Folder&);
    void retire(Folder&);
    Folder* find(ports::FolderId, std::uint64_t generation);
    Folder* find_job(job::Id);
    Folder const* find_job(job::Id) const;
    void decide(Folder&);

    // hot_folders_sight.cc
    void sight(Folder&, ports::FolderEntry const&);
    std::optional<std::uint64_t> row_for(Folder&, settle::Seen const&);
    std::optional<std::uint64_t> row_named(Folder&, settle::Seen const&);
    bool is_claimed(Folder&, settle::Seen const&);
    void lose_others(Folder&, settle::Seen const&);
    bool sight_known(Folder&, ports::FileRow&, settle::Seen const&);
    bool sight_moving(Folder&, ports::FileRow&, settle::Seen const&);
    bool sight_taken(Folder&, ports::FileRow&, settle::Seen const&);
    ports::FileRow new_row(Folder const&, settle::Seen const&, std::string state,
                           std::string words);
    bool sight_output(Folder&, settle::Seen const&);
    bool is_loop(Folder&, settle::Seen const&);
    void lose(Folder&, std::string const& path);
    void lose_row(Folder&, ports::FileRow&);

    // hot_folders_claim.cc
    void claim_ready(Folder&);
    std::string gate(Folder&);
    void claim(Folder&, settle::Claim);
    void hash_next(std::uint64_t token, std::size_t member, std::string so_far);
    void check_duplicate(std::uint64_t token);
    void judge_duplicates(std::uint64_t token, std::vector<ports::FileRow> const&);
    void put(std::uint64_t token);
    void on_put(std::uint64_t token, Result<control::PutOutcome>);
    void join_job(std::uint64_t token, job::Id);
    void take_in(Folder&, Claiming&, job::Id);
    void give_back(std::uint64_t token, Error const*);
    std::vector<ports::FileRow> rows_of(Folder&, Claiming const&, std::string state,
                                        std::string words);
    void ask(Folder&, Claiming&, std::string words);
    void ignore(Folder&, Claiming&, std::string words);
    void pause(Folder&, Error const&, std::string_view doing);
    void resume(Folder&);
    void end_pause(Folder&);

    // hot_folders_finish.cc
    ports::FileRow ended_row(Folder const&, ports::FileRow, job::State) const;
    void finish(Folder&, std::uint64_t row);
    /// What a move or removal was asked for.
    struct Moved {
        std::string from;
        settle::Identity identity;
    };
    void on_moved(ports::FolderId, std::uint64_t generation, std::uint64_t row, Moved const&,
                  Result<std::string>);
    void end_row(Folder&, std::uint64_t row, std::string state);
    void keep_row(Folder&, std::uint64_t row, settle::Seen const*);
    void retry_moves(Folder&, std::size_t most);
    void put_back_files(job::Id, std::vector<ports::FileRow>, control::Done);

    void write(ports::FileRow const&);
    void add_row(Folder&, ports::FileRow);
    void drop_row(Folder&, std::uint64_t row);
    void set_path(Folder&, ports::FileRow&, std::string path);
    void set_identity(Folder&, ports::FileRow&, settle::Identity);

    ports::Intake& intake_;
    ports::Store& store_;
    FolderHands hands_;
    std::map<ports::FolderId, std::unique_ptr<Folder>> folders_;
    std::map<job::Id, ports::FolderId> folder_of_job_;
    std::map<std::uint64_t, std::unique_ptr<Claiming>> claiming_;  // by token
    std::uint32_t next_folder_ = 1;
    std::uint64_t next_token_ = 1, generations_ = 0;
};

}  // namespace lares::daemon
