// os/loop.cc: the loop on Boost.Asio: one context, one timerfd, one descriptor object per watched
// fd.

#include "os/loop.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "os/fd.h"
#include "os/loop_asio.h"

namespace lares::os {

namespace asio = boost::asio;
using boost::system::error_code;
using Descriptor = asio::posix::stream_descriptor;

namespace {

/// Actions taken in one batch before the daemon gets its turn: a flood of posts must not starve it.
constexpr int batch_actions = 1'000;

/// What is watched of one descriptor. `generation` tells a handler that is still on its way whether
/// the watch it was made for is there: the kernel gives a closed descriptor's number away again.
struct Watch {
    explicit Watch(asio::io_context& context) : descriptor(context) {}
    Descriptor descriptor;
    std::uint64_t generation = 0;
    std::optional<Loop::Action> readable, writable;
};

using Side = std::optional<Loop::Action> Watch::*;

Descriptor::wait_type wait_type(Side side) {
    return side == &Watch::readable ? Descriptor::wait_read : Descriptor::wait_write;
}

std::int64_t microseconds_now() {
    timespec t;
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1'000;
}

}  // namespace

struct Loop::Inside {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work =
        asio::make_work_guard(context);
    Fd timer{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    std::optional<Instant> armed;
    std::map<std::pair<Instant, TimerId>, Action> timers;
    std::unordered_map<TimerId, Instant> due;  // where a timer stands in `timers`
    std::unordered_map<int, Watch> watches;
    std::uint64_t last_id = 0;
    std::uint64_t wake_ups = 0;
    ports::LoopFigures figures;
    Action before_sleep;
    bool stopped = false;

    void count_turn(std::int64_t microseconds);

    void arm_timer();
    void run_timers();
    void watch(int fd, Side side, Action action);
    void wait(int fd, Watch& watch, Side side);
    void ready(int fd, std::uint64_t generation, Side side);
};

/// Sets the timer to the earliest deadline, if that changed since the last sleep. A timerfd and not
/// Asio's timer: setting that anew wakes the loop for the wait it aborts.
void Loop::Inside::arm_timer() {
    std::optional<Instant> first;
    if (!timers.empty()) first = timers.begin()->first.first;
    if (first == armed) return;
    armed = first;
    itimerspec setting{};
    if (first) {
        // Zero would disarm it, and a negative time is refused; both are long past.
        auto since = std::max(first->time_since_epoch(), Duration(1)).count();
        setting.it_value.tv_sec = since / 1000;
        setting.it_value.tv_nsec = since % 1000 * 1'000'000;
    }
    ::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

void Loop::Inside::count_turn(std::int64_t microseconds) {
    auto bound = std::ranges::find_if(ports::turn_bounds_ms,
                                      [&](int ms) { return microseconds <= ms * 1'000L; });
    figures.turns_by_length[static_cast<std::size_t>(bound - ports::turn_bounds_ms.begin())]++;
    figures.turns++;
    figures.busy_us += microseconds;
    figures.longest_us = std::max(figures.longest_us, microseconds);
}

void Loop::Inside::run_timers() {
    std::uint64_t expirations;
    if (::read(timer.get(), &expirations, sizeof expirations) < 0) return;
    armed.reset();
    Instant now = Loop::now();
    // Counted, so that actions which set timers that are due already do not hold up the rest.
    for (auto left = timers.size(); left > 0; left--) {
        if (timers.empty() || timers.begin()->first.first > now) return;
        auto node = timers.extract(timers.begin());
        due.erase(node.key().second);
        node.mapped()();
    }
}

void Loop::Inside::watch(int fd, Side side, Action action) {
    auto [at, is_new] = watches.try_emplace(fd, context);
    Watch& watch = at->second;
    if (is_new) {
        error_code error;
        watch.descriptor.assign(fd, error);
        CHECK(!error);  // a regular file, or a descriptor already closed: a bug of the caller
        watch.generation = ++last_id;
    }
    bool waits = (watch.*side).has_value();
    watch.*side = std::move(action);
    if (!waits) wait(fd, watch, side);
}

void Loop::Inside::wait(int fd, Watch& watch, Side side) {
    watch.descriptor.async_wait(wait_type(side),
                                [this, fd, generation = watch.generation, side](error_code const&) {
                                    ready(fd, generation, side);
                                });
}

void Loop::Inside::ready(int fd, std::uint64_t generation, Side side) {
    auto find = [&] {
        auto at = watches.find(fd);
        return at != watches.end() && at->second.generation == generation ? &at->second : nullptr;
    };
    Watch* watch = find();
    if (!watch) return;
    // The action may forget this descriptor, and so may not be destroyed while it runs.
    Action action = std::move(*(watch->*side));
    *(watch->*side) = nullptr;
    action();
    watch = find();
    if (!watch) return;
    if (!*(watch->*side)) watch->*side = std::move(action);  // else it was replaced meanwhile
    wait(fd, *watch, side);
}

Loop::Loop() : inside_(std::make_unique<Inside>()) {
    CHECK(inside_->timer);  // among the first descriptors of the process
    on_readable(inside_->timer.get(), [this] { inside_->run_timers(); });
}

Loop::~Loop() {
    // The descriptors are their owners', who may have closed them already.
    for (auto& [fd, watch] : inside_->watches) watch.descriptor.release();
}

void Loop::post(Action action) { asio::post(inside_->context, std::move(action)); }

TimerId Loop::at(Instant when, Action action) {
    TimerId id{++inside_->last_id};
    inside_->timers.emplace(std::pair(when, id), std::move(action));
    inside_->due.emplace(id, when);
    return id;
}

void Loop::cancel(TimerId id) {
    auto at = inside_->due.find(id);
    if (at == inside_->due.end()) return;
    inside_->timers.erase({at->second, id});
    inside_->due.erase(at);
}

void Loop::on_readable(int fd, Action action) {
    inside_->watch(fd, &Watch::readable, std::move(action));
}

void Loop::on_writable(int fd, Action action) {
    inside_->watch(fd, &Watch::writable, std::move(action));
}

void Loop::forget(int fd) {
    auto at = inside_->watches.find(fd);
    if (at == inside_->watches.end()) return;
    at->second.descriptor.release();
    inside_->watches.erase(at);
}

void Loop::before_sleep(Action action) { inside_->before_sleep = std::move(action); }

void Loop::run() {
    inside_->stopped = false;
    auto awake_since = microseconds_now();
    while (true) {
        for (int i = 0; i < batch_actions && !inside_->stopped; i++) {
            if (inside_->context.poll_one() == 0) break;
        }
        if (inside_->stopped) return;
        if (inside_->before_sleep) inside_->before_sleep();
        if (inside_->stopped) return;
        inside_->arm_timer();
        inside_->count_turn(microseconds_now() - awake_since);
        // The sleep cannot be told from the first action after it; that one is not counted. What
        // is long is done in before_sleep.
        inside_->context.run_one();
        awake_since = microseconds_now();
        inside_->wake_ups++;
    }
}

void Loop::stop() { inside_->stopped = true; }

Instant Loop::now() {
    timespec t;
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return Instant(Duration(std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000));
}

std::uint64_t Loop::wake_ups() const { return inside_->wake_ups; }

ports::LoopFigures Loop::figures() const {
    auto figures = inside_->figures;
    figures.wake_ups = inside_->wake_ups;
    return figures;
}

asio::io_context& asio_context(Loop& loop) { return loop.inside().context; }

}  // namespace lares::os
