// os/log_engine.cc: turns of the log thread. What commands do is in os/log_engine_commands.cc.

#include "os/log_engine.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "os/log_rotation.h"

namespace lares::os {

namespace {

// What an epoll event is about: a pipe's serial, or one of these.
constexpr std::uint64_t wake_key = ~std::uint64_t{0};
constexpr std::uint64_t timer_key = wake_key - 1;
constexpr std::uint64_t writer_bit = std::uint64_t{1} << 62;

/// Bytes waiting for slow readers of streams, all logs together.
constexpr std::size_t waiting_bytes_limit = 16u << 20;
/// A program that flushes each line would wake us for each; after so many turns in quick succession
/// that brought less than this, we let its pipe fill for a moment. Measured with flushed lines of
/// 100 bytes: without the rest, writer and reader get in each other's way.
constexpr std::size_t small_turn_bytes = 16u << 10;
constexpr int small_turns_until_rest = 8;
constexpr int rest_ms = 1;
/// How long a predecessor's step waits for the log it belongs to; all pipes wait with it. The logs
/// are opened first thing; longer means that the configuration has none of that number any more.
constexpr Duration step_patience{10'000};

void watch(int epoll, int fd, std::uint32_t events, std::uint64_t key) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = key;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

LogEngine::LogEngine(int wake_fd, LogGrowth& growth, LogTaps& taps, FdStore& store,
                     LogEngineOutside outside)
    : wake_fd_(wake_fd),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)),
      growth_(growth),
      taps_(taps),
      outside_(std::move(outside)),
      moment_(read_moment()),
      step_(store, outside_.step_watcher) {
    CHECK(epoll_ && timer_);
    if (step_.unfinished()) give_up_at_ = moment_.now + step_patience;
    watch(epoll_.get(), wake_fd_, EPOLLIN, wake_key);
    watch(epoll_.get(), timer_.get(), EPOLLIN, timer_key);
}

LogEngine::~LogEngine() {
    sources_.clear();
    channels_.clear();
}

// Turns

/// Commands end the rest; an idle log thread never takes one. Nor does it where somebody waits for
/// what is read before it writes again: each question and answer would take that long.
void LogEngine::rest() {
    bool is_awaited = std::exchange(is_awaited_, false);
    bool small = turn_bytes_ > 0 && turn_bytes_ < small_turn_bytes && !is_awaited;
    bool in_succession = moment_.now - last_turn_ <= Duration(rest_ms);
    if (!in_succession) small_turns_ = 0;
    if (small && small_turns_ < small_turns_until_rest) ++small_turns_;
    last_turn_ = moment_.now;
    turn_bytes_ = 0;
    if (!small || small_turns_ < small_turns_until_rest) return;
    pollfd commands{.fd = wake_fd_, .events = POLLIN, .revents = 0};
    ::poll(&commands, 1, rest_ms);
}

void LogEngine::wait() {
    rest();
    std::array<epoll_event, 64> events;
    int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), wait_ms());
    moment_ = read_moment();
    for (int i = 0; i < count; ++i) {
        std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
        if (key != wake_key) {
            ready_.push_back(key);
            continue;
        }
        // Before the commands are taken: one that comes after that must wake us again.
        std::uint64_t puts = 0;
        CHECK(::read(wake_fd_, &puts, sizeof puts) == sizeof puts);
    }
}

void LogEngine::move() {
    for (std::uint64_t key : ready_) handle(key);
    ready_.clear();
    if (give_up_at_ && moment_.now >= *give_up_at_) give_up_step();
    answer_flushes();
    compress_next();
    arm_timer();
}

int LogEngine::wait_ms() const {
    if (flushes_.empty() && !give_up_at_) return -1;
    Instant until = flushes_.empty() ? *give_up_at_ : flushes_.front().until;
    if (give_up_at_) until = std::min(until, *give_up_at_);
    Duration left = until - moment_.now;
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void LogEngine::handle(std::uint64_t key) {
    if (key == timer_key) return on_timer();
    if ((key & writer_bit) == 0) {
        if (!pause_for_taps(key)) read_once(key, log_read_size);
        return;
    }
    Channel* channel = find_channel(ports::ChannelId{static_cast<std::uint32_t>(key)});
    if (channel && channel->file) channel->file->on_writable(moment_);
}

// Channels

LogEngine::Channel* LogEngine::find_channel(ports::ChannelId id) {
    auto found = channels_.find(id);
    return found == channels_.end() ? nullptr : &found->second;
}

/// A pipe of a channel that nobody opened is read and its bytes are dropped: its program must not
/// block because of us.
LogEngine::Channel& LogEngine::find_or_make(ports::ChannelId id) {
    auto [found, is_new] = channels_.try_emplace(id);
    if (is_new) {
        found->second.id = id;
        found->second.is_closing = true;
    }
    return found->second;
}

/// What a program left without a newline is a line all the same, and not the beginning of the next
/// run's first.
void LogEngine::finish_line(Channel& channel) {
    if (!channel.transform && !channel.syslog && !channel.journal) return;
    step_.begin({channel.id, no_run});
    transformed_.clear();
    if (channel.transform) channel.transform->finish(moment_.wall, transformed_);
    store(channel, transformed_, Line::ends);
    step_.end();
}

void LogEngine::finish_output(Channel& channel) {
    finish_line(channel);
    channel.transform.reset();
}

void LogEngine::finish_if_closed(ports::ChannelId id) {
    Channel* channel = find_channel(id);
    if (!channel || !channel->is_closing || channel->pipes > 0) return;
    finish_output(*channel);
    channel->file.reset();
    keep_due(*channel);
    growth_.forget(id);
    channels_.erase(id);
}

// What logs ask for

void LogEngine::tell(ports::ChannelId id, TroubleNews news) {
    outside_.push(ports::LogTrouble{.channel = id,
                                    .ok = news.ok,
                                    .words = std::move(news.words),
                                    .lost_bytes = news.lost_bytes});
}

void LogEngine::grown(ports::ChannelId id) {
    for (auto& grew : growth_.grown(id)) outside_.post(std::move(grew));
}

void LogEngine::rotated(ports::ChannelId id) {
    ++rotations_;
    grown(id);
}

void LogEngine::watch_writable(ports::ChannelId id, int fd, bool on) {
    if (on) {
        watch(epoll_.get(), fd, EPOLLOUT, writer_bit | static_cast<std::uint32_t>(id));
    } else {
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    }
    watched_writers_ += on ? 1 : -1;
}

bool LogEngine::take_room(std::size_t bytes) {
    if (waiting_bytes_ + bytes > waiting_bytes_limit) return false;
    waiting_bytes_ += bytes;
    return true;
}

// Time

void LogEngine::keep_due(Channel& channel) {
    auto due = channel.file ? channel.file->due() : std::nullopt;
    if (due == channel.due) return;
    if (channel.due) due_.erase({*channel.due, channel.id});
    if (due) due_.insert({*due, channel.id});
    channel.due = due;
}

/// No log that depends on time, no timer.
void LogEngine::arm_timer() {
    auto first = due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
    if (first == armed_) return;
    armed_ = first;
    itimerspec when{};
    if (first) {
        // All zero would disarm it.
        std::int64_t count = std::max<std::int64_t>(first->time_since_epoch().count(), 1);
        when.it_value = {count / 1000, (count % 1000) * 1'000'000};
    }
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
}

void LogEngine::on_timer() {
    std::uint64_t count = 0;
    bool clock_was_set = ::read(timer_.get(), &count, sizeof count) < 0 && errno == ECANCELED;
    armed_.reset();
    std::vector<ports::ChannelId> ids;
    for (auto const& [when, id] : due_) {
        if (!clock_was_set && when > moment_.wall) break;
        ids.push_back(id);
    }
    for (ports::ChannelId id : ids) {
        Channel* channel = find_channel(id);
        if (!channel || !channel->file) continue;
        if (clock_was_set) channel->file->on_clock_jump(moment_);
        channel->file->on_time(moment_);
        keep_due(*channel);
    }
}

}  // namespace lares::os
