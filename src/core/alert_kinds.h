// core/alert_kinds.h: the closed table of what people can be told of: the words of `notify =`, how
// grave each is, how it ends and whether others suffer from it.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lares::alert {

enum class Severity { info, warning, error, critical };
/// "info", as messages have it.
std::string_view name(Severity);

enum class Kind {
    failure,      // a task's job failed
    fatal,        // a program is FATAL
    late,         // something expected did not come
    missed,       // due times passed while nobody could run them
    retry,        // an attempt failed and is tried again
    exit,         // a program exited unexpectedly and is started again
    unhealthy,    // a program does not answer its probe
    memory,       // a program was restarted because of its memory
    flap,         // reserved for routes: to be told that something comes and goes
    recovery,     // reserved for routes and for `over`
    slow,         // a run takes longer than usual
    heavy,        // a run took more than usual
    dead,         // a job has used up its retries
    parked,       // a job killed its worker too often
    overflow,     // more than there is room for: a log, a queue, a folder's notifications
    circuit,      // a task is held because its jobs fail one after the other
    trouble,      // a folder, the database or the disk does not work
    undelivered,  // a channel does not work, or a delivery failed
    budget,       // a threshold of a budget is reached
    audit,        // something is unexplained
};

enum class Lasts {
    momentary,   // no end of its own
    until_over,  // until a success; expires when nothing is heard of it
    state,       // as long as things are so: never expires
};

struct KindRow {
    Kind kind;
    std::string_view name;  // as `notify =` has it
    Severity severity;
    Lasts lasts;
    bool ends_with_success;  // Kind::recovery closes it
    bool is_cause;           // what needs its subject suffers from it
    std::string_view help;
};

/// In the order of the enum.
std::span<KindRow const> kinds();
KindRow const& row_of(Kind);
/// Null when there is none of this name.
KindRow const* find_kind(std::string_view name);

/// A set of kinds.
using Kinds = std::uint32_t;
constexpr Kinds bit(Kind kind) { return Kinds{1} << static_cast<unsigned>(kind); }
inline constexpr Kinds all_kinds = ~Kinds{0};
/// Of a `notify` that names none: what needs a person, and that it is over.
inline constexpr Kinds usual_kinds =
    bit(Kind::failure) | bit(Kind::fatal) | bit(Kind::late) | bit(Kind::missed) |
    bit(Kind::unhealthy) | bit(Kind::dead) | bit(Kind::parked) | bit(Kind::overflow) |
    bit(Kind::circuit) | bit(Kind::trouble) | bit(Kind::undelivered) | bit(Kind::budget) |
    bit(Kind::audit) | bit(Kind::flap) | bit(Kind::recovery);

}  // namespace lares::alert
