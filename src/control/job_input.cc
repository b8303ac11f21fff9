// control/job_input.cc: members of a job, one by one.

#include "control/job_input.h"

#include <algorithm>

#include "base/limits.h"
#include "control/work_parts.h"
#include "text/json_read.h"
#include "text/nearest.h"
#include "text/quantity.h"

namespace lares::control {

namespace {

/// Higher figures say nothing more, and sums of them must not overflow.
constexpr std::int64_t highest_priority = 1'000'000;
constexpr std::size_t longest_key = 512;
constexpr std::size_t most_after = 1'000;
constexpr std::size_t faults_told = 20;

using Fault = std::optional<JobFault>;

Fault set_text(std::string& to, std::string_view name, text::Value const& value) {
    auto const* words = value.text();
    if (!words && value.integer()) return to = std::to_string(*value.integer()), std::nullopt;
    if (!words) return JobFault{std::string(name), "it must be text", {}};
    if (words->size() > longest_key)
        return JobFault{
            std::string(name), "it may have " + std::to_string(longest_key) + " bytes", {}};
    if (words->find('\0') != words->npos || words->find('\n') != words->npos)
        return JobFault{std::string(name), "it must be one line", {}};
    to = *words;
    return std::nullopt;
}

Fault set_priority(NewJob& job, text::Value const& value) {
    std::optional<std::int64_t> number;
    if (value.integer()) number = *value.integer();
    if (auto const* digits = value.text())
        if (auto read = text::parse_integer(*digits)) number = *read;
    if (!number || *number < -highest_priority || *number > highest_priority)
        return JobFault{"priority",
                        "it must be a number from " + std::to_string(-highest_priority) + " to " +
                            std::to_string(highest_priority),
                        "higher runs first"};
    job.priority = static_cast<int>(*number);
    return std::nullopt;
}

Fault set_at(NewJob& job, std::string_view name, text::Value const& value, House const& house) {
    text::Struct one{{std::string(name), value}};
    Members members(one);
    job.not_before = members.take_time(name, house, Toward::future);
    auto result = members.finish();
    if (!result)
        return JobFault{std::string(name), result.error().what, "as '2026-03-01T02:00:00Z'"};
    return std::nullopt;
}

Fault set_in(NewJob& job, text::Value const& value, House const& house) {
    constexpr std::int64_t longest_seconds = 3'155'760'000;  // a hundred years
    std::optional<Duration> span;
    if (auto const* seconds = value.integer())
        if (*seconds >= 0 && *seconds <= longest_seconds) span = std::chrono::seconds(*seconds);
    if (auto const* words = value.text())
        if (auto read = text::parse_duration(*words)) span = *read;
    if (!span || *span > std::chrono::seconds(longest_seconds))
        return JobFault{"in", "it must be a span of time", "as '5min'"};
    job.not_before = house.wall() + *span;
    return std::nullopt;
}

Fault set_after(NewJob& job, text::Value const& value) {
    auto wrong = JobFault{"after", "it must be the number of a job, or an array of them", {}};
    auto add = [&](text::Value const& each) {
        auto id = id_of(each);
        if (id) job.after.push_back(*id);
        return id.has_value();
    };
    if (auto const* list = value.array()) {
        if (list->size() > most_after)
            return JobFault{
                "after", "a job can wait for " + std::to_string(most_after) + " others", {}};
        return std::ranges::all_of(*list, add) ? Fault() : Fault(wrong);
    }
    return add(value) ? Fault() : Fault(wrong);
}

Fault unknown_member(std::string_view name) {
    static constexpr std::string_view names[] = {"task", "payload",    "key", "once", "priority",
                                                 "at",   "not_before", "in",  "after"};
    JobFault fault{text::clean_utf8(name.substr(0, 60)), "a job has no such member", {}};
    auto near = text::nearest(name, {std::begin(names), std::end(names)});
    fault.hint = near.empty() ? "it has task, payload, key, once, priority, at, in and after"
                              : "did you mean '" + std::string(near) + "'?";
    return fault;
}

/// The value of a member that is no payload: short, so that building it costs little.
Fault set_member(NewJob& job, std::string_view name, std::string_view raw, House const& house) {
    if (name == "payload") return set_payload(job, raw);
    auto value = text::read_json(raw);
    if (!value) return JobFault{std::string(name), value.error().what, {}};
    if (name == "task") return set_text(job.task, name, *value);
    return set_job_option(job, name, *value, house);
}

}  // namespace

std::string once_of(std::string_view task, std::string_view key) {
    if (key.empty()) return {};
    std::string once = "put ";
    return once.append(task).append(" ").append(key);
}

std::string words_of(JobFault const& fault) {
    std::string words = fault.field.empty() ? fault.words : fault.field + ": " + fault.words;
    if (!fault.hint.empty()) words += "; " + fault.hint;
    return words;
}

std::optional<JobFault> set_job_option(NewJob& job, std::string_view name, text::Value const& value,
                                       House const& house) {
    if (name == "key") return set_text(job.key, name, value);
    if (name == "once") return set_text(job.once, name, value);
    if (name == "priority") return set_priority(job, value);
    if (name == "at" || name == "not_before") return set_at(job, name, value, house);
    if (name == "in") return set_in(job, value, house);
    if (name == "after") return set_after(job, value);
    return unknown_member(name);
}

std::optional<JobFault> set_payload(NewJob& job, std::string_view json) {
    json = text::trim_json(json);
    if (json.empty()) return std::nullopt;
    if (json.size() > limits::payload_bytes)
        return JobFault{"payload",
                        "it has " + std::to_string(json.size()) + " bytes; it may have " +
                            std::to_string(limits::payload_bytes),
                        "put the path of a file into it instead"};
    auto good = text::check_json(json);
    if (!good) return JobFault{"payload", good.error().what, "it must be a JSON object"};
    if (!text::begins_json_object(json))
        return JobFault{"payload", "it must be a JSON object", "as {\"name\": \"value\"}"};
    job.payload = json;
    return std::nullopt;
}

std::optional<JobFault> read_job_line(NewJob& job, std::string_view line, House const& house) {
    auto members = text::json_members(line);
    if (!members) return JobFault{{}, members.error().what, "each line is a JSON object"};
    for (std::size_t i = 0; i < members->size(); ++i) {
        auto const& [name, raw] = (*members)[i];
        auto before = members->begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(members->begin(), before, [&](auto const& m) { return m.name == name; }))
            return JobFault{text::clean_utf8(name.substr(0, 60)), "it stands there twice", {}};
        if (auto fault = set_member(job, name, raw, house)) return fault;
    }
    if (job.task.empty()) return JobFault{"task", "it is missing", "name the task of each job"};
    job.once = once_of(job.task, job.once);
    return std::nullopt;
}

Batch read_batch(std::string_view text, House const& house, std::string const& source) {
    Batch batch;
    std::size_t number = 0;
    while (!text.empty() && batch.faults.size() < faults_told) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = text::trim_json(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty()) continue;
        if (batch.jobs.size() == limits::batch_jobs) {
            batch.faults = {{0,
                             {{},
                              "a batch may have " + std::to_string(limits::batch_jobs) + " jobs",
                              "send several, one after the other"}}};
            return batch;
        }
        NewJob& job = batch.jobs.emplace_back();
        job.source = source;
        batch.lines.push_back(number);
        if (auto fault = read_job_line(job, line, house))
            batch.faults.emplace_back(number, std::move(*fault));
    }
    if (batch.jobs.empty()) batch.faults = {{0, {{}, "there is no job in it", {}}}};
    return batch;
}

}  // namespace lares::control
