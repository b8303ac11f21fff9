// control/scripted_work_test.h: a WorkHouse by script and a store in memory, for tests.
//
// The store does what ports/store.h says of questions, simply: everything is looked through. Its
// answers wait until deliver(), as the real one's come in a later turn.

#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/overloaded.h"
#include "control/work_house.h"

namespace lares::control {

class MemoryStore final : public ports::Store {
public:
    std::vector<job::Job> jobs;
    std::vector<ports::RunRow> runs;
    std::vector<ports::EventRow> events;
    std::vector<ports::FileRow> files;
    std::vector<delivery::Delivery> deliveries;
    std::vector<ports::AlertRecord> alerts;
    std::vector<ports::MemberRecord> members;
    std::optional<Error> failure;
    std::size_t questions = 0;
    bool delays = false;  // answers wait for deliver()

    void deliver() {
        while (!pending_.empty()) {
            auto each = std::move(pending_.front());
            pending_.pop_front();
            each();
        }
    }

    void open() override {}
    bool is_open() const override { return !failure; }
    std::string trouble() const override { return failure ? failure->what : ""; }
    std::uint64_t next_id() override { return ++last_; }
    void commit(ports::Commit, std::function<void(Result<ports::Committed>)> done) override {
        done(ports::Committed{});
    }
    void read(ports::Question question, std::function<void(Result<ports::Found>)> done) override {
        read_all({std::move(question)}, std::move(done));
    }
    void read_all(std::vector<ports::Question> list,
                  std::function<void(Result<ports::Found>)> done) override {
        auto work = [this, list = std::move(list), done = std::move(done)] {
            if (failure) return done(*failure);
            ports::Found found;
            for (auto const& question : list) {
                ++questions;
                std::visit([&](auto const& asked) { answer(asked, found); }, question);
            }
            done(std::move(found));
        };
        if (!delays) return work();
        pending_.push_back(std::move(work));
    }
    void prune(ports::Retention, WallTime, std::function<void(Result<ports::Pruned>)> d) override {
        d(ports::Pruned{});
    }
    std::size_t backlog() const override { return 0; }
    void flush(std::function<void()> done) override { done(); }

private:
    static bool is_within(WallTime at, WallTime since, WallTime until) {
        return (since == WallTime{} || at >= since) && (until == WallTime{} || at <= until);
    }
    template <class Row>
    static void cut(std::vector<Row>& rows, std::size_t from, std::size_t limit) {
        if (rows.size() > from + limit) rows.resize(from + limit);
    }
    void answer(ports::LiveJobs const&, ports::Found& found) {
        for (auto const& job : jobs)
            if (!job::is_end(job.state)) found.jobs.push_back(job);
    }
    void answer(ports::LiveDeliveries const& asked, ports::Found& found) {
        for (auto const& row : deliveries)
            if (!delivery::is_end(row.state) && row.id > asked.after)
                found.deliveries.push_back(row);
    }
    void answer(ports::DeliveriesAsked const& asked, ports::Found& found) {
        auto from = found.deliveries.size();
        for (auto row = deliveries.rbegin(); row != deliveries.rend(); ++row)
            if ((asked.channel.empty() || asked.channel == row->channel) &&
                (asked.state.empty() || asked.state == delivery::name(row->state)) &&
                (asked.id == 0 || asked.id == row->id))
                found.deliveries.push_back(*row);
        cut(found.deliveries, from, asked.limit);
    }
    void answer(ports::AlertsAsked const& asked, ports::Found& found) {
        for (auto const& row : alerts)
            if (asked.id == 0 || asked.id == row.id) found.alerts.push_back(row);
        found.members = members;
    }
    void answer(ports::JobAsked const& asked, ports::Found& found) {
        for (auto const& job : jobs)
            if (job.id == asked.id) found.jobs.push_back(job);
    }
    void answer(ports::JobsAsked const& asked, ports::Found& found) {
        auto from = found.jobs.size();
        for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
            bool state = asked.state.empty() || asked.state == job::name(job->state) ||
                         (asked.state == "live" && !job::is_end(job->state)) ||
                         (asked.state == "ended" && job::is_end(job->state));
            if (state && (asked.task.empty() || asked.task == job->task) &&
                (asked.source.empty() || asked.source == job->source) &&
                (asked.once.empty() || asked.once == job->once) &&
                (asked.before == 0 || job->id < asked.before) &&
                is_within(job->created, asked.since, asked.until))
                found.jobs.push_back(*job);
        }
        cut(found.jobs, from, asked.limit);
    }
    void answer(ports::RunsAsked const& asked, ports::Found& found) {
        auto from = found.runs.size();
        for (auto run = runs.rbegin(); run != runs.rend(); ++run)
            if ((asked.kind.empty() || asked.kind == run->kind) &&
                (asked.subject.empty() || asked.subject == run->subject) &&
                (asked.outcome.empty() || asked.outcome == run->outcome) &&
                (asked.job == 0 || asked.job == run->job) &&
                (asked.run == 0 || asked.run == run->run) &&
                (asked.before == 0 || run->run < asked.before) &&
                (!asked.only_open || run->ended == WallTime{}) &&
                is_within(run->started, asked.since, asked.until))
                found.runs.push_back(*run);
        cut(found.runs, from, asked.limit);
    }
    void answer(ports::EventsAsked const& asked, ports::Found& found) {
        auto from = found.events.size();
        auto take = [&](ports::EventRow const& event) {
            bool cause = asked.causes.empty() ||
                         std::ranges::find(asked.causes, event.cause) != asked.causes.end();
            if (cause && (asked.subject.empty() || asked.subject == event.subject) &&
                event.subject.starts_with(asked.subject_prefix) &&
                event.kind.starts_with(asked.kind_prefix) &&
                (asked.id == 0 || asked.id == event.id) &&
                (asked.before == 0 || event.id < asked.before) &&
                (asked.after == 0 || event.id > asked.after) &&
                is_within(event.at, asked.since, asked.until))
                found.events.push_back(event);
        };
        if (asked.oldest_first)
            std::for_each(events.begin(), events.end(), take);
        else
            std::for_each(events.rbegin(), events.rend(), take);
        cut(found.events, from, asked.limit);
    }
    void answer(ports::FilesAsked const& asked, ports::Found& found) {
        auto from = found.files.size();
        for (auto file = files.rbegin(); file != files.rend(); ++file)
            if ((asked.folder.empty() || asked.folder == file->folder) &&
                (asked.path.empty() || asked.path == file->path) &&
                (asked.destination.empty() || asked.destination == file->destination) &&
                (asked.state.empty() || asked.state == file->state) &&
                (asked.job == 0 || asked.job == file->job) &&
                (asked.id == 0 || asked.id == file->id) &&
                (asked.before == 0 || file->id < asked.before))
                found.files.push_back(*file);
        cut(found.files, from, asked.limit);
    }
    void answer(ports::MarksAsked const&, ports::Found&) {}
    void answer(ports::CountsAsked const&, ports::Found& found) {
        std::map<std::pair<std::string, std::string>, std::int64_t> counts;
        for (auto const& job : jobs) ++counts[{job.task, std::string(job::name(job.state))}];
        for (auto const& [key, number] : counts)
            found.counts.push_back({key.first, key.second, number});
    }

    std::deque<std::function<void()>> pending_;
    std::uint64_t last_ = 0;
};

/// Notes what is asked as one line each, and answers with what a test put here.
class ScriptedWork final : public WorkHouse {
public:
    MemoryStore memory;
    std::vector<std::string> notes;
    std::vector<std::string> journal;  // what note() was told: "operator daemon: words (who)"
    std::vector<NewJob> put_jobs;
    std::optional<Error> failure;  // of what changes something
    std::map<std::string, config::Task> settings;
    std::map<std::string, TaskInfo> infos;
    std::vector<FolderInfo> folder_infos;
    std::vector<RunningJob> runs_now;
    std::map<job::Id, std::vector<queue::Reason>> reasons;
    std::map<std::string, std::vector<queue::Reason>> task_reasons;
    std::vector<job::Id> live;
    std::vector<audit::DueInstant> due;
    std::vector<Lease> leases;
    Maintenance held;
    job::Id next_job = 812;
    std::vector<std::function<void()>> waiting;  // puts that are not on the disk yet
    bool puts_wait = false;
    std::map<job::Id, std::function<void(Result<job::Job>)>> ends;

    config::Task& add_task(std::string const& name) {
        auto& task = settings[name];
        task.name = name;
        task.rules.task = name;
        infos[name].task = &task;
        return task;
    }
    void deliver() {
        for (auto& each : std::exchange(waiting, {})) each();
    }

    ports::Store& store() override { return memory; }
    void put(std::vector<NewJob> jobs, std::string who,
             std::function<void(Result<std::vector<PutOutcome>>)> done) override {
        for (auto const& job : jobs)
            if (!settings.contains(job.task))
                return done(Error{Error::Kind::not_found, "there is no task '" + job.task + "'"});
        if (failure) return done(*failure);
        std::vector<PutOutcome> outcomes;
        for (auto& job : jobs) {
            auto same = std::ranges::find_if(put_jobs, [&](NewJob const& each) {
                return !job.once.empty() && each.once == job.once;
            });
            if (same != put_jobs.end()) {
                outcomes.push_back({812 + static_cast<job::Id>(same - put_jobs.begin()), true});
                continue;
            }
            outcomes.push_back({next_job++, false});
            put_jobs.push_back(std::move(job));
        }
        notes.push_back("put " + std::to_string(outcomes.size()) + " by " + who);
        auto work = [done = std::move(done), outcomes] { done(outcomes); };
        puts_wait ? waiting.push_back(std::move(work)) : work();
    }
    std::vector<TaskInfo> tasks() const override {
        std::vector<TaskInfo> list;
        for (auto const& [name, info] : infos) list.push_back(info);
        return list;
    }
    std::optional<TaskInfo> task(std::string_view name) const override {
        auto found = infos.find(std::string(name));
        return found == infos.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<FolderInfo> folders() const override { return folder_infos; }
    std::vector<RunningJob> running() const override { return runs_now; }
    std::map<std::string, std::pair<int, int>> resources() const override {
        return {{"db", {1, 2}}};
    }
    void cancel(job::Id id, std::string who, Done done) override {
        act("cancel " + std::to_string(id), who, done);
    }
    void retry(job::Id id, std::string who, Done done) override {
        act("retry " + std::to_string(id), who, done);
    }
    void set_priority(job::Id id, int priority, std::string who, Done done) override {
        act("priority " + std::to_string(id) + " " + std::to_string(priority), who, done);
    }
    void pause(std::string task, std::string who, std::string reason, Done done) override {
        act("pause '" + task + "' " + reason, who, done);
    }
    void resume(std::string task, std::string who, Done done) override {
        act("resume '" + task + "'", who, done);
    }
    void drain(std::string task, std::string who, Done done) override {
        act("drain '" + task + "'", who, done);
    }
    void settle_file(std::uint64_t file, bool run, std::string who, Done done) override {
        act("settle " + std::to_string(file) + (run ? " run" : " leave"), who, done);
    }
    std::vector<std::string> dropped;  // "folder/name: bytes"
    void drop_file(std::string folder, std::string name, std::string bytes, std::string,
                   std::function<void(Result<std::string>)> done) override {
        if (folder != "inbox")
            return done(Error{Error::Kind::not_found, "there is no such folder"});
        dropped.push_back(folder + "/" + name + ": " + bytes);
        done("/in/" + name);
    }
    std::uint64_t when_ended(job::Id id, std::function<void(Result<job::Job>)> done) override {
        ends[id] = std::move(done);
        return 77;
    }
    bool is_live(job::Id id) const override { return std::ranges::find(live, id) != live.end(); }
    std::vector<queue::Reason> why(job::Id id) const override {
        auto found = reasons.find(id);
        return found == reasons.end() ? std::vector<queue::Reason>() : found->second;
    }
    std::vector<queue::Reason> why_task(std::string_view name) const override {
        auto found = task_reasons.find(std::string(name));
        return found == task_reasons.end() ? std::vector<queue::Reason>() : found->second;
    }
    void claim(std::string task, std::string node, int most, Duration lasts,
               std::function<void(Result<std::vector<Lease>>)> done) override {
        notes.push_back("claim " + task + " for " + node + " " + std::to_string(most) + " " +
                        std::to_string(lasts.count()));
        if (failure) return done(*failure);
        done(leases);
    }
    void heartbeat(job::Id id, std::uint64_t token, int progress, std::string words,
                   Done done) override {
        act("heartbeat " + std::to_string(id) + " " + std::to_string(token) + " " +
                std::to_string(progress) + " " + words,
            "", done);
    }
    void finish(job::Id id, std::uint64_t token, bool ok, int code, std::string words,
                std::string result, std::string log, Done done) override {
        act("finish " + std::to_string(id) + " " + std::to_string(token) + (ok ? " ok " : " bad ") +
                std::to_string(code) + " " + words + " " + result + " " + log,
            "", done);
    }
    Maintenance maintenance() const override { return held; }
    void begin_maintenance(Duration span, std::vector<std::string> needs, std::string reason,
                           std::string who, Done done) override {
        std::string words = "maintenance " + std::to_string(span.count());
        for (auto const& need : needs) words += " " + need;
        act(words + " " + reason, who, done);
    }
    void end_maintenance(std::string who, Done done) override {
        act("maintenance ends", who, done);
    }
    Audited audited() const override { return {}; }
    std::vector<audit::DueInstant> due_between(WallTime from, WallTime to) const override {
        std::vector<audit::DueInstant> list;
        for (auto const& each : due)
            if (each.at >= from && each.at <= to) list.push_back(each);
        return list;
    }
    config::Task const* find_hook(std::string_view path) const override {
        for (auto const& [name, task] : settings)
            if (!task.hook.path.empty() && task.hook.path == path) return &task;
        return nullptr;
    }
    void note(std::string kind, std::string subject, std::string who, std::string words,
              std::string) override {
        journal.push_back(kind + " " + subject + ": " + words + " (" + who + ")");
    }

private:
    void act(std::string words, std::string const& who, Done const& done) {
        notes.push_back(who.empty() ? words : words + " by " + who);
        if (failure) return done(*failure);
        done({});
    }
};

}  // namespace lares::control
