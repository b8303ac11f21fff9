// control/rest_routes.cc: the rows, and finding one.

#include "control/rest_routes.h"

#include <algorithm>

#include "text/query.h"

namespace lares::control {

namespace {

// clang-format off
constexpr RestRoute rows[] = {
    {"GET", "", "lares.version", "", "", Shape::text, "version", "{version:string links:{openapi:string stream:string}}"},
    {"GET", "status", "lares.status", "=[] =[\"name\"]", "", Shape::no_processes, "", "Status"},

    {"GET", "programs", "lares.status", "=[] =[]", "", Shape::processes, "programs", "{programs:[Process] more:boolean}"},
    {"POST", "programs/start", "lares.start", ".names .wait", "", Shape::results, "", "{results:[Result]}"},
    {"POST", "programs/stop", "lares.stop", ".names .wait", "", Shape::results, "", "{results:[Result]}"},
    {"POST", "programs/restart", "lares.restart", ".names .wait .rolling", "", Shape::results, "", "{results:[Result]}"},
    {"POST", "programs/signal", "lares.signal", ".names .signal", "", Shape::results, "", "{results:[Result]}"},
    {"GET", "programs/{name}", "lares.status", "[{name}] =[]", "", Shape::one_process, "", "Process", 200, Guard::program, "Tells about one process"},
    {"PUT", "programs/{name}", "lares.put_program", "{name} .text", "", Shape::ok, "", "Ok", 200, Guard::config},
    {"DELETE", "programs/{name}", "lares.remove_program", "{name}", "", Shape::ok, "", "Ok", 200, Guard::config},
    {"POST", "programs/{name}/start", "lares.start", "[{name}] .wait", "", Shape::results, "", "{results:[Result]}", 200, Guard::program},
    {"POST", "programs/{name}/stop", "lares.stop", "[{name}] .wait", "", Shape::results, "", "{results:[Result]}", 200, Guard::program},
    {"POST", "programs/{name}/restart", "lares.restart", "[{name}] .wait .rolling", "", Shape::results, "", "{results:[Result]}", 200, Guard::program},
    {"POST", "programs/{name}/signal", "lares.signal", "[{name}] .signal", "", Shape::results, "", "{results:[Result]}", 200, Guard::program},
    {"POST", "programs/{name}/scale", "lares.scale", "{name} .count", "", Shape::ok, "", "Ok"},
    {"POST", "programs/{name}/clear", "supervisor.clearProcessLogs", "{name}", "", Shape::ok, "", "Ok"},
    {"GET", "programs/{name}/log", "lares.log", "{name} ?stream ?offset ?length", "stream:string offset:int length:int", Shape::as_is, "", "LogPart"},
    {"GET", "log", "lares.log", "= =stdout ?offset ?length", "offset:int length:int", Shape::as_is, "", "LogPart", 200, Guard::none, "Reads the daemon's own log"},
    {"GET", "usage", "lares.usage", "", "", Shape::as_is, "", "{at:number usage:[Usage]}"},

    {"GET", "tasks", "lares.tasks", "", "", Shape::list, "tasks", "{tasks:[Task] more:boolean}"},
    {"GET", "tasks/{task}", "lares.task", "{task}", "", Shape::as_is, "", "Task", 200, Guard::task},
    {"POST", "tasks/{task}/pause", "lares.pause", "{task} .reason", "", Shape::ok, "", "Ok", 200, Guard::task},
    {"POST", "tasks/{task}/resume", "lares.resume", "{task}", "", Shape::ok, "", "Ok", 200, Guard::task},
    {"POST", "tasks/{task}/drain", "lares.drain", "{task}", "", Shape::ok, "", "Ok", 200, Guard::task},
    {"POST", "tasks/{task}/jobs", "", "", "key:string priority:int at:string in:string once:string after:string", Shape::own, "", "Put", 201, Guard::none, "Stores a job; the body is its payload"},
    {"POST", "tasks/{task}/run", "lares.run", "{task} .payload .options", "", Shape::as_is, "", "{job:int}"},
    {"POST", "tasks/{task}/retry-dead", "lares.retry_dead", "{task}", "", Shape::results, "", "{results:[Retried]}"},
    {"POST", "tasks/{task}/claim", "", "", "", Shape::own, "", "{jobs:[any]}", 200, Guard::none, "Gives a worker of another machine jobs of a task"},
    {"GET", "work", "lares.work", "", "", Shape::as_is, "", "Work"},

    {"GET", "jobs", "lares.jobs", "?*", "task:string state:string source:string once:string since:string until:string before:int limit:int", Shape::rows, "jobs", "{jobs:[Job] more:boolean next:int}"},
    {"POST", "jobs", "", "", "", Shape::own, "", "PutMany", 201, Guard::none, "Stores a job, or the jobs of a batch"},
    {"GET", "jobs/{job}", "lares.job", "{job}", "", Shape::as_is, "", "JobWhole"},
    {"POST", "jobs/{job}/cancel", "lares.cancel", "{job}", "", Shape::ok, "", "Ok"},
    {"POST", "jobs/{job}/retry", "lares.retry", "{job}", "", Shape::ok, "", "Ok"},
    {"POST", "jobs/{job}/priority", "lares.priority", "{job} .priority", "", Shape::ok, "", "Ok"},
    {"POST", "jobs/{job}/heartbeat", "", "", "", Shape::own, "", "Ok", 200, Guard::none, "A worker tells that its job goes on"},
    {"POST", "jobs/{job}/finish", "", "", "", Shape::own, "", "Ok", 200, Guard::none, "A worker tells how its job ended"},
    {"GET", "running", "lares.running", "", "", Shape::list, "running", "{running:[Running] more:boolean}"},

    {"GET", "runs", "lares.runs", "?*", "kind:string task:string subject:string outcome:string job:int open:boolean since:string until:string before:int limit:int", Shape::rows, "runs", "{runs:[Run] more:boolean next:int}"},
    {"GET", "runs/{run}", "lares.run_info", "{run}", "", Shape::as_is, "", "RunWhole"},
    {"GET", "runs/{run}/log", "lares.run_log", "{run} ?offset ?length", "offset:int length:int", Shape::as_is, "", "RunLog"},
    {"GET", "runs/{run}/diff/{other}", "lares.run_diff", "{run} {other}", "", Shape::as_is, "", "{differences:[Difference] lines:[string]}"},
    {"POST", "runs/{run}/rerun", "lares.rerun", "{run} .how", "", Shape::as_is, "", "Put"},

    {"GET", "events", "lares.events", "?*", "kind:string subject:string subject_prefix:string cause:int since:string until:string before:int after:int oldest_first:boolean limit:int", Shape::rows, "events", "{events:[Event] more:boolean next:int}"},
    {"GET", "folders", "lares.folders", "", "", Shape::list, "folders", "{folders:[Folder] more:boolean}"},
    {"PUT", "folders/{folder}/files/{file}", "", "", "", Shape::own, "", "{path:string}", 201, Guard::none, "Drops a file into a hot folder; the body is its bytes"},
    {"GET", "files", "lares.files", "?*", "folder:string path:string state:string job:int before:int limit:int", Shape::rows, "files", "{files:[File] more:boolean next:int}"},
    {"POST", "files/{file}/settle", "lares.settle_file", "{file} .run", "", Shape::ok, "", "Ok"},
    {"GET", "resources", "lares.resources", "", "", Shape::list, "resources", "{resources:[Resource] more:boolean}"},

    {"GET", "maintenance", "lares.maintenance", "", "", Shape::as_is, "", "Maintenance"},
    {"POST", "maintenance", "lares.maintenance_begin", ".span .needs .reason", "", Shape::ok, "", "Ok"},
    {"DELETE", "maintenance", "lares.maintenance_end", "", "", Shape::ok, "", "Ok"},

    {"GET", "channels", "lares.channels", "", "", Shape::list, "channels", "{channels:[Channel] more:boolean}"},
    {"POST", "channels/{channel}/pause", "lares.pause_channel", "{channel}", "", Shape::ok, "", "Ok"},
    {"POST", "channels/{channel}/resume", "lares.resume_channel", "{channel}", "", Shape::ok, "", "Ok"},
    {"POST", "channels/{channel}/test", "lares.test_channel", "{channel}", "", Shape::as_is, "", "Delivery"},
    {"POST", "messages", "lares.notify", ".channels .message", "", Shape::as_is, "", "{deliveries:[int]}", 201},
    {"GET", "deliveries", "lares.outbox", "?*", "channel:string state:string source:string cause:int since:string until:string before:int limit:int", Shape::rows, "deliveries", "{deliveries:[Delivery] more:boolean next:int}"},
    {"GET", "deliveries/{delivery}", "lares.delivery", "{delivery}", "", Shape::as_is, "", "DeliveryWhole"},
    {"POST", "deliveries/{delivery}/retry", "lares.retry_delivery", "{delivery}", "", Shape::ok, "", "Ok"},
    {"DELETE", "deliveries/{delivery}", "lares.drop_delivery", "{delivery}", "", Shape::ok, "", "Ok"},
    {"GET", "alerts", "lares.alerts", "?*", "state:string subject:string alert:int before:int limit:int", Shape::rows, "alerts", "{alerts:[Alert] more:boolean}"},
    {"POST", "alerts/{alert}/acknowledge", "lares.acknowledge", "{alert} .span", "", Shape::ok, "", "Ok"},
    {"POST", "alerts/{alert}/resolve", "lares.resolve", "{alert}", "", Shape::ok, "", "Ok"},

    {"GET", "budgets", "lares.budgets", "", "", Shape::list, "budgets", "{budgets:[Budget] more:boolean}"},
    {"GET", "budgets/{budget}", "lares.budget", "{budget}", "", Shape::as_is, "", "Budget"},
    {"POST", "budgets/{budget}/set", "lares.budget_set", "{budget} .amount .reason", "", Shape::as_is, "", "Budget"},
    {"POST", "budgets/{budget}/reset", "lares.budget_reset", "{budget} .reason", "", Shape::as_is, "", "Budget"},
    {"POST", "budgets/{budget}/block", "lares.budget_block", "{budget} .reason", "", Shape::as_is, "", "Budget"},
    {"POST", "budgets/{budget}/unblock", "lares.budget_unblock", "{budget} .reason", "", Shape::as_is, "", "Budget"},
    {"POST", "budgets/{budget}/reservations", "lares.budget_reserve", "{budget} .reservation .amount", "", Shape::as_is, "", "Budget", 201},
    {"POST", "budgets/{budget}/reservations/{reservation}/commit", "lares.budget_commit", "{budget} {reservation} .amount", "", Shape::as_is, "", "Budget"},
    {"DELETE", "budgets/{budget}/reservations/{reservation}", "lares.budget_release", "{budget} {reservation}", "", Shape::as_is, "", "Budget"},
    {"GET", "letter", "lares.letter", "?*", "until:string language:string", Shape::as_is, "", "Letter"},

    {"GET", "why", "lares.why", "?of", "of:string", Shape::as_is, "", "Why"},
    {"GET", "trace", "lares.trace", "?of", "of:string", Shape::as_is, "", "Trace"},
    {"GET", "audit", "lares.audit", "?since", "since:string", Shape::as_is, "", "Audit"},
    {"GET", "at", "lares.at", "?time", "time:string", Shape::as_is, "", "At"},
    {"GET", "coming", "lares.coming", "?from ?days ?limit", "from:string days:int limit:int", Shape::as_is, "", "Coming"},

    {"GET", "config", "lares.config", "", "", Shape::as_is, "", "Config", 200, Guard::config},
    {"GET", "config/history", "lares.config_history", "", "", Shape::list, "revisions", "{revisions:[Revision] more:boolean}"},
    {"GET", "config/diff", "lares.config_diff", "?from ?to", "from:int to:int", Shape::text, "diff", "{diff:string}"},
    {"GET", "config/plan", "lares.plan", "?path", "path:string", Shape::as_is, "", "Plan"},
    {"POST", "config/apply", "lares.apply", ".fingerprint", "", Shape::results, "", "{results:[Result]}", 200, Guard::config},
    {"POST", "config/update", "lares.update", ".names", "", Shape::results, "", "{results:[Result]}", 200, Guard::config},
    {"POST", "config/rollback", "lares.config_rollback", ".revision", "", Shape::results, "", "{results:[Result]}", 200, Guard::config},

    {"GET", "users", "lares.users", "", "", Shape::list, "users", "{users:[User] more:boolean}"},
    {"PUT", "users/{name}", "lares.user_set", "{name} .role .password", "", Shape::ok, "", "Ok"},
    {"DELETE", "users/{name}", "lares.user_remove", "{name}", "", Shape::ok, "", "Ok"},
    {"GET", "tokens", "lares.tokens", "", "", Shape::list, "tokens", "{tokens:[Token] more:boolean}"},
    {"POST", "tokens", "lares.token_create", ".name .role .expires", "", Shape::as_is, "", "TokenMade", 201},
    {"DELETE", "tokens/{name}", "lares.token_revoke", "{name}", "", Shape::ok, "", "Ok"},

    {"GET", "session", "", "", "", Shape::own, "", "Session", 200, Guard::none, "Tells who asks, and what they may"},
    {"POST", "session", "", "", "", Shape::own, "", "Session", 200, Guard::none, "Logs in by name and password, or by token, and sets a cookie"},
    {"DELETE", "session", "", "", "", Shape::own, "", "", 204, Guard::none, "Logs out"},
    {"GET", "stream", "", "", "topics:string from:int", Shape::own, "", "", 200, Guard::none, "Server-sent events: changes, the journal, logs"},
    {"GET", "openapi.json", "", "", "", Shape::own, "", "any", 200, Guard::none, "This interface, for machines"},
    {"POST", "call/{operation}", "", "", "", Shape::own, "", "{result:any}", 200, Guard::none, "Any operation: the body is an array of its parameters, or an object by their names"},
};
// clang-format on

std::string_view next_segment(std::string_view& path) {
    auto slash = std::min(path.find('/'), path.size());
    auto segment = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    return segment;
}

bool is_capture(std::string_view segment) { return segment.starts_with('{'); }

/// What `pattern` takes out of `path`; none when it does not fit.
std::optional<Captured> match(std::string_view pattern, std::string_view path) {
    Captured captured;
    while (!pattern.empty() && !path.empty()) {
        auto wanted = next_segment(pattern);
        auto given = next_segment(path);
        if (!is_capture(wanted)) {
            if (wanted != given) return std::nullopt;
            continue;
        }
        if (given.empty()) return std::nullopt;
        captured.emplace_back(wanted.substr(1, wanted.size() - 2), text::decode_percent(given));
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return captured;
}

}  // namespace

std::span<RestRoute const> rest_routes() { return rows; }

RouteFound find_route(std::string_view method, std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    RouteFound found;
    for (auto const& row : rows) {
        auto captured = match(row.path, path);
        if (!captured) continue;
        if (row.method != method && !(method == "HEAD" && row.method == "GET")) {
            found.methods.push_back(row.method);
            continue;
        }
        // Of two rows that fit the one with more words counts: programs/start, not programs/{name}.
        bool is_better = !found.route || captured->size() < found.captured.size();
        if (!is_better) continue;
        found.route = &row;
        found.captured = std::move(*captured);
    }
    return found;
}

std::vector<std::pair<std::string_view, std::string_view>> typed_words(std::string_view list) {
    std::vector<std::pair<std::string_view, std::string_view>> words;
    while (!list.empty()) {
        auto space = std::min(list.find(' '), list.size());
        auto word = list.substr(0, space);
        list.remove_prefix(std::min(space + 1, list.size()));
        auto colon = std::min(word.find(':'), word.size());
        if (!word.empty())
            words.emplace_back(word.substr(0, colon),
                               word.substr(std::min(colon + 1, word.size())));
    }
    return words;
}

}  // namespace lares::control
