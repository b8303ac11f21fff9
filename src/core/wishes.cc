// core/wishes.cc: spreading a wish to needs and dependants, and granting what stands in nobody's
// way.
//
// Two phases: ask() spreads wishes until nothing moves; due() then looks at what is and grants.
// Both rest on one thing: as long as a stop is wished and not granted, everything up that needs its
// member is wished to stop as well. ask() sees to it, and due() once more, because a process can
// come up by itself.

#include "core/wishes.h"

#include <algorithm>
#include <ranges>

#include "base/check.h"

namespace lares::wishes {

using supervise::State;

namespace {

std::size_t at(int member) { return static_cast<std::size_t>(member); }

bool is_down(State s) { return s == State::stopped || s == State::exited || s == State::fatal; }

/// Not granted yet.
bool is_pending(Entry const& e) { return e.wish != Wish::none && !e.granted; }
bool is_pending_stop(Entry const& e) {
    return is_pending(e) && (e.wish == Wish::stop || e.wish == Wish::restart);
}
/// Asks for an end of it: what is up stays down afterwards.
bool is_final_stop(Entry const& e) { return e.wish == Wish::stop && !e.then_start; }

/// Will be started, if nothing stands in its way for ever.
bool is_wished_up(Entry const& e) { return is_pending(e) && !is_final_stop(e); }

/// "web" for "web:web", else "web:1".
std::string short_name(Member const& m) {
    auto colon = m.name.find(':');
    bool same = colon != std::string::npos &&
                m.name.compare(0, colon, m.name, colon + 1, std::string::npos) == 0;
    return same ? m.name.substr(0, colon) : m.name;
}

/// ask(): what it knows and changes.
struct Asking {
    std::vector<Entry>& entries;
    Order const& order;
    std::vector<Member> const& members;

    void start(int member, bool barrier, std::string const& why);
    void stop(int member, bool barrier, std::string const& why);
    void restart(int member, bool barrier, std::string const& why);
    void stop_for_restart(int need, std::string const& why);
    bool is_up(int member) const { return supervise::is_up(members[at(member)].state); }
};

void Asking::start(int member, bool barrier, std::string const& why) {
    entries[at(member)] = {.wish = Wish::start, .barrier = barrier, .why = why};
    std::vector<int> todo{member};
    while (!todo.empty()) {
        int one = todo.back();
        todo.pop_back();
        for (int need : members[at(one)].needs) {
            Entry& entry = entries[at(need)];
            bool will_be_up = is_up(need) ? !is_final_stop(entry) : is_wished_up(entry);
            if (will_be_up) continue;
            entry = {.wish = Wish::start,
                     .barrier = barrier,
                     .why = "needed by " + short_name(members[at(member)])};
            todo.push_back(need);
        }
    }
}

void Asking::stop(int member, bool barrier, std::string const& why) {
    entries[at(member)] = {.wish = Wish::stop, .barrier = barrier, .why = why};
    std::vector<int> todo{member};
    while (!todo.empty()) {
        int one = todo.back();
        todo.pop_back();
        for (int dependant : order.dependants(one)) {
            Entry& entry = entries[at(dependant)];
            if (is_final_stop(entry)) continue;  // and so are those that need it
            entry = {.wish = Wish::stop, .why = "needs " + short_name(members[at(member)])};
            todo.push_back(dependant);
        }
    }
}

/// What is up and needs `need` stops, and starts again after it.
void Asking::stop_for_restart(int need, std::string const& why) {
    std::vector<int> todo{need};
    while (!todo.empty()) {
        int one = todo.back();
        todo.pop_back();
        for (int dependant : order.dependants(one)) {
            if (!is_up(dependant) || is_pending_stop(entries[at(dependant)])) continue;
            entries[at(dependant)] = {.wish = Wish::stop, .then_start = true, .why = why};
            todo.push_back(dependant);
        }
    }
}

void Asking::restart(int member, bool barrier, std::string const& why) {
    if (!is_up(member)) return start(member, barrier, why);
    entries[at(member)] = {.wish = Wish::restart, .why = why};
    stop_for_restart(member, short_name(members[at(member)]) + " restarts");
}

/// What is, and what is wished.
struct View {
    std::vector<Entry> const& entries;
    Order const& order;
    std::vector<Member> const& members;
    std::vector<State> states;   // a copy that shows what grants lead to; empty: as members say
    std::vector<char> hopeless;  // see find_hopeless()

    State state(int member) const {
        return states.empty() ? members[at(member)].state : states[at(member)];
    }
    Entry const& entry(int member) const { return entries[at(member)]; }
    bool is_in_the_way(int dependant) const;
    std::vector<int> in_the_way_of_stop(int member) const;
    bool is_need_met(int need) const;
    bool are_needs_met(int member) const;
    bool is_settled_start(int member) const;
    bool is_barrier_stop(int member) const;
    bool is_barrier_start(int member) const;
    void find_hopeless(std::vector<int> const& those);
};

/// Alive, or down and waiting itself for those that need it.
bool View::is_in_the_way(int dependant) const {
    return !is_down(state(dependant)) || is_pending_stop(entry(dependant));
}

std::vector<int> View::in_the_way_of_stop(int member) const {
    std::vector<int> those;
    std::ranges::copy_if(order.dependants(member), std::back_inserter(those),
                         [&](int one) { return is_in_the_way(one); });
    return those;
}

bool View::is_need_met(int need) const {
    return state(need) == State::running && !is_pending_stop(entry(need));
}

bool View::are_needs_met(int member) const {
    return std::ranges::all_of(members[at(member)].needs,
                               [&](int need) { return is_need_met(need); });
}

/// Whether a granted start has come to an end, good or bad.
bool View::is_settled_start(int member) const {
    State s = state(member);
    return entry(member).granted && s != State::starting && s != State::backoff;
}

/// Whether the tiers below wait for it to be down.
bool View::is_barrier_stop(int member) const {
    Entry const& e = entry(member);
    return e.wish == Wish::stop && e.barrier && !is_down(state(member));
}

/// Whether the tiers above wait for it to have started, or failed to.
bool View::is_barrier_start(int member) const {
    Entry const& e = entry(member);
    return e.wish == Wish::start && e.barrier && !is_settled_start(member) && !hopeless[at(member)];
}

/// Marks wished starts among `those` (in start order) that cannot come true by themselves, because
/// something they need is down and nobody wishes it started. They must not hold up the tiers behind
/// them.
void View::find_hopeless(std::vector<int> const& those) {
    hopeless.assign(members.size(), false);
    auto cannot_come = [&](int need) {
        if (supervise::is_up(state(need)) || state(need) == State::stopping) return false;
        return entry(need).wish == Wish::none || hopeless[at(need)] != 0;
    };
    for (int one : those)
        hopeless[at(one)] = std::ranges::any_of(members[at(one)].needs, cannot_come);
}

/// due(): looks, and grants.
struct Granting : View {
    std::vector<Entry>& wishes;  // the same as `entries`, to be changed
    std::vector<Grant> grants;
    bool changed = false;

    void clear(int member);
    void grant(int member, Wish what, State then);
    void grant_stop(int member);
    void grant_start(int member);
    void try_stop(int member, int highest_tier);
    void try_start(int member, int lowest_tier);
    void spread(int member);
    void review_granted(std::vector<int> const& those);
    void pass();
};

void Granting::clear(int member) {
    wishes[at(member)] = {};
    changed = true;
}

void Granting::grant(int member, Wish what, State then) {
    grants.push_back({member, what, entry(member).why});
    states[at(member)] = then;
    changed = true;
}

/// The member's part in a stop is done; what the entry still stands for stays.
void Granting::grant_stop(int member) {
    Entry& e = wishes[at(member)];
    bool then_start = e.then_start || e.wish == Wish::restart;
    State s = state(member);
    if (s == State::exited) grant(member, Wish::stop, s);  // a restart may wait there
    if (!is_down(s)) grant(member, Wish::stop, State::stopping);
    if (then_start)
        e = {.wish = Wish::start, .why = e.why};
    else if (e.barrier && !is_down(s))
        e.granted = true;
    else
        e = {};
    changed = true;
}

void Granting::grant_start(int member) {
    Entry& e = wishes[at(member)];
    if (!supervise::is_up(state(member))) grant(member, Wish::start, State::starting);
    if (e.barrier && state(member) != State::running)
        e.granted = true;
    else
        e = {};
    changed = true;
}

/// What is up and needs a member that waits to stop must stop too, however it came up.
void Granting::spread(int member) {
    Entry const& mine = entry(member);
    bool then_start = mine.then_start || mine.wish == Wish::restart;
    for (int one : order.dependants(member)) {
        if (!supervise::is_up(state(one)) || entry(one).wish == Wish::stop) continue;
        if (entry(one).wish == Wish::restart) continue;
        wishes[at(one)] = {.wish = Wish::stop,
                           .then_start = then_start,
                           .why = "needs " + short_name(members[at(member)])};
        changed = true;
    }
}

void Granting::try_stop(int member, int highest_tier) {
    Entry& e = wishes[at(member)];
    if (e.barrier && order.tier(member) < highest_tier && !is_down(state(member))) return;
    if (!in_the_way_of_stop(member).empty()) return spread(member);
    bool at_once = e.wish == Wish::restart && supervise::is_up(state(member)) &&
                   members[at(member)].needs.empty();
    if (!at_once) return grant_stop(member);
    grant(member, Wish::restart, State::stopping);
    clear(member);
}

void Granting::try_start(int member, int lowest_tier) {
    Entry const& e = entry(member);
    if (state(member) == State::stopping) return;
    if (supervise::is_up(state(member))) return grant_start(member);
    if (e.barrier && order.tier(member) > lowest_tier) return;
    if (are_needs_met(member)) grant_start(member);
}

/// Members with a wish, in start order.
std::vector<int> with_wishes(std::vector<Entry> const& entries, Order const& order) {
    std::vector<int> those;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i].wish != Wish::none) those.push_back(static_cast<int>(i));
    std::ranges::sort(those, {}, [&](int one) { return order.rank(one); });
    return those;
}

/// A granted wish with barrier ends when it has come true, or cannot any more; a stop of what has
/// come up again since is granted anew.
void Granting::review_granted(std::vector<int> const& those) {
    for (int one : those) {
        if (!entry(one).granted) continue;
        bool is_stop = entry(one).wish == Wish::stop;
        if (is_stop && supervise::is_up(state(one))) wishes[at(one)].granted = false;
        if (is_stop ? is_down(state(one)) : is_settled_start(one)) clear(one);
    }
}

void Granting::pass() {
    changed = false;
    auto those = with_wishes(entries, order);
    review_granted(those);
    int highest = -1;
    for (int one : those)
        if (is_barrier_stop(one)) highest = std::max(highest, order.tier(one));
    for (auto one = those.rbegin(); one != those.rend(); ++one)
        if (is_pending_stop(entry(*one))) try_stop(*one, highest);
    find_hopeless(those);
    int lowest = static_cast<int>(members.size());
    for (int one : those)
        if (is_barrier_start(one)) lowest = std::min(lowest, order.tier(one));
    for (int one : those)
        if (is_pending(entry(one)) && entry(one).wish == Wish::start) try_start(one, lowest);
}

std::vector<State> states_of(std::vector<Member> const& members) {
    std::vector<State> states;
    states.reserve(members.size());
    for (Member const& m : members) states.push_back(m.state);
    return states;
}

/// What a wish waits for besides those that need, or are needed by, its member.
bool is_barrier_before(View const& view, int member, int other) {
    int mine = view.order.tier(member), theirs = view.order.tier(other);
    if (view.entry(member).wish == Wish::start)
        return theirs < mine && view.is_barrier_start(other);
    return theirs > mine && view.is_barrier_stop(other);
}

}  // namespace

void ask(std::vector<Entry>& entries, Order const& order, std::vector<Member> const& members,
         int member, Wish wish, bool barrier, std::string why) {
    CHECK(member >= 0 && at(member) < members.size());
    entries.resize(members.size());
    Asking asking{entries, order, members};
    switch (wish) {
    case Wish::start:
        return asking.start(member, barrier, why);
    case Wish::stop:
        return asking.stop(member, barrier, why);
    case Wish::restart:
        return asking.restart(member, barrier, why);
    case Wish::none:
        entries[at(member)] = {};
        return;
    }
}

std::vector<Grant> due(std::vector<Entry>& entries, Order const& order,
                       std::vector<Member> const& members) {
    entries.resize(members.size());
    if (std::ranges::all_of(entries, [](Entry const& e) { return e.wish == Wish::none; }))
        return {};
    Granting granting{{entries, order, members, states_of(members), {}}, entries, {}};
    do {
        granting.pass();
    } while (granting.changed);
    return std::move(granting.grants);
}

std::vector<int> waits_for(std::vector<Entry> const& entries, Order const& order,
                           std::vector<Member> const& members, int member, std::size_t most) {
    if (at(member) >= entries.size() || !is_pending(entries[at(member)])) return {};
    // Asked of every process by one status: no copies, and only barriers need a look at all.
    View view{entries, order, members, {}, {}};
    Entry const& mine = entries[at(member)];
    if (mine.barrier && mine.wish == Wish::start) view.find_hopeless(with_wishes(entries, order));
    std::vector<int> those;
    if (mine.wish == Wish::start)
        std::ranges::copy_if(members[at(member)].needs, std::back_inserter(those),
                             [&](int need) { return !view.is_need_met(need); });
    else
        those = view.in_the_way_of_stop(member);
    auto add_barriers = [&](auto const& all) {
        for (int one : all) {
            if (those.size() >= most) return;
            if (is_barrier_before(view, member, one)) those.push_back(one);
        }
    };
    // From the end where they are likely to be found.
    if (mine.barrier && mine.wish == Wish::start) add_barriers(order.start_order());
    if (mine.barrier && mine.wish != Wish::start)
        add_barriers(order.start_order() | std::views::reverse);
    std::ranges::sort(those, {}, [&](int one) { return order.rank(one); });
    those.erase(std::ranges::unique(those).begin(), those.end());
    if (those.size() > most) those.resize(most);
    return those;
}

}  // namespace lares::wishes
