// cli/watch_test.cc: pictures that fit a window, and changes as lines.

#include "cli/watch.h"

#include <doctest/doctest.h>

namespace lares::cli {
namespace {

api::Process process(std::string name, std::string state, std::int64_t number = 20) {
    return {.group = name, .name = name, .state = number, .state_name = std::move(state)};
}

api::Status many(int count) {
    api::Status status{.pid = 100, .identifier = "supervisor", .state = "RUNNING"};
    for (int i = 0; i < count; ++i)
        status.processes.push_back(process("p" + std::to_string(i), "RUNNING"));
    return status;
}

constexpr Terminal window{.is_tty = true, .columns = 60, .rows = 10};

TEST_CASE("a picture has a head line, the table's header and every process when they fit") {
    std::vector<std::string> const lines = picture(many(7), "", window, Colour::no);
    REQUIRE(lines.size() == 9);
    CHECK(lines[0] == "supervisor (pid 100) RUNNING: 7 processes: 7 RUNNING");
    CHECK(lines[1].starts_with("NAME  STATE"));
    CHECK(lines[8].starts_with("p6    RUNNING"));
}

TEST_CASE("when processes do not fit, the unwell come first and the rest is counted") {
    api::Status status = many(50);
    status.processes[40] = process("broken", "FATAL", 200);
    std::vector<std::string> const lines = picture(status, "", window, Colour::no);
    REQUIRE(lines.size() == 9);
    CHECK(lines[2].starts_with("broken  FATAL"));
    CHECK(lines[3].starts_with("p0 "));
    CHECK(lines[7].starts_with("p4 "));
    CHECK(lines[8] == "... and 44 more");
}

TEST_CASE("no line of a picture is wider than the window, and colours do not count") {
    api::Status status = many(1);
    status.processes[0] = process("broken", "FATAL", 200);
    status.processes[0].why = std::string(200, 'x');
    std::vector<std::string> const lines = picture(status, "", window, Colour::yes);
    CHECK(lines[2].starts_with("\x1b[31mbroken"));
    CHECK(lines[2].ends_with("...\x1b[0m"));
    CHECK(character_count(lines[2]) == 60 + 5 + 4);
}

TEST_CASE("a picture is at least three lines, and a window of unknown size has 24 of 80") {
    Terminal const tiny{.is_tty = true, .columns = 60, .rows = 1};
    CHECK(picture(many(5), "", tiny, Colour::no).size() == 3);
    Terminal const unknown{.is_tty = true, .columns = 0, .rows = 0};
    std::vector<std::string> const lines = picture(many(50), "", unknown, Colour::no);
    CHECK(lines.size() == 23);
    CHECK(lines[0].starts_with("supervisor (pid 100)"));
}

TEST_CASE("trouble stands in the head line above the last known state") {
    std::vector<std::string> const lines =
        picture(many(1), "connection refused", window, Colour::no);
    CHECK(lines[0] == "lares: connection refused; trying again");
    CHECK(lines[2].starts_with("p0"));
}

TEST_CASE("a redraw goes up by as many lines as were drawn and clears what they leave") {
    CHECK(redraw({"a", "b"}, 0) == "\x1b[2Ka\n\x1b[2Kb\n\x1b[J");
    CHECK(redraw({"a"}, 2) == "\r\x1b[2A\x1b[2Ka\n\x1b[J");
}

TEST_CASE("a change tells the states, the reason and the pid") {
    std::vector<api::Process> before = {process("web", "RUNNING"), process("db", "RUNNING")};
    std::vector<api::Process> after = before;
    after[0] = process("web", "BACKOFF", 30);
    after[0].why = "exited with 1";
    after[1].uptime_seconds = 5;
    std::vector<Change> const found = changes(before, after);
    REQUIRE(found.size() == 1);
    CHECK(found[0].line == "web: RUNNING -> BACKOFF, exited with 1");

    after[0] = process("web", "RUNNING");
    after[0].pid = 12;
    CHECK(changes(before, after).at(0).line == "web: RUNNING -> RUNNING, pid 12");
}

TEST_CASE("a process that comes or goes is a change") {
    std::vector<api::Process> const before = {process("web", "RUNNING")};
    std::vector<api::Process> const after = {process("db", "STARTING", 10)};
    std::vector<Change> const found = changes(before, after);
    REQUIRE(found.size() == 2);
    CHECK(found[0].line == "db: new, STARTING");
    CHECK(found[1].line == "web: removed");
}

TEST_CASE("another reason or one more restart is a change, the same again is none") {
    std::vector<api::Process> const before = {process("web", "STOPPED", 0)};
    CHECK(changes(before, before).empty());
    std::vector<api::Process> after = before;
    after[0].waits_for = "db";
    CHECK(changes(before, after).at(0).line == "web: STOPPED, waiting for db");
    after = before;
    after[0].restarts = 1;
    CHECK(changes(before, after).size() == 1);
}

}  // namespace
}  // namespace lares::cli
