// core/expect_test.cc: when something is late, what is said of it, and when it is over.

#include "core/expect.h"

#include <doctest/doctest.h>

#include "core/local_time.h"

using namespace lares;
using namespace lares::expect;
using namespace std::chrono_literals;

namespace {

/// Berlin in 2026: winter time, from 29 March 02:00 on summer time, until 25 October.
schedule::Zone berlin() {
    return {.name = "Europe/Berlin",
            .first_offset = 3600,
            .transitions = {{1'774'746'000, 7200}, {1'792'890'000, 3600}}};
}

/// Monday, 2 March 2026, 00:00 in Berlin.
constexpr WallTime monday{std::chrono::seconds(1'772'406'000)};

/// A rule under watch, and what it said last.
struct Watch {
    Rule rule;
    State state;
    WallTime now = monday;
    std::optional<WallTime> look_at;

    explicit Watch(Rule given) : rule(std::move(given)) { tell(Happening::Kind::began); }

    std::string tell(Happening happening) {
        happening.at = now;
        // What is kept between two steps is kept as text.
        auto kept = read(write(state));
        if (state.is_watching) REQUIRE(kept == state);
        auto [next, told, at] = step(rule, berlin(), state, happening);
        state = next;
        look_at = at;
        std::string words;
        for (Told const& one : told) words += (words.empty() ? "" : "; ") + one.words;
        return words;
    }
    std::string tell(Happening::Kind kind, std::string file = "") {
        return tell({.kind = kind, .file = std::move(file)});
    }
    std::string success() { return tell(Happening::Kind::success); }
    /// Looks when it asked for it, until `time` has passed.
    std::string run_for(Duration time) {
        WallTime until = now + time;
        std::string words;
        while (look_at && *look_at <= until) {
            REQUIRE(*look_at > now);
            now = *look_at;
            auto more = tell(Happening::Kind::look);
            words += (words.empty() || more.empty() ? "" : "; ") + more;
        }
        now = until;
        return words;
    }
};

Rule by(int hour, int count = 1) {
    return {
        .kind = Rule::Kind::by, .subject = "task 'report'", .by_minute = hour * 60, .count = count};
}

}  // namespace

TEST_CASE("no success by the time of day is late once, and a success afterwards is told") {
    Watch watch(by(6));
    CHECK(watch.look_at == monday + 6h);
    CHECK(watch.run_for(6h - 1ms) == "");
    CHECK(watch.run_for(1ms) == "no success of task 'report' by 06:00");
    CHECK(watch.state.late_since == monday + 6h);
    CHECK(watch.run_for(40min) == "");
    CHECK(watch.success() == "succeeded, 40 min late");
    CHECK_FALSE(watch.state.is_late);
    CHECK(watch.success() == "");
}

TEST_CASE("a success before the time of day satisfies it, for that day only") {
    Watch watch(by(6));
    watch.run_for(5h);
    CHECK(watch.success() == "");
    CHECK(watch.run_for(24h) == "");
    CHECK(watch.run_for(1h) == "no success of task 'report' by 06:00");
    CHECK(watch.run_for(24h) == "no success of task 'report' by 06:00");
    CHECK(watch.state.late_since == monday + 30h);
}

TEST_CASE("only the days that are named are expected, in local time, also when the clocks change") {
    Rule rule = by(3);
    rule.weekdays = 1 << 0;  // Sundays
    Watch watch(rule);
    CHECK(watch.look_at == monday + 6 * 24h + 3h);
    CHECK(watch.run_for(21 * 24h) != "");
    // On Sunday, 29 March there is no 02:00 to 03:00.
    CHECK(watch.look_at == monday + 27 * 24h + 2h);
}

TEST_CASE("what began to be watched after the time of day is not judged for that day") {
    Rule rule = by(6);
    Watch watch(rule);
    watch.now = monday + 7h;
    watch.state = {};
    CHECK(watch.tell(Happening::Kind::began) == "");
    CHECK(watch.run_for(20h) == "");
    CHECK(watch.run_for(4h) == "no success of task 'report' by 06:00");
}

TEST_CASE("at least so many are counted; midnight is judged by the day that ends") {
    Watch watch(by(24, 3));
    watch.run_for(10h);
    watch.success();
    watch.success();
    CHECK(watch.run_for(13h + 59min) == "");
    CHECK(watch.run_for(1min) == "2 of 3 successes of task 'report' by 24:00");
    for (int i = 0; i < 2; i++) CHECK(watch.success() == "");
    CHECK(watch.success() == "succeeded, 0 s late");
}

TEST_CASE("files are counted for a folder, those that match") {
    Watch watch({.kind = Rule::Kind::files,
                 .subject = "folder 'in'",
                 .by_minute = 360,
                 .pattern = "*.pdf",
                 .count = 2});
    for (auto name : {"a.pdf", "b.txt"}) watch.tell(Happening::Kind::file, name);
    watch.success();
    CHECK(watch.run_for(6h) == "1 of 2 files in folder 'in', '*.pdf' by 06:00");
    CHECK(watch.tell(Happening::Kind::file, "c.pdf") == "the file came, 0 s late");
}

TEST_CASE("what is expected every hour is late an hour after the last") {
    Watch watch({.kind = Rule::Kind::every, .subject = "task 'sync'", .span = 1h});
    watch.run_for(5h - 1min);
    watch.state = {};
    watch.now = monday + 5h;
    watch.tell(Happening::Kind::began);
    CHECK(watch.run_for(30min) == "");
    watch.success();
    CHECK(watch.run_for(59min) == "");
    CHECK(watch.run_for(1min) ==
          "nothing since 05:30 of task 'sync', expected a success every 60 min");
    CHECK(watch.run_for(48h) == "");
    CHECK(watch.success() == "succeeded, 2 days late");
    CHECK(watch.run_for(1h) ==
          "nothing since 06:30 of task 'sync', expected a success every 60 min");
}

TEST_CASE("a file that came is late when no success followed in time") {
    Watch watch({.kind = Rule::Kind::within_of_file,
                 .subject = "task 'print'",
                 .span = 10min,
                 .pattern = "*.pdf"});
    CHECK_FALSE(watch.look_at);
    watch.tell(Happening::Kind::file, "a.txt");
    CHECK_FALSE(watch.look_at);
    watch.tell(Happening::Kind::file, "a.pdf");
    watch.run_for(5min);
    watch.tell(Happening::Kind::file, "b.pdf");
    CHECK(watch.tell({.kind = Happening::Kind::success, .file = "b.pdf"}) == "");
    // A run that had begun before the file came does not serve it.
    CHECK(watch.tell({.kind = Happening::Kind::success, .run_began = monday - 1s}) == "");
    CHECK(watch.run_for(5min) ==
          "file 'a.pdf' arrived 10 min ago and no success of task 'print' followed");
    watch.tell(Happening::Kind::file, "c.pdf");
    CHECK(watch.run_for(10min) == "");
    CHECK(watch.tell({.kind = Happening::Kind::success, .file = "a.pdf"}) == "");
    CHECK(watch.success() == "succeeded, 10 min late");
}

TEST_CASE("a program that says nothing is late; while it is down, nothing is") {
    Watch watch({.kind = Rule::Kind::output, .subject = "program 'web'", .span = 10min});
    watch.tell(Happening::Kind::output);
    watch.run_for(5min);
    watch.tell(Happening::Kind::ceased);
    CHECK(watch.run_for(5h) == "");
    watch.tell(Happening::Kind::began);
    CHECK(watch.run_for(9min) == "");
    CHECK(watch.run_for(1min) ==
          "nothing since 05:05 of program 'web', expected output within 10 min");
    CHECK(watch.tell(Happening::Kind::output) == "has output again, 0 s late");
}

TEST_CASE("of a program, every and by count its output, and no successes") {
    Watch every(
        {.kind = Rule::Kind::every, .subject = "program 'web'", .span = 1h, .counts_output = true});
    CHECK(every.run_for(59min) == "");
    CHECK(every.success() == "");
    CHECK(every.run_for(2min).find("of program 'web', expected output every 60 min") !=
          std::string::npos);
    CHECK(every.tell(Happening::Kind::output).starts_with("has output again"));
    Watch by({.kind = Rule::Kind::by,
              .subject = "program 'web'",
              .by_minute = 360,
              .counts_output = true});
    CHECK(by.success() == "");
    CHECK(by.run_for(7h) == "no output of program 'web' by 06:00");
    CHECK(by.tell(Happening::Kind::output).starts_with("has output again"));
    CHECK(by.run_for(16h) == "");
    by.tell(Happening::Kind::output);
}

TEST_CASE("output without a span: a run that succeeds without any is late") {
    Watch watch({.kind = Rule::Kind::output, .subject = "task 'export'"});
    watch.tell(Happening::Kind::output);
    CHECK(watch.success() == "");
    CHECK(watch.success() == "a run of task 'export' had no output");
    CHECK(watch.success() == "");
    watch.tell(Happening::Kind::output);
    CHECK(watch.success() == "has output again, 0 s late");
}

TEST_CASE("what happens during maintenance counts, what does not is not late") {
    Watch watch(by(6));
    watch.run_for(5h);
    watch.tell(Happening::Kind::ceased);
    watch.run_for(10min);
    watch.success();
    watch.tell(Happening::Kind::began);
    CHECK(watch.run_for(24h) == "");
    watch.tell(Happening::Kind::ceased);
    watch.run_for(24h);
    watch.tell(Happening::Kind::began);
    CHECK(watch.run_for(1min) == "");
}

TEST_CASE("a clock that is set back a year does not silence an expectation") {
    Watch watch({.kind = Rule::Kind::every, .subject = "task 'sync'", .span = 1h});
    watch.success();
    watch.now = monday - 365 * 24h;
    CHECK(watch.tell(Happening::Kind::look) == "");
    CHECK(watch.run_for(1h) != "");

    Watch daily(by(6));
    daily.run_for(7h);
    daily.now = monday - 365 * 24h;
    daily.tell(Happening::Kind::look);
    CHECK(daily.run_for(48h) != "");
}

TEST_CASE("files that nobody serves are remembered only so many") {
    Watch watch({.kind = Rule::Kind::within_of_file, .subject = "task 'print'", .span = 10min});
    watch.tell(Happening::Kind::file, "line\nbreak = \\");
    for (int i = 0; i < 1'200; i++)
        watch.state = step(watch.rule, berlin(), watch.state,
                           {.kind = Happening::Kind::file, .at = watch.now, .file = "x"})
                          .state;
    CHECK(watch.state.files.size() == 1'000);
    CHECK(watch.run_for(10min).starts_with("file 'line"));
}

TEST_CASE("a record of nonsense is an empty state") {
    CHECK(read("") == State{});
    CHECK(read("watching=yes\nfile=") == State{});
    CHECK(read("watching=1\ncount=-5\nfile=x\nfile_at=zz").count == 0);
}

TEST_CASE("local time is shown with its date when it is another day's") {
    CHECK(clock_words(berlin(), monday + 6h + 5min, monday + 23h) == "06:05");
    CHECK(clock_words(berlin(), monday - 1min, monday) == "2026-03-01 23:59");
    CHECK(clock_words(berlin(), WallTime(-1h), monday) == "1970-01-01 00:00");
    CHECK(minute_words(1440) == "24:00");
    CHECK(local_day(berlin(), WallTime(-2h)) == -1);
}
