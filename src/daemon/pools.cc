// daemon/pools.cc: pools kept, fed, and what they ask carried out.

#include "daemon/pools.h"

#include <algorithm>

#include "base/overloaded.h"

namespace lares::daemon {

namespace {

Level level_of(pool::Note::Level level) {
    switch (level) {
    case pool::Note::Level::error:
        return Level::error;
    case pool::Note::Level::warning:
        return Level::warning;
    case pool::Note::Level::debug:
        return Level::debug;
    }
    return Level::debug;
}

/// supervisor_stdout's lines: "process channel | line" for the payload of a PROCESS_LOG event,
/// which its listener gives back as its result. Other results are given out as they are.
std::string printed_lines(std::string_view result) {
    auto end = result.find('\n');
    auto header = result.substr(0, end);
    auto data = end == result.npos ? std::string_view() : result.substr(end + 1);
    auto field = [&](std::string_view name) {
        auto at = header.find(name);
        if (at == header.npos) return std::string();
        auto value = header.substr(at + name.size());
        return std::string(value.substr(0, value.find(' ')));
    };
    auto process = field("processname:"), channel = field("channel:");
    if (process.empty() || channel.empty()) return std::string(result) + "\n";
    std::string prefix = process + " " + channel + " | ", out;
    if (data.ends_with('\n')) data.remove_suffix(1);
    for (std::size_t at = 0; at <= data.size();) {
        auto stop = std::min(data.find('\n', at), data.size());
        out.append(prefix).append(data.substr(at, stop - at)).append("\n");
        at = stop + 1;
    }
    return out;
}

}  // namespace

void Pools::add(PoolSpec spec) {
    pool::Pool made{.name = spec.name,
                    .buffer_size = spec.buffer_size,
                    .handler = spec.handler,
                    .wants = spec.wants};
    pools_.insert_or_assign(std::move(spec.name), Kept{std::move(made), spec.length});
    count_wanted();
}

void Pools::remove(std::string_view name) {
    auto found = pools_.find(name);
    if (found == pools_.end()) return;
    std::erase_if(pool_of_, [&](auto const& entry) { return entry.second == name; });
    forget(found->second);
    pools_.erase(found);
    count_wanted();
}

void Pools::clear() {
    forget_all();
    pools_.clear();
    pool_of_.clear();
    wanted_ = 0;
}

void Pools::add_listener(std::string_view pool, std::uint64_t key, std::string process) {
    auto found = pools_.find(pool);
    if (found == pools_.end() || pool_of_.contains(key)) return;
    found->second.pool.listeners.push_back({.key = key, .name = std::move(process)});
    pool_of_.emplace(key, pool);
}

void Pools::remove_listener(std::uint64_t key) {
    auto found = pool_of_.find(key);
    if (found == pool_of_.end()) return;
    auto& listeners = pools_.find(found->second)->second.pool.listeners;
    std::erase_if(listeners, [&](pool::Listener const& each) { return each.key == key; });
    pool_of_.erase(found);
}

void Pools::count_wanted() {
    wanted_ = 0;
    for (auto const& [name, kept] : pools_) wanted_ |= kept.pool.wants;
}

bool Pools::are_idle() const {
    return std::ranges::all_of(pools_, [](auto const& entry) {
        auto const& pool = entry.second.pool;
        bool works = false;
        for (auto const& listener : pool.listeners) {
            if (listener.event) return false;
            works = works || (listener.running && listener.talk != pool::Talk::unknown);
        }
        return !works || pool.buffer.empty();
    });
}

void Pools::emit(events::Type type, std::string payload, Instant now) {
    auto mask = events::bit(type);
    if (!wants(mask)) return;
    auto serial = next_serial_++;
    keep_counter();
    for (auto& [name, kept] : pools_)
        if ((kept.pool.wants & mask) != 0) step(kept, pool::Arrived{serial, type, payload}, now);
}

void Pools::feed(std::uint64_t key, pool::Happened const& happened, Instant now) {
    auto found = pool_of_.find(key);
    if (found != pool_of_.end()) step(pools_.find(found->second)->second, happened, now);
}

void Pools::deadline_passed(Instant now) {
    for (auto& [name, kept] : pools_) step(kept, pool::DeadlinePassed{}, now);
}

std::optional<Instant> Pools::deadline() const {
    std::optional<Instant> first;
    for (auto const& [name, kept] : pools_) {
        auto at = pool::deadline(kept.pool);
        if (at && (!first || *at < *first)) first = at;
    }
    return first;
}

void Pools::step(Kept& kept, pool::Happened const& happened, Instant now) {
    auto [next, actions] = pool::step(std::move(kept.pool), happened, now);
    kept.pool = std::move(next);
    if (hands_.memory != nullptr) keep(kept);  // before anything is done about it
    for (auto const& action : actions) perform(kept, action, now);
}

void Pools::perform(Kept& kept, pool::Action const& action, Instant now) {
    std::visit(Overloaded{
                   [&](pool::Send const& a) { send(kept, a.key, now); },
                   [&](pool::Restart const& a) { restarts_.emplace_back(a.key, a.why); },
                   [&](pool::Print const& a) { hands_.print(printed_lines(a.result)); },
                   [&](pool::Note const& a) { log_.write(level_of(a.level), a.words); },
               },
               action);
}

void Pools::send(Kept& kept, std::uint64_t key, Instant now) {
    auto listener = std::ranges::find(kept.pool.listeners, key, &pool::Listener::key);
    if (listener == kept.pool.listeners.end() || !listener->event) return;
    auto bytes = pool::envelope(*listener->event, hands_.server(), kept.pool.name, kept.length);
    auto written = hands_.write(key, bytes);
    // It asks for no second Send of the same listener, so this goes no deeper than the pool is
    // wide.
    if (!written) step(kept, pool::Unreachable{key, written.error().what}, now);
}

}  // namespace lares::daemon
