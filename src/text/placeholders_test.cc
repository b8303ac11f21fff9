// text/placeholders_test.cc: payloads reach words whole and never split them.

#include "text/placeholders.h"

#include <doctest/doctest.h>

#include <random>

using namespace lares::text;
using Words = std::vector<std::string>;

namespace {

Value const payload =
    Struct{{"file", "/in/a b.pdf"}, {"copies", 3},
           {"exact", 0.5},          {"yes", true},
           {"empty", ""},           {"order", Struct{{"id", 7}, {"tags", Array{"x", "y"}}}},
           {"a.b", "dotted"},       {"args", Array{"one two", "", "--3"}}};

std::string error_of(std::string_view text) {
    auto filled = fill_text(text, payload);
    return filled ? "" : filled.error().what;
}

}  // namespace

TEST_CASE("a key is replaced by its value, inside a word or alone") {
    CHECK(*fill_text("{{file}}", payload) == "/in/a b.pdf");
    CHECK(*fill_text("x={{ copies }};{{yes}},{{exact}},{{empty}}", payload) == "x=3;true,0.5,");
    CHECK(*fill_text("{{order.id}} {{order.tags}} {{a.b}}", payload) == "7 [\"x\",\"y\"] dotted");
    CHECK(*fill_text("{{order}}", payload) == R"({"id":7,"tags":["x","y"]})");
}

TEST_CASE("words are filled and never split, and args alone is a list of words") {
    CHECK(*fill_words({"cp", "{{file}}", "{{args}}", "-{{args}}"}, payload) ==
          Words{"cp", "/in/a b.pdf", "one two", "", "--3", "-[\"one two\",\"\",\"--3\"]"});
    CHECK(*fill_words({"a", "{{args}}"}, Struct{{"args", Array{}}}) == Words{"a"});
    CHECK_FALSE(fill_words({"{{args}}"}, Struct{{"args", "text"}}).ok());
    CHECK_FALSE(fill_words({"{{args}}"}, Struct{}).ok());
}

TEST_CASE("what a payload holds is not looked at again") {
    Value nasty = Struct{{"a", "{{b}} $(rm) \n'\""}, {"b", "never"}};
    CHECK(*fill_words({"{{a}}"}, nasty) == Words{"{{b}} $(rm) \n'\""});
    CHECK_FALSE(fill_words({"{{a}}"}, Struct{{"a", std::string("x\0y", 3)}}).ok());
}

TEST_CASE("four braces are two") {
    CHECK(*fill_text("{{{{file}} and {{{{{{file}}", payload) == "{{file}} and {{/in/a b.pdf");
    CHECK(*fill_text("}} { } {x}", payload) == "}} { } {x}");
    CHECK(placeholder_keys("{{{{file}}")->empty());
}

TEST_CASE("a key that is missing, broken or none at all is told of in words") {
    CHECK(error_of("{{fiel}}") == "the payload has no 'fiel'; it has 'file'");
    CHECK(error_of("{{order.di}}") == "the payload has no 'order.di'; it has 'id'");
    CHECK(error_of("{{file.size}}") == "the payload has no 'file.size'");
    CHECK(error_of("{{file").find("not closed") != std::string::npos);
    CHECK(error_of("{{}}").find("no key") != std::string::npos);
    CHECK(error_of("{{a b}}").find("no key") != std::string::npos);
    CHECK(error_of("{{.a}}").find("no key") != std::string::npos);
    CHECK(*placeholder_keys("{{a}}-{{b.c}}") == Words{"a", "b.c"});
}

TEST_CASE("any bytes are filled or refused, and what has no braces stays") {
    std::mt19937 random(812);
    constexpr std::string_view letters = "{{}}a.bfile \\\"$\n";
    for (int i = 0; i < 20'000; ++i) {
        std::string word(random() % 24, ' ');
        for (char& c : word) c = letters[random() % letters.size()];
        auto keys = placeholder_keys(word);
        auto filled = fill_text(word, payload);
        CHECK(*fill_text(escape_placeholders(word), payload) == word);
        if (filled) CHECK(keys.ok());
        if (word.find("{{") == word.npos) CHECK(*filled == word);
    }
}
