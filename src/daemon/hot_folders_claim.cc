// daemon/hot_folders_claim.cc: from a complete file to a stored job: may it be claimed now, is it a
// duplicate, and what when it cannot be stored.

#include "daemon/hot_folders.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/sha256.h"
#include "daemon/folder_payload.h"
#include "daemon/hot_folder.h"

namespace lares::daemon {

namespace {

using Duplicates = config::Folder::Duplicates;

std::string words_of(settle::Claim const& claim) {
    std::string words = "'" + std::string(name_of(claim.members[0].path)) + "'";
    std::size_t others = claim.members.size() - 1;
    if (others > 0) words += " and its companions";
    return words;
}

}  // namespace

/// Why nothing may be claimed now; empty: it may.
std::string HotFolders::gate(Folder& folder) {
    if (folder.paused_until) return folder.blocked;
    if (!store_.is_open()) {
        std::string trouble = store_.trouble();
        return "the database cannot be written" + (trouble.empty() ? "" : ": " + trouble);
    }
    if (!folder.to_move.empty()) return "what is finished cannot be moved: " + folder.move_trouble;
    if (folder.rows.size() + folder.in_flight >= limits::folder_files) {
        return std::to_string(folder.rows.size()) + " of its files are known, which is the most";
    }
    if (hands_.is_full(folder.config.task)) return "task '" + folder.config.task + "' is full";
    return {};
}

void HotFolders::claim_ready(Folder& folder) {
    bool is_hashing = folder.config.duplicates != Duplicates::run;
    std::size_t most = is_hashing ? most_hashing : folder.batch;
    if (folder.settler.ready() == 0) {
        if (!folder.paused_until) folder.blocked.clear();
        return;
    }
    if (folder.in_flight >= most) return;
    folder.blocked = gate(folder);
    if (!folder.blocked.empty()) return;
    for (auto& each : folder.settler.take(most - folder.in_flight)) claim(folder, std::move(each));
}

void HotFolders::claim(Folder& folder, settle::Claim claim) {
    auto claiming = std::make_unique<Claiming>();
    std::uint64_t token = claiming->token = next_token_++;
    claiming->folder = folder.id;
    claiming->generation = folder.generation;
    claiming->is_checked =
        folder.config.duplicates == Duplicates::run || folder.approved.erase(claim.key) > 0;
    claiming->claim = std::move(claim);
    for (auto const& member : claiming->claim.members) folder.claiming[member.identity] = token;
    folder.in_flight++;
    bool is_checked = claiming->is_checked;
    claiming_[token] = std::move(claiming);
    if (is_checked) return put(token);
    hash_next(token, 0, "");
}

/// Of a set: the digest of its members' digests.
void HotFolders::hash_next(std::uint64_t token, std::size_t member, std::string so_far) {
    Claiming& claiming = *claiming_.at(token);
    auto const& members = claiming.claim.members;
    if (member == members.size()) {
        claiming.hash = members.size() == 1 ? so_far : sha256_hex(so_far);
        return check_duplicate(token);
    }
    intake_.hash(members[member].path, [=, this](Result<std::string> hash) {
        auto at = claiming_.find(token);
        if (at == claiming_.end()) return;
        if (!hash) {
            // It went away or cannot be read: what is there is looked at again.
            return give_back(token, at->second->is_gone ? nullptr : &hash.error());
        }
        hash_next(token, member + 1, so_far + *hash);
    });
}

void HotFolders::check_duplicate(std::uint64_t token) {
    Claiming& claiming = *claiming_.at(token);
    Folder* folder = find(claiming.folder, claiming.generation);
    if (!folder) return give_back(token, nullptr);
    for (auto const& [other, each] : claiming_) {
        // Who was hashed first is judged first; whatever becomes of him, he has these contents.
        bool is_same =
            other != token && each->folder == claiming.folder && each->hash == claiming.hash;
        if (is_same) {
            ports::FileRow row;
            row.path = each->claim.members[0].path;
            row.hash = claiming.hash, row.state = "taken";
            return judge_duplicates(token, {row});
        }
    }
    ports::FilesAsked asked;
    asked.folder = folder->config.name;
    asked.hash = claiming.hash;
    asked.limit = 20;
    store_.read(asked, [this, token](Result<ports::Found> found) {
        if (!claiming_.contains(token)) return;
        if (!found) return give_back(token, &found.error());
        judge_duplicates(token, found->files);
    });
}

/// Same contents as a file that was taken before, under whatever name; one that failed may be tried
/// again.
void HotFolders::judge_duplicates(std::uint64_t token, std::vector<ports::FileRow> const& rows) {
    Claiming& claiming = *claiming_.at(token);
    Folder* folder = find(claiming.folder, claiming.generation);
    if (!folder) return give_back(token, nullptr);
    auto before = std::ranges::find_if(rows, [&](ports::FileRow const& row) {
        bool has_failed =
            row.state == "failed" || row.state == "withdrawn" || row.words.starts_with("failed");
        return row.hash == claiming.hash && !has_failed && row.state != "asked" &&
               row.state != "problem";
    });
    if (before == rows.end()) {
        claiming.is_checked = true;
        return put(token);
    }
    std::string words = "same contents as '" + std::string(name_of(before->path)) + "'";
    if (before->seen != WallTime{} && before->job != 0) {
        words += ", which job " + std::to_string(before->job) + " was for";
    }
    if (folder->config.duplicates == Duplicates::ask) return ask(*folder, claiming, words);
    ignore(*folder, claiming, words);
}

std::vector<ports::FileRow> HotFolders::rows_of(Folder& folder, Claiming const& claiming,
                                                std::string state, std::string words) {
    std::vector<ports::FileRow> rows;
    auto problem = folder.problem_rows.find(claiming.claim.key);
    for (auto const& member : claiming.claim.members) {
        ports::FileRow row;
        auto again = folder.row_again.find(member.identity);
        if (again != folder.row_again.end()) {
            row.id = again->second;
            folder.row_again.erase(again);
        } else if (problem != folder.problem_rows.end() && rows.empty()) {
            row.id = problem->second;
        } else {
            row.id = store_.next_id();
        }
        row.folder = folder.config.name;
        note_looks(row, member);
        row.hash = claiming.hash;
        row.seen = hands_.wall();
        row.state = state, row.words = words;
        rows.push_back(std::move(row));
    }
    return rows;
}

void HotFolders::put(std::uint64_t token) {
    Claiming& claiming = *claiming_.at(token);
    Folder* folder = find(claiming.folder, claiming.generation);
    if (!folder || claiming.is_gone || !store_.is_open()) return give_back(token, nullptr);
    control::NewJob job;
    job.task = folder->config.task;
    job.payload = folder_payload(folder->config.name, claiming.claim, claiming.hash);
    job.once = folder_once(folder->config.name, claiming.claim);
    if (folder->config.priority != 0) job.priority = folder->config.priority;
    job.source = "folder " + folder->config.name;
    claiming.rows = rows_of(*folder, claiming, "taken", "");
    hands_.put(std::move(job), claiming.rows,
               words_of(claiming.claim) + " is complete in folder '" + folder->config.name + "'",
               [this, token](Result<control::PutOutcome> outcome) {
                   if (claiming_.contains(token)) on_put(token, std::move(outcome));
               });
}

void HotFolders::on_put(std::uint64_t token, Result<control::PutOutcome> outcome) {
    Claiming& claiming = *claiming_.at(token);
    Folder* folder = find(claiming.folder, claiming.generation);
    if (!folder) return give_back(token, nullptr);  // the next one reads its rows
    if (!outcome) return give_back(token, &outcome.error());
    if (outcome->is_duplicate) return join_job(token, outcome->id);
    take_in(*folder, claiming, outcome->id);
    bool is_gone = claiming.is_gone;
    std::string path = claiming.claim.members[0].path;
    give_back(token, nullptr);
    if (!is_gone) return;
    auto at = folder->by_path.find(path);
    if (at != folder->by_path.end()) lose_row(*folder, folder->rows.at(at->second));
}

/// This very file has a job already: its row was lost to us, or a power cut took the move back.
void HotFolders::join_job(std::uint64_t token, job::Id job) {
    Claiming& claiming = *claiming_.at(token);
    Folder* folder = find(claiming.folder, claiming.generation);
    if (hands_.is_live(job)) {
        take_in(*folder, claiming, job);
        for (std::uint64_t row : folder->by_job.at(job)) write(folder->rows.at(row));
        return give_back(token, nullptr);
    }
    store_.read(ports::JobAsked{job}, [this, token, job](Result<ports::Found> found) {
        auto at = claiming_.find(token);
        if (at == claiming_.end()) return;
        Folder* of = find(at->second->folder, at->second->generation);
        if (!of) return give_back(token, nullptr);
        if (!found) return give_back(token, &found.error());
        job::State end = found->jobs.empty() ? job::State::done : found->jobs[0].state;
        take_in(*of, *at->second, job);
        std::vector<std::uint64_t> rows = of->by_job.at(job);
        give_back(token, nullptr);
        for (std::uint64_t row : rows) {
            of->rows.at(row) = ended_row(*of, of->rows.at(row), end);
            write(of->rows.at(row));
            finish(*of, row);
        }
    });
}

void HotFolders::take_in(Folder& folder, Claiming& claiming, job::Id job) {
    auto generation = folder.generations.find(claiming.claim.members[0].path);
    for (ports::FileRow row : claiming.rows) {
        row.job = job;
        folder.arrivals.push_back(row.seen);
        if (folder.arrivals.size() > most_arrivals) folder.arrivals.pop_front();
        std::erase_if(folder.problem_rows, [&](auto const& each) { return each.second == row.id; });
        int made = generation == folder.generations.end() ? 0 : generation->second;
        std::uint64_t id = row.id;
        add_row(folder, std::move(row));
        if (made > 0) folder.row_generations[id] = made;
    }
    if (generation != folder.generations.end()) folder.generations.erase(generation);
}

/// The claim is over. With an error its things are ready again, and the folder waits.
void HotFolders::give_back(std::uint64_t token, Error const* error) {
    auto node = claiming_.extract(token);
    Claiming& claiming = *node.mapped();
    Folder* folder = find(claiming.folder, claiming.generation);
    if (!folder) return;
    folder->in_flight--;
    for (auto const& member : claiming.claim.members) folder->claiming.erase(member.identity);
    if (!claiming.to_look.empty()) intake_.look(folder->id, {claiming.to_look});
    bool is_taken = !claiming.rows.empty() && folder->rows.contains(claiming.rows[0].id) &&
                    folder->rows.at(claiming.rows[0].id).state != "problem";
    if (is_taken) {
        folder->batch = std::min(folder->batch + 1, most_claiming);
        return end_pause(*folder);
    }
    if (claiming.is_gone) {
        std::vector<std::string> paths;
        for (auto const& member : claiming.claim.members) paths.push_back(member.path);
        folder->settler.put_back(claiming.claim, hands_.now());
        return intake_.look(folder->id, std::move(paths));
    }
    if (claiming.is_checked && !claiming.hash.empty()) {
        folder->approved.insert(claiming.claim.key);  // it needs no second hash
    }
    folder->settler.put_back(claiming.claim, hands_.now());
    if (!error) return;
    bool is_full = error->kind == Error::Kind::conflict && hands_.is_full(folder->config.task);
    // The gate is shut until there is room; then less is offered at once.
    if (is_full) folder->batch = std::max<std::size_t>(folder->batch / 2, 1);
    if (!is_full) pause(*folder, *error, "take in from");
}

void HotFolders::ask(Folder& folder, Claiming& claiming, std::string words) {
    claiming.rows = rows_of(folder, claiming, "asked", words);
    for (auto const& row : claiming.rows) {
        write(row);
        hands_.note("folder.asked", "file/" + row.path, 0,
                    words + "; 'run' it or 'leave' it (file " + std::to_string(row.id) + ")", "");
        add_row(folder, row);
    }
    give_back(claiming.token, nullptr);
}

/// Treated as one that is done: moved away or removed where those are.
void HotFolders::ignore(Folder& folder, Claiming& claiming, std::string words) {
    claiming.rows = rows_of(folder, claiming, "taken", "");
    std::vector<std::uint64_t> ids;
    for (ports::FileRow row : claiming.rows) {
        row = ended_row(folder, std::move(row), job::State::done);
        row.words = "ignored: " + words;
        hands_.note("folder.ignored", "file/" + row.path, 0, row.words, "");
        write(row);
        ids.push_back(row.id);
        add_row(folder, std::move(row));
    }
    give_back(claiming.token, nullptr);
    for (std::uint64_t id : ids) finish(folder, id);
}

/// One alarm when it begins; tried again later and later; a full task needs no alarm.
void HotFolders::pause(Folder& folder, Error const& error, std::string_view doing) {
    if (folder.paused_until) return;  // the others of the same moment
    bool is_first = folder.pause.count() == 0;
    folder.pause = is_first ? first_pause : std::min(folder.pause * 2, last_pause);
    folder.paused_until = hands_.now() + folder.pause;
    folder.blocked = error.what;
    bool is_alarm = error.kind != Error::Kind::conflict && !folder.is_alarmed;
    if (!is_alarm) return;
    folder.is_alarmed = true;
    hands_.note("folder.paused", folder.subject(), 0,
                "cannot " + std::string(doing) + " folder '" + folder.config.name +
                    "': " + error.what + "; it takes in nothing, and tries again",
                "");
}

/// What failed works again.
void HotFolders::end_pause(Folder& folder) {
    if (folder.pause.count() == 0 || !folder.to_move.empty()) return;
    folder.pause = Duration{0};
    if (!std::exchange(folder.is_alarmed, false)) return;
    hands_.note("folder.resumed", folder.subject(), 0, "it takes in files again", "");
}

/// Its pause is over: what failed is tried again.
void HotFolders::resume(Folder& folder) {
    folder.paused_until.reset();
    folder.blocked.clear();
    if (!folder.is_watched && !folder.is_retired) return begin(folder);
    retry_moves(folder, 1);
}

}  // namespace lares::daemon
