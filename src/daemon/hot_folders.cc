// daemon/hot_folders.cc: which folders there are, what is seen in them, and whose each file is.

#include "daemon/hot_folders.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "daemon/hot_folder.h"

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
    if (row.state == "taken") row.words.clear();  // of a withdrawal that was not committed
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
        note_looks(row, problem.seen);
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
    folder.gone.erase(id);
    auto look = folder.to_look.extract(id);
    if (look && folder.is_watched) intake_.look(folder.id, {std::move(look.mapped())});
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
    note_identity(row, identity);
    folder.by_identity[identity] = row.id;
}

}  // namespace lares::daemon
