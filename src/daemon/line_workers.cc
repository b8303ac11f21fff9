// daemon/line_workers.cc: giving lines, taking answers, and what becomes of jobs whose worker died.

#include "daemon/line_workers.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/signals.h"
#include "text/json_value.h"
#include "text/quantity.h"
#include "text/value.h"

namespace lares::daemon {

namespace {

/// A worker that dies before it answered anything is started again after this, doubled each time.
constexpr Duration first_wait{1'000};
constexpr Duration longest_wait{60'000};
/// A worker that takes nothing of what was sent for so long is ended.
constexpr Duration patience_with_readers{60'000};
/// One line of an answer: the longest result and what is around it.
constexpr std::size_t answer_bytes = limits::result_bytes + 4096;

std::uint64_t number(ports::RunId run) { return static_cast<std::uint64_t>(run); }

std::string text_of(text::Value const& answer, std::string_view name) {
    auto const* value = answer.find(name);
    if (value == nullptr) return "";
    if (auto const* text = value->text()) return *text;
    return text::to_json(*value);
}

int integer_of(text::Value const& answer, std::string_view name, int otherwise) {
    auto const* value = answer.find(name);
    auto const* integer = value == nullptr ? nullptr : value->integer();
    return integer == nullptr ? otherwise : static_cast<int>(*integer);
}

void earlier(std::optional<Instant>& earliest, std::optional<Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
}

}  // namespace

void LineWorkers::configure(std::vector<config::Task const*> tasks) {
    for (auto& [run, worker] : workers_) {
        auto same = std::ranges::find_if(
            tasks, [&](config::Task const* task) { return task->name == worker.task->name; });
        bool stays = same != tasks.end() && (*same)->how == worker.task->how &&
                     (*same)->process == worker.task->process &&
                     (*same)->protocol == config::Protocol::lines;
        if (same != tasks.end()) {
            worker.task = *same;
            worker.last.reset();
        } else if (!worker.last) {  // the settings it points into go before it does
            worker.last = std::make_unique<config::Task>(*worker.task);
            worker.task = worker.last.get();
        }
        if (!stays) worker.is_ending = true;
    }
    for (auto& [run, worker] : workers_)
        if (worker.is_ending && worker.sent.empty()) hands_.close_input(worker.run);
    tasks_ = std::move(tasks);
}

void LineWorkers::give(config::Task const& task, job::Id job, std::uint64_t run, std::string line,
                       Instant now) {
    Sent sent{.job = job, .run = run, .line = std::move(line)};
    auto* worker = worker_for(task, now);
    if (worker == nullptr) {
        trouble_[task.name].waiting.emplace_back(std::move(sent), now);
        return;
    }
    worker->sent.push_back(std::move(sent));
    worker->idle_at.reset();
    if (worker->sent.size() == 1) first_changed(*worker, now);
    if (worker->is_up) send(*worker, now);
}

/// The one with the fewest; another process while there may be more and all are at work.
LineWorkers::Worker* LineWorkers::worker_for(config::Task const& task, Instant now) {
    Worker* best = nullptr;
    int count = 0;
    for (auto& [run, worker] : workers_) {
        if (worker.task->name != task.name || worker.is_ending) continue;
        count += 1;
        bool has_room = worker.sent.size() < static_cast<std::size_t>(std::max(task.prefetch, 1));
        if (has_room && (best == nullptr || worker.sent.size() < best->sent.size())) best = &worker;
    }
    if (best != nullptr && best->sent.empty()) return best;
    if (count < std::max(task.rules.workers, 1))
        if (auto* fresh = start(task, now)) return fresh;
    return best;
}

LineWorkers::Worker* LineWorkers::start(config::Task const& task, Instant now) {
    auto trouble = trouble_.find(task.name);
    if (trouble != trouble_.end() && trouble->second.not_before &&
        now < *trouble->second.not_before)
        return nullptr;
    auto out = hands_.next_channel();
    auto run = hands_.spawn(task, out);
    if (!run) {
        trouble_[task.name].not_before = now + first_wait;
        return nullptr;
    }
    auto& worker = workers_[number(*run)];
    worker.task = &task;
    worker.run = *run;
    worker.out = out;
    of_channel_[static_cast<std::uint32_t>(out)] = number(*run);
    return &worker;
}

void LineWorkers::spawned(ports::RunId run, int pid, Instant now) {
    auto found = workers_.find(number(run));
    if (found == workers_.end()) return;
    auto& worker = found->second;
    worker.pid = pid;
    worker.is_up = true;
    if (!worker.sent.empty()) first_changed(worker, now);
    send(worker, now);
}

void LineWorkers::send(Worker& worker, Instant now) {
    if (worker.is_blocked) return;
    for (auto& sent : worker.sent) {
        if (sent.is_written) continue;
        if (!hands_.write(worker.run, sent.line)) {
            // It reads slowly, and tells when it goes on; or it has closed its input for good.
            worker.is_blocked = true;
            if (!worker.kill_at) worker.kill_at = now + patience_with_readers;
            return;
        }
        sent.line = {};
        sent.is_written = true;
    }
}

void LineWorkers::drained(ports::RunId run, Instant now) {
    auto found = workers_.find(number(run));
    if (found == workers_.end() || !std::exchange(found->second.is_blocked, false)) return;
    found->second.kill_at.reset();
    send(found->second, now);
}

/// Another job is the one it is at.
void LineWorkers::first_changed(Worker& worker, Instant now) {
    worker.begun = now;
    worker.timeout_at.reset();
    if (worker.sent.empty()) {
        worker.kill_at.reset();
        if (worker.is_ending) return hands_.close_input(worker.run);
        worker.idle_at = now + worker.task->idle;
        return;
    }
    if (worker.task->timeout > Duration(0) && worker.is_up)
        worker.timeout_at = now + worker.task->timeout;
    if (!worker.sent.front().is_cancelled && !worker.is_blocked) worker.kill_at.reset();
}

void LineWorkers::cancel(job::Id job, Instant now) {
    for (auto& [run, worker] : workers_)
        for (auto& sent : worker.sent) {
            if (sent.job != job) continue;
            sent.is_cancelled = true;
            (void)hands_.write(worker.run, fmt::format("{{\"cancel\":{}}}\n", job));
            auto patience = worker.task->how.policy.stop_ladder.front().wait;
            if (!worker.kill_at) worker.kill_at = now + patience;
            return;
        }
    for (auto& [task, trouble] : trouble_) {
        auto waiting = std::ranges::find(trouble.waiting, job,
                                         [](auto const& entry) { return entry.first.job; });
        if (waiting == trouble.waiting.end()) continue;
        LineAnswer answer{
            .kind = LineAnswer::Kind::given_back, .job = job, .run = waiting->first.run};
        trouble.waiting.erase(waiting);
        return hands_.answer(answer);
    }
}

void LineWorkers::output(ports::ChannelId channel, std::string_view bytes, Instant now) {
    auto found = of_channel_.find(static_cast<std::uint32_t>(channel));
    if (found == of_channel_.end()) return;
    auto& worker = workers_.at(found->second);
    while (!bytes.empty()) {
        auto end = bytes.find('\n');
        if (end == bytes.npos) {
            if (worker.rest.size() + bytes.size() > answer_bytes) {
                hands_.warn(fmt::format(
                    "worker of task '{}' (pid {}) wrote a line of more than {} bytes; ending it",
                    worker.task->name, worker.pid, answer_bytes));
                worker.rest.clear();
                worker.is_ending = true;
                worker.kill_at = now;
                return;
            }
            worker.rest.append(bytes);
            return;
        }
        auto line = bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        if (worker.rest.empty()) {
            take_line(worker, line, now);
        } else {
            auto whole = std::exchange(worker.rest, {}) + std::string(line);
            take_line(worker, whole, now);
        }
    }
}

/// {"job":17,"ok":true} and nothing else: what most answers are.
bool LineWorkers::take_plain_ok(Worker& worker, std::string_view line, Instant now) {
    constexpr std::string_view head = "{\"job\":", tail = ",\"ok\":true}";
    if (!line.starts_with(head) || !line.ends_with(tail)) return false;
    auto digits = line.substr(head.size(), line.size() - head.size() - tail.size());
    job::Id job = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), job);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
    answered(worker, {.kind = LineAnswer::Kind::done, .job = job}, now);
    return true;
}

void LineWorkers::take_line(Worker& worker, std::string_view line, Instant now) {
    if (line.empty() || take_plain_ok(worker, line, now)) return;
    auto answer = text::parse_json(line);
    auto const* job = answer ? answer->find("job") : nullptr;
    if (job == nullptr || job->integer() == nullptr) {
        hands_.warn(
            fmt::format("worker of task '{}' (pid {}) wrote what is no answer: '{}'; "
                        "an answer is {{\"job\":NUMBER,\"ok\":true}}",
                        worker.task->name, worker.pid, line.substr(0, 120)));
        return;
    }
    LineAnswer told{.job = static_cast<job::Id>(*job->integer())};
    auto const* ok = answer->find("ok");
    if (ok != nullptr && ok->boolean() != nullptr) {
        told.kind = *ok->boolean() ? LineAnswer::Kind::done : LineAnswer::Kind::failed;
        told.words = text_of(*answer, "error");
        told.code = integer_of(*answer, "code", *ok->boolean() ? 0 : 1);
        if (auto const* result = answer->find("result")) told.result = text::to_json(*result);
        if (told.result.size() > limits::result_bytes) {
            told.result.clear();
            told.words =
                fmt::format("its result was over {} bytes and is not kept", limits::result_bytes);
        }
        return answered(worker, std::move(told), now);
    }
    told.kind = LineAnswer::Kind::progress;
    told.progress = std::clamp(integer_of(*answer, "progress", -1), -1, 100);
    told.words = text_of(*answer, "words").substr(0, 1000);
    auto sent = std::ranges::find(worker.sent, told.job, &Sent::job);
    if (sent == worker.sent.end()) return;
    told.run = sent->run;
    hands_.answer(told);
}

void LineWorkers::answered(Worker& worker, LineAnswer answer, Instant now) {
    auto sent = std::ranges::find(worker.sent, answer.job, &Sent::job);
    if (sent == worker.sent.end()) {
        hands_.warn(
            fmt::format("worker of task '{}' (pid {}) answered job {}, which it does not "
                        "have; ignoring",
                        worker.task->name, worker.pid, answer.job));
        return;
    }
    answer.run = sent->run;
    answer.begun = worker.begun;
    bool was_first = sent == worker.sent.begin();
    worker.sent.erase(sent);
    worker.answered += 1;
    if (worker.answered == 1) trouble_.erase(worker.task->name);
    if (was_first) first_changed(worker, now);
    hands_.answer(answer);
}

// What it was at has crashed with it, or timed out; what it had not begun goes back.
void LineWorkers::ended(ports::RunId run, int code, int signal, std::string const& words,
                        Instant now) {
    auto node = workers_.extract(number(run));
    if (node.empty()) return;
    auto& worker = node.mapped();
    of_channel_.erase(static_cast<std::uint32_t>(worker.out));
    hands_.close_channel(worker.out);
    bool was_at_work = !worker.sent.empty() && worker.is_up;
    bool died_at_once = worker.answered == 0 && !worker.timed_out && !worker.is_ending;
    if (died_at_once || !worker.is_up) {
        auto& trouble = trouble_[worker.task->name];
        trouble.deaths += 1;
        auto wait = first_wait * (1 << std::min(trouble.deaths - 1, 10));
        trouble.not_before = now + std::min(wait, longest_wait);
    }
    std::string why = !words.empty() ? words
                      : signal != 0  ? "its worker was killed by " + signal_name(signal)
                                     : fmt::format("its worker exited with {}", code);
    bool is_first = true;
    for (auto const& sent : worker.sent) {
        LineAnswer answer{.kind = LineAnswer::Kind::given_back,
                          .job = sent.job,
                          .run = sent.run,
                          .code = code,
                          .signal = signal,
                          .words = why,
                          .begun = worker.begun};
        if (std::exchange(is_first, false) && was_at_work && !sent.is_cancelled)
            answer.kind =
                worker.timed_out ? LineAnswer::Kind::timed_out : LineAnswer::Kind::crashed;
        hands_.answer(answer);
    }
    give_waiting(now);
}

void LineWorkers::give_waiting(Instant now) {
    for (auto const* task : tasks_) {
        auto found = trouble_.find(task->name);
        if (found == trouble_.end() || found->second.waiting.empty()) continue;
        if (found->second.not_before && now < *found->second.not_before) continue;
        auto waiting = std::exchange(found->second.waiting, {});
        for (auto& [sent, since] : waiting)
            give(*task, sent.job, sent.run, std::move(sent.line), now);
    }
}

void LineWorkers::end(Worker& worker, Instant now) {
    worker.is_ending = true;
    worker.idle_at.reset();
    hands_.close_input(worker.run);
    worker.kill_at = now + worker.task->how.policy.stop_ladder.front().wait;
}

void LineWorkers::deadline_passed(Instant now) {
    std::vector<std::uint64_t> runs;
    for (auto const& [run, worker] : workers_) runs.push_back(run);
    for (auto run : runs) {
        auto found = workers_.find(run);
        if (found == workers_.end()) continue;
        auto& worker = found->second;
        if (worker.timeout_at && now >= *worker.timeout_at) {
            worker.timeout_at.reset();
            worker.timed_out = worker.is_ending = true;
            worker.kill_at = now;
        }
        if (worker.idle_at && now >= *worker.idle_at) end(worker, now);
        if (worker.kill_at && now >= *worker.kill_at) {
            worker.kill_at = now + std::chrono::seconds(1);  // again, should it not be gone
            worker.is_ending = true;
            hands_.signal(worker.run, 9);
        }
    }
    give_waiting(now);
}

std::optional<Instant> LineWorkers::deadline() const {
    std::optional<Instant> earliest;
    for (auto const& [run, worker] : workers_) {
        earlier(earliest, worker.idle_at);
        earlier(earliest, worker.kill_at);
        earlier(earliest, worker.timeout_at);
    }
    for (auto const& [task, trouble] : trouble_)
        if (!trouble.waiting.empty()) earlier(earliest, trouble.not_before);
    return earliest;
}

void LineWorkers::end_all(Instant now) {
    for (auto& [run, worker] : workers_)
        if (!worker.is_ending || worker.sent.empty()) end(worker, now);
    for (auto& [task, trouble] : trouble_)
        for (auto const& [sent, since] : std::exchange(trouble.waiting, {}))
            hands_.answer({.kind = LineAnswer::Kind::given_back,
                           .job = sent.job,
                           .run = sent.run,
                           .words = "the daemon is stopping"});
}

std::vector<std::pair<ports::RunId, int>> LineWorkers::processes(std::string_view task) const {
    std::vector<std::pair<ports::RunId, int>> found;
    for (auto const& [run, worker] : workers_)
        if (worker.task->name == task) found.emplace_back(worker.run, worker.pid);
    return found;
}

}  // namespace lares::daemon
