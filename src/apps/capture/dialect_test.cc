// apps/capture/dialect_test.cc: messages as the services send them, and what they say.

#include "apps/capture/dialect.h"

#include <doctest/doctest.h>

namespace lares::capture {

namespace {

std::string told(std::string_view language, std::string_view message) {
    DialectReader reader(*parse_language(language));
    auto const& facts = reader.read(message);
    std::string out = std::string(name_of(facts.kind));
    auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) out.append(" ").append(name).append("=").append(value);
    };
    add("id", facts.id);
    add("author", facts.author);
    add("name", facts.author_name);
    add("time", facts.time);
    add("cursor", facts.cursor);
    if (facts.missed != 0) add("missed", std::to_string(facts.missed));
    if (facts.texts != nullptr) {
        for (std::size_t i = 0; i < facts.texts->count; ++i) add("text", facts.texts->list[i]);
        for (std::size_t i = 0; i < facts.languages->count; ++i)
            add("lang", facts.languages->list[i]);
        for (std::size_t i = 0; i < facts.people->count; ++i) add("of", facts.people->list[i]);
        for (std::size_t i = 0; i < facts.tags->count; ++i) add("tag", facts.tags->list[i]);
    }
    add("point", facts.point);
    return out + " key=" + reader.key();
}

}  // namespace

TEST_CASE("Jetstream's events are told apart, and a record's changes are not doubles of it") {
    CHECK(
        told(
            "jetstream",
            R"({"did":"did:plc:a","time_us":1725911162329308,"kind":"commit","commit":{"rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"3l","record":{"$type":"app.bsky.feed.post","createdAt":"2024-09-09T19:46:02.102Z","langs":["en","de"],"text":"hi"},"cid":"bafy"}})") ==
        "post id=at://did:plc:a/app.bsky.feed.post/3l author=did:plc:a "
        "time=2024-09-09T19:46:02.102Z "
        "cursor=1725911162329308 text=\"hi\" lang=\"en\" lang=\"de\" of=\"did:plc:a\" "
        "key=at://did:plc:a/app.bsky.feed.post/3l create bafy");
    CHECK(
        told(
            "jetstream",
            R"({"did":"d","time_us":5,"kind":"commit","commit":{"operation":"delete","collection":"c","rkey":"k"}})") ==
        "removal id=at://d/c/k author=d time=5 cursor=5 of=\"d\" key=at://d/c/k delete ");
    CHECK(
        told(
            "jetstream",
            R"({"did":"d","time_us":6,"kind":"account","account":{"active":false,"seq":9,"status":"deleted"}})") ==
        "account id=d author=d time=6 cursor=6 of=\"d\" key=d  9");
}

TEST_CASE("Mastodon's events are read in both envelopes") {
    std::string status =
        R"({"id":"11","created_at":"2026-01-01T00:00:00.000Z","language":"de","content":"<p>Hallo</p>","account":{"id":"7","acct":"a@b"},"mentions":[{"id":"8"}]})";
    std::string escaped;
    for (char c : status) escaped += c == '"' ? "\\\"" : std::string(1, c);
    auto expected =
        "post id=11 author=7 name=a@b time=2026-01-01T00:00:00.000Z text=\"<p>Hallo</p>\" "
        "lang=\"de\" of=\"8\" "
        "of=\"7\" key=11 post ";
    CHECK(told("mastodon", R"({"event":"update","data":)" + status + "}") == expected);
    CHECK(told("mastodon", R"({"stream":["public"],"event":"update","payload":")" + escaped +
                               "\"}") == expected);
    CHECK(told("mastodon", R"({"stream":["public"],"event":"delete","payload":"11"})") ==
          "removal id=11 key=11 removal ");
    CHECK(told("mastodon", R"({"event":"delete","data":11})") == "removal id=11 key=11 removal ");
    CHECK(told("mastodon", R"({"event":"filters_changed"})") == "notice key=");
}

TEST_CASE("X's posts name the rules that brought them; old streams name what was missed") {
    CHECK(
        told(
            "x",
            R"({"data":{"id":"1","text":"t","author_id":"2","created_at":"2026-01-01T00:00:00.000Z","lang":"en"},"matching_rules":[{"id":"9","tag":"filter-3"}]})") ==
        "post id=1 author=2 time=2026-01-01T00:00:00.000Z text=\"t\" lang=\"en\" of=\"2\" "
        "tag=\"filter-3\" key=1 post ");
    CHECK(told("x", R"({"errors":[{"title":"operational-disconnect"}]})") == "disconnect key=");
    CHECK(told("twitter", R"({"limit":{"track":1234}})") == "limit missed=1234 key=");
    CHECK(told("twitter", R"({"delete":{"status":{"id":1,"id_str":"1","user_id_str":"3"}}})") ==
          "removal id=1 key=1 removal ");
    CHECK(told("twitter", R"({"disconnect":{"code":4,"reason":""}})") == "disconnect key=");
    CHECK(
        told(
            "twitter",
            R"({"created_at":"Mon Oct 15 20:15:12 +0000 2012","id_str":"5","text":"x","user":{"id_str":"6","screen_name":"N"}})") ==
        "post id=5 author=6 name=N time=Mon Oct 15 20:15:12 +0000 2012 text=\"x\" of=\"6\" key=5 "
        "post ");
    CHECK(told("x", "not json") == "unreadable key=");
}

TEST_CASE("any other stream is read by paths of its own") {
    CHECK(told("lines id=seq cursor=seq text=body.words", R"({"seq":5,"body":{"words":"x"}})") ==
          "post id=5 cursor=5 text=\"x\" key=5");
    CHECK(told("lines id=uid cursor=seq", R"({"seq":5,"uid":"u"})") == "post id=u cursor=5 key=u");
    CHECK(!parse_language("lines nothing=x").ok());
    CHECK(!parse_language("x id=y").ok());
    CHECK(!parse_language("blog").ok());
    for (auto const* each : {"x", "lines", "lines id=a time=b author=c text=d lang=e cursor=f"})
        CHECK(print_language(*parse_language(each)) == each);
}

TEST_CASE("a message's time is read as every service writes it") {
    CHECK(message_time("2026-01-01T00:00:00.250Z") == 1767225600250);
    CHECK(message_time("2026-01-01T01:00:00+01:00") == 1767225600000);
    CHECK(message_time("Mon Oct 15 20:15:12 +0000 2012") == 1350332112000);
    CHECK(message_time("1350332112") == 1350332112000);
    CHECK(message_time("1350332112000") == 1350332112000);
    CHECK(message_time("1725911162329308") == 1725911162329);
    CHECK(!message_time(""));
    CHECK(!message_time("soon"));
    CHECK(!message_time("Mon Xxx 15 20:15:12 +0000 2012"));
}

}  // namespace lares::capture
