// text/links_test.cc: where URLs and tags begin and end, beside any script.

#include "text/links.h"

#include <doctest/doctest.h>

using namespace lares::text;

namespace {

using List = std::vector<std::string>;

List found(std::string_view text, Link::Kind kind) {
    List list;
    for (auto const& each : find_links(text))
        if (each.kind == kind) list.emplace_back(text.substr(each.begin, each.end - each.begin));
    return list;
}
List urls(std::string_view text) { return found(text, Link::Kind::url); }
List tags(std::string_view text) { return found(text, Link::Kind::tag); }
List hosts(std::string_view text) { return found(text, Link::Kind::bare_host); }

}  // namespace

TEST_CASE("a URL ends before the sentence's own signs") {
    CHECK(urls("see https://a.de/b, or https://a.de/c.") ==
          List{"https://a.de/b", "https://a.de/c"});
    CHECK(urls("(https://a.de/b)") == List{"https://a.de/b"});
    CHECK(urls("https://a.de/b_(c)") == List{"https://a.de/b_(c)"});
    CHECK(urls("(https://a.de/b_(c)).") == List{"https://a.de/b_(c)"});
    CHECK(urls("\"https://a.de/?q=1&r=%20#x\"!") == List{"https://a.de/?q=1&r=%20#x"});
    CHECK(urls("<https://a.de>") == List{"https://a.de"});
    CHECK(urls("HTTP://A.DE/x?") == List{"HTTP://A.DE/x"});
    CHECK(urls("https://a.de/x…") == List{"https://a.de/x"});
    CHECK(urls("http://press-2:9001/logs") == List{"http://press-2:9001/logs"});
}

TEST_CASE("a URL beside Japanese or Chinese ends where they begin") {
    CHECK(urls("詳細https://a.jp/bを見る") == List{"https://a.jp/b"});
    CHECK(urls("リンク：https://a.jp/b。次") == List{"https://a.jp/b"});
    CHECK(urls("https://a.cn/路径") == List{"https://a.cn/"});
}

TEST_CASE("letters of scripts with spaces belong to a URL") {
    CHECK(urls("https://ru.example.org/Москва дальше") == List{"https://ru.example.org/Москва"});
    CHECK(urls("https://müller.de/Straße.") == List{"https://müller.de/Straße"});
}

TEST_CASE("what only looks like a URL is none") {
    CHECK(urls("https:// x http://. ahttp://b.de").empty());
    CHECK(urls("https://").empty());
}

TEST_CASE("a host without a scheme is found where some service would") {
    CHECK(hosts("db.example.com is down") == List{"db.example.com"});
    CHECK(hosts("x example.org/a/b.") == List{"example.org/a/b"});
    CHECK(hosts("1.25 10.0.0.1 e.g a..de .de a@b.de").empty());
}

TEST_CASE("a tag is letters, digits and '_' behind a '#', with a letter in it") {
    CHECK(tags("#lec12 and #a_b.") == List{"#lec12", "#a_b"});
    CHECK(tags("#12 # #_ &#38; a#b").empty());
    CHECK(tags("#a-b") == List{"#a"});
    CHECK(tags("(#x)") == List{"#x"});
}

TEST_CASE("a tag beside Japanese ends at its stop, and begins with either sign") {
    CHECK(tags("本日#休講です。") == List{});
    CHECK(tags("本日 #休講です。次") == List{"#休講です"});
    CHECK(tags("「＃休講」") == List{"＃休講"});
    CHECK(tags("#ठंड") == List{"#ठंड"});
}

TEST_CASE("a '#' within a URL begins no tag") {
    CHECK(tags("https://a.de/#top").empty());
    CHECK(urls("https://a.de/#top") == List{"https://a.de/#top"});
}

TEST_CASE("a word becomes a tag without what no tag may hold") {
    CHECK(tag_word("lec-12") == "lec_12");
    CHECK(tag_word("  web 1! ") == "web_1");
    CHECK(tag_word("休講") == "休講");
    CHECK(tag_word("#x") == "x");
    CHECK(tag_word("12").empty());
    CHECK(tag_word("\xFF").empty());
}

TEST_CASE("a public host has an ending that every service knows") {
    CHECK(has_public_host("https://a.example.com/x"));
    CHECK(has_public_host("https://EXAMPLE.DE:8080"));
    CHECK_FALSE(has_public_host("http://press-2:9001/"));
    CHECK_FALSE(has_public_host("http://10.0.0.1/"));
    CHECK_FALSE(has_public_host("http://[::1]/"));
    CHECK_FALSE(has_public_host("http://db.internal/"));
}

TEST_CASE("a long row of brackets is looked through in one walk") {
    std::string const text = "https://a.de/" + std::string(300'000, ')');
    CHECK(urls(text) == List{"https://a.de/"});
}
