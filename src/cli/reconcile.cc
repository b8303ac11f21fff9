// cli/reconcile.cc: `lares plan`, `apply`, `update`, `reread`, `add`, `remove`, `avail`, `reload`:
// the configuration on disk and what runs, made to agree.

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cli/plan_text.h"
#include "cli/reading.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using text::Value;
using Names = std::vector<std::string>;

Value list(Names const& names) { return text::Array(names.begin(), names.end()); }

/// Says what is wrong; true when something is.
bool complain_of(Doors const& doors, api::Plan const& plan) {
    for (std::string const& warning : plan.warnings) complain(doors, warning);
    for (std::string const& error : plan.errors) complain(doors, error);
    return !plan.errors.empty();
}

Result<api::Plan> ask_for_plan(Session& session, std::string const& path) {
    Value const answer = TRY(session.client.call("lares.plan", {path}));
    return api::read_plan(answer);
}

/// Shows the plan to a person and asks. True where nobody is there to be asked, and with --yes.
Result<bool> is_meant(Session& session) {
    Doors const& doors = session.doors;
    if (session.request.yes || session.request.json || !doors.keyboard.is_tty()) return true;
    api::Plan const plan = TRY(ask_for_plan(session, ""));
    bool const is_nothing = plan.changes.empty() && plan.work.empty();
    if (!plan.errors.empty() || is_nothing) return true;  // update says why, or nothing
    doors.out(plan_text(plan) + "do this? y/N ");
    auto const answer = doors.keyboard.read_line();
    return answer && (answer->starts_with('y') || answer->starts_with('Y'));
}

/// One call for each group.
int each_group(Session& session, std::string const& method, std::string_view done) {
    int status = exit_status::done;
    text::Array answers;
    for (std::string const& group : session.request.words) {
        Result<Value> const answer = session.client.call(method, {group});
        if (!answer) {
            status = fail(session, answer.error());
            if (answer.error().kind == Error::Kind::unavailable) return status;
        } else if (session.request.json) {
            answers.push_back(text::Struct{{"group", group}, {"done", true}});
        } else {
            print(session.doors, fmt::format("{}: {}", group, done));
        }
    }
    if (session.request.json && status == exit_status::done)
        print_json(session.doors, std::move(answers));
    return status;
}

std::string text_of(Value const& value, std::string_view member) {
    Value const* found = value.find(member);
    return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

bool is_true(Value const& value, std::string_view member) {
    Value const* found = value.find(member);
    return found != nullptr && found->boolean() != nullptr && *found->boolean();
}

/// The three lists of supervisor.reloadConfig.
struct Reread {
    std::string_view word;
    Names names;
};

Result<std::vector<Reread>> read_changes(Value const& answer) {
    std::vector<Reread> changes = {{"new", {}}, {"changed", {}}, {"gone", {}}};
    text::Array const* outer = answer.array();
    text::Array const* lists =
        outer != nullptr && !outer->empty() ? outer->front().array() : nullptr;
    if (lists == nullptr || lists->size() != changes.size())
        return Error{Error::Kind::io, "the server's answer is not three lists of groups"};
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (text::Array const* names = (*lists)[i].array())
            for (Value const& name : *names)
                if (name.text() != nullptr) changes[i].names.push_back(*name.text());
    return changes;
}

}  // namespace

int tell_outcomes(Session& session, Result<Value> answer, std::string_view nothing) {
    if (!answer) return fail(session, answer.error());
    if (session.request.json) print_json(session.doors, *answer);
    Result<std::vector<api::Outcome>> const outcomes = api::read_outcomes(std::move(answer).take());
    if (!outcomes) return fail(session, outcomes.error());
    int status = exit_status::done;
    std::string good;
    for (api::Outcome const& outcome : *outcomes) {
        std::string const line = outcome.full_name() + ": " + outcome.description;
        if (outcome.status == api::code::ok) {
            good += line + "\n";
        } else {
            complain(session.doors, line);
            status = exit_status::refused;
        }
    }
    if (outcomes->empty()) good = std::string(nothing) + "\n";
    if (!good.empty() && !session.request.json) session.doors.out(good);
    return status;
}

int plan(Session& session) {
    std::string path;
    if (!session.request.words.empty())
        path = absolute(session.request.words.front(), session.doors.world);
    Result<Value> const answer = session.client.call("lares.plan", {path});
    if (!answer) return fail(session, answer.error());
    Result<api::Plan> const plan = api::read_plan(*answer);
    if (!plan) return fail(session, plan.error());
    if (session.request.json) print_json(session.doors, *answer);
    if (complain_of(session.doors, *plan)) return exit_status::refused;
    if (!session.request.json)
        print(session.doors, plan_text(*plan) + "fingerprint: " + plan->fingerprint);
    return exit_status::done;
}

int apply(Session& session) {
    Result<Value> answer =
        session.client.call("lares.apply", {session.request.words.front()}, Duration(0));
    return tell_outcomes(session, std::move(answer), "nothing changed");
}

int update(Session& session) {
    Result<bool> const meant = is_meant(session);
    if (!meant) return fail(session, meant.error());
    if (!*meant) {
        complain(session.doors, "nothing was changed");
        return exit_status::refused;
    }
    Result<Value> answer =
        session.client.call("lares.update", {list(session.request.words)}, Duration(0));
    return tell_outcomes(session, std::move(answer), "nothing to change");
}

int reread(Session& session) {
    Result<Value> const answer = session.client.call("supervisor.reloadConfig", {});
    if (!answer) return fail(session, answer.error());
    Result<std::vector<Reread>> const changes = read_changes(*answer);
    if (!changes) return fail(session, changes.error());
    if (session.request.json) {
        text::Struct members;
        for (Reread const& change : *changes)
            members.emplace_back(std::string(change.word), list(change.names));
        print_json(session.doors, std::move(members));
        return exit_status::done;
    }
    std::string text;
    for (Reread const& change : *changes)
        for (std::string const& name : change.names)
            text += fmt::format("{}: {}\n", name, change.word);
    print(session.doors, text.empty() ? "no group has changed" : text);
    return exit_status::done;
}

int add(Session& session) { return each_group(session, "supervisor.addProcessGroup", "added"); }

int remove(Session& session) {
    return each_group(session, "supervisor.removeProcessGroup", "removed");
}

int avail(Session& session) {
    Result<Value> const answer = session.client.call("supervisor.getAllConfigInfo", {});
    if (!answer) return fail(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    std::string text;
    for (Value const& each : answer->array() != nullptr ? *answer->array() : text::Array()) {
        std::string const group = text_of(each, "group"), name = text_of(each, "name");
        text += fmt::format("{:<32} {:<7} {}\n", group == name ? name : group + ":" + name,
                            is_true(each, "inuse") ? "in use" : "free",
                            is_true(each, "autostart") ? "starts by itself" : "started by hand");
    }
    print(session.doors, text.empty() ? "no program is configured" : text);
    return exit_status::done;
}

int reload(Session& session) {
    Result<Value> const answer = session.client.call("supervisor.restart", {});
    if (!answer) return fail(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"restarting", true}});
    } else {
        print(session.doors,
              "the daemon stops everything, reads its configuration and starts anew");
    }
    return exit_status::done;
}

int event(Session& session) {
    Names const& words = session.request.words;
    Result<Value> const answer =
        session.client.call("supervisor.sendRemoteCommEvent", {words[0], words[1]});
    if (!answer) return fail(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"type", words[0]}, {"sent", true}});
    } else {
        print(session.doors, "sent " + words[0]);
    }
    return exit_status::done;
}

}  // namespace lares::cli
