// cli/top_actions.cc: the rows of acts, what each sends, and what the answers to them mean. The
// overview, every list, the foot and the help read the same rows.

#include "cli/top_actions.h"

#include <algorithm>
#include <iterator>

#include "api/reports.h"
#include "cli/fields.h"

namespace lares::cli::top_view {
namespace {

using text::Value;

// clang-format off
constexpr ActionRow rows[] = {
    {"program",  's', "start",       "lares.start",          Given::names,      "start it"},
    {"program",  'x', "stop",        "lares.stop",           Given::names,      "stop it"},
    {"program",  'r', "restart",     "lares.restart",        Given::names,      "stop it and start it again"},
    {"task",     'r', "run",         "lares.run",            Given::id,         "run it now, by hand"},
    {"task",     'p', "pause",       "lares.pause",          Given::id,         "let nothing new of it start"},
    {"task",     'u', "resume",      "lares.resume",         Given::id,         "let it go on"},
    {"task",     'y', "retry dead",  "lares.retry_dead",     Given::id,         "have its dead jobs run again"},
    {"file",     'r', "run",         "lares.settle_file",    Given::id_and_yes, "have a job made for it"},
    {"file",     'x', "leave",       "lares.settle_file",    Given::id_and_no,  "leave it where it lies"},
    {"job",      'y', "retry",       "lares.retry",          Given::id,         "have it run again, or at once"},
    {"job",      'c', "cancel",      "lares.cancel",         Given::id,         "end it, or take it back"},
    {"run",      'y', "run again",   "lares.rerun",          Given::id,         "put its job again, as the task is now"},
    {"alert",    'a', "acknowledge", "lares.acknowledge",    Given::id,         "say that you have it in hand"},
    {"alert",    'e', "end",         "lares.resolve",        Given::id,         "end it by hand"},
    {"delivery", 'y', "retry",       "lares.retry_delivery", Given::id,         "try it again at once"},
    {"delivery", 'c', "drop",        "lares.drop_delivery",  Given::id,         "take back what has not gone out"},
};
// clang-format on

std::vector<Value> parameters_of(ActionRow const& row, Thing const& thing) {
    switch (row.given) {
    case Given::names:
    case Given::id:
        return {thing.id};
    case Given::id_and_yes:
        return {thing.id, true};
    case Given::id_and_no:
        return {thing.id, false};
    }
    return {};
}

/// As supervisord does, an outcome a process; what is not named in the answer was not heard of.
std::vector<Told> told_outcomes(Act const& act, std::vector<api::Outcome> const& outcomes) {
    std::vector<Told> told;
    for (Thing const& thing : act.things) {
        auto const each = std::ranges::find(outcomes, thing.id, &api::Outcome::full_name);
        if (each == outcomes.end())
            told.push_back({thing, "the daemon said nothing of it", false});
        else if (each->status == api::code::ok)
            told.push_back({thing, "asked"});
        else
            told.push_back({thing,
                            each->description.empty() ? std::string(api::words_of(each->status))
                                                      : plain_words(each->description),
                            false});
    }
    return told;
}

/// lares.retry_dead answers job by job, each with "ok".
Told told_jobs(Thing const& thing, text::Array const& jobs) {
    for (Value const& each : jobs)
        if (!switch_of(each, "ok"))
            return {thing, "job " + id_of(each, "job") + ": " + text_of(each, "words"), false};
    if (jobs.empty()) return {thing, "none of its jobs is dead"};
    return {thing,
            "asked for " + std::to_string(jobs.size()) + (jobs.size() == 1 ? " job" : " jobs")};
}

}  // namespace

std::span<ActionRow const> action_rows() { return rows; }

ActionRow const* find_action(std::string_view kind, char32_t key) {
    auto const* row = std::ranges::find_if(rows, [&](ActionRow const& each) {
        return each.kind == kind && char32_t(each.key) == key;
    });
    return row == std::end(rows) ? nullptr : row;
}

bool has_actions(std::string_view kind) {
    return std::ranges::find(rows, kind, &ActionRow::kind) != std::end(rows);
}

std::string called(Thing const& thing) {
    if (!thing.name.empty()) return thing.name;
    bool const is_named = thing.kind == "program" || thing.kind == "task" || thing.kind == "folder";
    return is_named ? thing.id : thing.kind + " " + thing.id;
}

std::vector<Act> acts_of(ActionRow const& row, std::vector<Thing> const& things) {
    std::vector<Act> acts;
    auto add = [&](std::vector<Value> params, std::vector<Thing> of) {
        acts.push_back({std::string(row.method), std::move(params),
                        std::string(row.verb) + " " + called(of.front()), std::move(of)});
    };
    if (row.given != Given::names) {
        for (Thing const& thing : things) add(parameters_of(row, thing), {thing});
        return acts;
    }
    text::Array names;
    for (Thing const& thing : things) names.emplace_back(thing.id);
    if (!things.empty()) add({std::move(names), false}, things);  // not until it is done
    return acts;
}

std::string refusal_to(Snapshot const& snapshot, std::string_view words) {
    return std::string(words) + " needs an operator; " + snapshot.who + " is a " + snapshot.role;
}

bool may_act(Snapshot const& snapshot) { return snapshot.role != "viewer"; }

std::optional<Act> question_about(Thing const& thing) {
    bool const has_reasons = thing.kind == "program" || thing.kind == "task" ||
                             thing.kind == "job" || thing.kind == "folder";
    std::string const subject = thing.kind + "/" + (thing.name.empty() ? thing.id : thing.name);
    if (has_reasons) return Act{"lares.why", {subject}, "why " + thing.kind + " " + thing.id};
    if (thing.kind == "run" || thing.kind == "event" || thing.kind == "file")
        return Act{"lares.trace", {subject}, "story of " + called(thing)};
    return std::nullopt;
}

std::string plain_words(std::string_view error) {
    for (std::string_view const name : {"bad arguments: ", "failed: ", "FAILED: "})
        if (error.starts_with(name)) error.remove_prefix(name.size());
    return std::string(error);
}

std::vector<Told> told_by(Act const& act, Value const& answer) {
    if (act.things.empty()) return {};
    Thing const& thing = act.things.front();
    if (answer.find("faultCode") != nullptr && answer.find("faultString") != nullptr) {
        text::XmlRpcFault const fault{int(number_of(answer, "faultCode")),
                                      text_of(answer, "faultString")};
        return {{thing, plain_words(api::error_of(fault).what), false}};
    }
    if (answer.array() == nullptr) {
        std::string const job = id_of(answer, "job");
        return {{thing, job.empty() ? "done" : "job " + job}};
    }
    bool const is_of_jobs = act.method == "lares.retry_dead";
    if (is_of_jobs) return {told_jobs(thing, *answer.array())};
    if (auto const outcomes = api::read_outcomes(answer)) return told_outcomes(act, *outcomes);
    return {{thing, "the daemon's answer cannot be read", false}};
}

}  // namespace lares::cli::top_view
