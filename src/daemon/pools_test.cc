// daemon/pools_test.cc: events on their way to listeners, and across the daemon's own death.

#include "daemon/pools.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace lares;
using namespace lares::daemon;
using events::Type;

namespace {

struct NoClock final : ports::Clock {
    Instant now() const override { return {}; }
    WallTime wall() const override { return {}; }
    int local_offset_seconds(WallTime) const override { return 0; }
    void wake_at(std::optional<Instant>) override {}
};

/// Keeps what is written.
struct Lines final : ports::Logs {
    void open(ports::ChannelId, ports::LogSpec) override {}
    void close(ports::ChannelId) override {}
    void write(ports::ChannelId, std::string_view bytes) override { text += bytes; }
    void reopen_all() override {}
    void clear(ports::ChannelId, std::function<void(Result<>)>) override {}
    void read(std::string, std::int64_t, std::int64_t,
              std::function<void(ports::LogRead)>) override {}
    void on_growth(ports::ChannelId, std::function<void()>) override {}
    void flush(std::function<void()>) override {}
    void taken(std::size_t) override {}
    std::string text;
};

struct Drawer final : ports::Memory {
    void keep(std::string_view key, std::string_view record) override {
        CHECK(record.size() <= 64u << 10);
        if (broken) return;
        records[std::string(key)] = record;
    }
    void drop(std::string_view key) override {
        if (!broken) records.erase(std::string(key));
    }
    std::vector<std::pair<std::string, std::string>> take_left() override {
        return {records.begin(), records.end()};
    }
    std::string trouble() const override { return ""; }
    std::map<std::string, std::string> records;
    bool broken = false;  // the daemon is dead: it writes no more
};

/// A daemon's pools: one pool "p" of listeners 1 and 2, which wants all there is.
struct House {
    explicit House(Drawer& drawer, events::Mask wants = events::mask_of("EVENT"))
        : pools(log, {.write = [this](std::uint64_t key, std::string_view bytes) -> Result<> {
                          if (closed) return Error{Error::Kind::unavailable, "stdin is closed"};
                          sent.emplace_back(key, bytes);
                          return {};
                      },
                      .print = [this](std::string_view text) { printed += text; },
                      .server = [] { return std::string("supervisor"); },
                      .memory = &drawer}) {
        log.configure(Level::warning, {ports::ChannelId{1}});
        pools.add({.name = "p", .buffer_size = 100, .wants = wants});
        pools.add_listener("p", 1, "a");
        pools.add_listener("p", 2, "b");
    }
    void come_up(std::uint64_t key) {
        pools.spawned(key, {});
        pools.said(key, "READY\n", {});
        pools.running(key, true, {});
    }
    /// "1 got 3": the listener's key, and the serial in what was written to it.
    std::vector<std::string> taken() {
        std::vector<std::string> out;
        for (auto const& [key, bytes] : std::exchange(sent, {})) {
            auto at = bytes.find("serial:") + 7;
            out.push_back(std::to_string(key) + " got " +
                          bytes.substr(at, bytes.find(' ', at) - at));
        }
        return out;
    }

    NoClock clock;
    Lines lines;
    MainLog log{clock, lines};
    bool closed = false;
    std::vector<std::pair<std::uint64_t, std::string>> sent;
    std::string printed;
    Pools pools;
};
using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("an event that nobody wants takes no serial and costs nothing") {
    Drawer drawer;
    House house(drawer, events::mask_of("TICK_5"));
    house.come_up(1);
    house.pools.emit(Type::process_group_added, "x", {});
    house.pools.emit(Type::tick_5, "when:5", {});
    REQUIRE(house.sent.size() == 1);
    CHECK(house.sent[0].second ==
          "ver:3.0 server:supervisor serial:0 pool:p poolserial:0 eventname:TICK_5 "
          "len:6\nwhen:5");
    CHECK(!house.pools.wants(events::mask_of("PROCESS_GROUP")));
}

TEST_CASE("two pools count serials together and pool serials each for itself") {
    Drawer drawer;
    House house(drawer);
    house.pools.add({.name = "q", .wants = events::bit(Type::tick_60)});
    house.pools.add_listener("q", 7, "c");
    house.come_up(1);
    house.come_up(7);
    house.pools.emit(Type::tick_5, "", {});
    house.pools.emit(Type::tick_60, "", {});
    REQUIRE(house.sent.size() == 2);
    CHECK(house.sent[1].second.starts_with(
        "ver:3.0 server:supervisor serial:1 pool:q poolserial:0 "));
    house.pools.remove("p");
    CHECK(!house.pools.is_listener(1));
    CHECK(!house.pools.wants(events::bit(Type::tick_5)));
}

TEST_CASE("what cannot be written goes to the next listener") {
    Drawer drawer;
    House house(drawer);
    house.come_up(1);
    house.closed = true;
    house.pools.emit(Type::tick_5, "", {});
    house.closed = false;
    house.come_up(2);
    CHECK(house.taken() == Strings{"2 got 0"});
}

TEST_CASE("pools are idle when nobody who works has something to do") {
    Drawer drawer;
    House house(drawer);
    house.pools.emit(Type::tick_5, "", {});
    CHECK(house.pools.are_idle());  // nobody runs who could take it
    house.pools.spawned(1, {});
    house.pools.running(1, true, {});
    CHECK(!house.pools.are_idle());
    house.pools.said(1, "READY\n", {});
    CHECK(!house.pools.are_idle());
    house.pools.said(1, "RESULT 2\nOK", {});
    CHECK(house.pools.are_idle());
}

TEST_CASE("supervisor_stdout's results are printed line by line") {
    Drawer drawer;
    House house(drawer);
    house.pools.add(
        {.name = "s", .wants = events::mask_of("PROCESS_LOG"), .handler = pool::Handler::print});
    house.pools.add_listener("s", 9, "s");
    house.come_up(9);
    house.pools.emit(Type::process_log_stdout, "x", {});
    std::string result = "processname:web groupname:g pid:1 channel:stderr\none\ntwo\n";
    house.pools.said(9, "RESULT " + std::to_string(result.size()) + "\n" + result, {});
    CHECK(house.printed == "web stderr | one\nweb stderr | two\n");
}

TEST_CASE("a successor goes on where the daemon was killed, whenever that was") {
    // Steps of one story; the daemon dies after `steps` of them.
    for (int steps = 0; steps <= 7; ++steps) {
        Drawer drawer;
        Strings before;
        {
            House house(drawer);
            std::vector<std::function<void()>> story{
                [&] { house.pools.emit(Type::tick_5, "0", {}); },
                [&] { house.come_up(1); },
                [&] { house.pools.emit(Type::tick_5, std::string(200'000, 'x'), {}); },
                [&] { house.pools.said(1, "RESULT 2\nOKREADY\n", {}); },
                [&] { house.pools.emit(Type::tick_5, "2", {}); },
                [&] { house.pools.said(1, "RESULT 2\nOK", {}); },
                [&] { house.pools.said(1, "READY\n", {}); },
            };
            for (int i = 0; i < steps; ++i) story[static_cast<std::size_t>(i)]();
            before = house.taken();
            drawer.broken = true;
        }
        drawer.broken = false;
        House next(drawer);
        for (auto const& [key, record] : drawer.take_left())
            CHECK(next.pools.take_left(key, record));
        bool was_up = steps >= 2;
        next.pools.recall(
            [&](std::uint64_t key) { return Pools::Up{was_up && key == 1, was_up && key == 1}; },
            {});
        auto restarts = next.pools.take_restarts();
        if (restarts.empty() && !was_up) next.come_up(1);
        for (auto const& [key, why] : restarts) {
            next.pools.ended(key, {});
            next.come_up(key);
        }
        for (int i = 0; i < 5; ++i)
            if (next.pools.is_listener(1))
                next.pools.said(1, next.sent.empty() ? "" : "RESULT 2\nOKREADY\n", {});
        auto after = next.taken();
        // Every event that was there is answered by somebody; none is sent twice unless its answer
        // was still due when the daemon died.
        int emitted = (steps > 0) + (steps > 2) + (steps > 4);
        for (int serial = 0; serial < emitted; ++serial) {
            auto words = "1 got " + std::to_string(serial);
            auto times = std::ranges::count(before, words) + std::ranges::count(after, words);
            CHECK(times >= 1);
            CHECK(times <= 2);
        }
        next.pools.emit(Type::tick_5, "new", {});
        auto fresh = next.taken();
        if (!fresh.empty()) CHECK(fresh.back() == "1 got " + std::to_string(emitted));
        next.pools.forget_all();
        CHECK(drawer.records.size() == 1);  // the counter
    }
}

TEST_CASE("records of a pool that is no more are dropped") {
    Drawer drawer;
    {
        House house(drawer);
        house.pools.add({.name = "gone", .wants = events::bit(Type::tick_5)});
        house.pools.emit(Type::tick_5, "x", {});
        drawer.broken = true;
    }
    drawer.broken = false;
    House next(drawer);
    for (auto const& [key, record] : drawer.take_left()) CHECK(next.pools.take_left(key, record));
    CHECK(!next.pools.take_left("unit/web:web", "state=RUNNING"));
    CHECK(next.pools.take_left("pool_event/nonsense", ""));
    CHECK(next.pools.take_left("pool_event/p/1/99999999", ""));
    next.pools.recall([](std::uint64_t) { return Pools::Up{}; }, {});
    for (auto const& [key, record] : drawer.records) CHECK(key.find("gone") == key.npos);
}
