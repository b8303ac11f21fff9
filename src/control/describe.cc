// control/describe.cc: process structs, in the words and the order that clients know.

#include "control/describe.h"

#include <fmt/core.h>

#include <array>
#include <chrono>

namespace lares::control {

namespace {

using supervise::State;
using text::Value;

WallTime whole_seconds(WallTime at) { return std::chrono::floor<std::chrono::seconds>(at); }

/// Of the run that is up; zero when none is, or when the wall clock was set back since.
Duration uptime(ProcessInfo const& info, WallTime now) {
    if (info.pid == 0) return Duration(0);
    auto up = whole_seconds(now) - whole_seconds(info.started);
    return up < Duration(0) ? Duration(0) : up;
}

std::string describe_end(ProcessInfo const& info, LocalOffset const& offset) {
    if (info.started == WallTime{}) return "Not started";
    return print_stop_time(info.stopped + std::chrono::seconds(offset(info.stopped)));
}

}  // namespace

std::string print_uptime(Duration span) {
    using namespace std::chrono;
    auto total = std::max<std::int64_t>(0, floor<std::chrono::seconds>(span).count());
    auto days = total / 86'400;
    auto clock = fmt::format("{}:{:02}:{:02}", total / 3600 % 24, total / 60 % 60, total % 60);
    if (days == 0) return clock;
    return fmt::format("{} day{}, {}", days, days == 1 ? "" : "s", clock);
}

std::string print_stop_time(WallTime local) {
    using namespace std::chrono;
    static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto day = floor<days>(local);
    year_month_day date(day);
    auto minutes = duration_cast<std::chrono::minutes>(local - day).count();
    auto hour = minutes / 60;
    return fmt::format("{} {:02} {:02}:{:02} {}", months[unsigned(date.month()) - 1],
                       unsigned(date.day()), hour % 12 == 0 ? 12 : hour % 12, minutes % 60,
                       hour < 12 ? "AM" : "PM");
}

std::string describe(ProcessInfo const& info, WallTime now, LocalOffset const& offset) {
    switch (info.state) {
    case State::running:
        return fmt::format("pid {}, uptime {}", info.pid, print_uptime(uptime(info, now)));
    case State::fatal:
    case State::backoff:
        if (!info.spawn_error.empty()) return info.spawn_error;
        return fmt::format("unknown error (try \"tail {}\")", info.name);
    case State::stopped:
    case State::exited:
        return describe_end(info, offset);
    case State::starting:
    case State::stopping:
        return {};
    }
    return {};
}

Value process_info(ProcessInfo const& info, WallTime now, LocalOffset const& offset) {
    auto out_log = info.out_log;
    text::Struct members;
    members.reserve(14);
    members.emplace_back("name", info.name);
    members.emplace_back("group", info.group);
    members.emplace_back("description", describe(info, now, offset));
    members.emplace_back("start", seconds(info.started));
    members.emplace_back("stop", seconds(info.stopped));
    members.emplace_back("now", seconds(now));
    members.emplace_back("state", supervise::wire_number(info.state));
    members.emplace_back("statename", supervise::name(info.state));
    members.emplace_back("spawnerr", info.spawn_error);
    members.emplace_back("exitstatus", info.exit_status);
    members.emplace_back("logfile", out_log);
    members.emplace_back("stdout_logfile", std::move(out_log));
    members.emplace_back("stderr_logfile", info.err_log);
    members.emplace_back("pid", info.pid);
    return members;
}

Value process_status(ProcessInfo const& info, WallTime now, LocalOffset const& offset) {
    auto up = std::chrono::duration_cast<std::chrono::seconds>(uptime(info, now)).count();
    text::Struct members;
    members.reserve(22);
    members.emplace_back("name", info.name);
    members.emplace_back("group", info.group);
    members.emplace_back("program", info.program);
    members.emplace_back("state", supervise::wire_number(info.state));
    members.emplace_back("statename", supervise::name(info.state));
    members.emplace_back("pid", info.pid);
    members.emplace_back("started", seconds(info.started));
    members.emplace_back("stopped", seconds(info.stopped));
    members.emplace_back("uptime", std::int64_t(up));
    members.emplace_back("why", info.why);
    members.emplace_back("waits_for", info.waits_for);
    members.emplace_back("ready", info.ready);
    members.emplace_back("restarts", info.restarts);
    members.emplace_back("exitstatus", info.exit_status);
    members.emplace_back("signal", info.last_signal);
    members.emplace_back("spawnerr", info.spawn_error);
    members.emplace_back("stdout_logfile", info.out_log);
    members.emplace_back("stderr_logfile", info.err_log);
    members.emplace_back("peak_memory", info.peak_memory_bytes);
    members.emplace_back("cpu_ms", std::int64_t(info.cpu.count()));
    members.emplace_back("description", describe(info, now, offset));
    members.emplace_back("needs", text::Array(info.needs.begin(), info.needs.end()));
    return members;
}

char const* name(DaemonState state) {
    switch (state) {
    case DaemonState::shutdown:
        return "SHUTDOWN";
    case DaemonState::restarting:
        return "RESTARTING";
    case DaemonState::running:
        return "RUNNING";
    case DaemonState::fatal:
        return "FATAL";
    }
    return "UNKNOWN";
}

std::int64_t seconds(WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace lares::control
