// core/alert_parts.h: what alerting is made of. Only core/alert*.cc include this.
//
// All that decides is in the rows; everything else here is an index over them that load() makes
// again. Members stand under their numbers, so that what is new to a leg is what lies beyond its
// `upto`. An alert is looked at when something of it changed (touched) and at its `due`; looking
// twice at one instant says nothing new.

#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/alert.h"

namespace lares::alert {

using job::Id;
using Problem = std::pair<std::string, Kind>;

struct Alert {
    AlertRow row;
    std::map<std::int64_t, MemberRow> members;  // by number
    std::map<Problem, std::int64_t> numbers;
    std::size_t open = 0;
    bool is_ended_by_hand = false;
    bool is_dirty = false;
    bool is_emptied = false;       // members have left it: the rows of all are to be written anew
    std::set<std::int64_t> dirty;  // members
    std::optional<WallTime> due;

    bool is_open() const { return !is_end(row.state); }
    bool is_damped() const { return row.is_flapping; }
    bool is_acknowledged() const { return row.acknowledged != WallTime{}; }
};

/// What a leg has to do with an alert now.
struct View {
    std::int64_t open = 0, count = 0;    // members that its route takes
    bool has_untold = false;             // of the open ones
    Severity severity = Severity::info;  // of the open ones
};

struct Alerts::Parts {
    Settings settings;
    std::vector<Silence> silences;
    std::map<std::string, std::vector<std::string>, std::less<>> needed_by;
    std::map<Id, Alert> alerts;                                       // open, and remembered
    std::map<std::string, std::map<Kind, Id>, std::less<>> problems;  // open ones
    std::map<std::string, Id, std::less<>> by_subject;                // open alerts
    std::map<Problem, std::vector<WallTime>> history;  // openings, of alerts that ended
    std::deque<Id> ended;                              // remembered ones, oldest first
    std::set<std::pair<WallTime, Id>> opened;          // alerts, for storms
    std::set<std::pair<WallTime, Id>> due;
    std::set<Id> touched;
    std::size_t open_alerts = 0, members = 0, sweep_history_at = 1'000;
    WallTime clock{};

    // alert_index.cc: rows and their indices.
    Alert* find(Id);
    Alert* find_open(Id);
    Route const* route(std::string_view name) const;
    void touch(Alert&);
    void index(Alert&);    // of an alert that is open
    void unindex(Alert&);  // of one that ends
    void index(MemberRow const&);
    void unindex(MemberRow const&);
    void remember(Alert&);
    void forget_old(WallTime now);
    void changed(Alert& alert) { alert.is_dirty = true; }
    void changed(Alert& alert, MemberRow const& member) { alert.dirty.insert(member.number); }

    // alert_grouping.cc: which alert a problem belongs to.
    Alert& group(Happening const&);
    Alert& make(std::string const& subject, Happening const&);
    Alert* alert_in_trouble(std::string_view subject);
    Alert* alert_of_cause(std::string_view subject);
    bool is_storm(WallTime at);
    void absorb_dependents(Alert&, std::string_view subject, WallTime at);
    void take_from_storm(Alert&, std::string_view subject, WallTime at);
    void merge(Alert& from, Alert& into, WallTime at);

    // alert_members.cc: problems that open and are over.
    void opens(Happening const&);
    void open_member(Alert&, Happening const&);
    void again(Alert&, MemberRow&, Happening const&);
    void add(Alert&, MemberRow);  // under a new number
    void over(Happening const&);
    void close(Alert&, MemberRow&, WallTime at);
    void grow(Alert&, MemberRow const&, WallTime at);  // severity and legs
    void add_legs(Alert&, MemberRow const&, WallTime at);
    void refire(Alert&, WallTime at);
    void note_opening(Alert&, MemberRow&, WallTime at);
    void end(Alert&, State, std::string words, WallTime at);

    // alert_telling.cc: what is said now, and when to look again.
    class Look;
    void look(Alert&, WallTime now, std::vector<Notice>&);
    Silence const* silence_of(MemberRow const&, WallTime now) const;
    void collect(Alert&, Output&);
};

bool is_active(Silence const&, WallTime now);
bool covers(Silence const&, std::string_view subject, Kind);
/// Of a member, by its route names, kind and severity.
bool takes(Route const&, MemberRow const&);
/// Of two lists of openings of one problem: the later one goes on from the other.
bool is_later(std::vector<WallTime> const& one, std::vector<WallTime> const& other);
bool is_root(Alert const&, MemberRow const&);
bool is_same_program(std::string_view one, std::string_view other);
/// "program/db" of "program/db:db_0"; itself of others.
std::string_view program_of(std::string_view subject);

}  // namespace lares::alert
