// core/pool.cc: the protocol byte by byte, and who is sent what.

#include "core/pool.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/event_limits.h"
#include "base/overloaded.h"
#include "text/utf8.h"

namespace lares::pool {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view ready_token = "READY\n";
constexpr std::string_view result_token = "RESULT ";
constexpr std::string_view good_result = "OK";
/// The first of these redeliveries are at once, as supervisord's all are.
constexpr int free_rejections = 3;
constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 10s;
/// The first restart after breaking the protocol is at once.
constexpr Duration first_restart_pause = 1s;
constexpr Duration longest_restart_pause = 60s;

/// first, twice that, four times ... `count` from 0; never above `longest`.
Duration doubled(Duration first, int count, Duration longest) {
    for (; count > 0 && first < longest; --count) first *= 2;
    return std::min(first, longest);
}

/// What a message shows of bytes that nobody expected: one line, not long.
std::string shown(std::string_view bytes) {
    constexpr std::size_t most = 60;
    std::string out = "'";
    for (char c : bytes.substr(0, most)) {
        bool plain = c >= ' ' && c < 0x7f;
        out += plain ? std::string(1, c) : c == '\n' ? "\\n" : "?";
    }
    return out + (bytes.size() > most ? "...'" : "'");
}

std::string duration_words(Duration pause) { return std::to_string(pause.count() / 1000) + " s"; }

/// The number after RESULT, as Python's int() takes it: blanks around it do not matter.
std::optional<std::size_t> parse_length(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
    std::size_t length = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
    return length;
}

/// One step under way.
class Stepper {
public:
    Stepper(Pool pool, Instant now) : pool_(std::move(pool)), now_(now) {}

    Step take(Happened const& happened) {
        std::visit([&](auto const& what) { on(what); }, happened);
        send_what_can_be();
        return {std::move(pool_), std::move(actions_)};
    }

private:
    // ---- what happened

    void on(Arrived const& arrived) {
        make_room();
        pool_.buffer.push_back({.serial = arrived.serial,
                                .pool_serial = pool_.next_serial++,
                                .type = arrived.type,
                                .payload = arrived.payload});
    }

    void on(Spawned const& spawned) {
        if (auto* listener = find(spawned.key)) {
            begin_anew(*listener);
            listener->alive = true;
        }
    }

    void on(Running const& running) {
        auto* listener = find(running.key);
        if (listener) listener->running = running.is_running && listener->alive;
    }

    void on(Ended const& ended) {
        if (auto* listener = find(ended.key)) begin_anew(*listener);
    }

    void on(Said const& said) {
        auto* listener = find(said.key);
        if (!listener || !listener->alive || listener->talk == Talk::unknown) return;
        listener->heard.append(said.bytes);
        while (understand(*listener)) {
        }
    }

    void on(Unreachable const& unreachable) {
        auto* listener = find(unreachable.key);
        if (!listener || listener->talk != Talk::busy) return;
        // It may just have ended, which is not its fault and is told soon: wait for that.
        listener->offences = std::max(listener->offences, 1);
        offend(*listener, "it cannot be written to: " + unreachable.why);
    }

    void on(DeadlinePassed const&) {
        for (auto& listener : pool_.listeners) {
            if (!listener.restart_at || *listener.restart_at > now_) continue;
            listener.restart_at.reset();
            actions_.push_back(Restart{listener.key, "it broke the event listener protocol"});
        }
    }

    // ---- the protocol

    /// Takes one thing from what was heard; false when there is none that is whole.
    bool understand(Listener& listener) {
        if (listener.heard.empty() && listener.result_bytes != 0) return false;
        switch (listener.talk) {
        case Talk::acknowledged:
            return take_ready(listener);
        case Talk::ready:
            offend(listener, "it wrote " + shown(listener.heard) + " while it had no event");
            return false;
        case Talk::busy:
            return listener.result_bytes ? take_result(listener) : take_result_line(listener);
        case Talk::unknown:
            return false;
        }
        return false;
    }

    bool take_ready(Listener& listener) {
        auto& heard = listener.heard;
        auto length = std::min(heard.size(), ready_token.size());
        if (heard.compare(0, length, ready_token, 0, length) != 0) {
            offend(listener, "it wrote " + shown(heard) + " where READY was expected");
            return false;
        }
        if (length < ready_token.size()) return false;
        heard.erase(0, length);
        enter(listener, Talk::ready);
        return true;
    }

    bool take_result_line(Listener& listener) {
        auto& heard = listener.heard;
        auto end = heard.find('\n');
        if (end == heard.npos && heard.size() <= limits::result_line_bytes) return false;
        std::string line = heard.substr(0, std::min(end, limits::result_line_bytes));
        auto length = line.starts_with(result_token)
                          ? parse_length(std::string_view(line).substr(result_token.size()))
                          : std::nullopt;
        if (end == heard.npos || !length) {
            note(Note::Level::warning, listener.name + ": bad result line: " + shown(line));
            offend(listener, "it wrote " + shown(line) + " where 'RESULT n' was expected");
            return false;
        }
        if (*length > limits::listener_result_bytes) {
            offend(listener, "it announced a result of " + std::to_string(*length) +
                                 " bytes, at most " +
                                 std::to_string(limits::listener_result_bytes) + " are read");
            return false;
        }
        heard.erase(0, end + 1);
        listener.result_bytes = length;
        return true;
    }

    bool take_result(Listener& listener) {
        auto& heard = listener.heard;
        if (heard.size() < *listener.result_bytes) return false;
        std::string result = heard.substr(0, *listener.result_bytes);
        heard.erase(0, *listener.result_bytes);
        listener.result_bytes.reset();
        judge(listener, std::move(result));
        return true;
    }

    void judge(Listener& listener, std::string result) {
        auto event = std::exchange(listener.event, std::nullopt);
        listener.offences = 0;
        bool good = pool_.handler == Handler::print || result == good_result;
        if (good) {
            note(Note::Level::debug, listener.name + ": event was processed");
            if (pool_.handler == Handler::print) actions_.push_back(Print{std::move(result)});
        } else {
            note(Note::Level::warning, listener.name + ": event was rejected");
        }
        enter(listener, Talk::acknowledged);
        if (!good && event) reject(std::move(*event));
    }

    void offend(Listener& listener, std::string const& how) {
        enter(listener, Talk::unknown);
        listener.heard.clear();
        listener.result_bytes.reset();
        put_back(listener);
        auto pause = listener.offences == 0 ? 0ms
                                            : doubled(first_restart_pause, listener.offences - 1,
                                                      longest_restart_pause);
        listener.offences += 1;
        listener.restart_at = now_ + pause;
        note(Note::Level::warning,
             listener.name + ": has entered the UNKNOWN state and receives no more events: " + how +
                 "; restarting it " + (pause == 0ms ? "now" : "in " + duration_words(pause)));
        if (pause == 0ms) on(DeadlinePassed{});
    }

    void enter(Listener& listener, Talk talk) {
        note(Note::Level::debug, listener.name + ": " + name(listener.talk) + " -> " + name(talk));
        listener.talk = talk;
    }

    /// A process that has just been made, or has just gone, has said nothing yet.
    void begin_anew(Listener& listener) {
        put_back(listener);
        listener.alive = listener.running = false;
        listener.talk = Talk::acknowledged;
        listener.heard.clear();
        listener.result_bytes.reset();
        listener.restart_at.reset();
    }

    // ---- the buffer

    /// One is dropped for each that is put in, the oldest: what happens now matters more.
    void make_room() {
        while (pool_.buffer.size() >= std::max<std::size_t>(pool_.buffer_size, 1)) {
            tell_drop(pool_.buffer.front());
            pool_.buffer.pop_front();
        }
    }

    void tell_drop(Event const& event) {
        bool heard = std::ranges::any_of(pool_.listeners, [](Listener const& listener) {
            return listener.alive && listener.talk != Talk::unknown;
        });
        if (!heard && pool_.dropped_unheard) {
            *pool_.dropped_unheard += 1;
            return;
        }
        std::string words = "pool " + pool_.name + " event buffer overflowed, discarding event " +
                            std::to_string(event.serial);
        if (!heard) {
            words += "; none of its listeners runs, so further ones are only counted";
            pool_.dropped_unheard = 0;
        }
        note(Note::Level::error, std::move(words));
    }

    void put_back(Listener& listener) {
        if (!listener.event) return;
        insert_first(*std::exchange(listener.event, std::nullopt));
    }

    void reject(Event event) {
        event.rejections += 1;
        if (event.rejections > free_rejections)
            event.due =
                now_ + doubled(first_pause, event.rejections - free_rejections - 1, longest_pause);
        insert_first(std::move(event));
    }

    void insert_first(Event event) {
        make_room();
        pool_.buffer.push_front(std::move(event));
    }

    void send_what_can_be() {
        for (auto& listener : pool_.listeners) {
            if (!listener.running || listener.talk != Talk::ready) continue;
            auto next = std::ranges::find_if(pool_.buffer,
                                             [&](Event const& event) { return event.due <= now_; });
            if (next == pool_.buffer.end()) return;
            listener.event = std::move(*next);
            pool_.buffer.erase(next);
            send(listener);
        }
    }

    void send(Listener& listener) {
        if (auto dropped = std::exchange(pool_.dropped_unheard, std::nullopt).value_or(0))
            note(Note::Level::warning, "pool " + pool_.name + ": " + std::to_string(dropped) +
                                           " more events were discarded while no listener ran");
        enter(listener, Talk::busy);
        note(Note::Level::debug, "event " + std::to_string(listener.event->serial) +
                                     " sent to listener " + listener.name);
        actions_.push_back(Send{listener.key});
    }

    // ---- helpers

    Listener* find(std::uint64_t key) {
        auto found = std::ranges::find(pool_.listeners, key, &Listener::key);
        return found == pool_.listeners.end() ? nullptr : &*found;
    }

    void note(Note::Level level, std::string words) {
        actions_.push_back(Note{level, std::move(words)});
    }

    Pool pool_;
    Instant now_;
    std::vector<Action> actions_;
};

}  // namespace

Step step(Pool pool, Happened const& happened, Instant now) {
    return Stepper(std::move(pool), now).take(happened);
}

std::optional<Instant> deadline(Pool const& pool) {
    std::optional<Instant> first;
    auto look = [&](Instant at) {
        if (!first || at < *first) first = at;
    };
    bool is_free = false;
    for (auto const& listener : pool.listeners) {
        if (listener.restart_at) look(*listener.restart_at);
        is_free = is_free || (listener.running && listener.talk == Talk::ready);
    }
    // Nobody waits for an event that nobody could be sent: its listener's READY comes as news.
    if (is_free)
        for (auto const& event : pool.buffer) look(event.due);
    return first;
}

std::string envelope(Event const& event, std::string_view server, std::string_view pool,
                     Length length) {
    auto count =
        length == Length::bytes ? event.payload.size() : text::count_characters(event.payload);
    std::string out = "ver:3.0 server:";
    out.append(server).append(" serial:").append(std::to_string(event.serial));
    out.append(" pool:").append(pool).append(" poolserial:");
    out.append(std::to_string(event.pool_serial)).append(" eventname:");
    out.append(events::name(event.type)).append(" len:").append(std::to_string(count));
    return out.append("\n").append(event.payload);
}

char const* name(Talk talk) {
    switch (talk) {
    case Talk::acknowledged:
        return "ACKNOWLEDGED";
    case Talk::ready:
        return "READY";
    case Talk::busy:
        return "BUSY";
    case Talk::unknown:
        return "UNKNOWN";
    }
    return "?";
}

}  // namespace lares::pool
