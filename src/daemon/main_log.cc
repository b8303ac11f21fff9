// daemon/main_log.cc: one line, one time stamp, every channel.

#include "daemon/main_log.h"

#include <fmt/core.h>

#include <array>

namespace lares::daemon {

namespace {

struct LevelRow {
    Level level;
    std::string_view option;  // as in loglevel=
    std::string_view tag;     // as in the line
};
constexpr std::array<LevelRow, 7> levels{{
    {Level::critical, "critical", "CRIT"},
    {Level::error, "error", "ERRO"},
    {Level::warning, "warn", "WARN"},
    {Level::info, "info", "INFO"},
    {Level::debug, "debug", "DEBG"},
    {Level::trace, "trace", "TRAC"},
    {Level::blather, "blather", "BLAT"},
}};

}  // namespace

Level level_named(std::string_view name) {
    for (auto const& row : levels)
        if (row.option == name) return row.level;
    return Level::info;
}

std::string print_log_time(WallTime at, int offset_seconds) {
    using namespace std::chrono;
    auto local = at + seconds(offset_seconds);
    auto day = floor<days>(local);
    year_month_day date(day);
    hh_mm_ss time(local - day);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}", int(date.year()),
                       unsigned(date.month()), unsigned(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

void MainLog::configure(Level least, std::vector<ports::ChannelId> channels) {
    least_ = least;
    channels_ = std::move(channels);
}

void MainLog::write(Level level, std::string_view message) {
    if (level > least_) return;
    WallTime at = clock_.wall();
    auto tag = levels[static_cast<std::size_t>(level)].tag;
    auto line = fmt::format("{} {} {}\n", print_log_time(at, clock_.local_offset_seconds(at)), tag,
                            message);
    for (auto channel : channels_) logs_.write(channel, line);
}

}  // namespace lares::daemon
