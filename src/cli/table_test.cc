// cli/table_test.cc: how processes look as lines.

#include "cli/table.h"

#include <doctest/doctest.h>

namespace lares::cli {
namespace {

api::Process process(std::string name, std::string state) {
    return {.group = name, .name = name, .state_name = std::move(state)};
}

TEST_CASE("an uptime is shown as hours, minutes and seconds, with days before them") {
    CHECK(print_uptime(0) == "0:00:00");
    CHECK(print_uptime(8) == "0:00:08");
    CHECK(print_uptime(3725) == "1:02:05");
    CHECK(print_uptime(86399) == "23:59:59");
    CHECK(print_uptime(86400) == "1d 0:00:00");
    CHECK(print_uptime(12 * 86400 + 9) == "12d 0:00:09");
    CHECK(print_uptime(-5) == "0:00:00");
}

TEST_CASE("columns are as wide as their content, numbers stand right, lines end without spaces") {
    std::vector<api::Process> list = {process("web", "RUNNING"), process("a-longer-name", "FATAL")};
    list[0].pid = 42;
    list[0].uptime_seconds = 61;
    list[0].restarts = 12;
    list[1].why = "exited with 1";
    std::vector<std::string> const lines = table_lines(list);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "NAME           STATE    PID  UPTIME   RESTARTS  WHY");
    CHECK(lines[1] == "web            RUNNING   42  0:01:01        12");
    CHECK(lines[2] == "a-longer-name  FATAL      -  -               0  exited with 1");
}

TEST_CASE("a process is called by its name alone when its group has the same name") {
    CHECK(process("web", "RUNNING").full_name() == "web");
    CHECK(api::Process{.group = "g", .name = "web"}.full_name() == "g:web");
}

TEST_CASE(
    "the reason says what is waited for before all else, and what a running program says of "
    "itself") {
    api::Process p = process("web", "STOPPED");
    p.description = "Not started";
    CHECK(reason(p) == "Not started");
    p.spawn_error = "can't find command 'x'";
    CHECK(reason(p) == "can't find command 'x'");
    p.why = "stop asked";
    CHECK(reason(p) == "stop asked");
    p.waits_for = "db (FATAL)";
    CHECK(reason(p) == "waiting for db (FATAL)");
    p = process("web", "RUNNING");
    p.description = "pid 1, uptime 0:00:01";
    CHECK(reason(p).empty());
    p.why = "serving 3 clients";
    CHECK(reason(p) == "serving 3 clients");
}

TEST_CASE("a reason is one line without control characters") {
    api::Process p = process("web", "FATAL");
    p.why = "line one\nline two\x1b[31m";
    CHECK(reason(p) == "line one line two [31m");
}

TEST_CASE("names of other alphabets are counted by characters") {
    CHECK(character_count("büro") == 4);
    std::vector<std::string> const lines = table_lines({process("büro", "RUNNING")});
    CHECK(lines[0].starts_with("NAME  STATE"));
    CHECK(lines[1].starts_with("büro  RUNNING"));
}

TEST_CASE("a line is cut to the window between characters") {
    CHECK(fitted("abcdef", 6) == "abcdef");
    CHECK(fitted("abcdef", 5) == "ab...");
    CHECK(fitted("äöüäöü", 5) == "äö...");
    CHECK(fitted("abcdef", 2) == "..");
    CHECK(fitted("", 0).empty());
}

TEST_CASE("only FATAL, BACKOFF and waiting lines are coloured, and only when colours are wanted") {
    CHECK(coloured("x", process("a", "FATAL"), Colour::yes) == "\x1b[31mx\x1b[0m");
    CHECK(coloured("x", process("a", "BACKOFF"), Colour::yes) == "\x1b[33mx\x1b[0m");
    CHECK(coloured("x", process("a", "RUNNING"), Colour::yes) == "x");
    CHECK(coloured("x", process("a", "FATAL"), Colour::no) == "x");
    api::Process waiting = process("a", "STOPPED");
    waiting.waits_for = "db";
    CHECK(coloured("x", waiting, Colour::yes) == "\x1b[33mx\x1b[0m");
}

TEST_CASE("what is not up yet, or waits, or has failed is unwell; what was stopped is not") {
    for (char const* state : {"FATAL", "BACKOFF", "STARTING"})
        CHECK(is_unwell(process("a", state)));
    for (char const* state : {"RUNNING", "STOPPED", "EXITED", "STOPPING"})
        CHECK_FALSE(is_unwell(process("a", state)));
    api::Process waiting = process("a", "STOPPED");
    waiting.waits_for = "db";
    CHECK(is_unwell(waiting));
}

TEST_CASE("processes are counted by state, in the order of the states' numbers") {
    std::vector<api::Process> list = {process("a", "FATAL"), process("b", "RUNNING"),
                                      process("c", "RUNNING")};
    list[0].state = 200;
    list[1].state = list[2].state = 20;
    CHECK(count_line(list) == "3 processes: 2 RUNNING, 1 FATAL");
    list.resize(1);
    CHECK(count_line(list) == "1 process: 1 FATAL");
    CHECK(count_line({}) == "0 processes");
}

}  // namespace
}  // namespace lares::cli
