// apps/capture/find_posts_test.cc: posts are found whatever is asked, page by page, none twice and
// none left out; and databases of before are brought to it.

#include "apps/capture/find_posts.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>

#include "apps/capture/search.h"

namespace lares::capture {

namespace {

struct World {
    std::string folder;
    std::unique_ptr<Database> database;

    World() {
        char name[] = "/tmp/lares-posts-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~World() { std::filesystem::remove_all(folder); }
    std::string path() const { return folder + "/capture.db"; }
    void open() {
        auto opened = Database::open(path());
        if (!opened) FAIL(opened.error().what);
        database = std::move(opened).take();
    }
    void run(std::string_view sql, std::vector<Cell> const& cells = {}) {
        auto const done = database->run(sql, cells);
        if (!done) FAIL(done.error().what);
    }
    std::int64_t number(std::string_view sql) {
        auto const rows = database->rows(sql, {}, "n");
        REQUIRE(rows.ok());
        return number_in((*rows)[0], 0);
    }
    void add(std::int64_t number, std::int64_t at, std::string const& account,
             std::string const& source, std::string const& body) {
        run("insert into items values (:p, 'x', :i, :a, :t, :b, '{}', :s, 0)",
            {places_of(at).first + number, std::to_string(number), account, at, body, source});
        run("insert into found (rowid, body) values (last_insert_rowid(), :b)", {body});
    }
    /// Ids, page after page as the page asks.
    std::vector<std::string> all(PostsAsked asked) {
        std::vector<std::string> out;
        for (int pages = 0; pages < 400; ++pages) {
            auto const found = find_posts(*database, asked);
            REQUIRE(found.ok());
            CHECK(std::ssize(found->rows) <= asked.most);
            for (auto const& row : found->rows) out.push_back(text_in(row, 2));
            if (found->is_all) return out;
            CHECK(found->last_place < asked.end);
            asked.end = found->last_place;
        }
        FAIL("the pages have no end");
        return out;
    }
};

}  // namespace

TEST_CASE("whatever is asked for is found on some page, the newest first, and none twice") {
    World world;
    world.open();
    // More than a page looks at, few of which fit; three of a time, some without one.
    constexpr std::int64_t count = 14'000;
    world.run("begin");
    for (std::int64_t i = 1; i <= count; ++i)
        world.add(i, i <= 10 ? 0 : 1'000'000 + i / 3, std::to_string(i % 700),
                  i % 1'000 == 0 ? "rare" : "often",
                  i % 2'000 == 0 ? "a barn owl"
                  : i % 2 == 0   ? "an owl"
                                 : "a heron");
    world.run("insert into accounts values ('x', '7', 'Ann', 'active', 0, 0)");
    world.run("insert into sets values ('some', '', ''), ('many', '', ''), ('more', '', '')");
    for (int i = 0; i < 600; ++i)
        world.run("insert into members values ('many', 'x', :i)", {std::to_string(i)});
    for (int i = 0; i < 400; ++i)
        world.run("insert into members values ('more', 'x', :i)", {std::to_string(i)});
    world.run("insert into members values ('some', 'x', '7'), ('some', 'x', '9')");
    world.run("commit");
    auto const meant = [&](std::string const& set, std::string const& name) {
        auto accounts = accounts_meant(*world.database, set, name);
        REQUIRE(accounts.ok());
        return *accounts;
    };
    struct Case {
        std::string words, source, set, name;
        std::int64_t expected;
    };
    for (auto const& each : std::vector<Case>{{"", "", "", "", count},
                                              {"owl", "", "", "", count / 2},
                                              {"barn", "", "", "", 7},
                                              {"barn heron", "", "", "", 0},
                                              {"nothing", "", "", "", 0},
                                              {"", "rare", "", "", 14},
                                              {"owl", "rare", "", "", 14},
                                              {"heron", "rare", "", "", 0},
                                              {"owl", "often", "", "", count / 2 - 14},
                                              {"", "none", "", "", 0},
                                              {"", "", "", "ann", 20},
                                              {"heron", "", "", "ANN", 20},
                                              {"owl", "", "", "ann", 0},
                                              {"", "", "", "9", 20},
                                              {"", "", "", "nobody", 0},
                                              {"", "", "some", "", 40},
                                              {"", "", "some", "ann", 20},
                                              {"", "", "none", "", 0},
                                              {"", "", "none", "ann", 0},
                                              {"", "", "many", "", 600 * count / 700},
                                              {"", "", "more", "", 400 * count / 700},
                                              {"barn", "", "many", "", 6},
                                              {"", "rare", "many", "", 12}}) {
        CAPTURE(each.words + "|" + each.source + "|" + each.set + "|" + each.name);
        PostsAsked asked{.words = full_text_query(each.words), .source = each.source};
        asked.is_by_account = !each.set.empty() || !each.name.empty();
        if (asked.is_by_account) asked.accounts = meant(each.set, each.name);
        auto const ids = world.all(asked);
        CHECK(std::ssize(ids) == each.expected);
        CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
        CHECK(std::is_sorted(ids.begin(), ids.end(), [](auto const& a, auto const& b) {
            return std::stoll(a) > std::stoll(b);
        }));
    }
    // A stretch of time, its first included and its end not.
    CHECK(world.all({.first = places_of(1'000'100).first, .end = places_of(1'000'200).first})
              .size() == 300);
    CHECK(world.all({.end = 0}).size() == 10);
}

TEST_CASE("sums by days follow posts that come and go") {
    World world;
    world.open();
    constexpr std::int64_t day = 86'400'000;
    CHECK(count_day(*world.database, "a", 100 * day + 5, 3).ok());
    CHECK(count_day(*world.database, "a", 101 * day, 2).ok());
    CHECK(count_day(*world.database, "a", 101 * day - 1, -1).ok());
    CHECK(world.number("select posts from days where source = 'a' and day = 100") == 2);
    CHECK(world.number("select posts from days where source = 'a' and day = 101") == 2);
    CHECK(world.number("select sum(posts) from days") == 4);
}

TEST_CASE("a database of before keeps its posts, in the order of their times") {
    World world;
    {
        auto old = store::Database::open(world.path(), {.kind = store::Access::Kind::create});
        REQUIRE(old.ok());
        for (std::string const sql :
             {"create table meta (name text primary key, value text not null)",
              "insert into meta values ('schema_version', '2')",
              "create table items (service text not null, id text not null, account text not "
              "null, at integer not null, body text not null, json text not null, source text not "
              "null, removed integer not null, primary key (service, id))",
              "create virtual table found using fts5 (body, service unindexed, id unindexed)",
              "create table accounts (service text, id text, name text)",
              "create table removals (service text not null, id text not null, at integer not "
              "null, policy text not null, sha256 text not null, primary key (service, id))",
              "insert into items values ('x', 'c', '1', 3000, 'third owl', '{}', 's', 0), "
              "('x', 'a', '1', 1000, 'first owl', '{}', 's', 0), "
              "('x', 'b', '1', 1000, 'second owl', '{}', 's', 9), "
              "('x', 'z', '1', 0, 'owl without a time', '{}', 't', 0)",
              "insert into found values ('third owl', 'x', 'c')",
              "insert into removals values ('x', 'b', 9, 'mark', ''), ('x', 'q', 9, 'keep', '')"})
            REQUIRE((*old)->execute(sql).ok());
    }
    world.open();
    CHECK(world.all({}) == std::vector<std::string>{"c", "b", "a", "z"});
    CHECK(world.all({.words = full_text_query("owl")}) ==
          std::vector<std::string>{"c", "b", "a", "z"});
    CHECK(world.number("select removed from items where id = 'b'") == 9);
    CHECK(world.number("select posts from days where source = 's'") == 3);
    CHECK(world.number("select count(*) from removals where source = 's'") == 1);
    CHECK(time_of_place(world.number("select place from items where id = 'c'")) == 3000);
    // What comes now stands behind what was there at its time.
    world.add(2, 1000, "1", "s", "later owl");
    CHECK(world.all({}) == std::vector<std::string>{"c", "2", "b", "a", "z"});
}

TEST_CASE("places are in the order of times, as far as anybody counts") {
    CHECK(places_of(0).first < places_of(1).first);
    CHECK(places_of(0).end <= places_of(1).first);
    CHECK(places_of(-5).first == places_of(0).first);
    CHECK(places_of(1'800'000'000'000).end == places_of(1'800'000'000'001).first);
    CHECK(places_of(INT64_MAX).first > places_of(4'000'000'000'000).first);
    CHECK(time_of_place(places_of(1'800'000'000'000).end - 1) == 1'800'000'000'000);
    CHECK(time_of_place(places_of(0).first + 5) == 0);
}

}  // namespace lares::capture
