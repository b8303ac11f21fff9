// daemon/main_log.h: the daemon's own log, in supervisord's lines.
//
// "YYYY-MM-DD HH:MM:SS,mmm LEVL message" in local time: scripts and supervisord's own tests match
// on these lines and their words (docs/decisions/0002-main-log-lines.md). The bytes go to the log
// thread; nothing here waits.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ports/clock.h"
#include "ports/logs.h"

namespace lares::daemon {

enum class Level { critical, error, warning, info, debug, trace, blather };

/// The level named as loglevel= names it ("warn"); info for a name that no check let through.
Level level_named(std::string_view name);

class MainLog {
public:
    MainLog(ports::Clock& clock, ports::Logs& logs) : clock_(clock), logs_(logs) {}

    /// Lines of `least` and above go to each of `channels`.
    void configure(Level least, std::vector<ports::ChannelId> channels);
    void write(Level level, std::string_view message);
    /// Whether lines of that level go anywhere.
    bool is_on(Level level) const { return level <= least_ && !channels_.empty(); }

    void error(std::string_view message) { write(Level::error, message); }
    void warning(std::string_view message) { write(Level::warning, message); }
    void info(std::string_view message) { write(Level::info, message); }
    void debug(std::string_view message) { write(Level::debug, message); }

private:
    ports::Clock& clock_;
    ports::Logs& logs_;
    Level least_ = Level::info;
    std::vector<ports::ChannelId> channels_;
};

/// "2026-11-22 10:15:03,214" for local time at `offset` seconds east of UTC.
std::string print_log_time(WallTime at, int offset_seconds);

}  // namespace lares::daemon
