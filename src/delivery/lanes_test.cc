// delivery/lanes_test.cc: the threads of the sender: each channel for itself, bounded, and ended in
// order. Waits are for what happens, by condition variables, never for a span of time.

#include "delivery/lanes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "delivery/mail_post_test.h"

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Id;
using delivery::Outcome;

/// A world in which orders of channel "slow" wait at a gate, and all others pass.
class Gate {
public:
    Answer send(Order const& order) {
        std::unique_lock guard(lock_);
        begun_.insert(order.id);
        most_ = std::max(most_, ++under_way_);
        changed_.notify_all();
        if (order.channel.name == "slow") changed_.wait(guard, [&] { return is_open_; });
        --under_way_;
        return {.id = order.id, .attempt = order.attempt, .outcome = Outcome::sent};
    }
    void answered(Answer const& answer) {
        std::lock_guard guard(lock_);
        ended_.insert(answer.id);
        changed_.notify_all();
    }
    void open() {
        std::lock_guard guard(lock_);
        is_open_ = true;
        changed_.notify_all();
    }
    void await_begun(std::size_t count) {
        await([&] { return begun_.size() >= count; });
    }
    void await_ended(Id id) {
        await([&] { return ended_.contains(id); });
    }
    std::set<Id> begun() { return locked(begun_); }
    std::set<Id> ended() { return locked(ended_); }
    int most() { return locked(most_); }

private:
    template <class Condition>
    void await(Condition condition) {
        std::unique_lock guard(lock_);
        REQUIRE(changed_.wait_for(guard, std::chrono::seconds(20), condition));
    }
    template <class T>
    T locked(T const& value) {
        std::lock_guard guard(lock_);
        return value;
    }
    std::mutex lock_;
    std::condition_variable changed_;
    std::set<Id> begun_, ended_;
    int under_way_ = 0, most_ = 0;
    bool is_open_ = false;
};

Lanes::Doors doors(Gate& gate) {
    return {.make_post = [] { return std::make_unique<MailPost>(); },
            .send = [&](Order const& order, ports::Post&) { return gate.send(order); },
            .answered = [&](Answer const& answer) { gate.answered(answer); }};
}

Order order(Id id, std::string channel, int connections = 1) {
    Order made;
    made.id = id;
    made.channel.name = std::move(channel);
    made.channel.connections = connections;
    return made;
}

TEST_CASE("a slow channel stops no other") {
    Gate gate;
    Lanes lanes(doors(gate));
    REQUIRE(lanes.put(order(1, "slow"), 10).ok());
    REQUIRE(lanes.put(order(2, "slow"), 10).ok());
    REQUIRE(lanes.put(order(3, "quick"), 10).ok());
    gate.await_ended(3);
    CHECK_FALSE(gate.ended().contains(1));
    gate.open();
    gate.await_ended(2);
}

TEST_CASE("a channel has as many exchanges at once as it allows, and no more") {
    Gate gate;
    Lanes lanes(doors(gate));
    for (Id id = 1; id <= 10; ++id) REQUIRE(lanes.put(order(id, "slow", 3), 10).ok());
    gate.await_begun(3);
    CHECK(lanes.threads() == 3);
    gate.open();
    for (Id id = 1; id <= 10; ++id) gate.await_ended(id);
    CHECK(gate.most() == 3);
}

TEST_CASE("an idle lane is used again") {
    Gate gate;
    Lanes lanes(doors(gate));
    for (Id id = 1; id <= 20; ++id) {
        REQUIRE(lanes.put(order(id, "quick", 1), 10).ok());
        gate.await_ended(id);
    }
    CHECK(lanes.threads() == 1);
}

TEST_CASE("what waits is bounded by count and by bytes, and what is too much is refused at once") {
    Gate gate;
    Lanes lanes(doors(gate), {.threads = 2, .orders_of_channel = 3, .bytes = 100});
    REQUIRE(lanes.put(order(1, "slow"), 10).ok());
    gate.await_begun(1);
    for (Id id = 2; id <= 4; ++id) REQUIRE(lanes.put(order(id, "slow"), 10).ok());
    auto many = lanes.put(order(5, "slow"), 10);
    REQUIRE_FALSE(many.ok());
    CHECK(many.error().what == "the channel has 3 orders waiting already");
    CHECK_FALSE(lanes.put(order(6, "quick"), 80).ok());
    CHECK(lanes.put(order(7, "quick"), 70).ok());
    gate.await_ended(7);
    CHECK(lanes.put(order(8, "quick"), 70).ok());
    auto third = lanes.put(order(9, "third"), 0);
    REQUIRE_FALSE(third.ok());
    CHECK(third.error().what == "there are 2 connections already");
    gate.open();
    gate.await_ended(4);
}

TEST_CASE("at the end what is under way is answered, and what was not begun is not") {
    Gate gate;
    Lanes lanes(doors(gate));
    for (Id id = 1; id <= 5; ++id) REQUIRE(lanes.put(order(id, "slow", 2), 10).ok());
    gate.await_begun(2);
    std::thread opener([&] { gate.open(); });
    lanes.finish();
    opener.join();
    // The gate may open before the end is seen: but whatever has begun was answered.
    CHECK(gate.begun() == gate.ended());
    CHECK(gate.ended().size() >= 2);
    CHECK_FALSE(lanes.put(order(6, "slow"), 10).ok());
}

}  // namespace

}  // namespace lares::deliver
