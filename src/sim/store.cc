// sim/store.cc: groups, delays and failures in virtual time.

#include "sim/store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/limits.h"

namespace lares::sim {

namespace {

constexpr Duration retry_min{1'000}, retry_max{60'000};

Error unavailable(std::string words) { return {Error::Kind::unavailable, std::move(words)}; }

std::size_t writes_of(ports::Commit const& commit) {
    return std::max<std::size_t>(1, commit.writes.size());
}

}  // namespace

void Store::crash() {
    is_open_ = is_busy_ = false;
    trouble_.clear();
    retry_ = retry_min;
    tasks_.clear();
    under_way_ = 0;
    flushes_.clear();
}

void Store::set_takes(Duration open, Duration commit, Duration read) {
    open_takes_ = open;
    commit_takes_ = commit;
    read_takes_ = read;
}

void Store::later(Duration wait, std::function<void()> deed) {
    kernel_.after(wait, kernel_.in_this_life(std::move(deed)));
}

void Store::open() {
    later(open_takes_, [this] { try_open(); });
}

void Store::try_open() {
    if (!open_trouble_.empty()) {
        if (trouble_.empty()) tell(ports::StoreChanged{false, open_trouble_});
        trouble_ = open_trouble_;
        later(std::exchange(retry_, std::min(retry_ * 2, retry_max)), [this] { try_open(); });
        return tell_flushed();
    }
    is_open_ = true;
    trouble_.clear();
    retry_ = retry_min;
    kernel_.note("the store is open");
    tell(ports::StoreChanged{true, "opened"});
    begin_group();
}

void Store::fail(Task const& task, Error const& error) {
    if (task.done) tell([done = task.done, error] { done(error); });
}

void Store::commit(ports::Commit commit, std::function<void(Result<ports::Committed>)> done) {
    if (is_open_ && die_after_commit_ == nullptr && commit.writes.empty())
        kernel_.note("an empty commit");
    bool is_must = commit.kind == ports::Commit::Kind::must;
    Task task{std::move(commit), std::move(done)};
    if (!is_must && !trouble_.empty()) return fail(task, unavailable(trouble_));
    if (!is_must && !is_open_) return fail(task, unavailable("the database is not open yet"));
    std::size_t there = backlog();
    if (is_must && there > 0 && there + writes_of(task.commit) > limits::store_backlog)
        return fail(task, unavailable("too many writes wait for the database"));
    tasks_.push_back(std::move(task));
    begin_group();
}

void Store::begin_group() {
    if (is_busy_ || !is_open_ || (tasks_.empty() && trouble_.empty())) return tell_flushed();
    is_busy_ = true;
    std::deque<Task> group = std::exchange(tasks_, {});
    under_way_ = 0;
    for (Task const& task : group) under_way_ += writes_of(task.commit);
    later(commit_takes_, [this, group = std::move(group)] { end_group(group); });
}

void Store::end_group(std::deque<Task> group) {
    under_way_ = 0;
    if (write_trouble_.empty())
        end_well(std::move(group));
    else
        end_in_trouble(std::move(group));
}

void Store::end_in_trouble(std::deque<Task> group) {
    if (trouble_.empty()) tell(ports::StoreChanged{false, write_trouble_});
    trouble_ = write_trouble_;
    std::move(tasks_.begin(), tasks_.end(), std::back_inserter(group));
    tasks_.clear();
    for (Task& task : group) {
        if (task.commit.kind == ports::Commit::Kind::must)
            tasks_.push_back(std::move(task));
        else
            fail(task, unavailable(trouble_));
    }
    later(std::exchange(retry_, std::min(retry_ * 2, retry_max)), [this] {
        is_busy_ = false;
        begin_group();
    });
    // The end of the daemon does not wait for a disk to get room.
    for (auto& flushed : std::exchange(flushes_, {})) tell(std::move(flushed));
}

void Store::end_well(std::deque<Task> group) {
    std::vector<std::function<void()>> answers;
    for (Task const& task : group) {
        Result<ports::Committed> committed = disk_.apply(task.commit);
        if (task.done) answers.emplace_back([done = task.done, committed] { done(committed); });
    }
    if (die_after_commit_ && !group.empty()) {
        kernel_.note("the daemon dies between a commit and its answers");
        return std::exchange(die_after_commit_, nullptr)();
    }
    retry_ = retry_min;
    if (!std::exchange(trouble_, {}).empty())
        tell(ports::StoreChanged{true, "can be written again"});
    for (auto& answer : answers) tell(std::move(answer));
    is_busy_ = false;
    begin_group();
}

void Store::tell_flushed() {
    if (is_busy_ || (is_open_ && !tasks_.empty())) return;
    for (auto& flushed : std::exchange(flushes_, {})) tell(std::move(flushed));
}

void Store::read(ports::Question question, std::function<void(Result<ports::Found>)> done) {
    read_all({std::move(question)}, std::move(done));
}

void Store::read_all(std::vector<ports::Question> questions,
                     std::function<void(Result<ports::Found>)> done) {
    if (!is_open_) {
        Error error = unavailable(trouble_.empty() ? "the database is not open yet" : trouble_);
        return tell([done = std::move(done), error] { done(error); });
    }
    later(read_takes_, [this, questions = std::move(questions), done = std::move(done)] {
        ports::Found found;
        for (auto const& question : questions) disk_.answer(question, found);
        kernel_.tell({Lane::Of::world, 2}, [done, found = std::move(found)] { done(found); });
    });
}

void Store::prune(ports::Retention keep, WallTime now,
                  std::function<void(Result<ports::Pruned>)> done) {
    if (!is_open_ || !trouble_.empty()) {
        Error error = unavailable(trouble_.empty() ? "the database is not open yet" : trouble_);
        return tell([done = std::move(done), error] { done(error); });
    }
    later(commit_takes_, [this, keep, now, done = std::move(done)] {
        ports::Pruned pruned = disk_.prune(keep, now);
        tell([done, pruned = std::move(pruned)] { done(pruned); });
    });
}

std::size_t Store::backlog() const {
    std::size_t writes = under_way_;
    for (Task const& task : tasks_) writes += writes_of(task.commit);
    return writes;
}

void Store::flush(std::function<void()> done) {
    flushes_.push_back(std::move(done));
    tell_flushed();
}

}  // namespace lares::sim
