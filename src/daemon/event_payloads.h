// daemon/event_payloads.h: the payload of each event, as supervisord writes it (spec §6.4).
//
// Pure. Listeners split these on white space and ':', so every field, blank and line end counts.

#pragma once

#include <string>
#include <string_view>

#include "core/event_types.h"
#include "core/supervise.h"

namespace lares::daemon::payloads {

/// Whose event it is: names without the "group:".
struct Whose {
    std::string_view process;
    std::string_view group;
};

/// The type of the event that says that `state` was entered.
events::Type state_event(supervise::State);

/// "processname:x groupname:x from_state:STARTING pid:12"; `pid` of the run the change is about,
/// 0 when there was none.
std::string state_change(Whose, supervise::Announce const&, int pid);
/// `data` as clean() gives it.
std::string log(Whose, int pid, bool is_stdout, std::string_view data);
std::string communication(Whose, int pid, std::string_view data);
std::string remote(std::string_view type, std::string_view data);
std::string tick(long long when);
std::string group(std::string_view name);

/// Valid UTF-8: each faulty sequence becomes U+FFFD. Listeners that count characters would lose
/// their place at the first byte that is none.
std::string clean(std::string_view bytes);
/// The last `most` bytes of it, beginning with a whole character.
std::string_view last_bytes(std::string_view text, std::size_t most);

}  // namespace lares::daemon::payloads
