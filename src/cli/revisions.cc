// cli/revisions.cc: `lares config` and `lares program`: configurations that were in force, and
// programs kept as files by the daemon.

#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

#include "cli/session.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using text::Value;

int wrong_usage(Session const& session, std::string what) {
    return fail(session.doors, session.request, {Error::Kind::invalid, std::move(what)},
                exit_status::usage);
}

/// "2026-11-22 23:00:00", local time.
std::string time_text(std::int64_t seconds) {
    std::time_t const when = seconds;
    std::tm parts{};
    ::localtime_r(&when, &parts);
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts));
}

/// The number in the word at `at`; 0 when there is none.
Result<std::int64_t> revision_at(Session const& session, std::size_t at) {
    if (at >= session.request.words.size()) return std::int64_t(0);
    std::string const& word = session.request.words[at];
    Result<long long> const number = text::parse_integer(word);
    if (!number || *number < 1)
        return Error{Error::Kind::invalid, "'" + word +
                                               "' is no revision; 'lares config history' "
                                               "lists them"};
    return std::int64_t(*number);
}

int history(Session& session) {
    Result<Value> const answer = session.client.call("lares.config_history", {});
    if (!answer) return fail(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    Result<std::vector<api::Revision>> const revisions = api::read_revisions(*answer);
    if (!revisions) return fail(session, revisions.error());
    std::string text;
    for (api::Revision const& each : *revisions)
        text += fmt::format("{} {:>4}  {}  {:>5} program{}  {}{}\n", each.is_current ? '*' : ' ',
                            each.number, time_text(each.when), each.programs,
                            each.programs == 1 ? " " : "s", each.cause,
                            each.by.empty() ? "" : " (" + each.by + ")");
    print(session.doors, text.empty() ? "no revision is kept yet" : text);
    return exit_status::done;
}

/// The revision in force.
Result<std::int64_t> current_revision(Session& session) {
    text::Value history = TRY(session.client.call("lares.config_history", {}));
    auto const revisions = TRY(api::read_revisions(std::move(history)));
    auto const current = std::ranges::find(revisions, true, &api::Revision::is_current);
    if (current == revisions.end())
        return Error{Error::Kind::conflict, "no revision is in force; see 'lares config history'"};
    return current->number;
}

/// The words for a revision that the daemon does not have are its own, not those for a process.
int fail_of(Session const& session, Error const& error, std::int64_t number) {
    if (error.kind != Error::Kind::not_found) return fail(session, error);
    return fail(session, {Error::Kind::not_found,
                          fmt::format("there is no revision {}; 'lares config history' lists them",
                                      number)});
}

int diff(Session& session) {
    Result<std::int64_t> given = revision_at(session, 1);
    if (!given) return wrong_usage(session, given.error().what);
    Result<std::int64_t> const from = *given == 0 ? current_revision(session) : std::move(given);
    if (!from) return fail(session, from.error());
    Result<std::int64_t> const to = revision_at(session, 2);
    if (!to) return wrong_usage(session, to.error().what);
    Result<Value> const answer = session.client.call("lares.config_diff", {*from, *to});
    if (!answer) return fail_of(session, answer.error(), *to == 0 ? *from : *to);
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"diff", *answer}});
        return exit_status::done;
    }
    std::string const* text = answer->text();
    if (text == nullptr)
        return fail(session, {Error::Kind::io, "the server's answer is not a text"});
    if (text->empty()) {
        print(session.doors, "no difference");
    } else {
        print(session.doors, *text);
    }
    return exit_status::done;
}

int rollback(Session& session) {
    if (session.request.words.size() != 2)
        return wrong_usage(session, "to which revision? as 'lares config rollback 3'");
    Result<std::int64_t> const number = revision_at(session, 1);
    if (!number) return wrong_usage(session, number.error().what);
    Result<Value> answer = session.client.call("lares.config_rollback", {*number}, Duration(0));
    if (!answer) return fail_of(session, answer.error(), *number);
    return tell_outcomes(session, std::move(answer), "nothing changed");
}

/// The text of a program's section: a file's, or what stands on standard input.
Result<std::string> section_text(Session const& session, std::string const& file) {
    if (file != "-") {
        Result<std::string> bytes = session.doors.world.read_file(file);
        if (!bytes) return std::move(bytes).error().during(file);
        return bytes;
    }
    std::string text;
    while (auto const line = session.doors.keyboard.read_line()) text += *line + "\n";
    return text;
}

int done(Session const& session, Result<Value> const& answer, std::string const& name,
         std::string_view word) {
    if (!answer) return fail(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"program", name}, {"done", true}});
    } else {
        print(session.doors, fmt::format("{}: {}", name, word));
    }
    return exit_status::done;
}

}  // namespace

int revisions(Session& session) {
    std::string const& what = session.request.words.front();
    if (what == "history") return history(session);
    if (what == "diff") return diff(session);
    if (what == "rollback") return rollback(session);
    return wrong_usage(session, "'" + what +
                                    "' is nothing to do with a configuration; there are 'history', "
                                    "'diff' and 'rollback'");
}

int managed_program(Session& session) {
    auto const& words = session.request.words;
    if (words[0] == "put" && words.size() == 3) {
        Result<std::string> const text = section_text(session, words[2]);
        if (!text) return fail(session.doors, session.request, text.error(), exit_status::refused);
        return done(session, session.client.call("lares.put_program", {words[1], *text}), words[1],
                    "kept; 'lares update' puts it into force");
    }
    if (words[0] == "remove" && words.size() == 2)
        return done(session, session.client.call("lares.remove_program", {words[1]}), words[1],
                    "no longer kept; 'lares update' puts that into force");
    return wrong_usage(session,
                       "write 'lares program put NAME FILE' ('-': standard input) or 'lares "
                       "program remove NAME'");
}

}  // namespace lares::cli
