// daemon/hot_folders.cc: which folders there are, what is seen in them, and whose each file is.

#include "daemon/hot_folders.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/limits.h"
#include "daemon/hot_folder.h"
#include "text/value.h"

namespace lares::daemon {

namespace {

settle::Rules rules_of(config::Folder const& folder) {
    settle::Rules rules;
    rules.settle = folder.settle;
    rules.check_open = folder.check_open;
    rules.may_be_special = folder.specials;
    rules.unit = static_cast<settle::Unit>(folder.unit);
    rules.set = folder.set;
    rules.set_timeout = folder.set_timeout;
    rules.order = static_cast<settle::Order>(folder.order);
    return rules;
}
static_assert(int(settle::Unit::set) == int(config::Folder::Unit::set));
static_assert(int(settle::Order::size) == int(config::Folder::Order::size));

std::string target_of(config::Folder const& folder, config::Folder::After const& after) {
    if (after.what != config::Folder::After::What::move) return {};
    std::string path =
        after.directory.starts_with('/') ? after.directory : folder.path + "/" + after.directory;
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

ports::FolderSpec spec_of(config::Folder const& folder) {
    ports::FolderSpec spec;
    spec.path = folder.path;
    spec.recursive = folder.recursive;
    spec.wants_folders = folder.unit == config::Folder::Unit::folder;
    spec.match = folder.match;
    spec.ignore = folder.ignore;
    for (auto const* after : {&folder.done, &folder.failed}) {
        std::string target = target_of(folder, *after);
        if (!target.empty()) spec.excluded.push_back(std::move(target));
    }
    spec.poll = folder.poll;
    spec.may_be_special = folder.specials;
    return spec;
}

settle::Seen seen_of(ports::FolderEntry const& entry) {
    settle::Seen seen;
    seen.path = entry.path;
    seen.identity = {entry.device, entry.inode};
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

std::string file_data(settle::Seen const& seen) {
    return text::to_json(
        text::Struct{{"size", seen.size}, {"inode", std::to_string(seen.identity.inode)}});
}

}  // namespace

HotFolders::HotFolders(ports::Intake& intake, ports::Store& store, FolderHands hands)
    : intake_(intake), store_(store), hands_(std::move(hands)) {}

HotFolders::~HotFolders() = default;

void HotFolders::configure(std::vector<config::Folder> wanted) {
    for (auto& [id, folder] : folders_) {
        auto same = std::ranges::find(wanted, folder->config.name, &config::Folder::name);
        bool goes_on = same != wanted.end() && *same == folder->config && !folder->is_retired;
        if (goes_on) {
            wanted.erase(same);
        } else {
            retire(*folder);
        }
    }
    std::erase_if(folders_, [&](auto const& each) {
        bool is_new = std::ranges::any_of(
            wanted, [&](auto const& folder) { return folder.name == each.second->config.name; });
        // One that changed takes its rows over from the store.
        return each.second->is_retired && (is_new || each.second->rows.empty());
    });
    std::erase_if(folder_of_job_,
                  [&](auto const& each) { return !folders_.contains(each.second); });
    for (config::Folder& config : wanted) {
        settle::Rules rules = rules_of(config);
        auto folder = std::make_unique<Folder>(std::move(config), std::move(rules));
        folder->id = ports::FolderId(next_folder_++);
        folder->generation = ++generations_;
        begin(*folders_.emplace(folder->id, std::move(folder)).first->second);
    }
}

void HotFolders::retire(Folder& folder) {
    folder.is_retired = true;
    if (folder.is_watched) intake_.unwatch(folder.id);
    folder.is_watched = false;
}

HotFolder* HotFolders::find(ports::FolderId id, std::uint64_t generation) {
    auto at = folders_.find(id);
    return at != folders_.end() && at->second->generation == generation ? at->second.get()
                                                                        : nullptr;
}

HotFolder const* HotFolders::find_job(job::Id job) const {
    auto at = folder_of_job_.find(job);
    if (at == folder_of_job_.end()) return nullptr;
    auto folder = folders_.find(at->second);
    return folder == folders_.end() ? nullptr : folder->second.get();
}
HotFolder* HotFolders::find_job(job::Id job) {
    return const_cast<Folder*>(std::as_const(*this).find_job(job));
}

void HotFolders::begin(Folder& folder) {
    for (auto const& [option, after] :
         {std::pair{"done", &folder.config.done}, std::pair{"failed", &folder.config.failed}}) {
        std::string problem =
            settle::target_problem(option, folder.config.path, target_of(folder.config, *after));
        if (problem.empty()) continue;
        folder.blocked = folder.trouble = problem;
        return hands_.note("folder.trouble", folder.subject(), 0, problem, "");
    }
    folder.blocked = "its rows are being read";
    load(folder.id, folder.generation, 0, 0);
}

/// State by state, page by page; then the jobs that ended without us; then it is watched.
void HotFolders::load(ports::FolderId id, std::uint64_t generation, std::size_t state,
                      std::uint64_t before) {
    Folder* folder = find(id, generation);
    if (!folder) return;
    ports::FilesAsked asked;
    asked.folder = folder->config.name;
    if (state < std::size(open_states)) asked.state = open_states[state];
    asked.before = before;
    asked.limit = limits::store_rows;
    store_.read(asked, [=, this](Result<ports::Found> found) {
        Folder* of = find(id, generation);
        if (!of) return;
        if (!found) {
            of->blocked = "its rows cannot be read: " + found.error().what;
            return pause(*of, found.error(), "read the rows of");
        }
        if (state == std::size(open_states)) {
            of->arrivals.clear();
            for (auto const& row : found->files) of->arrivals.push_front(row.seen);
            return resolve(*of);
        }
        for (auto& row : found->files) take_loaded(*of, row);
        bool has_more = found->files.size() >= limits::store_rows;
        if (has_more) return load(id, generation, state, found->files.back().id);
        load(id, generation, state + 1, 0);
    });
}

void HotFolders::take_loaded(Folder& folder, ports::FileRow row) {
    if (row.state == "problem") folder.problem_rows[folder.key_of(row.path)] = row.id;
    add_row(folder, std::move(row));
}

/// Rows whose job ended, but whose end is not noted in them (a death between, or a job that a
/// daemon without this folder ended).
void HotFolders::resolve(Folder& folder) {
    std::vector<ports::Question> questions;
    for (auto const& [job, rows] : folder.by_job) {
        bool is_taken = std::ranges::any_of(
            rows, [&](std::uint64_t row) { return folder.rows.at(row).state == "taken"; });
        if (is_taken && !hands_.is_live(job)) questions.push_back(ports::JobAsked{job});
    }
    if (questions.empty()) return watch(folder);
    store_.read_all(std::move(questions), [this, id = folder.id, generation = folder.generation](
                                              Result<ports::Found> found) {
        Folder* of = find(id, generation);
        if (!of) return;
        if (!found) return pause(*of, found.error(), "read the jobs of");
        std::map<job::Id, job::State> ends;
        for (auto const& job : found->jobs) ends[job.id] = job.state;
        for (auto const& [job, rows] : of->by_job) {
            for (std::uint64_t row : rows) {
                ports::FileRow& file = of->rows.at(row);
                if (file.state != "taken" || hands_.is_live(job)) continue;
                auto end = ends.find(job);
                if (end == ends.end()) {
                    file.state = "kept", file.words = "its job is not known any more";
                } else if (job::is_end(end->second)) {
                    file = ended_row(*of, file, end->second);
                }
                write(file);
            }
        }
        watch(*of);
    });
}

void HotFolders::watch(Folder& folder) {
    folder.blocked.clear();
    folder.paused_until.reset();
    end_pause(folder);
    folder.is_watched = true;
    intake_.watch(folder.id, spec_of(folder.config));
    std::vector<std::uint64_t> moving;
    for (auto const& [id, row] : folder.rows) {
        if (row.state == "moving") moving.push_back(id);
    }
    for (std::uint64_t row : moving) finish(folder, row);
}

void HotFolders::on_trouble(ports::FolderTrouble const& trouble) {
    auto at = folders_.find(trouble.folder);
    if (at == folders_.end()) return;
    Folder& folder = *at->second;
    folder.is_polled = trouble.is_polled;
    folder.trouble = trouble.words;
    bool was_trouble = std::exchange(folder.has_trouble, !trouble.ok);
    if (!trouble.ok || was_trouble) {
        hands_.note(trouble.ok ? "folder.well" : "folder.trouble", folder.subject(), 0,
                    trouble.ok && trouble.words.empty() ? "it is well again" : trouble.words, "");
    }
}

void HotFolders::on_seen(ports::FolderSeen const& seen) {
    auto at = folders_.find(seen.folder);
    if (at == folders_.end() || !at->second->is_watched) return;
    Folder& folder = *at->second;
    if (seen.whole && !folder.in_whole) {
        folder.settler.begin_whole();
        folder.named.clear();
        if (seen.overflowed) {
            hands_.note("folder.overflow", folder.subject(), 0,
                        "notifications were lost; the whole folder is read again", "");
        }
    }
    folder.in_whole = seen.whole;
    for (auto const& entry : seen.entries) sight(folder, entry);
    for (std::string const& path : seen.gone) lose(folder, path);
    if (!seen.whole || seen.more) return;
    folder.in_whole = false;
    folder.settler.end_whole(hands_.now());
    std::vector<std::uint64_t> lost;
    for (auto const& [id, row] : folder.rows) {
        if (!folder.named.contains(id)) lost.push_back(id);
    }
    for (std::uint64_t id : lost) {
        if (auto* row = folder.find_row(id)) lose_row(folder, *row);
    }
    folder.named.clear();
}

void HotFolders::sight(Folder& folder, ports::FolderEntry const& entry) {
    settle::Seen seen = seen_of(entry);
    if (folder.claiming.contains(seen.identity)) return;  // its row will be there soon
    auto at = folder.by_identity.find(seen.identity);
    if (at == folder.by_identity.end()) {
        // A file that its job replaced, or that was put back for a second try.
        auto named = folder.by_path.find(seen.path);
        if (named != folder.by_path.end()) {
            ports::FileRow& row = folder.rows.at(named->second);
            bool is_own =
                row.state == "moving" || (row.state == "taken" && folder.running.contains(row.job));
            if (is_own || row.inode == 0) {
                set_identity(folder, row, seen.identity);
                at = folder.by_identity.find(seen.identity);
            } else {
                lose_row(folder, row);
            }
        }
    }
    if (at != folder.by_identity.end()) {
        if (folder.in_whole) folder.named.insert(at->second);
        if (sight_known(folder, folder.rows.at(at->second), seen)) return;
    }
    if (sight_output(folder, seen) || is_loop(folder, seen)) return;
    folder.settler.see(seen, hands_.now());
}

/// True: the row answers for it; nothing new.
bool HotFolders::sight_known(Folder& folder, ports::FileRow& row, settle::Seen const& seen) {
    if (row.state == "moving") {
        bool stays = row.destination.empty() && seen.looked;
        if (stays) keep_row(folder, row.id, &seen);
        return true;
    }
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

bool HotFolders::sight_taken(Folder& folder, ports::FileRow& row, settle::Seen const& seen) {
    row.size = seen.size;
    row.mtime_ns = time_of(seen);
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
        set_path(folder, *still, seen.path);
        write(*still);
    }
    return true;
}

/// A job named it as its own: it lies there, and is no work.
bool HotFolders::sight_output(Folder& folder, settle::Seen const& seen) {
    auto at = folder.outputs.find(seen.path);
    if (at == folder.outputs.end() || !store_.is_open()) return false;
    ports::FileRow row;
    row.id = store_.next_id();
    row.folder = folder.config.name;
    row.path = seen.path;
    row.device = seen.identity.device, row.inode = seen.identity.inode;
    row.size = seen.size, row.mtime_ns = time_of(seen);
    row.seen = hands_.wall();
    row.state = "kept", row.words = "an output of a job of this folder";
    folder.settler.forget(seen.path);
    write(row);
    add_row(folder, std::move(row));
    return true;
}

/// Made while a job ran, and named after its input: maybe its output. Several in a row are a loop.
bool HotFolders::is_loop(Folder& folder, settle::Seen const& seen) {
    if (folder.in_whole || folder.settler.holds(seen.path) || folder.running.empty()) return false;
    if (folder.approved.contains(folder.key_of(seen.path))) return false;
    std::string_view name = name_of(seen.path);
    int generation = 0;
    for (auto const& [job, input] : folder.running) {
        bool is_after = name != input && is_named_after(name, stem_of(input));
        auto rows = folder.by_job.find(job);
        if (!is_after || rows == folder.by_job.end()) continue;
        auto before = folder.row_generations.find(rows->second[0]);
        int of_input = before == folder.row_generations.end() ? 0 : before->second;
        generation = std::max(generation, of_input + 1);
    }
    if (generation == 0) return false;
    if (folder.generations.size() >= most_outputs) folder.generations.clear();
    folder.generations[seen.path] = generation;
    if (generation < most_generations || !store_.is_open()) return false;
    ports::FileRow row;
    row.id = store_.next_id();
    row.folder = folder.config.name;
    row.path = seen.path;
    row.device = seen.identity.device, row.inode = seen.identity.inode;
    row.size = seen.size, row.mtime_ns = time_of(seen);
    row.seen = hands_.wall();
    row.state = "asked";
    row.words = "it looks like what the task made of its own output, " +
                std::to_string(most_generations) +
                " times in a row; let the task write elsewhere, or name it in 'ignore'";
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
        if (row.destination.empty()) keep_row(folder, id, nullptr);
        return;
    }
    if (row.state == "taken") {
        if (folder.running.contains(row.job)) return;  // it may be the job's own doing
        job::Id job = row.job;
        row.words = "it was removed while it waited";
        if (hands_.withdraw(job, "its file '" + row.path + "' was removed")) {
            hands_.note("folder.withdrawn", "file/" + row.path, job, row.words, "");
        }
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

void HotFolders::decide(Folder& folder) {
    auto decisions = folder.settler.decide(hands_.now());
    if (!decisions.look.empty()) intake_.look(folder.id, std::move(decisions.look));
    for (auto const& gone : decisions.withdrawn) {
        hands_.note("folder.withdrawn", "file/" + gone.path, 0, "it was removed while it waited",
                    file_data(gone));
        auto at = folder.problem_rows.find(folder.key_of(gone.path));
        if (at != folder.problem_rows.end()) end_row(folder, at->second, "withdrawn");
    }
    for (auto const& problem : decisions.problems) {
        auto at = folder.problem_rows.find(problem.key);
        ports::FileRow row;
        if (at != folder.problem_rows.end()) row = folder.rows.at(at->second);
        if (row.words == problem.words) continue;  // known since before a restart
        hands_.note(problem.is_orphan ? "folder.orphan" : "folder.problem",
                    "file/" + problem.seen.path, 0, problem.words, file_data(problem.seen));
        if (!store_.is_open()) continue;
        if (row.id == 0) row.id = store_.next_id(), row.seen = hands_.wall();
        row.folder = folder.config.name;
        row.path = problem.seen.path;
        row.device = problem.seen.identity.device, row.inode = problem.seen.identity.inode;
        row.size = problem.seen.size, row.mtime_ns = time_of(problem.seen);
        row.state = "problem", row.words = problem.words;
        write(row);
        folder.problem_rows[problem.key] = row.id;
        add_row(folder, std::move(row));
    }
}

void HotFolders::turn() {
    std::vector<ports::FolderId> empty;
    for (auto& [id, folder] : folders_) {
        if (folder->paused_until && *folder->paused_until <= hands_.now()) resume(*folder);
        if (folder->is_retired && folder->rows.empty() && folder->in_flight == 0) {
            empty.push_back(id);
        }
        if (!folder->is_watched) continue;
        decide(*folder);
        claim_ready(*folder);
        if (folder->settler.wants_rescan()) intake_.rescan(folder->id);
    }
    for (ports::FolderId id : empty) folders_.erase(id);
}

std::optional<Instant> HotFolders::deadline() const {
    std::optional<Instant> first;
    auto consider = [&](std::optional<Instant> when) {
        if (when && (!first || *when < *first)) first = when;
    };
    for (auto const& [id, folder] : folders_) {
        consider(folder->paused_until);
        if (folder->is_watched) consider(folder->settler.deadline());
    }
    return first;
}

void HotFolders::on_job_start(job::Id job) {
    Folder* folder = find_job(job);
    if (!folder) return;
    auto rows = folder->by_job.find(job);
    if (rows == folder->by_job.end() || rows->second.empty()) return;
    folder->running[job] = name_of(folder->rows.at(rows->second[0]).path);
}

void HotFolders::on_output(job::Id job, std::string path) {
    Folder* folder = find_job(job);
    if (!folder) return;
    if (!path.starts_with('/')) path = folder->config.path + "/" + path;
    if (!path.starts_with(folder->config.path + "/")) return;
    if (folder->outputs.size() >= most_outputs) folder->outputs.clear();
    folder->outputs.insert(path);
    // Seen already, as its writer is often quicker to write than to say so.
    if (folder->settler.holds(path)) intake_.look(folder->id, {std::move(path)});
}

// The rows and their indexes.

void HotFolders::write(ports::FileRow const& row) {
    store_.commit({.writes = {ports::PutFile{row}}, .kind = ports::Commit::Kind::must},
                  [](auto) {});
}

void HotFolders::add_row(Folder& folder, ports::FileRow row) {
    if (folder.rows.contains(row.id)) drop_row(folder, row.id);
    std::uint64_t id = row.id;
    if (row.inode != 0) folder.by_identity[identity_of(row)] = id;
    folder.by_path[row.path] = id;
    if (row.state == "problem") folder.problem_rows[folder.key_of(row.path)] = id;
    if (row.job != 0 && (row.state == "taken" || row.state == "moving")) {
        folder.by_job[row.job].push_back(id);
        folder_of_job_[row.job] = folder.id;
        if (hands_.is_running(row.job)) folder.running[row.job] = name_of(row.path);
    }
    if (folder.in_whole) folder.named.insert(id);  // it was there a moment ago
    folder.rows[id] = std::move(row);
}

void HotFolders::drop_row(Folder& folder, std::uint64_t id) {
    auto at = folder.rows.find(id);
    if (at == folder.rows.end()) return;
    ports::FileRow const& row = at->second;
    auto identity = folder.by_identity.find(identity_of(row));
    if (identity != folder.by_identity.end() && identity->second == id) {
        folder.by_identity.erase(identity);
    }
    auto path = folder.by_path.find(row.path);
    if (path != folder.by_path.end() && path->second == id) folder.by_path.erase(path);
    auto job = folder.by_job.find(row.job);
    if (job != folder.by_job.end()) {
        std::erase(job->second, id);
        if (job->second.empty()) {
            folder.running.erase(job->first);
            folder_of_job_.erase(job->first);
            folder.by_job.erase(job);
        }
    }
    std::erase_if(folder.problem_rows, [&](auto const& each) { return each.second == id; });
    folder.row_generations.erase(id);
    folder.to_move.erase(id);
    folder.rows.erase(at);
}

void HotFolders::set_path(Folder& folder, ports::FileRow& row, std::string path) {
    auto at = folder.by_path.find(row.path);
    if (at != folder.by_path.end() && at->second == row.id) folder.by_path.erase(at);
    row.path = std::move(path);
    folder.by_path[row.path] = row.id;
}

void HotFolders::set_identity(Folder& folder, ports::FileRow& row, settle::Identity identity) {
    auto at = folder.by_identity.find(identity_of(row));
    if (at != folder.by_identity.end() && at->second == row.id) folder.by_identity.erase(at);
    row.device = identity.device, row.inode = identity.inode;
    folder.by_identity[identity] = row.id;
}

}  // namespace lares::daemon
