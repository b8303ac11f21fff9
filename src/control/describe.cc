// control/describe.cc: process structs, in the words and the order that clients know.

#include "control/describe.h"

#include <fmt/core.h>
#include <algorithm>

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
    members.emplace_back("description", describe(info, now, offset));
    return members;
}

namespace {

/// What a member of a status is computed from.
struct Seen {
    ProcessInfo const& info;
    WallTime now;
    LocalOffset const& offset;
};

struct StatusRow {
    std::string_view name;
    Value (*value)(Seen const&);
};

std::int64_t uptime_seconds(Seen const& s) {
    return std::chrono::duration_cast<std::chrono::seconds>(uptime(s.info, s.now)).count();
}

// clang-format off
constexpr StatusRow status_rows[] = {
    {"name",           [](Seen const& s) { return Value(s.info.name); }},
    {"group",          [](Seen const& s) { return Value(s.info.group); }},
    {"program",        [](Seen const& s) { return Value(s.info.program); }},
    {"state",          [](Seen const& s) { return Value(supervise::wire_number(s.info.state)); }},
    {"statename",      [](Seen const& s) { return Value(supervise::name(s.info.state)); }},
    {"pid",            [](Seen const& s) { return Value(s.info.pid); }},
    {"started",        [](Seen const& s) { return Value(seconds(s.info.started)); }},
    {"stopped",        [](Seen const& s) { return Value(seconds(s.info.stopped)); }},
    {"uptime",         [](Seen const& s) { return Value(uptime_seconds(s)); }},
    {"why",            [](Seen const& s) { return Value(s.info.why); }},
    {"waits_for",      [](Seen const& s) { return Value(s.info.waits_for); }},
    {"ready",          [](Seen const& s) { return Value(s.info.ready); }},
    {"restarts",       [](Seen const& s) { return Value(s.info.restarts); }},
    {"exitstatus",     [](Seen const& s) { return Value(s.info.exit_status); }},
    {"signal",         [](Seen const& s) { return Value(s.info.last_signal); }},
    {"spawnerr",       [](Seen const& s) { return Value(s.info.spawn_error); }},
    {"stdout_logfile", [](Seen const& s) { return Value(s.info.out_log); }},
    {"stderr_logfile", [](Seen const& s) { return Value(s.info.err_log); }},
    {"peak_memory",    [](Seen const& s) { return Value(s.info.peak_memory_bytes); }},
    {"cpu_ms",         [](Seen const& s) { return Value(std::int64_t(s.info.cpu.count())); }},
    {"description",    [](Seen const& s) { return Value(describe(s.info, s.now, s.offset)); }},
    {"needs",          [](Seen const& s) { return Value(text::Array(s.info.needs.begin(), s.info.needs.end())); }},
};
// clang-format on

}  // namespace

StatusMembers status_members(std::span<std::string const> wanted) {
    StatusMembers chosen;
    for (std::size_t i = 0; i < std::size(status_rows); ++i)
        if (wanted.empty() || std::ranges::find(wanted, status_rows[i].name) != wanted.end())
            chosen.push_back(i);
    return chosen;
}

Value process_status(ProcessInfo const& info, WallTime now, LocalOffset const& offset,
                     StatusMembers const& members) {
    Seen seen{info, now, offset};
    text::Struct values;
    values.reserve(members.size());
    for (auto row : members)
        values.emplace_back(status_rows[row].name, status_rows[row].value(seen));
    return values;
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
