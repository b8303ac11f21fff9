// store/writer.h: the one thread that writes: everything that waits, in one transaction.
//
// While one transaction is on its way to the disk the next one gathers; so the disk's speed bounds
// the number of transactions and not that of commits. When one fails, what was asked for fails and
// what must be written stays, in its order, and is tried again.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "ports/event.h"
#include "ports/store.h"
#include "store/pruning.h"
#include "store/settings.h"
#include "store/sql.h"
#include "store/writing.h"

namespace lares::store {

class Writer {
public:
    using Committed = std::function<void(Result<ports::Committed>)>;
    using Removed = std::function<void(Result<ports::Pruned>)>;

    Writer(Settings const&, ports::Inbox&, Post const&);
    ~Writer();

    // As in ports::Store. From the loop's thread, but for remove().
    void open();
    bool is_open() const;
    std::string trouble() const;
    std::uint64_t next_id() { return ids_.fetch_add(1); }
    void commit(ports::Commit, Committed done);
    std::size_t backlog() const;
    void flush(std::function<void()> done);
    void turn_ended();
    /// Fails as an `ask` does.
    void remove(Victims, Removed done);

private:
    struct CommitTask {
        ports::Commit commit;
        Committed done;
    };
    struct RemoveTask {
        Victims victims;
        Removed done;
    };
    struct Task {
        std::variant<CommitTask, RemoveTask> of;
        std::size_t writes = 1;
        bool is_must = false;
    };
    using Group = std::deque<Task>;
    /// What the loop is told after a group, all at once.
    using Answers = std::vector<std::function<void()>>;

    /// Where the thread stands.
    enum class Phase {
        opening,  // for the first time
        well,
        cooling,  // after a failure, the shortest wait: what is asked fails at once
        waiting,  // longer: what is asked makes it try at once
    };

    void work();
    void wait(std::unique_lock<std::mutex>&);
    void wait_well(std::unique_lock<std::mutex>&);
    void wait_in_trouble(std::unique_lock<std::mutex>&);
    bool is_hurried() const { return is_ending_ || !flushes_.empty(); }
    Group take_group();
    void take_turn(std::unique_lock<std::mutex>&);

    Result<> make_ready(Answers&);
    Result<std::string> open_database();
    Error not_the_same() const;
    Result<> transact(Group&, Answers&);
    Result<> run(std::string_view sql);
    /// Within a transaction. false: a commit was refused halfway, and it must be done with care.
    Result<bool> write_group(Group&, Care, Answers&);
    Result<bool> write_task(Task&, Care, Inserts&, Answers&);
    Result<> write_all(Group&, Answers&);
    void succeeded(Answers&);
    void failed(Group, Error, Answers&);
    void refuse(Task&, Error const&, Answers&);
    void tell(bool ok, std::string words, Answers&);

    void enqueue(Task);
    std::optional<Error> refusal(Task const&) const;
    std::size_t& waiting(Task const& task) { return task.is_must ? must_writes_ : ask_writes_; }

    Settings settings_;
    ports::Inbox& inbox_;
    Post post_;
    Sequence ids_{1};

    // The thread's own.
    std::unique_ptr<Database> database_;
    // What was open first. It is never made again, and no other takes its place: what the daemon
    // knows came from that one.
    std::optional<FileIdentity> opened_first_;
    bool may_trim_ = false, may_shrink_ = false;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Group tasks_;
    std::vector<std::function<void()>> flushes_;
    std::size_t must_writes_ = 0, ask_writes_ = 0;  // waiting and under way
    Phase phase_ = Phase::opening;
    Duration retry_{0};
    bool is_open_ = false, is_ending_ = false, is_hurried_by_ask_ = false;
    // The loop tells its turns' ends, and one that committed something has not ended yet.
    bool knows_turns_ = false, is_in_turn_ = false;
    std::string trouble_;
    std::thread thread_;
};

}  // namespace lares::store
