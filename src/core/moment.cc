// core/moment.cc: events replayed in their order; the last word about each thing holds.

#include "core/moment.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "core/story.h"
#include "text/json_read.h"

namespace lares::moment {

namespace {

/// What ends what begins: "task.resumed" ends "task.paused" of the same subject.
struct Pair {
    std::string_view begin, end;
};
// clang-format off
constexpr Pair pairs[] = {
    {"task.paused",       "task.resumed"},
    {"maintenance.begin", "maintenance.end"},
    {"circuit.open",      "circuit.closed"},
    {"store.trouble",     "store.ok"},
    {"expect.late",       "expect.ok"},
};
// clang-format on

std::string member(std::string const& data, std::string_view name) {
    auto members = text::json_members(data);
    if (!members) return {};
    auto found = std::ranges::find(*members, name, &text::JsonMember::name);
    if (found == members->end()) return {};
    auto words = text::json_string(found->raw);
    return words ? *words : std::string(found->raw);
}

class Replay {
public:
    explicit Replay(Picture& picture) : picture_(picture) {}

    void on(journal::EventRow const& event) {
        if (event.kind == "program.state") return on_program(event);
        if (event.kind == "config.applied") picture_.revision = member(event.data, "revision");
        if (event.kind == "daemon.start") {
            picture_.daemon_was_up = true;
            picture_.daemon_since = event.at;
        }
        // What the programs of an ended daemon did then, nobody saw.
        if (event.kind == "daemon.end") picture_.daemon_was_up = false;
        for (auto const& [begin, end] : pairs) {
            auto key = std::pair(std::string(begin), event.subject);
            if (event.kind == begin)
                conditions_[key] = {event.kind, event.subject, event.at, event.words};
            if (event.kind == end) conditions_.erase(key);
        }
    }

    void finish() {
        for (auto& [name, program] : programs_) picture_.programs.push_back(std::move(program));
        for (auto& [key, condition] : conditions_)
            picture_.conditions.push_back(std::move(condition));
        std::ranges::stable_sort(picture_.conditions, {}, &Condition::since);
    }

private:
    void on_program(journal::EventRow const& event) {
        auto name = event.subject.substr(event.subject.find('/') + 1);
        auto state = member(event.data, "to");
        programs_[name] = {name, state, event.at, event.words};
    }

    Picture& picture_;
    std::map<std::string, Program> programs_;
    std::map<std::pair<std::string, std::string>, Condition> conditions_;
};

void add_jobs(Facts const& facts, Picture& picture) {
    std::map<job::Id, journal::RunRow const*> running;
    for (auto const& run : facts.runs)
        if (run.job != 0 && run.started <= picture.at &&
            (run.ended == WallTime{} || run.ended > picture.at))
            running[run.job] = &run;
    for (auto const& job : facts.jobs) {
        bool ended = job::is_end(job.state) && job.ended <= picture.at;
        if (job.created > picture.at || ended) continue;
        auto run = running.find(job.id);
        bool runs = run != running.end();
        picture.jobs.push_back({.id = job.id,
                                .task = job.task,
                                .is_running = runs,
                                .since = runs ? run->second->started : job.created,
                                .run = runs ? run->second->run : 0});
    }
    std::ranges::stable_sort(picture.jobs, {}, &LiveJob::id);
}

}  // namespace

Picture at(Facts const& facts, WallTime moment) {
    Picture picture{.at = moment, .is_cut = facts.is_cut};
    std::vector<journal::EventRow const*> events;
    for (auto const& event : facts.events)
        if (event.at <= moment) events.push_back(&event);
    // By number: the clock may have been set back between two events.
    std::ranges::stable_sort(events, {}, [](auto const* event) { return event->id; });
    Replay replay(picture);
    for (auto const* event : events) replay.on(*event);
    replay.finish();
    add_jobs(facts, picture);
    return picture;
}

std::vector<std::string> print(Picture const& picture, LocalOffset const& offset) {
    std::vector<std::string> lines{
        "at " + print_when(picture.at, offset) +
        (picture.revision.empty() ? "" : ", configuration revision " + picture.revision)};
    if (!picture.daemon_was_up) lines.emplace_back("the daemon was not running");
    if (picture.daemon_was_up && picture.daemon_since)
        lines.push_back("the daemon ran since " + print_when(*picture.daemon_since, offset));
    for (auto const& each : picture.conditions)
        lines.push_back(story::subject_words(each.subject) + ": " +
                        (each.words.empty() ? each.kind : each.words) + ", since " +
                        print_when(each.since, offset));
    for (auto const& program : picture.programs)
        lines.push_back("program " + program.name + ": " +
                        (program.state.empty() ? program.words : program.state) + ", since " +
                        print_when(program.since, offset));
    for (auto const& job : picture.jobs)
        lines.push_back(
            "job " + std::to_string(job.id) + " of '" + job.task +
            "': " + (job.is_running ? "running (run " + std::to_string(job.run) + ")" : "waiting") +
            ", since " + print_when(job.since, offset));
    if (picture.jobs.empty()) lines.emplace_back("no job was waiting or running");
    if (picture.is_cut) lines.emplace_back("there was more in the journal than could be read");
    return lines;
}

}  // namespace lares::moment
