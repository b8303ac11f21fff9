// cli/top_actions.cc: the rows of acts, what each sends, and what the answers to them mean. The
// overview, every list, the foot and the help read the same rows.

#include "cli/top_actions.h"

#include <algorithm>
#include <iterator>

#include "api/reports.h"
#include "cli/fields.h"

namespace lares::cli::top_view {
namespace {

// clang-format off
constexpr ActionRow rows[] = {
    {"program",  's', "start",       "lares.start",          "start it"},
    {"program",  'x', "stop",        "lares.stop",           "stop it"},
    {"program",  'r', "restart",     "lares.restart",        "stop it and start it again"},
    {"task",     'r', "run",         "lares.run",            "run it now, by hand"},
    {"task",     'p', "pause",       "lares.pause",          "let nothing new of it start"},
    {"task",     'u', "resume",      "lares.resume",         "let it go on"},
    {"task",     'y', "retry dead",  "lares.retry_dead",     "have its dead jobs run again"},
    {"job",      'y', "retry",       "lares.retry",          "have it run again, or at once"},
    {"job",      'c', "cancel",      "lares.cancel",         "end it, or take it back"},
    {"run",      'y', "run again",   "lares.rerun",          "put its job again, as the task is now"},
    {"alert",    'a', "acknowledge", "lares.acknowledge",    "say that you have it in hand"},
    {"alert",    'e', "end",         "lares.resolve",        "end it by hand"},
    {"delivery", 'y', "retry",       "lares.retry_delivery", "try it again at once"},
    {"delivery", 'c', "drop",        "lares.drop_delivery",  "take back what has not gone out"},
};
// clang-format on

/// An outcome a process: the first that went wrong, else that it was asked.
Note told_outcomes(Act const& act, std::vector<api::Outcome> const& outcomes) {
    for (auto const& each : outcomes) {
        if (each.status == api::code::ok) continue;
        std::string const why =
            each.description.empty() ? std::string(api::words_of(each.status)) : each.description;
        return {act.words + ": " + why, Style::bad};
    }
    return {act.words + ": asked", Style::good};
}

}  // namespace

std::span<ActionRow const> action_rows() { return rows; }

ActionRow const* find_action(std::string_view kind, char32_t key) {
    auto const* row = std::ranges::find_if(rows, [&](ActionRow const& each) {
        return each.kind == kind && char32_t(each.key) == key;
    });
    return row == std::end(rows) ? nullptr : row;
}

Act act_of(ActionRow const& row, Thing const& thing) {
    Act act{.method = std::string(row.method), .params = {}};
    bool const is_named = thing.kind == "program" || thing.kind == "task";
    act.words = std::string(row.verb) + " " + (is_named ? "" : thing.kind + " ") + thing.id;
    if (thing.kind == "program")
        act.params = {text::Array{text::Value(thing.id)}, false};  // not until it is done
    else
        act.params = {thing.id};
    return act;
}

bool may_act(Snapshot const& snapshot) { return snapshot.role != "viewer"; }

std::optional<Act> question_about(Thing const& thing) {
    if (thing.kind == "program" || thing.kind == "task" || thing.kind == "job")
        return Act{
            "lares.why", {thing.kind + "/" + thing.id}, "why " + thing.kind + " " + thing.id};
    if (thing.kind == "run" || thing.kind == "event")
        return Act{"lares.trace",
                   {thing.kind + "/" + thing.id},
                   "story of " + thing.kind + " " + thing.id};
    return std::nullopt;
}

Note told_by(Act const& act, text::Value const& answer) {
    if (answer.array() == nullptr) {
        std::string const job = id_of(answer, "job");
        return {act.words + ": " + (job.empty() ? "done" : "job " + job), Style::good};
    }
    // lares.retry_dead answers job by job with "ok", the others as supervisord does.
    for (text::Value const& each : *answer.array())
        if (each.find("ok") != nullptr && !switch_of(each, "ok"))
            return {act.words + ": job " + id_of(each, "job") + ": " + text_of(each, "words"),
                    Style::bad};
    bool const is_of_jobs =
        !answer.array()->empty() && answer.array()->front().find("ok") != nullptr;
    if (is_of_jobs) return {act.words + ": asked", Style::good};
    auto outcomes = api::read_outcomes(answer);
    if (!outcomes) return {act.words + ": " + outcomes.error().what, Style::bad};
    return told_outcomes(act, *outcomes);
}

}  // namespace lares::cli::top_view
