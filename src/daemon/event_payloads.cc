// daemon/event_payloads.cc: payloads put together.

#include "daemon/event_payloads.h"

#include <fmt/core.h>

#include "text/utf8.h"

namespace lares::daemon::payloads {

using supervise::State;

events::Type state_event(State state) {
    switch (state) {
    case State::stopped:
        return events::Type::process_state_stopped;
    case State::starting:
        return events::Type::process_state_starting;
    case State::running:
        return events::Type::process_state_running;
    case State::backoff:
        return events::Type::process_state_backoff;
    case State::stopping:
        return events::Type::process_state_stopping;
    case State::exited:
        return events::Type::process_state_exited;
    case State::fatal:
        return events::Type::process_state_fatal;
    }
    return events::Type::process_state_unknown;
}

std::string state_change(Whose whose, supervise::Announce const& change, int pid) {
    auto out = fmt::format("processname:{} groupname:{} from_state:{}", whose.process, whose.group,
                           supervise::name(change.from));
    switch (change.to) {
    case State::starting:
    case State::backoff:
        return out + fmt::format(" tries:{}", change.tries);
    case State::exited:
        return out + fmt::format(" expected:{} pid:{}", change.expected ? 1 : 0, pid);
    case State::running:
    case State::stopping:
    case State::stopped:
        return out + fmt::format(" pid:{}", pid);
    case State::fatal:
        return out;
    }
    return out;
}

std::string log(Whose whose, int pid, bool is_stdout, std::string_view data) {
    return fmt::format("processname:{} groupname:{} pid:{} channel:{}\n{}", whose.process,
                       whose.group, pid, is_stdout ? "stdout" : "stderr", data);
}

std::string communication(Whose whose, int pid, std::string_view data) {
    return fmt::format("processname:{} groupname:{} pid:{}\n{}", whose.process, whose.group, pid,
                       data);
}

std::string remote(std::string_view type, std::string_view data) {
    return fmt::format("type:{}\n{}", type, data);
}

std::string tick(long long when) { return fmt::format("when:{}", when); }

std::string group(std::string_view name) { return fmt::format("groupname:{}\n", name); }

std::string clean(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        auto character = text::read_character(bytes, at);
        bool good = character.fault == text::Character::Fault::none;
        out.append(good ? bytes.substr(at, character.length) : text::replacement_character);
        at += character.length;
    }
    return out;
}

std::string_view last_bytes(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    text.remove_prefix(text.size() - most);
    auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    while (!text.empty() && is_continuation(text.front())) text.remove_prefix(1);
    return text;
}

}  // namespace lares::daemon::payloads
