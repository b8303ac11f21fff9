// core/outbox_test.cc: the rules of core/outbox.h, a sentence each.

#include "core/outbox.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>

using namespace lares;
using namespace lares::outbox;
using namespace std::chrono_literals;
using delivery::Outcome;
using delivery::State;
using Ids = std::vector<delivery::Id>;

namespace {

struct House {
    Outbox outbox{1};
    WallTime now{100h};
    std::vector<Change> changes;

    explicit House(Limits limits = {}) {
        limits.jitter_percent = 0;
        outbox.set_channel("mail", limits);
    }
    delivery::Delivery put(delivery::Id id, std::string thread = "", std::string channel = "mail") {
        delivery::Delivery delivery{.id = id, .channel = channel, .thread = thread};
        delivery.created = now;
        outbox.put(delivery);
        return delivery;
    }
    Ids take() {
        changes.clear();
        Ids ids;
        for (auto const& send : outbox.take(now, changes)) ids.push_back(send.id);
        return ids;
    }
    std::optional<Change> answer(delivery::Id id, Outcome outcome, int attempt = 1,
                                 Duration retry_after = {}, std::string words = "words") {
        return outbox.answered({.id = id,
                                .attempt = attempt,
                                .outcome = outcome,
                                .retry_after = retry_after,
                                .words = words},
                               now);
    }
    std::optional<Duration> wait() const {
        auto at = outbox.next(now);
        if (!at) return std::nullopt;
        return *at - now;
    }
    std::string why(delivery::Id id) const { return outbox.why(id, now).value_or("not here"); }
};

}  // namespace

TEST_CASE("what is put goes out, at most so many at once, in the order of ids") {
    House house({.at_once = 2});
    for (delivery::Id id : {3, 1, 2}) house.put(id);
    CHECK(house.wait() == 0ms);
    CHECK(house.take() == Ids{1, 2});
    CHECK(house.take().empty());
    CHECK(house.why(3) == "2 of channel 'mail' are being sent");
    CHECK(house.why(1) == "being sent, try 1");
    auto change = house.answer(1, Outcome::sent);
    REQUIRE(change);
    CHECK(change->state == State::sent);
    CHECK(house.why(1) == "not here");
    CHECK(house.take() == Ids{3});
    CHECK(house.outbox.size() == 2);
}

TEST_CASE("deliveries of one thread go out one after the other, by id, whenever they were put") {
    House house({.at_once = 9});
    house.put(3, "t");
    house.put(2, "t");
    house.put(5, "u");
    CHECK(house.take() == Ids{2, 5});
    house.put(1, "t");
    CHECK(house.take().empty());
    CHECK(house.why(1) == "one before it in its thread is being sent");
    house.answer(2, Outcome::sent);
    CHECK(house.why(3) == "waits for delivery 1 of its thread");
    CHECK(house.take() == Ids{1});
    house.answer(1, Outcome::refused);
    CHECK(house.take() == Ids{3});
}

TEST_CASE("the wait after 'later' doubles up to the longest, and those behind it wait as well") {
    House house({.at_once = 9, .first_wait = 10s, .longest_wait = 30s});
    house.put(1, "t");
    house.put(2, "t");
    house.put(3);
    CHECK(house.take() == Ids{1, 3});
    int attempt = 0;
    for (auto wait : {10s, 20s, 30s, 30s}) {
        auto change = house.answer(1, Outcome::later, ++attempt);
        REQUIRE(change);
        CHECK(change->state == State::waiting);
        CHECK(change->not_before == house.now + wait);
        CHECK(house.wait() == wait);
        CHECK(house.why(2) == "waits for delivery 1 of its thread");
        house.now += wait - 1ms;
        CHECK(house.take().empty());
        house.now += 1ms;
        CHECK(house.take() == Ids{1});
    }
    house.answer(1, Outcome::later, 5, 2min);
    CHECK(house.why(1) == "tried again in 2 min: words");
}

TEST_CASE("jitter lengthens a wait by at most its share") {
    Outbox outbox(7);
    outbox.set_channel("mail", {.at_once = 100});
    WallTime now{100h};
    std::vector<Change> changes;
    for (delivery::Id id = 1; id <= 100; id++)
        outbox.put({.id = id, .channel = "mail", .created = now});
    CHECK(outbox.take(now, changes).size() == 100);
    std::map<Duration, int> waits;
    for (delivery::Id id = 1; id <= 100; id++)
        waits[outbox.answered({.id = id, .attempt = 1, .outcome = Outcome::later}, now)
                  ->not_before -
              now]++;
    CHECK(waits.begin()->first >= 30s);
    CHECK(waits.rbegin()->first <= 36s);
    CHECK(waits.size() > 50);
}

TEST_CASE("a Retry-After holds the whole channel, and is no failure of the message") {
    House house({.at_once = 2});
    house.put(1);
    house.put(2);
    house.put(3);
    CHECK(house.take() == Ids{1, 2});
    auto change = house.answer(1, Outcome::limited, 1, 7min);
    REQUIRE(change);
    CHECK(change->not_before == house.now + 7min);
    CHECK(house.answer(2, Outcome::sent)->state == State::sent);
    CHECK(house.take().empty());
    CHECK(house.wait() == 7min);
    CHECK(house.why(3) == "the service of channel 'mail' takes nothing before that: in 7 min");
    CHECK(house.outbox.standing("mail").held_until == house.now + 7min);
    CHECK(house.outbox.standing("mail").trouble.empty());
    house.now += 7min;
    CHECK(house.take() == Ids{1, 3});
    house.answer(1, Outcome::later, 2);
    CHECK(house.wait() == 30s);  // the first wait still
}

TEST_CASE(
    "a Retry-After of years is taken for a day, and one that is not said for a growing wait") {
    House house;
    house.put(1);
    house.take();
    house.answer(1, Outcome::limited, 1, 24h * 900);
    CHECK(house.wait() == 24h);
    house.now += 24h;
    house.take();
    house.answer(1, Outcome::limited, 2);
    CHECK(house.wait() == 60s);  // the second time
}

TEST_CASE(
    "a channel in trouble is tried with one, another one and later each time, and no other "
    "channel waits for it") {
    House house({.at_once = 3, .first_wait = 10s, .longest_wait = 1min});
    house.outbox.set_channel("sms", {});
    for (delivery::Id id : {1, 2, 3, 4}) house.put(id);
    CHECK(house.take() == Ids{1, 2, 3});
    for (delivery::Id id : {1, 2, 3}) {
        auto change = house.answer(id, Outcome::blocked, 1, {}, "login refused");
        REQUIRE(change);
        CHECK(change->state == State::waiting);
    }
    CHECK(house.wait() == 10s);  // three answers are one failure
    house.put(9, "", "sms");
    CHECK(house.take() == Ids{9});
    CHECK(house.why(4) == "channel 'mail' does not work: login refused; the next try is in 10 s");
    house.now += 10s;
    CHECK(house.take() == Ids{4});
    house.answer(4, Outcome::blocked);
    CHECK(house.outbox.standing("mail").failures == 2);
    CHECK(house.wait() == 20s);
    house.now += 20s;
    CHECK(house.take() == Ids{1});
    CHECK(house.take().empty());
    house.answer(1, Outcome::sent, 2);
    CHECK(house.outbox.standing("mail").trouble.empty());
    CHECK(house.take() == Ids{2, 3, 4});
}

TEST_CASE("a changed channel is tried at once") {
    House house;
    house.put(1);
    house.take();
    house.answer(1, Outcome::blocked);
    CHECK(house.take().empty());
    house.outbox.set_channel("mail", {});
    CHECK(house.take() == Ids{1});
}

TEST_CASE("no span of a channel's rate holds more than it allows") {
    House house({.rate = {2, 10s}, .at_once = 9});
    for (delivery::Id id = 1; id <= 5; id++) house.put(id);
    CHECK(house.take() == Ids{1, 2});
    CHECK(house.why(3) == "rate of channel 'mail': 2 in 10 s; the next goes out in 10 s");
    house.now += 9999ms;
    CHECK(house.take().empty());
    house.now += 1ms;
    CHECK(house.take() == Ids{3, 4});
    CHECK(house.wait() == 10s);
}

TEST_CASE("what is past its time is not said any more; what is being sent is") {
    House house;
    delivery::Delivery delivery{.id = 1, .channel = "mail", .created = house.now};
    delivery.expires = house.now + 1h;
    house.outbox.put(delivery);
    delivery.id = 2;
    delivery.not_before = house.now + 2h;
    house.outbox.put(delivery);
    CHECK(house.take() == Ids{1});
    CHECK(house.wait() == 1h);
    house.now += 1h;
    CHECK(house.take().empty());
    REQUIRE(house.changes.size() == 1);
    CHECK(house.changes[0].id == 2);
    CHECK(house.changes[0].state == State::expired);
    CHECK(house.answer(1, Outcome::later, 1, {}, "busy")->state == State::waiting);
    house.take();
    CHECK(house.changes[0].words == "no longer worth saying; the last answer was: busy");
    CHECK(house.outbox.size() == 0);
}

TEST_CASE(
    "what was tried in vain for as long as give_up has failed, and what only waited has not") {
    House house({.rate = {1, 90h}, .first_wait = 10h, .longest_wait = 10h, .give_up = 72h});
    house.put(1);
    house.put(2);
    CHECK(house.take() == Ids{1});
    house.answer(1, Outcome::later, 1, {}, "mailbox full");
    CHECK(house.wait() == 72h);
    house.now += 72h;
    CHECK(house.take().empty());
    REQUIRE(house.changes.size() == 1);
    CHECK(house.changes[0].state == State::failed);
    CHECK(house.changes[0].words == "given up after 3 days: mailbox full");
    house.now += 18h;
    CHECK(house.take() == Ids{2});
}

TEST_CASE(
    "all that wait for a channel in trouble are given up in their time, unless it is paused") {
    House house({.first_wait = 1h, .longest_wait = 1h, .give_up = 10h});
    house.put(1);
    house.put(2);
    CHECK(house.take() == Ids{1});
    house.answer(1, Outcome::blocked, 1, {}, "no connection");
    house.outbox.pause("mail", true);
    house.now += 20h;
    CHECK(house.wait() == std::nullopt);
    CHECK(house.take().empty());
    CHECK(house.changes.empty());
    CHECK(house.why(2) == "channel 'mail' is paused");
    house.outbox.pause("mail", false);
    house.take();
    CHECK(house.changes.size() == 2);
    CHECK(house.changes[1].words == "given up after 10 h: no connection");
}

TEST_CASE("one that is to go out late is not given up before it was tried") {
    House house({.give_up = 1h});
    delivery::Delivery delivery{.id = 1, .channel = "mail", .created = house.now};
    delivery.not_before = house.now + 5h;
    house.outbox.put(delivery);
    CHECK(house.wait() == 5h);
    house.now += 5h;
    CHECK(house.take() == Ids{1});
    house.answer(1, Outcome::later);
    house.take();
    CHECK(house.changes.empty());
}

TEST_CASE("after an unsure try it is sent again only where that is safe") {
    for (bool can_repeat : {true, false}) {
        House house({.can_repeat = can_repeat});
        house.put(1);
        house.take();
        auto change = house.answer(1, Outcome::unsure);
        REQUIRE(change);
        CHECK(change->state == (can_repeat ? State::waiting : State::unsure));
        CHECK(house.outbox.size() == (can_repeat ? 1 : 0));
    }
}

TEST_CASE("a sender that is gone leaves what it had as unsure tries") {
    House house({.at_once = 2, .can_repeat = true});
    house.outbox.set_channel("sms", {});
    house.put(1);
    house.put(2);
    house.put(3, "", "sms");
    CHECK(house.take() == Ids{1, 2, 3});
    house.answer(2, Outcome::sent);
    auto changes = house.outbox.sender_lost(house.now);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].id == 1);
    CHECK(changes[0].state == State::waiting);
    CHECK(changes[1].state == State::unsure);
    CHECK(house.outbox.sender_lost(house.now).empty());
    CHECK(!house.answer(1, Outcome::sent));
    house.now += 30s;
    CHECK(house.take() == Ids{1});
    CHECK(!house.answer(1, Outcome::sent, 1));  // of the try that was lost
    CHECK(house.answer(1, Outcome::sent, 2));
}

TEST_CASE("what was sending when the daemon died counts as sending until it is answered") {
    House house;
    delivery::Delivery delivery{.id = 1, .channel = "mail", .thread = "t", .created = house.now};
    delivery.state = State::sending;
    delivery.attempts = 3;
    house.outbox.put(delivery);
    house.put(2, "t");
    house.put(3);
    CHECK(house.take().empty());
    CHECK(!house.answer(1, Outcome::sent, 2));
    CHECK(house.answer(1, Outcome::sent, 3)->state == State::sent);
    CHECK(house.take() == Ids{2});
}

TEST_CASE(
    "a delivery of a channel that is not configured waits, and a channel that went and came "
    "back goes on") {
    House house;
    house.put(1, "", "gone");
    CHECK(house.take().empty());
    CHECK(house.wait() == std::nullopt);
    CHECK(house.why(1) == "no channel 'gone' is configured");
    house.outbox.set_channel("gone", {});
    CHECK(house.take() == Ids{1});
    house.outbox.drop_channel("gone");
    CHECK(house.answer(1, Outcome::later)->state == State::waiting);
    house.now += 36s;
    CHECK(house.take().empty());
    house.outbox.set_channel("gone", {});
    CHECK(house.take() == Ids{1});
    CHECK(house.answer(1, Outcome::sent, 2));
}

TEST_CASE("a person has one tried at once, before its time and that of those before it") {
    House house;
    house.put(1, "t");
    house.put(2, "t");
    house.put(3);
    house.take();
    house.answer(1, Outcome::blocked);
    CHECK(house.take().empty());
    auto change = house.outbox.retry(2, house.now);
    REQUIRE(change);
    CHECK(change->state == State::waiting);
    CHECK(house.take() == Ids{1});
    CHECK(!house.outbox.retry(1, house.now));
    CHECK(!house.outbox.retry(99, house.now));
    house.answer(1, Outcome::sent, 2);
    CHECK(house.take() == Ids{2});
}

TEST_CASE("a person takes one back, unless it is being sent") {
    House house;
    house.put(1);
    house.put(2);
    house.take();
    CHECK(!house.outbox.drop(1, "dropped by anna", house.now));
    auto change = house.outbox.drop(2, "dropped by anna", house.now);
    REQUIRE(change);
    CHECK(change->state == State::dropped);
    CHECK(change->words == "dropped by anna");
    CHECK(house.why(2) == "not here");
}

TEST_CASE("a clock that is set back lengthens no wait of ours, but keeps what people asked for") {
    House house({.rate = {1, 10s}});
    house.put(1);
    delivery::Delivery scheduled{.id = 2, .channel = "mail", .created = house.now};
    scheduled.not_before = house.now + 1h;
    house.outbox.put(scheduled);
    house.take();
    house.answer(1, Outcome::later);
    house.now -= 90h;
    CHECK(house.take().empty());
    CHECK(house.wait() == 1h);  // the longest wait
    house.now += 1h;
    CHECK(house.take() == Ids{1});
    house.answer(1, Outcome::sent, 2);
    CHECK(house.wait() == 90h);
}

TEST_CASE("ends, what is here and what is beyond the bound are not put") {
    House house;
    house.put(1);
    house.put(1, "t");
    for (auto state : {State::sent, State::failed, State::expired, State::dropped, State::unsure})
        house.outbox.put({.id = 2, .channel = "mail", .state = state});
    CHECK(house.outbox.size() == 1);
    for (delivery::Id id = 2; id < most + 9; id++) house.put(id);
    CHECK(house.outbox.size() == most);
    CHECK(house.outbox.is_full());
}

TEST_CASE("a decision costs microseconds though 100,000 wait") {
    Outbox outbox(1);
    WallTime now{100h};
    for (int i = 0; i < 50; i++)
        outbox.set_channel("c" + std::to_string(i), {.at_once = 1, .can_repeat = true});
    for (delivery::Id id = 1; id <= most; id++)
        outbox.put({.id = id,
                    .channel = "c" + std::to_string(id % 50),
                    .thread = "t" + std::to_string(id % 997),
                    .created = now});
    auto begin = std::chrono::steady_clock::now();
    std::vector<Change> changes;
    std::size_t sent = 0;
    auto sends = outbox.take(now, changes);
    while (!sends.empty()) {
        for (auto const& send : sends)
            sent += outbox.answered({send.id, send.attempt, Outcome::sent}, now).has_value();
        sends = outbox.take(now, changes);
    }
    auto span = std::chrono::steady_clock::now() - begin;
    CHECK(sent == most);
    CHECK(outbox.size() == 0);
    auto each = std::chrono::duration<double, std::micro>(span).count() / double(most);
    MESSAGE("take and answer: " << each << " us each");
    CHECK(each < 100);
}

TEST_CASE("a channel whose budget is spent waits with all of its messages, says so, and goes on") {
    House house({.at_once = 9, .give_up = 1h});
    for (delivery::Id id : {1, 2, 3}) house.put(id);
    int asked = 0;
    std::optional<Hold> hold;
    auto take = [&] {
        Ids ids;
        for (auto const& send : house.outbox.take(house.now, house.changes, [&](delivery::Id id) {
                 asked += 1;
                 return id == 2 ? hold : std::nullopt;
             }))
            ids.push_back(send.id);
        return ids;
    };
    hold = Hold{house.now + 2h, "budget 'sms': nothing is left"};
    CHECK(take() == Ids{1});
    CHECK(asked == 2);
    CHECK(house.why(3) == "budget 'sms': nothing is left; asked again in 2 h");
    CHECK(house.outbox.standing("mail").kept == "budget 'sms': nothing is left");
    CHECK(house.wait() == 2h);
    house.answer(1, Outcome::sent);
    house.now += 90min;  // longer than give_up: waiting for money is no failure
    CHECK(take().empty());
    CHECK(house.changes.empty());
    CHECK(asked == 2);
    SUBCASE("when its time has come") {
        house.now += 30min;
        hold.reset();
    }
    SUBCASE("when it is lifted") {
        hold.reset();
        house.outbox.lift("mail");
        CHECK(house.wait() == 0ms);
    }
    CHECK(take() == Ids{2, 3});
    CHECK(house.outbox.standing("mail").kept.empty());
}

TEST_CASE("one that goes out as part of another has ended, and its thread goes on") {
    House house;
    house.put(1, "t");
    house.put(2, "t");
    auto change = house.outbox.drop(1, "in digest 9", house.now, State::gathered);
    REQUIRE(change);
    CHECK(change->state == State::gathered);
    CHECK(house.take() == Ids{2});
    CHECK_FALSE(house.outbox.drop(2, "in digest 9", house.now, State::gathered));
}
