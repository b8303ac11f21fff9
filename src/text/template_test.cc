// text/template_test.cc: what templates say, and what no value can break out of.

#include "text/template.h"

#include <doctest/doctest.h>

#include <random>

#include "text/json_value.h"
#include "text/query.h"

using namespace lares;
using namespace lares::text;

namespace {

Value values() {
    return Struct{{"title", "web <is> \"down\" & out"},
                  {"text", "first\nsecond\n"},
                  {"empty", ""},
                  {"count", 40},
                  {"field", Struct{{"host", "press-2"}, {"exit code", "1"}}},
                  {"tags", Array{"ops", "web"}},
                  {"fields", Array{Struct{{"label", "host"}, {"value", "press-2"}}}},
                  {"none", Array{}}};
}

std::string fill(std::string_view source, Target target = Target::none) {
    auto made = Template::parse(source);
    CAPTURE(source);
    REQUIRE(made.ok());
    auto filled = made->fill(values(), target);
    return filled ? *filled : "error: " + filled.error().what;
}

std::string error(std::string_view source) {
    auto made = Template::parse(source);
    return made ? "" : made.error().what;
}

}  // namespace

TEST_CASE("places are filled by name, members of structs by their path") {
    CHECK(fill("{{field.host}}: {{ count }}") == "press-2: 40");
    CHECK(fill("{{field.exit code}}") == "1");
    CHECK(fill("{{field.missing}}|") == "|");
    CHECK(fill("") == "");
    CHECK(fill("a {{{{x}} }} {") == "a {{x}} }} {");
}

TEST_CASE("sections are said when there is something, or nothing, to say") {
    CHECK(fill("{{#title}}a{{/title}}{{#empty}}b{{/empty}}{{^empty}}c{{/empty}}") == "ac");
    CHECK(fill("{{#none}}x{{/none}}{{^none}}y{{/none}}") == "y");
    CHECK(fill("{{#tags}}#{{.}} {{/tags}}") == "#ops #web ");
    CHECK(fill("{{#fields}}{{label}}={{value}} ({{count}}){{/fields}}") == "host=press-2 (40)");
    CHECK(fill("{{#title}}{{#count}}deep{{/count}}{{/title}}") == "deep");
}

TEST_CASE("filters change what is filled in, one after the other") {
    CHECK(fill("{{text|first_line}} {{text|last_line|upper}} {{text|one_line}}") ==
          "first SECOND first second");
}

TEST_CASE("what is filled in is escaped for its place, and a filter can say for which") {
    CHECK(fill("{\"t\":\"{{title}}\"}", Target::json) == R"({"t":"web <is> \"down\" & out"})");
    CHECK(fill("?t={{title}}", Target::url) == "?t=web%20%3Cis%3E%20%22down%22%20%26%20out");
    CHECK(fill("<b>{{title}}</b>", Target::html) ==
          "<b>web &lt;is&gt; &quot;down&quot; &amp; out</b>");
    CHECK(fill("{{title|raw}}", Target::html) == "web <is> \"down\" & out");
    CHECK(fill("{{title|url}}", Target::json) == "web%20%3Cis%3E%20%22down%22%20%26%20out");
    CHECK(escape("a'b", Target::xml) == "a&apos;b");
}

TEST_CASE("what is wrong with a template is said with its place") {
    CHECK(error("a\n {{title") ==
          "line 2, column 2: '{{' is not closed; expected '}}', or '{{{{' for itself");
    CHECK(error("{{#a}}x") == "line 1, column 1: section 'a' is not ended; expected {{/a}}");
    CHECK(error("ü{{/a}}") == "line 1, column 2: no section is open here");
    CHECK(error("{{#a}}{{/b}}") == "line 1, column 7: expected {{/a}}");
    CHECK(error("{{x|first_lin}}") ==
          "line 1, column 1: unknown filter 'first_lin'; did you mean 'first_line'?");
    CHECK(error("{{}}") == "line 1, column 1: '' names nothing; expected {{name}}");
    CHECK(fill("\n{{titel}}") ==
          "error: line 2, column 1: unknown name 'titel'; did you mean 'title'?");
}

TEST_CASE("templates are bounded: their length, places, depth, and what comes out") {
    CHECK(error(std::string(70'000, 'x')) == "the template is longer than 65536 bytes");
    std::string many, deep;
    for (int i = 0; i < 2001; ++i) many += "{{x}}";
    for (int i = 0; i < 9; ++i) deep += "{{#x}}";
    CHECK(error(many).ends_with("more than 2000 places"));
    CHECK(error(deep).ends_with("sections are more than 8 deep"));
    Value const big = Struct{{"list", Array(1000, Value("x"))}, {"x", std::string(5'000, 'y')}};
    auto made = Template::parse("{{#list}}{{x}}{{/list}}");
    REQUIRE(made.ok());
    CHECK(made->fill(big, Target::none).error().what ==
          "line 1, column 10: what comes out is longer than 4194304 bytes");
}

TEST_CASE("a template names what it needs, each once") {
    auto made = Template::parse("{{title}}{{field.a}}{{#field.b}}{{.}}{{/field.b}}{{title}}");
    REQUIRE(made.ok());
    CHECK(made->names() == std::vector<std::string>{"title", "field"});
}

TEST_CASE("no bytes of a value end the JSON, the query or the text they stand in") {
    std::mt19937 random(3);
    auto const json = Template::parse(R"({"a":"{{x}}","b":"end"})");
    auto const query = Template::parse("a={{x}}&b=end");
    REQUIRE((json.ok() && query.ok()));
    for (int i = 0; i < 5000; ++i) {
        std::string bytes(random() % 12, ' ');
        for (char& c : bytes)
            c = static_cast<char>(random() % 3 == 0 ? "\"\\{}&=<"[random() % 7] : random() % 256);
        Value const value = Struct{{"x", bytes}};
        auto const parsed = parse_json(*json->fill(value, Target::json));
        REQUIRE(parsed.ok());
        CHECK(*parsed->find("b")->text() == "end");
        CHECK(field(parse_query(*query->fill(value, Target::url)), "b") == "end");
        CHECK(field(parse_query(*query->fill(value, Target::url)), "a") == bytes);
        CHECK(escape(bytes, Target::html).find('<') == std::string::npos);
    }
}

TEST_CASE("lists within lists end, though nothing comes out of them") {
    Value const big = Struct{{"list", Array(1000, Value("x"))}};
    auto made = Template::parse("{{#list}}{{#list}}{{#list}}{{/list}}{{/list}}{{/list}}");
    REQUIRE(made.ok());
    CHECK(made->fill(big, Target::none).error().what.ends_with("takes more than 1000000 steps"));
}

TEST_CASE("any bytes are a template or an error") {
    constexpr std::string_view parts[] = {"{{",   "}}", "#", "/",    "^",         "title",    "|",
                                          "tags", ".",  " ", "\xFF", "{{#tags}}", "{{/tags}}"};
    std::mt19937 random(9);
    for (int i = 0; i < 20'000; ++i) {
        std::string source;
        for (std::size_t n = random() % 12; n > 0; --n)
            source += parts[random() % std::size(parts)];
        auto made = Template::parse(source);
        if (made) (void)made->fill(values(), Target::json).ok();
    }
}
