// apps/capture/rules_test.cc: filters as X's rules, definitions as people write them, and accounts
// as services answer.

#include "apps/capture/rules.h"

#include <doctest/doctest.h>

#include "apps/capture/database.h"
#include "apps/capture/people.h"
#include "apps/capture/session.h"
#include "apps/capture/sse.h"

namespace lares::capture {

TEST_CASE("a filter becomes as many rules as its length needs") {
    auto values = [](FilterText const& text) { return rule_values(*parse_filter(text)); };
    CHECK(values({.words = "cat, red hat, \"big house\", #x, a:b"}) ==
          std::vector<std::string>{"cat OR (red hat) OR \"big house\" OR #x OR \"a:b\""});
    CHECK(values({.people = "7", .places = "-1,-2,3,4.5", .languages = "de,en"}) ==
          std::vector<std::string>{"(from:7 OR to:7 OR retweets_of:7 OR bounding_box:[-1 -2 3 "
                                   "4.5]) (lang:de OR lang:en)"});
    CHECK(values({.words = "OR"}) == std::vector<std::string>{"\"OR\""});
    std::string many;
    for (int i = 0; i < 400; ++i) many += "word" + std::to_string(i) + ",";
    auto rules = values({.words = many, .languages = "de"});
    CHECK(rules.size() > 5);
    std::string all;
    for (auto const& rule : rules) {
        CHECK(rule.size() <= 512);
        all += rule + " ";
    }
    for (int i = 0; i < 400; ++i) CHECK(all.find("word" + std::to_string(i)) != all.npos);
}

TEST_CASE("only rules of this capture that differ are changed") {
    std::vector<Rule> there = {
        {"1", "a", "lares:n"}, {"2", "b", "lares:n"}, {"3", "c", "other"}, {"4", "a", "lares:n"}};
    CHECK(change_rules(there, {"a", "c"}, "lares:n") == RuleChange{{"c"}, {"2", "4"}});
    CHECK(change_rules(there, {}, "lares:n").remove == std::vector<std::string>{"1", "2", "4"});
}

TEST_CASE("a definition is printed and read back; a wrong option is told with the nearest") {
    Definition definition{.name = "n"};
    REQUIRE(set_option(definition, "words=a=b, \"c\"").ok());
    CHECK(parse_definition(print_definition(definition)).take() == definition);
    CHECK(set_option(definition, "word=x").error().what ==
          "unknown option 'word'; did you mean 'words'?");
    auto trouble = [](std::initializer_list<std::string_view> options) {
        Definition d{.name = "n"};
        for (auto each : options) REQUIRE(set_option(d, each).ok());
        auto plan = make_plan(d, "/a", "");
        return plan ? "" : plan.error().what;
    };
    CHECK(trouble({"service=jetstream"}).empty());
    CHECK(trouble({"service=blog"}) ==
          "service = 'blog': must be jetstream, mastodon, x, x-sample, generic, file, "
          "bluesky-timelines, "
          "mastodon-timelines, x-timelines");
    CHECK(trouble({"service=x"}) == "service x needs words, people or places");
    CHECK(trouble({"service=generic"}) == "service generic needs a url");
    CHECK(trouble({"service=jetstream", "level=10"}) ==
          "level = '10': must be a whole number, 1 to 9");
    CHECK(trouble({"service=jetstream", "format=zstd", "level=19"}).empty());
    CHECK(trouble({"service=jetstream", "url=https://x"}).find("ws:// or wss://") !=
          std::string::npos);
    CHECK(trouble({"service=jetstream", "cursor=a&b"}).find("cursor") == 0);
    std::string phrases;
    for (int i = 0; i <= 400; ++i) phrases += "w" + std::to_string(i) + ",";
    CHECK(trouble({"service=x", "words=" + phrases}) == "401 phrases; x takes at most 400");
    CHECK(trouble({"service=jetstream", "words=" + phrases}).empty());
}

TEST_CASE("two active captures on one credential are refused where the service allows one stream") {
    Definition a{
        .name = "a", .service = "x", .active = "yes", .filter = {.words = "w"}, .credential = "c"};
    auto b = a;
    b.name = "b";
    CHECK(check_definition(b, {a}).error().kind == Error::Kind::conflict);
    CHECK(check_definition(a, {a}).ok());
    b.active = "no";
    CHECK(check_definition(b, {a}).ok());
    b.active = "yes";
    b.service = "x-sample";
    CHECK(!check_definition(b, {a}).ok());
    b.credential = "d";
    CHECK(check_definition(b, {a}).ok());
}

TEST_CASE("a stream begins again where it was, a little earlier, and never before its beginning") {
    CHECK(rewound("1725911162329308", 5'000'000) == "1725911157329308");
    CHECK(rewound("3", 5) == "0");
    CHECK(rewound("abc", 5) == "abc");
    CHECK(with_parameter("http://x/", "cursor", "a b") == "http://x/?cursor=a%20b");
    CHECK(with_parameter("http://x/?y", "cursor", "5") == "http://x/?y&cursor=5");
}

TEST_CASE("server-sent events become messages, whatever their pieces") {
    std::string const stream =
        "\xEF\xBB\xBF: hi\r\nevent: update\r\ndata: {\"a\":1}\r\n\r\n:\n\ndata: {\"b\":\ndata: "
        "2}\n\n"
        "id: 7\ndata: 42\n\ndata\n\nevent: gone\n\ndata: {\"c\":3}\n";
    for (std::size_t piece = 1; piece < 20; ++piece) {
        SseReader reader;
        std::vector<std::string> got;
        for (std::size_t at = 0; at < stream.size(); at += piece)
            reader.add(std::string_view(stream).substr(at, piece),
                       [&](std::string_view each) { got.emplace_back(each); });
        CHECK(got == std::vector<std::string>{R"({"event":"update","data":{"a":1}})", "{\"b\":\n2}",
                                              R"({"event":"message","id":"7","data":"42"})",
                                              R"({"event":"message","data":""})"});
    }
}

TEST_CASE("what became of an account is read from each service's answer") {
    auto read = [](std::string_view service, By by, int status, std::string body) {
        auto account = read_account(service, by, "7", {.status = status, .body = std::move(body)});
        return account ? account->id + " " + account->name + " " + account->state
                       : account.error().what;
    };
    CHECK(read("x", By::name, 200, R"({"data":{"id":"7","username":"Ann","protected":true}})") ==
          "7 Ann protected");
    CHECK(read("x", By::id, 200,
               R"({"errors":[{"title":"Forbidden","detail":"User has been suspended: [7]."}]})") ==
          "7  suspended");
    CHECK(read("x", By::id, 200, R"({"errors":[{"title":"Not Found Error"}]})") == "7  deleted");
    CHECK(read("x", By::name, 200, R"({"errors":[{"title":"Not Found Error"}]})") ==
          "'7': there is no such account");
    CHECK(read("mastodon", By::id, 200, R"({"id":"7","acct":"a@b","suspended":true})") ==
          "7  suspended");
    CHECK(read("mastodon", By::id, 410, "") == "7  deleted");
    CHECK(read("jetstream", By::name, 200, R"({"did":"did:plc:7","handle":"ann.org"})") ==
          "did:plc:7 ann.org active");
    CHECK(read("jetstream", By::id, 400, R"({"error":"AccountTakedown"})") == "7  suspended");
    CHECK(read("x", By::id, 429, "") == "the service answered 429");
    CHECK(read("x", By::id, 401, "") == "the service refuses the credential (401)");
    CHECK(read("x", By::id, 200, "<html>").starts_with("the service's answer: "));
    CHECK(read("x", By::id, 200, R"({"data":{}})") == "the service's answer names no id");
}

}  // namespace lares::capture
