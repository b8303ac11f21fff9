// config/bring_timer.cc: a timer of systemd and the service it starts, as one task.
//
// Each key is a row: what it becomes, or why nothing comes of it. What no row knows is said to be
// left out, so that nothing is lost unseen.

#include <algorithm>

#include "config/bring_along.h"
#include "config/paths.h"
#include "config/values.h"
#include "text/placeholders.h"
#include "text/python.h"
#include "text/quantity.h"
#include "text/systemd_unit.h"
#include "text/words.h"

namespace lares::config {

namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

struct KeyRow {
    std::string_view section, key;
    std::string_view option;  // of ours, with the same value; empty: read elsewhere, or nothing
};
constexpr KeyRow timer_keys[] = {
    {"Unit", "Description", ""},
    {"Unit", "Documentation", ""},
    {"Unit", "After", ""},
    {"Unit", "Wants", ""},
    {"Install", "WantedBy", ""},
    {"Install", "Also", ""},
    {"Timer", "OnCalendar", ""},
    {"Timer", "OnBootSec", ""},
    {"Timer", "OnStartupSec", ""},
    {"Timer", "OnUnitActiveSec", ""},
    {"Timer", "OnUnitInactiveSec", ""},
    {"Timer", "Persistent", ""},
    {"Timer", "RandomizedDelaySec", ""},
    {"Timer", "AccuracySec", ""},
    {"Timer", "FixedRandomDelay", ""},
    {"Timer", "Unit", ""},
};
constexpr KeyRow service_keys[] = {
    {"Unit", "Description", ""},
    {"Unit", "Documentation", ""},
    {"Unit", "After", ""},
    {"Unit", "Wants", ""},
    {"Install", "WantedBy", ""},
    {"Service", "Type", ""},
    {"Service", "ExecStart", ""},
    {"Service", "Environment", ""},
    {"Service", "EnvironmentFile", ""},
    {"Service", "WorkingDirectory", ""},
    {"Service", "TimeoutStartSec", ""},
    {"Service", "RuntimeMaxSec", ""},
    {"Service", "SuccessExitStatus", ""},
    {"Service", "User", "user"},
    {"Service", "UMask", "umask"},
    {"Service", "Nice", "nice"},
    {"Service", "OOMScoreAdjust", "oom_score_adj"},
    {"Service", "CPUQuota", "cpu_max"},
    {"Service", "CPUWeight", "cpu_weight"},
    {"Service", "IOWeight", "io_weight"},
    {"Service", "TasksMax", "pids_max"},
    {"Service", "MemoryMax", "memory_max"},
    {"Service", "MemoryHigh", "memory_high"},
    {"Service", "LimitNOFILE", "limit_nofile"},
    {"Service", "LimitNPROC", "limit_nproc"},
    {"Service", "LimitCORE", "limit_core"},
};

class TimerBringer {
public:
    TimerBringer(Table const& timer, Table const& service)
        : timer_(text::read_unit(timer.text, timer.file)),
          service_(text::read_unit(service.text, service.file)),
          timer_table_(timer),
          service_table_(service) {
        for (auto* unit : {&timer_, &service_})
            for (auto& found : unit->found) brought_.found.push_back(std::move(found));
    }

    Brought bring(std::set<std::string>& names) {
        auto base = base_name(timer_table_.path);
        auto name = name_part(base.substr(0, base.rfind('.')));
        auto unused = name;
        for (int number = 2; !names.insert(unused).second; ++number)
            unused = name + "-" + std::to_string(number);
        section_.name = "task:" + unused;
        section_.origin = timer_table_.path;
        section_.place = {timer_table_.file, 1, 1};
        section_.notes = {timer_table_.path, service_table_.path};
        auto words = service_.last("Unit", "Description");
        if (!words.empty()) section_.notes.emplace_back(words);
        add_command();
        add_environment();
        add_times();
        add_plain();
        mention_others(timer_, timer_keys);
        mention_others(service_, service_keys);
        brought_.sections.push_back(std::move(section_));
        return std::move(brought_);
    }

private:
    void report(text::Severity severity, text::Place place, std::string what,
                std::string hint = {}) {
        brought_.found.push_back({severity, place, std::move(what), std::move(hint), {}});
    }
    void refuse(text::UnitLine const& line, std::string const& why) {
        report(text::Severity::error, line.place, line.key + "=" + line.value + ": " + why);
    }
    void warn(text::UnitLine const& line, std::string const& why) {
        report(text::Severity::warning, line.place, line.key + "=" + line.value + ": " + why);
    }

    // ---- the service

    void add_command() {
        auto lines = service_.all("Service", "ExecStart");
        if (lines.empty())
            return report(text::Severity::error, {service_table_.file, 1, 1},
                          "the service has no ExecStart=");
        if (lines.size() > 1) warn(lines[1], "only the first of several commands is taken over");
        auto& line = lines.front();
        std::string_view command = line.value;
        while (!command.empty() && std::string_view("-@:+!|").find(command[0]) != command.npos) {
            if (command[0] == '@') return refuse(line, "another name for the program");
            if (command[0] == '-')
                section_.add("success_codes", every_code());
            else if (command[0] != ':')
                warn(line, "its privileges are not taken over");
            command.remove_prefix(1);
        }
        auto words = text::split_unit_words(command);
        if (!words) return refuse(line, words.error().what);
        section_.options.insert(
            section_.options.begin(),
            {"command", escape_value(text::escape_placeholders(text::join_words(*words)))});
    }

    static std::string every_code() {
        std::string codes = "0";
        for (int code = 1; code < 256; ++code) codes += "," + std::to_string(code);
        return codes;
    }

    void add_environment() {
        std::string variables, files;
        for (auto const& line : service_.all("Service", "Environment")) {
            auto words = text::split_unit_words(line.value);
            if (!words) {
                refuse(line, words.error().what);
                continue;
            }
            for (auto const& word : *words) {
                std::size_t sign = std::min(word.find('='), word.size());
                if (sign == word.size() || !is_variable_name(word.substr(0, sign)))
                    warn(line, "no variable in '" + word + "'");
                else
                    variables.append(variables.empty() ? "" : ",")
                        .append(print_variable(word.substr(0, sign), word.substr(sign + 1)));
            }
        }
        for (auto const& line : service_.all("Service", "EnvironmentFile"))
            files.append(files.empty() ? "" : " ").append(escape_value(line.value));
        if (!variables.empty()) section_.add("environment", variables);
        if (!files.empty()) section_.add("environment_file", files);
        auto directory = service_.last("Service", "WorkingDirectory");
        if (directory.starts_with('-')) directory.remove_prefix(1);
        section_.add("directory", directory.empty() ? "/" : escape_value(directory));
    }

    void add_plain() {
        for (auto const& row : service_keys) {
            auto value = service_.last(row.section, row.key);
            if (row.option.empty() || value.empty()) continue;
            std::string text(value);
            bool is_endless = text::python::lower(text) == "infinity";
            if (is_endless && !row.option.starts_with("limit_")) continue;
            if (row.option == "user") section_.add("user_environment", "true");
            if (is_endless) text = "unlimited";
            section_.add(std::string(row.option),
                         row.option == "cpu_max" ? text : escape_value(text));
        }
    }

    // ---- the timer

    void add_span(text::UnitLine const& line, std::string option, std::string const& behind) {
        auto span = text::parse_unit_span(line.value);
        if (!span) return refuse(line, span.error().what);
        section_.add(std::move(option), text::print_duration(*span) + behind);
    }

    void add_times() {
        std::string schedules;
        for (auto const& line : timer_.all("Timer", "OnCalendar")) {
            auto cron = text::cron_of_calendar(line.value);
            if (!cron)
                refuse(line, cron.error().what);
            else
                schedules.append(schedules.empty() ? "" : "\n").append(*cron);
        }
        bool has_calendar = !schedules.empty();
        for (auto key : {"OnBootSec", "OnStartupSec"})
            for (auto const& line : timer_.all("Timer", key)) {
                schedules.append(schedules.empty() ? "" : "\n").append("@reboot");
                warn(line, "it runs when the daemon comes up after a boot, without this wait");
                break;
            }
        if (!schedules.empty()) section_.add("schedule", schedules);
        if (has_calendar) {
            section_.add("dst", "wall");
            auto persistent = text::parse_boolean(timer_.last("Timer", "Persistent"));
            section_.add("catchup", persistent && *persistent ? "latest" : "none");
        }
        for (auto const& line : timer_.all("Timer", "RandomizedDelaySec"))
            if (!schedules.empty()) add_span(line, "jitter", "");
        add_intervals();
        for (auto key : {"TimeoutStartSec", "RuntimeMaxSec"})
            for (auto const& line : service_.all("Service", key))
                if (line.value != "infinity") add_span(line, "timeout", "");
        for (auto const& line : service_.all("Service", "SuccessExitStatus"))
            warn(line, "write success_codes");
    }

    void add_intervals() {
        auto from_start = timer_.all("Timer", "OnUnitActiveSec");
        auto from_end = timer_.all("Timer", "OnUnitInactiveSec");
        if (!from_start.empty() && !from_end.empty())
            return refuse(from_end[0], "together with OnUnitActiveSec=");
        if (!from_start.empty()) add_span(from_start.back(), "every", " from start");
        if (!from_end.empty()) add_span(from_end.back(), "every", " from end");
    }

    void mention_others(text::Unit const& unit, std::span<KeyRow const> known) {
        for (auto const& line : unit.lines) {
            bool is_known = std::ranges::any_of(known, [&](KeyRow const& row) {
                return row.section == line.section && row.key == line.key;
            });
            if (!is_known && !line.value.empty()) warn(line, "not taken over");
        }
    }

    text::Unit timer_, service_;
    Table const& timer_table_;
    Table const& service_table_;
    SectionText section_;
    Brought brought_;
};

}  // namespace

Brought bring_timer(Table const& timer, Table const& service, std::set<std::string>& names) {
    return TimerBringer(timer, service).bring(names);
}

std::string service_of_timer(std::string_view path, std::string_view text) {
    auto unit = text::read_unit(text);
    auto named = unit.last("Timer", "Unit");
    if (!named.empty()) return std::string(named);
    auto base = base_name(path);
    return std::string(base.substr(0, base.rfind('.'))) + ".service";
}

}  // namespace lares::config
