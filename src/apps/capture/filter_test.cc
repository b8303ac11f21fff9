// apps/capture/filter_test.cc: what is found, what is not, and what is no filter.

#include "apps/capture/filter.h"

#include <doctest/doctest.h>

#include <random>

#include "apps/capture/matcher.h"

namespace lares::capture {

namespace {

Language const lines = *parse_language("lines");

bool finds(std::string const& words, std::string_view text) {
    Matcher matcher(*parse_filter({.words = words}));
    DialectReader reader(lines);
    std::string message = R"({"text":")" + std::string(text) + "\"}";
    return bool(matcher.match(reader.read(message)));
}
std::string trouble(FilterText const& text) {
    auto filter = parse_filter(text);
    return filter ? "" : filter.error().what;
}

}  // namespace

TEST_CASE("a comma is OR, a space is AND, quotes hold a phrase") {
    CHECK(finds("cat, dog", "a dog."));
    CHECK(!finds("cat, dog", "a bird"));
    CHECK(finds("red cat", "the cat is red"));
    CHECK(!finds("red cat", "the cat is blue"));
    CHECK(finds("\"red cat\"", "one red cat sat"));
    CHECK(!finds("\"red cat\"", "the cat is red"));
    CHECK(finds("\"red  cat\" sat", "sat one Red\\nCat"));
    CHECK(finds("red red", "red"));
    CHECK(finds("\"a, b\"", "x a, b y"));
}

TEST_CASE("words are whole, whatever their case and script") {
    CHECK(finds("twitter", "TWITTER"));
    CHECK(finds("twitter", "#twitter, @twitter: \\\"twitter\\\" http://twitter.com"));
    CHECK(!finds("twitter", "TwitterTracker newtwitter"));
    CHECK(finds("#news", "the #news!"));
    CHECK(!finds("#news", "the news"));
    CHECK(finds("straße", "die STRAßE"));
    CHECK(finds("ÄRGER", "mit \\u00e4rger"));
    CHECK(!finds("rger", "Ärger"));
    CHECK(!finds("Ärge", "Ärger"));
    CHECK(finds("МОСКВА", "в москва, да"));
    CHECK(finds("東京", "私は東京に行く"));
    CHECK(finds("a", "a"));
    CHECK(!finds("a", ""));
}

TEST_CASE("all terms are found at once, as a search for each one by itself finds them") {
    std::mt19937 random(7);
    auto letter = [&] { return std::string(1, "ab #"[random() % 4]); };
    for (int round = 0; round < 2'000; ++round) {
        std::string text, words;
        std::vector<std::string> terms;
        for (int i = 0; i < 12; ++i) text += letter();
        for (int i = 0; i < 5; ++i) {
            std::string term;
            for (unsigned j = 0; j <= random() % 3; ++j) term += "ab"[random() % 2];
            terms.push_back(term);
            words += term + ",";
        }
        auto is_word = [](char c) { return c == 'a' || c == 'b'; };
        bool expected = false;
        for (auto const& term : terms)
            for (auto at = text.find(term); at != text.npos; at = text.find(term, at + 1))
                expected = expected ||
                           (!(at > 0 && is_word(text[at - 1])) &&
                            !(at + term.size() < text.size() && is_word(text[at + term.size()])));
        CHECK_MESSAGE(finds(words, text) == expected, words << " in " << text);
    }
}

TEST_CASE("tags of HTML are no words, and part them") {
    Matcher matcher(*parse_filter({.words = "href, \"tom & jerry\""}));
    DialectReader reader(*parse_language("mastodon"));
    auto matches = [&](std::string const& content) {
        auto message = R"({"event":"update","data":{"id":"1","content":")" + content + "\"}}";
        return bool(matcher.match(reader.read(message)));
    };
    CHECK(!matches("<a href='x'>no</a>"));
    CHECK(matches("<p>Tom &amp; Jerry</p>"));
    CHECK(matches("<br>href<br>"));
    CHECK(!matches("<unclosed href"));
}

TEST_CASE("people, places and words are joined by OR; languages narrow") {
    Matcher matcher(*parse_filter({.words = "cat",
                                   .people = "7, did:plc:x",
                                   .places = "-10,-10,10,10",
                                   .languages = "de, en"}));
    auto by = [&](std::string_view message) {
        DialectReader reader(*parse_language("twitter"));
        return matcher.match(reader.read(message)).by;
    };
    using By = Match::By;
    CHECK(by(R"({"id_str":"1","text":"cat","lang":"de"})") == By::words);
    CHECK(by(R"({"id_str":"1","text":"cat","lang":"fr"})") == By::nothing);
    CHECK(by(R"({"id_str":"1","text":"cat"})") == By::nothing);
    CHECK(by(R"({"id_str":"1","text":"x","lang":"en-GB","user":{"id_str":"7"}})") == By::people);
    CHECK(by(R"({"id_str":"1","text":"x","lang":"eng","user":{"id_str":"7"}})") == By::nothing);
    CHECK(by(R"({"id_str":"1","lang":"en","retweeted_status":{"user":{"id_str":"7"}}})") ==
          By::people);
    CHECK(by(R"({"id_str":"1","lang":"en","coordinates":{"coordinates":[9.5,-3]}})") == By::places);
    CHECK(by(R"({"id_str":"1","lang":"en","coordinates":{"coordinates":[10.5,-3]}})") ==
          By::nothing);
    CHECK(
        by(R"({"id_str":"1","lang":"en","place":{"bounding_box":{"coordinates":[[[9,9],[9,20],[20,20],[20,9]]]}}})") ==
        By::places);
    CHECK(by(R"({"delete":{"status":{"id_str":"3"}}})") == By::everything);
}

TEST_CASE("what is no filter is told with what was found and what was expected") {
    CHECK(trouble({.words = "a, b \"c"}) == "words: a quote '\"' is not closed");
    CHECK(trouble({.people = "ann bob"}) ==
          "people: 'ann bob' has a space in it; expected ids with commas between");
    CHECK(trouble({.places = "1,2,3"}) ==
          "places: 3 numbers; expected four a place: west, south, east, north");
    CHECK(trouble({.places = "1,2,3,x"}) == "places: 'x' is no number of degrees");
    CHECK(trouble({.places = "-180,-90,180,90"}).empty());
    CHECK(trouble({.places = "-181,0,1,1"}) == "places: number 1: a longitude must be -180 to 180");
    CHECK(trouble({.places = "0,0,1,1,0,-91,1,1"}) ==
          "places: number 2: a latitude must be -90 to 90");
    CHECK(trouble({.places = "5,0,1,1"}) ==
          "places: number 1: expected the south-west corner first, then the north-east one");
    CHECK(trouble({.languages = "de, klingon!"}) ==
          "languages: 'klingon!' is no code as 'de' or 'pt-BR'");
}

TEST_CASE("ceilings are told with the number that was found") {
    auto filter = *parse_filter({.words = "a,b,c", .people = "1,2"});
    CHECK(check_ceilings(filter, {.phrases = 3, .people = 2}, "x").ok());
    CHECK(check_ceilings(filter, {.phrases = 2}, "x").error().what ==
          "3 phrases; x takes at most 2");
    CHECK(check_ceilings(filter, {.people = 1}, "x").error().what == "2 people; x takes at most 1");
    auto longer = *parse_filter({.words = std::string(61, 'w')});
    CHECK(!check_ceilings(longer, {.phrase_bytes = 60}, "x").ok());
    CHECK(check_ceilings(longer, {.phrase_bytes = 61}, "x").ok());
}

}  // namespace lares::capture
