// core/pool_test.cc: what a pool of event listeners promises, told as conversations.

#include "core/pool.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <utility>

#include "base/event_limits.h"
#include "base/overloaded.h"

using namespace lares;
using namespace lares::pool;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;
using events::Type;

namespace {

/// A pool in virtual time; deeds are noted as "send 1 to 7", "restart 7", "print x", "ERRO words".
class Talking {
public:
    explicit Talking(std::size_t listeners = 1, std::size_t buffer_size = 10) {
        pool_.name = "p";
        pool_.buffer_size = buffer_size;
        for (std::size_t i = 0; i < listeners; ++i)
            pool_.listeners.push_back({.key = i + 1, .name = "l" + std::to_string(i + 1)});
    }

    void feed(Happened const& happened) {
        auto [next, actions] = step(std::move(pool_), happened, now_);
        pool_ = std::move(next);
        for (auto const& action : actions) note(action);
        CHECK(pool_.buffer.size() <= pool_.buffer_size);
    }
    void arrive(std::uint64_t serial) {
        feed(Arrived{serial, Type::remote_communication, "event " + std::to_string(serial)});
    }
    void say(std::uint64_t key, std::string_view bytes) { feed(Said{key, bytes}); }
    /// Up, RUNNING and READY.
    void come_up(std::uint64_t key) {
        feed(Spawned{key});
        say(key, "READY\n");
        feed(Running{key, true});
    }
    void ok(std::uint64_t key) { say(key, "RESULT 2\nOKREADY\n"); }
    void fail(std::uint64_t key) { say(key, "RESULT 4\nFAILREADY\n"); }

    void run_for(Duration span) {
        Instant end = now_ + span;
        while (auto at = deadline(pool_)) {
            if (*at > end) break;
            now_ = std::max(now_, *at);
            feed(DeadlinePassed{});
        }
        now_ = end;
    }

    Strings take() { return std::exchange(deeds_, {}); }
    Strings take_logged() { return std::exchange(logged_, {}); }
    Talk talk(std::uint64_t key) const { return pool_.listeners[key - 1].talk; }
    Pool& pool() { return pool_; }

private:
    void note(Action const& action) {
        std::visit(
            Overloaded{
                [&](Send const& a) {
                    auto const& listener = pool_.listeners[a.key - 1];
                    REQUIRE(listener.event);
                    CHECK(listener.running);
                    deeds_.push_back("send " + std::to_string(listener.event->serial) + " to " +
                                     std::to_string(a.key));
                },
                [&](Restart const& a) { deeds_.push_back("restart " + std::to_string(a.key)); },
                [&](Print const& a) { deeds_.push_back("print " + a.result); },
                [&](Note const& a) {
                    if (a.level == Note::Level::debug) return;
                    bool error = a.level == Note::Level::error;
                    logged_.push_back((error ? "ERRO " : "WARN ") + a.words);
                },
            },
            action);
    }

    Pool pool_;
    Instant now_{};
    Strings deeds_, logged_;
};

}  // namespace

TEST_CASE("an event waits until a listener is RUNNING and READY, whichever comes first") {
    Talking one;
    one.arrive(0);
    one.feed(Spawned{1});
    one.feed(Running{1, true});
    CHECK(one.take() == Strings{});
    one.say(1, "READY\n");
    CHECK(one.take() == Strings{"send 0 to 1"});

    Talking other;
    other.arrive(0);
    other.feed(Spawned{1});
    other.say(1, "READY\n");
    CHECK(other.take() == Strings{});
    other.feed(Running{1, true});
    CHECK(other.take() == Strings{"send 0 to 1"});
}

TEST_CASE("a listener that is STOPPING is sent nothing more, and its answer still counts") {
    Talking talking;
    talking.come_up(1);
    talking.arrive(0);
    talking.arrive(1);
    talking.feed(Running{1, false});
    talking.take();
    talking.ok(1);
    CHECK(talking.take() == Strings{});
    CHECK(talking.talk(1) == Talk::ready);
    CHECK(talking.pool().buffer.front().serial == 1);
}

TEST_CASE("results are understood in any chunking") {
    std::string whole = "READY\nRESULT 2\nOKREADY\nRESULT 4\nFAILREADY\nRESULT 2\nOK";
    for (std::size_t chunk = 1; chunk <= whole.size(); ++chunk) {
        Talking talking;
        talking.feed(Spawned{1});
        talking.feed(Running{1, true});
        talking.arrive(0);
        talking.arrive(1);
        // What is written before it was asked for is no answer, so each answer waits for its event.
        Strings sent;
        for (std::size_t at = 0; at < whole.size(); at += chunk) {
            auto piece = whole.substr(at, chunk);
            // A piece may not run over a READY: a listener waits there.
            for (std::size_t from = 0; from < piece.size();) {
                auto absolute = at + from;
                auto ready = whole.find("READY\n", absolute < 5 ? 0 : absolute - 5);
                auto stop = ready == whole.npos ? whole.size() : ready + 6;
                auto length = std::min(piece.size() - from, stop - absolute);
                talking.say(1, piece.substr(from, length));
                from += length;
            }
        }
        for (auto const& deed : talking.take()) sent.push_back(deed);
        CHECK(sent == Strings{"send 0 to 1", "send 1 to 1", "send 1 to 1"});
        CHECK(talking.talk(1) == Talk::acknowledged);
        CHECK(talking.pool().buffer.empty());
    }
}

TEST_CASE("an empty result is a rejection, at once") {
    Talking talking;
    talking.come_up(1);
    talking.arrive(0);
    talking.take();
    talking.say(1, "RESULT 0\n");
    CHECK(talking.take_logged() == Strings{"WARN l1: event was rejected"});
    CHECK(talking.talk(1) == Talk::acknowledged);
    CHECK(talking.pool().buffer.size() == 1);
}

TEST_CASE("a rejected event is the next to be sent, with the same serials") {
    Talking talking;
    talking.come_up(1);
    talking.arrive(5);
    talking.arrive(6);
    talking.fail(1);
    CHECK(talking.take() == Strings{"send 5 to 1", "send 5 to 1"});
    CHECK(talking.pool().listeners[0].event->pool_serial == 0);
    talking.ok(1);
    CHECK(talking.take() == Strings{"send 6 to 1"});
    CHECK(talking.pool().listeners[0].event->pool_serial == 1);
}

TEST_CASE("an event rejected again and again comes back after growing pauses; others go ahead") {
    Talking talking;
    talking.come_up(1);
    talking.arrive(0);
    for (int i = 0; i < 4; ++i) talking.fail(1);
    CHECK(talking.take() == Strings{"send 0 to 1", "send 0 to 1", "send 0 to 1", "send 0 to 1"});
    talking.arrive(1);
    CHECK(talking.take() == Strings{"send 1 to 1"});
    talking.ok(1);
    talking.run_for(99ms);
    CHECK(talking.take() == Strings{});
    talking.run_for(1ms);
    CHECK(talking.take() == Strings{"send 0 to 1"});
    talking.fail(1);
    talking.run_for(199ms);
    CHECK(talking.take() == Strings{});
    talking.run_for(1ms);
    CHECK(talking.take() == Strings{"send 0 to 1"});
    for (int i = 0; i < 20; ++i) {
        talking.fail(1);
        talking.run_for(10s);
        CHECK(talking.take() == Strings{"send 0 to 1"});
    }
}

TEST_CASE("a listener that dies busy gives its event back to the head of the buffer") {
    Talking talking(2);
    talking.come_up(1);
    talking.arrive(0);
    talking.arrive(1);
    talking.feed(Ended{1});
    talking.take();
    talking.come_up(2);
    CHECK(talking.take() == Strings{"send 0 to 2"});
}

TEST_CASE("what breaks the protocol is UNKNOWN, told, started again, and loses no event") {
    struct Row {
        std::string_view written;
        bool busy;
    };
    std::string long_line(limits::result_line_bytes + 1, 'R');
    for (auto const& row :
         {Row{"hello", false}, Row{"READY\nREADY\n", false}, Row{"READ\n", false},
          Row{"NONSENSE\n", true}, Row{"RESULT x\nOK", true}, Row{"RESULT -1\n", true},
          Row{"RESULT 1048577\n", true}, Row{long_line, true}}) {
        Talking talking;
        talking.feed(Spawned{1});
        if (row.busy) {
            talking.come_up(1);
            talking.arrive(0);
            CHECK(talking.take() == Strings{"send 0 to 1"});
        }
        talking.say(1, row.written);
        CHECK(talking.talk(1) == Talk::unknown);
        CHECK(talking.take() == Strings{"restart 1"});
        auto logged = talking.take_logged();
        REQUIRE(!logged.empty());
        CHECK(logged.back().starts_with("WARN l1: has entered the UNKNOWN state"));
        CHECK(talking.pool().buffer.size() == (row.busy ? 1 : 0));
        talking.say(1, "READY\n");  // nothing helps until it has been started again
        CHECK(talking.talk(1) == Talk::unknown);
        talking.feed(Ended{1});
        talking.come_up(1);
        CHECK(talking.talk(1) == (row.busy ? Talk::busy : Talk::ready));
    }
}

TEST_CASE("one that breaks the protocol each time is started again after longer and longer") {
    Talking talking;
    auto offend = [&] {
        talking.feed(Ended{1});
        talking.feed(Spawned{1});
        talking.say(1, "hello");
    };
    offend();
    CHECK(talking.take() == Strings{"restart 1"});
    for (auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        offend();
        talking.run_for(Duration(pause) - 1ms);
        CHECK(talking.take() == Strings{});
        talking.run_for(1ms);
        CHECK(talking.take() == Strings{"restart 1"});
    }
    talking.feed(Ended{1});
    talking.come_up(1);
    talking.arrive(0);
    talking.ok(1);
    talking.take();
    talking.say(1, "hello");
    CHECK(talking.take() == Strings{"restart 1"});
}

TEST_CASE("a listener that cannot be written to is not blamed for having just ended") {
    Talking talking;
    talking.come_up(1);
    talking.arrive(0);
    talking.take();
    talking.feed(Unreachable{1, "stdin is closed"});
    CHECK(talking.take() == Strings{});
    CHECK(talking.pool().buffer.size() == 1);
    talking.feed(Ended{1});
    talking.run_for(10s);
    CHECK(talking.take() == Strings{});
}

TEST_CASE("a full buffer drops its oldest event, and says which") {
    Talking talking(1, 2);
    talking.feed(Spawned{1});
    for (std::uint64_t serial = 0; serial < 4; ++serial) talking.arrive(serial);
    CHECK(talking.take_logged() ==
          Strings{"ERRO pool p event buffer overflowed, discarding event 0",
                  "ERRO pool p event buffer overflowed, discarding event 1"});
    talking.say(1, "READY\n");
    talking.feed(Running{1, true});
    CHECK(talking.take() == Strings{"send 2 to 1"});
    // What is put back counts as well.
    talking.arrive(4);
    talking.fail(1);
    CHECK(talking.take_logged() ==
          Strings{"WARN l1: event was rejected",
                  "ERRO pool p event buffer overflowed, discarding event 3"});
    CHECK(talking.take() == Strings{"send 2 to 1"});
}

TEST_CASE("a pool whose listeners are all dead tells of the first loss and then counts") {
    Talking talking(1, 1);
    for (std::uint64_t serial = 0; serial < 6; ++serial) talking.arrive(serial);
    CHECK(talking.take_logged() ==
          Strings{"ERRO pool p event buffer overflowed, discarding event 0; none of its listeners "
                  "runs, so further ones are only counted"});
    talking.come_up(1);
    CHECK(talking.take() == Strings{"send 5 to 1"});
    CHECK(talking.take_logged() ==
          Strings{"WARN pool p: 4 more events were discarded while no listener ran"});
}

TEST_CASE("the first listener that is free gets the event, and several may be busy at once") {
    Talking talking(3);
    talking.come_up(2);
    talking.come_up(3);
    talking.come_up(1);
    for (std::uint64_t serial = 0; serial < 4; ++serial) talking.arrive(serial);
    CHECK(talking.take() == Strings{"send 0 to 1", "send 1 to 2", "send 2 to 3"});
    talking.ok(3);
    CHECK(talking.take() == Strings{"send 3 to 3"});
}

TEST_CASE("a printing pool gives out every result and rejects none") {
    Talking talking;
    talking.pool().handler = Handler::print;
    talking.come_up(1);
    talking.arrive(0);
    talking.take();
    talking.say(1, "RESULT 4\nFAIL");
    CHECK(talking.take() == Strings{"print FAIL"});
    CHECK(talking.pool().buffer.empty());
}

TEST_CASE("a header counts characters, or bytes when that is asked for") {
    Event event{.serial = 7, .pool_serial = 3, .type = Type::process_log_stdout};
    event.payload = "type:t\né€";
    CHECK(envelope(event, "supervisor", "mails", Length::characters) ==
          "ver:3.0 server:supervisor serial:7 pool:mails poolserial:3 "
          "eventname:PROCESS_LOG_STDOUT len:9\ntype:t\né€");
    CHECK(envelope(event, "supervisor", "mails", Length::bytes) ==
          "ver:3.0 server:supervisor serial:7 pool:mails poolserial:3 "
          "eventname:PROCESS_LOG_STDOUT len:12\ntype:t\né€");
}

TEST_CASE("a parent type subscribes to all below it, and each leaf has its own name") {
    CHECK(events::mask_of("TICK") ==
          (events::bit(Type::tick_5) | events::bit(Type::tick_60) | events::bit(Type::tick_3600)));
    CHECK(events::mask_of("REMOTE_COMMUNICATION") == events::bit(Type::remote_communication));
    CHECK(events::mask_of("NO_SUCH") == 0);
    events::Mask all = 0;
    for (int i = 0; i <= static_cast<int>(Type::process_group_removed); ++i) {
        auto type = static_cast<Type>(i);
        CHECK(events::mask_of(events::name(type)) == events::bit(type));
        all |= events::bit(type);
    }
    CHECK(events::mask_of("EVENT") == all);
    for (auto const& each : events::names())
        if (each.name != "EVENT" && each.name.starts_with("PROCESS_STATE"))
            CHECK((each.mask & ~events::mask_of("PROCESS_STATE")) == 0);
}

TEST_CASE("no event is lost or doubled while there is room, whatever the listeners do") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937 random(seed);
        auto pick = [&](unsigned below) { return random() % below; };
        Talking talking(3, 1'000);
        std::map<std::uint64_t, int> done;
        std::uint64_t arrived = 0;
        for (int i = 0; i < 200; ++i) {
            std::uint64_t key = 1 + pick(3);
            auto const& listener = talking.pool().listeners[key - 1];
            auto busy = listener.event ? std::optional(listener.event->serial) : std::nullopt;
            switch (pick(8)) {
            case 0:
            case 1:
                talking.arrive(arrived++);
                break;
            case 2:
                if (!listener.alive) talking.come_up(key);
                break;
            case 3:
                talking.feed(Ended{key});
                break;
            case 4:
                if (busy && listener.heard.empty()) done[*busy] += 1, talking.ok(key);
                break;
            case 5:
                if (busy) talking.fail(key);
                break;
            case 6:
                talking.say(key, pick(2) == 0 ? "rubbish\n" : "RESULT");
                break;
            case 7:
                talking.run_for(Duration(pick(2'000)));
                break;
            }
        }
        std::map<std::uint64_t, int> held = done;
        for (auto const& event : talking.pool().buffer) held[event.serial] += 1;
        for (auto const& listener : talking.pool().listeners)
            if (listener.event) held[listener.event->serial] += 1;
        for (std::uint64_t serial = 0; serial < arrived; ++serial) CHECK(held[serial] == 1);
        CHECK(talking.take_logged().size() < 1'000);
    }
}
