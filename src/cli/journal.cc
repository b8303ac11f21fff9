// cli/journal.cc: `lares trace`, `why`, `why-not`, `audit`, `at` and `events`: what the daemon's
// journal tells, printed as it tells it.

#include <algorithm>
#include <filesystem>

#include "cli/fields.h"
#include "cli/reading.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""s;
using text::Value;

/// The words of the command line as one: "job 812", "03:12", "2026-03-01 03:12".
std::string joined(std::vector<std::string> const& words) {
    std::string text;
    for (std::string const& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string path_of(Session const& session, std::string const& words) {
    return std::filesystem::path(absolute(words, session.doors.world)).lexically_normal().string();
}

/// What has a slash and does not begin with the sort of a thing ("job/12", "task/report") is a
/// file, as seen from here.
std::string thing_of(Session const& session) {
    static constexpr std::string_view sorts[] = {
        "alert/", "budget/",  "channel/", "circuit/", "delivery/", "event/",   "file/", "folder/",
        "job/",   "message/", "program/", "run/",     "task/",     "trigger/", "unit/"};
    std::string const words = joined(session.request.words);
    constexpr std::string_view file = "file ";
    if (words.starts_with(file)) return "file/" + path_of(session, words.substr(file.size()));
    bool const is_sorted =
        std::ranges::any_of(sorts, [&](auto sort) { return words.starts_with(sort); });
    bool const is_path = words.find('/') != std::string::npos && !is_sorted;
    return is_path ? path_of(session, words) : words;
}

std::string line_of(Value const& event) {
    std::string line = time_of(event, "at") + "  " + text_of(event, "kind") + "  " +
                       text_of(event, "subject") + "  " + text_of(event, "words");
    std::string const who = text_of(event, "who");
    return who.empty() ? line : line + " (" + who + ")";
}

void show(Session const& session, text::Array const& events) {
    std::string text;
    for (Value const& event : events)
        text += (session.request.json ? text::to_json(event) : line_of(event)) + "\n";
    if (!text.empty()) print(session.doors, text);
}

/// What comes after the last one shown, once a second until Ctrl-C.
int follow(Session& session, text::Struct filters, std::string last) {
    session.doors.catch_interrupt();
    filters.emplace_back("oldest_first", true);
    filters.emplace_back("after", last);
    while (session.doors.pause(1s)) {
        filters.back().second = last.empty() ? "0" : last;
        Result<Value> const answer = session.client.call("lares.events", {filters});
        if (!answer) return fail_plainly(session, answer.error());
        text::Array const list = list_of(*answer, "events");
        if (list.empty()) continue;
        show(session, list);
        last = id_of(list.back(), "event");
    }
    return exit_status::done;
}

}  // namespace

int trace(Session& session) { return tell_lines(session, "lares.trace", {thing_of(session)}); }

int why(Session& session) { return tell_lines(session, "lares.why", {thing_of(session)}); }

int at(Session& session) {
    return tell_lines(session, "lares.at", {joined(session.request.words)});
}

/// Exit status 1 when there is anything unexplained, so that a script can ask.
int audit(Session& session) {
    Result<Value> const answer = session.client.call("lares.audit", {session.request.since});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, lines_of(*answer));
    return number_of(*answer, "unexplained") > 0 ? exit_status::refused : exit_status::done;
}

int events(Session& session) {
    text::Struct filters;
    Request const& request = session.request;
    if (!request.words.empty()) filters.emplace_back("kind", request.words.front());
    if (!request.since.empty()) filters.emplace_back("since", request.since);
    text::Struct first = filters;
    first.emplace_back("limit", request.count.empty() ? "20" : request.count);
    Result<Value> const answer = session.client.call("lares.events", {first});
    if (!answer) return fail_plainly(session, answer.error());
    text::Array list = list_of(*answer, "events");
    std::reverse(list.begin(), list.end());  // the newest stands last, where the eye is
    show(session, list);
    if (!request.follow) return exit_status::done;
    return follow(session, std::move(filters), list.empty() ? "" : id_of(list.back(), "event"));
}

}  // namespace lares::cli
