// base/event_limits.h: the maxima of event listeners, each with its reason; else as base/limits.h.

#pragma once

#include <cstddef>

namespace lares::limits {

/// The line before an event listener's result: "RESULT 1234567890" and some blanks.
inline constexpr std::size_t result_line_bytes = 1u << 10;
/// An event listener's result. The longest in use repeats its event (event_bytes).
inline constexpr std::size_t listener_result_bytes = 1u << 20;
/// The payload of one event: must fit into a listener's stdin (stdin_bytes) with its header.
inline constexpr std::size_t event_bytes = 768u << 10;
/// Room for the names in front of a payload's data.
inline constexpr std::size_t event_names_bytes = 1u << 10;

}  // namespace lares::limits
