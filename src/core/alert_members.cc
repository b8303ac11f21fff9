// core/alert_members.cc: problems that open, come again and are over.

#include <algorithm>

#include "core/alert_parts.h"

namespace lares::alert {

namespace {

/// Cut at the beginning of a character.
std::string bounded(std::string words) {
    if (words.size() <= most_words) return words;
    auto end = most_words;
    while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xc0) == 0x80) end--;
    words.resize(end);
    return words;
}

void join(std::vector<std::string>& routes, std::vector<std::string> const& more) {
    for (auto const& route : more)
        if (routes.size() < most_routes && std::ranges::find(routes, route) == routes.end())
            routes.push_back(route);
}

}  // namespace

bool takes(Route const& route, MemberRow const& member) {
    return (route.kinds & bit(member.kind)) && member.severity >= route.at_least &&
           std::ranges::find(member.routes, route.name) != member.routes.end();
}

bool is_root(Alert const& alert, MemberRow const& member) {
    return is_same_program(member.subject, alert.row.subject);
}

/// Whoever is to hear of it, and is not on the way to yet.
void Alerts::Parts::add_legs(Alert& alert, MemberRow const& member, WallTime at) {
    auto& row = alert.row;
    if (member.ended != WallTime{}) return;
    for (auto const& name : member.routes) {
        auto const* to = route(name);
        if (!to || !takes(*to, member) || row.legs.size() >= most_routes) continue;
        if (std::ranges::find(row.legs, name, &Leg::route) != row.legs.end()) continue;
        row.legs.push_back({.route = name, .began = at});
        changed(alert);
    }
}

/// What it makes of the alert: how grave it is, and who is to hear of it.
void Alerts::Parts::grow(Alert& alert, MemberRow const& member, WallTime at) {
    auto& row = alert.row;
    row.severity = std::max(row.severity, member.severity);
    add_legs(alert, member, at);
    // Graver than what somebody took in hand: that is another matter.
    if (row.acknowledged != WallTime{} && member.severity > row.acknowledged_severity)
        refire(alert, at);
    changed(alert);
    touch(alert);
}

/// The first word is said once more, and the ladder begins anew.
void Alerts::Parts::refire(Alert& alert, WallTime at) {
    alert.row.acknowledged = alert.row.acknowledged_until = {};
    alert.row.who.clear();
    for (auto& leg : alert.row.legs) {
        leg.step = 0;
        leg.began = at;
    }
    changed(alert);
    touch(alert);
}

void Alerts::Parts::add(Alert& alert, MemberRow member) {
    Problem const problem{member.subject, member.kind};
    if (auto old = alert.numbers.find(problem); old != alert.numbers.end()) {
        alert.members.erase(old->second);
        alert.dirty.erase(old->second);
        members--;
    }
    member.alert = alert.row.id;
    member.number = ++alert.row.members;
    alert.numbers[problem] = member.number;
    alert.open += member.ended == WallTime{};
    members++;
    auto at = member.last;
    auto& kept = alert.members[member.number] = std::move(member);
    index(kept);
    changed(alert, kept);
    grow(alert, kept, at);
}

/// Keeps when it opened, of the last span; too often, and it is damped.
void Alerts::Parts::note_opening(Alert& alert, MemberRow& member, WallTime at) {
    auto const& flap = settings.policy.flap;
    member.openings.push_back(at);
    std::erase_if(member.openings, [&](WallTime each) { return each <= at - flap.span; });
    auto const most_kept = static_cast<std::size_t>(std::clamp(flap.count, 0, 50) + 1);
    if (member.openings.size() > most_kept)
        member.openings.erase(member.openings.begin(),
                              member.openings.end() - static_cast<std::ptrdiff_t>(most_kept));
    if (flap.count <= 0 || !is_root(alert, member)) return;
    bool flaps = member.openings.size() >= most_kept;
    if (alert.is_damped()) alert.row.changed = at;
    if (flaps && !alert.is_damped()) {
        alert.row.is_flapping = true;
        alert.row.changed = at;
        for (auto& leg : alert.row.legs) leg.is_flap_told = false;
    }
    changed(alert);
}

void Alerts::Parts::again(Alert& alert, MemberRow& member, Happening const& happening) {
    auto const kind_severity = row_of(member.kind).severity;
    member.severity = std::max(member.severity, happening.severity.value_or(kind_severity));
    member.words = bounded(happening.words);
    member.event = happening.event;
    member.last = happening.at;
    member.count++;
    join(member.routes, happening.routes);
    changed(alert, member);
    grow(alert, member, happening.at);
}

void Alerts::Parts::open_member(Alert& alert, Happening const& happening) {
    MemberRow member;
    Problem const problem{happening.subject, happening.kind};
    if (auto old = alert.numbers.find(problem); old != alert.numbers.end()) {
        member.count = alert.members.at(old->second).count + 1;
        member.openings = alert.members.at(old->second).openings;
    } else if (members >= most_members) {
        alert.row.uncounted++;
        changed(alert);
        return;
    }
    auto before = history.find(problem);
    if (before != history.end() && is_later(before->second, member.openings))
        member.openings = before->second;
    member.subject = happening.subject;
    member.kind = happening.kind;
    member.severity = happening.severity.value_or(row_of(happening.kind).severity);
    member.words = bounded(happening.words);
    member.event = happening.event;
    member.opened = member.last = happening.at;
    join(member.routes, happening.routes);
    bool is_anew = alert.row.is_eased && is_root(alert, member);
    add(alert, std::move(member));
    note_opening(alert, alert.members.at(alert.row.members), happening.at);
    if (!is_anew) return;
    alert.row.is_eased = false;  // the cause is back
    refire(alert, happening.at);
}

void Alerts::Parts::opens(Happening const& happening) {
    auto found = problems.find(happening.subject);
    if (found != problems.end()) {
        auto kind = found->second.find(happening.kind);
        if (kind != found->second.end()) {
            Alert& alert = *find_open(kind->second);
            auto number = alert.numbers.at({happening.subject, happening.kind});
            return again(alert, alert.members.at(number), happening);
        }
    }
    Alert& alert = group(happening);
    open_member(alert, happening);
    if (row_of(happening.kind).is_cause) absorb_dependents(alert, happening.subject, happening.at);
}

void Alerts::Parts::close(Alert& alert, MemberRow& member, WallTime at) {
    unindex(member);
    member.ended = std::max(at, WallTime(Duration(1)));  // never epoch, which says that it is open
    alert.open--;
    if (alert.is_damped() && is_root(alert, member)) alert.row.changed = at;
    changed(alert, member);
    changed(alert);
    touch(alert);
}

void Alerts::Parts::over(Happening const& happening) {
    auto found = problems.find(happening.subject);
    if (found == problems.end()) return;
    bool is_success = happening.kind == Kind::recovery;
    auto const kinds = found->second;
    for (auto const& [kind, id] : kinds) {
        if (is_success ? !row_of(kind).ends_with_success : kind != happening.kind) continue;
        Alert& alert = *find_open(id);
        auto& member = alert.members.at(alert.numbers.at({happening.subject, kind}));
        close(alert, member, happening.at);
    }
}

/// It is over; what is to be said of that has been said.
void Alerts::Parts::end(Alert& alert, State state, std::string words, WallTime at) {
    unindex(alert);
    alert.row.state = state;
    alert.row.words = std::move(words);
    alert.row.ended = std::max(at, WallTime(Duration(1)));
    remember(alert);
    changed(alert);
    touch(alert);
}

void Alerts::happened(Happening const& happening) {
    if (happening.subject.empty() || happening.kind == Kind::flap) return;
    switch (happening.what) {
    case Happening::What::opens:
        if (happening.kind != Kind::recovery) parts_->opens(happening);
        break;
    case Happening::What::over:
        parts_->over(happening);
        break;
    }
}

}  // namespace lares::alert
