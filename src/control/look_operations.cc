// control/look_operations.cc: what the page and programs look at beside lists: usage, parts of
// logs, what is coming, which configuration is applied.

#include <algorithm>

#include "base/limits.h"
#include "config/settings.h"
#include "control/backroom.h"
#include "control/coming.h"
#include "control/config_house.h"
#include "control/log_window.h"
#include "control/operation_functions.h"
#include "control/operation_parts.h"
#include "control/usage_meter.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

constexpr std::int64_t most_days = 366, most_runs = 10'000;

std::int64_t whole_seconds(WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

text::Value due_value(ComingRun const& run) {
    return text::Struct{{"task", run.task},
                        {"at", static_cast<double>(run.at)},
                        {"expression", run.expression},
                        {"timezone", run.zone->name},
                        {"with", text::Array(run.with.begin(), run.with.end())}};
}

/// The path that parameters name; none, and the call has failed, when there is no such log.
std::optional<std::string> log_path(Call call, std::string const& name, std::string const& stream) {
    if (stream != "stdout" && stream != "stderr")
        return call.fail(Fault::bad_arguments, "stream: a log is 'stdout' or 'stderr'"),
               std::nullopt;
    if (name.empty()) {
        auto path = call.house().main_log();
        if (path.empty()) call.fail(Fault::no_file, "the daemon keeps no log file");
        return path.empty() ? std::nullopt : std::optional(path);
    }
    auto index = find_process(call.house(), name);
    if (!index) return call.fail(Fault::bad_name, name), std::nullopt;
    auto info = call.house().info(*index);
    auto path = stream == "stdout" ? info.out_log : info.err_log;
    if (path.empty()) call.fail(Fault::no_file, name + " has no such log");
    return path.empty() ? std::nullopt : std::optional(path);
}

}  // namespace

void lares_usage(Call call, Parameters const&) {
    auto* room = call.backroom();
    if (!room || !room->usage) return call.fail(Fault::failed, "nothing is measured here");
    room->usage->ask(
        [call](UsageMeter::Measured const& found) { call.answer(usage_value(found)); });
}

/// A log that is not there yet is empty. Whole characters only: what is cut off comes with the next
/// part.
void lares_log(Call call, Parameters const& parameters) {
    auto path = log_path(call, *parameters[0].text(), *parameters[1].text());
    if (!path) return;
    auto offset = *parameters[2].integer(), length = *parameters[3].integer();
    if (length < 1 || length > limits::log_read_bytes)
        return call.fail(Fault::bad_arguments,
                         "length: it must be 1 to " + std::to_string(limits::log_read_bytes));
    call.house().logs().read(*path, offset, length, [call, offset](ports::LogRead const& read) {
        if (!read.error.empty()) return call.fail(Fault::failed, read.error);
        auto begin = offset < 0 ? std::max<std::int64_t>(0, read.size + offset)
                                : std::min(offset, read.size);
        auto end = begin + static_cast<std::int64_t>(read.bytes.size());
        std::string_view bytes = read.bytes;
        if (offset < 0 && begin > 0) bytes = without_cut_front(bytes);
        auto whole = without_unfinished_end(bytes);
        if (whole.empty()) whole = bytes;  // bytes that are no text at all
        end -= static_cast<std::int64_t>(bytes.size() - whole.size());
        call.answer(text::Struct{{"text", std::string(whole)},
                                 {"offset", number_value(read.exists ? end : 0)},
                                 {"size", number_value(read.size)}});
    });
}

void lares_coming(Call call, Parameters const& parameters) {
    text::Struct given{{"from", parameters[0]}};
    Members members(given);
    auto from = members.take_time("from", call.house(), Toward::past);
    if (auto good = members.finish(); !good) return call.fail(outcome_of(good.error()));
    auto days = *parameters[1].integer(), most = *parameters[2].integer();
    if (days < 1 || days > most_days)
        return call.fail(Fault::bad_arguments,
                         "days: it must be 1 to " + std::to_string(most_days));
    if (most < 1 || most > most_runs)
        return call.fail(Fault::bad_arguments,
                         "limit: it must be 1 to " + std::to_string(most_runs));
    auto& house = call.house();
    auto begin = whole_seconds(from == WallTime{} ? house.wall() : from);
    auto outlook = coming(house.settings(), house.zones(), house.host_name(), begin,
                          begin + days * 86'400, static_cast<std::size_t>(most));
    text::Array runs;
    for (auto const& run : outlook.runs) runs.push_back(due_value(run));
    call.answer(
        text::Struct{{"runs", std::move(runs)},
                     {"never", text::Array(outlook.never.begin(), outlook.never.end())},
                     {"problems", text::Array(outlook.problems.begin(), outlook.problems.end())},
                     {"cut", outlook.cut}});
}

void lares_config(Call call, Parameters const&) {
    int revision = 0;
    for (auto const& one : call.house().configuration().history())
        if (one.current) revision = one.revision;
    auto drift = call.house().configuration().drift();
    call.answer(text::Struct{{"revision", revision},
                             {"drift", !drift.files.empty()},
                             {"drift_files", text::Array(drift.files.begin(), drift.files.end())},
                             {"trouble", drift.trouble}});
}

}  // namespace lares::control
