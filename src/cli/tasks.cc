// cli/tasks.cc: `lares tasks`, `folders`, `pause`, `resume`, `drain` and `maintenance`.

#include <fmt/core.h>

#include "cli/fields.h"
#include "cli/reading.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using text::Value;

/// "paused", "blocked: needs", "running", "waiting", "idle", "off".
std::string state_of(Value const& task) {
    if (!switch_of(task, "enabled")) return "off";
    for (Value const& block : list_of(task, "blocks")) return text_of(block, "words");
    if (number_of(task, "running") > 0) return "running";
    if (number_of(task, "ready") > 0) return "waiting";
    return switch_of(task, "late") ? "late: " + text_of(task, "late_words") : "idle";
}

std::string last_of(Value const& task) {
    std::string const at = time_of(task, "last_end");
    return at.empty() ? "-" : at + " " + text_of(task, "last_state");
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string tasks_table(text::Array const& tasks) {
    std::vector<std::vector<std::string>> rows{
        {"TASK", "NEXT", "LAST", "READY", "RUNNING", "STATE"}};
    for (Value const& task : tasks)
        rows.push_back({text_of(task, "task"), or_dash(time_of(task, "next")), last_of(task),
                        text_of(task, "ready"), text_of(task, "running"), state_of(task)});
    return aligned(rows);
}

std::string folders_table(text::Array const& folders) {
    std::vector<std::vector<std::string>> rows{
        {"FOLDER", "TASK", "WAITING", "TAKEN", "PROBLEMS", "PATH", ""}};
    for (Value const& folder : folders) {
        std::string words = text_of(folder, "blocked");
        std::string const trouble = text_of(folder, "trouble");
        if (!trouble.empty()) words += (words.empty() ? "" : "; ") + trouble;
        rows.push_back({text_of(folder, "folder"), text_of(folder, "task"),
                        text_of(folder, "waiting"), text_of(folder, "taken"),
                        text_of(folder, "problems"), text_of(folder, "path"), words});
    }
    return aligned(rows);
}

/// One act for each task named. @param limit  none for what waits for running jobs.
int act(Session& session, char const* method, char const* done, bool with_reason, Duration limit) {
    int status = exit_status::done;
    text::Array results;
    for (std::string const& task : session.request.words) {
        std::vector<Value> parameters{task};
        if (with_reason) parameters.emplace_back(session.request.reason);
        Result<Value> const answer = session.client.call(method, std::move(parameters), limit);
        if (!answer) {
            status = fail_plainly(session, answer.error());
            if (status == exit_status::nobody) return status;
            continue;
        }
        results.push_back(text::Struct{{"task", task}, {"done", true}});
        if (!session.request.json) print(session.doors, task + ": " + done);
    }
    if (session.request.json && status == exit_status::done) print_json(session.doors, results);
    return status;
}

std::string maintenance_text(Value const& held) {
    if (!switch_of(held, "on")) {
        std::string const report = text_of(held, "report");
        return report.empty() ? "there is no maintenance" : report;
    }
    std::string text = "maintenance until " + time_of(held, "until");
    std::string needs;
    for (Value const& name : list_of(held, "needs"))
        if (name.text() != nullptr) needs += (needs.empty() ? "" : ", ") + *name.text();
    if (!needs.empty()) text += " of what needs " + needs;
    if (!text_of(held, "reason").empty()) text += ": " + text_of(held, "reason");
    if (!text_of(held, "who").empty()) text += ", by " + text_of(held, "who");
    auto count = text_of(held, "held");
    return text + "; " + count + (count == "1" ? " job is held" : " jobs are held");
}

int show_maintenance(Session& session) {
    Result<Value> const answer = session.client.call("lares.maintenance", {});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, maintenance_text(*answer));
    return exit_status::done;
}

}  // namespace

int tasks(Session& session) {
    return show_list(session, "lares.tasks", tasks_table, "no task is configured");
}

int folders(Session& session) {
    return show_list(session, "lares.folders", folders_table, "no folder is configured");
}

/// What a file waits for that a folder asks about, or has a problem with.
int folder(Session& session) {
    std::string const& what = session.request.words[0];
    std::string const& file = session.request.words[1];
    if (what != "run" && what != "leave")
        return wrong_use(
            session, "'" + what + "' is nothing to do with a file; there are 'run' and 'leave'");
    std::string id = file;
    if (file.find_first_not_of("0123456789") != std::string::npos) {
        std::string const path = absolute(file, session.doors.world);
        Result<Value> const found =
            session.client.call("lares.files", {text::Struct{{"path", path}, {"limit", 1}}});
        if (!found) return fail_plainly(session, found.error());
        text::Array const files = list_of(*found, "files");
        if (files.empty())
            return fail(session.doors, session.request,
                        {Error::Kind::not_found, "no folder has taken notice of '" + path + "'"},
                        exit_status::refused);
        id = id_of(files.front(), "file");
    }
    Result<Value> const answer = session.client.call("lares.settle_file", {id, what == "run"});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, text::Struct{{"file", id}, {"done", what}});
    else
        print(session.doors,
              "'" + file + "': " + (what == "run" ? "gets a job" : "is left where it is"));
    return exit_status::done;
}

int pause(Session& session) {
    return act(session, "lares.pause", "paused; what runs goes on", /*with_reason=*/true,
               api::Client::answer_limit);
}

int resume(Session& session) {
    return act(session, "lares.resume", "goes on", /*with_reason=*/false,
               api::Client::answer_limit);
}

int drain(Session& session) {
    return act(session, "lares.drain", "paused, and nothing of it runs", /*with_reason=*/false,
               Duration(0));
}

int maintenance(Session& session) {
    std::string const& what = session.request.words.front();
    if (what == "show") return show_maintenance(session);
    Result<Value> const answer =
        what == "end"
            ? session.client.call("lares.maintenance_end", {})
            : session.client.call("lares.maintenance_begin",
                                  {what, names_in(session.request.needs), session.request.reason});
    if (!answer) return fail_plainly(session, answer.error());
    return show_maintenance(session);
}

}  // namespace lares::cli
