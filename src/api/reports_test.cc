// api/reports_test.cc: answers of a daemon into values.

#include "api/reports.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace lares::api {
namespace {

using text::Array;
using text::Struct;
using text::Value;

Struct full_process() {
    return {{"name", "web_0"},
            {"group", "web"},
            {"program", "website"},
            {"state", 20},
            {"statename", "RUNNING"},
            {"pid", 42},
            {"started", 1000},
            {"stopped", 900},
            {"uptime", 7},
            {"why", "w"},
            {"waits_for", "db"},
            {"ready", true},
            {"restarts", 3},
            {"exitstatus", -1},
            {"signal", 9},
            {"spawnerr", "s"},
            {"stdout_logfile", "/o"},
            {"stderr_logfile", "/e"},
            {"peak_memory", 4096},
            {"cpu_ms", 55},
            {"description", "d"},
            {"needs", Array{"db", "cache"}}};
}

Process const expected = {.group = "web",
                          .name = "web_0",
                          .program = "website",
                          .state = 20,
                          .state_name = "RUNNING",
                          .pid = 42,
                          .started = 1000,
                          .stopped = 900,
                          .uptime_seconds = 7,
                          .why = "w",
                          .waits_for = "db",
                          .ready = true,
                          .restarts = 3,
                          .exit_status = -1,
                          .signal = 9,
                          .spawn_error = "s",
                          .out_log = "/o",
                          .err_log = "/e",
                          .peak_memory_bytes = 4096,
                          .cpu_ms = 55,
                          .description = "d",
                          .needs = {"db", "cache"}};

Process only_process(Struct members) {
    Result<Status> const status =
        read_status(Struct{{"processes", Array{Value(std::move(members))}}});
    REQUIRE(status);
    return status->processes.at(0);
}

TEST_CASE("every member of a process has its field") {
    CHECK(only_process(full_process()) == expected);
}

TEST_CASE("members may come in any order") {
    Struct members = full_process();
    CHECK(only_process(Struct(members.rbegin(), members.rend())) == expected);
    std::rotate(members.begin(), members.begin() + 5, members.end());
    CHECK(only_process(members) == expected);
}

TEST_CASE("a member of a newer daemon is passed over, one of an older is left at its default") {
    Struct members = full_process();
    members.insert(members.begin() + 3, {"brand_new", Array{1, 2}});
    CHECK(only_process(members) == expected);
    CHECK(only_process({{"name", "a"}, {"group", "a"}}) == Process{.group = "a", .name = "a"});
}

TEST_CASE("a member of another type keeps its field's default") {
    Process const process = only_process({{"name", 5}, {"pid", "x"}, {"ready", 1}, {"needs", "a"}});
    CHECK(process == Process{});
}

TEST_CASE("a status tells of the daemon and of patterns that match nothing") {
    Result<Status> const status = read_status(Struct{{"version", "1"},
                                                     {"commit", "c"},
                                                     {"pid", 5},
                                                     {"identifier", "i"},
                                                     {"state", "RUNNING"},
                                                     {"config", "/c"},
                                                     {"started", 9},
                                                     {"processes", Array{}},
                                                     {"unknown", Array{"nope"}}});
    REQUIRE(status);
    CHECK(status->version == "1");
    CHECK(status->commit == "c");
    CHECK(status->pid == 5);
    CHECK(status->identifier == "i");
    CHECK(status->state == "RUNNING");
    CHECK(status->config == "/c");
    CHECK(status->started == 9);
    CHECK(status->unknown == std::vector<std::string>{"nope"});
    CHECK(status->processes.empty());
}

TEST_CASE("what is not of the expected shape is an error that says so") {
    CHECK(read_status("x").error().what == "the server's answer is not a status");
    CHECK_FALSE(read_status(Struct{}));
    CHECK_FALSE(read_status(Struct{{"processes", "x"}}));
    CHECK_FALSE(read_status(Struct{{"processes", Array{"x"}}}));
    CHECK_FALSE(read_outcomes(Struct{}));
    CHECK_FALSE(read_outcomes(Array{1}));
    CHECK_FALSE(read_log_piece(Array{"x", 1}));
    CHECK_FALSE(read_log_piece(Array{"x", "1", true}));
    CHECK_FALSE(read_log_piece(Array{"x", 1, true, 2}));
}

TEST_CASE("outcomes and pieces of logs are read") {
    Result<std::vector<Outcome>> const outcomes = read_outcomes(
        Array{Struct{{"name", "a"}, {"group", "g"}, {"status", 50}, {"description", "X"}}});
    REQUIRE(outcomes);
    CHECK(outcomes->at(0).full_name() == "g:a");
    CHECK(outcomes->at(0).status == 50);
    CHECK(outcomes->at(0).description == "X");
    Result<LogPiece> const piece = read_log_piece(Array{"bytes", 77, true});
    REQUIRE(piece);
    CHECK(piece->text == "bytes");
    CHECK(piece->size == 77);
    CHECK(piece->cut);
}

TEST_CASE("an outcome without a group is called by its name") {
    CHECK(Outcome{.name = "w*"}.full_name() == "w*");
    CHECK(Outcome{.name = "web", .group = "web"}.full_name() == "web");
}

TEST_CASE("a fault is told in a person's words, with what it adds") {
    CHECK(error_of({10, "BAD_NAME: nope"}).what == "no such process: nope");
    CHECK(error_of({10, "BAD_NAME: nope"}).kind == Error::Kind::not_found);
    CHECK(error_of({6, "SHUTDOWN_STATE"}).what == "the daemon is shutting down");
    CHECK(error_of({6, "SHUTDOWN_STATE"}).kind == Error::Kind::conflict);
    CHECK(error_of({1, "UNKNOWN_METHOD"}).kind == Error::Kind::invalid);
    CHECK(error_of({777, "NEW: thing"}).what == "NEW: thing");
}

TEST_CASE("only the name of a fault is cut off its words") {
    CHECK(extra_words("NO_FILE: can't find command 'a: b'") == "can't find command 'a: b'");
    CHECK(extra_words("NO_FILE").empty());
    CHECK(extra_words("can't: do").empty());
    CHECK(extra_words("").empty());
}

}  // namespace
}  // namespace lares::api
