// core/alert_house_test.h: alerting with a store beside it, for tests: what was told as lines, what
// was written as rows, and a successor made from them.

#pragma once

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/alert.h"

namespace lares::alert {

inline std::string words(Notice const& notice) {
    std::string text = std::string(name(notice.what)) + " " + notice.route + "/" + notice.channel +
                       " " + notice.subject + "[";
    std::string separator;
    for (auto const& member : notice.members) {
        text += separator + member.subject + " " + std::string(row_of(member.kind).name) +
                (member.is_over ? " over" : "");
        separator = ", ";
    }
    return text + "] " + std::to_string(notice.open) + "/" + std::to_string(notice.count);
}

inline std::string words(std::vector<Notice> const& notices) {
    std::string text;
    for (auto const& notice : notices) text += (text.empty() ? "" : "; ") + words(notice);
    return text;
}

/// A ladder 'ops': mail, after 10 min sms; all subjects go to it.
struct House {
    Settings settings{
        .routes = {{.name = "ops", .ladder = {{Duration(0), "mail"}, {Duration(600'000), "sms"}}}}};
    Alerts alerts{settings};
    WallTime now{std::chrono::hours(24 * 20'000)};
    job::Id event = 0;
    std::vector<Notice> told;
    std::set<std::string> keys;
    std::map<job::Id, AlertRow> rows;
    std::map<std::tuple<job::Id, std::string, Kind>, MemberRow> member_rows;

    void pass(Duration span) { now += span; }
    void happen(Happening happening) {
        happening.event = ++event;
        happening.at = now;
        alerts.happened(happening);
    }
    void open(std::string subject, Kind kind, std::string text = "words") {
        happen({.subject = subject, .kind = kind, .words = text, .routes = {"ops"}});
    }
    void over(std::string subject, Kind kind = Kind::recovery) {
        happen({.subject = subject, .kind = kind, .what = Happening::What::over});
    }
    /// Commits what take() gives.
    std::string take() {
        auto output = alerts.take(now);
        commit(output);
        return alert::words(output.notices);
    }
    void commit(Output const& output) {
        for (job::Id id : output.emptied)
            std::erase_if(member_rows,
                          [&](auto const& row) { return std::get<0>(row.first) == id; });
        for (auto const& row : output.alerts) rows[row.id] = row;
        for (auto const& row : output.members)
            member_rows[{row.alert, row.subject, row.kind}] = row;
        for (auto const& notice : output.notices) {
            CHECK_MESSAGE(keys.insert(notice.channel + notice.key).second, notice.key);
            told.push_back(notice);
        }
    }
    std::string words() const { return alert::words(told); }
    int count(Notice::What what) const {
        int count = 0;
        for (auto const& notice : told) count += notice.what == what;
        return count;
    }
    std::optional<Duration> wait() const {
        auto at = alerts.next();
        if (!at) return std::nullopt;
        return *at - now;
    }
    /// Of the newest alert, as it was written or is.
    AlertRow const& row() {
        auto open = alerts.open();
        return open.empty() ? rows.rbegin()->second : *open.back();
    }
    std::string state() { return std::string(name(row().state)); }

    /// A successor, from the rows through their text.
    Alerts successor() const {
        Alerts other(settings);
        for (auto const& [id, row] : rows) {
            if (is_end(row.state) && row.ended + other.remembers() < now) continue;
            std::vector<MemberRow> members;
            for (auto const& [key, member] : member_rows)
                if (std::get<0>(key) == id) members.push_back(read_member(write(member)));
            other.load(read_alert(write(row)), std::move(members));
        }
        return other;
    }
};

}  // namespace lares::alert
