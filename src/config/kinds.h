// config/kinds.h: the kinds of values an option row may have, and how a row reaches its field.
//
// A kind is a type with `words` (how documents and messages call its values) and `read`, which puts
// a text into a field. A row names a kind and the way to a field by pointers to members:
//     at<Boolean, &Program::out, &LogSettings::syslog>
// so that a new option of a known kind is one new row.

#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "config/paths.h"
#include "config/peer_rules.h"
#include "config/values.h"
#include "text/quantity.h"
#include "text/words.h"

namespace lares::config {

/// In what the bounds of a row's range are counted, to print them.
enum class Unit { none, count, milliseconds, bytes };

inline constexpr long long no_most = std::numeric_limits<long long>::max();
inline constexpr long long no_least = std::numeric_limits<long long>::min();

/// Least and most, both allowed. Outside it one of supervisord's options is taken as the nearest
/// bound, with a warning, since supervisord takes any number; one of ours is refused.
struct Range {
    long long least = no_least;
    long long most = no_most;
    bool operator==(Range const&) const = default;
};

/// A bound of a range as people write it: "500ms", "50MB", "12".
std::string print_bound(Unit, long long bound);
/// "0 to 1000", "0 or more"; empty when there are no bounds.
std::string print_range(Unit, Range const&);

/// What is known where a value is read.
struct Reading {
    World const& world;
    std::string_view option;
    Unit unit;
    Range range;
    bool ours;
    std::string& remark;  // set when the value was taken differently from how it stands

    /// The number within the range, or the Error when it is one of ours.
    Result<long long> bounded(long long value) const;
};

struct KindWords {
    std::string_view type;  // "a whole number"
    Unit unit = Unit::none;
    bool explains = false;  // its errors say more than "must be TYPE"
};

struct Text {
    static constexpr KindWords words{"a text"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = std::string(text);
        return {};
    }
};

struct Ignored {
    static constexpr KindWords words{"anything"};
    template <class Slot>
    static Result<> read(Reading const&, std::string_view, Slot&) {
        return {};
    }
};

struct Boolean {
    static constexpr KindWords words{"yes or no"};
    template <class Slot>
    static Result<> read(Reading const&, std::string_view text, Slot& slot) {
        slot = TRY(text::parse_boolean(text));
        return {};
    }
};

struct Integer {
    static constexpr KindWords words{"a whole number", Unit::count};
    template <class Slot>
    static Result<> read(Reading const& reading, std::string_view text, Slot& slot) {
        long long written = TRY(text::parse_integer(text));
        long long value = TRY(reading.bounded(written));
        // Python's numbers have no end; a priority of a million million is just very late.
        slot = static_cast<int>(std::clamp<long long>(value, std::numeric_limits<int>::min(),
                                                      std::numeric_limits<int>::max()));
        return {};
    }
};

struct Percent {
    static constexpr KindWords words{"a share such as 20%", Unit::count};
    static Result<> read(Reading const& reading, std::string_view text, int& slot) {
        int share = TRY(parse_percent(text));
        slot = static_cast<int>(TRY(reading.bounded(share)));
        return {};
    }
};

/// supervisord's whole seconds.
struct Seconds {
    static constexpr KindWords words{"a whole number of seconds, or a duration such as 500ms",
                                     Unit::milliseconds};
    static Result<> read(Reading const& reading, std::string_view text, Duration& slot) {
        Duration seconds = TRY(parse_seconds(text));
        slot = Duration(TRY(reading.bounded(seconds.count())));
        return {};
    }
};

/// Ours: with a unit, or seconds with decimals.
struct Span {
    static constexpr KindWords words{"a duration such as 500ms, 10s or 2h", Unit::milliseconds};
    template <class Slot>
    static Result<> read(Reading const& reading, std::string_view text, Slot& slot) {
        Duration span = TRY(text::parse_duration(text));
        slot = Duration(TRY(reading.bounded(span.count())));
        return {};
    }
};

struct Size {
    static constexpr KindWords words{"a size such as 1024, 50MB or 1GB", Unit::bytes};
    static Result<> read(Reading const&, std::string_view text, std::int64_t& slot);
};

struct Octal {
    static constexpr KindWords words{"an octal number such as 022"};
    template <class Slot>
    static Result<> read(Reading const&, std::string_view text, Slot& slot) {
        slot = TRY(text::parse_octal(text));
        return {};
    }
};

struct Name {
    static constexpr KindWords words{"a name without space, ':' and '/'"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(parse_name(text));
        return {};
    }
};

struct AutoRestart {
    static constexpr KindWords words{"yes, no or unexpected"};
    static Result<> read(Reading const&, std::string_view text, supervise::Restart& slot) {
        slot = TRY(parse_restart(text));
        return {};
    }
};

struct ExitCodes {
    static constexpr KindWords words{"numbers from 0 to 255 between commas"};
    static Result<> read(Reading const&, std::string_view text, std::vector<int>& slot) {
        slot = TRY(parse_exit_codes(text));
        return {};
    }
};

struct StopLadder {
    static constexpr KindWords words{"a signal, or a ladder such as TERM:10s,INT:5s,KILL"};
    static Result<> read(Reading const&, std::string_view text,
                         std::vector<supervise::StopStep>& slot) {
        slot = TRY(parse_stop_ladder(text));
        return {};
    }
};

struct UserName {
    static constexpr KindWords words{"a user this system knows, by name or number"};
    static Result<> read(Reading const& reading, std::string_view text, std::optional<User>& slot) {
        slot = TRY(parse_user(reading.world, text));
        return {};
    }
};

struct LogLevel {
    static constexpr KindWords words{"critical, error, warn, info, debug, trace or blather"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(parse_log_level(text));
        return {};
    }
};

/// Kept as written: it is expanded for each process, and only then made absolute.
struct LogFile {
    static constexpr KindWords words{"a path in a directory that exists, AUTO, NONE or journald"};
    static Result<> read(Reading const&, std::string_view text, LogTarget& slot) {
        slot = parse_log_target(text);
        return {};
    }
};

struct FilePath {
    static constexpr KindWords words{"a path in a directory that exists"};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot) {
        slot = TRY(parse_file_path(reading.world, text, reading.world.directory));
        return {};
    }
};

/// [supervisord] logfile: as FilePath, and what the name stands for when it is none.
struct MainLog {
    static constexpr KindWords words{"a path in a directory that exists, NONE, syslog or journald"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot);
};

struct Directory {
    static constexpr KindWords words{"a directory that exists"};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot) {
        slot = TRY(parse_directory(reading.world, text));
        return {};
    }
};

/// A directory that need not exist yet, kept as written but for "~".
struct AnyDirectory {
    static constexpr KindWords words{"a directory"};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot) {
        slot = expand_home(reading.world, text);
        return {};
    }
};

struct EnvironmentList {
    static constexpr KindWords words{"variables such as A=1,B=\"two words\"", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, text::Variables& slot) {
        slot = TRY(text::parse_environment(text));
        return {};
    }
};

struct Commas {
    static constexpr KindWords words{"names between commas"};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot) {
        slot = split_commas(text);
        return {};
    }
};

struct Words {
    static constexpr KindWords words{"words between spaces or commas"};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot) {
        slot = split_list(text);
        return {};
    }
};

/// Paths or patterns; "~" is replaced and relative ones become absolute. A '-' in front stays.
struct Paths {
    static constexpr KindWords words{"paths between spaces or commas"};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot);
};

struct Events {
    static constexpr KindWords words{"event types between commas", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot) {
        slot = TRY(parse_events(text));
        return {};
    }
};

/// How an event's header counts its payload.
struct EventLength {
    static constexpr KindWords words{"characters or bytes"};
    static Result<> read(Reading const&, std::string_view text, bool& in_bytes) {
        in_bytes = text == "bytes";
        if (in_bytes || text == "characters") return {};
        return Error{Error::Kind::invalid, "neither characters nor bytes"};
    }
};

struct Ready {
    static constexpr KindWords words{"after TIME, http URL, tcp PORT, exec COMMAND or notify",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, Probe& slot) {
        slot = TRY(parse_probe(text, health::Purpose::readiness));
        return {};
    }
};

struct Alive {
    static constexpr KindWords words{"http URL, tcp PORT, exec COMMAND or notify", Unit::none,
                                     true};
    static Result<> read(Reading const&, std::string_view text, Probe& slot) {
        slot = TRY(parse_probe(text, health::Purpose::liveness));
        return {};
    }
};

struct Hook {
    static constexpr KindWords words{"a command; no shell runs", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, HookCommand& slot) {
        slot.argv = TRY(text::split_words(text));
        return {};
    }
};

/// limit_NAME: adds to the list, or replaces what the list has of that name.
struct Limit {
    static constexpr KindWords words{"a number, 'unlimited', or soft:hard", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<ResourceLimit>& slot);
};

struct CpuList {
    static constexpr KindWords words{"CPU numbers such as 0-3,6", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<int>& slot) {
        slot = TRY(parse_cpu_list(text));
        return {};
    }
};

struct AtEnd {
    static constexpr KindWords words{"ignore, shutdown or shutdown:CODE", Unit::none, true};
    template <class Slot>
    static Result<> read(Reading const&, std::string_view text, Slot& slot) {
        slot = TRY(parse_end_policy(text));
        return {};
    }
};

/// Who sees a thing: people who may log in, or everyone.
struct StatusPage {
    static constexpr KindWords words{"hidden or public"};
    static Result<> read(Reading const&, std::string_view text, bool& slot);
};

struct AutoMode {
    static constexpr KindWords words{"off, warn or apply"};
    static Result<> read(Reading const&, std::string_view text, IncludeAuto& slot);
};

struct Window {
    static constexpr KindWords words{"how many in which time, such as 5 in 60s", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, supervise::RestartWindow& slot) {
        slot = TRY(parse_restart_window(text));
        return {};
    }
};

struct Factor {
    static constexpr KindWords words{"a number from 1 to 100, with decimals"};
    static Result<> read(Reading const&, std::string_view text, double& slot) {
        slot = TRY(parse_factor(text));
        return {};
    }
};

struct RoleName {
    static constexpr KindWords words{"viewer, operator or admin"};
    static Result<> read(Reading const&, std::string_view text, Role& slot) {
        slot = TRY(parse_role(text));
        return {};
    }
};

struct PeerRules {
    static constexpr KindWords words{"USER:ROLE, @GROUP:ROLE or *:ROLE between commas", Unit::none,
                                     true};
    static Result<> read(Reading const& reading, std::string_view text,
                         std::vector<PeerRule>& slot) {
        slot = TRY(parse_peer_rules(reading.world, text));
        return {};
    }
};

struct Rotation {
    static constexpr KindWords words{"off, hourly, daily, weekly or a duration from 1m on"};
    static Result<> read(Reading const&, std::string_view text, Duration& slot) {
        slot = TRY(parse_rotation(text));
        return {};
    }
};

/// A directory that need not exist yet, made absolute.
struct StateDirectory {
    static constexpr KindWords words{"a directory, made when it is not there"};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot) {
        slot = absolute_path(expand_home(reading.world, text), reading.world.directory);
        return {};
    }
};

struct OrphanPolicy {
    static constexpr KindWords words{"adopt, stop or ignore"};
    template <class Slot>
    static Result<> read(Reading const&, std::string_view text, Slot& slot) {
        slot = TRY(parse_on_orphan(text));
        return {};
    }
};

struct LogFormatName {
    static constexpr KindWords words{"raw, text or json"};
    template <class Slot>
    static Result<> read(Reading const&, std::string_view text, Slot& slot) {
        slot = TRY(parse_log_format(text));
        return {};
    }
};

/// A text that may stand in quotes, to keep spaces at its ends.
struct Quoted {
    static constexpr KindWords words{"a text; quotes keep spaces at its ends"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = unquote(text);
        return {};
    }
};

/// How a row reads a text into its field and compares it, the path of members forgotten.
template <class Owner>
struct Slot {
    KindWords words;
    Result<> (*read)(Reading const&, std::string_view text, Owner&);
    bool (*same)(Owner const&, Owner const&);
};

/// The slot of the field that `Path` leads to from an Owner.
template <class Owner, class Kind, auto... Path>
inline constexpr Slot<Owner> slot_of{
    Kind::words,
    [](Reading const& reading, std::string_view text, Owner& owner) -> Result<> {
        return Kind::read(reading, text, (owner.*....*Path));
    },
    [](Owner const& one, Owner const& other) { return (one.*....*Path) == (other.*....*Path); }};

}  // namespace lares::config
