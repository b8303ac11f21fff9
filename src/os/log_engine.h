// os/log_engine.h: the log thread's work: which pipe feeds which log, one turn after the other.
//
// Every method is called on the log thread only. A turn waits for pipes, readers, a due time or a
// command; each pipe that has something gets one read and one write, so that a program that floods
// its log delays the others by no more than that.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "os/fd.h"
#include "os/log_capture.h"
#include "os/log_command.h"
#include "os/log_file.h"
#include "os/log_growth.h"
#include "os/log_journal.h"
#include "os/log_step.h"
#include "os/log_syslog.h"
#include "os/log_taps.h"

namespace lares::os {

/// What the engine hands out of its thread.
struct LogEngineOutside {
    std::function<void(std::function<void()>)> post;
    std::function<void(ports::Event)> push;
    /// Compresses on a worker and answers with Compressed.
    std::function<void(Compressed)> compress;
    SyslogSink syslog;
    JournalSocket journal;
    StepWatcher step_watcher;
};

class LogEngine : private LogFileHost {
public:
    /// `wake_fd` (an eventfd, the caller's) ends a turn's waiting when commands have come.
    LogEngine(int wake_fd, LogGrowth& growth, LogTaps& taps, FdStore& store,
              LogEngineOutside outside);
    ~LogEngine() override;

    /// The three steps of a turn: waits until there is something to do, does what was asked, moves
    /// bytes. In this order, bytes that a program wrote after something was asked find it done.
    void wait();
    void perform(LogCommand&&);
    void move();
    /// Moves what is there now and finishes every log.
    void end();

private:
    struct Channel {
        ports::ChannelId id;
        std::unique_ptr<LogFile> file;
        std::unique_ptr<ports::LogTransform> transform;
        std::unique_ptr<SyslogLines> syslog;
        std::unique_ptr<JournalLines> journal;
        bool tap = false;
        std::size_t capture_most = 0;          // 0: nothing is captured
        std::vector<std::uint64_t> lingering;  // pipes of runs that ended, oldest first
        int pipes = 0;
        ports::RunId last_run{};              // whose half line is held back
        std::optional<ports::RunId> left_by;  // a predecessor: whose half line is restored
        bool is_closing = false;
        bool is_stored() const { return file || syslog || journal; }
        std::optional<WallTime> due;  // as it stands in due_
    };
    struct Source {
        ports::RunId run;
        ports::ChannelId channel;
        Fd fd;
        std::unique_ptr<Capture> capture;
        int full_reads = 0;  // so far; shows that a larger pipe would help
    };
    struct Flush {
        std::function<void()> done;
        Instant until;
    };

    // LogFileHost
    void tell(ports::ChannelId, TroubleNews) override;
    void grown(ports::ChannelId) override;
    void rotated(ports::ChannelId) override;
    std::uint64_t rotations() const override { return rotations_; }
    void compress_siblings(ports::ChannelId) override;
    void watch_writable(ports::ChannelId, int fd, bool on) override;
    bool take_room(std::size_t bytes) override;
    void give_room(std::size_t bytes) override { waiting_bytes_ -= bytes; }
    void will_write(LogFileIdentity file, std::int64_t size, std::string_view bytes) override {
        step_.will_write(file, size, bytes);
    }
    void wrote() override { step_.end(); }

    void perform_one(OpenLog&&);
    void perform_one(CloseLog&&);
    void perform_one(WriteLog&&);
    void perform_one(LostBytes&&);
    void perform_one(ReopenLogs&&);
    void perform_one(ClearLog&&);
    void perform_one(AttachPipe&&);
    void perform_one(DrainRun&&);
    void perform_one(TapsTaken&&);
    void perform_one(FlushLogs&&);
    void perform_one(Compressed&&);

    void handle(std::uint64_t key);
    Channel& find_or_make(ports::ChannelId);
    Channel* find_channel(ports::ChannelId);
    void finish_line(Channel&);
    void finish_output(Channel&);
    void finish_if_closed(ports::ChannelId);
    void set_capture(Source&, Channel const&);
    void deliver(Source&, Channel&, std::string_view chunk);
    void finish_capture(Source&, Channel&);
    void pass_on(ports::RunId, Channel&, std::string_view plain);
    void push_captured(Source const&, std::vector<std::string> texts);
    bool pause_for_taps(std::uint64_t serial);
    enum class Line { goes_on, ends };
    void store(Channel&, std::string_view bytes, Line);
    void send_lines(Channel&, std::string_view bytes, Line);
    void set_state(Channel const&);
    void restore(Channel&);
    void finish_left(Channel&, ports::RunId next);

    // What a predecessor left undone (os/log_engine_recovery.cc).
    bool must_wait(LogCommand const&) const;
    void finish_step_of(Channel&);
    void give_up_step();
    void perform_held();
    /// Returns what was read: 0 at the end, which removes the pipe, and when there is nothing.
    std::size_t read_once(std::uint64_t serial, std::size_t most);
    void read_what_is_there(std::uint64_t serial);
    void note_busy(Source&, std::size_t size);
    void rest();
    void end_source(std::uint64_t serial);
    void linger(std::uint64_t serial);

    void keep_due(Channel&);
    void arm_timer();
    void on_timer();
    void compress_next();
    void answer_flushes();
    int wait_ms() const;

    int wake_fd_;
    Fd epoll_;
    Fd timer_;
    LogGrowth& growth_;
    LogTaps& taps_;
    LogEngineOutside outside_;
    Moment moment_;
    LogStep step_;
    std::optional<Instant> give_up_at_;  // a predecessor's step waits for its log until then
    std::vector<LogCommand> held_;       // until that step is done
    std::unordered_map<ports::ChannelId, Channel> channels_;
    std::unordered_map<std::uint64_t, Source> sources_;
    std::unordered_multimap<ports::RunId, std::uint64_t> of_run_;
    std::uint64_t next_serial_ = 1;
    std::set<std::pair<WallTime, ports::ChannelId>> due_;
    std::optional<WallTime> armed_;
    std::deque<ports::ChannelId> to_compress_;
    bool is_compressing_ = false;
    std::vector<Flush> flushes_;
    std::vector<std::uint64_t> ready_;   // keys of this turn
    std::vector<std::uint64_t> paused_;  // pipes of tapped channels that wait for room
    std::string plain_;                  // what capture left of a chunk
    std::string transformed_;
    std::size_t turn_bytes_ = 0;  // read in this turn
    bool is_awaited_ = false;     // some of it by one who answers: a tapped channel without a log
    int small_turns_ = 0;         // in quick succession
    Instant last_turn_{};
    std::size_t waiting_bytes_ = 0;
    std::uint64_t rotations_ = 0;
    int watched_writers_ = 0;
};

}  // namespace lares::os
