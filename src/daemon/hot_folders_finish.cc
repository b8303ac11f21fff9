// daemon/hot_folders_finish.cc: from a job's end to where its files go; and back, when it is to be
// tried once more.

#include "daemon/hot_folders.h"

#include <algorithm>
#include <utility>

#include "daemon/hot_folder.h"

namespace lares::daemon {

namespace {

using After = config::Folder::After;

After const& after_of(config::Folder const& folder, ports::FileRow const& row) {
    return row.words.starts_with("failed") ? folder.failed : folder.done;
}

/// Where a file goes, with its sub-folders.
std::string destination_of(config::Folder const& folder, After const& after,
                           std::string const& path) {
    std::string target =
        after.directory.starts_with('/') ? after.directory : folder.path + "/" + after.directory;
    bool is_inside = path.starts_with(folder.path + "/");
    return target + "/" +
           (is_inside ? path.substr(folder.path.size() + 1) : std::string(name_of(path)));
}

/// "done", "failed", "ignored": how the words of a moving row begin.
std::string end_of(ports::FileRow const& row) { return row.words.substr(0, row.words.find(':')); }

}  // namespace

std::vector<ports::Write> HotFolders::writes_for_end(job::Id job, job::State state) const {
    std::vector<ports::Write> writes;
    Folder const* folder = find_job(job);
    if (!folder || !job::is_end(state)) return writes;
    auto rows = folder->by_job.find(job);
    if (rows == folder->by_job.end()) return writes;
    for (std::uint64_t id : rows->second) {
        writes.push_back(ports::PutFile{ended_row(*folder, folder->rows.at(id), state)});
    }
    return writes;
}

/// The row as it is with the job's end: what is to become of the file, before anything does.
ports::FileRow HotFolders::ended_row(Folder const& folder, ports::FileRow row,
                                     job::State state) const {
    if (row.state != "taken") return row;
    if (state == job::State::skipped && !row.words.empty()) {
        row.state = "withdrawn";  // our own doing: renamed or removed while it waited
        row.ended = hands_.wall();
        return row;
    }
    row.state = "moving";
    row.words = state == job::State::done ? "done" : "failed: " + std::string(job::name(state));
    row.destination.clear();
    After const& after = after_of(folder.config, row);
    if (after.what == After::What::move) {
        row.destination = destination_of(folder.config, after, row.path);
    }
    if (after.what == After::What::remove) row.destination = "/dev/null";
    return row;
}

void HotFolders::on_job_end(job::Id job, job::State state) {
    Folder* folder = find_job(job);
    if (!folder || !job::is_end(state)) return;
    auto at = folder->by_job.find(job);
    if (at == folder->by_job.end()) return;
    folder->running.erase(job);
    for (std::uint64_t id : std::vector(at->second)) {
        ports::FileRow& row = folder->rows.at(id);
        row = ended_row(*folder, row, state);
        if (row.state == "withdrawn") {
            drop_row(*folder, id);
        } else {
            finish(*folder, id);
        }
    }
}

/// Carries out a row that is moving. Again and again is no harm.
void HotFolders::finish(Folder& folder, std::uint64_t id) {
    ports::FileRow const& row = folder.rows.at(id);
    ports::Intake::Identity identity{row.device, row.inode, row.birth_ns};
    auto done = [this, of = folder.id, generation = folder.generation, id, from = row.path,
                 moved = identity_of(row)](Result<std::string> path) {
        on_moved(of, generation, id, Moved{from, moved}, std::move(path));
    };
    // What may lie there now is another; where no birth tells them apart it is left alone.
    bool may_hit_another = row.birth_ns == 0 || row.destination == "/dev/null";
    if (folder.gone.contains(id) && may_hit_another) {
        return done(Error{Error::Kind::not_found, "'" + row.path + "' is not there any more"});
    }
    if (row.destination.empty()) {
        // It stays. How it looks now is what it is known by: the job may have changed it.
        if (folder.is_watched) return intake_.look(folder.id, {row.path});
        return keep_row(folder, id, nullptr);
    }
    if (row.destination == "/dev/null") {
        return intake_.remove(row.path, identity, [done](Result<> removed) {
            if (!removed) return done(removed.error());
            done(std::string());
        });
    }
    intake_.move(row.path, row.destination, identity, done);
}

void HotFolders::on_moved(ports::FolderId of, std::uint64_t generation, std::uint64_t id,
                          Moved const& moved, Result<std::string> path) {
    Folder* folder = find(of, generation);
    ports::FileRow* row = folder ? folder->find_row(id) : nullptr;
    if (!row || row->state != "moving") return;
    bool is_absent = !path && path.error().kind == Error::Kind::not_found;
    if (!path && !is_absent) {
        folder->to_move.insert(id);
        folder->move_trouble = path.error().what;
        if (!folder->paused_until) pause(*folder, path.error(), "move what is finished in");
        return;
    }
    // Its job replaced it by another file of that name, or somebody renamed it meanwhile. Not so
    // after a removal, which says of what is absent that it is done: what is seen since then may be
    // another file, and is looked at again.
    bool is_elsewhere = identity_of(*row) != moved.identity || row->path != moved.from;
    if (is_absent && is_elsewhere) return finish(*folder, id);
    row->destination = is_absent ? std::string() : *path;
    if (is_absent) {
        row->words += row->words.find(':') == std::string::npos ? ": " : "; ";
        row->words += "it was not there any more";
    }
    bool was_stuck = folder->to_move.contains(id);
    end_row(*folder, id, end_of(*row));
    if (was_stuck) retry_moves(*folder, SIZE_MAX);
    end_pause(*folder);
}

/// What could not be moved, once more: one first, and the others when that succeeds.
void HotFolders::retry_moves(Folder& folder, std::size_t most) {
    std::vector<std::uint64_t> rows(folder.to_move.begin(), folder.to_move.end());
    if (rows.size() > most) rows.resize(most);
    for (std::uint64_t id : rows) {
        if (folder.find_row(id)) finish(folder, id);  // one that ends at once retries the others
    }
}

/// The last word on a row. `state` empty: the one that its words begin with.
void HotFolders::end_row(Folder& folder, std::uint64_t id, std::string state) {
    ports::FileRow row = folder.rows.at(id);
    if (state.empty()) state = end_of(row);
    bool is_known = state == "done" || state == "failed" || state == "ignored";
    row.state = is_known || state == "withdrawn" ? state : "ignored";
    row.ended = hands_.wall();
    if (row.destination == "/dev/null") row.destination.clear();
    write(row);
    drop_row(folder, id);
}

/// It is finished and stays: its row stays, so that it is not taken again. `seen` null: it is gone.
void HotFolders::keep_row(Folder& folder, std::uint64_t id, settle::Seen const* seen) {
    ports::FileRow& row = folder.rows.at(id);
    if (!seen && folder.is_watched) return end_row(folder, id, "");
    auto job = folder.by_job.find(row.job);
    if (job != folder.by_job.end()) {
        std::erase(job->second, id);
        if (job->second.empty()) {
            folder_of_job_.erase(job->first);
            folder.by_job.erase(job);
        }
    }
    row.state = "kept";
    row.ended = hands_.wall();
    folder.gone.erase(id);
    folder.to_look.erase(id);
    if (seen) {
        row.size = seen->size, row.mtime_ns = time_of(*seen);
        set_path(folder, row, seen->path);
    }
    write(row);
    if (folder.is_retired) drop_row(folder, id);
}

void HotFolders::revive(job::Id job, control::Done done) {
    ports::FilesAsked asked;
    asked.job = job;
    store_.read(asked, [this, job, done](Result<ports::Found> found) {
        if (!found) return done(found.error());
        put_back_files(job, found->files, done);
    });
}

/// One after the other; the job is told its paths in its payload, so they must be those.
void HotFolders::put_back_files(job::Id job, std::vector<ports::FileRow> rows, control::Done done) {
    if (rows.empty()) return done({});
    ports::FileRow row = rows.back();
    rows.pop_back();
    auto at = std::ranges::find_if(folders_, [&](auto const& each) {
        return each.second->config.name == row.folder && !each.second->is_retired;
    });
    Folder* folder = at == folders_.end() ? nullptr : at->second.get();
    auto take = [this, job, row, rows, done, id = folder ? folder->id : ports::FolderId{},
                 generation = folder ? folder->generation : 0]() mutable {
        row.state = "taken", row.words = "", row.destination = "";
        row.ended = {};
        write(row);
        if (Folder* of = find(id, generation)) add_row(*of, row);
        put_back_files(job, std::move(rows), std::move(done));
    };
    if (row.state == "taken" || row.state == "moving") return take();
    if (row.destination.empty() || row.destination == row.path) return take();
    // What a move between file systems made has another number: whatever is there.
    std::string from = row.destination, to = row.path;
    note_identity(row, {});
    if (folder)
        add_row(*folder, [&] {
            ports::FileRow expected = row;  // seen at its place before the move is told
            expected.state = "taken";
            return expected;
        }());
    auto moved = [this, take, to, id = row.id, done,
                  folder_id = folder ? folder->id : ports::FolderId{},
                  generation = folder ? folder->generation : 0](Result<std::string> path) mutable {
        if (path && *path == to) return take();
        if (Folder* of = find(folder_id, generation)) drop_row(*of, id);
        if (path) {
            return done(Error{Error::Kind::conflict, "another file lies at '" + to +
                                                         "'; it is at '" + *path +
                                                         "' now, and taken in from there"});
        }
        done(path.error());
    };
    intake_.move(from, to, {}, std::move(moved));
}

}  // namespace lares::daemon
