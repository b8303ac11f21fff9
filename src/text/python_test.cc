// text/python_test.cc: Python's white space and repr(), as python3 showed them.

#include "text/python.h"

#include <doctest/doctest.h>

using namespace lares::text;

TEST_CASE("white space is what str.isspace() says") {
    for (std::string_view space : {" ", "\t", "\n", "\v", "\f", "\r", "\x1c", "\x1f", "\xC2\x85",
                                   "\xC2\xA0", "\xE2\x80\x83", "\xE3\x80\x80"}) {
        CAPTURE(space);
        CHECK(python::space_at(space, 0) == space.size());
        CHECK(python::space_before(space, space.size()) == space.size());
    }
    for (std::string_view other : {"a", "\xC2\xA1", "\xE2\x80\x8B", "\xA0", "\xC2", "\x1b"}) {
        CAPTURE(other);
        CHECK(python::space_at(other, 0) == 0);
        CHECK(python::space_before(other, other.size()) == 0);
    }
    CHECK(python::space_before("x", 0) == 0);
}

TEST_CASE("strip takes white space off both ends and no more") {
    CHECK(python::strip(" \t a b\xC2\xA0\n") == "a b");
    CHECK(python::strip_left("  a ") == "a ");
    CHECK(python::strip_right("  a ") == "  a");
    CHECK(python::strip(" \n ") == "");
}

TEST_CASE("repr chooses the quote that the text does not hold") {
    CHECK(python::repr("it is") == "'it is'");
    CHECK(python::repr("it's") == "\"it's\"");
    CHECK(python::repr("it's \"x\"") == "'it\\'s \"x\"'");
}

TEST_CASE("repr escapes what cannot be shown") {
    CHECK(python::repr("a\\b\n\r\t") == "'a\\\\b\\n\\r\\t'");
    CHECK(python::repr(std::string_view("\0\x1b\x7f", 3)) == "'\\x00\\x1b\\x7f'");
    CHECK(python::repr("\xC3\xA9\xE2\x82\xAC") == "'\xC3\xA9\xE2\x82\xAC'");
    CHECK(python::repr("\xC2\xA0\xC2\xAD") == "'\\xa0\\xad'");
    CHECK(python::repr("\xEF\xBB\xBF[x]") == "'\\ufeff[x]'");
    CHECK(python::repr("\xE2\x80\x8B") == "'\\u200b'");
    CHECK(python::repr("\xFF") == "'\\udcff'");
}

TEST_CASE("lower changes ASCII letters only") {
    CHECK(python::lower("AbZ\xC3\x89[") == "abz\xC3\x89[");
}
