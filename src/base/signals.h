// base/signals.h: signal numbers and the names people write for them.
//
// The names are the platform's (signal(7)), with or without "SIG", in any case, as supervisord
// takes them in stopsignal= and in signalProcess.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lares {

/// The number for "TERM", "sigterm" or "15"; none when this platform has no such signal.
std::optional<int> signal_number(std::string_view text);

/// "SIGTERM" for 15; "signal 99" for a number without a name.
std::string signal_name(int number);

}  // namespace lares
