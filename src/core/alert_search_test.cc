// core/alert_search_test.cc: what holds whatever happens: every sequence of calls up to a depth,
// and long random ones, with and without crashes.
//
// A crash is a successor made from the rows, through their text. It must go on exactly: the same
// notices with the same keys at the same instants as one that never died. What died between an
// event and the commit gets the events after the mark again.

#include <doctest/doctest.h>

#include <random>

#include "core/alert_house_test.h"

using namespace lares;
using namespace lares::alert;

namespace {

struct Call {
    enum class Kind { open, over, acknowledge, jump, wait, silence, resolve } kind;
    int which = 0;
};

constexpr char const* subjects[] = {"program/db", "task/x", "task/y", "program/web:web_0"};
constexpr alert::Kind opened_kinds[] = {alert::Kind::fatal, alert::Kind::failure, alert::Kind::late,
                                        alert::Kind::exit};

void set_up(House& house) {
    auto& route = house.settings.routes[0];
    route.kinds = all_kinds;
    house.settings.routes.push_back({.name = "bills", .ladder = {{Duration(0), "chat"}}});
    house.settings.needs = {{"task/x", {"program/db"}}, {"task/y", {"task/x"}}};
    house.settings.policy.flap.count = 2;
    house.settings.policy.storm = 2;  // so that there is one
    house.alerts = Alerts(house.settings);
}

/// Whether it has to be told to take().
void apply(House& house, Call const& call, bool is_silent = false) {
    auto which = static_cast<std::size_t>(call.which);
    switch (call.kind) {
    case Call::Kind::open:
        house.happen({.subject = subjects[which],
                      .kind = opened_kinds[which],
                      .words = "words",
                      .routes = which == 2 ? std::vector<std::string>{"ops", "bills"}
                                           : std::vector<std::string>{"ops"}});
        break;
    case Call::Kind::over:
        house.over(subjects[which], opened_kinds[which]);
        break;
    case Call::Kind::acknowledge:
        if (auto open = house.alerts.open(); !open.empty())
            house.alerts.acknowledge(open.back()->id, "anna", house.now, Duration(call.which));
        break;
    case Call::Kind::jump:
        if (auto at = house.alerts.next(); at && *at > house.now) house.now = *at;
        break;
    case Call::Kind::wait:
        house.pass(Duration(call.which));
        break;
    case Call::Kind::silence:
        house.alerts.set_silences({{.subjects = {subjects[which]},
                                    .from = house.now,
                                    .until = house.now + Duration(3'600'000),
                                    .words = "maintenance"}},
                                  house.now);
        break;
    case Call::Kind::resolve:
        if (auto open = house.alerts.open(); !open.empty())
            house.alerts.resolve(open.front()->id, "anna", house.now);
        break;
    }
    if (!is_silent) house.take();
}

std::string story(std::vector<Call> const& path) {
    constexpr char const* names[] = {"open", "over",    "acknowledge", "jump",
                                     "wait", "silence", "resolve"};
    std::string text;
    for (auto const& call : path)
        text += std::string(names[static_cast<int>(call.kind)]) + std::to_string(call.which) + " ";
    return text;
}

/// Empty: the rules hold.
std::string check_rows(House& house) {
    std::set<std::string> open;
    for (auto const* row : house.alerts.open()) {
        if (is_end(row->state)) return "an ended alert is open";
        if (!house.rows.contains(row->id) || house.rows.at(row->id) != *row)
            return "alert " + std::to_string(row->id) + " is not as it was written";
        bool has_one = false;
        for (auto const* member : house.alerts.members(row->id)) {
            if (house.member_rows.at({row->id, member->subject, member->kind}) != *member)
                return "a member of " + row->subject + " is not as it was written";
            if (member->ended != WallTime{}) continue;
            has_one = true;
            if (!open.insert(member->subject + std::string(row_of(member->kind).name)).second)
                return "a problem is in two alerts";
        }
        if (!has_one && row->state != State::damped && !row->is_flapping)
            return "an alert without a problem is open";
    }
    for (auto const& [id, row] : house.rows)
        if (!is_end(row.state) && !house.alerts.find(id)) return "an alert has no end";
    auto db = house.alerts.alert_of("program/db");
    auto x = house.alerts.alert_of("task/x");
    if (db && x && db != x) return "a consequence stands beside its cause";
    return "";
}

/// What it says in the next hours, by the instants it asks for.
std::string future(House house) {
    house.told.clear();
    house.take();
    for (int i = 0; i < 6; i++) {
        auto at = house.alerts.next();
        if (!at || *at - house.now > std::chrono::hours(30)) break;
        house.now = std::max(house.now, *at);
        house.take();
    }
    std::string text;
    for (auto const& notice : house.told) text += words(notice) + " " + notice.key + "\n";
    return text;
}

House copy(House const& house) {
    House other;
    other.settings = house.settings;
    other.now = house.now;
    other.event = house.event;
    other.rows = house.rows;
    other.member_rows = house.member_rows;
    other.alerts = house.successor();
    return other;
}

void replay(House& house, std::vector<Call> const& path) {
    set_up(house);
    for (auto const& call : path) apply(house, call);
}

std::size_t tried = 0;

std::string search(std::vector<Call>& path, std::vector<Call> const& calls, std::size_t depth) {
    for (auto const& call : calls) {
        path.push_back(call);
        House house;
        replay(house, path);
        tried++;
        auto bad = check_rows(house);
        if (bad.empty()) {
            auto successors = future(copy(house));
            if (auto own = future(std::move(house)); own != successors)
                bad = "says\n" + own + "and its successor\n" + successors;
        }
        if (!bad.empty()) return bad + " after " + story(path);
        if (path.size() < depth) bad = search(path, calls, depth);
        if (!bad.empty()) return bad;
        path.pop_back();
    }
    return "";
}

}  // namespace

TEST_CASE("whatever happens, each problem is in one alert, and a successor goes on as it would") {
    using Kind = Call::Kind;
    std::vector<Call> const calls{{Kind::open, 0}, {Kind::open, 1},       {Kind::open, 2},
                                  {Kind::over, 0}, {Kind::over, 1},       {Kind::acknowledge, 0},
                                  {Kind::jump, 0}, {Kind::wait, 301'000}, {Kind::resolve, 0},
                                  {Kind::open, 3}};
    std::vector<Call> path;
    tried = 0;
    CHECK(search(path, calls, 4) == "");
    MESSAGE(tried << " sequences");
}

namespace {

std::vector<Call> random_calls(unsigned seed, int count) {
    std::mt19937 random(seed);
    std::vector<Call> calls;
    for (int i = 0; i < count; i++) {
        auto dice = random() % 100;
        auto which = static_cast<int>(random() % 4);
        if (dice < 30)
            calls.push_back({Call::Kind::open, which});
        else if (dice < 55)
            calls.push_back({Call::Kind::over, which});
        else if (dice < 58)
            calls.push_back({Call::Kind::acknowledge, static_cast<int>(random() % 9'000'000)});
        else if (dice < 60)
            calls.push_back({Call::Kind::resolve, 0});
        else if (dice < 75)
            calls.push_back({Call::Kind::jump, 0});
        else
            calls.push_back({Call::Kind::wait, static_cast<int>(random() % 900'000)});
    }
    return calls;
}

std::string difference(House const& one, House const& other) {
    for (std::size_t i = 0; i < one.told.size() || i < other.told.size(); i++) {
        auto line = [&](House const& house) {
            return i < house.told.size() ? words(house.told[i]) + " " + house.told[i].key : "";
        };
        if (line(one) != line(other)) return line(one) + "\nbut\n" + line(other);
    }
    for (auto const& [id, row] : one.rows)
        if (!other.rows.contains(id) || row != other.rows.at(id))
            return write(row) + "\nbut\n" + write(other.rows.at(id));
    return one.rows.size() == other.rows.size() && one.member_rows == other.member_rows
               ? ""
               : "other rows";
}

struct Spacing {
    WallTime more{}, repeat{};
    int resolved = 0, firing = 0;
};

/// Calls with the instants of what was told.
std::string check_spacing(House& house, std::vector<Call> const& calls) {
    std::map<std::pair<job::Id, std::string>, Spacing> legs;
    auto const& policy = house.settings.policy;
    for (auto const& call : calls) {
        auto from = house.told.size();
        apply(house, call);
        for (auto i = from; i < house.told.size(); i++) {
            auto const& notice = house.told[i];
            auto& leg = legs[{notice.alert, notice.route}];
            if (leg.resolved > 0 && notice.what != Notice::What::resolved)
                return "told after its end: " + words(notice);
            if (notice.what == Notice::What::more) {
                if (house.now - leg.more < policy.group_interval) return "more too soon";
                leg.more = house.now;
            } else if (notice.what == Notice::What::repeat) {
                if (house.now - leg.repeat < policy.repeat) return "repeated too soon";
                leg.repeat = house.now;
            } else if (notice.what == Notice::What::resolved) {
                if (++leg.resolved > 2) return "resolved more often than it has rungs";
            } else if (notice.what == Notice::What::firing) {
                leg.firing++;
            }
        }
    }
    return "";
}

/// Until nothing is due any more; problems that are states are over first.
void quieten(House& house) {
    for (int which = 0; which < 4; which++) apply(house, {Call::Kind::over, which});
    for (int i = 0; i < 500 && house.alerts.next(); i++) apply(house, {Call::Kind::jump, 0});
}

}  // namespace

TEST_CASE(
    "a daemon that dies at any moment tells the same as one that never does, and nothing "
    "twice") {
    for (unsigned seed = 1; seed <= 100; seed++) {
        auto const calls = random_calls(seed, 120);
        std::mt19937 random(seed);
        House one, other;
        set_up(one);
        set_up(other);
        for (auto const& call : calls) {
            apply(one, call);
            if (random() % 3 == 0) {  // dies with the event in its hands, and gets it again
                auto const before = copy(other);
                apply(other, call, true);
                other.alerts = before.successor();
                other.event = before.event;
                other.now = before.now;
                other.take();
            }
            apply(other, call);
            if (random() % 3 == 0) {  // dies after the commit
                other.alerts = other.successor();
                other.take();
            }
        }
        CAPTURE(seed);
        REQUIRE(difference(one, other) == "");
    }
}

TEST_CASE("after any sequence and a quiet time every alert has its end, and was told in measure") {
    for (unsigned seed = 1; seed <= 100; seed++) {
        House house;
        set_up(house);
        CAPTURE(seed);
        CHECK(check_spacing(house, random_calls(seed, 200)) == "");
        quieten(house);
        CHECK(check_rows(house) == "");
        CHECK(house.alerts.open().empty());
        for (auto const& [id, row] : house.rows) CHECK(is_end(row.state));
    }
}

TEST_CASE("ten thousand alerts that are open cost little, and what opens beyond them is one more") {
    House house;
    house.settings.policy.storm = 0;
    house.alerts.set(house.settings);
    auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < most_open + 500; i++) {
        house.open("task/t" + std::to_string(i), alert::Kind::failure);
        house.alerts.take(house.now);
    }
    auto span = std::chrono::steady_clock::now() - begin;
    MESSAGE("an event and a look: "
            << std::chrono::duration<double, std::micro>(span).count() / double(most_open)
            << " us");
    CHECK(house.alerts.open().size() == most_open + 1);
    house.pass(Duration(30'000));
    CHECK(house.alerts.take(house.now).notices.size() == most_open + 1);
    for (std::size_t i = 0; i < most_open + 500; i++) house.over("task/t" + std::to_string(i));
    CHECK(house.alerts.take(house.now).notices.size() == most_open + 1);
    CHECK(house.alerts.open().empty());
}
