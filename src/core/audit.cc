// core/audit.cc: each sort of thing against what explains it.

#include "core/audit.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "core/counted.h"
#include "core/event_kinds.h"
#include "core/story.h"
#include "text/json_read.h"

namespace lares::audit {

namespace {

/// A member of an event's data that is a number of milliseconds since 1970.
std::optional<WallTime> time_in(std::vector<text::JsonMember> const& members,
                                std::string_view name) {
    auto found = std::ranges::find(members, name, &text::JsonMember::name);
    if (found == members.end()) return std::nullopt;
    std::int64_t ms = 0;
    auto const* end = found->raw.data() + found->raw.size();
    if (std::from_chars(found->raw.data(), end, ms).ec != std::errc()) return std::nullopt;
    return WallTime(Duration(ms));
}

/// The instants of a trigger that events speak of, one by one and as ranges.
struct Spoken {
    std::set<WallTime> single;
    std::vector<std::pair<WallTime, WallTime>> ranges;

    bool covers(WallTime at) const {
        if (single.contains(at)) return true;
        return std::ranges::any_of(
            ranges, [&](auto const& range) { return range.first <= at && at <= range.second; });
    }
};

std::map<std::string, Spoken> spoken_of(std::vector<journal::EventRow> const& events) {
    std::map<std::string, Spoken> all;
    for (auto const& event : events) {
        auto const* kind = journal::find_event_kind(event.kind);
        if (!kind || kind->ends != journal::Ends::due_instant) continue;
        auto members = text::json_members(event.data);
        if (!members) continue;
        auto& spoken = all[event.subject];
        if (auto at = time_in(*members, "due")) spoken.single.insert(*at);
        auto from = time_in(*members, "due_from");
        auto to = time_in(*members, "due_to");
        if (from && to) spoken.ranges.emplace_back(*from, *to);
    }
    return all;
}

void judge_due(Facts const& facts, Verdict& verdict) {
    auto spoken = spoken_of(facts.events);
    std::set<std::pair<std::string, WallTime>> by_job;
    for (auto const& job : facts.jobs)
        if (job.due != WallTime{}) by_job.emplace(job.task, job.due);
    for (auto const& due : facts.due) {
        ++verdict.instants;
        if (by_job.contains({due.task, due.at})) continue;
        auto events = spoken.find("trigger/" + due.trigger);
        if (events != spoken.end() && events->second.covers(due.at)) continue;
        verdict.list.push_back({"trigger/" + due.trigger, due.at,
                                "was due, but neither fired nor was skipped or missed"});
    }
}

/// An end that must say why.
bool needs_reason(job::State state) {
    return state == job::State::skipped || state == job::State::cancelled ||
           state == job::State::dead || state == job::State::parked;
}

void judge_jobs(Facts const& facts, std::set<job::Id> const& live, Verdict& verdict) {
    std::set<job::Id> with_row, with_end;
    for (auto const& job : facts.jobs) {
        ++verdict.jobs;
        with_row.insert(job.id);
        auto subject = "job/" + std::to_string(job.id);
        if (!job::is_end(job.state)) {
            if (!live.contains(job.id))
                verdict.list.push_back(
                    {subject, job.created, "accepted, but neither under way nor ended"});
        } else if (needs_reason(job.state) && job.why.empty()) {
            verdict.list.push_back(
                {subject, job.ended, std::string(job::name(job.state)) + ", without a reason"});
        }
    }
    for (auto const& event : facts.events) {
        auto const* kind = journal::find_event_kind(event.kind);
        if (kind && kind->ends == journal::Ends::job) with_end.insert(story::job_of(event.subject));
    }
    for (auto const& event : facts.events) {
        auto id = story::job_of(event.subject);
        if (event.kind != "job.accepted" || with_row.contains(id) || with_end.contains(id) ||
            live.contains(id))
            continue;
        verdict.list.push_back({event.subject, event.at, "accepted, but there is no such job"});
    }
}

void judge_files(Facts const& facts, std::set<job::Id> const& live, Verdict& verdict) {
    for (auto const& file : facts.files) {
        ++verdict.files;
        if (file.state == "asked") continue;  // it waits for a person, and says so
        bool at_work = file.state == "taken" && live.contains(file.job);
        bool ended = file.state != "taken" && !file.state.empty();
        if (at_work || ended) continue;
        verdict.list.push_back({"file/" + file.path, file.seen,
                                "taken in, but its job neither runs nor was it settled"});
    }
}

}  // namespace

Verdict judge(Facts const& facts) {
    Verdict verdict;
    std::set<job::Id> live(facts.live.begin(), facts.live.end());
    judge_due(facts, verdict);
    judge_jobs(facts, live, verdict);
    judge_files(facts, live, verdict);
    std::ranges::stable_sort(verdict.list, {}, &Unexplained::since);
    return verdict;
}

void keep_both(std::vector<Unexplained>& second, std::vector<Unexplained> const& first) {
    std::erase_if(second, [&](auto const& one) {
        return std::ranges::none_of(first, [&](auto const& other) { return one.is_same(other); });
    });
}

std::vector<std::string> print(Verdict const& verdict, LocalOffset const& offset) {
    std::vector<std::string> lines{
        std::to_string(verdict.list.size()) + " unexplained: " + counted(verdict.jobs, "job") +
        ", " + counted(verdict.instants, "due time") + ", " + counted(verdict.files, "file")};
    for (auto const& each : verdict.list)
        lines.push_back(print_when(each.since, offset) + " " + story::subject_words(each.subject) +
                        ": " + each.words);
    return lines;
}

}  // namespace lares::audit
