// apps/capture/columns_test.cc: posts of each service as rows, value by value.

#include "apps/capture/columns.h"

#include <doctest/doctest.h>

#include "apps/capture/sheet.h"

namespace lares::capture {

namespace {

std::string row(std::string_view language, std::string_view message, std::string const& item = "") {
    auto made = post_row(*parse_language(language), message, item);
    if (!made) return made.error().what;
    std::string out;
    for (auto const& each : *made) out += each + "|";
    return out;
}

}  // namespace

TEST_CASE("a post of X's older API fills the twenty columns as researchers know them") {
    CHECK(
        row("twitter",
            R"({"created_at":"Mon Oct 15 20:15:12 +0000 2012","id_str":"257","text":"hello\nworld, \"you\"","user":{"screen_name":"Ann","followers_count":12,"friends_count":3},"retweet_count":4,"in_reply_to_screen_name":"bob","coordinates":{"type":"Point","coordinates":[-77.5,38.25]},"entities":{"hashtags":[{"text":"a"},{"text":"b"}],"user_mentions":[{"screen_name":"bob"},{"screen_name":"cy"}],"urls":[{"url":"http://t.co/1","expanded_url":"http://e.org/1"},{"url":"http://t.co/2","expanded_url":"http://e.org/2"},{"url":"http://t.co/3","expanded_url":"x"}]}})",
            "9") ==
        "9|2012-10-15T20:15:12Z|10/15/2012|257|Ann|12|3|4|a, b|bob|@bob, "
        "@cy|http://twitter.com/Ann/status/257|False|False|"
        "[-77.5,38.25]|hello world, "
        "\"you\"|http://t.co/1|http://e.org/1|http://t.co/2|http://e.org/2|");
}

TEST_CASE("a repost is one by the service, or one by hand that is no request") {
    auto flags = [](std::string const& text, std::string const& more = "") {
        auto made = post_row(*parse_language("twitter"),
                             R"({"id_str":"1","text":")" + text + "\"" + more + "}", "");
        return (*made)[12] + " " + (*made)[13];
    };
    CHECK(flags("RT @x: hi") == "False True");
    CHECK(flags("so RT this") == "False True");
    CHECK(flags("please RT this") == "False False");
    CHECK(flags("Plz rt pls rt") == "False False");
    CHECK(flags("art start") == "False False");
    CHECK(flags("x", R"(,"retweeted_status":{"id_str":"2"})") == "True True");
    CHECK(flags("please rt", R"(,"retweeted_status":{"id_str":"2"})") == "True True");
    CHECK(flags("x", R"(,"retweeted_status":null)") == "False False");
}

TEST_CASE("today's services fill the columns with what they have") {
    CHECK(
        row("x",
            R"({"data":{"id":"1","text":"t","author_id":"2","created_at":"2026-01-02T03:04:05.000Z","in_reply_to_user_id":"3","public_metrics":{"retweet_count":7},"referenced_tweets":[{"type":"retweeted","id":"8"}],"entities":{"hashtags":[{"tag":"h"}],"mentions":[{"username":"m"}],"urls":[{"url":"u","expanded_url":"e"}]}},"includes":{"users":[{"id":"2","username":"ann","public_metrics":{"followers_count":5,"following_count":6}},{"id":"3","username":"bob"}]}})") ==
        "|2026-01-02T03:04:05Z|01/02/2026|1|ann|5|6|7|h|bob|@m|https://x.com/ann/status/"
        "1|True|True||t|u|e|||");
    CHECK(
        row("mastodon",
            R"({"event":"update","data":{"id":"11","created_at":"2026-01-02T03:04:05.000Z","url":"https://m.org/@a/11","reblogs_count":2,"content":"<p>Hi &amp; <b>you</b><br>two</p>","account":{"acct":"a","followers_count":1,"following_count":2},"tags":[{"name":"t"}],"mentions":[{"id":"5","acct":"b@c"}],"in_reply_to_account_id":"5","reblog":null,"card":{"url":"https://e.org"}}})") ==
        "|2026-01-02T03:04:05Z|01/02/2026|11|a|1|2|2|t|b@c|@b@c|https://m.org/@a/"
        "11|False|False||Hi & you two|https://e.org|https://e.org|||");
    CHECK(
        row("jetstream",
            R"({"did":"did:plc:a","kind":"commit","commit":{"collection":"app.bsky.feed.post","rkey":"3k","record":{"createdAt":"2026-01-02T03:04:05.000Z","text":"t","reply":{"parent":{"uri":"at://did:plc:b/app.bsky.feed.post/1"}},"facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"h"},{"uri":"https://e.org"},{"did":"did:plc:c"}]}]}}})") ==
        "|2026-01-02T03:04:05Z|01/02/2026|at://did:plc:a/app.bsky.feed.post/"
        "3k|did:plc:a||||h|did:plc:b|@did:plc:c|"
        "https://bsky.app/profile/did:plc:a/post/3k|False|False||t|https://e.org|https://e.org|||");
    CHECK(row("lines id=n", R"({"n":5,"text":"t","time":1767225600})") ==
          "|2026-01-01T00:00:00Z|01/01/2026|5|||||||||False|False||t|||||");
}

TEST_CASE("CSV is RFC 4180's; TSV has no tab within a value") {
    PostRow values;
    values[0] = "a,b";
    values[1] = "say \"x\"";
    values[2] = "two\r\nlines";
    values[3] = "a\tb";
    CHECK(print_row(SheetKind::csv, values) ==
          "\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",a\tb,,,,,,,,,,,,,,,,\r\n");
    CHECK(print_row(SheetKind::tsv, values) ==
          "a,b\tsay \"x\"\ttwo  lines\ta b\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\n");
    CHECK(column_names()[19] == "url2_expanded");
}

}  // namespace lares::capture
