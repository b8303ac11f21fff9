// apps/capture/timeline_job.cc: pages in, messages and marks out.

#include "apps/capture/timeline_job.h"

#include <memory>
#include <optional>

#include "apps/capture/accounts.h"
#include "apps/capture/allowance.h"
#include "apps/capture/fills.h"
#include "apps/capture/phrases.h"
#include "apps/capture/post_sink.h"
#include "apps/capture/timeline.h"

namespace lares::capture {

namespace {

/// Pages in a row that give nothing new: a service that leads in circles.
constexpr int most_empty_pages = 100;

class Round {
public:
    Round(App& app, Plan const& plan, Database& database, Job& job, PostSink& sink)
        : app_(app), plan_(plan), database_(database), job_(job), sink_(sink) {}

    Result<> account(std::string const& id);

private:
    /// False: there is nothing of this account for now.
    Result<bool> fill(Fill&);
    Result<TimelinePage> page(Fill const&);
    Result<bool> take(Fill&, TimelinePage const&);
    Result<> give_up(Fill&, std::string const& state);
    bool is_too_old(std::string const& message);

    App& app_;
    Plan const& plan_;
    Database& database_;
    Job& job_;
    PostSink& sink_;
};

Result<TimelinePage> Round::page(Fill const& fill) {
    auto const call = timeline_call(plan_, fill.place);
    auto const name = allowance_name(call.url, plan_.credential, "timelines");
    auto const answer = TRY(ask_politely(app_, name, call, [&] {
        auto beat = job_.beat();
        // A file is put in its place at its time, also while a service makes us wait.
        return beat ? sink_.tend() : beat;
    }));
    return read_timeline(plan_.service, answer);
}

bool Round::is_too_old(std::string const& message) {
    if (plan_.back == Duration(0)) return false;
    auto const at = message_time(sink_.read(message).time);
    return at && *at < app_.now().wall_ms - plan_.back.count();
}

/// Archives what is new of a page, and says where it came to. False: the fill is over.
Result<bool> Round::take(Fill& fill, TimelinePage const& page) {
    auto& place = fill.place;
    bool is_joined = false, is_beyond = false;
    for (auto const& post : page.posts) {
        is_joined = !place.floor.empty() && !is_newer(post.mark, place.floor);
        if (is_joined) continue;  // the last one's answer counts: an order may be loose
        is_beyond = place.floor.empty() && is_too_old(post.message);
        if (is_beyond) continue;
        if (TRY(sink_.add(post.message))) ++job_.posts;
        ++fill.posts;
        if (is_newer(post.mark, fill.top)) fill.top = post.mark;
        if (place.low.empty() || is_newer(place.low, post.mark)) place.low = post.mark;
    }
    TRY(sink_.settle());
    place.next = page.next;
    if (!is_joined && !is_beyond && !page.is_last) return true;
    auto const depth = timeline_depth(plan_.service);
    fill.state = "whole";
    // The last page of all may lack some of what was counted.
    if (depth > 0 && fill.posts + 100 > depth) {
        fill.state = "gap";
        fill.words = "the service gives the newest " + std::to_string(depth) + " posts alone";
    } else if (is_beyond) {
        fill.state = "gap";
        fill.words = "older than was asked for";
    }
    return false;
}

/// The account is gone: what lies open stays so for good.
Result<> Round::give_up(Fill& fill, std::string const& state) {
    auto const id = fill.place.account;
    TRY(job_.error(id, "the account is " + state));
    TRY(store_account(database_, app_.now().wall_ms, std::string(accounts_of(plan_.service)),
                      {id, "", state}));
    if (state != "deleted" || fill.top.empty()) return {};
    fill.state = "gap";
    fill.words = "the account is deleted";
    return end_fill(database_, fill, app_.now().wall_ms);
}

Result<bool> Round::fill(Fill& fill) {
    int empty = 0;
    for (bool goes_on = true; goes_on;) {
        auto const got = TRY(page(fill));
        if (!got.state.empty()) {
            TRY(give_up(fill, got.state));
            return false;
        }
        auto const before = fill.posts;
        goes_on = TRY(take(fill, got));
        auto const now = app_.now();
        if (fill.top.empty()) {  // nothing is new
            if (!goes_on) return true;
        } else if (goes_on) {
            TRY(save_fill(database_, fill, now.wall_ms));
        } else {
            TRY(end_fill(database_, fill, now.wall_ms));
        }
        empty = fill.posts == before ? empty + 1 : 0;
        if (goes_on && empty >= most_empty_pages)
            return fault(Error::Kind::unavailable, Phrase::nothing_new, {std::to_string(empty)});
        TRY(sink_.tend());
        TRY(job_.beat());
    }
    return true;
}

Result<> Round::account(std::string const& id) {
    auto older = TRY(fills_of(database_, plan_.name, id));
    Fill fresh{.capture = plan_.name, .place = {.account = id}};
    for (auto const& each : older)
        if (is_newer(each.top, fresh.place.floor)) fresh.place.floor = each.top;
    bool goes_on = TRY(fill(fresh));
    for (auto each = older.rbegin(); goes_on && each != older.rend(); ++each) {
        if (each->state != "open") continue;
        // X's word for a page is good for a while only; its oldest post says the same.
        if (plan_.service == "x-timelines") each->place.next.clear();
        goes_on = TRY(fill(*each));
    }
    return {};
}

/// Ids, those that were looked at longest ago first. Known accounts that are not active are left
/// alone: `account refresh` finds out when they are back.
Result<std::vector<std::string>> accounts_for(Database& database, Plan const& plan) {
    std::string const service(accounts_of(plan.service));
    std::vector<std::string> out;
    for (auto const& id : plan.filter.people) {
        auto const known = TRY(database.rows(
            "select state from accounts where service = :s and id = :i", {service, id}, "t"));
        if (known.empty() || text_in(known[0], 0) == "active") out.push_back(id);
    }
    if (plan.set.empty()) return out;
    auto const sets = TRY(database.rows("select name from sets where name = :n", {plan.set}, "t"));
    if (sets.empty()) return fault(Error::Kind::not_found, Phrase::no_set_of_accounts, {plan.set});
    for (auto const& row : TRY(database.rows(
             "select a.id from members m join accounts a on a.service = m.service and "
             "a.id = m.id where m.set_name = :n and m.service = :s and a.state = "
             "'active' order by (select max(changed) from fills f where f.capture = "
             ":c and f.account = a.id), a.id",
             {plan.set, service, plan.name}, "t")))
        out.push_back(text_in(row, 0));
    return out;
}

}  // namespace

Result<> run_timelines(App& app, Plan const& plan, std::string const& only, Job& job) {
    auto* database = TRY(app.database());
    auto const sink = TRY(PostSink::open(app, plan));
    Round round(app, plan, *database, job, *sink);
    auto const accounts = only.empty() ? TRY(accounts_for(*database, plan)) : std::vector{only};
    Result<> done;
    for (auto const& id : accounts) {
        auto had = round.account(id);
        ++job.accounts;
        if (had) continue;
        auto const kind = had.error().kind;
        if (kind != Error::Kind::unavailable && kind != Error::Kind::io) {
            done = std::move(had);
            break;
        }
        TRY(job.error(id, had.error().what));
    }
    TRY(sink->close());
    return done;
}

}  // namespace lares::capture
