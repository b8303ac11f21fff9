// text/columns_test.cc: bytes of strangers on a terminal.

#include "text/columns.h"

#include <doctest/doctest.h>

#include "text/graphemes.h"
#include "text/utf8.h"

namespace lares::text {
namespace {

std::string shown(std::string_view bytes) { return harmless(bytes, Charset::utf8); }

TEST_CASE("plain text stays, with letters of every width, and each counts what it takes") {
    CHECK(shown("web-1") == "web-1");
    CHECK(columns_of("web-1") == 5);
    CHECK(columns_of(shown("Bücher")) == 6);
    CHECK(columns_of(shown("日本語")) == 6);
    CHECK(columns_of(shown("🚀")) == 2);
    CHECK(columns_of("") == 0);
}

TEST_CASE("what a terminal would obey is shown as a mark") {
    CHECK(shown("a\x1b[31mb") == "a\xEF\xBF\xBD[31mb");
    CHECK(shown("a\rb\nc\x07\x7f") ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD"
          "c\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(shown("\xc2\x9b"
                "31m") ==
          "\xEF\xBF\xBD"
          "31m");  // CSI as one character
    CHECK(harmless("a\x1b[2J", Charset::ascii) == "a?[2J");
}

TEST_CASE("what turns the direction of writing is shown as a mark, a joiner is left out") {
    CHECK(shown("a\u202Eb\u2066c") ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD"
          "c");
    CHECK(shown("a\u200Db\u00ADc") == "abc");
    CHECK(columns_of(shown("👩\u200D🚀")) == 4);
    CHECK(columns_of(shown("👍🏽")) == 2);
    CHECK(columns_of(shown("❤\uFE0F")) == 1);
}

TEST_CASE("bytes that are no UTF-8 are one mark each") {
    CHECK(shown("a\xff\xfe"
                "b") ==
          "a\xEF\xBF\xBD\xEF\xBF\xBD"
          "b");
    CHECK(columns_of(shown("\xe2\x82")) == 1);
}

TEST_CASE("two marks to a letter combine, more of them and those without a letter do not") {
    std::string const heap = "e\u0301\u0302\u0303\u0304";
    CHECK(shown(heap) == "e\u0301\u0302");
    CHECK(columns_of(shown(heap)) == 1);
    CHECK(shown("\u0301"
                "a") ==
          "\xEF\xBF\xBD"
          "a");
    CHECK(harmless("e\u0301", Charset::ascii) == "e");
}

TEST_CASE("in ASCII each column is a question mark") {
    CHECK(harmless("Büro 日", Charset::ascii) == "B?ro ??");
}

TEST_CASE("a tab goes to the next multiple of eight") {
    CHECK(shown("ab\tc") == "ab      c");
    CHECK(shown("\t|") == "        |");
    CHECK(shown("日\tc") == "日      c");
}

TEST_CASE("a cut shows that it is one, and takes exactly its columns") {
    CHECK(cut_to("programs", 8) == "programs");
    CHECK(cut_to("programs", 5) == "prog~");
    CHECK(cut_to("日本語", 4) == "日 ~");
    CHECK(columns_of(cut_to("日本語", 5)) == 5);
    CHECK(cut_to("abc", 0).empty());
    CHECK(cut_to("e\u0301"
                 "abc",
                 2) == "e\u0301~");
}

TEST_CASE("text goes on at a column, with a space for half a character") {
    CHECK(from_column("abc", 1) == "bc");
    CHECK(from_column("日本", 1) == " 本");
    CHECK(from_column("abc", 9).empty());
}

TEST_CASE("no single character makes a width that a terminal would count otherwise") {
    for (char32_t code = 0; code < 0x20000; ++code) {
        std::string one = "x";
        append_character(one, code);
        std::string const out = shown(one);
        for (std::size_t at = 0; at < out.size();) {
            Character const c = read_character(out, at);
            bool const is_fine = c.fault == Character::Fault::none && !is_unshown(c.code);
            if (!is_fine) FAIL("U+" << std::uint32_t(code));
            at += c.length;
        }
    }
}

}  // namespace
}  // namespace lares::text
