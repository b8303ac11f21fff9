// apps/capture/site_posts.cc: posts that were indexed: by words, capture, set, account and days;
// and one as it was received.

#include <algorithm>

#include "apps/capture/search.h"
#include "apps/capture/phrases.h"
#include "apps/capture/site.h"
#include "apps/capture/whole_number.h"
#include "text/iso_time.h"

namespace lares::capture {

namespace {

constexpr std::int64_t day_ms = 86'400'000, page_rows = 50;
constexpr std::size_t text_shown = 400;

/// Columns that post_rows() shows.
constexpr std::string_view post_columns =
    "select i.at, i.service, i.id, i.account, i.body, i.removed, coalesce((select a.name from "
    "accounts a where a.service = i.service and a.id = i.account), ''), i.rowid, i.source from "
    "items i ";
constexpr std::string_view column_kinds = "nttttntnt";

std::string shortened(std::string const& text) {
    if (text.size() <= text_shown) return text;
    auto end = text_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "…";
}

/// Conditions with their values, in the order they are added.
struct Wanted {
    std::string where;
    std::vector<Cell> cells;
    void add(std::string_view condition, std::vector<Cell> values) {
        where.append(where.empty() ? "" : " and ").append(condition);
        cells.insert(cells.end(), values.begin(), values.end());
    }
};

Result<std::int64_t> day_of(std::string const& text) {
    auto const read = text::parse_iso_time(text);
    if (!read || text.size() != 10)
        return fault(Error::Kind::invalid, Phrase::plain_day, {text});
    return read->local * 1000;
}

/// "before=AT-ROWID": the last post of the page before.
void add_place(Wanted& wanted, std::string const& before) {
    auto const dash = before.rfind('-');
    if (dash == std::string::npos || dash == 0) return;
    auto const at = whole_number(std::string_view(before).substr(0, dash)),
               row = whole_number(std::string_view(before).substr(dash + 1));
    if (at && row) wanted.add("(i.at < :b1 or (i.at = :b2 and i.rowid < :b3))", {*at, *at, *row});
}

}  // namespace

Result<std::vector<Row>> Site::newest_posts(std::string const& where, std::vector<Cell> cells,
                                            std::int64_t most) {
    auto* database = TRY(app_.database());
    cells.emplace_back(most);
    return database->rows(std::string(post_columns) + (where.empty() ? "" : "where " + where) +
                              " order by i.at desc, i.rowid desc limit :n",
                          cells, column_kinds);
}

Html Site::post_rows(Request const& request, std::vector<Row> const& rows) {
    auto const tongue = request.tongue;
    if (rows.empty()) return blank(say(tongue, Word::no_posts), say(tongue, Word::no_posts_next));
    std::vector<std::vector<Html>> cells;
    for (auto const& row : rows) {
        auto const &service = text_in(row, 1), &id = text_in(row, 2), &account = text_in(row, 3),
                   &source = text_in(row, 8);
        Html text = plain_text(shortened(text_in(row, 4)));
        if (number_in(row, 5) != 0) text += Html{" "} + badge(say(tongue, Word::removed), "bad");
        cells.push_back({time_cell(number_in(row, 0)),
                         link_to(address("/account", {{"service", service}, {"id", account}}),
                                 text_in(row, 6).empty() ? account : text_in(row, 6)),
                         text, link_to(address("/capture", {{"name", source}}), source),
                         link_to(address("/post", {{"service", service}, {"id", id}}),
                                 say(tongue, Word::as_json))});
    }
    return table(say(tongue, Word::posts),
                 {say(tongue, Word::at), say(tongue, Word::account), say(tongue, Word::text),
                  say(tongue, Word::one_capture), say(tongue, Word::raw)},
                 cells);
}

Result<Html> Site::posts(Request const& request) {
    auto* database = TRY(app_.database());
    Wanted wanted;
    auto const words = request.of("q"), source = request.of("source"), set = request.of("set"),
               account = request.of("account"), from = request.of("from"), to = request.of("to");
    if (auto const query = full_text_query(words); !query.empty())
        wanted.add("(i.service, i.id) in (select service, id from found where found match :q)",
                   {query});
    if (!source.empty()) wanted.add("i.source = :c", {source});
    if (!set.empty())
        wanted.add(
            "(i.service, i.account) in (select service, id from members where set_name = :m)",
            {set});
    if (!account.empty())
        wanted.add(
            "(i.service, i.account) in (select service, id from accounts where name = :a1 "
            "collate nocase union select column1, :a2 from (values ('jetstream'), "
            "('mastodon'), ('x'), ('twitter'), ('lines')))",
            {account, account});
    if (!from.empty()) wanted.add("i.at >= :f", {TRY(day_of(from))});
    if (!to.empty()) wanted.add("i.at < :t", {TRY(day_of(to)) + day_ms});
    add_place(wanted, request.of("before"));
    auto const rows = TRY(newest_posts(wanted.where, wanted.cells, page_rows));
    std::vector<std::string> sources = {""}, sets = {""};
    for (auto const& row : TRY(database->rows("select name from captures order by name", {}, "t")))
        sources.push_back(text_in(row, 0));
    for (auto const& row : TRY(database->rows("select name from sets order by name", {}, "t")))
        sets.push_back(text_in(row, 0));
    auto body =
        search_form("/posts", request.say(Word::search),
                    {{"q", request.say(Word::words), words},
                     {"source", request.say(Word::one_capture), source, Field::Kind::text, sources},
                     {"set", request.say(Word::one_set), set, Field::Kind::text, sets},
                     {"account", request.say(Word::account), account},
                     {"from", request.say(Word::from), from, Field::Kind::date},
                     {"to", request.say(Word::to), to, Field::Kind::date}});
    body += post_rows(request, rows);
    if (std::ssize(rows) < page_rows) return body;
    auto const place =
        std::to_string(number_in(rows.back(), 0)) + "-" + std::to_string(number_in(rows.back(), 7));
    return body + paragraph(link_to(address("/posts", {{"q", words},
                                                       {"source", source},
                                                       {"set", set},
                                                       {"account", account},
                                                       {"from", from},
                                                       {"to", to},
                                                       {"before", place}}),
                                    request.say(Word::older)));
}

Result<std::string> Site::raw_post(Request const& request) {
    auto* database = TRY(app_.database());
    auto const found = TRY(database->rows("select json from items where service = :s and id = :i",
                                          {request.of("service"), request.of("id")}, "t"));
    if (found.empty()) return Error{Error::Kind::not_found, request.say(Word::not_found)};
    return text_in(found[0], 0);
}

}  // namespace lares::capture
