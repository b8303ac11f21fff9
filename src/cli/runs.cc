// cli/runs.cc: `lares runs`, `log`, `rerun` and `diff`.

#include <fmt/core.h>

#include "cli/fields.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""ms;
using text::Value;

std::string outcome_of(Value const& run) {
    std::string const outcome = text_of(run, "outcome");
    if (outcome.empty()) return "running, pid " + text_of(run, "pid");
    double const signal = number_of(run, "signal");
    return signal != 0 ? fmt::format("{}, signal {:.0f}", outcome, signal)
                       : outcome + ", code " + text_of(run, "code");
}

std::string runs_table(text::Array const& runs) {
    std::vector<std::vector<std::string>> rows{
        {"RUN", "OF", "JOB", "STARTED", "WALL", "CPU", "MEMORY", "OUTCOME"}};
    for (Value const& run : runs) {
        double const memory = number_of(run, "peak_memory");
        rows.push_back({id_of(run, "run"), text_of(run, "subject"), id_of(run, "job"),
                        time_of(run, "started"), fmt::format("{:.1f} s", number_of(run, "wall")),
                        fmt::format("{:.1f} s", number_of(run, "cpu")),
                        memory > 0 ? fmt::format("{:.0f} MB", memory / 1048576) : "-",
                        outcome_of(run)});
    }
    return aligned(rows);
}

}  // namespace

int runs(Session& session) {
    text::Struct filters;
    if (!session.request.words.empty()) filters.emplace_back("task", session.request.words.front());
    if (!session.request.since.empty()) filters.emplace_back("since", session.request.since);
    filters.emplace_back("limit", session.request.count.empty() ? "20" : session.request.count);
    Result<Value> const answer = session.client.call("lares.runs", {filters});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    text::Array const list = list_of(*answer, "runs");
    print(session.doors, list.empty() ? "no such run" : runs_table(list));
    return exit_status::done;
}

int run_log(Session& session) {
    Result<std::string> const id = id_word(session.request.words.front(), "run");
    if (!id) return wrong_use(session, id.error().what);
    if (session.request.json) {
        Result<Value> const answer = session.client.call("lares.run_log", {*id, 0, 8 << 20});
        if (!answer) return fail_plainly(session, answer.error());
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    if (session.request.follow) session.doors.catch_interrupt();
    std::int64_t offset = 0;
    while (true) {
        Result<bool> const over = show_log(session, *id, offset);
        if (!over) return fail_plainly(session, over.error());
        if (*over || !session.request.follow) return exit_status::done;
        if (!session.doors.pause(300ms)) return exit_status::done;
    }
}

int rerun(Session& session) {
    Request const& request = session.request;
    if (request.as_then && request.as_now)
        return wrong_use(session, "--as-then and --as-now exclude each other");
    Result<std::string> const id = id_word(request.words.front(), "run");
    if (!id) return wrong_use(session, id.error().what);
    Result<Value> const answer =
        session.client.call("lares.rerun", {*id, request.as_then ? "as-then" : "as-now"});
    if (!answer) return fail_plainly(session, answer.error());
    if (request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, "job " + id_of(*answer, "job") + " is stored");
    return exit_status::done;
}

int run_diff(Session& session) {
    Result<std::string> const before = id_word(session.request.words[0], "run");
    if (!before) return wrong_use(session, before.error().what);
    Result<std::string> const after = id_word(session.request.words[1], "run");
    if (!after) return wrong_use(session, after.error().what);
    Result<Value> const answer = session.client.call("lares.run_diff", {*before, *after});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, lines_of(*answer).empty() ? "no difference" : lines_of(*answer));
    return exit_status::done;
}

}  // namespace lares::cli
