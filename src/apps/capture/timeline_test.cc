// apps/capture/timeline_test.cc: pages, marks and allowances by value.

#include "apps/capture/timeline.h"

#include <doctest/doctest.h>

#include "apps/capture/allowance.h"

using namespace lares;
using namespace lares::capture;

namespace {

Plan plan_of(std::string service, std::string url) {
    return {.name = "t", .service = std::move(service), .url = std::move(url)};
}

}  // namespace

TEST_CASE("a timeline is asked for from where it stands, down to what was had before") {
    auto const mastodon = plan_of("mastodon-timelines", "https://m.example");
    CHECK(timeline_call(mastodon, {.account = "7", .low = "90", .floor = "12"}).url ==
          "https://m.example/api/v1/accounts/7/statuses?limit=40&max_id=90&since_id=12");
    CHECK(timeline_call(mastodon, {.account = "#owls"}).url ==
          "https://m.example/api/v1/timelines/tag/owls?limit=40");
    CHECK(timeline_call(mastodon, {.account = "public:local"}).url ==
          "https://m.example/api/v1/timelines/public?limit=40&local=true");
    auto const x = timeline_call(plan_of("x-timelines", "https://x.example"),
                                 {.account = "1/2", .low = "5", .floor = "3", .next = "tok"})
                       .url;
    CHECK(x.starts_with("https://x.example/2/users/1%2F2/tweets?"));
    CHECK(x.ends_with("&since_id=3&pagination_token=tok"));
    CHECK(timeline_call(plan_of("x-timelines", ""), {.account = "1", .low = "5"})
              .url.ends_with("&until_id=5"));
    CHECK(timeline_call(plan_of("bluesky-timelines", "https://b"),
                        {.account = "did:plc:a", .next = "c"})
              .url ==
          "https://b/xrpc/app.bsky.feed.getAuthorFeed?actor=did%3Aplc%3Aa&limit=100&filter="
          "posts_with_replies&cursor=c");
}

TEST_CASE("a short page ends nothing; the service's own word does") {
    auto page = read_timeline("mastodon-timelines",
                              {.status = 200, .body = R"([{"id":"9","content":"a"},{"id":"8"}])"});
    REQUIRE(page.ok());
    CHECK(page->posts.size() == 2);
    CHECK(page->posts[0].message == R"({"id":"9","content":"a"})");
    CHECK(page->posts[1].mark == "8");
    CHECK_FALSE(page->is_last);
    page = read_timeline("mastodon-timelines", {.status = 200, .body = "[]"});
    CHECK(page->is_last);
    page = read_timeline(
        "mastodon-timelines",
        {.status = 200,
         .headers = {{"link",
                      "<https://m/x?limit=40&max_id=5>; rel=\"next\", <https://m/x?min_id=9>; "
                      "rel=\"prev\""}},
         .body = "[ ]"});
    CHECK_FALSE(page->is_last);
    CHECK(page->next == "5");
    page = read_timeline(
        "x-timelines", {.status = 200, .body = R"({"meta":{"result_count":0,"next_token":"n"}})"});
    CHECK(page->next == "n");
    CHECK_FALSE(page->is_last);
    page =
        read_timeline("bluesky-timelines", {.status = 200, .body = R"({"feed":[],"cursor":"c"})"});
    CHECK_FALSE(page->is_last);
    CHECK(
        read_timeline("bluesky-timelines", {.status = 200, .body = R"({"feed":[],"cursor":null})"})
            ->is_last);
}

TEST_CASE("an account that is gone is told apart from a credential that is refused") {
    auto state = [](std::string service, int status, std::string body) {
        auto page = read_timeline(service, {.status = status, .body = std::move(body)});
        return page ? page->state : std::to_string(static_cast<int>(page.error().kind));
    };
    CHECK(state("mastodon-timelines", 404, "") == "deleted");
    CHECK(state("x-timelines", 200, R"({"errors":[{"title":"Not Found Error"}]})") == "deleted");
    CHECK(state("x-timelines", 200, R"({"errors":[{"title":"Authorization Error"}]})") ==
          "protected");
    CHECK(state("x-timelines", 200, R"({"errors":[{"title":"Forbidden"}]})") == "suspended");
    CHECK(state("bluesky-timelines", 400, R"({"error":"AccountTakedown"})") == "suspended");
    CHECK(state("bluesky-timelines", 400,
                R"({"error":"InvalidRequest","message":"Profile not found"})") == "deleted");
    CHECK(read_timeline("x-timelines", {.status = 401}).error().kind == Error::Kind::denied);
    CHECK(read_timeline("x-timelines", {.status = 503}).error().kind == Error::Kind::unavailable);
    CHECK(read_timeline("x-timelines", {.status = 200, .body = "<html>"}).error().kind ==
          Error::Kind::io);
    CHECK(
        read_timeline("mastodon-timelines", {.status = 200, .body = R"([{"x":1}])"}).error().kind ==
        Error::Kind::io);
}

TEST_CASE("marks are compared as numbers, however long") {
    CHECK(is_newer("10", "9"));
    CHECK(is_newer("113999999999999999", "112999999999999999"));
    CHECK_FALSE(is_newer("9", "9"));
    CHECK(is_newer("1", ""));
    auto page = read_timeline(
        "bluesky-timelines",
        {.status = 200,
         .body =
             R"({"feed":[{"post":{"uri":"at://a","record":{"createdAt":"2020-01-01T00:00:00.000Z"},)"
             R"("indexedAt":"2026-01-01T00:00:00.000Z"}},{"post":{"uri":"at://b","indexedAt":)"
             R"("2026-01-01T00:00:00.000Z"},"reason":{"indexedAt":"2026-01-02T00:00:00.000Z"}}]})"});
    REQUIRE(page.ok());
    CHECK(page->posts[0].mark == "1577836800000");
    CHECK(page->posts[1].mark == "1767312000000");
}

TEST_CASE("a post of X takes along what it refers to, and nothing else of the page") {
    CHECK(
        x_message(R"({"id":"1","author_id":"5","text":"a 6"})",
                  R"({"users":[{"id":"5","username":"u"},{"id":"6"}],"places":[{"id":"p"}]})") ==
        R"({"data":{"id":"1","author_id":"5","text":"a 6"},"includes":{"users":[{"id":"5","username":"u"}]}})");
    CHECK(x_message(R"({"id":"1"})", "") == R"({"data":{"id":"1"}})");
}

TEST_CASE(
    "an author's feed reads as the stream does: posts by their authors, reposts by who made them") {
    DialectReader reader({.dialect = Dialect::jetstream});
    auto const* post =
        R"({"post":{"uri":"at://did:a/app.bsky.feed.post/1","cid":"c","author":{"did":"did:a",)"
        R"("handle":"a.example"},"record":{"createdAt":"2026-01-01T00:00:00Z","text":"hi"}}})";
    auto facts = reader.read(post);
    CHECK(facts.kind == Kind::post);
    CHECK(facts.id == "at://did:a/app.bsky.feed.post/1");
    CHECK(facts.author == "did:a");
    CHECK(facts.author_name == "a.example");
    std::string repost(post);
    repost.pop_back();
    repost += R"(,"reason":{"by":{"did":"did:b"},"indexedAt":"2026-01-02T00:00:00Z"}})";
    facts = reader.read(repost);
    CHECK(facts.id == "at://did:a/app.bsky.feed.post/1#repost-by-did:b");
    CHECK(facts.author == "did:b");
    CHECK(facts.time == "2026-01-02T00:00:00Z");
}

TEST_CASE("what a service allows is read from its own headers") {
    ports::WebAnswer answer{
        .status = 200,
        .headers = {{"x-rate-limit-remaining", "3"}, {"x-rate-limit-reset", "1000"}}};
    auto said = allowance_in(answer, 990'000, 0);
    CHECK(said.remaining == 3);
    CHECK(said.until_ms == 1'001'000);
    answer.headers = {{"x-ratelimit-remaining", "0"},
                      {"x-ratelimit-reset", "1970-01-01T00:16:40.5Z"}};
    said = allowance_in(answer, 990'000, 0);
    CHECK(said.remaining == 0);
    CHECK(said.until_ms == 1'001'000);
    answer = {.status = 429};
    CHECK(allowance_in(answer, 0, 0).until_ms == 60'000);
    CHECK(allowance_in(answer, 0, 2).until_ms == 240'000);
    CHECK(allowance_in(answer, 0, 60).until_ms == 960'000);
    answer.headers = {{"retry-after", "7"}};
    CHECK(allowance_in(answer, 1'000, 9).until_ms == 8'000);
    CHECK(allowance_name("https://a.example/x?y", "", "timelines") == "a.example - timelines");
}
