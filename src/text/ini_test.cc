// text/ini_test.cc: supervisord's dialect: what a file means, where each word stands, what is
// wrong.

#include "text/ini.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace lares::text;

namespace {

struct Read {
    Ini ini;
    std::vector<Diagnostic> found;

    std::string value(std::string_view section, std::string_view key) const {
        IniSection const* known = ini.find(section);
        IniEntry const* entry = known ? known->find(key) : nullptr;
        return entry ? entry->value : "(none)";
    }
};

Read read(std::string text, std::string path = "x.conf") {
    Read result;
    result.found = read_ini(result.ini, std::move(path), std::move(text));
    return result;
}

/// Reads "[s]\n" and `text`, which must be faultless, and checks option k.
void check_value(std::string const& text, std::string_view expected) {
    CAPTURE(text);
    Read got = read("[s]\n" + text);
    CHECK(got.found.empty());
    CHECK(got.value("s", "k") == expected);
}

void check_place(Place const& place, int line, int column) {
    CHECK(place.line == line);
    CHECK(place.column == column);
}

}  // namespace

TEST_CASE("an option has a key in lower case and a value without the spaces around it") {
    check_value("k=v", "v");
    check_value("K : v w ", "v w");
    check_value("k\t=\tv=w:x", "v=w:x");
    check_value("k=", "");
    check_value("k='quoted'", "'quoted'");
    check_value("  k=v", "v");
    CHECK(read("[s]\nA Key = 1\n").value("s", "a key") == "1");
    CHECK(read("[s]\nk=v\xC2\xA0\n").value("s", "k") == "v");
}

TEST_CASE("a section's name keeps its case and its spaces") {
    Read got = read("[Program:X y]\nk=1\n[ z ] ; note\nk=2\n[a]b]\nk=3\n");
    CHECK(got.found.empty());
    CHECK(got.value("Program:X y", "k") == "1");
    CHECK(got.value(" z ", "k") == "2");
    CHECK(got.value("a]b", "k") == "3");
}

TEST_CASE("a line that begins with ; or # is a comment") {
    check_value("; x\n  # y = 1\nk=v\n", "v");
}

TEST_CASE("a ; or # after white space begins a comment") {
    check_value("k=a b;c ;note", "a b;c");
    check_value("k=a#b #note", "a#b");
    check_value("k=v\t;note", "v");
    check_value("k=;x", ";x");
    check_value("k= ;x", "");
    check_value("k=v\xC2\xA0;note", "v");
    // ConfigParser looks for both signs in step: '#' is found first and hides the earlier ';'.
    check_value("k=a;b ;c #d", "a;b ;c");
}

TEST_CASE("an indented line continues the value") {
    check_value("k=a,\n  b ; note\n\tc\n", "a,\nb\nc");
    check_value("k=\n a=1\n [x]\n", "\na=1\n[x]");
    check_value("k=a\n ; comment\n b\n", "a\nb");
    check_value("k=a\n# comment\n b\n", "a\nb");
    check_value("k=a\n\n b\n\n\nx=1\n", "a\n\nb");
    check_value(" k=a\n x=1\n", "a");  // no deeper than the key: an option
}

TEST_CASE("lines end in LF, CRLF or CR") {
    Read got = read("[s]\r\nk=v\r\n w\r\n[t]\rk=x\r");
    CHECK(got.found.empty());
    CHECK(got.value("s", "k") == "v\nw");
    CHECK(got.value("t", "k") == "x");
}

TEST_CASE("the last value of an option counts, in the place of the first") {
    Read got = read("[s]\nk=1\nx=2\nK=3\n");
    auto const& entries = got.ini.find("s")->entries;
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].key == "k");
    CHECK(entries[0].value == "3");
    check_place(entries[0].key_place, 4, 1);
}

TEST_CASE("a section that comes again adds to the first, also from another file") {
    Read got = read("[s]\na=1\nb=1\n[t]\n[s]\nb=2\n");
    CHECK(read_ini(got.ini, "y.conf", "[s]\nb=3\nc=3\n[u]\n").empty());
    CHECK(got.ini.sections.size() == 3);
    CHECK(got.ini.find("s")->place == Place{0, 1, 1});
    CHECK(got.ini.find("u")->place == Place{1, 4, 1});
    CHECK(got.value("s", "a") == "1");
    CHECK(got.value("s", "b") == "3");
    CHECK(got.ini.find("s")->find("b")->place == Place{1, 2, 3});
    CHECK(got.ini.sources.size() == 2);
}

TEST_CASE("sections inherit what [DEFAULT] says and they do not say") {
    Read got = read("[s]\na=1\n[DEFAULT]\na=0\nb=0\n[t]\n");
    CHECK(got.ini.sections.size() == 2);
    CHECK(got.ini.find("DEFAULT") == nullptr);
    CHECK(got.value("s", "a") == "1");
    CHECK(got.value("s", "b") == "0");
    CHECK(got.value("t", "a") == "0");
    CHECK(got.ini.find("t")->find("a")->is_inherited);
    CHECK_FALSE(got.ini.find("s")->find("a")->is_inherited);
    read_ini(got.ini, "y.conf", "[DEFAULT]\nb=9\n[t]\na=5\n[u]\n");
    CHECK(got.value("s", "b") == "9");
    CHECK(got.value("t", "a") == "5");
    CHECK(got.value("u", "b") == "9");
    CHECK_FALSE(got.ini.find("t")->find("a")->is_inherited);
}

TEST_CASE("keys and values know their places") {
    Read got = read("[s]\n  Key =  value\nx=\n\xC3\xA9 = y\n");
    auto const& entries = got.ini.find("s")->entries;
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].key_place == Place{0, 2, 3});
    CHECK(entries[0].place == Place{0, 2, 10});
    CHECK(entries[1].place == Place{0, 3, 3});
    CHECK(entries[2].place == Place{0, 4, 6});  // in bytes
}

TEST_CASE("a line before any section is an error, told once") {
    Read got = read("; fine\n  hello\nx=1\n[s]\nk=1\n", "/it's.conf");
    REQUIRE(got.found.size() == 1);
    CHECK(got.found[0].severity == Severity::error);
    check_place(got.found[0].place, 2, 3);
    CHECK(got.found[0].what == "a line before the first [section]");
    CHECK(got.found[0].classic ==
          "File contains no section headers.\nfile: \"/it's.conf\", line: 2\n'  hello\\n'");
    CHECK(got.value("s", "k") == "1");  // and the rest is read
    CHECK(read("[]\n").found[0].classic.starts_with("File contains no section headers."));
}

TEST_CASE("lines that are no option are all errors, and supervisord's words list them all") {
    Read got = read("[s]\nfoo\nk=1\n=x\n[t]\nbar");
    REQUIRE(got.found.size() == 3);
    CHECK(got.found[0].what == "no '=' in this line");
    CHECK(got.found[1].what == "no option's name before the '='");
    check_place(got.found[2].place, 6, 1);
    CHECK(got.found[0].classic ==
          "Source contains parsing errors: 'x.conf'\n\t[line  2]: 'foo\\n'\n\t[line  4]: "
          "'=x\\n'\n\t[line  6]: 'bar'");
    CHECK(got.found[2].classic == "Source contains parsing errors: 'x.conf'\n\t[line  6]: 'bar'");
    CHECK(got.value("s", "k") == "1");
}

TEST_CASE("what continues a faulty line is dropped with it") {
    Read got = read("[s]\nk=1\nfoo\n  more\nx=2\n");
    CHECK(got.found.size() == 1);
    CHECK(got.value("s", "k") == "1");
    CHECK(got.value("s", "x") == "2");
}

TEST_CASE("bytes that are not UTF-8 are errors with their places and Python's words") {
    Read got = read("[supervisord]\nx=\xFF\ny=\xC3(\xFF\n");
    REQUIRE(got.found.size() == 2);
    CHECK(got.found[0].what == "byte 0xff is not UTF-8");
    check_place(got.found[0].place, 2, 3);
    check_place(got.found[1].place, 3, 3);
    CHECK(got.found[0].classic ==
          "'utf-8' codec can't decode byte 0xff in position 16: invalid start byte");
    CHECK(got.found[1].classic == "");
    CHECK(got.value("supervisord", "x") == "\xFF");

    auto classic = [](std::string const& tail) {
        return read("[supervisord]\nx=a" + tail).found[0].classic;
    };
    CHECK(classic("\xE2\x82\nb=1\n") ==
          "'utf-8' codec can't decode bytes in position 17-18: invalid continuation byte");
    CHECK(classic("\xC3(") ==
          "'utf-8' codec can't decode byte 0xc3 in position 17: invalid continuation byte");
    CHECK(classic("\xE2\x82") ==
          "'utf-8' codec can't decode bytes in position 0-1: unexpected end of data");
}

TEST_CASE("a byte order mark is accepted with a warning") {
    Read got = read("\xEF\xBB\xBF[s]\nk=1\n");
    REQUIRE(got.found.size() == 1);
    CHECK(got.found[0].severity == Severity::warning);
    CHECK(got.value("s", "k") == "1");
    CHECK(got.ini.find("s")->place == Place{0, 1, 1});
}

TEST_CASE("a comment that cuts inside an open quote is a warning") {
    Read got = read("[s]\nk=bash -c 'x ; y'\n");
    REQUIRE(got.found.size() == 1);
    CHECK(got.found[0].severity == Severity::warning);
    CHECK(got.found[0].what == "a comment begins here, inside an open '");
    check_place(got.found[0].place, 2, 14);
    CHECK(got.value("s", "k") == "bash -c 'x");

    CHECK(read("[s]\nk=a \"b\n  c # d\"\n").found.size() == 1);    // opened a line before
    CHECK(read("[s]\nk=a 'b ; c\n  d ; e'\n").found.size() == 1);  // once an option
    CHECK(read("[s]\nk='a' \"b\" \\' ; c\n").found.empty());
    CHECK(read("[s]\nk=\"it's\" ; c\n").found.empty());
    CHECK(read("[s]\nk=a 'b\nx=c ; d\n").found.empty());
}

TEST_CASE("what looks like a faulty section is a warning") {
    Read got = read("[s]\n[program:a\nk=1\n[t] x\n");
    REQUIRE(got.found.size() == 2);
    CHECK(got.found[0].severity == Severity::warning);
    CHECK(got.found[0].hint == "is a ']' missing?");
    CHECK(got.value("s", "[program") == "a");
    check_place(got.found[1].place, 4, 5);
    CHECK(got.ini.find("t"));
}

TEST_CASE("errors and sizes have a limit") {
    std::string many = "[s]\n";
    for (int i = 0; i < 1'000; ++i) many += "foo\n";
    CHECK(read(many).found.size() == 200);
    auto got = read(std::string((16 << 20) + 1, ' '));
    REQUIRE(got.found.size() == 1);
    CHECK(got.found[0].severity == Severity::error);
}

TEST_CASE("what is printed reads back the same") {
    std::mt19937 random(11);
    auto word = [&](std::string_view letters) {
        std::string text(1 + random() % 8, ' ');
        for (char& c : text) c = letters[random() % letters.size()];
        return text;
    };
    for (int round = 0; round < 1'000; ++round) {
        std::string text;
        Read expected;
        for (std::size_t i = random() % 4; i-- > 0;) {
            IniSection section{std::to_string(i) + word("aB:[]=;#"), {}, {}};
            text += "[" + section.name + "]\n";
            for (std::size_t j = random() % 4; j-- > 0;) {
                IniEntry entry{
                    std::to_string(j) + word("ab_-[]"), word("ab;#[]=:'\"%\\\xC3\xA9"), {}, {}};
                text += entry.key + " = " + entry.value;
                if (random() % 2) {
                    text += "  ; note\n  # note\n";
                    entry.value += "\nmore";
                    text += "\tmore";
                }
                // A sign right after "= " would be a comment.
                text += "\n";
                section.entries.push_back(entry);
            }
            expected.ini.sections.push_back(section);
        }
        Read got = read(text);
        CAPTURE(text);
        for (auto const& section : expected.ini.sections)
            for (auto const& entry : section.entries)
                if (entry.value.find_first_of(";#'\"\\") != 0)
                    CHECK(got.value(section.name, entry.key) == entry.value);
    }
}

TEST_CASE("any bytes give sections or errors, and places inside the text") {
    std::mt19937 random(12);
    for (int round = 0; round < 20'000; ++round) {
        std::string text(random() % 40, ' ');
        for (char& c : text) c = "[s]k=:;# \t\n\r'\"\\\xEF\xBB\xBF\xC2\xA0\xFF\0"[random() % 23];
        Read got = read(text);
        auto lines = 1 + static_cast<int>(std::ranges::count_if(
                             text, [](char c) { return c == '\n' || c == '\r'; }));
        for (auto const& d : got.found) {
            CHECK(d.place.line >= 1);
            CHECK(d.place.line <= lines);
            CHECK(format(d, got.ini.sources, "").ends_with("\n"));
        }
    }
}
