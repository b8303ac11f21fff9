// config/values.h: the grammars of single option values, as pure functions.
//
// Each takes the text of one value and gives it typed, or an Error. For supervisord's options the
// words are supervisord's, byte for byte (spec §1.5); for ours they say what is wrong with the
// value.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "config/world.h"

namespace lares::config {

// ---- supervisord's

/// A hundred years: longer waits are as good as for ever, and sums of them do not overflow.
inline constexpr Duration longest_span{36'500LL * 86'400 * 1'000};

/// A name of a program, group or process: no space, ':' or '/'. Surrounding space is taken off.
Result<std::string> parse_name(std::string_view text);

/// Whole seconds as supervisord has them, negative ones too; ours: with a unit ("500ms", "2m").
Result<Duration> parse_seconds(std::string_view text);

Result<supervise::Restart> parse_restart(std::string_view text);
Result<std::vector<int>> parse_exit_codes(std::string_view text);
Result<std::string> parse_log_level(std::string_view text);
Result<User> parse_user(World const&, std::string_view text);

struct Owner {
    long uid = -1;
    long gid = -1;  // -1: not named
};
/// "user" or "user:group", names or numbers.
Result<Owner> parse_owner(World const&, std::string_view text);

/// "8080", "host:8080", ":8080", "*:8080", "[::1]:8080"; an empty host is every address.
struct Address {
    std::string host;
    int port = 0;
};
Result<Address> parse_address(std::string_view text);

/// A path whose directory exists, absolute, "~" replaced; relative ones are seen from `base`.
Result<std::string> parse_file_path(World const&, std::string_view text, std::string_view base);
Result<std::string> parse_directory(World const&, std::string_view text);

/// AUTO, NONE, OFF, syslog, journald (any case), nothing (none), or a path, kept as written.
LogTarget parse_log_target(std::string_view text);

/// Items between commas, spaces around them taken off; nothing gives none. "a," has an empty one.
std::vector<std::string> split_commas(std::string_view text);

/// Items between white space.
std::vector<std::string> split_spaces(std::string_view text);

/// Event types in capitals; all must exist (spec §6.3). The Error's words lack the section.
Result<std::vector<std::string>> parse_events(std::string_view text);
std::vector<std::string_view> event_types();

struct FastCgiSocket {
    bool is_unix = false;
    std::string path;  // unix
    std::string host;
    int port = 0;
};
/// "tcp://host:port" or "unix:///absolute/path".
Result<FastCgiSocket> parse_fastcgi_socket(std::string_view text);

// ---- ours

/// The wait of a rung that names none: stopwaitsecs, put in later by finish_ladder().
inline constexpr Duration unset_wait{-1};

/// One signal ("TERM", "sigint", "15") or a ladder ("TERM:10s,INT:5s,KILL").
Result<std::vector<supervise::StopStep>> parse_stop_ladder(std::string_view text);
/// Puts `stopwait` where no wait was named and makes KILL the last rung. A single signal gives
/// supervisord's two rungs. The last rung waits a second at least, as it is repeated.
std::vector<supervise::StopStep> finish_ladder(std::vector<supervise::StopStep>, Duration stopwait);

/// Items between spaces, commas or line ends.
std::vector<std::string> split_list(std::string_view text);

/// "after 2s", "http URL", "tcp PORT", "tcp HOST:PORT", "tcp /socket", "exec COMMAND", "notify",
/// "notify N" (a descriptor, as s6 has it); liveness knows no "after" and no descriptor.
Result<Probe> parse_probe(std::string_view text, health::Purpose);

/// "soft:hard", or one for both; numbers, sizes where bytes are limited, "unlimited".
Result<ResourceLimit> parse_limit(std::string_view name, std::string_view text);
/// The names parse_limit() takes.
std::vector<std::string_view> limit_names();

/// "0-3,6", sorted and without doubles.
Result<std::vector<int>> parse_cpu_list(std::string_view text);
/// "150%" or "150".
Result<int> parse_percent(std::string_view text);
/// "ignore", "shutdown", "shutdown:CODE".
Result<EndPolicy> parse_end_policy(std::string_view text);
/// "5 in 60s"; "off" is none.
Result<supervise::RestartWindow> parse_restart_window(std::string_view text);
/// "off", "hourly", "daily", "weekly" or a duration of a minute at least.
Result<Duration> parse_rotation(std::string_view text);
Result<text::LogFormat> parse_log_format(std::string_view text);
Result<OnOrphan> parse_on_orphan(std::string_view text);
/// A number with decimals, at least 1: a factor by which delays grow.
Result<double> parse_factor(std::string_view text);
/// The text without one pair of quotes around it, which keeps spaces at its ends.
std::string unquote(std::string_view text);

}  // namespace lares::config
