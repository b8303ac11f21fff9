// daemon/hot_folders_world_test.h: hot folders with a simulated intake, a store that commits a
// while after it was asked, and a queue that runs jobs; all of which may die at any moment.

#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/overloaded.h"
#include "daemon/hot_folders.h"
#include "sim/intake.h"

namespace lares::daemon::testing {

using namespace std::chrono_literals;

/// What is on the disk: survives a death. What was asked and not committed does not.
struct Disk {
    std::map<job::Id, job::Job> jobs;
    std::map<std::uint64_t, ports::FileRow> files;
    std::uint64_t last_id = 0;
};

class SlowStore final : public ports::Store {
public:
    SlowStore(sim::Kernel& kernel, Disk& disk) : kernel_(kernel), disk_(disk) {}

    bool is_well = true;

    void open() override {}
    bool is_open() const override { return is_well; }
    std::string trouble() const override { return is_well ? "" : "disk full"; }
    std::uint64_t next_id() override { return ++disk_.last_id; }
    void commit(ports::Commit commit, std::function<void(Result<ports::Committed>)> done) override {
        Duration wait(1 + kernel_.pick(4));
        // In the order given.
        Instant at = std::max(kernel_.time() + wait, last_commit_);
        last_commit_ = at;
        kernel_.at(at, kernel_.in_this_life([this, commit = std::move(commit), done] {
            if (!apply(commit)) return done(Error{Error::Kind::conflict, "taken"});
            kernel_.after(1ms, kernel_.in_this_life([done] { done(ports::Committed{}); }));
        }));
    }
    void read(ports::Question question, std::function<void(Result<ports::Found>)> done) override {
        read_all({std::move(question)}, std::move(done));
    }
    void read_all(std::vector<ports::Question> questions,
                  std::function<void(Result<ports::Found>)> done) override {
        kernel_.after(1ms, kernel_.in_this_life([this, questions, done] {
            ports::Found found;
            for (auto const& question : questions) answer(question, found);
            done(std::move(found));
        }));
    }
    void prune(ports::Retention, WallTime, std::function<void(Result<ports::Pruned>)>) override {}
    std::size_t backlog() const override { return 0; }
    void flush(std::function<void()>) override {}

    job::Id holder_of(std::string const& once) const {
        for (auto const& [id, job] : disk_.jobs) {
            if (!once.empty() && job.once == once) return id;
        }
        return 0;
    }

private:
    bool apply(ports::Commit const& commit) {
        for (auto const& write : commit.writes) {
            auto* put = std::get_if<ports::PutJob>(&write);
            if (put && holder_of(put->job.once) != 0) return false;
        }
        for (auto const& write : commit.writes) {
            std::visit(Overloaded{[&](ports::PutJob const& w) { disk_.jobs[w.job.id] = w.job; },
                                  [&](ports::SetJob const& w) { disk_.jobs[w.job.id] = w.job; },
                                  [&](ports::PutFile const& w) { disk_.files[w.file.id] = w.file; },
                                  [](auto const&) {}},
                       write);
        }
        return true;
    }
    void answer(ports::Question const& question, ports::Found& found) const {
        if (auto* asked = std::get_if<ports::JobAsked>(&question)) {
            if (disk_.jobs.contains(asked->id)) found.jobs.push_back(disk_.jobs.at(asked->id));
        }
        auto* asked = std::get_if<ports::FilesAsked>(&question);
        if (!asked) return;
        for (auto at = disk_.files.rbegin(); at != disk_.files.rend(); ++at) {
            ports::FileRow const& row = at->second;
            bool is_wanted = (asked->folder.empty() || asked->folder == row.folder) &&
                             (asked->state.empty() || asked->state == row.state) &&
                             (asked->hash.empty() || asked->hash == row.hash) &&
                             (asked->job == 0 || asked->job == row.job) &&
                             (asked->before == 0 || row.id < asked->before);
            if (is_wanted && found.files.size() < asked->limit) found.files.push_back(row);
        }
    }

    sim::Kernel& kernel_;
    Disk& disk_;
    Instant last_commit_{};
};

struct Noted {
    std::string kind, subject, words;
};

struct FolderWorld {
    explicit FolderWorld(unsigned seed = 1) : kernel(seed), intake(kernel) {
        folder.name = "in", folder.path = "/in", folder.task = "work";
        folder.settle = 0ms;
        folder.done = {config::Folder::After::What::move, "done"};
        folder.failed = {config::Folder::After::What::move, "failed"};
    }

    sim::Kernel kernel;
    sim::Intake intake;
    Disk disk;
    config::Folder folder;
    std::size_t queue_max = 1000;
    std::size_t workers = 1;
    Duration work{5};
    job::State outcome = job::State::done;
    std::function<void(job::Job const&)> at_work;  // what a job does to files
    std::vector<Noted> notes;

    // Of one life.
    std::unique_ptr<SlowStore> store;
    std::unique_ptr<HotFolders> hot;
    std::set<job::Id> ready, running;
    bool is_paused = false;

    void start() {
        store = std::make_unique<SlowStore>(kernel, disk);
        for (auto& [id, job] : disk.jobs) {
            if (!job::is_end(job.state)) ready.insert(id);
        }
        hot = std::make_unique<HotFolders>(intake, *store, hands());
        hot->configure({folder});
    }
    void die() {
        kernel.note("the daemon dies");
        kernel.begin_life();
        intake.crash();
        hot.reset();
        store.reset();
        ready.clear();
        running.clear();
        asked = 0;
    }
    FolderHands hands() {
        FolderHands made;
        made.now = [this] { return kernel.time() + 1h; };
        made.wall = [this] { return WallTime(kernel.time().time_since_epoch() + 1h); };
        made.put = [this](auto job, auto rows, auto words, auto done) {
            put(job, rows, words, done);
        };
        made.is_full = [this](std::string const&) { return ready.size() + asked >= queue_max; };
        made.is_live = [this](job::Id id) { return ready.contains(id) || running.contains(id); };
        made.is_running = [this](job::Id id) { return running.contains(id); };
        made.withdraw = [this](job::Id id, std::string words) {
            if (ready.erase(id) == 0) return false;
            end(id, job::State::skipped, words);
            return true;
        };
        made.note = [this](std::string kind, std::string subject, job::Id, std::string words,
                           std::string) { notes.push_back({kind, subject, words}); };
        return made;
    }
    void put(control::NewJob offered, std::vector<ports::FileRow> rows, std::string,
             std::function<void(Result<control::PutOutcome>)> done) {
        if (ready.size() + asked >= queue_max) {
            refused++;
            return done(Error{Error::Kind::conflict, "task 'work' is full"});
        }
        job::Job job;
        job.id = store->next_id();
        job.task = offered.task, job.payload = offered.payload, job.once = offered.once;
        ports::Commit commit;
        commit.writes.push_back(ports::PutJob{job});
        for (auto& row : rows) {
            row.job = job.id;
            commit.writes.push_back(ports::PutFile{row});
        }
        if (!put_error.empty()) {
            kernel.after(1ms, kernel.in_this_life([done, words = put_error] {
                done(Error{Error::Kind::unavailable, words});
            }));
            return;
        }
        asked++;
        store->commit(std::move(commit), [this, id = job.id, once = job.once, done](auto result) {
            asked--;
            if (!result) return done(control::PutOutcome{store->holder_of(once), true});
            ready.insert(id);
            done(control::PutOutcome{id, false});
        });
    }
    std::string put_error;
    std::size_t asked = 0, refused = 0;  // puts under way; refused because the task was full

    void run_jobs() {
        while (!is_paused && running.size() < workers && !ready.empty()) {
            job::Id id = *ready.begin();
            ready.erase(id);
            running.insert(id);
            hot->on_job_start(id);
            kernel.after(work, kernel.in_this_life([this, id] {
                if (at_work) at_work(disk.jobs.at(id));
                // What the job did is seen before its end is, most of the time.
                kernel.after(Duration(kernel.pick(6)),
                             kernel.in_this_life([this, id] { end(id, outcome, ""); }));
            }));
        }
    }
    void end(job::Id id, job::State state, std::string words) {
        ports::Commit commit;
        job::Job job = disk.jobs.at(id);
        job.state = state, job.why = words;
        commit.writes.push_back(ports::SetJob{job});
        for (auto& write : hot->writes_for_end(id, state)) commit.writes.push_back(write);
        store->commit(std::move(commit), [this, id, state](auto) {
            running.erase(id);
            hot->on_job_end(id, state);
        });
    }
    void turn() {
        for (auto& news : kernel.take_news()) {
            if (auto* call = std::get_if<std::function<void()>>(&news)) {
                (*call)();
                continue;
            }
            std::visit(Overloaded{[&](ports::FolderSeen const& e) { hot->on_seen(e); },
                                  [&](ports::FolderTrouble const& e) { hot->on_trouble(e); },
                                  [](auto const&) {}},
                       std::get<ports::Event>(news));
        }
        hot->turn();
        run_jobs();
    }
    /// Lets time pass, turn by turn.
    void pass(Duration span) {
        Instant end = kernel.time() + span;
        turn();
        while (kernel.time() < end) {
            std::optional<Instant> next = kernel.next_due();
            if (auto deadline = hot->deadline()) {
                Instant at = *deadline - 1h;
                if (!next || at < *next) next = at;
            }
            if (!next || *next > end) next = end;
            kernel.run_until(std::max(*next, kernel.time()));
            turns++;
            turn();
        }
    }
    int turns = 0;

    std::size_t count(job::State state) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            disk.jobs, [&](auto const& each) { return each.second.state == state; }));
    }
    std::string rows(std::string const& state) const {
        std::string all;
        for (auto const& [id, row] : disk.files) {
            if (row.state == state) all += (all.empty() ? "" : " ") + row.path;
        }
        return all;
    }
    std::string words_of(std::string const& path) const {
        for (auto const& [id, row] : disk.files) {
            if (row.path == path) return row.words;
        }
        return "";
    }
    std::string noted(std::string const& kind) const {
        std::string all;
        for (auto const& note : notes) {
            if (note.kind == kind) all += (all.empty() ? "" : "; ") + note.words;
        }
        return all;
    }
    std::uint64_t row_of(std::string const& path) const {
        for (auto const& [id, row] : disk.files) {
            if (row.path == path) return id;
        }
        return 0;
    }
};

}  // namespace lares::daemon::testing
