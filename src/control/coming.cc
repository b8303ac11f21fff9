// control/coming.cc: puts all schedules into one agenda and takes from it what a window holds.

#include "control/coming.h"

#include <algorithm>

#include "core/agenda.h"
#include "text/cron_days.h"

namespace lares::control {
namespace {

using config::Calendar;
using config::ScheduleTrigger;
using config::Task;

struct Line {
    Task const* task;
    ScheduleTrigger const* trigger;
    std::shared_ptr<schedule::Zone const> zone;
};

bool day_is_open(Calendar const& calendar, std::int64_t local) {
    if (calendar.how == Calendar::How::none) return true;
    auto const day = std::int32_t((local >= 0 ? local : local - 86'399) / 86'400);
    bool const named = std::ranges::binary_search(calendar.days, day);
    return named == (calendar.how == Calendar::How::only);
}

std::int32_t delay_of(Task const& task, std::string_view host) {
    Duration const delay =
        schedule::stable_jitter(task.jitter, std::string(host) + " " + task.name);
    return std::int32_t(std::chrono::duration_cast<std::chrono::seconds>(delay).count());
}

std::vector<Line> lines_of(config::Settings const& settings, ports::Zones& zones,
                           Outlook& outlook) {
    std::vector<Line> lines;
    for (Task const& task : settings.tasks) {
        if (!task.enabled) continue;
        for (ScheduleTrigger const& trigger : task.schedules) {
            std::string const words = "task '" + task.name + "': '" + trigger.expression + "' ";
            if (!trigger.cron.is_reboot && !text::ever_fires(trigger.cron)) {
                outlook.never.push_back(words + "never fires");
                continue;
            }
            std::string const& name = trigger.timezone.empty() ? task.timezone : trigger.timezone;
            auto zone = zones.find(name);
            if (zone)
                lines.push_back({&task, &trigger, std::move(zone).take()});
            else
                outlook.problems.push_back("task '" + task.name + "': " + zone.error().what);
        }
    }
    return lines;
}

/// Names the other tasks of every minute that has more than one.
void find_collisions(std::vector<ComingRun>& runs) {
    for (std::size_t begin = 0; begin < runs.size();) {
        std::size_t end = begin;
        std::vector<std::string> names;
        for (; end < runs.size() && runs[end].at / 60 == runs[begin].at / 60; ++end)
            if (std::ranges::find(names, runs[end].task) == names.end())
                names.push_back(runs[end].task);
        if (names.size() > 1)
            for (std::size_t i = begin; i < end; ++i)
                std::ranges::copy_if(names, std::back_inserter(runs[i].with),
                                     [&](auto const& name) { return name != runs[i].task; });
        begin = end;
    }
}

}  // namespace

Outlook coming(config::Settings const& settings, ports::Zones& zones, std::string_view host,
               std::int64_t from, std::int64_t until, std::size_t most) {
    Outlook outlook;
    std::vector<Line> const lines = lines_of(settings, zones, outlook);
    schedule::Agenda agenda;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Task const& task = *lines[i].task;
        std::int32_t const delay = delay_of(task, host);
        agenda.put(i, {lines[i].trigger->cron, lines[i].zone, task.dst, delay}, from - delay);
    }
    // One at a time: days that a calendar excludes do not count.
    while (agenda.earliest() && *agenda.earliest() <= until) {
        std::int64_t const at = *agenda.earliest();
        schedule::Agenda::Taken const taken = agenda.take_due(at, 1).front();
        Line const& line = lines[taken.key];
        std::int64_t const local = taken.due.at + schedule::offset_at(*line.zone, taken.due.at);
        if (!day_is_open(line.task->calendar, local)) continue;
        if (outlook.runs.size() == most) {
            outlook.cut = true;
            break;
        }
        outlook.runs.push_back(
            {line.task->name, line.trigger->expression, line.zone, taken.due, at, {}});
    }
    find_collisions(outlook.runs);
    return outlook;
}

}  // namespace lares::control
