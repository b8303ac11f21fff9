// os/log_mover.cc: the queue between the loop's thread and the log thread.

#include "os/log_mover.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "os/log_engine.h"
#include "os/log_read.h"
#include "os/log_worker.h"

namespace lares::os {

namespace {

/// Own bytes (main log, notes) that may wait for the log thread. It falls behind only when a disk
/// hangs, and then there is no end to it.
constexpr std::size_t waiting_write_bytes = 4u << 20;

}  // namespace

struct LogMover::Inside {
    Inside(ports::Inbox& inbox, Post post_function, FdStore& store, LogOutlets outlets);
    ~Inside();

    void put(LogCommand);
    void put_write(ports::ChannelId, std::string_view bytes);
    std::vector<LogCommand> take();
    void work();
    void compress(Compressed);

    Post post;
    Fd wake;
    LogGrowth growth;
    LogTaps taps;
    std::mutex mutex;
    std::vector<LogCommand> commands;
    std::map<ports::ChannelId, std::uint64_t> lost;
    std::size_t waiting_bytes = 0;
    bool is_ending = false;
    std::atomic<bool> stop_compressing{false};
    LogEngine engine;
    LogWorker reader{"lares-log-read", Urgency::normal};
    LogWorker compressor{"lares-log-gzip", Urgency::background};
    std::thread thread;
};

LogMover::Inside::Inside(ports::Inbox& inbox, Post post_function, FdStore& store,
                         LogOutlets outlets)
    : post(std::move(post_function)),
      wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      engine(wake.get(), growth, taps, store,
             {.post = post,
              .push =
                  [this, &inbox](ports::Event event) {
                      post([&inbox, event = std::move(event)]() mutable {
                          inbox.push(std::move(event));
                      });
                  },
              .compress = [this](Compressed job) { compress(std::move(job)); },
              .syslog = std::move(outlets.syslog),
              .journal = std::move(outlets.journal),
              .step_watcher = std::move(outlets.step_watcher)}) {
    CHECK(wake);
    thread = start_quiet_thread("lares-logs", [this] { work(); });
}

LogMover::Inside::~Inside() {
    stop_compressing = true;
    {
        std::lock_guard lock(mutex);
        is_ending = true;
    }
    std::uint64_t one = 1;
    if (::write(wake.get(), &one, sizeof one) < 0) return;
    thread.join();
}

void LogMover::Inside::put(LogCommand command) {
    bool first = false;
    {
        std::lock_guard lock(mutex);
        first = commands.empty();
        commands.push_back(std::move(command));
    }
    if (!first) return;
    std::uint64_t one = 1;
    CHECK(::write(wake.get(), &one, sizeof one) == sizeof one);
}

void LogMover::Inside::put_write(ports::ChannelId channel, std::string_view bytes) {
    {
        std::lock_guard lock(mutex);
        if (waiting_bytes + bytes.size() > waiting_write_bytes) {
            lost[channel] += bytes.size();
            return;
        }
        waiting_bytes += bytes.size();
    }
    put(WriteLog{channel, std::string(bytes)});
}

/// Everything asked so far; losses last, since what was lost came after what is here.
std::vector<LogCommand> LogMover::Inside::take() {
    std::lock_guard lock(mutex);
    std::vector<LogCommand> taken = std::exchange(commands, {});
    for (auto const& [channel, bytes] : lost) taken.push_back(LostBytes{channel, bytes});
    lost.clear();
    waiting_bytes = 0;
    return taken;
}

void LogMover::Inside::work() {
    for (bool ending = false; !ending;) {
        engine.wait();
        for (auto& command : take()) engine.perform(std::move(command));
        engine.move();
        std::lock_guard lock(mutex);
        ending = is_ending && commands.empty();
    }
    engine.end();
}

/// On the log thread. Its answer comes back as a command.
void LogMover::Inside::compress(Compressed job) {
    compressor.run(LogWorker::Job([this, job = std::move(job)]() mutable {
        job.result = os::compress(job.job, stop_compressing);
        put(std::move(job));
    }));
}

LogMover::LogMover(ports::Inbox& inbox, Post post, FdStore& store, LogOutlets outlets)
    : inside_(std::make_unique<Inside>(inbox, std::move(post), store, std::move(outlets))) {}

LogMover::~LogMover() = default;

void LogMover::open(ports::ChannelId channel, ports::LogSpec spec) {
    inside_->put(OpenLog{channel, std::move(spec)});
}

void LogMover::close(ports::ChannelId channel) { inside_->put(CloseLog{channel}); }

void LogMover::write(ports::ChannelId channel, std::string_view bytes) {
    inside_->put_write(channel, bytes);
}

void LogMover::reopen_all() { inside_->put(ReopenLogs{}); }

void LogMover::clear(ports::ChannelId channel, std::function<void(Result<>)> done) {
    inside_->put(ClearLog{channel, std::move(done)});
}

void LogMover::read(std::string path, std::int64_t offset, std::int64_t length,
                    std::function<void(ports::LogRead)> done) {
    inside_->reader.run(LogWorker::Job([inside = inside_.get(), path = std::move(path), offset,
                                        length, done = std::move(done)]() mutable {
        inside->post(
            [done = std::move(done), found = read_log(path, offset, length)] { done(found); });
    }));
}

void LogMover::on_growth(ports::ChannelId channel, std::function<void()> grew) {
    auto now = inside_->growth.ask(channel, std::move(grew));
    if (now) inside_->post(std::move(now));
}

void LogMover::taken(std::size_t bytes) {
    if (inside_->taps.taken(bytes)) inside_->put(TapsTaken{});
}

void LogMover::flush(std::function<void()> done) { inside_->put(FlushLogs{std::move(done)}); }

void LogMover::attach(ports::RunId run, ports::ChannelId channel, int read_fd) {
    inside_->put(AttachPipe{run, channel, Fd(read_fd)});
}

void LogMover::drain(ports::RunId run, std::function<void()> done) {
    inside_->put(DrainRun{run, std::move(done)});
}

}  // namespace lares::os
