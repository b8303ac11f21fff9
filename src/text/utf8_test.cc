// text/utf8_test.cc: which bytes are a character, and what is wrong with the others.

#include "text/utf8.h"

#include <doctest/doctest.h>

using namespace lares::text;

namespace {

void check(std::string_view bytes, Character::Fault fault, std::size_t length) {
    CAPTURE(bytes);
    Character c = read_character(bytes, 0);
    CHECK(c.fault == fault);
    CHECK(c.length == length);
}

}  // namespace

TEST_CASE("every character of Unicode is written and read back the same") {
    for (char32_t code = 0; code <= 0x10FFFF; ++code) {
        if (code >= 0xD800 && code <= 0xDFFF) continue;
        std::string bytes;
        append_character(bytes, code);
        Character c = read_character(bytes, 0);
        if (c.code != code || c.length != bytes.size() || c.fault != Character::Fault::none)
            FAIL("character ", static_cast<unsigned>(code), " came back as another");
    }
}

TEST_CASE("a surrogate or a number beyond Unicode is written as U+FFFD") {
    std::string out;
    append_character(out, 0xD800);
    append_character(out, 0x110000);
    CHECK(out == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a faulty sequence is as long as its well-formed beginning") {
    using enum Character::Fault;
    check("\xFF", start, 1);
    check("\x80", start, 1);
    check("\xC0\x80", start, 1);          // overlong
    check("\xF5\x80\x80\x80", start, 1);  // beyond Unicode
    check("\xC3(", continuation, 1);
    check("\xE0\x80\x80", continuation, 1);  // overlong
    check("\xF0\x80\x80\x80", continuation, 1);
    check("\xED\xA0\x80", continuation, 1);  // a surrogate
    check("\xF4\x90\x80\x80", continuation, 1);
    check("\xE2\x82x", continuation, 2);
    check("\xF0\x9F\x98x", continuation, 3);
    check("\xC3", cut, 1);
    check("\xE2\x82", cut, 2);
    check("\xF0\x9F\x98", cut, 3);
}

TEST_CASE("characters are counted, faulty ones too") {
    CHECK(count_characters("") == 0);
    CHECK(count_characters("a\xC3\xA9\xE2\x82\xAC\xFF") == 4);
}
