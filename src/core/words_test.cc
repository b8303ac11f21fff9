// core/words_test.cc: every text of ours in both languages, and what may override it.

#include "core/words.h"

#include <doctest/doctest.h>

#include <set>

using namespace lares;
using namespace lares::words;

namespace {

std::set<std::string> names(std::string_view source) {
    auto const made = text::Template::parse(source);
    CAPTURE(source);
    REQUIRE(made.ok());
    auto const list = made->names();
    return {list.begin(), list.end()};
}

}  // namespace

TEST_CASE("every text is there in English and German and says the same things") {
    std::set<std::string_view> seen;
    for (auto const& row : word_rows()) {
        CAPTURE(row.name);
        CHECK(seen.insert(row.name).second);
        CHECK_FALSE(row.english.empty());
        CHECK_FALSE(row.german.empty());
        CHECK(row.english != row.german);
        CHECK(names(row.english) == names(row.german));
        CHECK(check_override(row.name, row.english).ok());
        CHECK(check_override(row.name, row.german).ok());
    }
}

TEST_CASE("every text can be said with nothing known, and leaves no place open") {
    for (auto const& row : word_rows())
        for (auto const* language : {"en", "de"}) {
            std::string const said = say(row.name, language, {});
            CHECK_FALSE(said.empty());
            CHECK(said.find("{{") == std::string::npos);
            CHECK(said != row.name);
        }
}

TEST_CASE("of what there is one of, texts say one") {
    CHECK(say("letter.busy", "en", {{"count", "1"}}) == "One thing needs you.");
    CHECK(say("letter.busy", "en", {{"count", "11"}}) == "11 things need you.");
    CHECK(say("letter.busy", "de", {{"count", "1"}}) == "Eines braucht Sie.");
    CHECK(say("letter.busy", "de", {{"count", "2"}}) == "2 Dinge brauchen Sie.");
    CHECK(say("letter.runs", "en", {{"runs", "1"}, {"bad", "0"}}) == "1 run, 0 failed");
    CHECK(say("letter.runs", "de", {{"runs", "3"}, {"bad", "1"}}) == "3 Läufe, 1 fehlgeschlagen");
    text::Struct const once{{"subject", "x"}, {"runs", "1"}, {"bad", "1"}, {"longest", "9 s"}};
    CHECK(say("letter.run", "en", once) == "x: one run, failed, took 9 s");
    CHECK(say("letter.run", "de", once) == "x: ein Lauf, fehlgeschlagen, dauerte 9 s");
    CHECK(say("digest.title", "de", {{"count", "1"}, {"channel", "ops"}}) == "1 Meldung von ops");
    CHECK(say("digest.title", "en", {{"count", "2"}, {"channel", "ops"}}) == "2 messages of ops");
}

TEST_CASE("an alert says how to acknowledge it, by a link where there is a page") {
    CHECK(say("notice.acknowledge", "en", {{"alert", "7"}}) ==
          "To say that you have it in hand:\nrun: lares alerts ack 7\n");
    CHECK(say("notice.acknowledge", "de-AT", {{"alert", "7"}, {"link", "https://x/ack/7"}}) ==
          "Um zu sagen, dass Sie sich darum kümmern:\nhttps://x/ack/7 öffnen\n"
          "oder: lares alerts ack 7\n");
}

TEST_CASE("a language that we do not know is English") {
    CHECK(say("letter.ran", "fr", {}) == "What ran");
    CHECK(say("letter.ran", "", {}) == "What ran");
    CHECK(say("letter.ran", "den", {}) == "What ran");
    CHECK(say("letter.ran", "DE", {}) == "Was lief");
}

TEST_CASE("an override is said in its language, and a broken one passed over") {
    Overrides const mine = [](std::string_view name, std::string_view language) {
        if (name == "letter.ran") return std::optional<std::string>("{{broken");
        if (name == "notice.late" && language == "de")
            return std::optional<std::string>("{{thing}}: Verspätung");
        return std::optional<std::string>();
    };
    CHECK(say("notice.late", "de", {{"thing", "x"}}, mine) == "x: Verspätung");
    CHECK(say("notice.late", "en", {{"thing", "task 'x'"}}, mine) == "task 'x' is late");
    CHECK(say("letter.ran", "en", {}, mine) == "What ran");
}

TEST_CASE("an override that names what is not there is refused when it is read") {
    CHECK(check_override("notice.layte", "x").error().what ==
          "there is no text 'notice.layte'; did you mean 'notice.late'?");
    CHECK(check_override("letter.title", "{{hots}}").error().what ==
          "'{{hots}}' is not known in 'letter.title'; it may name: host begin end");
    CHECK(check_override("letter.title", "{{host").error().what.starts_with("line 1, column 1"));
}
