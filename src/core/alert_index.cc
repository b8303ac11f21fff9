// core/alert_index.cc: the rows of alerts and what is found in them by subject; calls that only
// look.

#include "core/alert.h"

#include <algorithm>

#include "core/alert_parts.h"

namespace lares::alert {

std::string_view program_of(std::string_view subject) {
    return subject.substr(0, subject.find(':'));
}

// ---- finding

Alert* Alerts::Parts::find(Id id) {
    auto found = alerts.find(id);
    return found == alerts.end() ? nullptr : &found->second;
}

Alert* Alerts::Parts::find_open(Id id) {
    auto* alert = find(id);
    return alert && alert->is_open() ? alert : nullptr;
}

Route const* Alerts::Parts::route(std::string_view name) const {
    auto found = std::ranges::find(settings.routes, name, &Route::name);
    return found == settings.routes.end() || found->ladder.empty() ? nullptr : &*found;
}

void Alerts::Parts::touch(Alert& alert) { touched.insert(alert.row.id); }

bool is_later(std::vector<WallTime> const& one, std::vector<WallTime> const& other) {
    if (one.empty() || other.empty()) return other.empty();
    return one.back() > other.back();
}

// ---- indices

void Alerts::Parts::index(MemberRow const& member) {
    if (member.ended != WallTime{}) return;
    problems[member.subject][member.kind] = member.alert;
}

void Alerts::Parts::unindex(MemberRow const& member) {
    auto found = problems.find(member.subject);
    if (found == problems.end()) return;
    auto kind = found->second.find(member.kind);
    if (kind == found->second.end() || kind->second != member.alert) return;
    found->second.erase(kind);
    if (found->second.empty()) problems.erase(found);
}

void Alerts::Parts::index(Alert& alert) {
    by_subject[alert.row.subject] = alert.row.id;
    open_alerts++;
    members += alert.members.size();
    alert.open = 0;
    for (auto const& [number, member] : alert.members) {
        index(member);
        alert.open += member.ended == WallTime{};
    }
    touch(alert);
}

void Alerts::Parts::unindex(Alert& alert) {
    auto found = by_subject.find(alert.row.subject);
    if (found != by_subject.end() && found->second == alert.row.id) by_subject.erase(found);
    if (alert.due) due.erase({*alert.due, alert.row.id});
    alert.due.reset();
    open_alerts--;
    members -= alert.members.size();
    for (auto const& [number, member] : alert.members) unindex(member);
}

/// Of one that has ended: when its problems opened, for those that come again. Its members' rows
/// are the store's alone from here on, once they are written.
void Alerts::Parts::remember(Alert& alert) {
    for (auto const& [number, member] : alert.members) {
        if (history.size() >= most_remembered) break;
        if (member.openings.empty()) continue;
        auto& openings = history[{member.subject, member.kind}];
        if (is_later(member.openings, openings)) openings = member.openings;
    }
    ended.push_back(alert.row.id);
}

void Alerts::Parts::forget_old(WallTime now) {
    auto oldest = now - std::max(settings.policy.flap.span, settings.policy.storm_span);
    while (!ended.empty()) {
        auto const* alert = find(ended.front());
        bool is_old = !alert || alert->is_open() || alert->row.ended < oldest;
        if (!is_old && ended.size() <= most_open) break;
        if (alert && !alert->is_open()) alerts.erase(ended.front());
        ended.pop_front();
    }
    while (!opened.empty() && opened.begin()->first < now - settings.policy.storm_span)
        opened.erase(opened.begin());
    if (history.size() < sweep_history_at) return;
    std::erase_if(history, [&](auto const& each) { return each.second.back() < oldest; });
    sweep_history_at = std::max<std::size_t>(1'000, history.size() * 2);
}

// ---- calls

Alerts::Alerts(Settings settings) : parts_(std::make_unique<Parts>()) { set(std::move(settings)); }
Alerts::~Alerts() = default;
Alerts::Alerts(Alerts&&) noexcept = default;
Alerts& Alerts::operator=(Alerts&&) noexcept = default;

void Alerts::set(Settings settings) {
    Parts& parts = *parts_;
    parts.settings = std::move(settings);
    parts.needed_by.clear();
    for (auto const& [subject, needs] : parts.settings.needs)
        for (auto const& need : needs) parts.needed_by[need].push_back(subject);
    for (auto const& [subject, id] : parts.by_subject) {
        Alert& alert = *parts.find(id);
        for (auto const& [number, member] : alert.members)
            parts.add_legs(alert, member, parts.clock);
        parts.touch(alert);
    }
}

void Alerts::set_silences(std::vector<Silence> silences, WallTime now) {
    parts_->silences = std::move(silences);
    parts_->clock = std::max(parts_->clock, now);
    for (auto const& [subject, id] : parts_->by_subject) parts_->touched.insert(id);
}

Duration Alerts::remembers() const {
    auto const& policy = parts_->settings.policy;
    return std::max(policy.flap.span, policy.storm_span);
}

void Alerts::load(AlertRow row, std::vector<MemberRow> members) {
    Parts& parts = *parts_;
    if (row.id == 0 || parts.alerts.contains(row.id)) return;
    Alert& alert = parts.alerts[row.id];
    alert.row = std::move(row);
    for (auto& member : members) {
        if (member.alert != alert.row.id) continue;
        alert.numbers[{member.subject, member.kind}] = member.number;
        alert.members[member.number] = std::move(member);
    }
    parts.opened.insert({alert.row.opened, alert.row.id});
    if (alert.is_open()) {
        for (auto const& [number, member] : alert.members)
            parts.add_legs(alert, member, alert.row.opened);
        return parts.index(alert);
    }
    parts.remember(alert);
    alert.members.clear();
    alert.numbers.clear();
}

bool Alerts::acknowledge(Id id, std::string who, WallTime now, Duration span) {
    auto* alert = parts_->find_open(id);
    if (!alert) return false;
    auto& row = alert->row;
    row.who = std::move(who);
    row.acknowledged = now;
    if (span.count() <= 0) span = parts_->settings.policy.acknowledged_for;
    row.acknowledged_until = span.count() > 0 ? now + span : WallTime{};
    row.acknowledged_severity = row.severity;
    for (auto& leg : row.legs)  // whoever has not been told need not hear of these any more
        if (leg.told == 0) leg.upto = row.members;
    parts_->changed(*alert);
    parts_->touch(*alert);
    return true;
}

bool Alerts::resolve(Id id, std::string who, WallTime now) {
    auto* alert = parts_->find_open(id);
    if (!alert) return false;
    alert->row.who = who;
    for (auto& [number, member] : alert->members)
        if (member.ended == WallTime{}) parts_->close(*alert, member, now);
    alert->is_ended_by_hand = true;
    alert->row.is_flapping = false;  // no waiting for it to be stable
    parts_->touch(*alert);
    return true;
}

void Alerts::forget(std::string_view subject, WallTime now) {
    auto found = parts_->problems.find(subject);
    if (found == parts_->problems.end()) return;
    auto const kinds = found->second;
    for (auto const& [kind, id] : kinds) {
        Alert& alert = *parts_->find(id);
        parts_->close(alert, alert.members.at(alert.numbers.at({std::string(subject), kind})), now);
        if (alert.open == 0)
            parts_->end(alert, State::resolved, "its subject is not configured any more", now);
    }
}

std::optional<WallTime> Alerts::next() const {
    if (!parts_->touched.empty()) return parts_->clock;
    if (parts_->due.empty()) return std::nullopt;
    return parts_->due.begin()->first;
}

AlertRow const* Alerts::find(Id id) const {
    auto const* alert = parts_->find(id);
    return alert ? &alert->row : nullptr;
}

bool Alerts::has_problems() const { return !parts_->problems.empty(); }

std::vector<AlertRow const*> Alerts::open() const {
    std::vector<AlertRow const*> rows;
    for (auto const& [id, alert] : parts_->alerts)
        if (alert.is_open()) rows.push_back(&alert.row);
    return rows;
}

std::vector<MemberRow const*> Alerts::members(Id id) const {
    std::vector<MemberRow const*> rows;
    if (auto const* alert = parts_->find_open(id))
        for (auto const& [number, member] : alert->members) rows.push_back(&member);
    return rows;
}

Id Alerts::alert_of(std::string_view subject) const {
    auto found = parts_->problems.find(subject);
    return found == parts_->problems.end() ? 0 : found->second.begin()->second;
}

}  // namespace lares::alert
