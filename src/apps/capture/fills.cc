// apps/capture/fills.cc: the table of fills.

#include "apps/capture/fills.h"

namespace lares::capture {

Result<std::vector<Fill>> fills_of(Database& database, std::string const& capture,
                                   std::string const& account) {
    std::vector<Fill> out;
    for (auto const& row : TRY(database.rows(
             "select id, top, low, floor, next, state, words, posts from fills where capture = :c "
             "and account = :a order by id",
             {capture, account}, "nttttttn")))
        out.push_back({.id = number_in(row, 0),
                       .capture = capture,
                       .top = text_in(row, 1),
                       .place = {account, text_in(row, 2), text_in(row, 3), text_in(row, 4)},
                       .state = text_in(row, 5),
                       .words = text_in(row, 6),
                       .posts = number_in(row, 7)});
    return out;
}

Result<> save_fill(Database& database, Fill& fill, std::int64_t now_ms) {
    auto const& place = fill.place;
    if (fill.id == 0) {
        fill.id = TRY(database.add(
            "insert into fills (capture, account, top, low, floor, next, state, words, posts, "
            "began, changed) values (:c, :a, :t, :l, :f, :n, :s, :w, :p, :b, :h)",
            {fill.capture, place.account, fill.top, place.low, place.floor, place.next, fill.state,
             fill.words, fill.posts, now_ms, now_ms}));
        return {};
    }
    TRY(database.run(
        "update fills set top = :t, low = :l, next = :n, state = :s, words = :w, "
        "posts = :p, changed = :h where id = :i",
        {fill.top, place.low, place.next, fill.state, fill.words, fill.posts, now_ms, fill.id}));
    return {};
}

Result<> end_fill(Database& database, Fill& fill, std::int64_t now_ms) {
    return database.together([&]() -> Result<> {
        TRY(save_fill(database, fill, now_ms));
        // Upwards as well: one that was left open may end after the one above it.
        for (;;) {
            auto const pair = TRY(database.rows(
                "select u.id, u.top, u.posts, l.id from fills u join fills l on l.capture = "
                "u.capture and l.account = u.account and l.top = u.floor where u.capture = :c and "
                "u.account = :a and u.state = 'whole' and l.state <> 'open' and l.id <> u.id "
                "limit 1",
                {fill.capture, fill.place.account}, "ntnn"));
            if (pair.empty()) break;
            TRY(database.run(
                "update fills set top = :t, posts = posts + :p, changed = :h where id = :i",
                {text_in(pair[0], 1), number_in(pair[0], 2), now_ms, number_in(pair[0], 3)}));
            TRY(database.run("delete from fills where id = :i", {number_in(pair[0], 0)}));
        }
        return {};
    });
}

}  // namespace lares::capture
