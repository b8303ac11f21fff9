// cli/jobs.cc: `lares jobs`, `job`, `cancel` and `retry`.

#include <fmt/core.h>

#include "cli/fields.h"
#include "cli/session.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using text::Value;

std::string jobs_table(text::Array const& jobs) {
    std::vector<std::vector<std::string>> rows{
        {"JOB", "TASK", "STATE", "CREATED", "ENDED", "TRIES", "WHY"}};
    for (Value const& job : jobs)
        rows.push_back({id_of(job, "job"), text_of(job, "task"), text_of(job, "state"),
                        time_of(job, "created"), time_of(job, "ended"), text_of(job, "attempts"),
                        text_of(job, "why")});
    return aligned(rows);
}

/// "key: value" of what is not empty.
void add(std::string& text, std::string const& name, std::string const& value) {
    if (!value.empty()) text += fmt::format("{:<11} {}\n", name + ":", value);
}

std::string job_text(Value const& job) {
    std::string text = "job " + id_of(job, "job") + " of '" + text_of(job, "task") + "'\n";
    add(text, "state", text_of(job, "state"));
    add(text, "why", text_of(job, "why"));
    for (Value const& reason : list_of(job, "waits_for"))
        add(text, "waits", text_of(reason, "words"));
    add(text, "payload", text_of(job, "payload"));
    add(text, "key", text_of(job, "key"));
    add(text, "once", text_of(job, "once"));
    add(text, "from", text_of(job, "source"));
    add(text, "created", time_of(job, "created"));
    add(text, "not before", time_of(job, "not_before"));
    add(text, "ended", time_of(job, "ended"));
    add(text, "result", text_of(job, "result"));
    for (Value const& run : list_of(job, "runs")) {
        std::string const outcome = text_of(run, "outcome");
        add(text, "run " + id_of(run, "run"),
            fmt::format("attempt {}, {} {}", text_of(run, "attempt"), time_of(run, "started"),
                        outcome.empty() ? "runs" : outcome + ", code " + text_of(run, "code")));
    }
    for (Value const& event : list_of(job, "events"))
        text += time_of(event, "at") + " " + text_of(event, "kind") + " " +
                text_of(event, "words") + "\n";
    return text;
}

/// The same for each number: complaints for those that failed.
int each(Session& session, char const* method, char const* done) {
    int status = exit_status::done;
    text::Array results;
    for (std::string const& word : session.request.words) {
        Result<std::string> const id = id_word(word, "job");
        if (!id) return wrong_use(session, id.error().what);
        Result<Value> const answer = session.client.call(method, {*id});
        results.push_back(text::Struct{
            {"job", *id}, {"ok", answer.ok()}, {"words", answer ? "" : answer.error().what}});
        if (!answer) {
            if (answer.error().kind == Error::Kind::unavailable)
                return fail_plainly(session, answer.error());
            complain(session.doors, "job " + *id + ": " + answer.error().what);
            status = exit_status::refused;
        } else if (!session.request.json) {
            print(session.doors, "job " + *id + ": " + done);
        }
    }
    if (session.request.json) print_json(session.doors, results);
    return status;
}

int retry_dead(Session& session) {
    if (session.request.words.size() != 1)
        return wrong_use(session, "--dead takes one task, as 'lares retry --dead report'");
    Result<Value> const answer =
        session.client.call("lares.retry_dead", {session.request.words.front()});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    std::size_t retried = 0, failed = 0;
    if (answer->array() != nullptr)
        for (Value const& job : *answer->array()) {
            switch_of(job, "ok") ? ++retried : ++failed;
            if (!switch_of(job, "ok"))
                complain(session.doors, "job " + id_of(job, "job") + ": " + text_of(job, "words"));
        }
    print(session.doors, fmt::format("{} dead jobs run again", retried));
    return failed == 0 ? exit_status::done : exit_status::refused;
}

/// Those that run now, with what they told of their progress; of one task when it is named.
int running_jobs(Session& session) {
    Request const& request = session.request;
    if (!request.state.empty() || !request.since.empty() || !request.count.empty())
        return wrong_use(session,
                         "--running lists all that run; leave out --state, --since and -n");
    Result<Value> const answer = session.client.call("lares.running", {});
    if (!answer) return fail_plainly(session, answer.error());
    text::Array list;
    if (answer->array() != nullptr)
        for (Value const& job : *answer->array())
            if (request.words.empty() || text_of(job, "task") == request.words.front())
                list.push_back(job);
    if (request.json) {
        print_json(session.doors, list);
        return exit_status::done;
    }
    std::vector<std::vector<std::string>> rows{
        {"JOB", "TASK", "RUN", "ATTEMPT", "STARTED", "WHERE", "PROGRESS"}};
    for (Value const& job : list) {
        std::string const node = text_of(job, "node");
        double const progress = number_of(job, "progress");
        std::string const share = progress >= 0 ? fmt::format("{:.0f} %", progress) : "";
        std::string const words = text_of(job, "progress_words");
        rows.push_back({id_of(job, "job"), text_of(job, "task"), id_of(job, "run"),
                        text_of(job, "attempt"), time_of(job, "started"),
                        node.empty() ? "pid " + text_of(job, "pid") : node,
                        share + (share.empty() || words.empty() ? "" : " ") + words});
    }
    print(session.doors, list.empty() ? "no job runs" : aligned(rows));
    return exit_status::done;
}

}  // namespace

int jobs(Session& session) {
    text::Struct filters;
    Request const& request = session.request;
    if (request.running) return running_jobs(session);
    if (!request.words.empty()) filters.emplace_back("task", request.words.front());
    if (!request.state.empty()) filters.emplace_back("state", request.state);
    if (!request.since.empty()) filters.emplace_back("since", request.since);
    filters.emplace_back("limit", request.count.empty() ? "20" : request.count);
    Result<Value> const answer = session.client.call("lares.jobs", {filters});
    if (!answer) return fail_plainly(session, answer.error());
    if (request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    text::Array const list = list_of(*answer, "jobs");
    print(session.doors, list.empty() ? "no such job" : jobs_table(list));
    if (switch_of(*answer, "more")) print(session.doors, "there are more; see -n");
    return exit_status::done;
}

int job(Session& session) {
    Result<std::string> const id = id_word(session.request.words.front(), "job");
    if (!id) return wrong_use(session, id.error().what);
    Result<Value> const answer = session.client.call("lares.job", {*id});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, job_text(*answer));
    return exit_status::done;
}

int priority(Session& session) {
    Result<std::string> const id = id_word(session.request.words[0], "job");
    if (!id) return wrong_use(session, id.error().what);
    std::string const& number = session.request.words[1];
    Result<Value> const answer = session.client.call("lares.priority", {*id, number});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, text::Struct{{"job", *id}, {"priority", number}});
    else
        print(session.doors, "job " + *id + ": has priority " + number);
    return exit_status::done;
}

int cancel(Session& session) { return each(session, "lares.cancel", "cancelled"); }

int retry(Session& session) {
    return session.request.dead ? retry_dead(session)
                                : each(session, "lares.retry", "runs as soon as it can");
}

}  // namespace lares::cli
