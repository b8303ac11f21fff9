// delivery/lanes.cc: one lock over the queues of all channels; it is held for moments only, never
// during an exchange.

#include "delivery/lanes.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace lares::deliver {

namespace {

struct Waiting {
    Order order;
    std::size_t bytes;
};

struct Line {
    std::deque<Waiting> waiting;
    std::condition_variable has_work;
    std::size_t threads = 0, idle = 0;
};

Error full(std::string words) { return {Error::Kind::unavailable, std::move(words)}; }

}  // namespace

struct Lanes::Parts {
    Doors doors;
    LaneLimits limits;
    mutable std::mutex lock;
    std::map<std::string, Line> lines;  // nodes stay where they are: threads refer to them
    std::vector<std::thread> threads;
    std::size_t bytes = 0;
    bool is_ending = false;

    void work(Line& line);
    bool next(Line& line, Waiting& taken);
    Result<> ensure_thread(Line& line, std::size_t connections);
};

/// Waits for work; false: there will be none.
bool Lanes::Parts::next(Line& line, Waiting& taken) {
    std::unique_lock guard(lock);
    ++line.idle;
    line.has_work.wait(guard, [&] { return is_ending || !line.waiting.empty(); });
    --line.idle;
    if (is_ending) return false;
    taken = std::move(line.waiting.front());
    line.waiting.pop_front();
    bytes -= taken.bytes;
    return true;
}

void Lanes::Parts::work(Line& line) {
    auto post = doors.make_post();
    Waiting taken;
    while (next(line, taken)) {
        doors.answered(doors.send(taken.order, *post));
        taken = {};  // a large message is not kept while there is nothing to do
    }
}

/// One more, unless there are enough of them or an idle one will take what has come. Under the
/// lock.
Result<> Lanes::Parts::ensure_thread(Line& line, std::size_t connections) {
    auto most = std::clamp<std::size_t>(connections, 1, limits.threads_of_channel);
    bool is_needed = line.waiting.size() > line.idle && line.threads < most;
    if (!is_needed) return {};
    std::string trouble;
    if (threads.size() >= limits.threads) {
        trouble = "there are " + std::to_string(limits.threads) + " connections already";
    } else {
        try {
            threads.emplace_back([this, &line] { work(line); });
            ++line.threads;
            return {};
        } catch (std::system_error const& error) {
            trouble = std::string("no thread can be made: ") + error.what();
        }
    }
    // With fewer than wished it goes on, only slower.
    if (line.threads > 0) return {};
    return full(trouble);
}

Lanes::Lanes(Doors doors, LaneLimits limits)
    : parts_(new Parts{.doors = std::move(doors), .limits = limits}) {}

Lanes::~Lanes() { finish(); }

Result<> Lanes::put(Order order, std::size_t bytes) {
    auto& parts = *parts_;
    std::lock_guard guard(parts.lock);
    if (parts.is_ending) return full("it is about to end");
    auto connections = static_cast<std::size_t>(std::max(order.channel.connections, 1));
    Line& line = parts.lines[order.channel.name];
    if (line.waiting.size() >= parts.limits.orders_of_channel)
        return full("the channel has " + std::to_string(parts.limits.orders_of_channel) +
                    " orders waiting already");
    if (parts.bytes + bytes > parts.limits.bytes)
        return full("the orders that wait are " + std::to_string(parts.limits.bytes >> 20) +
                    " MiB already");
    line.waiting.push_back({std::move(order), bytes});
    auto has_thread = parts.ensure_thread(line, connections);
    if (!has_thread) {
        line.waiting.pop_back();
        return has_thread;
    }
    parts.bytes += bytes;
    line.has_work.notify_one();
    return {};
}

void Lanes::finish() {
    std::vector<std::thread> threads;
    {
        std::lock_guard guard(parts_->lock);
        parts_->is_ending = true;
        threads.swap(parts_->threads);
        for (auto& [name, line] : parts_->lines) line.has_work.notify_all();
    }
    for (auto& each : threads) each.join();
}

std::size_t Lanes::threads() const {
    std::lock_guard guard(parts_->lock);
    return parts_->threads.size();
}

}  // namespace lares::deliver
