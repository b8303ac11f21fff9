// core/pool_record.cc: pools and events written and read.

#include "core/pool_record.h"

#include <algorithm>

#include "text/record.h"

namespace lares::pool {

namespace {

/// A record holds 64 KB; a byte may be written as two.
constexpr std::size_t piece_bytes = 30u << 10;

/// "web_00 BUSY 17": name, state, the event's serial or '-'.
struct KeptListener {
    std::string name, talk;
    std::optional<std::uint64_t> event;
};

std::optional<std::uint64_t> parse_serial(std::string_view text) {
    std::uint64_t number = 0;
    if (text.empty() || text.size() > 19) return {};
    for (char c : text) {
        if (c < '0' || c > '9') return {};
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

KeptListener parse_listener(std::string_view line) {
    auto first = std::min(line.find(' '), line.size());
    auto second = std::min(line.find(' ', std::min(first + 1, line.size())), line.size());
    KeptListener kept;
    kept.name = line.substr(0, first);
    if (first < line.size()) kept.talk = line.substr(first + 1, second - first - 1);
    if (second < line.size()) kept.event = parse_serial(line.substr(second + 1));
    return kept;
}

/// In the middle of nothing: no byte is on its way in either direction.
bool is_idle(Listener const& listener) {
    return listener.talk == Talk::ready && !listener.event && listener.heard.empty();
}

}  // namespace

std::string write_pool(Pool const& pool) {
    text::RecordWriter out;
    out.put_number("next_serial", static_cast<std::int64_t>(pool.next_serial));
    if (pool.dropped_unheard)
        out.put_number("dropped_unheard", static_cast<std::int64_t>(*pool.dropped_unheard));
    for (auto const& listener : pool.listeners) {
        std::string line = listener.name + " " +
                           (is_idle(listener) ? "READY"
                            : listener.event  ? "BUSY"
                                              : "OTHER") +
                           " ";
        line += listener.event ? std::to_string(listener.event->pool_serial) : "-";
        out.put("listener", line);
    }
    return out.take();
}

std::vector<std::string> write_event(Event const& event) {
    std::vector<std::string> pieces;
    std::size_t count =
        std::max<std::size_t>(1, (event.payload.size() + piece_bytes - 1) / piece_bytes);
    for (std::size_t i = 0; i < count; ++i) {
        text::RecordWriter out;
        if (i == 0) {
            out.put_number("serial", static_cast<std::int64_t>(event.serial));
            out.put_number("pool_serial", static_cast<std::int64_t>(event.pool_serial));
            out.put("type", events::name(event.type));
            out.put_number("pieces", static_cast<std::int64_t>(count));
        }
        out.put("payload", std::string_view(event.payload).substr(i * piece_bytes, piece_bytes));
        pieces.push_back(out.take());
    }
    return pieces;
}

std::optional<Event> read_event(std::vector<std::string> const& pieces) {
    if (pieces.empty()) return {};
    auto head = text::Record::parse(pieces.front());
    auto mask = events::mask_of(head.text("type"));
    if (head.number("pieces") != static_cast<std::int64_t>(pieces.size()) || mask == 0) return {};
    Event event;
    event.serial = static_cast<std::uint64_t>(head.number("serial"));
    event.pool_serial = static_cast<std::uint64_t>(head.number("pool_serial"));
    while (events::bit(event.type) != mask) {
        if (event.type == events::Type::process_group_removed) return {};  // a parent's name
        event.type = static_cast<events::Type>(static_cast<unsigned>(event.type) + 1);
    }
    for (auto const& piece : pieces) event.payload += text::Record::parse(piece).text("payload");
    return event;
}

std::vector<std::uint64_t> serials_of(Pool const& pool) {
    std::vector<std::uint64_t> serials;
    for (auto const& event : pool.buffer) serials.push_back(event.pool_serial);
    for (auto const& listener : pool.listeners)
        if (listener.event) serials.push_back(listener.event->pool_serial);
    return serials;
}

Recalled recall(Pool fresh, std::string_view bytes, std::map<std::uint64_t, Event> events) {
    auto record = text::Record::parse(bytes);
    Recalled recalled;
    fresh.next_serial = static_cast<std::uint64_t>(record.number("next_serial"));
    if (auto dropped = record.find_number("dropped_unheard"))
        fresh.dropped_unheard = static_cast<std::uint64_t>(*dropped);
    std::vector<std::uint64_t> under_way;
    for (auto const& line : record.all("listener")) {
        auto kept = parse_listener(line);
        if (kept.event) under_way.push_back(*kept.event);
        auto now = std::ranges::find(fresh.listeners, kept.name, &Listener::name);
        if (now == fresh.listeners.end() || !now->alive) continue;
        if (kept.talk == "READY") {
            now->talk = Talk::ready;
        } else {
            now->talk = Talk::unknown;  // until it has been started again
            recalled.ambiguous.push_back(now->key);
        }
    }
    for (auto& listener : fresh.listeners) {  // one that no record tells of
        if (!listener.alive || listener.talk != Talk::acknowledged) continue;
        listener.talk = Talk::unknown;
        recalled.ambiguous.push_back(listener.key);
    }
    std::ranges::sort(under_way);
    for (auto serial : under_way)
        if (auto found = events.extract(serial)) fresh.buffer.push_back(std::move(found.mapped()));
    for (auto& [serial, event] : events) fresh.buffer.push_back(std::move(event));
    recalled.pool = std::move(fresh);
    return recalled;
}

}  // namespace lares::pool
