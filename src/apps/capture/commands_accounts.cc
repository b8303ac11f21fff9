// apps/capture/commands_accounts.cc: account and set: people by stable ids, their history, and sets
// of them.

#include <algorithm>

#include "apps/capture/accounts.h"
#include "apps/capture/app.h"
#include "apps/capture/disk.h"
#include "apps/capture/people.h"
#include "apps/capture/phrases.h"

namespace lares::capture {

namespace {

constexpr std::string_view states[] = {"active", "inactive", "protected", "suspended", "deleted"};

Result<Account> ask(App& app, Directory const& of, By by, std::string const& who) {
    auto const call = TRY(account_call(of, by, who));
    auto const answer = TRY(app.post.call(call));
    return read_account(of.service, by, who, answer);
}

Result<Directory> directory(App& app, Arguments& arguments) {
    auto const credential = TRY(take_option(arguments, "credential"));
    Directory out;
    out.url = TRY(take_option(arguments, "url"));
    out.ca_file = TRY(take_option(arguments, "ca-file"));
    auto* database = TRY(app.database());
    out.token = TRY(database->token_of(credential));
    return out;
}

std::string plain_name(std::string name) {
    while (!name.empty() && (name.back() == ' ' || name.back() == '\r')) name.pop_back();
    auto begin = name.find_first_not_of(" @");
    return begin == std::string::npos ? "" : name.substr(begin);
}

Result<> add_accounts(App& app, Arguments arguments) {
    auto of = TRY(directory(app, arguments));
    if (arguments.size() < 3) return wrong_usage("account add needs a service and names");
    of.service = arguments[1];
    auto* database = TRY(app.database());
    std::int64_t failed = 0;
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        auto const name = plain_name(arguments[i]);
        auto account = ask(app, of, By::name, name);
        auto stored = account ? store_account(*database, app.now().wall_ms, of.service, *account)
                              : Result<>(account.error());
        if (!app.goes_on({.posts = std::ssize(arguments) - 2})) break;
        if (stored) {
            app.say(account->name + "\t" + account->id + "\t" + account->state);
        } else {
            ++failed;
            app.say(phrase(Phrase::not_added, {name, stored.error().what}));
        }
        if (app.wait(Duration(0))) break;
    }
    if (failed > 0)
        return fault(Error::Kind::not_found, Phrase::accounts_not_added, {std::to_string(failed)});
    return {};
}

/// Those that are not set aside by hand; one the service no longer knows is told once, and noted.
Result<> refresh(App& app, Arguments arguments) {
    auto of = TRY(directory(app, arguments));
    if (arguments.size() != 2) return wrong_usage("account refresh needs a service");
    of.service = arguments[1];
    auto* database = TRY(app.database());
    std::int64_t checked = 0, changed = 0;
    for (auto const& row : TRY(database->rows("select id, name, state from accounts where service "
                                              "= :s and state <> 'inactive' order by checked",
                                              {of.service}, "ttt"))) {
        if (!app.goes_on({.posts = checked})) break;
        auto account = ask(app, of, By::id, text_in(row, 0));
        // A service that wants to be left alone is: the rest is asked about next time, oldest
        // first.
        if (!account)
            return fault(account.error().kind, Phrase::after_accounts,
                         {std::to_string(checked), account.error().what});
        bool const differs = account->state != text_in(row, 2) ||
                             (!account->name.empty() && account->name != text_in(row, 1));
        TRY(store_account(*database, app.now().wall_ms, of.service, *account));
        ++checked;
        if (differs) {
            ++changed;
            app.say(phrase(Phrase::is_now, {text_in(row, 1), account->id,
                                            account->name.empty() ? text_in(row, 1) : account->name,
                                            account->state}));
        }
        if (app.wait(Duration(0))) break;
    }
    app.say(phrase(Phrase::accounts_checked, {std::to_string(checked), std::to_string(changed)}));
    return {};
}

Result<> set_state(App& app, Arguments const& arguments) {
    if (arguments.size() != 4) return wrong_usage("account state needs SERVICE ID STATE");
    bool const is_known =
        std::find(std::begin(states), std::end(states), arguments[3]) != std::end(states);
    if (!is_known)
        return wrong_usage("state '" + arguments[3] +
                           "': must be active, inactive, protected, suspended or deleted");
    auto* database = TRY(app.database());
    auto const known =
        TRY(database->rows("select name from accounts where service = :s and id = :i",
                           {arguments[1], arguments[2]}, "t"));
    if (known.empty())
        return Error{Error::Kind::not_found,
                     "there is no account " + arguments[1] + ":" + arguments[2]};
    return store_account(*database, app.now().wall_ms, arguments[1],
                         {arguments[2], "", arguments[3]});
}

}  // namespace

Result<> account_command(App& app, Arguments const& arguments) {
    auto const verb = arguments.empty() ? std::string("list") : arguments[0];
    if (verb == "add") return add_accounts(app, arguments);
    if (verb == "refresh") return refresh(app, arguments);
    if (verb == "state") return set_state(app, arguments);
    auto* database = TRY(app.database());
    if (verb == "list") {
        for (auto const& row : TRY(database->rows("select service, name, id, state from accounts "
                                                  "order by service, name collate nocase",
                                                  {}, "tttt")))
            app.say(text_in(row, 0) + "\t" + text_in(row, 1) + "\t" + text_in(row, 2) + "\t" +
                    text_in(row, 3));
        return {};
    }
    if (verb == "history" && arguments.size() == 3) {
        for (auto const& row : TRY(database->rows("select at, what, was from account_history where "
                                                  "service = :s and id = :i order by at",
                                                  {arguments[1], arguments[2]}, "ntt")))
            app.say("until " + print_utc(number_in(row, 0) / 1000) + "\t" + text_in(row, 1) + "\t" +
                    text_in(row, 2));
        return {};
    }
    return wrong_usage("account: expected list, add, refresh, state or history");
}

namespace {

Result<std::string> known_set(Database& database, std::string const& name) {
    auto const found =
        TRY(database.rows("select name from sets where name = :n collate nocase", {name}, "t"));
    if (found.empty()) return fault(Error::Kind::not_found, Phrase::no_set, {name});
    return text_in(found[0], 0);
}

Result<> change_members(App& app, Arguments const& arguments) {
    if (arguments.size() < 4)
        return wrong_usage("set " + arguments[0] + " needs SET SERVICE NAME…");
    auto* database = TRY(app.database());
    auto const set = TRY(known_set(*database, arguments[1]));
    for (std::size_t i = 3; i < arguments.size(); ++i) {
        auto const name = plain_name(arguments[i]);
        auto const found = TRY(database->rows(
            "select id from accounts where service = :s and (name = :n collate nocase or id = :i)",
            {arguments[2], name, name}, "t"));
        if (found.empty())
            return fault(Error::Kind::not_found, Phrase::no_account, {arguments[2], name});
        if (arguments[0] == "join")
            TRY(database->run("insert into members values (:s, :v, :i) on conflict do nothing",
                              {set, arguments[2], text_in(found[0], 0)}));
        else
            TRY(database->run(
                "delete from members where set_name = :s and service = :v and id = :i",
                {set, arguments[2], text_in(found[0], 0)}));
    }
    return {};
}

}  // namespace

Result<> set_command(App& app, Arguments const& given) {
    auto arguments = given;
    auto const notes = TRY(take_option(arguments, "notes"));
    auto const verb = arguments.empty() ? std::string("list") : arguments[0];
    auto* database = TRY(app.database());
    if (verb == "list") {
        for (auto const& row :
             TRY(database->rows("select s.name, s.notes, (select count(*) from members m where "
                                "m.set_name = s.name) from sets s order by s.name",
                                {}, "ttn")))
            app.say(text_in(row, 0) + "\t" + std::to_string(number_in(row, 2)) + " accounts\t" +
                    text_in(row, 1));
        return {};
    }
    if (verb == "join" || verb == "leave") return change_members(app, arguments);
    if (arguments.size() != 2)
        return wrong_usage("set: expected list, add SET, remove SET, join, leave or members SET");
    if (verb == "add") {
        TRY(
            database->run("insert into sets values (:n, '', :t) on conflict (name) do update set "
                          "notes = excluded.notes",
                          {arguments[1], notes}));
        return {};
    }
    auto const set = TRY(known_set(*database, arguments[1]));
    if (verb == "members") {
        for (auto const& row :
             TRY(database->rows("select a.service, a.name, a.id, a.state from members m join "
                                "accounts a on a.service = m.service and a.id = m.id "
                                "where m.set_name = :n order by a.name collate nocase",
                                {set}, "tttt")))
            app.say(text_in(row, 0) + "\t" + text_in(row, 1) + "\t" + text_in(row, 2) + "\t" +
                    text_in(row, 3));
        return {};
    }
    if (verb != "remove")
        return wrong_usage("set: expected list, add, remove, join, leave or members");
    // The accounts stay, and so do their posts.
    return database->together([&]() -> Result<> {
        TRY(database->run("delete from members where set_name = :n", {set}));
        TRY(database->run("delete from sets where name = :n", {set}));
        return {};
    });
}

}  // namespace lares::capture
