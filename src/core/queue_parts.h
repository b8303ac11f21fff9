// core/queue_parts.h: what the queue is made of. Only core/queue*.cc include this.
//
// Each job is in one place: in line (it could start but for its turn), delayed, waiting for other
// jobs, or running. Each task has two lanes, because retries may have to wait for the task's budget
// while first attempts go on. Whatever may change whether a task can start marks it dirty; before a
// decision the dirty ones are settled: they become candidates of their group, get an instant to be
// looked at again, or neither, when only a call can change anything. So the work of a start does
// not depend on how many jobs or tasks wait.
//
// In a group are the tasks that age alike and need the same resources: among them the order never
// changes with time, and when the first does not fit, none does.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/queue.h"
#include "core/queue_heap.h"
#include "core/queue_window.h"

namespace lares::queue {

struct Task;

struct Resource {
    std::string name;
    int capacity = 0;
    int used = 0;
    int kept = 0;  // of what is free, during one pass: for those that come first
    int free() const { return capacity - used - kept; }
};

/// Interned: equal demands have one address.
struct Demand {
    std::vector<std::pair<Resource*, int>> needs;
};

enum class Place : std::uint8_t { line, delayed, waiting, running };

constexpr Instant at_once = Instant::min();

/// A live job.
struct Live {
    Id id = 0;
    Task* task = nullptr;
    std::string key;
    Instant since{};             // from when on it waits for its turn
    Instant ready_at = at_once;  // of delayed and waiting ones
    Instant started{};           // of running ones
    Live* older = nullptr;       // neighbours in the task's list of those in line, by `since`
    Live* newer = nullptr;
    Demand const* held = nullptr;  // of running ones
    int priority = 0;
    int attempts = 0, errors = 0, crashes = 0;
    std::uint32_t slot = nowhere;  // in the heap of its place
    Place place = Place::waiting;
    bool is_retry = false;  // its next start, or the one under way, is charged to the budget
};

using JobHeap = Heap<Live, &Live::slot>;

struct Lane {
    JobHeap line, delayed;
};

struct Group;

/// A task that has jobs, blocks or a history of starts; made when first needed, swept when idle.
struct Task {
    std::string name;
    std::uint32_t number = 0;      // of this state: ties between timers
    Rules const* rules = nullptr;  // never null: those of a task that is gone are in `last`
    std::unique_ptr<Rules> last;
    Demand const* demand = nullptr;
    Group* group = nullptr;
    Lane fresh, retries;
    std::vector<Live*> running;
    Live* oldest = nullptr;  // in line
    Live* newest = nullptr;
    std::size_t ready = 0;  // in line, delayed and waiting
    std::vector<Block> blocks;
    std::unique_ptr<Cap> cap;
    Window starts, retried;
    Live* head = nullptr;  // of a candidate: the job that starts next
    std::uint32_t candidate_slot = nowhere, timer_slot = nowhere;
    bool is_dirty = false;

    bool is_gone() const { return last != nullptr; }
    Lane& lane(Live const& job) { return job.is_retry ? retries : fresh; }
};

struct Group {
    std::int64_t ageing = 1;  // ms
    Demand const* demand = nullptr;
    bool is_throttled = false;
    Heap<Task, &Task::candidate_slot> candidates;
    Heap<Task, &Task::timer_slot> timers;
};

/// Jobs that ended otherwise than done, the last 10,000: for those that come to wait for them.
class Failures {
public:
    void note(Id, job::State);
    void forget(Id id) { states_.erase(id); }
    std::optional<job::State> find(Id) const;

private:
    std::unordered_map<Id, job::State> states_;
    std::deque<Id> order_;
};

struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
        return std::hash<std::string_view>{}(name);
    }
};

/// A unique key; the text is the live job's own.
struct KeyOf {
    Task const* task;
    std::string_view key;
    bool operator==(KeyOf const&) const = default;
};
struct KeyHash {
    std::size_t operator()(KeyOf const& of) const {
        return std::hash<std::string_view>{}(of.key) ^ std::hash<Task const*>{}(of.task) * 31;
    }
};

/// One look at which task starts next; groups leave it when nothing of them can start now.
struct Pass {
    Instant now;
    std::vector<Group*> heads;  // a heap by the rank of the first candidates
    std::vector<Group*> stuck;  // for a resource, in their order
    std::vector<Resource*> kept;
    bool is_throttled = false;  // a group waits for the shared rate
};

/// Whether a task may start jobs: closed: only a call changes it; else from `at` on.
struct Gate {
    bool is_closed = false;
    Instant at{};
};

struct Queue::Impl {
    std::vector<Rules> all_rules;  // by name
    std::map<std::string, Resource, std::less<>> resources;
    std::map<std::map<std::string, int>, Demand> demands;
    std::map<std::tuple<std::int64_t, Demand const*, bool>, Group> groups;
    std::unordered_map<std::string, std::unique_ptr<Task>, NameHash, std::equal_to<>> tasks;
    std::size_t sweep_at = 1024;
    std::uint32_t task_number = 0;
    std::unordered_map<Id, Live> jobs;
    std::unordered_map<KeyOf, Live*, KeyHash> keys;
    std::unordered_map<Id, std::vector<Id>> waiters;  // who waits for it
    std::unordered_map<Id, std::vector<Id>> awaited;  // for whom it still waits
    Failures failures;
    std::vector<Block> blocks;  // of every task
    std::optional<Throttle> throttle;
    Window throttled;
    std::vector<Task*> dirty;
    Instant clock{};  // the latest instant that a call has named

    std::vector<Live*> under_way(Task const&, std::size_t most);

    // queue_tasks.cc: rules, resources, groups.
    Rules const* find_rules(std::string_view name) const;
    Task* find_task(std::string_view name) const;
    Task& task(std::string_view name);
    Demand const* demand(Rules const&);
    Group& group_of(Task const&);
    void join_group(Task&);
    void leave_group(Task&);
    void drop_empty_groups();
    void adopt_rules(Task&, Rules const*);  // null: the task is gone
    void sweep();
    bool is_idle(Task&) const;
    bool shares_rate(Task const&) const;
    bool can_ever_start(Task const&) const;
    int limit(Task const&) const;

    // queue_jobs.cc: places of jobs.
    Live* find(Id);
    void enter(Live&);  // where it belongs, by ready_at and what it waits for
    void enter_line(Live&);
    void run(Live&, Instant now);  // takes its place among the running ones
    void leave(Live&);             // its place, whichever
    void link(Live&);
    void unlink(Live&);
    void bring_due(Task&, Instant now);
    void mark(Task&);

    // queue_endings.cc
    std::vector<Id> remove(Live&, job::State, Instant now);  // and what follows; the fallen
    void erase(Live&, job::State);
    void release(Id, Instant now);  // those that wait for what is done
    Ending fail(Live&, Ending, Instant now, unsigned random);

    // queue_starts.cc
    void see(Instant now);  // timers that are due; then settles what is dirty
    void settle(Task&, Instant now);
    Gate gate(Task&, Instant now) const;
    Gate house_gate(Instant now) const;
    Pass begin_pass(Instant now);
    Task* next(Pass&);
    bool fits(Demand const*) const;
    void keep(Pass&, Group&);
    std::vector<Start> take_starts(Instant now, std::size_t most);
    Start start(Task&, Instant now);
    void put_back(Live&);

    // queue_reasons.cc: what hinders a task, what hinders one job of it besides.
    void add_task_reasons(Task&, Instant now, std::vector<Reason>&);
    void add_job_reasons(Live const&, Instant now, std::vector<Reason>&);
    void add_resource_reasons(Task const&, Instant now, std::vector<Reason>&);
    std::string holder_words(Resource const&, Reason&) const;
    std::string keeper_words(Pass const&, Group const&, Resource const&, int amount, Reason&) const;
    Live const* next_job(Task&);
    std::vector<Reason> beside_starts(
        Instant now, std::function<std::vector<Reason>(std::vector<Start> const&)> const& ask);
};

/// Among the task's own jobs, smallest first.
Rank rank(Live const&, Rules const&);
/// The same by the ageing beside other tasks.
Rank rank_beside_others(Live const&, Rules const&);
/// What ages the task's jobs beside other tasks'.
std::int64_t ageing_beside_others(Rules const&);

/// The block of that kind is replaced, or added.
void put_block(std::vector<Block>&, Block);
/// Those with an end that has come are taken out.
void expire(std::vector<Block>&, Instant now);

}  // namespace lares::queue
