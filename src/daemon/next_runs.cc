// daemon/next_runs.cc: a small agenda, taken from until there is enough.

#include "daemon/next_runs.h"

#include <algorithm>

#include "core/agenda.h"
#include "text/iso_time.h"

namespace lares::daemon {

namespace {

constexpr std::int64_t a_day = 86'400;
/// Days that a calendar may leave out one after the other before it counts as never: eleven years.
constexpr int most_closed = 4'000;

std::int64_t day_of(std::int64_t local) {
    return (local >= 0 ? local : local - (a_day - 1)) / a_day;
}

bool is_open(config::Calendar const& calendar, std::int64_t day) {
    using How = config::Calendar::How;
    if (calendar.how == How::none) return true;
    bool is_in = std::ranges::binary_search(calendar.days, static_cast<std::int32_t>(day));
    return is_in == (calendar.how == How::only);
}

}  // namespace

std::vector<std::string> next_runs(NextRuns const& asked) {
    auto const& task = asked.task;
    std::vector<std::string> runs;
    auto home = asked.zones.find(task.timezone);
    if (!task.enabled || !home) return runs;
    auto jitter = schedule::stable_jitter(task.jitter, std::string(asked.host) + " " + task.name);
    auto delay = std::chrono::duration_cast<std::chrono::seconds>(jitter).count();
    schedule::Agenda agenda;
    for (std::size_t i = 0; i < task.schedules.size(); ++i) {
        auto const& line = task.schedules[i];
        auto zone = asked.zones.find(line.timezone.empty() ? task.timezone : line.timezone);
        if (zone && !line.cron.is_reboot)
            agenda.put(i, {line.cron, *zone, task.dst, static_cast<std::int32_t>(delay)},
                       asked.after - delay);
    }
    int closed = 0;
    while (runs.size() < asked.most && closed < most_closed && agenda.earliest()) {
        auto at = *agenda.earliest();
        auto taken = agenda.take_due(at, 1).front();
        auto offset = schedule::offset_at(**home, taken.due.at);
        auto day = day_of(taken.due.at + offset);
        if (!is_open(task.calendar, day)) {  // on to the next day, not to its next minute
            closed += 1;
            auto midnight = (day + 1) * a_day - offset - 1;
            if (midnight > taken.due.at) agenda.recompute(taken.key, midnight);
            continue;
        }
        auto const& zone = *agenda.find(taken.key)->zone;
        runs.push_back(text::print_iso_time(at, schedule::offset_at(zone, at)));
    }
    return runs;
}

}  // namespace lares::daemon
