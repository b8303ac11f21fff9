// daemon/events.cc: what event listeners are told, and what they answer.
//
// Every event is made here: state changes, output, capture, groups, clock ticks. The pools
// (daemon/pools.h) decide who is sent it; an event that nobody subscribes to is not even put
// together.

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/event_limits.h"
#include "base/overloaded.h"
#include "daemon/daemon.h"
#include "daemon/event_payloads.h"
#include "text/utf8.h"

namespace lares::daemon {

namespace {

using events::Type;

struct Period {
    long long seconds;
    Type type;
};
/// How long a shutdown waits for listeners to take the events that are left.
constexpr Duration longest_hearing{2'000};

constexpr std::array<Period, 3> periods{
    {{5, Type::tick_5}, {60, Type::tick_60}, {3600, Type::tick_3600}}};

payloads::Whose whose(Unit const& unit) { return {unit.settings.name, unit.settings.group}; }

events::Mask mask_of(std::vector<std::string> const& names) {
    events::Mask mask = 0;
    for (auto const& name : names) mask |= events::mask_of(name);
    return mask;
}

PoolSpec pool_spec(config::Program const& program, std::string const& group) {
    bool prints = program.result_handler == config::printing_handler;
    return {
        .name = group,
        .buffer_size = static_cast<std::size_t>(program.buffer_size),
        .wants = mask_of(program.events),
        .handler = prints ? pool::Handler::print : pool::Handler::ok,
        .length = program.event_length_in_bytes ? pool::Length::bytes : pool::Length::characters};
}

/// Where the character begins that `text` ends within; its size when it ends with a whole one.
std::size_t cut_at(std::string_view text) {
    constexpr std::size_t longest = 4;
    std::size_t at = text.size() - std::min(text.size(), longest - 1);
    for (; at < text.size(); ++at) {
        bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) == 0xC0;
        if (begins && text::read_character(text, at).fault == text::Character::Fault::cut)
            return at;
    }
    return text.size();
}

}  // namespace

PoolHands Daemon::pool_hands() {
    return {
        .write = [this](std::uint64_t key, std::string_view bytes) -> Result<> {
            auto unit = unit_of_key_.find(key);
            if (unit == unit_of_key_.end() || !unit->second->run)
                return Error{Error::Kind::unavailable, "it has ended"};
            return doors_.processes.write_stdin(*unit->second->run, bytes);
        },
        .print =
            [this](std::string_view text) {
                if (!printing_) {
                    printing_ = next_channel();
                    log_names_[static_cast<std::uint32_t>(*printing_)] = "standard output";
                    ports::LogSpec spec;
                    spec.path = "/dev/stdout";
                    doors_.logs.open(*printing_, std::move(spec));
                }
                doors_.logs.write(*printing_, text);
            },
        .server = [this] { return settings_->daemon.identifier; },
        .memory = &doors_.memory,
    };
}

void Daemon::add_pool(std::string const& name) {
    auto group = std::ranges::find(settings_->groups, name, &config::Group::name);
    auto const* program = group == settings_->groups.end() || group->programs.empty()
                              ? nullptr
                              : settings_->find_program(group->programs.front());
    if (program != nullptr && program->kind == config::ProgramKind::eventlistener) {
        pools_.add(pool_spec(*program, name));
        std::vector<Unit const*> members;
        for (auto const& unit : units_)
            if (unit->settings.group == name) members.push_back(unit.get());
        std::ranges::sort(members, {}, [](Unit const* unit) {
            return std::pair(unit->program->priority, std::string_view(unit->settings.name));
        });
        for (auto const* unit : members) pools_.add_listener(name, unit->key, unit->settings.name);
    }
}

void Daemon::group_added(std::string const& name) {
    add_pool(name);
    emit(Type::process_group_added, payloads::group(name));
    set_tick();
}

// A successor's listeners saw all of this already.
void Daemon::begin_events() {
    for (auto& unit : units_)
        if (unit->last_pid == 0) unit->last_pid = unit->process.pid;
    for (auto const& group : settings_->groups)
        takes_over_ ? add_pool(group.name) : group_added(group.name);
    if (takes_over_) {
        auto is_up = [this](std::uint64_t key) {
            auto unit = unit_of_key_.find(key);
            bool alive = unit != unit_of_key_.end() && unit->second->run;
            bool running = alive && unit->second->process.state == supervise::State::running;
            return Pools::Up{alive, running};
        };
        pools_.recall(is_up, now_);
    } else {
        emit(Type::supervisor_state_change_running, "");
    }
    set_tick();
}

void Daemon::tell_group_changes(config::Settings const& before) {
    for (auto const& error : open_sockets()) log_.error(error.what);
    auto has = [](config::Settings const& settings, std::string const& name) {
        return std::ranges::find(settings.groups, name, &config::Group::name) !=
               settings.groups.end();
    };
    for (auto const& group : before.groups)
        if (!has(*settings_, group.name)) group_removed(group.name);
    for (auto const& group : settings_->groups)
        if (!has(before, group.name)) group_added(group.name);
}

void Daemon::group_removed(std::string const& name) {
    pools_.remove(name);
    emit(Type::process_group_removed, payloads::group(name));
}

void Daemon::emit(Type type, std::string payload) {
    if (!pools_.wants(events::bit(type))) return;
    if (payload.size() > limits::event_bytes) {
        log_.warning(fmt::format("an event {} of {} bytes is cut to its last {}",
                                 events::name(type), payload.size(), limits::event_bytes));
        payload = payloads::last_bytes(payload, limits::event_bytes);
    }
    pools_.emit(type, std::move(payload), now_);
}

void Daemon::emit_change(Unit& unit, supervise::Announce const& change) {
    using supervise::State;
    if (pools_.is_listener(unit.key))
        pools_.running(unit.key, change.to == State::running && unit.run.has_value(), now_);
    if (unit.program->kind == config::ProgramKind::fcgi_program) look_at_sockets_ = true;
    auto type = payloads::state_event(change.to);
    if (!pools_.wants(events::bit(type))) return;
    bool had_process = change.from == State::starting || change.from == State::running ||
                       change.from == State::stopping;
    emit(type, payloads::state_change(whose(unit), change, had_process ? unit.last_pid : 0));
}

void Daemon::send_remote_event(std::string_view type, std::string_view data) {
    now_ = doors_.clock.now();
    emit(Type::remote_communication,
         payloads::remote(payloads::clean(type), payloads::clean(data)));
}

// Processes are made on a thread of their own, and what one writes may come before its pid. It is
// little: the making of a process takes a millisecond.
bool Daemon::is_early(Unit const& unit, ports::RunId run) const {
    return unit.run == run && unit.last_pid == 0 && unit.process.spawning;
}

void Daemon::tell_early_output(Unit& unit) {
    for (auto const& event : std::exchange(unit.early_output, {}))
        std::visit(Overloaded{[&](ports::OutputSeen const& e) { tell_output(unit, e); },
                              [&](ports::OutputCaptured const& e) { tell_captured(unit, e); },
                              [](auto const&) {}},
                   event);
}

// A listener's own standard output is its side of the conversation; what a hook of it writes is
// not.
void Daemon::on_output(ports::OutputSeen const& event) {
    doors_.logs.taken(event.bytes.size());
    if (work_.on(event)) return;
    auto found = unit_of_channel_.find(static_cast<std::uint32_t>(event.channel));
    if (found == unit_of_channel_.end()) return;
    Unit& unit = *found->second;
    if (is_early(unit, event.run)) return (void)unit.early_output.emplace_back(event);
    tell_output(unit, event);
}

void Daemon::tell_output(Unit& unit, ports::OutputSeen const& event) {
    auto owner = runs_.find(static_cast<std::uint64_t>(event.run));
    if (owner != runs_.end() && owner->second.role != Role::main) return;
    bool is_stdout = event.channel == unit.out;
    if (log_.is_on(Level::debug))
        log_.debug(fmt::format("'{}' {} output:\n{}", unit.settings.name,
                               is_stdout ? "stdout" : "stderr", event.bytes));
    if (is_stdout && unit.run == event.run) pools_.said(unit.key, event.bytes, now_);
    bool wanted = (is_stdout ? unit.program->out : unit.program->err).events_enabled;
    if (wanted) emit_output(unit, event.channel, event.bytes);
}

// A character that a read happened to cut waits for its rest, so that it is not replaced.
void Daemon::emit_output(Unit& unit, ports::ChannelId channel, std::string bytes) {
    bool is_stdout = channel == unit.out;
    auto type = is_stdout ? Type::process_log_stdout : Type::process_log_stderr;
    if (!pools_.wants(events::bit(type))) return;
    auto held = cut_.extract(static_cast<std::uint32_t>(channel));
    if (held) bytes.insert(0, held.mapped());
    auto end = cut_at(bytes);
    if (end < bytes.size()) cut_[static_cast<std::uint32_t>(channel)] = bytes.substr(end);
    bytes.resize(end);
    if (bytes.empty()) return;
    emit(type, payloads::log(whose(unit), unit.last_pid, is_stdout, payloads::clean(bytes)));
}

void Daemon::flush_output(Unit& unit) {
    for (auto channel : {unit.out, unit.err}) {
        auto held = cut_.extract(static_cast<std::uint32_t>(channel));
        if (!held) continue;
        bool is_stdout = channel == unit.out;
        emit(is_stdout ? Type::process_log_stdout : Type::process_log_stderr,
             payloads::log(whose(unit), unit.last_pid, is_stdout, payloads::clean(held.mapped())));
    }
}

void Daemon::on_captured(ports::OutputCaptured const& event) {
    doors_.logs.taken(event.bytes.size());
    auto found = unit_of_channel_.find(static_cast<std::uint32_t>(event.channel));
    if (found == unit_of_channel_.end()) return;
    Unit& unit = *found->second;
    if (is_early(unit, event.run)) return (void)unit.early_output.emplace_back(event);
    tell_captured(unit, event);
}

void Daemon::tell_captured(Unit& unit, ports::OutputCaptured const& event) {
    auto type = event.channel == unit.out ? Type::process_communication_stdout
                                          : Type::process_communication_stderr;
    if (!pools_.wants(events::bit(type))) return;
    auto clean = payloads::clean(event.bytes);
    // Room for the names in front: what was said last matters.
    auto data = payloads::last_bytes(clean, limits::event_bytes - limits::event_names_bytes);
    emit(type, payloads::communication(whose(unit), unit.last_pid, data));
}

// The wall clock's slices, as supervisord has them: an event when one begins, whether by time or
// because the clock was set.
void Daemon::on_tick() {
    auto seconds = std::chrono::floor<std::chrono::seconds>(doors_.clock.wall());
    long long now = seconds.time_since_epoch().count();
    for (std::size_t i = 0; i < periods.size(); ++i) {
        long long slice = now - now % periods[i].seconds;
        bool is_new = ticks_[i] != 0 && ticks_[i] != slice;
        ticks_[i] = slice;
        if (is_new) emit(periods[i].type, payloads::tick(slice));
    }
    set_tick();
}

// No pool that wants ticks, no waking for them.
void Daemon::set_tick() {
    auto key = static_cast<Deadlines::Key>(Timer::tick);
    std::optional<Instant> next;
    long long now = doors_.clock.wall().time_since_epoch().count();
    for (std::size_t i = 0; i < periods.size(); ++i) {
        if (!pools_.wants(events::bit(periods[i].type))) continue;
        long long length = periods[i].seconds * 1000;
        auto at = now_ + Duration(length - now % length);
        if (!next || at < *next) next = at;
        if (ticks_[i] == 0) ticks_[i] = now / length * periods[i].seconds;
    }
    if (!next) ticks_ = {};
    deadlines_.set(key, next);
}

/// A listener below all programs, as listeners are unless they say otherwise.
bool Daemon::stops_last(Unit const& unit) const {
    return pools_.is_listener(unit.key) && std::ranges::all_of(units_, [&](auto const& other) {
               return pools_.is_listener(other->key) || other->group_priority > unit.group_priority;
           });
}

// They go once they have heard of all that stopped: what is stopped here is gone within
// milliseconds, and a listener told to end in the next would never have read of it.
void Daemon::stop_listeners() {
    std::vector<int> left;
    for (auto const& unit : units_) {
        bool up = supervise::is_up(unit->process.state);
        bool is_wished = entries_[static_cast<std::size_t>(unit->index)].wish != wishes::Wish::none;
        if (up && !is_wished && pools_.is_listener(unit->key))
            left.push_back(unit->index);
        else if (up || unit->run || unit->process.state == supervise::State::stopping)
            return;  // the others first
    }
    if (left.empty()) return;
    if (!listeners_end_at_) listeners_end_at_ = now_ + longest_hearing;
    deadlines_.set(static_cast<std::uint64_t>(Timer::listeners_end), listeners_end_at_);
    if (!pools_.are_idle() && now_ < *listeners_end_at_) return;
    for (int index : left)
        wish(index, wishes::Wish::stop, /*barrier=*/true, "the daemon is stopping");
}

void Daemon::restart_listeners() {
    for (auto const& [key, why] : pools_.take_restarts()) {
        auto unit = unit_of_key_.find(key);
        if (unit != unit_of_key_.end())
            feed(*unit->second, supervise::RestartAsked{why, /*automatic=*/true});
    }
}

}  // namespace lares::daemon
