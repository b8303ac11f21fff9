// cli/put.cc: `lares put` and `lares run`: jobs from words, from JSON, from files of lines.

#include <fmt/core.h>

#include <cstdlib>
#include <utility>

#include "cli/fields.h"
#include "cli/session.h"
#include "text/json.h"
#include "text/json_read.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""ms;
using text::Value;

/// A file's text, or what stands on standard input.
Result<std::string> text_of_file(Session const& session, std::string const& file) {
    if (file != "-") {
        Result<std::string> bytes = session.doors.world.read_file(file);
        if (!bytes) return std::move(bytes).error().during(file);
        return bytes;
    }
    std::string text;
    while (auto const line = session.doors.keyboard.read_line()) text += *line + "\n";
    return text;
}

/// {"key":"value"} of "key=value" and "key:=json".
Result<std::string> payload_of_words(std::vector<std::string> const& words) {
    std::string json = "{";
    for (std::size_t i = 1; i < words.size(); ++i) {
        std::string const& word = words[i];
        std::size_t const equals = word.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error{Error::Kind::invalid,
                         "'" + word + "' is no KEY=VALUE; write KEY:=JSON for a number or a list"};
        bool const is_json = word[equals - 1] == ':';
        if (json.size() > 1) json += ',';
        text::append_json(json, word.substr(0, equals - (is_json ? 1 : 0)));
        json += ':';
        std::string const value = word.substr(equals + 1);
        if (!is_json) {
            text::append_json(json, value);
            continue;
        }
        Result<> const good = text::check_json(value);
        if (!good) return Error{Error::Kind::invalid, "'" + word + "': " + good.error().what};
        json += value;
    }
    return json + "}";
}

Result<std::string> payload_of(Session const& session) {
    Request const& request = session.request;
    if (request.json_payload.empty()) return payload_of_words(request.words);
    if (request.words.size() > 1)
        return Error{Error::Kind::invalid,
                     "--json-payload is the whole payload; leave out '" + request.words[1] + "'"};
    return text_of_file(session, request.json_payload);
}

text::Struct options_of(Request const& request) {
    text::Struct options;
    add_given(options, "key", request.key);
    add_given(options, "once", request.once);
    add_given(options, "priority", request.priority);
    add_given(options, "at", request.at);
    add_given(options, "in", request.in);
    if (!request.after.empty()) options.emplace_back("after", names_in(request.after));
    return options;
}

int put_batch(Session& session) {
    if (!session.request.words.empty())
        return wrong_use(session, "--batch names the task of each job; leave out '" +
                                      session.request.words.front() + "'");
    Result<std::string> const text = text_of_file(session, session.request.batch);
    if (!text) return fail(session.doors, session.request, text.error(), exit_status::refused);
    Result<Value> const answer = session.client.post("/api/v1/jobs", "application/x-ndjson", *text);
    if (!answer) return fail(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    double const duplicates = number_of(*answer, "duplicate_count");
    print(
        session.doors,
        fmt::format("{} jobs{}{}", text_of(*answer, "jobs"),
                    number_of(*answer, "jobs") > 0
                        ? ", " + text_of(*answer, "first") + " to " + text_of(*answer, "last")
                        : "",
                    duplicates > 0 ? fmt::format("; {:.0f} were there already", duplicates) : ""));
    return exit_status::done;
}

/// Puts a job by `method`; the answer, or the exit status with which it failed.
std::variant<Value, int> put_one(Session& session, char const* method) {
    Result<std::string> const payload = payload_of(session);
    if (!payload) return wrong_use(session, payload.error().what);
    Result<Value> answer = session.client.call(
        method, {session.request.words.front(), *payload, options_of(session.request)});
    if (!answer) return fail_plainly(session, answer.error());
    return std::move(answer).take();
}

std::string words_of(Value const& put) {
    return "job " + id_of(put, "job") +
           (switch_of(put, "duplicate") ? " was there already" : " is stored");
}

bool is_end(std::string const& state) { return state != "ready" && state != "running"; }

/// The exit code of the job's last run, as a shell would give it.
int code_of(Value const& job) {
    text::Array const runs = list_of(job, "runs");
    if (text_of(job, "state") == "done" || runs.empty())
        return text_of(job, "state") == "done" ? exit_status::done : exit_status::refused;
    int const signal = static_cast<int>(number_of(runs.front(), "signal"));
    int const code = static_cast<int>(number_of(runs.front(), "code"));
    if (signal != 0) return 128 + signal;
    return code == 0 ? exit_status::refused : code;
}

/// Shows the logs of the job's attempts until it has ended.
int follow(Session& session, std::string const& id) {
    std::string run;
    std::int64_t offset = 0;
    while (true) {
        Result<Value> const job = session.client.call("lares.job", {id});
        if (!job) return fail_plainly(session, job.error());
        bool const ended = is_end(text_of(*job, "state"));
        std::string const now = id_of(*job, "run");
        if (now != run) run = now, offset = 0;
        if (!run.empty() && !session.request.json) {
            Result<bool> const shown = show_log(session, run, offset);
            if (!shown) return fail_plainly(session, shown.error());
        }
        if (ended) {
            if (session.request.json) print_json(session.doors, *job);
            if (text_of(*job, "state") != "done")
                complain(session.doors,
                         "job " + id + ": " + text_of(*job, "state") + ", " + text_of(*job, "why"));
            return code_of(*job);
        }
        if (!session.doors.pause(200ms)) return exit_status::refused;
    }
}

}  // namespace

int put(Session& session) {
    if (!session.request.batch.empty()) return put_batch(session);
    if (session.request.words.empty())
        return wrong_use(session, "for which task? as 'lares put report day=2026-03-01'");
    auto const answer = put_one(session, "lares.put");
    if (auto const* status = std::get_if<int>(&answer)) return *status;
    auto const& value = std::get<Value>(answer);
    if (session.request.json)
        print_json(session.doors, value);
    else
        print(session.doors, words_of(value));
    return exit_status::done;
}

int run(Session& session) {
    auto const answer = put_one(session, "lares.run");
    if (auto const* status = std::get_if<int>(&answer)) return *status;
    auto const& value = std::get<Value>(answer);
    bool const waits = session.request.wait || session.request.follow;
    if (waits) {
        session.doors.catch_interrupt();
        return follow(session, id_of(value, "job"));
    }
    if (session.request.json)
        print_json(session.doors, value);
    else
        print(session.doors, words_of(value));
    return exit_status::done;
}

}  // namespace lares::cli
