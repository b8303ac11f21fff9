// core/audit_test.cc: what counts as explained, sort by sort.

#include "core/audit.h"

#include <doctest/doctest.h>

#include "core/event_kinds.h"
#include "core/rerun.h"

using namespace lares;
using namespace lares::audit;

namespace {

WallTime at(int seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

std::string ms(int seconds) { return std::to_string(at(seconds).time_since_epoch().count()); }

journal::EventRow trigger(std::string kind, std::string data, std::string subject = "trigger/r#0") {
    return {.id = 1,
            .at = at(0),
            .kind = std::move(kind),
            .subject = std::move(subject),
            .data = std::move(data)};
}

std::string judged(Facts const& facts) {
    std::string text;
    for (auto const& each : judge(facts).list) text += each.subject + ": " + each.words + "\n";
    return text;
}

bool is_due_explained(journal::EventRow const& event) {
    Facts facts;
    facts.due = {{"r#0", "r", at(60)}};
    facts.events = {event};
    return judge(facts).list.empty();
}

}  // namespace

TEST_CASE("a due time is explained by a job of its task and time, or by an event that names it") {
    Facts facts;
    facts.due = {{"r#0", "r", at(60)}};
    CHECK(judged(facts) == "trigger/r#0: was due, but neither fired nor was skipped or missed\n");
    facts.jobs = {{.id = 5, .task = "r", .due = at(60)}};
    facts.live = {5};
    CHECK(judged(facts).empty());
    facts.jobs[0].due = at(61);
    CHECK_FALSE(judged(facts).empty());
    facts.jobs[0].due = at(60);
    facts.jobs[0].task = "other";
    CHECK_FALSE(judged(facts).empty());

    CHECK(is_due_explained(trigger("trigger.skipped", "{\"due\":" + ms(60) + "}")));
    CHECK(is_due_explained(trigger("trigger.fired", "{\"x\":1,\"due\":" + ms(60) + "}")));
    CHECK_FALSE(is_due_explained(trigger("trigger.skipped", "{\"due\":" + ms(61) + "}")));
    CHECK_FALSE(
        is_due_explained(trigger("trigger.skipped", "{\"due\":" + ms(60) + "}", "trigger/r#1")));
    CHECK_FALSE(is_due_explained(trigger("operator", "{\"due\":" + ms(60) + "}")));
    CHECK_FALSE(is_due_explained(trigger("trigger.skipped", "")));
    CHECK_FALSE(is_due_explained(trigger("trigger.skipped", "{broken")));
    CHECK_FALSE(is_due_explained(trigger("trigger.skipped", "{\"due\":\"soon\"}")));
}

TEST_CASE("a range of missed times explains those in it, its ends too") {
    auto range = [](int from, int to) {
        return is_due_explained(
            trigger("trigger.missed", "{\"due_from\":" + ms(from) + ",\"due_to\":" + ms(to) + "}"));
    };
    CHECK(range(0, 100));
    CHECK(range(60, 60));
    CHECK(range(60, 100));
    CHECK(range(0, 60));
    CHECK_FALSE(range(61, 100));
    CHECK_FALSE(range(0, 59));
    CHECK_FALSE(is_due_explained(trigger("trigger.missed", "{\"due_from\":" + ms(0) + "}")));
}

TEST_CASE("a job is explained while it is live, and at its end by a result or a reason") {
    using job::State;
    for (auto state : {State::ready, State::running, State::done, State::dead, State::parked,
                       State::cancelled, State::skipped}) {
        job::Job job{.id = 5, .task = "r", .created = at(0), .ended = at(1)};
        job.state = state;
        Facts facts;
        facts.jobs = {job};
        bool live_state = state == State::ready || state == State::running;
        CHECK(judge(facts).list.empty() == (state == State::done));
        facts.live = {5};
        CHECK(judge(facts).list.empty() == (state == State::done || live_state));
        facts.jobs[0].why = "because";
        CHECK(judge(facts).list.empty());
    }
}

TEST_CASE("an accepted job without a row is missing, unless its end was told") {
    Facts facts;
    facts.events = {{.id = 6, .at = at(0), .kind = "job.accepted", .subject = "job/5"}};
    CHECK(judged(facts) == "job/5: accepted, but there is no such job\n");
    facts.events.push_back({.id = 7, .at = at(1), .kind = "job.done", .subject = "job/5"});
    CHECK(judged(facts).empty());
    facts.events.back().kind = "job.retry";
    CHECK_FALSE(judged(facts).empty());
    facts.live = {5};
    CHECK(judged(facts).empty());
}

TEST_CASE("a file is explained by its end, by a live job, or by waiting for a person") {
    Facts facts;
    facts.files = {{.id = 3, .path = "/in/x", .state = "taken", .job = 5, .seen = at(0)}};
    CHECK_FALSE(judged(facts).empty());
    facts.live = {5};
    CHECK(judged(facts).empty());
    facts.live = {};
    for (auto const* state :
         {"done", "failed", "withdrawn", "ignored", "asked", "problem", "kept"}) {
        facts.files[0].state = state;
        CHECK(judged(facts).empty());
    }
    facts.files[0].state = "";
    CHECK_FALSE(judged(facts).empty());
}

TEST_CASE("the list is in the order of time and counts what was looked at") {
    Facts facts;
    facts.jobs = {{.id = 5, .task = "r", .created = at(50)},
                  {.id = 6, .task = "r", .created = at(10)}};
    facts.due = {{"r#0", "r", at(30)}};
    auto lines = print(judge(facts), [](WallTime) { return 0; });
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "3 unexplained: 2 jobs, 1 due time, 0 files");
    CHECK(lines[1].starts_with("2023-11-14 22:13:30 job 6"));
    CHECK(lines[2].starts_with("2023-11-14 22:13:50 trigger 0 of 'r'"));
    CHECK(lines[3].starts_with("2023-11-14 22:14:10 job 5"));
}

TEST_CASE("kinds of events are sorted, and each end of a job is one") {
    auto kinds = journal::event_kinds();
    for (std::size_t i = 1; i < kinds.size(); ++i) CHECK(kinds[i - 1].name < kinds[i].name);
    for (auto const& kind : kinds) CHECK(journal::find_event_kind(kind.name) == &kind);
    CHECK(journal::find_event_kind("job.lost") == nullptr);
    for (auto state : {job::State::done, job::State::dead, job::State::parked,
                       job::State::cancelled, job::State::skipped}) {
        auto const* kind = journal::find_event_kind("job." + std::string(job::name(state)));
        REQUIRE(kind);
        CHECK(kind->ends == journal::Ends::job);
    }
}

TEST_CASE("a source tells whether a run is repeated as it was") {
    CHECK(rerun::run_as_then(rerun::source(17, rerun::How::as_then)) == 17);
    for (auto const* other : {"rerun of run 17 as now", "put", "rerun of run  as then", "",
                              "rerun of run 17x as then", "rerun of run as then"})
        CHECK_FALSE(rerun::run_as_then(other));
}

TEST_CASE("what was unexplained at one look only was on its way") {
    std::vector<audit::Unexplained> second{
        {"job/1", at(10), "a"}, {"job/2", at(10), "b"}, {"trigger/x", at(20), "c"}};
    audit::keep_both(second, {{"job/2", at(10), "b"}, {"trigger/x", at(19), "c"}});
    REQUIRE(second.size() == 1);
    CHECK(second[0].subject == "job/2");
    audit::keep_both(second, {});
    CHECK(second.empty());
}
