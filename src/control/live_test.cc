// control/live_test.cc: live events with a wire that is as slow as a test wants.

#include "control/live.h"

#include <doctest/doctest.h>

#include "control/metrics_text.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

struct Stage : Office {
    Instant now{Duration(1'000'000)};

    void turn(int ms = 100) {
        now += Duration(ms);
        open().end_turn(now);
        house.scripted_logs.deliver();
        open().end_turn(now);
    }
    void drain(ports::RequestId id) { open().on(ports::StreamDrained{id}); }
    ports::RequestId look(std::string topics, std::string more = {}) {
        auto id = send("GET", "/api/v1/stream?topics=" + topics + more);
        turn();
        return id;
    }
    std::string& told(ports::RequestId id) { return wire.streams[id]; }
    /// Takes what is there, and turns until nothing more comes.
    std::string all(ports::RequestId id) {
        for (int i = 0; i < 20; ++i) {
            drain(id);
            turn();
        }
        return std::exchange(wire.streams[id], {});
    }
    std::size_t count(std::string const& text, std::string_view part) {
        std::size_t found = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
        return found;
    }
};

}  // namespace

TEST_CASE("of several changes a viewer who was busy is told the last") {
    Stage stage;
    auto& web = stage.house.add_running("web", "web");
    auto id = stage.look("programs");
    CHECK(stage.told(id).find("event: hello") != std::string::npos);
    CHECK(stage.told(id).find("event: program") == std::string::npos);
    for (auto state :
         {supervise::State::stopping, supervise::State::stopped, supervise::State::starting}) {
        web.state = state;
        stage.open().programs_changed();
        stage.turn();
    }
    stage.told(id).clear();
    auto text = stage.all(id);
    CHECK(stage.count(text, "event: program\n") == 1);
    CHECK(text.find("\"statename\":\"STARTING\"") != std::string::npos);
    CHECK(text.find("event: gap") == std::string::npos);
}

TEST_CASE("one who comes later is told what changes from then on") {
    Stage stage;
    auto& web = stage.house.add_running("web", "web");
    (void)stage.look("programs");
    auto second = stage.look("programs");
    web.state = supervise::State::fatal;
    stage.open().programs_changed();
    CHECK(stage.count(stage.all(second), "event: program\n") == 1);
    stage.house.processes.clear();
    stage.open().programs_changed();
    CHECK(
        stage.all(second).find("event: program-gone\ndata: {\"name\":\"web\",\"group\":\"web\"}") !=
        std::string::npos);
}

TEST_CASE("the first job that ever runs is told, and its end") {
    Stage stage;
    auto id = stage.look("jobs");
    (void)stage.all(id);
    stage.house.scripted_work.runs_now.push_back({.id = 7, .task = "t", .run = 9});
    CHECK(stage.all(id).find("event: running\ndata: {\"job\":7") != std::string::npos);
    stage.house.scripted_work.runs_now.clear();
    CHECK(stage.all(id).find("event: run-over\ndata: {\"job\":7,\"run\":9}") != std::string::npos);
}

TEST_CASE("an event is told once it is on the disk, and not before") {
    Stage stage;
    auto id = stage.look("events");
    ports::EventRow row{.id = 812, .kind = "job.done", .subject = "job/1"};
    stage.open().event_seen(row);
    CHECK(stage.all(id).find("event: journal") == std::string::npos);
    stage.house.scripted_work.memory.events.push_back(row);
    auto text = stage.all(id);
    CHECK(stage.count(text, "id: 812\nevent: journal\n") == 1);
    CHECK(stage.all(id).find("journal") == std::string::npos);
}

TEST_CASE("who comes back gets what he missed, and then what is new, each once") {
    Stage stage;
    auto& events = stage.house.scripted_work.memory.events;
    for (std::uint64_t i = 1; i <= 1'234; ++i)
        events.push_back({.id = i, .kind = "x", .subject = "s"});
    auto id = stage.look("events", "&from=234");
    auto text = stage.all(id);
    CHECK(stage.count(text, "event: journal\n") == 1'000);
    CHECK(text.find("id: 235\n") != std::string::npos);
    events.push_back({.id = 1'235, .kind = "x", .subject = "s"});
    stage.open().event_seen(events.back());
    CHECK(stage.count(stage.all(id), "event: journal\n") == 1);
}

TEST_CASE("a log is read once for all who follow it") {
    Stage stage;
    stage.house.add_running("web", "web");
    auto& file = stage.house.scripted_logs.files["/log/web.out"];
    file.bytes = "old\n";
    std::vector<ports::RequestId> viewers;
    for (int i = 0; i < 10; ++i) viewers.push_back(stage.look("log:web"));
    for (auto id : viewers) {
        CHECK(stage.all(id).find("\"text\":\"old\\n\"") != std::string::npos);
        stage.drain(id);
    }
    auto before = stage.house.scripted_logs.reads;
    file.bytes += "new\n";
    stage.house.scripted_logs.grow(ports::ChannelId(10));
    stage.turn();
    stage.turn();
    CHECK(stage.house.scripted_logs.reads - before <= 3);
    for (auto id : viewers) CHECK(stage.count(stage.all(id), "\"text\":\"new\\n\"") == 1);
}

TEST_CASE("a log that grows faster than it is told is left out in part, with a word") {
    Stage stage;
    stage.house.add_running("web", "web");
    auto& file = stage.house.scripted_logs.files["/log/web.out"];
    auto id = stage.look("log:web");
    (void)stage.all(id);
    file.bytes = std::string(1'000'000, 'x');
    stage.house.scripted_logs.grow(ports::ChannelId(10));
    auto text = stage.all(id);
    CHECK(text.size() < 200'000);
    CHECK(text.find("event: gap\ndata: {\"topic\":\"log:web\",\"skipped\":") != std::string::npos);
    CHECK(text.find("\"offset\":1000000}") != std::string::npos);
}

TEST_CASE("many viewers are told in several turns of the loop, everyone in his") {
    Stage stage;
    stage.house.add_running("web", "web");
    auto& file = stage.house.scripted_logs.files["/log/web.out"];
    std::vector<ports::RequestId> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(stage.send("GET", "/api/v1/stream?topics=log:web"));
    for (int i = 0; i < 20; ++i) {
        for (auto const id : ids) stage.drain(id);
        stage.turn();
    }
    for (auto const id : ids) stage.told(id).clear();
    file.bytes += std::string(20'000, 'x');
    stage.house.scripted_logs.grow(ports::ChannelId(10));
    stage.now += Duration(100);
    stage.open().end_turn(stage.now);
    stage.house.scripted_logs.deliver();
    std::size_t turns = 0, told = 0;
    do {
        std::size_t bytes = 0;
        stage.open().end_turn(stage.now);
        for (auto const id : ids) bytes += stage.told(id).size();
        CHECK(bytes - told <= 300'000);  // a quarter of a megabyte, and the piece that exceeds it
        CHECK(bytes > told);
        told = bytes;
        ++turns;
    } while (stage.open().deadline() == stage.now && turns < 100);
    CHECK(turns >= 7);
    for (auto const id : ids) CHECK(stage.told(id).size() > 20'000);
}

TEST_CASE("a log that is cut or changed for another is followed from its start") {
    Stage stage;
    stage.house.add_running("web", "web");
    auto& file = stage.house.scripted_logs.files["/log/web.out"];
    file.bytes = "before\n";
    auto id = stage.look("log:web");
    (void)stage.all(id);
    file = {.bytes = "after\n", .inode = 2};
    stage.house.scripted_logs.grow(ports::ChannelId(10));
    CHECK(stage.all(id).find("\"text\":\"after\\n\",\"offset\":6") != std::string::npos);
}

TEST_CASE("a viewer who takes nothing for a minute is let go, and costs no more than his share") {
    Stage stage;
    stage.house.add_running("web", "web");
    auto& file = stage.house.scripted_logs.files["/log/web.out"];
    auto id = stage.look("log:web");
    for (int i = 0; i < 1'000; ++i) {
        file.bytes += std::string(10'000, 'x');
        stage.house.scripted_logs.grow(ports::ChannelId(10));
        stage.turn(50);
        if (!stage.wire.streams.contains(id)) break;
        REQUIRE(stage.wire.streams[id].size() < 2 * viewer_bytes);
    }
    for (int i = 0; i < 10; ++i) stage.turn(10'000);
    CHECK_FALSE(stage.wire.streams.contains(id));
}

TEST_CASE("without a viewer nothing is looked at and nobody is woken") {
    Stage stage;
    stage.turn();
    CHECK_FALSE(stage.open().deadline());
    auto id = stage.look("programs,tasks,events");
    CHECK(stage.open().deadline());
    stage.hang_up(id);
    stage.turn();
    CHECK_FALSE(stage.open().deadline());
}

TEST_CASE("a viewer who comes after a long sleep is no stalled one, and hears of the next event") {
    Stage stage;
    stage.turn();
    stage.now += Duration(3'600'000);
    auto id = stage.look("events");
    CHECK(stage.wire.streams.contains(id));
    (void)stage.all(id);
    ports::EventRow row{.id = 5, .kind = "x", .subject = "s"};
    stage.house.scripted_work.memory.events.push_back(row);
    stage.now += Duration(14'000);  // nothing happened for so long
    stage.open().event_seen(row);
    CHECK(stage.all(id).find("id: 5\n") != std::string::npos);
}

TEST_CASE("an idle viewer gets a comment now and then, and nothing else") {
    Stage stage;
    auto id = stage.look("programs");
    stage.drain(id);
    stage.told(id).clear();
    stage.turn(16'000);
    CHECK(stage.told(id) == ":\n\n");
}

TEST_CASE("topics that are none are refused by name") {
    Stage stage;
    for (std::string topics :
         {"", "nonsense", "run:x", "run:", "log:", "programs,x", "log:web:stderr"}) {
        CAPTURE(topics);
        auto id = stage.send("GET", "/api/v1/stream?topics=" + topics);
        CHECK((stage.status(id) == 400 || stage.status(id) == 404));
    }
    CHECK(stage.status(stage.send("GET", "/api/v1/stream?topics=programs&from=x")) == 400);
}

TEST_CASE("viewers are bounded") {
    Stage stage;
    for (std::size_t i = 0; i < most_viewers; ++i)
        (void)stage.send("GET", "/api/v1/stream?topics=programs");
    CHECK(stage.status(stage.send("GET", "/api/v1/stream?topics=programs")) == 503);
}

TEST_CASE("a thing that comes again after it went is told") {
    Board board;
    auto round = [&](std::vector<std::string> const& keys) {
        board.begin_round();
        for (auto const& key : keys) board.set(key, "p", [&] { return "+" + key; });
        board.end_round([](auto const& key) { return "-" + key; });
    };
    bool missed = false;
    auto tell = [&](std::uint64_t& seen) {
        std::string out;
        seen = board.tell(seen, 1 << 20, out, missed);
        return out;
    };
    std::uint64_t seen = 0;
    round({"a", "b"});
    CHECK(tell(seen) == "+a+b");
    round({"b"});
    CHECK(tell(seen) == "-a");
    round({"a", "b"});
    CHECK(tell(seen) == "+a");
    CHECK(tell(seen).empty());
    std::uint64_t slow = seen;
    for (int i = 0; i < 3'000; ++i) round({std::to_string(i)});
    (void)tell(slow);
    CHECK(missed);
}

TEST_CASE("samples are written with their labels escaped, histograms summed up") {
    MetricsText out;
    out.begin("x", MetricsText::Kind::gauge, "a \\ b\nc");
    out.add({{"name", "a\"b\\c\nd\xff"}}, 1.5);
    out.begin("y", MetricsText::Kind::histogram, "h");
    double const bounds[] = {0.1, 1};
    std::uint64_t const counts[] = {1, 2, 3};
    out.add_histogram({}, bounds, counts, 7);
    CHECK(out.take() ==
          "# HELP x a \\\\ b\\nc\n# TYPE x gauge\nx{name=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 1.5\n"
          "# HELP y h\n# TYPE y histogram\ny_bucket{le=\"0.1\"} 1\ny_bucket{le=\"1\"} 3\n"
          "y_bucket{le=\"+Inf\"} 6\ny_sum 7\ny_count 6\n");
}
