// daemon/pools.h: the event listener pools of the daemon: who subscribes, and the way of an event
// to them and of their answers back.
//
// What is decided stands in core/pool.h; this keeps the pools, carries out what they ask, and
// counts serials. It never calls back into the daemon's machines: a listener to be started again is
// handed out by take_restarts(), once a turn.
//
// How it ends: with the daemon; events under way then are gone, as the listeners are.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/pool.h"
#include "daemon/main_log.h"
#include "ports/memory.h"

namespace lares::daemon {

/// What a pool is made of.
struct PoolSpec {
    std::string name;  // of its group
    std::size_t buffer_size = 10;
    events::Mask wants = 0;
    pool::Handler handler = pool::Handler::ok;
    pool::Length length = pool::Length::characters;
};

/// What pools ask of the daemon.
struct PoolHands {
    /// Writes to the stdin of the listener with that key (Unit::key).
    std::function<Result<>(std::uint64_t key, std::string_view bytes)> write;
    /// Puts text onto the daemon's own standard output.
    std::function<void(std::string_view text)> print;
    std::function<std::string()> server;  // the identifier, for headers
    ports::Memory* memory = nullptr;      // for a successor; null: nothing is kept
};

class Pools {
public:
    Pools(MainLog& log, PoolHands hands) : log_(log), hands_(std::move(hands)) {}

    void add(PoolSpec);
    void remove(std::string_view name);
    void clear();
    /// A process of the pool's group; in the order in which events are offered to them.
    void add_listener(std::string_view pool, std::uint64_t key, std::string process);
    void remove_listener(std::uint64_t key);
    bool is_listener(std::uint64_t key) const { return pool_of_.contains(key); }

    /// Whether anybody subscribes to one of these.
    bool wants(events::Mask mask) const { return (wanted_ & mask) != 0; }
    /// No listener that works has an event to answer or one to come.
    bool are_idle() const;
    /// To every pool that subscribes. Nothing, and no serial used, when none does.
    void emit(events::Type, std::string payload, Instant now);

    void spawned(std::uint64_t key, Instant now) { feed(key, pool::Spawned{key}, now); }
    void running(std::uint64_t key, bool is_running, Instant now) {
        feed(key, pool::Running{key, is_running}, now);
    }
    void ended(std::uint64_t key, Instant now) { feed(key, pool::Ended{key}, now); }
    void said(std::uint64_t key, std::string_view bytes, Instant now) {
        feed(key, pool::Said{key, bytes}, now);
    }
    void deadline_passed(Instant now);
    std::optional<Instant> deadline() const;

    // pool_memory.cc: what outlives the daemon.
    /// Takes a record that a predecessor left; false when it is none of ours.
    bool take_left(std::string_view key, std::string_view record);
    struct Up {
        bool alive = false, running = false;
    };
    /// Once all pools and listeners are there: goes on where the predecessor was. `is_up` tells of
    /// a listener, by its key, whether it is alive and RUNNING still.
    void recall(std::function<Up(std::uint64_t key)> const& is_up, Instant now);
    /// The daemon ends in order: nothing is left to be taken up.
    void forget_all();

    /// Listeners to be started again, and why.
    std::vector<std::pair<std::uint64_t, std::string>> take_restarts() {
        return std::exchange(restarts_, {});
    }

private:
    struct Kept {
        pool::Pool pool;
        pool::Length length{};
        std::string written;                          // its record
        std::map<std::uint64_t, std::size_t> pieces;  // of each event kept, by pool_serial
    };
    struct Left {
        std::string pool;
        std::map<std::uint64_t, std::vector<std::string>> events;  // pieces, by pool_serial
    };

    void feed(std::uint64_t key, pool::Happened const&, Instant now);
    void step(Kept&, pool::Happened const&, Instant now);
    void perform(Kept&, pool::Action const&, Instant now);
    void send(Kept&, std::uint64_t key, Instant now);
    void count_wanted();
    void keep(Kept&);
    void keep_counter();
    void keep_event(Kept&, pool::Event const&);
    void drop_event(Kept&, std::uint64_t serial, std::size_t pieces);
    void forget(Kept&);
    void recall(Kept&, Left const&, std::function<Up(std::uint64_t)> const& is_up, Instant now);

    MainLog& log_;
    PoolHands hands_;
    std::map<std::string, Kept, std::less<>> pools_;
    std::map<std::uint64_t, std::string> pool_of_;  // by listener
    events::Mask wanted_ = 0;
    std::uint64_t next_serial_ = 0;
    std::vector<std::pair<std::uint64_t, std::string>> restarts_;
    std::map<std::string, Left, std::less<>> left_;
};

}  // namespace lares::daemon
