// daemon/no_work.h: a WorkHouse without tasks: what the daemon answers until it has a queue.
//
// Stands in until daemon/work takes its place; everything is refused as unavailable.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "control/work_house.h"

namespace lares::daemon {

class NoStore final : public ports::Store {
public:
    void open() override {}
    bool is_open() const override { return false; }
    std::string trouble() const override { return "this daemon keeps no jobs"; }
    std::uint64_t next_id() override { return 0; }
    void commit(ports::Commit, std::function<void(Result<ports::Committed>)> done) override {
        done(no());
    }
    void read(ports::Question, std::function<void(Result<ports::Found>)> done) override {
        done(no());
    }
    void read_all(std::vector<ports::Question>,
                  std::function<void(Result<ports::Found>)> done) override {
        done(no());
    }
    void prune(ports::Retention, WallTime,
               std::function<void(Result<ports::Pruned>)> done) override {
        done(no());
    }
    std::size_t backlog() const override { return 0; }
    void flush(std::function<void()> done) override { done(); }

    static Error no() { return {Error::Kind::unavailable, "this daemon keeps no jobs"}; }
};

class NoWork final : public control::WorkHouse {
public:
    using Done = control::Done;
    ports::Store& store() override { return store_; }
    void put(std::vector<control::NewJob>, std::string,
             std::function<void(Result<std::vector<control::PutOutcome>>)> done) override {
        done(NoStore::no());
    }
    std::vector<control::TaskInfo> tasks() const override { return {}; }
    std::optional<control::TaskInfo> task(std::string_view) const override { return {}; }
    std::vector<control::FolderInfo> folders() const override { return {}; }
    std::vector<control::RunningJob> running() const override { return {}; }
    std::map<std::string, std::pair<int, int>> resources() const override { return {}; }
    void cancel(job::Id, std::string, Done done) override { done(NoStore::no()); }
    void retry(job::Id, std::string, Done done) override { done(NoStore::no()); }
    void set_priority(job::Id, int, std::string, Done done) override { done(NoStore::no()); }
    void pause(std::string, std::string, std::string, Done done) override { done(NoStore::no()); }
    void resume(std::string, std::string, Done done) override { done(NoStore::no()); }
    void drain(std::string, std::string, Done done) override { done(NoStore::no()); }
    void settle_file(std::uint64_t, bool, std::string, Done done) override { done(NoStore::no()); }
    std::uint64_t when_ended(job::Id, std::function<void(Result<job::Job>)> done) override {
        return done(NoStore::no()), 0;
    }
    bool is_live(job::Id) const override { return false; }
    std::vector<queue::Reason> why(job::Id) const override { return {}; }
    std::vector<queue::Reason> why_task(std::string_view) const override { return {}; }
    void claim(std::string, std::string, int, Duration,
               std::function<void(Result<std::vector<control::Lease>>)> done) override {
        done(NoStore::no());
    }
    void heartbeat(job::Id, std::uint64_t, int, std::string, Done done) override {
        done(NoStore::no());
    }
    void finish(job::Id, std::uint64_t, bool, int, std::string, std::string, std::string,
                Done done) override {
        done(NoStore::no());
    }
    control::Maintenance maintenance() const override { return {}; }
    void begin_maintenance(Duration, std::vector<std::string>, std::string, std::string,
                           Done done) override {
        done(NoStore::no());
    }
    void end_maintenance(std::string, Done done) override { done(NoStore::no()); }
    std::vector<audit::DueInstant> due_between(WallTime, WallTime) const override { return {}; }
    config::Task const* find_hook(std::string_view) const override { return nullptr; }
    void note(std::string, std::string, std::string, std::string, std::string) override {}

private:
    NoStore store_;
};

}  // namespace lares::daemon
