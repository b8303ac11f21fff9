// control/job_operations.cc: putting jobs, looking at them, and what a person does with one.

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "control/describe_work.h"
#include "control/job_input.h"
#include "control/operation_functions.h"
#include "control/work_parts.h"
#include "core/rerun.h"

namespace lares::control {

namespace {

/// The end of a run's log that lares.run answers with.
constexpr std::int64_t log_tail_bytes = 16 << 10;
/// Jobs that a batch left out as duplicates and that its answer names.
constexpr std::size_t duplicates_told = 1'000;

WorkHouse& work(Call call) { return call.house().work(); }

/// The job that the parameters of lares.put and lares.run ask for; `wait` is taken apart.
std::optional<NewJob> read_job(Call call, Parameters const& parameters, std::string source) {
    NewJob job{.task = *parameters[0].text(), .source = std::move(source)};
    auto const* json = parameters[1].text();
    auto fault = set_payload(job, json ? *json : text::to_json(parameters[1]));
    for (auto const& [name, value] : *parameters[2].members()) {
        if (name == "wait" || fault) continue;
        fault = set_job_option(job, name, value, call.house());
    }
    if (fault) return call.fail(Fault::bad_arguments, words_of(*fault)), std::nullopt;
    job.once = once_of(job.task, job.once);
    return job;
}

text::Value outcome_value(PutOutcome const& outcome) {
    return text::Struct{{"job", id_value(outcome.id)}, {"duplicate", outcome.is_duplicate}};
}

using Put = std::function<void(PutOutcome)>;

void put_one(Call call, NewJob job, Put then) {
    std::vector<NewJob> jobs;
    jobs.push_back(std::move(job));
    work(call).put(std::move(jobs), signed_by(call.caller()),
                   [call, then = std::move(then)](Result<std::vector<PutOutcome>> put) {
                       if (!put) return call.fail(outcome_of(put.error()));
                       if (put->empty()) return call.fail(Fault::failed, "nothing was put");
                       then(put->front());
                   });
}

text::Value batch_value(std::vector<PutOutcome> const& put, std::vector<std::size_t> const& lines) {
    text::Array duplicates;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < put.size(); ++i) {
        if (!put[i].is_duplicate) continue;
        ++count;
        if (duplicates.size() < duplicates_told)
            duplicates.push_back(text::Struct{{"line", static_cast<std::int64_t>(lines[i])},
                                              {"job", id_value(put[i].id)}});
    }
    return text::Struct{{"jobs", static_cast<std::int64_t>(put.size()) - count},
                        {"first", id_value(put.empty() ? 0 : put.front().id)},
                        {"last", id_value(put.empty() ? 0 : put.back().id)},
                        {"duplicate_count", count},
                        {"duplicates", std::move(duplicates)}};
}

/// Once the job has ended: what became of it, with its last run and the end of that one's log.
void tell_end(Call call, job::Job const& ended) {
    auto question = ports::RunsAsked{.run = ended.run, .limit = 1};
    ask_store(call, question, [call, ended](ports::Found const& found) {
        auto value = job_value(ended);
        auto& members = std::get<text::Struct>(value.held);
        if (ended.run == 0 || found.runs.empty()) return call.answer(std::move(value));
        auto const& run = found.runs.front();
        members.emplace_back("code", run.code);
        members.emplace_back("signal", run.signal);
        members.emplace_back("outcome", run.outcome);
        if (run.log.empty()) return call.answer(std::move(value));
        call.house().logs().read(run.log, -log_tail_bytes, log_tail_bytes,
                                 [call, value](ports::LogRead const& read) mutable {
                                     auto& parts = std::get<text::Struct>(value.held);
                                     parts.emplace_back("log", read.bytes);
                                     call.answer(std::move(value));
                                 });
    });
}

ports::JobsAsked jobs_asked(Members& filters, House const& house) {
    ports::JobsAsked asked;
    asked.task = filters.take_text("task");
    asked.state = filters.take_text("state");
    asked.source = filters.take_text("source");
    asked.once = filters.take_text("once");
    if (!asked.task.empty()) asked.once = once_of(asked.task, asked.once);
    asked.before = filters.take_id("before");
    asked.since = filters.take_time("since", house, Toward::past);
    asked.until = filters.take_time("until", house, Toward::past);
    asked.limit = filters.take_count("limit", 100, limits::store_rows);
    return asked;
}

bool is_state(std::string_view state) {
    static constexpr std::string_view names[] = {"",       "ready",     "running", "done", "dead",
                                                 "parked", "cancelled", "skipped", "live", "ended"};
    return std::ranges::find(names, state) != std::end(names);
}

using JobAct = void (WorkHouse::*)(job::Id, std::string, Done);

void act_on_job(Call call, Parameters const& parameters, JobAct act) {
    auto id = id_parameter(call, parameters, 0, "job");
    if (id) (work(call).*act)(*id, signed_by(call.caller()), settle(call));
}

/// The dead jobs of a task, put back one after the other: an entry each.
void revive(Call call, std::vector<job::Job> const& dead) {
    call.expect(dead.size(), EntryOrder::given);
    for (std::size_t i = 0; i < dead.size(); ++i)
        work(call).retry(dead[i].id, signed_by(call.caller()),
                         [call, i, id = dead[i].id](Result<> const& result) {
                             call.put(i,
                                      text::Struct{{"job", id_value(id)},
                                                   {"ok", result.ok()},
                                                   {"words", result ? "" : result.error().what}});
                         });
}

void put_again(Call call, ports::RunRow const& run, job::Job const& job, rerun::How how) {
    NewJob again{.task = job.task,
                 .payload = job.payload,
                 // Both payloads are one file; so is the key that `unique` makes of it.
                 .payload_file = job.payload.empty() ? job.payload_file : std::string(),
                 .key = job.payload.empty() && !job.payload_file.empty() ? job.key : std::string(),
                 .priority = job.priority,
                 .source = rerun::source(run.run, how)};
    put_one(call, std::move(again),
            [call](PutOutcome const& put) { call.answer(outcome_value(put)); });
}

/// What cannot be repeated, in words; empty when it can.
std::string why_no_rerun(ports::RunRow const& run, ports::Found const& found) {
    auto words = "run " + std::to_string(run.run);
    if (run.kind != "job") return words + " is of a " + run.kind + "; only jobs can be run again";
    if (found.jobs.empty()) return "the job of " + words + " is not kept any more";
    return {};
}

}  // namespace

void lares_put(Call call, Parameters const& parameters) {
    auto job = read_job(call, parameters, "put");
    if (job)
        put_one(call, std::move(*job),
                [call](PutOutcome const& put) { call.answer(outcome_value(put)); });
}

void lares_put_batch(Call call, Parameters const& parameters) {
    auto batch = read_batch(*parameters[0].text(), call.house(), "put");
    if (!batch.faults.empty()) {
        std::string words;
        for (auto const& [line, fault] : batch.faults)
            words += (words.empty() ? "" : "; ") +
                     (line == 0 ? "" : "line " + std::to_string(line) + ": ") + words_of(fault);
        return call.fail(Fault::bad_arguments, words);
    }
    work(call).put(std::move(batch.jobs), signed_by(call.caller()),
                   [call, lines = std::move(batch.lines)](Result<std::vector<PutOutcome>> put) {
                       if (!put) return call.fail(outcome_of(put.error()));
                       call.answer(batch_value(*put, lines));
                   });
}

void lares_run(Call call, Parameters const& parameters) {
    auto job = read_job(call, parameters, "run");
    if (!job) return;
    auto const* wait = parameters[2].find("wait");
    bool waits = wait && ((wait->boolean() && *wait->boolean()) ||
                          (wait->integer() && *wait->integer() != 0));
    put_one(call, std::move(*job), [call, waits](PutOutcome const& put) {
        if (!waits) return call.answer(outcome_value(put));
        call.remember(work(call).when_ended(put.id, [call](Result<job::Job> ended) {
            if (!ended) return call.fail(outcome_of(ended.error()));
            tell_end(call, *ended);
        }));
    });
}

void lares_jobs(Call call, Parameters const& parameters) {
    Members filters(*parameters[0].members());
    auto asked = jobs_asked(filters, call.house());
    auto good = filters.finish();
    if (good && !is_state(asked.state))
        good = Error{Error::Kind::invalid,
                     "'state' must be ready, running, done, dead, parked, cancelled, skipped, live "
                     "or ended"};
    if (!good) return call.fail(outcome_of(good.error()));
    ask_store(call, asked, [call, limit = asked.limit](ports::Found const& found) {
        bool more = found.jobs.size() >= limit;
        call.answer(text::Struct{
            {"jobs", each_value(found.jobs, job_value)},
            {"more", more},
            {"next", id_value(more && !found.jobs.empty() ? found.jobs.back().id : 0)}});
    });
}

void lares_job(Call call, Parameters const& parameters) {
    auto id = id_parameter(call, parameters, 0, "job");
    if (!id) return;
    std::vector<ports::Question> questions{
        ports::JobAsked{*id}, ports::RunsAsked{.job = *id, .limit = 100},
        ports::EventsAsked{
            .subject = "job/" + std::to_string(*id), .oldest_first = true, .limit = 1'000},
        ports::FilesAsked{.job = *id, .limit = 10}};
    ask_store(call, std::move(questions), [call, id = *id](ports::Found const& found) {
        if (found.jobs.empty()) return call.fail(missing("there is no job " + std::to_string(id)));
        auto const& job = found.jobs.front();
        auto value = job_value(job);
        auto& members = std::get<text::Struct>(value.held);
        members.emplace_back("runs", each_value(found.runs, run_value));
        members.emplace_back("events", each_value(found.events, event_value));
        members.emplace_back("files", each_value(found.files, file_value));
        members.emplace_back("waits_for", job.state == job::State::ready
                                              ? reasons_value(work(call).why(id))
                                              : text::Value(text::Array{}));
        call.answer(std::move(value));
    });
}

void lares_cancel(Call call, Parameters const& parameters) {
    act_on_job(call, parameters, &WorkHouse::cancel);
}

void lares_retry(Call call, Parameters const& parameters) {
    act_on_job(call, parameters, &WorkHouse::retry);
}

void lares_retry_dead(Call call, Parameters const& parameters) {
    auto const& task = *parameters[0].text();
    if (!work(call).task(task)) return call.fail(missing("there is no task '" + task + "'"));
    ask_store(call, ports::JobsAsked{.task = task, .state = "dead", .limit = limits::store_rows},
              [call](ports::Found const& found) { revive(call, found.jobs); });
}

void lares_priority(Call call, Parameters const& parameters) {
    auto id = id_parameter(call, parameters, 0, "job");
    if (!id) return;
    NewJob checked;
    if (auto fault = set_job_option(checked, "priority", parameters[1], call.house()))
        return call.fail(Fault::bad_arguments, words_of(*fault));
    work(call).set_priority(*id, *checked.priority, signed_by(call.caller()), settle(call));
}

void lares_running(Call call, Parameters const&) {
    call.answer(each_value(work(call).running(), running_value));
}

void lares_rerun(Call call, Parameters const& parameters) {
    auto number = id_parameter(call, parameters, 0, "run");
    if (!number) return;
    auto const& words = *parameters[1].text();
    if (words != "as-then" && words != "as-now")
        return call.fail(Fault::bad_arguments, "a run is repeated 'as-then' or 'as-now'");
    auto how = words == "as-then" ? rerun::How::as_then : rerun::How::as_now;
    ask_store(call, ports::RunsAsked{.run = *number, .limit = 1},
              [call, how, number = *number](ports::Found const& found) {
                  if (found.runs.empty())
                      return call.fail(missing("there is no run " + std::to_string(number)));
                  auto run = found.runs.front();
                  ask_store(call, ports::JobAsked{run.job},
                            [call, how, run](ports::Found const& rest) {
                                auto trouble = why_no_rerun(run, rest);
                                if (!trouble.empty()) return call.fail(Fault::failed, trouble);
                                put_again(call, run, rest.jobs.front(), how);
                            });
              });
}

}  // namespace lares::control
