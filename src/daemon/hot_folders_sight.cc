// daemon/hot_folders_sight.cc: something is seen in a folder, or is seen no more: whose is it?

#include <algorithm>
#include <cctype>
#include <utility>

#include "daemon/hot_folder.h"
#include "daemon/hot_folders.h"
#include "text/value.h"

namespace lares::daemon {

namespace {

settle::Seen seen_of(ports::FolderEntry const& entry) {
    settle::Seen seen;
    seen.path = entry.path;
    seen.identity = {entry.device, entry.inode, entry.birth_ns};
    seen.size = entry.size, seen.mtime_ns = entry.mtime_ns, seen.ctime_ns = entry.ctime_ns;
    seen.is_folder = entry.is_folder, seen.is_special = entry.is_special;
    seen.is_readable = entry.is_readable;
    seen.closed = entry.closed, seen.moved_in = entry.moved_in;
    seen.looked = entry.looked, seen.is_open = entry.is_open;
    seen.can_tell_open = entry.can_tell_open;
    seen.files = entry.files, seen.newest_ns = entry.newest_ns;
    return seen;
}

/// Before its ending: what a tool names its output after.
std::string_view stem_of(std::string_view name) {
    std::size_t dot = name.find('.', 1);
    return name.substr(0, dot);
}

/// "x.out.pdf" and "old-x.pdf" of "x", but not "x12.pdf": numbered files are no outputs.
bool is_named_after(std::string_view name, std::string_view stem) {
    auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = name.find(stem); at != std::string_view::npos;
         at = name.find(stem, at + 1)) {
        std::size_t end = at + stem.size();
        bool begins = at == 0 || !is_word(name[at - 1]);
        bool ends = end == name.size() || !is_word(name[end]);
        if (begins && ends) return true;
    }
    return false;
}

/// Its job was withdrawn, which is not committed yet: soon it answers for nothing.
bool is_leaving(ports::FileRow const& row) { return row.state == "taken" && !row.words.empty(); }

/// The same file, under whatever name. Where births are not known, the number may be another's: a
/// rename changes neither size nor time. What remains: two files of one number that were made in
/// one tick of the kernel's clock (4 ms at most), the second after all the work for the first; and,
/// without births, one that is put under the very name of the other before that was told gone. The
/// second is then taken for the first, changed by its job.
bool is_that_file(HotFolder const& folder, ports::FileRow const& row, settle::Seen const& seen) {
    if (!settle::may_be_one(identity_of(row), seen.identity)) return false;
    if (row.birth_ns != 0 && seen.identity.birth_ns != 0) return true;
    bool is_in_place = row.path == seen.path && !folder.gone.contains(row.id);
    return is_in_place || is_as_noted(row, seen);
}

}  // namespace

std::string file_data(settle::Seen const& seen) {
    return text::to_json(
        text::Struct{{"size", seen.size}, {"inode", std::to_string(seen.identity.inode)}});
}

void HotFolders::sight(Folder& folder, ports::FolderEntry const& entry) {
    settle::Seen seen = seen_of(entry);
    if (is_claimed(folder, seen)) return;  // its row will be there soon
    lose_others(folder, seen);
    auto id = row_for(folder, seen);
    if (!id) id = row_named(folder, seen);
    if (id) {
        if (folder.in_whole) folder.named.insert(*id);
        if (sight_known(folder, folder.rows.at(*id), seen)) return;
    }
    if (sight_output(folder, seen) || is_loop(folder, seen)) return;
    folder.settler.see(seen, hands_.now());
}

/// A claim whose file's number another file has now is one of a file that is gone.
bool HotFolders::is_claimed(Folder& folder, settle::Seen const& seen) {
    settle::Identity const& identity = seen.identity;
    auto at = folder.claiming.lower_bound({identity.device, identity.inode, INT64_MIN});
    for (; at != folder.claiming.end() && have_one_number(at->first, identity); ++at) {
        FolderClaim& claiming = *claiming_.at(at->second);
        if (!may_be_one(at->first, identity)) {
            claiming.is_gone = true;
            continue;
        }
        auto same = std::ranges::find(claiming.claim.members, seen.path, &settle::Seen::path);
        if (same == claiming.claim.members.end()) claiming.to_look = seen.path;
        return true;
    }
    return false;
}

/// Rows of files that had its number before it: nobody else can have it while it is there.
void HotFolders::lose_others(Folder& folder, settle::Seen const& seen) {
    for (std::uint64_t id : folder.rows_with_number(seen.identity)) {
        auto* row = folder.find_row(id);
        if (row && !is_that_file(folder, *row, seen)) lose_row(folder, *row);
    }
}

/// Whose file it is.
std::optional<std::uint64_t> HotFolders::row_for(Folder& folder, settle::Seen const& seen) {
    for (std::uint64_t id : folder.rows_with_number(seen.identity)) {
        ports::FileRow& row = folder.rows.at(id);
        if (!is_that_file(folder, row, seen)) continue;
        folder.gone.erase(id);  // it came back
        bool is_learnt = row.birth_ns == 0 && seen.identity.birth_ns != 0;
        if (is_learnt) set_identity(folder, row, seen.identity);
        return id;
    }
    return std::nullopt;
}

/// A file that is not the row's but has its name: one that its job replaced, or that was put back
/// for a second try. If the row's was told gone before, it is a new one.
std::optional<std::uint64_t> HotFolders::row_named(Folder& folder, settle::Seen const& seen) {
    auto named = folder.by_path.find(seen.path);
    if (named == folder.by_path.end()) return std::nullopt;
    ports::FileRow& row = folder.rows.at(named->second);
    bool is_at_work =
        row.state == "moving" || (row.state == "taken" && folder.running.contains(row.job));
    bool is_own = is_at_work && !folder.gone.contains(row.id);
    if (!is_own && row.inode != 0) {
        lose_row(folder, row);
        return std::nullopt;
    }
    set_identity(folder, row, seen.identity);
    return row.id;
}

/// True: the row answers for it; nothing new.
bool HotFolders::sight_known(Folder& folder, ports::FileRow& row, settle::Seen const& seen) {
    if (row.state == "moving") return sight_moving(folder, row, seen);
    if (row.state == "taken") return sight_taken(folder, row, seen);
    if (row.state == "problem") return false;  // the settler's
    if (is_as_noted(row, seen)) {
        if (row.path != seen.path) {
            set_path(folder, row, seen.path);
            write(row);
        }
        return true;
    }
    // Its contents changed: what was said of it is over.
    end_row(folder, row.id, row.state == "kept" ? "" : "withdrawn");
    return false;
}

bool HotFolders::sight_moving(Folder& folder, ports::FileRow& row, settle::Seen const& seen) {
    if (row.destination.empty() && seen.looked) {
        keep_row(folder, row.id, &seen);
        return true;
    }
    folder.to_look[row.id] = seen.path;
    bool is_certain = row.birth_ns != 0;
    if (row.path == seen.path || !is_certain) return true;
    set_path(folder, row, seen.path);  // renamed meanwhile: there it is moved from
    write(row);
    if (row.destination.empty()) intake_.look(folder.id, {seen.path});
    return true;
}

bool HotFolders::sight_taken(Folder& folder, ports::FileRow& row, settle::Seen const& seen) {
    row.size = seen.size;
    row.mtime_ns = time_of(seen);
    if (is_leaving(row)) {
        folder.to_look[row.id] = seen.path;
        return true;
    }
    if (row.path == seen.path) return true;
    if (folder.running.contains(row.job)) {
        set_path(folder, row, seen.path);  // so that its end finds it
        write(row);
        return true;
    }
    // The job would look under the old name: another takes its place, in the same row.
    std::uint64_t id = row.id;
    folder.row_again[seen.identity] = id;
    row.words = "renamed to '" + seen.path + "'";
    if (hands_.withdraw(row.job, "its file was renamed to '" + seen.path + "'")) return false;
    folder.row_again.erase(seen.identity);
    if (auto* still = folder.find_row(id)) {
        still->words.clear();
        set_path(folder, *still, seen.path);
        write(*still);
    }
    return true;
}

ports::FileRow HotFolders::new_row(Folder const& folder, settle::Seen const& seen,
                                   std::string state, std::string words) {
    ports::FileRow row;
    row.id = store_.next_id();
    row.folder = folder.config.name;
    note_looks(row, seen);
    row.seen = hands_.wall();
    row.state = std::move(state), row.words = std::move(words);
    return row;
}

/// A job named it as its own: it lies there, and is no work.
bool HotFolders::sight_output(Folder& folder, settle::Seen const& seen) {
    auto at = folder.outputs.find(seen.path);
    if (at == folder.outputs.end() || !store_.is_open()) return false;
    auto row = new_row(folder, seen, "kept", "an output of a job of this folder");
    folder.settler.forget(seen.path);
    write(row);
    add_row(folder, std::move(row));
    return true;
}

/// Made while a job ran, and named after its input, or in its place after that was gone: maybe its
/// output. Several in a row are a loop.
bool HotFolders::is_loop(Folder& folder, settle::Seen const& seen) {
    if (folder.in_whole || folder.settler.holds(seen.path) || folder.running.empty()) return false;
    if (folder.approved.contains(folder.key_of(seen.path))) return false;
    std::string_view name = name_of(seen.path);
    int generation = 0;
    for (auto const& [job, input] : folder.running) {
        auto rows = folder.by_job.find(job);
        if (rows == folder.by_job.end()) continue;
        bool is_again = folder.rows.at(rows->second[0]).path == seen.path;
        bool is_after = name != input && is_named_after(name, stem_of(input));
        if (!is_after && !is_again) continue;
        auto before = folder.row_generations.find(rows->second[0]);
        int of_input = before == folder.row_generations.end() ? 0 : before->second;
        generation = std::max(generation, of_input + 1);
    }
    if (generation == 0) return false;
    if (folder.generations.size() >= most_outputs) folder.generations.clear();
    folder.generations[seen.path] = generation;
    if (generation < most_generations || !store_.is_open()) return false;
    auto row = new_row(folder, seen, "asked",
                       "it looks like what the task made of its own output, " +
                           std::to_string(most_generations) +
                           " times in a row; let the task write elsewhere, or name it in 'ignore'");
    write(row);
    hands_.note("folder.asked", "file/" + seen.path, 0, row.words, file_data(seen));
    add_row(folder, std::move(row));
    return true;
}

void HotFolders::lose(Folder& folder, std::string const& path) {
    folder.generations.erase(path);
    if (folder.settler.holds(path)) folder.settler.lose(path, hands_.now());
    auto at = folder.by_path.find(path);
    if (at != folder.by_path.end()) return lose_row(folder, folder.rows.at(at->second));
    for (auto& [token, claiming] : claiming_) {
        if (claiming->folder != folder.id) continue;
        for (auto const& member : claiming->claim.members) {
            if (member.path == path) claiming->is_gone = true;
        }
    }
}

/// The file of a row is gone. Deleting is everybody's right: no alarm.
void HotFolders::lose_row(Folder& folder, ports::FileRow& row) {
    std::uint64_t id = row.id;
    if (row.state == "moving") {
        if (row.destination.empty()) return keep_row(folder, id, nullptr);
        folder.gone.insert(id);
        return;
    }
    if (row.state == "taken") {
        if (folder.running.contains(row.job)) {  // it may be the job's own doing
            folder.gone.insert(id);
            return;
        }
        job::Id job = row.job;
        if (is_leaving(row)) return;
        std::string path = row.path;
        row.words = "it was removed while it waited";
        bool is_withdrawn = hands_.withdraw(job, "its file '" + path + "' was removed");
        if (is_withdrawn) {
            hands_.note("folder.withdrawn", "file/" + path, job, "it was removed while it waited",
                        "");
        }
        auto* still = folder.find_row(id);  // until its job's end is committed
        if (still && is_withdrawn) folder.gone.insert(id);
        if (still && !is_withdrawn) still->words.clear();
        return;
    }
    if (row.state == "problem") return;  // told by the settler
    if (row.state == "asked") {
        hands_.note("folder.withdrawn", "file/" + row.path, 0, "it was removed while it waited",
                    "");
        return end_row(folder, id, "withdrawn");
    }
    end_row(folder, id, "");
}

}  // namespace lares::daemon
