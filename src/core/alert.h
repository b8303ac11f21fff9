// core/alert.h: what people are told of problems: which ones are one, when, by which channel, how
// often, and when that ends.
//
// Pure. A *problem* is a subject with a kind ("program/db" fatal); it opens and is over. Problems
// of one cause are members of one *alert*: those of one subject, and those of what needs a subject
// that is broken (so 'db' down is one message that names its consequences). A *leg* is an alert on
// its way along one route: told after group_wait, up the ladder until someone acknowledges, again
// after `repeat`, and once when it is over. All of it is in rows (AlertRow, MemberRow): loaded from
// them and told the events after the mark, a successor goes on exactly, and tells nothing twice,
// because each notice's key is made of the alert, the route and a count that is in the row.
//
// The daemon: happened() for each event after the stored mark, then take(now); rows, a delivery for
// each notice, and the mark are one commit. take() again at next(). Words of messages are made
// elsewhere: a notice holds the facts.
//
// Vocabulary and defaults are Alertmanager's (group_wait, group_interval, repeat, inhibition,
// silence), acknowledging and the ladder PagerDuty's: what joins an acknowledged alert is told once
// to the first rung and wakes nobody up the ladder, unless it is graver than what was acknowledged:
// then the alert fires anew.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/alert_kinds.h"
#include "core/job.h"
#include "core/zone.h"

namespace lares::alert {

// ---- what is configured

/// One rung: `wait` after the rung before was told, and nobody acknowledged.
struct Step {
    Duration wait{0};
    std::string channel;
    bool operator==(Step const&) const = default;
};

/// Part of the day, in the route's zone; as `not_between`: to below or at from goes over midnight.
struct Hours {
    int from_minute = 0, to_minute = 0;  // 0 to 1440
    std::uint8_t weekdays = 0x7f;        // bit 0: Sunday; of the day on which it begins
    bool operator==(Hours const&) const = default;
};

/// `notify = ops: failure, late` and what `ops` is.
struct Route {
    std::string name;  // for good: rows hold it
    std::vector<Step> ladder;
    Kinds kinds = usual_kinds;  // recovery: whether it is told that a problem is over
    Severity at_least = Severity::info;
    /// Nothing is told in these hours but what is as grave as `through_quiet`; what is over before
    /// they end is not told at all, and recoveries wait in the outbox.
    std::vector<Hours> quiet;
    Severity through_quiet = Severity::critical;
    std::size_t zone = 0;  // of Settings::zones
    bool operator==(Route const&) const = default;
};

struct Flap {
    int count = 5;  // more openings than this in `span`: flapping; 0: never. At most 50
    Duration span{3'600'000};
    Duration stable{900'000};  // without a change: it has ended
    bool operator==(Flap const&) const = default;
};

struct Policy {
    Duration group_wait{30'000};       // what comes in it is one message
    Duration group_interval{300'000};  // between messages of more members
    Duration repeat{4 * 3'600'000LL};  // 0: never again
    Flap flap;
    Duration acknowledged_for{24 * 3'600'000LL};  // then it fires anew; 0: until it is over
    Duration expires{7 * 24 *
                     3'600'000LL};  // without a word more: kinds that are no state of things
    Duration momentary{3'600'000};  // what has no end of its own counts as one so long
    /// Of alerts that open: those beyond are members of one alert, "storm"; 0: no limit.
    int storm = 20;
    Duration storm_span{60'000};
    bool operator==(Policy const&) const = default;
};

struct Settings {
    Policy policy;
    std::vector<Route> routes;
    /// Subject → the subjects it needs directly; "program/db" stands for each of its processes
    /// ("program/db:db_0"), on both sides.
    std::map<std::string, std::vector<std::string>, std::less<>> needs;
    std::vector<schedule::Zone> zones;  // empty: UTC
    bool operator==(Settings const&) const = default;
};

/// Nothing is told of what it covers while it lasts; what is open still when it ends is told then.
struct Silence {
    std::vector<std::string> subjects;  // "program/db", "task/*": '*' for any text; empty: all
    Kinds kinds = all_kinds;
    WallTime from{}, until{};  // until: epoch: for now without end
    std::string words;         // "maintenance by anna: new disks"
    bool operator==(Silence const&) const = default;
};

// ---- what happens

struct Happening {
    std::string subject;
    Kind kind = Kind::failure;
    /// Of over: Kind::recovery closes all problems of the subject that a success ends (KindRow).
    enum class What { opens, over } what = What::opens;
    std::optional<Severity> severity;  // none: the kind's
    /// The subject at fault, where the caller knows better than Settings::needs; empty: found
    /// there.
    std::string cause;
    std::string words;                // "exited with 1 after 3 retries"
    std::vector<std::string> routes;  // names: whom the subject's `notify` names; at most 16
    job::Id event = 0;                // of the journal; never 0, growing
    WallTime at{};
};

// ---- what is kept

enum class State {
    pending,       // nobody has been told yet: group_wait, quiet hours
    firing,        // told, or nobody wants to be (`words` says so)
    acknowledged,  // someone has it in hand
    damped,        // it flaps; told once
    silenced,      // all of it is covered by silences
    // Ends:
    resolved,  // over, or ended by a person
    expired,   // nothing was heard of it for long
    merged,    // went on as part of another, `into`
};
std::string_view name(State);
bool is_end(State);

/// An alert on one route.
struct Leg {
    std::string route;
    WallTime began{};       // what group_wait counts from
    int step = 0;           // rungs told since it fired (anew)
    int reached = 0;        // rungs ever told: who is to hear that it is over
    WallTime stepped{};     // when the last of them was
    WallTime last{};        // the last notice but recovery
    int told = 0;           // notices, all kinds: the count in keys
    std::int64_t upto = 0;  // members up to this number have been told
    bool is_flap_told = false;
    bool operator==(Leg const&) const = default;
};

struct AlertRow {
    job::Id id = 0;       // the event that opened it
    std::string subject;  // the cause, "program/db"; "storm"
    State state = State::pending;
    Severity severity = Severity::info;             // the gravest of all its members
    WallTime opened{}, ended{};                     // ended: epoch while open
    std::string words;                              // of the state, for people
    std::int64_t members = 0;                       // numbers given so far
    std::int64_t uncounted = 0;                     // problems beyond the bound: counted, not kept
    bool is_flapping = false;                       // until it is stable
    bool is_eased = false;                          // the cause is over, consequences are not
    std::string who;                                // acknowledged it, or ended it
    WallTime acknowledged{}, acknowledged_until{};  // until: epoch: until it is over
    Severity acknowledged_severity = Severity::info;
    WallTime changed{};     // of damped: the last opening or end
    job::Id into = 0;       // of merged
    std::vector<Leg> legs;  // at most 16
    bool operator==(AlertRow const&) const = default;
};

/// One problem of an alert; key: (alert, subject, kind).
struct MemberRow {
    job::Id alert = 0;
    std::string subject;
    Kind kind = Kind::failure;
    Severity severity = Severity::info;
    std::string words;          // of the last occurrence
    std::int64_t number = 0;    // in the alert, by opening
    int count = 1;              // occurrences
    job::Id event = 0;          // of the last occurrence
    WallTime opened{}, last{};  // first and last occurrence
    WallTime ended{};           // epoch while open
    std::vector<std::string> routes;
    std::vector<WallTime> openings;  // of this subject and kind, alerts before included; for Flap
    bool operator==(MemberRow const&) const = default;
};

/// As lines of name=value (text/record.h), for one column. Of what cannot be read: id 0, alert 0.
std::string write(AlertRow const&);
AlertRow read_alert(std::string_view record);
std::string write(MemberRow const&);
MemberRow read_member(std::string_view record);

// ---- what is told

struct Notice {
    enum class What {
        firing,     // the first word
        more,       // members that were not told yet: to the first rung
        repeat,     // still, and nobody has acknowledged: to the last rung reached
        escalated,  // the next rung
        eased,      // the cause is over, these consequences are not: to the first rung
        resolved,   // over: to every rung that was told
        flapping,   // comes and goes; no more of it until it is stable
    };
    struct Member {
        std::string subject;
        Kind kind;
        Severity severity;
        std::string words;
        job::Id event;
        WallTime since;
        int count;
        bool is_over;
        bool operator==(Member const&) const = default;
    };
    job::Id alert = 0;
    What what = What::firing;
    std::string route, channel;
    int step = 0;         // 0: the first rung
    std::string thread;   // "alert/812": Delivery::thread
    std::string key;      // "alert/812/ops/3": Delivery::key
    std::string subject;  // the alert's: the cause
    Severity severity = Severity::info;
    WallTime since{};
    WallTime not_before{};        // Delivery::not_before; epoch: at once
    std::vector<Member> members;  // the cause first, then what this route takes; at most 50
    std::int64_t count = 0;       // of them all, those not listed included
    std::int64_t open = 0;        // of them, not over
    bool operator==(Notice const&) const = default;
};
std::string_view name(Notice::What);

struct Output {
    std::vector<Notice> notices;
    std::vector<AlertRow> alerts;    // that changed since the last take(): to be written over
    std::vector<MemberRow> members;  // likewise

    /// Alerts whose members' rows are all to be deleted before `members` are written: some stand
    /// with another alert now; those that do not are in `members`.
    std::vector<job::Id> emptied;
};

// ---- bounds, and why

/// Alerts open at once: more than anybody will read. Beyond it what opens is a member of "storm".
inline constexpr std::size_t most_open = 10'000;
/// Members of all open alerts; some 300 bytes each. Beyond it they are counted only.
inline constexpr std::size_t most_members = 50'000;
/// Members in one notice: what fits on a page.
inline constexpr std::size_t most_listed = 50;
/// Ended problems remembered for flapping.
inline constexpr std::size_t most_remembered = 50'000;
inline constexpr std::size_t most_routes = 16;    // of one problem, and of one alert
inline constexpr std::size_t most_words = 2'048;  // bytes of one problem's words

class Alerts {
public:
    explicit Alerts(Settings);
    ~Alerts();
    Alerts(Alerts&&) noexcept;
    Alerts& operator=(Alerts&&) noexcept;

    /// Of a new configuration: here, or before load(). Legs of routes that are gone say nothing
    /// more; a route that takes from now on what is open hears of it.
    void set(Settings);
    void set_silences(std::vector<Silence>, WallTime now);

    /// Before all else, after a start: the alerts that are open and those that ended within
    /// remembers(), in the order of their ids, and all their members.
    void load(AlertRow, std::vector<MemberRow>);
    /// For how long an ended alert matters still.
    Duration remembers() const;

    /// An event; nothing for one that changes nothing. Never twice the same event, and at most one
    /// problem opens by one.
    void happened(Happening const&);
    /// Someone has it in hand; again: another name and span. `span` 0: the policy's. False: none is
    /// open under this id.
    bool acknowledge(job::Id, std::string who, WallTime now, Duration span = Duration(0));
    /// A person says that it is over; those who were told are told so.
    bool resolve(job::Id, std::string who, WallTime now);
    /// The subject is configured no more: its problems are over; nobody is told.
    void forget(std::string_view subject, WallTime now);

    /// What is to be said now, and all rows that changed.
    Output take(WallTime now);
    /// When take() has something new by time alone; none: only after a call.
    std::optional<WallTime> next() const;

    AlertRow const* find(job::Id) const;        // open or remembered
    std::vector<AlertRow const*> open() const;  // by id
    /// None: what is over changes nothing.
    bool has_problems() const;
    /// By number; of an open one.
    std::vector<MemberRow const*> members(job::Id) const;
    /// The open alert that a subject is in: "why is nobody told of task/x?" 0: none.
    job::Id alert_of(std::string_view subject) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// When a route may speak of something so grave, at `at` or later; none: its hours are closed for
/// good.
std::optional<WallTime> quiet_until(std::span<Hours const>, schedule::Zone const&, WallTime at);

}  // namespace lares::alert
