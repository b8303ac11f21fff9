// apps/capture/site_posts.cc: posts that were indexed: by words, capture, set, account and days;
// and one as it was received.

#include <algorithm>

#include "apps/capture/find_posts.h"
#include "apps/capture/phrases.h"
#include "apps/capture/places.h"
#include "apps/capture/search.h"
#include "apps/capture/site.h"
#include "apps/capture/whole_number.h"
#include "text/iso_time.h"

namespace lares::capture {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t text_shown = 400;

std::string shortened(std::string const& text) {
    if (text.size() <= text_shown) return text;
    auto end = text_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "…";
}

Result<std::int64_t> day_of(std::string const& text) {
    auto const read = text::parse_iso_time(text);
    if (!read || text.size() != 10) return fault(Error::Kind::invalid, Phrase::plain_day, {text});
    return read->local * 1000;
}

}  // namespace

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
    PostsAsked asked;
    auto const words = request.of("q"), source = request.of("source"), set = request.of("set"),
               account = request.of("account"), from = request.of("from"), to = request.of("to");
    asked.words = full_text_query(words);
    asked.source = source;
    asked.is_by_account = !set.empty() || !account.empty();
    if (asked.is_by_account) asked.accounts = TRY(accounts_meant(*database, set, account));
    if (!from.empty()) asked.first = places_of(TRY(day_of(from))).first;
    if (!to.empty()) asked.end = places_of(TRY(day_of(to)) + day_ms).first;
    if (auto const before = whole_number(request.of("before")))
        asked.end = std::min(asked.end, *before);
    auto const found = TRY(find_posts(*database, asked));
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
    body += post_rows(request, found.rows);
    if (found.is_all) return body;
    // Where few fit among many, a page says how far it has come instead of searching for minutes.
    bool const is_full = std::ssize(found.rows) == asked.most;
    if (!is_full) body += paragraph(plain_text(request.say(Word::searched_part)));
    return body +
           paragraph(link_to(address("/posts", {{"q", words},
                                                {"source", source},
                                                {"set", set},
                                                {"account", account},
                                                {"from", from},
                                                {"to", to},
                                                {"before", std::to_string(found.last_place)}}),
                             request.say(is_full ? Word::older : Word::search_on)));
}

Result<std::string> Site::raw_post(Request const& request) {
    auto* database = TRY(app_.database());
    auto const found = TRY(database->rows("select json from items where service = :s and id = :i",
                                          {request.of("service"), request.of("id")}, "t"));
    if (found.empty()) return Error{Error::Kind::not_found, request.say(Word::not_found)};
    return text_in(found[0], 0);
}

}  // namespace lares::capture
