// control/journal_operations.cc: runs and their logs, and events as they stand in the journal. The
// stories told from them are story_operations.cc's.

#include "base/limits.h"
#include "control/describe_work.h"
#include "control/operation_functions.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

ports::RunsAsked runs_asked(Members& filters, House const& house) {
    ports::RunsAsked asked;
    asked.kind = filters.take_text("kind");
    asked.subject = filters.take_text("subject");
    auto task = filters.take_text("task");
    if (!task.empty()) asked.kind = "job", asked.subject = task;
    asked.outcome = filters.take_text("outcome");
    asked.job = filters.take_id("job");
    asked.before = filters.take_id("before");
    asked.only_open = filters.take_switch("open");
    asked.since = filters.take_time("since", house, Toward::past);
    asked.until = filters.take_time("until", house, Toward::past);
    asked.limit = filters.take_count("limit", 100, limits::store_rows);
    return asked;
}

ports::EventsAsked events_asked(Members& filters, House const& house) {
    ports::EventsAsked asked;
    asked.subject = filters.take_text("subject");
    asked.subject_prefix = filters.take_text("subject_prefix");
    asked.kind_prefix = filters.take_text("kind");
    if (auto cause = filters.take_id("cause")) asked.causes = {cause};
    asked.before = filters.take_id("before");
    asked.after = filters.take_id("after");
    asked.since = filters.take_time("since", house, Toward::past);
    asked.until = filters.take_time("until", house, Toward::past);
    asked.oldest_first = filters.take_switch("oldest_first");
    asked.limit = filters.take_count("limit", 100, limits::store_rows);
    return asked;
}

/// The bytes of a run's log from `offset`; what is not there yet is empty.
void read_log_of(Call call, ports::RunRow const& run, std::int64_t offset, std::int64_t length) {
    bool ended = run.ended != WallTime{};
    auto told = [call, ended, run = run.run](std::string text, std::int64_t next,
                                             std::int64_t size) {
        call.answer(text::Struct{{"run", id_value(run)},
                                 {"text", std::move(text)},
                                 {"offset", number_value(next)},
                                 {"size", number_value(size)},
                                 {"ended", ended}});
    };
    if (run.log.empty()) return told({}, 0, 0);
    call.house().logs().read(
        run.log, offset, length, [call, told, offset](ports::LogRead const& read) {
            if (!read.error.empty()) return call.fail(Fault::failed, read.error);
            if (!read.exists) return told({}, 0, 0);  // made with its first byte
            auto next = offset < 0 ? read.size
                                   : std::min(offset, read.size) +
                                         static_cast<std::int64_t>(read.bytes.size());
            told(read.bytes, next, read.size);
        });
}

using WithRun = std::function<void(ports::RunRow const&)>;

void with_run(Call call, Parameters const& parameters, WithRun then) {
    auto number = id_parameter(call, parameters, 0, "run");
    if (!number) return;
    ask_store(call, ports::RunsAsked{.run = *number, .limit = 1},
              [call, number = *number, then = std::move(then)](ports::Found const& found) {
                  if (found.runs.empty())
                      return call.fail(missing("there is no run " + std::to_string(number)));
                  then(found.runs.front());
              });
}

}  // namespace

void lares_runs(Call call, Parameters const& parameters) {
    Members filters(*parameters[0].members());
    auto asked = runs_asked(filters, call.house());
    auto good = filters.finish();
    if (!good) return call.fail(outcome_of(good.error()));
    ask_store(call, asked, [call, limit = asked.limit](ports::Found const& found) {
        bool more = found.runs.size() >= limit;
        call.answer(text::Struct{
            {"runs", each_value(found.runs, run_value)},
            {"more", more},
            {"next", id_value(more && !found.runs.empty() ? found.runs.back().run : 0)}});
    });
}

void lares_run_info(Call call, Parameters const& parameters) {
    with_run(call, parameters, [call](ports::RunRow const& run) { call.answer(run_details(run)); });
}

void lares_run_log(Call call, Parameters const& parameters) {
    auto offset = *parameters[1].integer();
    auto length = *parameters[2].integer();
    if (length < 1 || length > limits::log_read_bytes)
        return call.fail(Fault::bad_arguments,
                         "a length must be 1 to " + std::to_string(limits::log_read_bytes));
    with_run(call, parameters, [call, offset, length](ports::RunRow const& run) {
        read_log_of(call, run, offset, length);
    });
}

void lares_events(Call call, Parameters const& parameters) {
    Members filters(*parameters[0].members());
    auto asked = events_asked(filters, call.house());
    auto good = filters.finish();
    if (!good) return call.fail(outcome_of(good.error()));
    ask_store(call, asked, [call, limit = asked.limit](ports::Found const& found) {
        bool more = found.events.size() >= limit;
        call.answer(
            text::Struct{{"events", each_value(found.events, event_value)},
                         {"more", more},
                         {"next", id_value(found.events.empty() ? 0 : found.events.back().id)}});
    });
}

}  // namespace lares::control
