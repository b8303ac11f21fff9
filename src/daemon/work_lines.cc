// daemon/work_lines.cc: work's side of the line workers: their processes, and what their answers
// mean for jobs.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/work.h"

namespace lares::daemon {

namespace {

constexpr std::int64_t worker_log_bytes = 10 << 20;

}  // namespace

LineHands Work::line_hands() {
    return {
        .spawn = [this](config::Task const& task, ports::ChannelId out)
            -> std::optional<ports::RunId> { return spawn_worker(task, out); },
        .next_channel = [this] { return hands_.next_channel(); },
        .close_channel = [this](ports::ChannelId channel) { hands_.logs.close(channel); },
        .write = [this](
                     ports::RunId run,
                     std::string_view bytes) { return hands_.processes.write_stdin(run, bytes); },
        .close_input = [this](ports::RunId run) { hands_.processes.close_stdin(run); },
        .signal =
            [this](ports::RunId run, int signal) {
                (void)hands_.processes.signal(run, signal, ports::Target::everything);
            },
        .answer = [this](LineAnswer const& answer) { on_line_answer(answer); },
        .warn = [this](std::string const& words) { hands_.log.warning(words); },
    };
}

std::optional<ports::RunId> Work::spawn_worker(config::Task const& task, ports::ChannelId out) {
    if (ending_ || task.process.argv.empty()) return std::nullopt;
    ports::LogSpec spec;
    spec.kind = ports::LogSpec::Kind::none;
    spec.tap = true;
    hands_.logs.open(out, std::move(spec));
    auto run = hands_.next_run();
    auto request = child_request(context_of(task, {}), task.process.argv);
    request.environment.push_back("LARES_TASK=" + task.name);
    request.environment.push_back("LARES_PROTOCOL=lines");
    request.name = task.name;
    request.stdin_pipe = true;
    request.out = out;
    request.err = worker_log(task.name, static_cast<std::uint64_t>(run));
    request.cgroup =
        cgroup_limits(task.how, fmt::format("worker-{}", static_cast<std::uint64_t>(run)));
    worker_task_[static_cast<std::uint64_t>(run)] = {task.name, *request.err};
    owned_.insert(static_cast<std::uint64_t>(run));
    text::RecordWriter record;
    record.put("task", task.name);
    hands_.memory.keep(fmt::format("job-worker/{}", static_cast<std::uint64_t>(run)),
                       record.take());
    hands_.processes.spawn(run, std::move(request));
    return run;
}

/// A channel for what it says on standard error; standard output is for answers.
ports::ChannelId Work::worker_log(std::string const& task, std::uint64_t run) {
    ports::LogSpec spec;
    spec.path = fmt::format("{}/worker-{}-{}.log", state_directory_, task, run);
    spec.mode = 0600;
    spec.maxbytes = worker_log_bytes;
    spec.backups = 1;
    auto channel = hands_.next_channel();
    hands_.logs.open(channel, std::move(spec));
    return channel;
}

void Work::forget_worker(std::uint64_t run) {
    auto worker = worker_task_.extract(run);
    if (!worker.empty()) hands_.logs.close(worker.mapped().second);
    hands_.memory.drop(fmt::format("job-worker/{}", run));
    owned_.erase(run);
}

void Work::give_line(Attempt& attempt, TaskState const& state) {
    auto const& job = jobs_.at(attempt.job);
    attempt.phase = Attempt::Phase::running;
    folders_.on_job_start(attempt.job);
    std::string line = fmt::format("{{\"job\":{},\"run\":{},\"attempt\":{},\"payload\":", job.id,
                                   attempt.run, attempt.number);
    auto begin = line.size();
    line += job.payload.empty() ? "{}" : job.payload;
    // Within strings JSON has no line's end: those there are stand between its parts.
    std::replace(line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(), '\n', ' ');
    std::replace(line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(), '\r', ' ');
    line += "}\n";
    lines_.give(*state.task, job.id, attempt.run, std::move(line), now_);
}

void Work::on_line_answer(LineAnswer const& answer) {
    auto* attempt = find_attempt(answer.run);
    if (attempt == nullptr || attempt->job != answer.job) return;
    using Kind = LineAnswer::Kind;
    if (answer.kind == Kind::progress) {
        if (answer.progress >= 0) attempt->progress = answer.progress;
        if (!answer.words.empty()) attempt->progress_words = answer.words;
        return;
    }
    if (answer.begun != Instant{}) attempt->started = std::max(attempt->started, answer.begun);
    bool is_unwanted = attempt->phase == Attempt::Phase::ending;
    auto outcome = job::Outcome::ok;
    switch (answer.kind) {
    case Kind::done:
    case Kind::progress:
        break;
    case Kind::failed:
        outcome = job::Outcome::error;
        break;
    case Kind::crashed:
        outcome = job::Outcome::crash;
        break;
    case Kind::timed_out:
        outcome = job::Outcome::timeout;
        break;
    case Kind::given_back:
        outcome = job::Outcome::interrupted;
        break;
    }
    if (is_unwanted) outcome = attempt->ends_as;
    std::string words = answer.words;
    if (words.empty() && outcome == job::Outcome::error)
        words = fmt::format("answered with code {}", answer.code);
    if (is_unwanted) words = attempt->ends_words;
    finish_attempt(*attempt, outcome,
                   {.code = answer.code,
                    .signal = answer.signal,
                    .words = std::move(words),
                    .result = answer.result,
                    .at = now_});
}

bool Work::on(ports::OutputSeen const& event) {
    if (messages_.on(event)) return true;
    if (!lines_.owns(event.channel)) return false;
    lines_.output(event.channel, event.bytes, now_);
    return true;
}

}  // namespace lares::daemon
