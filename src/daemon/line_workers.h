// daemon/line_workers.h: `protocol = lines`: processes that live long and are fed jobs as lines.
//
// A job goes to a worker as one line of JSON and comes back as one:
//     {"job":17,"run":812,"attempt":1,"payload":{…}}
//     {"job":17,"ok":true,"result":{…}}    {"job":17,"ok":false,"error":"…","code":3}
//     {"job":17,"progress":40,"words":"…"}
// A worker is sent up to `prefetch` jobs ahead and answers them in order. When it dies, the job it
// was at has crashed, and those it had not begun are nobody's fault: they go back. A worker without
// work ends after `idle`, by the end of its input; one that dies at once is started again later
// each time. docs/manual/tasks.md tells workers' authors of it.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/settings.h"
#include "core/job.h"
#include "ports/event.h"

namespace lares::daemon {

/// What a worker said of a job, or what became of it.
struct LineAnswer {
    enum class Kind { done, failed, progress, crashed, given_back, timed_out };
    Kind kind = Kind::done;
    job::Id job = 0;
    std::uint64_t run = 0;
    int code = 0, signal = 0;
    int progress = -1;
    std::string words, result;
    Instant begun{};  // when the worker came to it
};

/// What the workers need of work.
struct LineHands {
    /// Starts a process for that task; its run. None when it cannot be started now.
    std::function<std::optional<ports::RunId>(config::Task const&, ports::ChannelId out)> spawn;
    std::function<ports::ChannelId()> next_channel;
    std::function<void(ports::ChannelId)> close_channel;
    std::function<Result<>(ports::RunId, std::string_view bytes)> write;
    std::function<void(ports::RunId)> close_input;
    std::function<void(ports::RunId, int signal)> signal;
    std::function<void(LineAnswer const&)> answer;
    std::function<void(std::string const& words)> warn;
};

class LineWorkers {
public:
    explicit LineWorkers(LineHands hands) : hands_(std::move(hands)) {}

    /// Other settings: workers of tasks that changed end when they have answered, and are followed
    /// by new ones. The tasks live until the next call.
    void configure(std::vector<config::Task const*> tasks);
    /// Sends a job to the worker with the fewest, or starts one. `line`: whole, with its end.
    void give(config::Task const&, job::Id, std::uint64_t run, std::string line, Instant now);
    /// It is not wanted any more: the worker is told, and killed when it does not answer in time.
    void cancel(job::Id, Instant now);

    bool owns(ports::RunId run) const { return workers_.contains(static_cast<std::uint64_t>(run)); }
    bool owns(ports::ChannelId channel) const {
        return of_channel_.contains(static_cast<std::uint32_t>(channel));
    }
    void spawned(ports::RunId, int pid, Instant now);
    void drained(ports::RunId, Instant now);
    void output(ports::ChannelId, std::string_view bytes, Instant now);
    /// Also of one that could not be spawned (`words`).
    void ended(ports::RunId, int code, int signal, std::string const& words, Instant now);
    void deadline_passed(Instant now);
    std::optional<Instant> deadline() const;
    /// All end: what was not begun is given back; those at a job are killed after `limit`.
    void end_all(Instant now);
    std::size_t count() const { return workers_.size(); }
    std::vector<std::pair<ports::RunId, int>> processes(std::string_view task) const;  // run, pid

private:
    struct Sent {
        job::Id job;
        std::uint64_t run;
        std::string line;  // until it is written
        bool is_written = false;
        bool is_cancelled = false;
    };
    struct Worker {
        config::Task const* task = nullptr;
        std::unique_ptr<config::Task> last = {};  // `task`, once it is configured no longer
        ports::RunId run{};
        ports::ChannelId out{};
        int pid = 0;
        bool is_up = false;      // spawned
        bool is_ending = false;  // gets nothing new
        std::deque<Sent> sent;   // the first is the one it is at
        std::string rest;        // of an unfinished line
        Instant begun{};         // of the first
        std::optional<Instant> idle_at, kill_at, timeout_at;
        std::int64_t answered = 0;
        bool timed_out = false;
        bool is_blocked = false;  // takes no more until it is drained
    };
    /// Of a task whose workers die at once.
    struct Trouble {
        int deaths = 0;
        std::optional<Instant> not_before;
        std::deque<std::pair<Sent, Instant>> waiting;
    };

    Worker* worker_for(config::Task const&, Instant now);
    Worker* start(config::Task const&, Instant now);
    void send(Worker&, Instant now);
    void first_changed(Worker&, Instant now);
    void take_line(Worker&, std::string_view line, Instant now);
    bool take_plain_ok(Worker&, std::string_view line, Instant now);
    void answered(Worker&, LineAnswer, Instant now);
    void end(Worker&, Instant now);
    void give_waiting(Instant now);

    LineHands hands_;
    std::map<std::uint64_t, Worker> workers_;  // by run
    std::unordered_map<std::uint32_t, std::uint64_t> of_channel_;
    std::map<std::string, Trouble, std::less<>> trouble_;
    std::vector<config::Task const*> tasks_;
};

}  // namespace lares::daemon
