// cli/simulated.cc: from tasks as they are configured to tasks as core/simulate plays them.

#include "cli/simulated.h"

#include <algorithm>
#include <map>
#include <set>

#include "text/quantity.h"

namespace lares::cli {
namespace {

using config::AfterTrigger;
using config::Calendar;
using config::ClosedHours;
using config::Task;
using Zone = std::shared_ptr<schedule::Zone const>;

constexpr std::int64_t a_day = 86'400;
constexpr std::size_t most_names = 5;

std::int64_t seconds_of(Duration span) {
    return std::chrono::duration_cast<std::chrono::seconds>(span).count();
}

std::int64_t day_of(std::int64_t local) { return (local >= 0 ? local : local - a_day + 1) / a_day; }

bool is_in(ClosedHours const& hours, std::int64_t day) {
    std::int64_t const weekday = ((day + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    return (hours.weekdays >> weekday & 1) != 0;
}

/// The local time at which closed hours that hold `local` are over; none: it is in none.
std::optional<std::int64_t> closed_until(ClosedHours const& hours, std::int64_t local) {
    std::int64_t const from = hours.from_minute * 60, to = hours.to_minute * 60;
    std::int64_t const length = to > from ? to - from : to + a_day - from;
    for (std::int64_t day = day_of(local) - 1; day <= day_of(local); ++day) {
        std::int64_t const begin = day * a_day + from;
        if (is_in(hours, day) && local >= begin && local < begin + length) return begin + length;
    }
    return std::nullopt;
}

/// Closed hours may follow on one another; a week of them without a gap never opens.
std::int64_t opens_at(std::vector<ClosedHours> const& all, schedule::Zone const& zone,
                      std::int64_t at) {
    for (int round = 0; round < 100; ++round) {
        std::int64_t const local = at + schedule::offset_at(zone, at);
        std::optional<std::int64_t> until;
        for (ClosedHours const& hours : all)
            if (auto const end = closed_until(hours, local))
                until = std::max(until.value_or(0), *end);
        if (!until) return at;
        at = std::max(at + 1, schedule::instant_of(zone, *until));
    }
    return at;
}

bool counts(Calendar const& calendar, std::int64_t local) {
    bool const named = std::ranges::binary_search(calendar.days, std::int32_t(day_of(local)));
    return named == (calendar.how == Calendar::How::only);
}

class Building {
public:
    Building(config::Settings const& settings, ports::Zones& zones, std::string_view host,
             simulate::Past const& past, Assumed const& assumed, Span span)
        : settings_(settings),
          zones_(zones),
          host_(host),
          past_(past),
          assumed_(assumed),
          span_(span) {}

    Scenario build() {
        for (Task const& task : settings_.tasks)
            if (task.enabled) places_.emplace(task.name, places_.size());
        for (Task const& task : settings_.tasks)
            if (task.enabled) add(task);
        for (Task const& task : settings_.tasks)
            if (task.enabled) {
                for (std::string const& next : task.on_success)
                    follow(task.name, next, simulate::After::On::success);
                for (std::string const& next : task.on_failure)
                    follow(task.name, next, simulate::After::On::failure);
            }
        note_assumptions();
        scenario_.resources = settings_.work.resources;
        return std::move(scenario_);
    }

private:
    void add(Task const& task) {
        simulate::Task& made = scenario_.tasks.emplace_back();
        made.name = task.name;
        made.dst = task.dst;
        made.every = seconds_of(task.every.every);
        if (task.every.every > Duration(0)) made.every = std::max<std::int64_t>(1, made.every);
        made.every_from_end = task.every.from_end;
        made.workers = task.rules.workers;
        made.overlap = task.rules.overlap;
        made.parallel = task.rules.parallel;
        made.queue_max = task.rules.queue_max;
        made.resources = task.rules.resources;
        made.rate = task.rules.rate;
        made.retry = task.rules.retry;
        made.poison_after = task.rules.poison_after;
        made.failing = assumed_.failing;
        add_needs(task, made);
        for (config::ScheduleTrigger const& line : task.schedules) add_schedule(task, line, made);
        for (AfterTrigger const& trigger : task.after) add_after(trigger, made);
        add_past(task, made);
        note_left_out(task);
        if (task.not_between.empty()) return;
        if (Zone zone = zone_of(task, task.timezone))
            made.opens = [hours = task.not_between, zone](std::int64_t at) {
                return opens_at(hours, *zone, at);
            };
    }

    Zone zone_of(Task const& task, std::string const& name) {
        auto zone = zones_.find(name);
        if (zone) return std::move(zone).take();
        scenario_.problems.push_back("task '" + task.name + "': " + zone.error().what);
        return nullptr;
    }

    void add_schedule(Task const& task, config::ScheduleTrigger const& line, simulate::Task& made) {
        Zone const zone = zone_of(task, line.timezone.empty() ? task.timezone : line.timezone);
        if (zone == nullptr || line.cron.is_reboot) return;
        simulate::Schedule& schedule = made.schedules.emplace_back();
        schedule.cron = line.cron;
        schedule.zone = zone;
        schedule.delay = std::int32_t(
            seconds_of(schedule::stable_jitter(task.jitter, std::string(host_) + " " + task.name)));
        if (task.calendar.how == Calendar::How::none) return;
        schedule.counts = [calendar = task.calendar, zone](std::int64_t due) {
            return counts(calendar, due + schedule::offset_at(*zone, due));
        };
    }

    /// Programs are taken to be up.
    void add_needs(Task const& task, simulate::Task& made) {
        for (std::string const& need : task.needs) {
            if (auto const place = places_.find(need); place != places_.end())
                made.needs.push_back(place->second);
            else if (settings_.find_task(need) == nullptr)
                programs_.insert(need);
            else
                never_.push_back(task.name);
        }
    }

    void add_after(AfterTrigger const& trigger, simulate::Task& made) {
        using On = simulate::After::On;
        simulate::After after{.any_of = trigger.any_of};
        for (AfterTrigger::Other const& other : trigger.others) {
            auto const place = places_.find(other.task);
            bool const comes = place != places_.end();
            auto const on = other.on == AfterTrigger::On::any       ? On::any
                            : other.on == AfterTrigger::On::failure ? On::failure
                                                                    : On::success;
            if (comes) after.others.push_back({place->second, on});
            if (!comes && !trigger.any_of) return;
        }
        if (!after.others.empty()) made.after.push_back(std::move(after));
    }

    void follow(std::string const& task, std::string const& next, simulate::After::On on) {
        auto const first = places_.find(task), second = places_.find(next);
        if (first == places_.end() || second == places_.end()) return;
        scenario_.tasks[second->second].after.push_back({{{first->second, on}}, true});
    }

    void add_past(Task const& task, simulate::Task& made) {
        auto const past = past_.tasks.find(task.name);
        if (past != past_.tasks.end()) {
            made.attempts = past->second.attempts;
            made.ended_well =
                !made.attempts.empty() && made.attempts.back().how == simulate::Attempt::How::good;
            made.arrivals =
                simulate::repeated(past->second.arrivals, past_.first, past_.last, span_.from,
                                   span_.from + std::int64_t(span_.days) * a_day);
        }
        if (!made.attempts.empty()) return;
        std::int64_t const seconds = assumed_.seconds.value_or(seconds_of(task.timeout));
        made.attempts = {{seconds}};
        std::string const span = text::print_duration(std::chrono::seconds(seconds));
        bool const has_timeout = task.timeout > Duration(0);
        without_past_[assumed_.seconds ? span + " are assumed"
                      : has_timeout    ? "its timeout of " + span + " is assumed"
                                       : "0 s are assumed; --assume gives others"]
            .push_back(task.name);
    }

    void note_left_out(Task const& task) {
        auto note = [&](bool uses, std::string_view option) {
            if (uses) left_out_[option].push_back(task.name);
        };
        note(task.rules.retry.budget.count > 0, "retry_budget");
        note(task.priority != 0, "priority");
        note(!task.unique.empty(), "unique");
    }

    static std::string named(std::vector<std::string> const& names) {
        std::string words;
        for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i)
            words += (i > 0 ? ", '" : "'") + names[i] + "'";
        if (names.size() > most_names)
            words += " and " + std::to_string(names.size() - most_names) + " more";
        return words;
    }

    /// What the configuration says and the simulation does not do: nobody shall rely on it.
    void note_what_is_not_played() {
        std::string words;
        for (auto const& [option, names] : left_out_)
            words += (words.empty() ? "" : "; ") + std::string(option) + " of " + named(names);
        if (!words.empty()) scenario_.notes.push_back("not played: " + words);
        if (!programs_.empty())
            scenario_.notes.push_back("programs that tasks need are taken to be up: " +
                                      named({programs_.begin(), programs_.end()}));
        if (!never_.empty())
            scenario_.notes.push_back("what it needs is not enabled, so it never starts: " +
                                      named(never_));
    }

    /// Where attempts fail, a task would pause by itself; here it goes on.
    void note_circuits() {
        std::vector<std::string> names;
        for (std::size_t i = 0, place = 0; i < settings_.tasks.size(); ++i) {
            if (!settings_.tasks[i].enabled) continue;
            simulate::Task const& made = scenario_.tasks[place++];
            bool const fails = made.failing
                                   ? *made.failing > 0
                                   : std::ranges::any_of(made.attempts, [](auto const& attempt) {
                                         return attempt.how != simulate::Attempt::How::good;
                                     });
            if (fails && settings_.tasks[i].circuit > 0) names.push_back(made.name);
        }
        if (!names.empty())
            scenario_.notes.push_back("attempts fail of " + named(names) +
                                      "; that circuit would pause a task is not played");
    }

    /// A line for each assumption, not for each of a thousand tasks.
    void note_assumptions() {
        for (auto const& [assumption, names] : without_past_) {
            scenario_.notes.push_back("no run is remembered of " + named(names) + ": " +
                                      assumption);
        }
        note_what_is_not_played();
        note_circuits();
    }

    config::Settings const& settings_;
    ports::Zones& zones_;
    std::string_view host_;
    simulate::Past const& past_;
    Assumed assumed_;
    Span span_;
    std::map<std::string, std::size_t> places_;
    std::map<std::string, std::vector<std::string>> without_past_;   // by what is assumed
    std::map<std::string_view, std::vector<std::string>> left_out_;  // by option
    std::set<std::string> programs_;                                 // that tasks need
    std::vector<std::string> never_;  // tasks whose needs cannot be met
    Scenario scenario_;
};

}  // namespace

Scenario scenario_of(config::Settings const& settings, ports::Zones& zones, std::string_view host,
                     simulate::Past const& past, Assumed const& assumed, Span span) {
    return Building(settings, zones, host, past, assumed, span).build();
}

}  // namespace lares::cli
