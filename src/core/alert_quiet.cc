// core/alert_quiet.cc: when quiet hours end, as clocks in a zone show them; and what a silence
// covers.

#include <algorithm>

#include "core/alert_parts.h"
#include "core/local_time.h"

namespace lares::alert {

namespace {

/// Days looked ahead: windows of a week that follow one another without a gap never end.
constexpr int most_days = 9;

struct Window {
    WallTime from, to;
};

/// That window as it begins on that day, if it does.
std::optional<Window> on_day(Hours const& hours, schedule::Zone const& zone, std::int64_t day) {
    auto weekday = ((day + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    if (!(hours.weekdays >> weekday & 1)) return std::nullopt;
    bool is_over_midnight = hours.to_minute <= hours.from_minute;
    return Window{instant_at(zone, day, hours.from_minute),
                  instant_at(zone, day + (is_over_midnight ? 1 : 0), hours.to_minute)};
}

}  // namespace

std::optional<WallTime> quiet_until(std::span<Hours const> hours, schedule::Zone const& zone,
                                    WallTime at) {
    if (hours.empty()) return at;
    auto const first = local_day(zone, at) - 1;
    std::vector<Window> windows;
    for (auto day = first; day < first + most_days; day++)
        for (auto const& each : hours)
            if (auto window = on_day(each, zone, day)) windows.push_back(*window);
    std::ranges::sort(windows, {}, &Window::from);
    auto open = at;
    for (auto const& [from, to] : windows)
        if (from <= open && open < to) open = to;
    // One that is not past the last day looked at has seen every window that could hold it.
    if (local_day(zone, open) >= first + most_days - 1) return std::nullopt;
    return open;
}

namespace {

/// '*' is any text.
bool fits(std::string_view pattern, std::string_view text) {
    auto star = pattern.find('*');
    if (star == pattern.npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    auto rest = pattern.substr(star + 1);
    if (rest.empty()) return true;
    for (auto from = star; from <= text.size(); from++)
        if (fits(rest, text.substr(from))) return true;
    return false;
}

}  // namespace

bool is_active(Silence const& silence, WallTime now) {
    return silence.from <= now && (silence.until == WallTime{} || now < silence.until);
}

bool covers(Silence const& silence, std::string_view subject, Kind kind) {
    if (!(silence.kinds & bit(kind))) return false;
    if (silence.subjects.empty()) return true;
    return std::ranges::any_of(silence.subjects, [&](std::string const& pattern) {
        return fits(pattern, subject) || (subject.starts_with(pattern + ":"));
    });
}

}  // namespace lares::alert
