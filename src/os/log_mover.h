// os/log_mover.h: the log side: moves output from pipes to logs on a thread of its own.
//
// Behind ports/logs.h and os/log_intake.h. All methods are called on the loop's thread and return
// at once: they put a command (os/log_command.h) where the log thread (os/log_engine.h) finds it.
// Answers come through `post`, LogTrouble through the inbox, both on the loop's thread. Idle, no
// thread of this wakes.

#pragma once

#include <functional>
#include <memory>

#include "os/fd_store.h"
#include "os/log_intake.h"
#include "os/log_journal.h"
#include "os/log_step.h"
#include "os/log_syslog.h"
#include "ports/logs.h"

namespace lares::os {

/// Where lines go that go to no file. Tests put their own here.
struct LogOutlets {
    SyslogSink syslog = system_syslog();
    JournalSocket journal;
    StepWatcher step_watcher;  // called on the log thread
};

class LogMover : public ports::Logs, public LogIntake {
public:
    /// Runs a function on the loop's thread; may be called by any thread.
    using Post = std::function<void(std::function<void()>)>;

    /// `inbox` and whatever `post` refers to must outlive this, and what was posted must not run
    /// after `inbox` is gone.
    /// What is under way is kept in `store`, so that a successor goes on with it.
    LogMover(ports::Inbox& inbox, Post post, FdStore& store, LogOutlets outlets = {});
    /// Moves what is in the pipes now and ends the log thread; call flush() before, where slow
    /// readers shall have their time.
    ~LogMover() override;

    void open(ports::ChannelId, ports::LogSpec) override;
    void close(ports::ChannelId) override;
    void write(ports::ChannelId, std::string_view bytes) override;
    void reopen_all() override;
    void clear(ports::ChannelId, std::function<void(Result<>)> done) override;
    void read(std::string path, std::int64_t offset, std::int64_t length,
              std::function<void(ports::LogRead)> done) override;
    void on_growth(ports::ChannelId, std::function<void()> grew) override;
    void flush(std::function<void()> done) override;
    void taken(std::size_t bytes) override;

    void attach(ports::RunId, ports::ChannelId, int read_fd) override;
    void drain(ports::RunId, std::function<void()> done) override;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace lares::os
