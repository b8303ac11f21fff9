// core/moment_test.cc: the last word before a moment holds, and nothing after it.

#include "core/moment.h"

#include <doctest/doctest.h>

#include "core/run_diff.h"

using namespace lares;
using namespace lares::moment;

namespace {

WallTime time(int seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

struct Book {
    Facts facts;
    job::Id last = 0;

    void write(int seconds, std::string kind, std::string subject, std::string data = {}) {
        facts.events.push_back({.id = ++last,
                                .at = time(seconds),
                                .kind = std::move(kind),
                                .subject = std::move(subject),
                                .data = std::move(data)});
    }
    Picture see(int seconds) const { return at(facts, time(seconds)); }
};

}  // namespace

TEST_CASE("a program's state is the last one told before the moment") {
    Book book;
    book.write(0, "program.state", "program/web:web", R"({"to":"STARTING"})");
    book.write(5, "program.state", "program/web:web", R"({"to":"RUNNING"})");
    book.write(9, "program.state", "program/web:web", R"({"to":"FATAL"})");
    CHECK(book.see(4).programs[0].state == "STARTING");
    CHECK(book.see(5).programs[0].state == "RUNNING");
    CHECK(book.see(8).programs[0].since == time(5));
    CHECK(book.see(100).programs[0].state == "FATAL");
    CHECK(book.see(-1).programs.empty());
    CHECK(book.see(5).programs[0].name == "web:web");
}

TEST_CASE("when the clock was set back, the order of the numbers holds") {
    Book book;
    book.write(50, "program.state", "program/a:a", R"({"to":"RUNNING"})");
    book.write(10, "program.state", "program/a:a", R"({"to":"STOPPED"})");
    CHECK(book.see(60).programs[0].state == "STOPPED");
}

TEST_CASE("what began and was not over is a condition") {
    Book book;
    book.write(1, "task.paused", "task/a");
    book.write(2, "task.paused", "task/b");
    book.write(3, "task.resumed", "task/a");
    book.write(4, "maintenance.begin", "maintenance");
    book.write(6, "maintenance.end", "maintenance");
    book.write(7, "store.trouble", "store");
    auto kinds = [&](int seconds) {
        std::string text;
        for (auto const& each : book.see(seconds).conditions)
            text += each.kind + " " + each.subject + ";";
        return text;
    };
    CHECK(kinds(1) == "task.paused task/a;");
    CHECK(kinds(2) == "task.paused task/a;task.paused task/b;");
    CHECK(kinds(5) == "task.paused task/b;maintenance.begin maintenance;");
    CHECK(kinds(9) == "task.paused task/b;store.trouble store;");
}

TEST_CASE("the configuration and the daemon are those of then") {
    Book book;
    book.write(0, "daemon.start", "daemon");
    book.write(1, "config.applied", "config", R"({"revision":7})");
    book.write(9, "config.applied", "config", R"({"revision":8})");
    book.write(20, "daemon.end", "daemon");
    CHECK(book.see(5).revision == "7");
    CHECK(book.see(9).revision == "8");
    CHECK(book.see(0).revision == "");
    CHECK(book.see(15).daemon_was_up);
    CHECK_FALSE(book.see(25).daemon_was_up);
    CHECK(book.see(15).daemon_since == time(0));
}

TEST_CASE("jobs that were there are told, and whether they ran") {
    Book book;
    job::Job done{.id = 5, .task = "r", .created = time(0), .ended = time(10)};
    done.state = job::State::done;
    job::Job waiting{.id = 6, .task = "r", .created = time(4)};
    book.facts.jobs = {waiting, done};
    book.facts.runs = {{.run = 9, .job = 5, .started = time(2), .ended = time(6)}};
    auto told = [&](int seconds) {
        std::string text;
        for (auto const& job : book.see(seconds).jobs)
            text += std::to_string(job.id) + (job.is_running ? "r" : "w");
        return text;
    };
    CHECK(told(-1) == "");
    CHECK(told(0) == "5w");
    CHECK(told(2) == "5r");
    CHECK(told(5) == "5r6w");
    CHECK(told(6) == "5w6w");
    CHECK(told(9) == "5w6w");
    CHECK(told(10) == "6w");
    book.facts.runs[0].ended = {};
    CHECK(told(9) == "5r6w");
}

TEST_CASE("two runs differ in what was run, in the environment, and in how it went") {
    journal::RunRow before{.run = 1, .command = "[\"a\"]", .environment = "A=1\nB=x=y\nC=\n"};
    CHECK(journal::differences(before, before).empty());
    auto after = before;
    after.run = 2;
    CHECK(journal::differences(before, after).empty());
    after.command = "[\"b\"]";
    after.user = "www";
    after.revision = 3;
    after.environment = "A=2\nC=\nD=4";
    after.signal = 9;
    after.wall = Duration(90'000);
    std::string text;
    for (auto const& line : journal::print(journal::differences(before, after)))
        text += line + "\n";
    CHECK(text ==
          "what was run\n  command: [\"a\"] -> [\"b\"]\n  user: (none) -> www\n"
          "  configuration revision: 0 -> 3\nenvironment\n  A: 1 -> 2\n  B: x=y -> (none)\n"
          "  D: (none) -> 4\nhow it went\n  signal: 0 -> 9\n  wall time: 0 s -> 90 s\n");
}
