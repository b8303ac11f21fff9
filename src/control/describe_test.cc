// control/describe_test.cc: the words about processes that clients parse.

#include "control/describe.h"

#include <doctest/doctest.h>

#include <regex>

using namespace lares;
using namespace lares::control;
using namespace std::chrono_literals;
using supervise::State;

namespace {

WallTime at(int year, unsigned month, unsigned day, Duration clock) {
    using namespace std::chrono;
    return sys_days(std::chrono::year(year) / int(month) / int(day)) + clock;
}

int utc(WallTime) { return 0; }

ProcessInfo process(State state) {
    ProcessInfo info;
    info.group = "g";
    info.name = "web";
    info.state = state;
    return info;
}

WallTime const now = WallTime(1'700'000'000s);

}  // namespace

TEST_CASE("an uptime reads as Python prints a timedelta") {
    CHECK(print_uptime(0s) == "0:00:00");
    CHECK(print_uptime(59'999ms) == "0:00:59");
    CHECK(print_uptime(1h + 2min + 3s) == "1:02:03");
    CHECK(print_uptime(23h + 59min + 59s) == "23:59:59");
    CHECK(print_uptime(26h + 3min + 4s) == "1 day, 2:03:04");
    CHECK(print_uptime(12 * 24h + 9s) == "12 days, 0:00:09");
    CHECK(print_uptime(-5s) == "0:00:00");
}

TEST_CASE("a stop time reads as '%b %d %I:%M %p'") {
    CHECK(print_stop_time(at(2025, 11, 22, 5h + 44min + 59s)) == "Nov 22 05:44 AM");
    CHECK(print_stop_time(at(2025, 1, 2, 0h)) == "Jan 02 12:00 AM");
    CHECK(print_stop_time(at(2025, 2, 28, 12h + 5min)) == "Feb 28 12:05 PM");
    CHECK(print_stop_time(at(2024, 2, 29, 23h + 59min)) == "Feb 29 11:59 PM");
    CHECK(print_stop_time(WallTime(-1s)) == "Dec 31 11:59 PM");
}

TEST_CASE("case 49, process-info-shape: a running process tells its pid and uptime") {
    auto info = process(State::running);
    info.pid = 4711;
    info.started = now - 26h - 900ms;
    auto words = describe(info, now, utc);
    CHECK(words == "pid 4711, uptime 1 day, 2:00:01");  // counted between whole seconds
    CHECK(std::regex_match(words, std::regex(R"(^pid \d+, uptime (\d+ days?, )?\d+:\d\d:\d\d$)")));
}

TEST_CASE("a failing process tells its spawn error, or where to look") {
    for (auto state : {State::fatal, State::backoff}) {
        auto info = process(state);
        CHECK(describe(info, now, utc) == "unknown error (try \"tail web\")");
        info.spawn_error = "can't find command 'x'";
        CHECK(describe(info, now, utc) == "can't find command 'x'");
    }
}

TEST_CASE("a process at rest tells when it stopped, in local time, or that it never started") {
    for (auto state : {State::stopped, State::exited}) {
        auto info = process(state);
        info.stopped = at(2025, 11, 22, 22h + 44min);
        CHECK(describe(info, now, utc) == "Not started");
        info.started = now;
        CHECK(describe(info, now, utc) == "Nov 22 10:44 PM");
        CHECK(describe(info, now, [](WallTime) { return 7200; }) == "Nov 23 12:44 AM");
    }
}

TEST_CASE("a process on its way tells nothing") {
    CHECK(describe(process(State::starting), now, utc).empty());
    CHECK(describe(process(State::stopping), now, utc).empty());
}

TEST_CASE("case 49, process-info-shape: exactly 14 members in supervisord's order") {
    auto info = process(State::exited);
    info.started = now - 10s;
    info.stopped = now - 4s + 700ms;
    info.exit_status = -1;
    info.spawn_error = "bad";
    info.out_log = "/log/out";
    info.err_log = "/log/err";
    CHECK(
        text::to_json(process_info(info, now, utc)) ==
        R"({"name":"web","group":"g","start":1699999990,)"
        R"("stop":1699999996,"now":1700000000,"state":100,"statename":"EXITED",)"
        R"("spawnerr":"bad","exitstatus":-1,"logfile":"/log/out",)"
        R"("stdout_logfile":"/log/out","stderr_logfile":"/log/err","pid":0,"description":"Nov 14 10:13 PM"})");
}

TEST_CASE("case 49, process-info-shape: numbers are ints, all else is strings") {
    auto value = process_info(process(State::stopped), now, utc);
    for (auto const& [key, member] : *value.members()) {
        bool number = key == "start" || key == "stop" || key == "now" || key == "state" ||
                      key == "exitstatus" || key == "pid";
        CHECK_MESSAGE((number ? member.integer() != nullptr : member.text() != nullptr), key);
    }
}

TEST_CASE("our own status tells what supervisord has no member for") {
    auto info = process(State::starting);
    info.pid = 12;
    info.started = now - 90s;
    info.program = "page";
    info.why = "start asked";
    info.waits_for = "db (FATAL)";
    info.ready = true;
    info.restarts = 3;
    info.last_signal = 9;
    info.peak_memory_bytes = std::int64_t(5) << 30;
    info.cpu = 1500ms;
    info.needs = {"db", "cache"};
    CHECK(text::to_json(process_status(info, now, utc, status_members({}))) ==
          R"({"name":"web","group":"g","program":"page","state":10,"statename":"STARTING",)"
          R"("pid":12,"started":1699999910,"stopped":0,"uptime":90,"why":"start asked",)"
          R"x("waits_for":"db (FATAL)","ready":true,"restarts":3,"exitstatus":0,"signal":9,)x"
          R"("spawnerr":"","stdout_logfile":"","stderr_logfile":"","peak_memory":5368709120,)"
          R"("cpu_ms":1500,"description":"","needs":["db","cache"]})");
}

TEST_CASE("a process that is down has no uptime") {
    auto info = process(State::exited);
    info.started = now - 90s;
    CHECK(*process_status(info, now, utc, status_members({})).find("uptime")->integer() == 0);
}

TEST_CASE("a clock set back gives no negative uptime") {
    auto info = process(State::running);
    info.pid = 1;
    info.started = now + 1h;
    CHECK(describe(info, now, utc) == "pid 1, uptime 0:00:00");
}

TEST_CASE("a status holds only the members asked for, in its own order, unknown ones ignored") {
    ProcessInfo info;
    info.name = "web";
    std::vector<std::string> wanted{"pid", "name", "colour"};
    CHECK(text::to_json(process_status(
              info, WallTime{}, [](WallTime) { return 0; }, status_members(wanted))) ==
          R"({"name":"web","pid":0})");
}
