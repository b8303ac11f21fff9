// cli/simulated.cc: from tasks as they are configured to tasks as core/simulate plays them.

#include "cli/simulated.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/job_payload.h"
#include "config/work_calendar.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using config::AfterTrigger;
using config::Calendar;
using config::Task;
using Zone = std::shared_ptr<schedule::Zone const>;

constexpr std::int64_t a_day = 86'400;
constexpr std::size_t most_names = 5;

std::int64_t seconds_of(Duration span) {
    return std::chrono::duration_cast<std::chrono::seconds>(span).count();
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
        made.rules = task.rules;
        made.priority = task.priority;
        made.circuit = task.circuit;
        made.failing = assumed_.failing;
        made.catchup.made_up = [catchup = task.catchup](std::size_t missed) {
            return config::made_up(catchup, missed);
        };
        queue::Rate const& pace = task.catchup.rate;
        if (task.catchup.what == config::Catchup::What::all && pace.count > 0)
            made.catchup.gap = seconds_of(pace.span / pace.count);
        add_needs(task, made);
        for (config::ScheduleTrigger const& line : task.schedules) add_schedule(task, line, made);
        for (AfterTrigger const& trigger : task.after) add_after(trigger, made);
        add_key(task, made);
        add_past(task, made);
        if (task.is_remote) remote_.push_back(task.name);
        if (task.not_between.empty()) return;
        if (Zone zone = zone_of(task, task.timezone))
            made.hours = [hours = task.not_between, zone](std::int64_t at) {
                auto const now = config::look_at_hours(hours, at + schedule::offset_at(*zone, at));
                return simulate::Hours{now.closed_for, now.next_begin};
            };
    }

    /// What clocks bring has no payload but the defaults: whether it is taken at all, and its key.
    void add_key(Task const& task, simulate::Task& made) {
        auto const payload = config::checked_payload(task, "");
        auto key = task.unique.empty() ? Result<std::string>(std::string())
                                       : config::key_of(task, payload ? *payload : "{}");
        if (key) made.key = *key;
        bool const has_clocks = !made.schedules.empty() || made.every > 0;
        if (has_clocks && (!payload || !key)) {
            made.refuses_clocks = true;
            scenario_.notes.push_back("clocks bring '" + task.name + "' no job: " +
                                      (payload ? key.error() : payload.error()).what);
        }
        if (!key && !made.after.empty()) unknown_keys_.push_back(task.name);
    }

    Zone zone_of(Task const& task, std::string const& name) {
        auto zone = zones_.find(name);
        if (zone) return std::move(zone).take();
        scenario_.problems.push_back("task '" + task.name + "': " + zone.error().what);
        return nullptr;
    }

    void add_schedule(Task const& task, config::ScheduleTrigger const& line, simulate::Task& made) {
        Zone const zone = zone_of(task, line.timezone.empty() ? task.timezone : line.timezone);
        if (line.cron.is_reboot) reboots_.push_back(task.name);
        if (zone == nullptr || line.cron.is_reboot) return;
        simulate::Schedule& schedule = made.schedules.emplace_back();
        schedule.cron = line.cron;
        schedule.zone = zone;
        schedule.delay = std::int32_t(
            seconds_of(schedule::stable_jitter(task.jitter, std::string(host_) + " " + task.name)));
        if (task.calendar.how == Calendar::How::none) return;
        // Its days are those of the task's zone, also when the line has another.
        Zone const own = zone_of(task, task.timezone);
        if (own == nullptr) return;
        schedule.counts = [calendar = task.calendar, own](std::int64_t due) {
            std::int64_t const local = due + schedule::offset_at(*own, due);
            return !config::leaves_out(calendar, config::local_day(local));
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

    static std::string named(std::vector<std::string> const& names) {
        std::string words;
        for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i)
            words += (i > 0 ? ", '" : "'") + names[i] + "'";
        if (names.size() > most_names)
            words += " and " + std::to_string(names.size() - most_names) + " more";
        return words;
    }

    /// What the configuration says and the simulation does not know: nobody shall rely on it.
    void note_what_is_not_known() {
        auto note = [&](std::string const& words, std::vector<std::string> const& names) {
            if (!names.empty()) scenario_.notes.push_back(words + ": " + named(names));
        };
        note("programs that tasks need are taken to be up", {programs_.begin(), programs_.end()});
        note("what it needs is not enabled, so it never starts", never_);
        note(
            "unique keys come from payloads of other tasks, which are not known; what follows on "
            "these has none",
            unknown_keys_);
        note("workers elsewhere are taken to be as many as 'workers' says", remote_);
        note("no start of the machine is played; @reboot", reboots_);
    }

    /// A line for each assumption, not for each of a thousand tasks.
    void note_assumptions() {
        for (auto const& [assumption, names] : without_past_) {
            scenario_.notes.push_back("no run is remembered of " + named(names) + ": " +
                                      assumption);
        }
        note_what_is_not_known();
    }

    config::Settings const& settings_;
    ports::Zones& zones_;
    std::string_view host_;
    simulate::Past const& past_;
    Assumed assumed_;
    Span span_;
    std::map<std::string, std::size_t> places_;
    std::map<std::string, std::vector<std::string>> without_past_;  // by what is assumed
    std::set<std::string> programs_;                                // that tasks need
    std::vector<std::string> never_;  // tasks whose needs cannot be met
    std::vector<std::string> unknown_keys_, remote_, reboots_;
    Scenario scenario_;
};

}  // namespace

Scenario scenario_of(config::Settings const& settings, ports::Zones& zones, std::string_view host,
                     simulate::Past const& past, Assumed const& assumed, Span span) {
    return Building(settings, zones, host, past, assumed, span).build();
}

}  // namespace lares::cli
