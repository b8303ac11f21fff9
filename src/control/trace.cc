// control/trace.cc: seed, climb, descend.

#include "control/trace.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "control/house.h"
#include "control/names.h"
#include "control/work_house.h"
#include "control/work_parts.h"
#include "core/event_kinds.h"

namespace lares::control {

namespace {

using Questions = std::vector<ports::Question>;

constexpr int most_steps = 100;
/// Asked at once; what is more waits for the next step.
constexpr std::size_t most_at_once = 50;
constexpr std::size_t effects_at_once = 1'000;
/// Of a task, a program or a folder, the newest of what is told of it.
constexpr std::size_t newest = 50;

struct State {
    House* house;
    std::function<void(Result<Traced>)> done;
    Traced traced;
    int steps = 0;
    std::set<job::Id> known;     // events and jobs that are there
    std::set<job::Id> sought;    // causes that were asked for
    std::set<job::Id> followed;  // whose effects were asked for
    std::set<job::Id> jobs_wanted, jobs_asked;
};

void step(State);

std::size_t rows(State const& state) {
    auto const& facts = state.traced.facts;
    return facts.events.size() + facts.jobs.size() + facts.runs.size();
}

void take(State& state, ports::Found found) {
    auto& facts = state.traced.facts;
    for (auto& event : found.events) {
        if (!state.known.insert(event.id).second) continue;
        if (auto job = story::job_of(event.subject)) state.jobs_wanted.insert(job);
        facts.events.push_back(std::move(event));
    }
    for (auto& job : found.jobs) {
        state.known.insert(job.id);
        state.jobs_wanted.insert(job.id);
        bool is_new = std::ranges::find(facts.jobs, job.id, &job::Job::id) == facts.jobs.end();
        if (is_new) facts.jobs.push_back(std::move(job));
    }
    for (auto& run : found.runs) {
        if (run.job != 0) state.jobs_wanted.insert(run.job);
        bool is_new =
            std::ranges::find(facts.runs, run.run, &journal::RunRow::run) == facts.runs.end();
        if (is_new) facts.runs.push_back(std::move(run));
    }
    for (auto const& file : found.files)
        if (file.job != 0) state.jobs_wanted.insert(file.job);
}

void ask(State state, Questions questions) {
    ++state.steps;
    auto& store = state.house->work().store();
    store.read_all(std::move(questions),
                   [state = std::move(state)](Result<ports::Found> found) mutable {
                       if (!found) return state.done(std::move(found).error());
                       take(state, std::move(found).take());
                       step(std::move(state));
                   });
}

/// Everything told of the jobs that came up.
void add_jobs(State& state, Questions& questions) {
    for (auto id : state.jobs_wanted) {
        if (questions.size() >= most_at_once) return;
        if (!state.jobs_asked.insert(id).second) continue;
        questions.emplace_back(ports::JobAsked{id});
        questions.emplace_back(ports::RunsAsked{.job = id, .limit = newest});
        questions.emplace_back(ports::EventsAsked{
            .subject = "job/" + std::to_string(id), .oldest_first = true, .limit = 200});
    }
}

void add_causes(State& state, Questions& questions) {
    auto want = [&](job::Id cause) {
        if (cause == 0 || state.known.contains(cause) || questions.size() >= most_at_once) return;
        if (!state.sought.insert(cause).second) return;
        questions.emplace_back(ports::EventsAsked{.id = cause, .limit = 1});
        questions.emplace_back(ports::JobAsked{cause});
    };
    for (auto const& event : state.traced.facts.events) want(event.cause);
    for (auto const& job : state.traced.facts.jobs) want(job.cause);
}

bool is_narrow(journal::EventRow const& event) {
    auto const* kind = journal::find_event_kind(event.kind);
    return !kind || kind->reach == journal::Reach::narrow;
}

void add_effects(State& state, Questions& questions) {
    std::vector<job::Id> causes;
    auto follow = [&](job::Id id) {
        if (causes.size() < effects_at_once && state.followed.insert(id).second)
            causes.push_back(id);
    };
    for (auto const& event : state.traced.facts.events)
        if (is_narrow(event)) follow(event.id);
    for (auto const& job : state.traced.facts.jobs) follow(job.id);
    if (causes.empty()) return;
    questions.emplace_back(ports::EventsAsked{
        .causes = std::move(causes), .oldest_first = true, .limit = effects_at_once});
}

void finish(State state, bool is_cut) {
    auto const& facts = state.traced.facts;
    if (facts.events.empty() && facts.jobs.empty() && facts.runs.empty())
        return state.done(
            Error{Error::Kind::not_found,
                  "nothing is known of " + story::subject_words(state.traced.subject)});
    state.traced.is_cut = is_cut;
    state.done(std::move(state.traced));
}

void step(State state) {
    bool is_full = state.steps >= most_steps || rows(state) >= limits::store_rows;
    if (is_full) return finish(std::move(state), /*is_cut=*/true);
    Questions questions;
    add_jobs(state, questions);
    add_causes(state, questions);
    // Down only when the top is reached: what follows from a cause is asked for once.
    if (questions.empty()) add_effects(state, questions);
    if (questions.empty()) return finish(std::move(state), /*is_cut=*/false);
    ask(std::move(state), std::move(questions));
}

Questions seed(std::string const& subject) {
    Questions questions;
    questions.emplace_back(ports::EventsAsked{.subject = subject, .limit = newest});
    auto slash = subject.find('/');
    auto name = subject.substr(std::min(slash + 1, subject.size()));
    if (auto id = story::job_of(subject)) {
        questions.emplace_back(ports::JobAsked{id});
        questions.emplace_back(ports::EventsAsked{.id = id, .limit = 1});
    }
    if (auto run = story::run_of(subject))
        questions.emplace_back(ports::RunsAsked{.run = run, .limit = 1});
    if (subject.starts_with("event/"))
        if (auto id = id_of(std::string_view(name)))
            questions.emplace_back(ports::EventsAsked{.id = *id, .limit = 1});
    if (subject.starts_with("file/")) {
        questions.emplace_back(ports::FilesAsked{.path = name, .limit = 5});
        // Or where it lies now that it is done.
        questions.emplace_back(ports::FilesAsked{.destination = name, .limit = 5});
    }
    if (subject.starts_with("task/")) {
        questions.emplace_back(ports::JobsAsked{.task = name, .limit = 5});
        questions.emplace_back(
            ports::EventsAsked{.subject_prefix = "trigger/" + name + "#", .limit = 5});
    }
    return questions;
}

}  // namespace

std::string subject_of(House& house, std::string_view words) {
    auto number = words.starts_with("job ") ? words.substr(4) : words;
    if (id_of(number)) return "job/" + std::string(number);
    for (std::string_view sort : {"run ", "event ", "file ", "task ", "folder ", "program "})
        if (words.starts_with(sort))
            return std::string(sort.substr(0, sort.size() - 1)) + "/" +
                   std::string(words.substr(sort.size()));
    if (words.starts_with('/')) return "file/" + std::string(words);
    if (words.find('/') != words.npos) return std::string(words);
    auto& work = house.work();
    if (work.task(words)) return "task/" + std::string(words);
    for (auto const& folder : work.folders())
        if (folder.folder && folder.folder->name == words) return "folder/" + std::string(words);
    auto [group, process] = split_name(words);
    if (!process.empty() && house.find(group, process))
        return "program/" + std::string(group) + ":" + std::string(process);
    return std::string(words);
}

void trace(House& house, std::string subject, std::function<void(Result<Traced>)> done) {
    auto questions = seed(subject);
    State state{
        .house = &house, .done = std::move(done), .traced = {.subject = std::move(subject)}};
    ask(std::move(state), std::move(questions));
}

}  // namespace lares::control
