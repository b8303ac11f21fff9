// sim/store.h: a database that is slow, can be full, and outlives the daemon.
//
// As store/ has it: commits are grouped while one is on its way, answered in order once they are on
// the disk; what must be written waits while nothing can be, and is tried again. What was not on
// the disk when the daemon died is gone; what was, is there, answered or not.

#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "ports/store.h"
#include "sim/kernel.h"
#include "sim/store_tables.h"

namespace lares::sim {

class Store final : public ports::Store {
public:
    explicit Store(Kernel& kernel) : kernel_(kernel) {}

    /// What is on the disk.
    StoreTables& disk() { return disk_; }
    /// The daemon dies: what it waited for is gone. The next one opens it again.
    void crash();
    /// Why nothing can be written from now on; empty: it can. Reads go on.
    void set_write_trouble(std::string words) { write_trouble_ = std::move(words); }
    /// Why it cannot be opened from now on; empty: it can.
    void set_open_trouble(std::string words) { open_trouble_ = std::move(words); }
    void set_takes(Duration open, Duration commit, Duration read);
    /// Of the next group nothing is told: the daemon dies, by `deed`, between its commit and its
    /// answers.
    void die_after_commit(std::function<void()> deed) { die_after_commit_ = std::move(deed); }

    void open() override;
    bool is_open() const override { return is_open_; }
    std::string trouble() const override { return trouble_; }
    std::uint64_t next_id() override { return disk_.next_id++; }
    void commit(ports::Commit, std::function<void(Result<ports::Committed>)> done) override;
    void read(ports::Question, std::function<void(Result<ports::Found>)> done) override;
    void read_all(std::vector<ports::Question>,
                  std::function<void(Result<ports::Found>)> done) override;
    void prune(ports::Retention, WallTime now,
               std::function<void(Result<ports::Pruned>)> done) override;
    std::size_t backlog() const override;
    void flush(std::function<void()> done) override;

private:
    struct Task {
        ports::Commit commit;
        std::function<void(Result<ports::Committed>)> done;
    };

    void later(Duration, std::function<void()>);
    void tell(News news) { kernel_.tell({Lane::Of::world, 1}, std::move(news)); }
    void fail(Task const&, Error const&);
    void try_open();
    void begin_group();
    void end_group(std::deque<Task>);
    void end_in_trouble(std::deque<Task>);
    void end_well(std::deque<Task>);
    void tell_flushed();

    Kernel& kernel_;
    StoreTables disk_;
    std::string write_trouble_, open_trouble_;
    Duration open_takes_{5}, commit_takes_{1}, read_takes_{1};
    std::function<void()> die_after_commit_;

    // The daemon's; gone when it dies.
    bool is_open_ = false, is_busy_ = false;
    std::string trouble_;
    Duration retry_{1'000};
    std::deque<Task> tasks_;
    std::size_t under_way_ = 0;
    std::vector<std::function<void()>> flushes_;
};

}  // namespace lares::sim
