// core/alert_grouping.cc: which alert a problem belongs to: that of its subject, of what it needs
// that is broken, its own, or the storm's.

#include <algorithm>

#include "core/alert_parts.h"

namespace lares::alert {

namespace {

constexpr std::string_view storm_subject = "storm";

/// Subjects in a chain of needs; a graph of more is walked this far only.
constexpr std::size_t most_walked = 10'000;

/// All that is reached from a subject over `edges`, nearest first, itself not included. A program
/// stands for its processes.
std::vector<std::string> reach(
    std::map<std::string, std::vector<std::string>, std::less<>> const& edges,
    std::string_view subject) {
    std::vector<std::string> reached{std::string(subject)};
    std::set<std::string, std::less<>> met{reached.front()};
    for (std::size_t i = 0; i < reached.size() && reached.size() < most_walked; i++) {
        std::string const from = reached[i];
        for (auto name : {std::string_view(from), program_of(from)}) {
            auto found = edges.find(name);
            if (found != edges.end())
                for (auto const& to : found->second)
                    if (met.insert(to).second) reached.push_back(to);
            if (name.size() == program_of(from).size()) break;  // the same
        }
    }
    reached.erase(reached.begin());
    return reached;
}

}  // namespace

/// The alert of a problem of this subject (or of one of its processes) that others suffer from.
Alert* Alerts::Parts::alert_in_trouble(std::string_view subject) {
    auto is_same = [&](std::string_view other) {
        return other == subject || (other.starts_with(subject) && other[subject.size()] == ':');
    };
    for (auto at = problems.lower_bound(subject);
         at != problems.end() && at->first.starts_with(subject); ++at) {
        if (!is_same(at->first)) continue;
        for (auto const& [kind, id] : at->second)
            if (row_of(kind).is_cause) return find_open(id);
    }
    return nullptr;
}

/// The alert of what the subject needs and that is broken: of several, the one that opened first.
Alert* Alerts::Parts::alert_of_cause(std::string_view subject) {
    Alert* first = nullptr;
    for (auto const& need : reach(settings.needs, subject)) {
        if (is_same_program(need, subject)) continue;
        auto* alert = alert_in_trouble(need);
        if (alert && (!first || alert->row.id < first->row.id)) first = alert;
    }
    return first;
}

bool Alerts::Parts::is_storm(WallTime at) {
    auto const& policy = settings.policy;
    if (open_alerts >= most_open) return true;
    if (policy.storm <= 0) return false;
    auto from = opened.lower_bound({at - policy.storm_span, Id{0}});
    auto count = std::distance(from, opened.end());
    return count >= policy.storm;
}

Alert& Alerts::Parts::make(std::string const& subject, Happening const& happening) {
    Id id = happening.event;
    if (auto* other = find_open(id)) return *other;
    Alert& alert = alerts[id];
    alert = {};
    alert.row.id = id;
    alert.row.subject = subject;
    alert.row.opened = happening.at;
    opened.insert({happening.at, id});
    index(alert);
    return alert;
}

/// All kinds of one subject, and the processes of one program or group, are one alert.
Alert& Alerts::Parts::group(Happening const& happening) {
    auto own = problems.find(happening.subject);
    if (own != problems.end()) return *find_open(own->second.begin()->second);
    auto with_subject = [&](std::string_view subject) {
        auto found = by_subject.find(subject);
        return found == by_subject.end() ? nullptr : find_open(found->second);
    };
    auto const& cause = happening.cause.empty() ? happening.subject : happening.cause;
    std::string const root(program_of(cause));
    auto* alert = happening.cause.empty() ? nullptr : alert_in_trouble(cause);
    if (!alert) alert = with_subject(root);
    if (!alert) alert = alert_of_cause(cause);
    if (alert) return *alert;
    // What others suffer from has a name of its own in any storm.
    bool is_cause =
        row_of(happening.kind).is_cause && (needed_by.contains(root) || needed_by.contains(cause));
    if (is_cause || !is_storm(happening.at)) return make(root, happening);
    alert = with_subject(storm_subject);
    return alert ? *alert : make(std::string(storm_subject), happening);
}

/// The alerts of what needs this subject become part of this one, told or not.
void Alerts::Parts::absorb_dependents(Alert& alert, std::string_view subject, WallTime at) {
    for (auto const& dependent : reach(needed_by, subject)) {
        if (is_same_program(dependent, subject)) continue;
        auto found = by_subject.find(program_of(dependent));
        auto* other = found == by_subject.end() ? nullptr : find_open(found->second);
        if (other && other != &alert) merge(*other, alert, at);
        take_from_storm(alert, dependent, at);
    }
}

/// What was counted to the storm before its cause was known.
void Alerts::Parts::take_from_storm(Alert& alert, std::string_view subject, WallTime at) {
    auto storm = by_subject.find(storm_subject);
    auto own = problems.find(subject);
    if (storm == by_subject.end() || own == problems.end()) return;
    Alert& from = *find_open(storm->second);
    auto const kinds = own->second;
    for (auto const& [kind, id] : kinds) {
        if (id != from.row.id) continue;
        auto number = from.numbers.find({std::string(subject), kind});
        auto member = from.members.extract(number->second);
        from.numbers.erase(number);
        from.dirty.erase(member.key());
        from.open--;
        members--;
        from.is_emptied = true;
        add(alert, std::move(member.mapped()));
        touch(from);
    }
    if (from.open == 0 && from.row.uncounted == 0) merge(from, alert, at);
}

void Alerts::Parts::merge(Alert& from, Alert& into, WallTime at) {
    unindex(from);
    std::vector<MemberRow> taken;
    for (auto& [number, member] : from.members) {
        bool is_open = member.ended == WallTime{};
        if (is_open || !into.numbers.contains({member.subject, member.kind}))
            taken.push_back(std::move(member));
    }
    from.members.clear();
    from.numbers.clear();
    from.dirty.clear();
    from.open = 0;
    from.is_emptied = true;
    into.row.uncounted += from.row.uncounted;
    from.row.state = State::merged;
    from.row.into = into.row.id;
    from.row.ended = at;
    from.row.words = "went on as part of alert " + std::to_string(into.row.id);
    changed(from);
    touch(from);
    ended.push_back(from.row.id);
    for (auto& member : taken) add(into, std::move(member));
}

bool is_same_program(std::string_view one, std::string_view other) {
    return program_of(one) == program_of(other);
}

}  // namespace lares::alert
