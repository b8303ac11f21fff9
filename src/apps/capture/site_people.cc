// apps/capture/site_people.cc: accounts with what they were called, and sets of them.

#include <algorithm>

#include "apps/capture/site.h"

#include "apps/capture/find_posts.h"
#include "apps/capture/phrases.h"

namespace lares::capture {

namespace {

constexpr std::int64_t page_rows = 50;

Html state_badge(Tongue tongue, std::string const& state) {
    return badge(in_tongue(tongue, state), state == "active" ? "" : "bad");
}

std::string name_or_id(Row const& row, std::size_t name, std::size_t id) {
    return text_in(row, name).empty() ? text_in(row, id) : text_in(row, name);
}

}  // namespace

Result<Html> Site::accounts(Request const& request) {
    auto* database = TRY(app_.database());
    auto const tongue = request.tongue;
    auto const words = request.of("q"), after = request.of("after");
    auto const found = TRY(database->rows(
        // Posts are counted of those that are shown alone. The order is an index's own expression.
        "select service, name, id, state, checked, (select count(*) from (select 1 from items i "
        "where i.service = a.service and i.account = a.id limit :m)), place from (select *, "
        "lower(name) || ' ' || service || "
        "' ' || id as place from accounts where (:q = '' or instr(lower(name), lower(:r)) > 0 or "
        "id = :i) and lower(name) || ' ' || service || ' ' || id > :f order by lower(name) || ' ' "
        "|| service || ' ' || id limit :n) a order by place",
        {most_counted + 1, words, words, words, after, page_rows}, "ttttnnt"));
    std::vector<std::vector<Html>> rows;
    for (auto const& row : found)
        rows.push_back(
            {link_to(address("/account", {{"service", text_in(row, 0)}, {"id", text_in(row, 2)}}),
                     name_or_id(row, 1, 2)),
             plain_text(text_in(row, 0)), state_badge(tongue, text_in(row, 3)),
             many_cell(number_in(row, 5)), time_cell(number_in(row, 4))});
    auto body = search_form("/accounts", request.say(Word::search),
                            {{"q", request.say(Word::name), words}});
    if (rows.empty())
        return body +
               blank(request.say(Word::no_accounts),
                     request.say(request.may(Rights::operators) ? Word::no_accounts_operator
                                                                : Word::no_accounts_next)) +
               TRY(account_forms(request));
    body += table(say(tongue, Word::accounts),
                  {say(tongue, Word::name), say(tongue, Word::service), say(tongue, Word::state),
                   say(tongue, Word::posts), say(tongue, Word::checked)},
                  rows);
    if (std::ssize(rows) == page_rows)
        body += paragraph(
            link_to(address("/accounts", {{"q", words}, {"after", text_in(found.back(), 6)}}),
                    request.say(Word::more)));
    return body + TRY(account_forms(request));
}

Result<Html> Site::account(Request const& request) {
    auto* database = TRY(app_.database());
    auto const tongue = request.tongue;
    auto const service = request.of("service"), id = request.of("id");
    auto const known = TRY(database->rows(
        "select name, state, since, checked from accounts where service = :s and id = :i",
        {service, id}, "ttnn"));
    Html body;
    if (known.empty())
        body += paragraph(plain_text(service + " " + id));
    else
        body += paragraph(plain_text(text_in(known[0], 0) + ", " + service + " " + id + " ") +
                          state_badge(tongue, text_in(known[0], 1)) +
                          plain_text(" " + request.say(Word::since) + " ") +
                          time_cell(number_in(known[0], 2)));
    std::vector<std::vector<Html>> history;
    for (auto const& row : TRY(database->rows("select at, what, was from account_history where "
                                              "service = :s and id = :i order by at desc limit 100",
                                              {service, id}, "ntt")))
        history.push_back(
            {time_cell(number_in(row, 0)),
             plain_text(text_in(row, 1) == "name"    ? request.say(Word::name)
                        : text_in(row, 1) == "state" ? request.say(Word::state)
                                                     : text_in(row, 1)),
             plain_text(text_in(row, 1) == "state" ? in_tongue(tongue, text_in(row, 2))
                                                   : text_in(row, 2))});
    if (!history.empty())
        body += heading(request.say(Word::history)) +
                table(say(tongue, Word::history),
                      {say(tongue, Word::until), say(tongue, Word::name), say(tongue, Word::was)},
                      history);
    auto const days = TRY(days_of_account(service, id));
    body += TRY(per_day(request, days));
    body += heading(request.say(Word::posts));
    PostsAsked asked{.accounts = {{service, id}}, .is_by_account = true};
    body += post_rows(request, TRY(find_posts(*database, asked)).rows);
    if (!request.may(Rights::operators)) return body;
    return body + export_form(request, {"account", "", service + ":" + id, Field::Kind::hidden});
}

Result<Html> Site::sets(Request const& request) {
    auto* database = TRY(app_.database());
    auto const tongue = request.tongue;
    std::vector<std::vector<Html>> rows;
    for (auto const& row :
         TRY(database->rows("select s.name, s.notes, (select count(*) from members "
                            "m where m.set_name = s.name) from sets s order by s.name",
                            {}, "ttn")))
        rows.push_back({link_to(address("/set", {{"name", text_in(row, 0)}}), text_in(row, 0)),
                        number_cell(number_in(row, 2)), plain_text(text_in(row, 1))});
    Html body =
        rows.empty()
            ? blank(request.say(Word::no_sets), "")
            : table(say(tongue, Word::sets),
                    {say(tongue, Word::name), say(tongue, Word::members), say(tongue, Word::notes)},
                    rows);
    if (!request.may(Rights::operators)) return body;
    return body + heading(request.say(Word::add_set)) +
           form("/sets", request.say(Word::add), request.key(),
                {{"name", request.say(Word::name), ""}, {"notes", request.say(Word::notes), ""}});
}

Result<Html> Site::set(Request const& request) {
    auto* database = TRY(app_.database());
    auto const tongue = request.tongue;
    auto const name = request.of("name");
    if (TRY(database->rows("select 1 from sets where name = :n", {name}, "n")).empty())
        return Error{Error::Kind::not_found, request.say(Word::not_found)};
    bool const may_change = request.may(Rights::operators);
    std::vector<std::vector<Html>> rows;
    auto const members = TRY(database->rows(
        "select a.service, a.name, a.id, a.state, lower(a.name) || ' ' || a.service || ' ' || a.id "
        "as place from members m join accounts a on a.service = m.service and a.id = m.id where "
        "m.set_name = :n and place > :f order by place limit :l",
        {name, request.of("after"), page_rows}, "ttttt"));
    for (auto const& row : members) {
        auto const &service = text_in(row, 0), &id = text_in(row, 2);
        rows.push_back({link_to(address("/account", {{"service", service}, {"id", id}}),
                                name_or_id(row, 1, 2)),
                        plain_text(service), state_badge(tongue, text_in(row, 3))});
        if (may_change)
            rows.back().push_back(form("/set", request.say(Word::remove), request.key(),
                                       {{"set", "", name, Field::Kind::hidden},
                                        {"what", "", "leave", Field::Kind::hidden},
                                        {"service", "", service, Field::Kind::hidden},
                                        {"account", "", id, Field::Kind::hidden}}));
    }
    std::vector<std::string_view> head = {say(tongue, Word::name), say(tongue, Word::service),
                                          say(tongue, Word::state)};
    if (may_change) head.push_back(say(tongue, Word::remove));
    Html body = rows.empty() ? blank(request.say(Word::no_members), "")
                             : table(say(tongue, Word::members), head, rows);
    if (std::ssize(rows) == page_rows)
        body += paragraph(
            link_to(address("/set", {{"name", name}, {"after", text_in(members.back(), 4)}}),
                    request.say(Word::more)));
    if (!may_change) return body;
    body += heading(request.say(Word::add_member));
    body += form("/set", request.say(Word::add), request.key(),
                 {{"set", "", name, Field::Kind::hidden},
                  {"what", "", "join", Field::Kind::hidden},
                  {"service",
                   request.say(Word::service),
                   "jetstream",
                   Field::Kind::text,
                   {"jetstream", "mastodon", "x", "twitter"}},
                  {"account", request.say(Word::account), ""}});
    body += export_form(request, {"set", "", name, Field::Kind::hidden});
    if (!request.may(Rights::admin)) return body;
    return body + heading(request.say(Word::remove_set)) +
           form("/set/remove", request.say(Word::remove), request.key(),
                {{"name", "", name, Field::Kind::hidden},
                 {"confirm", request.say(Word::confirm), ""}});
}

}  // namespace lares::capture
