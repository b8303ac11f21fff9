// apps/capture/page_test.cc: nothing that is put into a page becomes more than text.

#include "apps/capture/page.h"

#include <doctest/doctest.h>

#include "apps/capture/definition.h"
#include "apps/capture/search.h"

namespace lares::capture {

namespace {

constexpr std::string_view evil = "\"'><script>alert(1)</script>&\xFF";

/// No tag and no attribute of its own came out of the evil text.
bool is_tame(Html const& html) {
    return html.text.find("<script") == std::string::npos &&
           html.text.find("\"&#39;") == std::string::npos &&
           html.text.find("'&gt;") == std::string::npos &&
           html.text.find('\xFF') == std::string::npos;
}

}  // namespace

TEST_CASE("every piece of a page escapes every text it is given") {
    std::string const text(evil);
    CHECK(is_tame(plain_text(evil)));
    CHECK(is_tame(heading(evil)));
    CHECK(is_tame(warning(evil)));
    CHECK(is_tame(blank(evil, evil)));
    CHECK(is_tame(badge(evil)));
    CHECK(is_tame(link_to(text, evil)));
    CHECK(is_tame(link_to(address("/x", {{"a", text}}), evil)));
    CHECK(is_tame(preformatted(evil, evil)));
    CHECK(is_tame(table(evil, {evil}, {{plain_text(evil)}})));
    CHECK(is_tame(bars({{text, 1}}, evil)));
    CHECK(is_tame(fold(evil, {})));
    using Shape = Field::Kind;
    for (auto kind :
         {Shape::text, Shape::secret, Shape::hidden, Shape::date, Shape::number, Shape::area}) {
        CHECK(is_tame(labelled({text, text, text, kind, {}, text})));
        CHECK(is_tame(labelled({text, text, text, kind, {text, text}, text})));
    }
    CHECK(is_tame(form(text, {{text, text}}, text, {})));
    CHECK(is_tame(search_form(text, evil, {{text, text, text}})));
    Frame const frame{.title = text,
                      .visitor = text,
                      .key = text,
                      .here = text,
                      .section = text,
                      .warning = text};
    CHECK(is_tame({page(frame, {})}));
}

TEST_CASE("an address encodes what it carries and leaves out what is empty") {
    CHECK(address("/posts") == "/posts");
    CHECK(address("/posts", {{"q", "a b&c=d"}, {"set", ""}, {"to", "x"}}) ==
          "/posts?q=a%20b%26c%3Dd&to=x");
}

TEST_CASE("something is told from nothing, and the highest bar is the whole height") {
    auto const html = bars({{"a", 0}, {"b", 1}, {"c", 1'000'000}}, "days").text;
    CHECK(html.find("height=\"0\"><title>a: 0<") != std::string::npos);
    CHECK(html.find("height=\"1\"><title>b: 1<") != std::string::npos);
    CHECK(html.find("height=\"100\"><title>c: 1000000<") != std::string::npos);
}

TEST_CASE("every word is there in both languages, and so is every option") {
    for (int i = 0; i < static_cast<int>(Word::count_); ++i) {
        CHECK(!say(Tongue::english, static_cast<Word>(i)).empty());
        CHECK(!say(Tongue::german, static_cast<Word>(i)).empty());
    }
    for (auto const& row : definition_rows()) {
        CAPTURE(row.name);
        CHECK(option_label(Tongue::german, row.name) != row.name);
        CHECK(option_help(Tongue::german, row.name, row.help) != row.help);
        CHECK(option_help(Tongue::english, row.name, row.help) == row.help);
    }
}

TEST_CASE("what is searched for are words, whatever they look like") {
    CHECK(full_text_query("barn owl") == "\"barn\" \"owl\"");
    CHECK(full_text_query(" a\tOR \"b* NEAR(") == "\"a\" \"OR\" \"\"\"b*\" \"NEAR(\"");
    CHECK(full_text_query(std::string_view("a\0b", 3)) == "\"a\" \"b\"");
    CHECK(full_text_query(std::string_view(" \t\0", 3)) == "");
}

}  // namespace lares::capture
