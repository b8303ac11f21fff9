// core/pool_record_test.cc: what a pool's successor knows.

#include "core/pool_record.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::pool;

namespace {

Event event(std::uint64_t serial, std::string payload) {
    return {.serial = serial + 100,
            .pool_serial = serial,
            .type = events::Type::process_log_stdout,
            .payload = std::move(payload)};
}

/// Two that wait, one that the first listener is busy with; the second is idle, the third talks.
Pool full() {
    Pool pool{.name = "p", .next_serial = 4, .dropped_unheard = 3};
    pool.buffer = {event(1, "one"), event(2, "two")};
    pool.listeners = {{.key = 1, .name = "a", .alive = true, .running = true},
                      {.key = 2, .name = "b", .alive = true, .running = true},
                      {.key = 3, .name = "c", .alive = true, .running = true}};
    pool.listeners[0].talk = Talk::busy;
    pool.listeners[0].event = event(0, "zero");
    pool.listeners[1].talk = Talk::ready;
    pool.listeners[2].talk = Talk::acknowledged;
    pool.listeners[2].heard = "REA";
    return pool;
}

std::map<std::uint64_t, Event> kept(Pool const& pool) {
    std::map<std::uint64_t, Event> events;
    auto keep = [&](Event const& each) {
        events[each.pool_serial] = *read_event(write_event(each));
    };
    for (auto const& each : pool.buffer) keep(each);
    for (auto const& each : pool.listeners)
        if (each.event) keep(*each.event);
    return events;
}

Pool fresh(bool first_alive = true) {
    Pool pool{.name = "p"};
    pool.listeners = {{.key = 11, .name = "a", .alive = first_alive, .running = first_alive},
                      {.key = 12, .name = "b", .alive = true, .running = true},
                      {.key = 13, .name = "c", .alive = true, .running = true}};
    return pool;
}

}  // namespace

TEST_CASE("an event is the same after writing and reading, whatever it holds") {
    for (auto const& payload :
         {std::string(), std::string("a\nb\\n=\r\n"), std::string(700'000, 'x'),
          std::string(30 << 10, '\n'), std::string((30 << 10) + 1, '\\')}) {
        auto before = event(7, payload);
        auto pieces = write_event(before);
        for (auto const& piece : pieces) CHECK(piece.size() <= 64u << 10);
        auto after = read_event(pieces);
        REQUIRE(after);
        CHECK(*after == before);
    }
    auto pieces = write_event(event(7, std::string(700'000, 'x')));
    pieces.pop_back();
    CHECK(!read_event(pieces));
    CHECK(!read_event({}));
    CHECK(!read_event({"serial=1\ntype=TICK\npieces=1\n"}));
    CHECK(!read_event({"serial=1\ntype=NEW_KIND\npieces=1\n"}));
}

TEST_CASE("an idle listener goes on; one in the middle of anything is started again") {
    auto before = full();
    CHECK(serials_of(before) == std::vector<std::uint64_t>{1, 2, 0});
    auto [pool, ambiguous] = recall(fresh(), write_pool(before), kept(before));
    CHECK(ambiguous == std::vector<std::uint64_t>{11, 13});
    CHECK(pool.listeners[1].talk == Talk::ready);
    CHECK(pool.listeners[0].talk == Talk::unknown);
    CHECK(pool.next_serial == 4);
    CHECK(pool.dropped_unheard == 3);
    REQUIRE(pool.buffer.size() == 3);
    CHECK(pool.buffer[0] == event(0, "zero"));
    CHECK(pool.buffer[1] == event(1, "one"));
    CHECK(pool.buffer[2] == event(2, "two"));
}

TEST_CASE("the event of a listener that has died meanwhile comes first") {
    auto before = full();
    auto [pool, ambiguous] = recall(fresh(false), write_pool(before), kept(before));
    CHECK(ambiguous == std::vector<std::uint64_t>{13});
    CHECK(pool.listeners[0].talk == Talk::acknowledged);
    CHECK(pool.buffer[0].pool_serial == 0);
}

TEST_CASE("a listener that is READY with bytes behind it is not taken for idle") {
    auto before = full();
    before.listeners[1].heard = "x";
    auto recalled = recall(fresh(), write_pool(before), kept(before));
    CHECK(recalled.ambiguous == std::vector<std::uint64_t>{11, 12, 13});
}

TEST_CASE("a damaged record, a lost event and listeners of another configuration change nothing") {
    auto recalled = recall(fresh(),
                           "listener=\nlistener=a\nlistener=gone BUSY 9\n"
                           "listener=b BUSY 99999999999999999999\nnonsense",
                           {});
    CHECK(recalled.pool.buffer.empty());
    CHECK(recalled.ambiguous == std::vector<std::uint64_t>{11, 12, 13});
    auto before = full();
    auto events = kept(before);
    events.erase(1);
    CHECK(recall(fresh(), write_pool(before), events).pool.buffer.size() == 2);
}
