// control/run_words.cc: what a person wants to know of a run, and no more.

#include "control/run_words.h"

#include <string_view>

#include "text/iso_time.h"

namespace lares::control {

namespace {

using schedule::Transition;
using schedule::Zone;

constexpr std::int64_t a_day = 86'400;

std::string_view weekday_of(std::int64_t local) {
    constexpr std::string_view names[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    std::int64_t const day = (local >= 0 ? local : local - a_day + 1) / a_day;
    return names[std::size_t((day % 7 + 7) % 7)];
}

std::int32_t offset_before(Zone const& zone, std::size_t change) {
    return change == 0 ? zone.first_offset : zone.transitions[change - 1].offset;
}

/// "1 h 30 min".
std::string span_words(std::int64_t seconds) {
    std::string words;
    auto part = [&](std::int64_t count, std::string_view unit) {
        if (count == 0) return;
        words += (words.empty() ? "" : " ") + std::to_string(count) + " " + std::string(unit);
    };
    part(seconds / 3600, "h");
    part(seconds / 60 % 60, "min");
    part(seconds % 60, "s");
    return words;
}

}  // namespace

std::string run_time(std::int64_t at, std::int32_t offset) {
    return std::string(weekday_of(at + offset)) + " " + text::print_local_time(at, offset) + " " +
           text::print_offset(offset);
}

std::string run_times(Zone const& zone, std::int64_t at) {
    std::int32_t const offset = schedule::offset_at(zone, at);
    return run_time(at, offset) + "  " + text::print_local_time(at, 0) + " UTC";
}

std::string run_mark(Zone const& zone, schedule::Due const& due) {
    if (due.made_up) {
        std::string words = "made up: the clock skipped ";
        return words + (due.coalesced == 0
                            ? "its time"
                            : std::to_string(due.coalesced + 1) + " times, which are one run");
    }
    std::size_t const near = schedule::stretch_at(zone, due.at - a_day);
    for (std::size_t i = near; i < zone.transitions.size(); ++i) {
        Transition const& change = zone.transitions[i];
        if (change.at > due.at + a_day) break;
        std::int64_t const back = offset_before(zone, i) - change.offset;
        if (back <= 0) continue;
        if (due.at < change.at && due.at >= change.at - back) return "first of two passes";
        if (due.at >= change.at && due.at < change.at + back) return "second pass";
    }
    return "";
}

std::string change_lines(Zone const& zone, std::int64_t after, std::int64_t until) {
    std::string lines;
    for (std::size_t i = schedule::stretch_at(zone, after); i < zone.transitions.size(); ++i) {
        Transition const& change = zone.transitions[i];
        if (change.at > until) break;
        std::int32_t const before = offset_before(zone, i);
        bool const forward = change.offset > before;
        lines += "  -- the clock goes " + std::string(forward ? "forward " : "back ") +
                 span_words(forward ? change.offset - before : before - change.offset) + ": " +
                 text::print_local_time(change.at, before) + " becomes " +
                 text::print_local_time(change.at, change.offset) + "\n";
    }
    return lines;
}

std::string class_words(text::Cron const& cron) {
    if (cron.is_reboot) return "runs once a boot, not by the clock";
    if (cron.is_wildcard)
        return "wildcard job ('*' in minute or hour): follows the clock through its changes";
    return "fixed-time job: made up once when the clock skips it, not repeated when it goes back";
}

}  // namespace lares::control
