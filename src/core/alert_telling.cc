// core/alert_telling.cc: what is said of an alert now, and when to look at it again.
//
// One look goes through the questions in their order: what has run out, is it over, does a silence
// cover it, does it flap, is the cause over, and then for each leg: the first word, the next rung,
// more members, a repeat. Whatever may not be said yet leaves the instant at which it may.

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/alert_parts.h"
#include "core/in_words.h"

namespace lares::alert {

using What = Notice::What;

Silence const* Alerts::Parts::silence_of(MemberRow const& member, WallTime now) const {
    for (auto const& silence : silences)
        if (is_active(silence, now) && covers(silence, member.subject, member.kind))
            return &silence;
    return nullptr;
}

class Alerts::Parts::Look {
public:
    Look(Parts& parts, Alert& alert, WallTime now, std::vector<Notice>& notices)
        : parts_(parts),
          policy_(parts.settings.policy),
          alert_(alert),
          row_(alert.row),
          now_(now),
          notices_(notices) {}

    std::optional<WallTime> run() {
        clamp();
        run_out();
        if (alert_.open == 0 && !is_damped_still()) return finish(), std::nullopt;
        if (alert_.open > 0 && is_silenced()) return due_;
        if (row_.is_flapping && is_damped_still()) return damp(), due_;
        stop_damping();
        end_acknowledgement();
        ease();
        for (auto& leg : row_.legs) tell(leg);
        set_state();
        return due_;
    }

private:
    void when(WallTime at) {
        if (!due_ || at < *due_) due_ = at;
    }

    bool has_come(WallTime at) {
        if (at <= now_) return true;
        when(at);
        return false;
    }

    /// As has_come(), and its quiet hours let it through.
    bool may_say(Route const& route, Severity severity, WallTime at) {
        if (!has_come(at)) return false;
        return has_come(after_quiet(route, severity));
    }

    WallTime after_quiet(Route const& route, Severity severity) const {
        static schedule::Zone const utc;
        if (severity >= route.through_quiet) return now_;
        auto const& zones = parts_.settings.zones;
        auto const& zone = route.zone < zones.size() ? zones[route.zone] : utc;
        // Closed for good: looked at again, as the configuration may change.
        return quiet_until(route.quiet, zone, now_).value_or(now_ + std::chrono::hours(24));
    }

    /// A clock that was set back: nothing has happened later than now.
    void clamp() {
        auto back = [&](WallTime& at) {
            if (at != WallTime{}) at = std::min(at, now_);
        };
        if (row_.acknowledged > now_ && row_.acknowledged_until != WallTime{})
            row_.acknowledged_until -= row_.acknowledged - now_;
        for (auto* at : {&row_.opened, &row_.acknowledged, &row_.changed}) back(*at);
        for (auto& leg : row_.legs)
            for (auto* at : {&leg.began, &leg.stepped, &leg.last}) back(*at);
        for (auto& [number, member] : alert_.members) {
            if (member.last <= now_ && member.ended <= now_) continue;
            for (auto* at : {&member.opened, &member.last, &member.ended}) back(*at);
            for (auto& at : member.openings) back(at);
            parts_.changed(alert_, member);
        }
    }

    /// What has no end of its own is over when it has been told and some time has passed.
    void run_out() {
        for (auto& [number, member] : alert_.members) {
            if (member.ended != WallTime{}) continue;
            auto lasts = row_of(member.kind).lasts;
            if (lasts == Lasts::state) continue;
            bool is_short = lasts == Lasts::momentary && !is_untold(member);
            if (!has_come(member.last + (is_short ? policy_.momentary : policy_.expires))) continue;
            parts_.close(alert_, member, now_);
            if (!is_short) is_expired_ = true;
        }
    }

    bool is_untold(MemberRow const& member) const {
        return std::ranges::any_of(row_.legs, [&](Leg const& leg) {
            auto const* route = parts_.route(leg.route);
            return route && takes(*route, member) && (leg.told == 0 || member.number > leg.upto);
        });
    }

    bool is_damped_still() {
        return row_.is_flapping && !has_come(row_.changed + policy_.flap.stable);
    }

    bool is_silenced() {
        Silence const* last = nullptr;
        for (auto const& [number, member] : alert_.members) {
            if (member.ended != WallTime{}) continue;
            last = parts_.silence_of(member, now_);
            if (!last) break;
        }
        for (auto const& silence : parts_.silences)
            if (is_active(silence, now_) && silence.until != WallTime{}) when(silence.until);
        if (last) {
            row_.state = State::silenced;
            row_.words = last->words;
            return true;
        }
        if (row_.state == State::silenced)
            for (auto& leg : row_.legs)
                if (leg.told == 0) leg.began = now_;
        return false;
    }

    // ---- flapping

    void damp() {
        for (auto& leg : row_.legs) {
            auto const* route = parts_.route(leg.route);
            if (!route || leg.is_flap_told || view(leg, *route).count == 0) continue;
            if (!may_say(*route, row_.severity, now_)) continue;
            say(leg, *route, What::flapping, 0);
            leg.is_flap_told = true;
        }
        row_.state = alert_.is_acknowledged() ? State::acknowledged : State::damped;
        row_.words = "comes and goes: more than " + std::to_string(policy_.flap.count) +
                     " times in " + in_words(policy_.flap.span);
    }

    /// It is stable, and there still.
    void stop_damping() {
        if (!row_.is_flapping) return;
        row_.is_flapping = false;
        if (!alert_.is_acknowledged()) parts_.refire(alert_, now_);
    }

    void end_acknowledgement() {
        if (!alert_.is_acknowledged() || row_.acknowledged_until == WallTime{}) return;
        if (has_come(row_.acknowledged_until)) parts_.refire(alert_, now_);
    }

    // ---- the cause is over

    std::optional<WallTime> root_ended() const {
        std::optional<WallTime> ended;
        for (auto const& [number, member] : alert_.members) {
            if (!is_root(alert_, member)) continue;
            if (member.ended == WallTime{}) return std::nullopt;
            ended = std::max(ended.value_or(member.ended), member.ended);
        }
        return ended;
    }

    void ease() {
        auto ended = root_ended();
        if (row_.is_eased || !ended) return;
        bool is_told = std::ranges::any_of(
            row_.legs, [&](Leg const& leg) { return was_told_before(leg, *ended); });
        if (!is_told || !has_come(*ended + policy_.group_wait)) return;
        row_.is_eased = true;
        for (auto& leg : row_.legs) {
            auto const* route = parts_.route(leg.route);
            if (!route || !was_told_before(leg, *ended) || view(leg, *route).open == 0) continue;
            if (route->kinds & bit(Kind::recovery)) say(leg, *route, What::eased, 0);
        }
    }

    static bool was_told_before(Leg const& leg, WallTime ended) {
        return leg.step > 0 && std::min(leg.stepped, leg.last) <= ended;
    }

    // ---- a leg

    View view(Leg const& leg, Route const& route) const {
        View view;
        for (auto const& [number, member] : alert_.members) {
            if (!takes(route, member)) continue;
            view.count++;
            if (member.ended != WallTime{} || parts_.silence_of(member, now_)) continue;
            view.open++;
            view.severity = std::max(view.severity, member.severity);
            if (number > leg.upto) view.has_untold = true;
        }
        return view;
    }

    void tell(Leg& leg) {
        auto const* route = parts_.route(leg.route);
        if (!route) return;
        auto const seen = view(leg, *route);
        if (seen.open == 0) return;
        if (leg.step == 0) {
            if (alert_.is_acknowledged() && !seen.has_untold) return;
            auto at = leg.began + policy_.group_wait + route->ladder[0].wait;
            if (!may_say(*route, seen.severity, at)) {
                has_pending_ |= leg.told == 0;
                return;
            }
            say(leg, *route, What::firing, 0);
            leg.step = 1;
            leg.stepped = now_;
        } else if (seen.has_untold &&
                   may_say(*route, seen.severity, leg.last + policy_.group_interval)) {
            say(leg, *route, What::more, 0);
        }
        if (alert_.is_acknowledged()) return;
        climb(leg, *route, seen.severity);
        bool may_repeat = policy_.repeat.count() > 0;
        if (may_repeat && may_say(*route, seen.severity, leg.last + policy_.repeat))
            say(leg, *route, What::repeat, leg.step - 1);
    }

    void climb(Leg& leg, Route const& route, Severity severity) {
        if (row_.is_eased) return;
        while (leg.step < static_cast<int>(route.ladder.size())) {
            auto wait = route.ladder[static_cast<std::size_t>(leg.step)].wait;
            if (!may_say(route, severity, leg.stepped + wait)) return;
            say(leg, route, What::escalated, leg.step);
            leg.step++;
            leg.stepped = now_;
        }
    }

    void set_state() {
        bool is_told = std::ranges::any_of(row_.legs, [](Leg const& leg) { return leg.told > 0; });
        row_.words.clear();
        if (alert_.is_acknowledged()) {
            row_.state = State::acknowledged;
            row_.words = "acknowledged by " + row_.who;
        } else if (is_told || !has_pending_) {
            row_.state = State::firing;
            if (!is_told) row_.words = "nobody is to be told";
        } else {
            row_.state = State::pending;
        }
    }

    // ---- the end

    void finish() {
        bool is_told = false;
        bool is_momentary = std::ranges::all_of(alert_.members, [](auto const& each) {
            return row_of(each.second.kind).lasts == Lasts::momentary;
        });
        for (auto& leg : row_.legs) {
            is_told |= leg.told > 0;
            auto const* route = parts_.route(leg.route);
            if (!route || is_momentary || is_expired_ || !(route->kinds & bit(Kind::recovery)))
                continue;
            auto rungs = std::min(leg.reached, static_cast<int>(route->ladder.size()));
            for (int rung = 0; rung < rungs; rung++) say(leg, *route, What::resolved, rung);
        }
        std::string words = "over";
        if (alert_.is_ended_by_hand)
            words = "ended by " + row_.who;
        else if (is_expired_)
            words = "nothing was heard of it for " + in_words(policy_.expires);
        else if (!is_told && !row_.legs.empty())
            words = "over before anybody was told";
        parts_.end(alert_, is_expired_ ? State::expired : State::resolved, std::move(words), now_);
    }

    // ---- words

    void say(Leg& leg, Route const& route, What what, int step) {
        leg.told++;
        leg.reached = std::max(leg.reached, step + 1);
        Notice notice{.alert = row_.id, .what = what, .route = route.name};
        int const rung = std::min(step, static_cast<int>(route.ladder.size()) - 1);
        notice.channel = route.ladder[static_cast<std::size_t>(rung)].channel;
        notice.step = rung;
        notice.thread = "alert/" + std::to_string(row_.id);
        notice.key = notice.thread + "/" + route.name + "/" + std::to_string(leg.told);
        notice.subject = row_.subject;
        notice.severity = row_.severity;
        notice.since = row_.opened;
        bool is_good_news = what == What::resolved || what == What::eased;
        if (auto at = after_quiet(route, row_.severity); is_good_news && at > now_)
            notice.not_before = at;
        list(notice, leg, route);
        notices_.push_back(std::move(notice));
        parts_.touch(alert_);  // what has been told may run out sooner
        if (what == What::escalated || what == What::resolved) return;
        leg.last = now_;
        leg.upto = row_.members;
    }

    /// Of the processes of one group, those that this route is told of.
    std::set<std::string_view> own_roots(Route const& route) const {
        std::set<std::string_view> subjects;
        for (auto const& [number, member] : alert_.members)
            if (is_root(alert_, member) && takes(route, member)) subjects.insert(member.subject);
        return subjects;
    }

    /// The cause first, then what is new, then what is open.
    void list(Notice& notice, Leg const& leg, Route const& route) const {
        std::vector<std::pair<int, MemberRow const*>> ranked;
        auto const own = own_roots(route);
        for (auto const& [number, member] : alert_.members) {
            bool is_cause =
                is_root(alert_, member) && (own.empty() || own.contains(member.subject));
            if (!takes(route, member) && !is_cause) continue;
            bool is_over = member.ended != WallTime{};
            if (!is_over && !is_cause && parts_.silence_of(member, now_)) continue;
            notice.count++;
            notice.open += !is_over;
            bool is_new = notice.what == What::more && number > leg.upto;
            int rank = is_cause ? is_over : is_new ? 2 : is_over ? 4 : 3;
            ranked.push_back({rank, &member});
        }
        notice.count += row_.uncounted;
        notice.open += row_.uncounted;
        std::ranges::stable_sort(ranked, {}, &std::pair<int, MemberRow const*>::first);
        if (ranked.size() > most_listed) ranked.resize(most_listed);
        for (auto const& [rank, member] : ranked)
            notice.members.push_back({member->subject, member->kind, member->severity,
                                      member->words, member->event, member->opened, member->count,
                                      member->ended != WallTime{}});
    }

    Parts& parts_;
    Policy const& policy_;
    Alert& alert_;
    AlertRow& row_;
    WallTime now_;
    std::vector<Notice>& notices_;
    std::optional<WallTime> due_;
    bool is_expired_ = false, has_pending_ = false;
};

void Alerts::Parts::look(Alert& alert, WallTime now, std::vector<Notice>& notices) {
    if (!alert.is_open()) return;
    auto const before = alert.row;
    auto at = Look(*this, alert, now, notices).run();
    if (alert.row != before) changed(alert);
    if (at == alert.due || !alert.is_open()) return;
    if (alert.due) due.erase({*alert.due, alert.row.id});
    alert.due = at;
    if (at) due.insert({*at, alert.row.id});
}

void Alerts::Parts::collect(Alert& alert, Output& output) {
    if (alert.is_dirty) output.alerts.push_back(alert.row);
    if (std::exchange(alert.is_emptied, false)) {
        output.emptied.push_back(alert.row.id);
        for (auto const& [number, member] : alert.members) alert.dirty.insert(number);
    }
    for (auto number : alert.dirty)
        if (auto member = alert.members.find(number); member != alert.members.end())
            output.members.push_back(member->second);
    alert.is_dirty = false;
    alert.dirty.clear();
    if (alert.is_open()) return;
    alert.members.clear();
    alert.numbers.clear();
}

Output Alerts::take(WallTime now) {
    Parts& parts = *parts_;
    Output output;
    if (now < parts.clock)  // set back: what was due then may be due long since
        for (auto const& [subject, id] : parts.by_subject) parts.touched.insert(id);
    parts.clock = now;
    for (auto const& [at, id] : parts.due) {
        if (at > now) break;
        parts.touched.insert(id);
    }
    std::set<Id> seen;
    while (!parts.touched.empty()) {
        Id const id = *parts.touched.begin();
        parts.touched.erase(parts.touched.begin());
        seen.insert(id);
        if (auto* alert = parts.find(id)) parts.look(*alert, now, output.notices);
    }
    for (Id id : seen)
        if (auto* alert = parts.find(id)) parts.collect(*alert, output);
    parts.forget_old(now);
    return output;
}

}  // namespace lares::alert
