// cli/act.cc: `lares start`, `stop`, `restart`, `signal`, `scale` and `version`.

#include <fmt/core.h>

#include <map>
#include <utility>

#include "base/limits.h"
#include "cli/session.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

/// The words of one verb.
struct Verb {
    std::string_view done;       // "started"
    std::string_view begun;      // with --no-wait
    std::int64_t harmless;       // a fault that leaves things as they were wanted; 0: none
    std::string_view as_wanted;  // said then
    std::string_view failed;     // "not started"
};

// clang-format off
constexpr Verb start_verb   = {"started",   "starting",   api::code::already_started, "already running", "not started"};
constexpr Verb stop_verb    = {"stopped",   "stopping",   api::code::not_running,     "was not running", "not stopped"};
constexpr Verb restart_verb = {"restarted", "restarting", 0,                          "",                "not restarted"};
constexpr Verb signal_verb  = {"signalled", "signalled",  0,                          "",                "not signalled"};
// clang-format on

using Outcomes = std::vector<api::Outcome>;
using Reasons = std::map<std::string, std::string>;

bool is_failure(api::Outcome const& outcome, Verb const& verb) {
    return outcome.status != api::code::ok && outcome.status != verb.harmless;
}

/// Asks once why those that failed are as they are: the fault alone says only that they failed.
Reasons reasons_of(Session& session, Outcomes const& outcomes, Verb const& verb) {
    api::Patterns names;
    for (api::Outcome const& outcome : outcomes)
        if (is_failure(outcome, verb) && outcome.status != api::code::bad_name)
            names.push_back(outcome.full_name());
    Reasons reasons;
    if (names.empty()) return reasons;
    if (Result<api::Status> const status = session.client.status(names))
        for (api::Process const& process : status->processes)
            reasons[process.full_name()] = reason(process);
    return reasons;
}

/// What is added to the fault. How the process is doing tells more than supervisord's words for a
/// start that failed; the words of any other fault tell what stood in the way.
std::string detail(api::Outcome const& outcome, Reasons const& reasons) {
    auto const found = reasons.find(outcome.full_name());
    std::string state = found == reasons.end() ? "" : found->second;
    bool const ended = outcome.status == api::code::spawn_error ||
                       outcome.status == api::code::abnormal_termination;
    if (ended && !state.empty()) return state;
    std::string const extra(api::extra_words(outcome.description));
    bool const repeats = extra == outcome.name || extra == outcome.full_name();
    return extra.empty() || repeats ? state : extra;
}

std::string failure_line(api::Outcome const& outcome, Verb const& verb, Reasons const& reasons) {
    std::string_view const known = api::words_of(outcome.status);
    std::string const more = detail(outcome, reasons);
    return fmt::format("{}: {}: {}{}{}", outcome.full_name(), verb.failed,
                       known.empty() ? outcome.description : known, more.empty() ? "" : ": ", more);
}

int print_outcomes(Session& session, Outcomes const& outcomes, Verb const& verb) {
    Reasons const reasons = reasons_of(session, outcomes, verb);
    std::string good;
    std::vector<std::string> unknown;
    int result = exit_status::done;
    for (api::Outcome const& outcome : outcomes) {
        if (!is_failure(outcome, verb)) {
            std::string_view const did = session.request.no_wait ? verb.begun : verb.done;
            bool const changed = outcome.status == api::code::ok;
            good += fmt::format("{}: {}\n", outcome.full_name(), changed ? did : verb.as_wanted);
            continue;
        }
        result = exit_status::refused;
        if (outcome.status == api::code::bad_name) {
            unknown.push_back(outcome.full_name());
        } else {
            complain(session.doors, failure_line(outcome, verb, reasons));
        }
    }
    if (!good.empty() && !session.request.json) print(session.doors, good);
    complain_of_unknown(session, unknown);
    return result;
}

int finish(Session& session, Result<text::Value> answer, Verb const& verb) {
    if (!answer) return fail(session, answer.error());
    if (session.request.json) print_json(session.doors, *answer);
    Result<Outcomes> const outcomes = api::read_outcomes(std::move(answer).take());
    if (!outcomes) return fail(session, outcomes.error());
    return print_outcomes(session, *outcomes, verb);
}

api::Wait wait_of(Session const& session) {
    return session.request.no_wait ? api::Wait::no : api::Wait::yes;
}

}  // namespace

int start(Session& session) {
    return finish(session, session.client.start(session.request.words, wait_of(session)),
                  start_verb);
}

int stop(Session& session) {
    return finish(session, session.client.stop(session.request.words, wait_of(session)), stop_verb);
}

int restart(Session& session) {
    auto const manner = session.request.rolling ? api::Manner::rolling : api::Manner::together;
    return finish(session, session.client.restart(session.request.words, wait_of(session), manner),
                  restart_verb);
}

int signal(Session& session) {
    api::Patterns const names(session.request.words.begin() + 1, session.request.words.end());
    return finish(session, session.client.signal(names, session.request.words.front()),
                  signal_verb);
}

int scale(Session& session) {
    std::string const& program = session.request.words[0];
    Result<long long> const count = text::parse_integer(session.request.words[1]);
    if (!count || *count < 0 || *count > limits::processes)
        return fail(
            session.doors, session.request,
            {Error::Kind::invalid, fmt::format("'{}' is no number of processes; it must be 0 to {}",
                                               session.request.words[1], limits::processes)},
            exit_status::usage);
    Result<> const done = session.client.scale(program, *count);
    if (!done && done.error().kind == Error::Kind::not_found)
        return fail(session.doors, session.request,
                    {Error::Kind::not_found, fmt::format("no program is called '{}'", program)},
                    exit_status::refused);
    if (!done) return fail(session, done.error());
    if (session.request.json) {
        print_json(session.doors,
                   text::Struct{{"program", program}, {"processes", std::int64_t(*count)}});
    } else {
        print(session.doors,
              fmt::format("{}: {} process{}", program, *count, *count == 1 ? "" : "es"));
    }
    return exit_status::done;
}

int version(Session& session) {
    Doors const& doors = session.doors;
    Result<std::string> const daemon = session.client.version();
    std::string const own = version_line(doors);
    if (!session.request.json) {
        print(doors, daemon ? fmt::format("{}\ndaemon {}\n", own, *daemon) : own);
    } else if (daemon) {
        print_json(doors,
                   text::Struct{
                       {"version", doors.version}, {"commit", doors.commit}, {"daemon", *daemon}});
    }
    return daemon ? exit_status::done : fail(session, daemon.error());
}

}  // namespace lares::cli
