// store/writer.cc: wait, take all, one transaction, answer all at once.

#include "store/writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "base/overloaded.h"
#include "store/dialect.h"
#include "store/schema.h"

namespace lares::store {

namespace {

Result<std::uint64_t> highest_id(Database& database) {
    std::uint64_t highest = 0;
    // Runs have numbers of their own. The last is what rows had that were pruned.
    for (std::string_view sql :
         {"select coalesce(max(id), 0) from jobs", "select coalesce(max(id), 0) from events",
          "select coalesce(max(id), 0) from files", "select coalesce(max(id), 0) from deliveries",
          "select coalesce(max(id), 0) from alerts",
          "select cast(value as integer) from meta where name = 'highest_id'"})
        highest = std::max(highest, static_cast<std::uint64_t>(TRY(database.number_of(sql))));
    return highest;
}

Result<> keep_log(Database& database) {
    std::string mode = TRY(database.text_of(dialect::keep_log));
    if (mode == "wal") return {};
    return Error{Error::Kind::unavailable, "database '" + database.path() +
                                               "': cannot keep a write-ahead log there (mode '" +
                                               mode + "'): use a local file system"};
}

}  // namespace

Writer::Writer(Settings const& settings, ports::Inbox& inbox, Post const& post)
    : settings_(settings), inbox_(inbox), post_(post), retry_(settings.retry_min) {}

Writer::~Writer() {
    {
        std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::open() {
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
}

bool Writer::is_open() const {
    std::lock_guard lock(mutex_);
    return is_open_;
}

std::string Writer::trouble() const {
    std::lock_guard lock(mutex_);
    return trouble_;
}

std::size_t Writer::backlog() const {
    std::lock_guard lock(mutex_);
    return must_writes_ + ask_writes_;
}

void Writer::commit(ports::Commit commit, Committed done) {
    Task task;
    task.writes = std::max<std::size_t>(1, commit.writes.size());
    task.is_must = commit.kind == ports::Commit::Kind::must;
    task.of = CommitTask{std::move(commit), std::move(done)};
    enqueue(std::move(task));
}

void Writer::remove(Victims victims, Removed done) {
    Task task;
    victims.highest_id = ids_.load() - 1;
    task.of = RemoveTask{std::move(victims), std::move(done)};
    enqueue(std::move(task));
}

void Writer::flush(std::function<void()> done) {
    {
        std::lock_guard lock(mutex_);
        if (thread_.joinable()) {
            flushes_.push_back(std::move(done));
            done = nullptr;
        }
    }
    if (done) return post_(std::move(done));
    changed_.notify_one();
}

void Writer::turn_ended() {
    {
        std::lock_guard lock(mutex_);
        knows_turns_ = true;
        if (!std::exchange(is_in_turn_, false)) return;
    }
    changed_.notify_one();
}

/// Why it cannot even wait; with the lock held.
std::optional<Error> Writer::refusal(Task const& task) const {
    auto unavailable = [](std::string words) {
        return std::optional(Error{Error::Kind::unavailable, std::move(words)});
    };
    std::size_t there = task.is_must ? must_writes_ : ask_writes_;
    // One that is larger than the bound by itself may come when nothing else waits.
    std::size_t most = task.is_must ? limits::store_backlog : limits::store_asked;
    if (there > 0 && there + task.writes > most) {
        return unavailable("database '" + settings_.path + "': " + std::to_string(there) +
                           " writes wait for it already, the most are " + std::to_string(most) +
                           (trouble_.empty() ? "" : " (" + trouble_ + ")"));
    }
    if (task.is_must) return std::nullopt;
    if (!is_open_ || phase_ == Phase::cooling) {
        return unavailable(trouble_.empty() ? "database '" + settings_.path + "' is not open yet"
                                            : trouble_);
    }
    return std::nullopt;
}

// One that the loop asks for waits for the end of the turn: most often more follows from the same.
void Writer::enqueue(Task task) {
    Answers answers;
    bool is_removal = std::holds_alternative<RemoveTask>(task.of);  // of the reader's thread
    bool is_held = false;
    {
        std::lock_guard lock(mutex_);
        if (std::optional<Error> no = refusal(task)) {
            refuse(task, *no, answers);
        } else {
            waiting(task) += task.writes;
            is_hurried_by_ask_ = is_hurried_by_ask_ || !task.is_must;
            tasks_.push_back(std::move(task));
            is_in_turn_ = is_held = knows_turns_ && !is_removal;
        }
    }
    if (!answers.empty()) return post_(std::move(answers.front()));
    if (!is_held) changed_.notify_one();
}

void Writer::work() {
    std::unique_lock lock(mutex_);
    take_turn(lock);  // opens it
    while (!is_ending_) {
        wait(lock);
        if (!is_ending_) take_turn(lock);
    }
    // What still waits is written if it can be; nobody hears of it any more.
    while (phase_ == Phase::well && !tasks_.empty()) take_turn(lock);
}

void Writer::wait(std::unique_lock<std::mutex>& lock) {
    if (phase_ == Phase::well)
        wait_well(lock);
    else
        wait_in_trouble(lock);
}

void Writer::wait_well(std::unique_lock<std::mutex>& lock) {
    auto has_work = [this] { return (!tasks_.empty() && !is_in_turn_) || is_hurried(); };
    // Memory for speed is given back once after each busy time, and then nothing wakes it.
    if (may_trim_ && !changed_.wait_for(lock, settings_.idle_after, has_work)) {
        lock.unlock();
        database_->trim();
        lock.lock();
        may_trim_ = false;
    }
    changed_.wait(lock, has_work);
}

void Writer::wait_in_trouble(std::unique_lock<std::mutex>& lock) {
    phase_ = Phase::cooling;
    bool is_over = changed_.wait_for(lock, settings_.retry_min, [this] { return is_hurried(); });
    phase_ = is_open_ ? Phase::waiting : Phase::opening;
    is_hurried_by_ask_ = false;
    if (!is_over) {
        changed_.wait_for(lock, retry_ - settings_.retry_min,
                          [this] { return is_hurried() || is_hurried_by_ask_; });
    }
    retry_ = std::min(retry_ * 2, settings_.retry_max);
}

Writer::Group Writer::take_group() {
    Group group;
    std::size_t writes = 0;
    while (!tasks_.empty() &&
           (group.empty() || writes + tasks_.front().writes <= limits::store_group)) {
        writes += tasks_.front().writes;
        group.push_back(std::move(tasks_.front()));
        tasks_.pop_front();
    }
    return group;
}

void Writer::take_turn(std::unique_lock<std::mutex>& lock) {
    Group group = take_group();
    std::vector<std::function<void()>> flushes;
    if (tasks_.empty()) flushes.swap(flushes_);
    lock.unlock();
    Answers answers;
    Result<> done = make_ready(answers);
    if (done) done = transact(group, answers);
    lock.lock();
    if (done) {
        for (Task const& task : group) waiting(task) -= task.writes;
        succeeded(answers);
    } else {
        failed(std::move(group), std::move(done).error(), answers);
        std::move(flushes_.begin(), flushes_.end(), std::back_inserter(flushes));
        flushes_.clear();
    }
    std::move(flushes.begin(), flushes.end(), std::back_inserter(answers));
    if (answers.empty()) return;
    lock.unlock();
    // What was written goes along: the thread that made it frees it, out of memory of its own.
    auto written = std::make_shared<Group>(std::move(group));
    post_([answers = std::move(answers), written = std::move(written)] {
        for (auto const& each : answers) each();
    });
    lock.lock();
}

/// Opens the database if it is not; looks whether it is still the one that was opened.
Result<> Writer::make_ready(Answers& answers) {
    if (database_ && !database_->has_its_name()) return not_the_same();
    if (database_) return {};
    std::string words = TRY(open_database());
    std::lock_guard lock(mutex_);
    if (is_open_) return {};
    is_open_ = true;
    trouble_.clear();
    tell(/*ok=*/true, std::move(words), answers);
    return {};
}

Error Writer::not_the_same() const {
    return {Error::Kind::unavailable,
            "database '" + settings_.path +
                "': was removed or replaced while it was in use: put it back, or restart Lares"};
}

Result<std::string> Writer::open_database() {
    Access access{.kind = opened_first_ ? Access::Kind::existing : Access::Kind::create,
                  .busy_timeout = settings_.busy_timeout};
    auto database = TRY(Database::open(settings_.path, access));
    if (opened_first_ && *opened_first_ != database->identity()) return not_the_same();
    // Before anything is made or changed: it may be somebody else's file.
    TRY(schema_version(*database));
    for (std::string const& each : dialect::writer_settings()) TRY(database->execute(each));
    TRY(keep_log(*database));
    Migrated migrated = TRY(migrate(*database, migrations()));
    std::uint64_t next = TRY(highest_id(*database)) + 1;
    ids_.store(std::max(ids_.load(), next));
    database_ = std::move(database);
    opened_first_ = database_->identity();
    std::string words = "opened database '" + settings_.path + "'";
    if (migrated.from == 0) return "made database '" + settings_.path + "'";
    if (migrated.from == migrated.to) return words;
    return words + ", migrated from " + std::to_string(migrated.from) + " to " +
           std::to_string(migrated.to) + "; as it was before: '" + migrated.backups.front() + "'";
}

Result<> Writer::transact(Group& group, Answers& answers) {
    bool is_probe = false;
    {
        std::lock_guard lock(mutex_);
        is_probe = group.empty() && !trouble_.empty();
    }
    if (group.empty() && !is_probe) return {};
    Answers made;
    TRY(run("begin immediate"));
    Result<> written = is_probe ? database_->execute(
                                      "update meta set value = value + 1"
                                      " where name = 'tried'")
                                : write_all(group, made);
    if (written) written = run("commit");
    if (!written) {
        (void)database_->execute("rollback").ok();
        return written;
    }
    if (std::exchange(may_shrink_, false)) (void)shrink(*database_).ok();
    may_trim_ = true;
    std::move(made.begin(), made.end(), std::back_inserter(answers));
    return {};
}

/// A sentence that is used at each turn, and kept.
Result<> Writer::run(std::string_view sql) {
    Statement* statement = TRY(database_->statement(sql, ""));
    TRY(statement->run());
    return {};
}

Result<> Writer::write_all(Group& group, Answers& answers) {
    bool is_written = TRY(write_group(group, Care::none, answers));
    if (is_written) return {};
    answers.clear();
    TRY(run("rollback"));
    TRY(run("begin immediate"));
    is_written = TRY(write_group(group, Care::may_undo, answers));
    CHECK(is_written);
    return {};
}

Result<bool> Writer::write_group(Group& group, Care care, Answers& answers) {
    Inserts inserts(*database_);
    for (Task& task : group)
        if (!TRY(write_task(task, care, inserts, answers))) return false;
    return inserts.write_all();
}

Result<bool> Writer::write_task(Task& task, Care care, Inserts& inserts, Answers& answers) {
    if (auto* commit = std::get_if<CommitTask>(&task.of)) {
        give_numbers(commit->commit, ids_);
        Applied applied = TRY(apply(*database_, commit->commit, care, inserts));
        if (!applied) return false;
        if (!commit->done) return true;
        answers.emplace_back(
            [done = commit->done, verdict = std::move(*applied)] { done(verdict); });
        return true;
    }
    auto& remove = std::get<RemoveTask>(task.of);
    if (!TRY(inserts.write_all())) return false;
    ports::Pruned pruned = TRY(remove_victims(*database_, remove.victims));
    may_shrink_ = true;
    answers.emplace_back([done = remove.done, pruned = std::move(pruned)] { done(pruned); });
    return true;
}

void Writer::succeeded(Answers& answers) {
    phase_ = Phase::well;
    retry_ = settings_.retry_min;
    if (std::exchange(trouble_, {}).empty()) return;
    tell(/*ok=*/true, "database '" + settings_.path + "' can be written again", answers);
}

void Writer::failed(Group group, Error error, Answers& answers) {
    database_.reset();  // the next try begins with a new connection
    if (trouble_.empty()) tell(/*ok=*/false, error.what, answers);
    trouble_ = error.what;
    phase_ = Phase::cooling;
    // Those that waited behind it as well: `ask` fails at once.
    std::move(tasks_.begin(), tasks_.end(), std::back_inserter(group));
    tasks_.clear();
    for (Task& task : group) {
        if (task.is_must) {
            tasks_.push_back(std::move(task));
        } else {
            waiting(task) -= task.writes;
            refuse(task, error, answers);
        }
    }
}

void Writer::refuse(Task& task, Error const& error, Answers& answers) {
    std::visit(
        [&](auto& of) {
            if (of.done) answers.emplace_back([done = std::move(of.done), error] { done(error); });
        },
        task.of);
}

void Writer::tell(bool ok, std::string words, Answers& answers) {
    answers.insert(answers.begin(), [&inbox = inbox_, ok, words = std::move(words)] {
        inbox.push(ports::StoreChanged{ok, words});
    });
}

}  // namespace lares::store
