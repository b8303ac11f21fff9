// apps/capture/phrases_test.cc: what a command said in English is read back in another language.

#include "apps/capture/phrases.h"

#include <doctest/doctest.h>

#include <vector>

#include "apps/capture/database.h"

namespace lares::capture {

namespace {

std::string german(std::string_view said) { return in_tongue(Tongue::german, said); }

}  // namespace

TEST_CASE("every phrase is said in German with all that differs, and in English as it was") {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Phrase::count_); ++i) {
        auto const which = static_cast<Phrase>(i);
        std::vector<std::string> texts;
        for (std::size_t n = 0; n < places_of(which); ++n) texts.push_back("7" + std::to_string(n));
        std::vector<std::string_view> const with(texts.begin(), texts.end());
        auto const said = phrase(which, with), told = german(said);
        CAPTURE(said);
        CHECK(in_tongue(Tongue::english, said) == said);
        CHECK(told != said);
        CHECK(told.find('{') == std::string::npos);
        std::size_t at = 0;
        for (auto const& each : texts) {
            auto const found = told.find(each, at);
            CHECK(found != std::string::npos);
            at = found + each.size();
        }
    }
}

TEST_CASE("phrases within phrases and names of options are said in the language, too") {
    CHECK(german("level = '77': must be a whole number, 1 to 9") ==
          "Stufe = '77': muss sein: eine ganze Zahl von 1 bis 9");
    CHECK(german("form = 'x': must be left out: timelines have their own") ==
          "Form = 'x': muss leer bleiben, Zeitleisten haben ihre eigene");
    CHECK(german("phrase 'barn': 70 bytes; x takes at most 60") ==
          "Wortfolge 'barn': 70 Bytes; x nimmt höchstens 60");
    CHECK(german("after 3 accounts: the service answered 503") ==
          "nach 3 Konten: der Dienst antwortete 503");
    CHECK(german("ann\tnot added: 'ann': is suspended") ==
          "ann\tnicht hinzugefügt: 'ann': ist gesperrt");
}

TEST_CASE("each line is said for itself, and what is no phrase stays as it is") {
    CHECK(german("2 of 3 posts would have matched\n  1 by people\n  1 by 'active'\n") ==
          "2 von 3 Beiträgen hätten gepasst\n  1 durch Personen\n  1 durch 'active'\n");
    for (std::string const each : {"", "\n", "write '/x': bad file descriptor", "posts in files",
                                   "{}", "{option} = ", "there is no capture 'x", "\xFF\xFE"})
        CHECK(german(each) == each);
}

TEST_CASE("the more particular phrase counts, and names may have the words of a phrase") {
    CHECK(german(phrase(Phrase::near_capture, {"a", "b"})) ==
          "es gibt keine Sammlung 'a'; meinen Sie 'b'?");
    CHECK(german(phrase(Phrase::no_capture, {"x'; did you mean 'y"})) ==
          "es gibt keine Sammlung 'x'; did you mean 'y'");
    CHECK(german(phrase(Phrase::ceiling, {"401", "phrases", "x", "400"})) ==
          "401 Wortfolgen; x nimmt höchstens 400");
    CHECK(german(phrase(Phrase::answer_credential_refused, {"401"})) ==
          "der Dienst antwortete 401: der Zugang wird abgelehnt");
}

TEST_CASE("lines that are made to be hard to read are read in no time") {
    std::string hard;
    while (hard.size() < 1'900) hard += " of : ; policy ";
    CHECK(german(hard) == hard);
    CHECK(german(std::string(100'000, ':')) == std::string(100'000, ':'));
}

TEST_CASE("what checks refuse is a phrase") {
    Definition definition{.name = "x"};
    auto refused = [&](char const* option, char const* value) {
        auto wrong = definition;
        REQUIRE(set_option(wrong, std::string(option) + "=" + value).ok());
        auto const checked = check_definition(wrong, {});
        REQUIRE_FALSE(checked.ok());
        CAPTURE(checked.error().what);
        CHECK(german(checked.error().what) != checked.error().what);
    };
    definition.service = "jetstream";
    for (auto [option, value] :
         std::vector<std::pair<char const*, char const*>>{{"name", ""},
                                                          {"name", ".x"},
                                                          {"name", "a b"},
                                                          {"service", "y"},
                                                          {"active", "perhaps"},
                                                          {"words", "\"open"},
                                                          {"people", "a b"},
                                                          {"places", "x"},
                                                          {"places", "1,2,3"},
                                                          {"places", "400,0,1,1"},
                                                          {"places", "0,100,1,1"},
                                                          {"places", "5,5,1,1"},
                                                          {"languages", "d e"},
                                                          {"form", "y"},
                                                          {"url", "http://x"},
                                                          {"dialect", "y"},
                                                          {"dialect", "lines y=z"},
                                                          {"cursor", "a&b"},
                                                          {"rewind", "y"},
                                                          {"stall", "0"},
                                                          {"format", "y"},
                                                          {"level", "10"},
                                                          {"rotate", "0"},
                                                          {"rotate_bytes", "1"},
                                                          {"flush", "-1"},
                                                          {"takedown", "y"},
                                                          {"set", "y"}})
        refused(option, value);
    definition.service = "x";
    refused("words", "");
    definition.filter.words = std::string(70, 'x');
    refused("languages", "de");
    definition.filter.words = "";
    definition.service = "bluesky-timelines";
    for (auto [option, value] : std::vector<std::pair<char const*, char const*>>{
             {"words", "x"}, {"people", ""}, {"form", "sse"}})
        refused(option, value);
    definition.service = "generic";
    refused("url", "");
}

}  // namespace lares::capture
