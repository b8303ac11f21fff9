// daemon/pool_memory.cc: pools and their events kept for a successor, and taken up by it.
//
// Keys: "pools" (the serial counter), "pool/NAME" and "pool_event/NAME/SERIAL/PIECE". What they
// hold is core/pool_record.h's; docs/formats/pools.md describes it.

#include <algorithm>
#include <charconv>
#include <set>

#include "core/pool_record.h"
#include "daemon/pools.h"
#include "text/record.h"

namespace lares::daemon {

namespace {

constexpr std::string_view counter_key = "pools";
constexpr std::string_view pool_prefix = "pool/";
constexpr std::string_view event_prefix = "pool_event/";
/// More than limits::event_bytes can make; a bound for a damaged key.
constexpr std::size_t most_pieces = 1'000;

std::string event_key(std::string_view pool, std::uint64_t serial, std::size_t piece) {
    return std::string(event_prefix) + std::string(pool) + "/" + std::to_string(serial) + "/" +
           std::to_string(piece);
}

template <class Number>
bool parse(std::string_view text, Number& number) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

// ---- writing

void Pools::keep_event(Kept& kept, pool::Event const& event) {
    auto pieces = pool::write_event(event);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        hands_.memory->keep(event_key(kept.pool.name, event.pool_serial, i), pieces[i]);
    kept.pieces.emplace(event.pool_serial, pieces.size());
}

void Pools::drop_event(Kept& kept, std::uint64_t serial, std::size_t pieces) {
    for (std::size_t i = 0; i < pieces; ++i)
        hands_.memory->drop(event_key(kept.pool.name, serial, i));
}

// New events first: a pool's record never tells of one that is not there.
void Pools::keep(Kept& kept) {
    auto const& pool = kept.pool;
    auto keep_new = [&](pool::Event const& event) {
        if (!kept.pieces.contains(event.pool_serial)) keep_event(kept, event);
    };
    for (auto const& event : pool.buffer) keep_new(event);
    for (auto const& listener : pool.listeners)
        if (listener.event) keep_new(*listener.event);
    auto record = pool::write_pool(pool);
    if (record != kept.written) hands_.memory->keep(std::string(pool_prefix) + pool.name, record);
    kept.written = std::move(record);
    auto serials = pool::serials_of(pool);
    if (serials.size() == kept.pieces.size()) return;
    std::set<std::uint64_t> const alive(serials.begin(), serials.end());
    std::erase_if(kept.pieces, [&](auto const& entry) {
        if (alive.contains(entry.first)) return false;
        drop_event(kept, entry.first, entry.second);
        return true;
    });
}

void Pools::forget(Kept& kept) {
    if (hands_.memory == nullptr) return;
    for (auto const& [serial, pieces] : kept.pieces) drop_event(kept, serial, pieces);
    hands_.memory->drop(std::string(pool_prefix) + kept.pool.name);
    kept.pieces.clear();
    kept.written.clear();
}

void Pools::forget_all() {
    for (auto& [name, kept] : pools_) forget(kept);
}

// Before the event is anywhere: no serial is used twice.
void Pools::keep_counter() {
    if (hands_.memory == nullptr) return;
    text::RecordWriter out;
    out.put_number("next_serial", static_cast<std::int64_t>(next_serial_));
    hands_.memory->keep(counter_key, out.take());
}

// ---- reading

bool Pools::take_left(std::string_view key, std::string_view record) {
    if (key == counter_key) {
        auto counter = text::Record::parse(record);
        next_serial_ = static_cast<std::uint64_t>(counter.number("next_serial"));
        return true;
    }
    if (key.starts_with(pool_prefix)) {
        left_[std::string(key.substr(pool_prefix.size()))].pool = record;
        return true;
    }
    if (!key.starts_with(event_prefix)) return false;
    auto rest = key.substr(event_prefix.size());
    auto last = rest.rfind('/');
    auto middle = last == rest.npos || last == 0 ? rest.npos : rest.rfind('/', last - 1);
    std::uint64_t serial = 0;
    std::size_t piece = 0;
    bool good = middle != rest.npos && parse(rest.substr(last + 1), piece) &&
                parse(rest.substr(middle + 1, last - middle - 1), serial) && piece < most_pieces;
    if (!good) return true;
    auto& pieces = left_[std::string(rest.substr(0, middle))].events[serial];
    if (pieces.size() <= piece) pieces.resize(piece + 1);
    pieces[piece] = record;
    return true;
}

void Pools::recall(std::function<Up(std::uint64_t)> const& is_up, Instant now) {
    for (auto& [name, kept] : pools_) {
        auto left = left_.extract(name);
        recall(kept, left ? left.mapped() : Left{}, is_up, now);
    }
    for (auto& [name, left] : left_) {  // pools that are no more
        Kept gone;
        gone.pool.name = name;
        for (auto const& [serial, pieces] : left.events) gone.pieces.emplace(serial, pieces.size());
        forget(gone);
    }
    left_.clear();
}

void Pools::recall(Kept& kept, Left const& left, std::function<Up(std::uint64_t)> const& is_up,
                   Instant now) {
    for (auto& listener : kept.pool.listeners) {
        auto up = is_up(listener.key);
        listener.alive = up.alive;
        listener.running = up.alive && up.running;
    }
    std::map<std::uint64_t, pool::Event> events;
    for (auto const& [serial, pieces] : left.events) {
        kept.pieces.emplace(serial, pieces.size());
        if (auto event = pool::read_event(pieces)) events.emplace(serial, std::move(*event));
    }
    auto [pool, ambiguous] = pool::recall(std::move(kept.pool), left.pool, std::move(events));
    kept.pool = std::move(pool);
    for (auto key : ambiguous)
        restarts_.emplace_back(key, "the daemon ended while it was spoken to");
    step(kept, pool::DeadlinePassed{}, now);  // notes what is now, and sends what waits
}

}  // namespace lares::daemon
