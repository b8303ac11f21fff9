// core/event_types.h: what supervisord's events are called, and which belong together.
//
// The names and the tree are supervisord's (spec §6.3): who subscribes to a parent is sent all that
// stand below it. Only leaves are ever sent.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lares::events {

enum class Type : std::uint8_t {
    process_state_stopped,
    process_state_exited,
    process_state_starting,
    process_state_stopping,
    process_state_backoff,
    process_state_fatal,
    process_state_running,
    process_state_unknown,
    process_communication_stdout,
    process_communication_stderr,
    process_log_stdout,
    process_log_stderr,
    remote_communication,
    supervisor_state_change_running,
    supervisor_state_change_stopping,
    tick_5,
    tick_60,
    tick_3600,
    process_group_added,
    process_group_removed,
};

/// A set of types, a bit each: asking whether anybody wants an event costs one instruction.
using Mask = std::uint32_t;

constexpr Mask bit(Type type) { return Mask{1} << static_cast<unsigned>(type); }

/// A name one can subscribe to, and what it brings.
struct Name {
    std::string_view name;
    Mask mask;
};
/// All of them, parents before what stands below them.
std::span<Name const> names();

/// "PROCESS_STATE_EXITED".
std::string_view name(Type);
/// What `name`, in capitals, subscribes to; 0 for an unknown one.
Mask mask_of(std::string_view name);

}  // namespace lares::events
