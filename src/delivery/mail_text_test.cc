// delivery/mail_text_test.cc: the encodings of mail, by examples of the RFCs and by any bytes.

#include "delivery/mail_text.h"

#include <doctest/doctest.h>

#include <random>

#include "text/utf8.h"
#include "text/value.h"

namespace lares::deliver {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto end = text.find("\r\n");
        REQUIRE(end != text.npos);  // each line has its end
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 2);
    }
    return lines;
}

int hex(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

std::string decode_quoted(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            if (text[i] != '\r') out += text[i];
        } else if (text[i + 1] == '\r') {
            i += 2;
        } else {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        }
    }
    return out;
}

std::string decode_base64(std::string_view text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0, count = 0;
    for (char c : text) {
        if (digits.find(c) == digits.npos) continue;
        bits = bits << 6 | static_cast<unsigned>(digits.find(c));
        if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8));
    }
    return out;
}

std::string decode_word(std::string_view word) {
    REQUIRE(word.starts_with("=?UTF-8?"));
    REQUIRE(word.ends_with("?="));
    auto body = word.substr(10, word.size() - 12);
    if (word[8] == 'B') return decode_base64(body);
    std::string spaced(body);
    for (char& c : spaced)
        if (c == '_') c = ' ';
    return decode_quoted(spaced);
}

/// What a reader shows for the value of a header.
std::string shown(std::string_view header) {
    auto value = header.substr(header.find(':') + 1);
    std::string out, word;
    bool after_word = false;
    std::string flat;
    for (char c : value)
        if (c != '\r' && c != '\n') flat += c;
    std::size_t at = 1;
    while (at <= flat.size()) {
        auto end = std::min(flat.find(' ', at), flat.size());
        word = flat.substr(at, end - at);
        bool is_word = word.starts_with("=?UTF-8?");
        if (at > 1 && !(is_word && after_word)) out += ' ';
        out += is_word ? decode_word(word) : word;
        after_word = is_word;
        at = end + 1;
    }
    return out;
}

std::string random_text(std::mt19937& random, bool any_bytes) {
    constexpr std::string_view scripts[] = {
        "a",  "Z", " ", "=",  "?",  "_", ".",  ",",
        "\"", "ß", "й", "漢", "😀", "é", "\t", "http://x.example/?a=b&c",
        "אב"};
    std::string text;
    for (auto count = random() % 120; count > 0; --count) {
        if (any_bytes && random() % 4 == 0) {
            text += static_cast<char>(random() % 256);
        } else {
            text += scripts[random() % std::size(scripts)];
        }
    }
    return text;
}

TEST_CASE("a title that is plain ASCII stays as it is, and folds at its spaces") {
    CHECK(text_header("Subject", "backup failed") == "Subject: backup failed\r\n");
    std::string longer =
        "one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen";
    auto lines = lines_of(text_header("Subject", longer));
    CHECK(lines.size() == 2);
    CHECK(shown(text_header("Subject", longer)) == longer);
    CHECK(text_header("Subject", "") == "Subject:\r\n");
}

TEST_CASE("what is not ASCII, or would be taken for an encoded word, is encoded") {
    CHECK(text_header("Subject", "Grüße") == "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n");
    CHECK(text_header("Subject", "漢字") == "Subject: =?UTF-8?B?5ryi5a2X?=\r\n");
    CHECK(text_header("Subject", "=?UTF-8?Q?x?=").find("=3D=3FUTF-8") != std::string::npos);
}

TEST_CASE("no title becomes a second header") {
    CHECK(text_header("Subject", "a\r\nBcc: x@y") == "Subject: a Bcc: x@y\r\n");
    CHECK(one_line("\r\n a\t\n b\x7f") == "a  b");
    CHECK(one_line(std::string_view("a\0b", 3)) ==
          "a\xEF\xBF\xBD"
          "b");
}

TEST_CASE("any bytes as a title: lines of at most 76 columns, ASCII, and the same text again") {
    std::mt19937 random(5);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = random_text(random, i % 2 == 1);
        CAPTURE(text);
        std::string header = text_header("Subject", text);
        for (auto const& line : lines_of(header)) {
            REQUIRE(line.size() <= 76);
            for (char c : line) REQUIRE((c >= ' ' && c <= '~'));
        }
        auto lines = lines_of(header);
        for (std::size_t j = 1; j < lines.size(); ++j)
            REQUIRE((lines[j].size() > 1 && lines[j][0] == ' ' && lines[j][1] != ' '));
        if (!one_line(text).empty()) REQUIRE(shown(header) == one_line(text));
    }
}

TEST_CASE("an encoded word holds whole characters only") {
    std::mt19937 random(6);
    for (int i = 0; i < 2'000; ++i) {
        std::string text = random_text(random, false) + "ß";
        for (auto const& word : encoded_words(text, 20 + random() % 60)) {
            REQUIRE(word.size() <= 75);
            std::string part = decode_word(word);
            for (std::size_t at = 0; at < part.size();) {
                auto character = text::read_character(part, at);
                REQUIRE(character.fault == text::Character::Fault::none);
                at += character.length;
            }
        }
    }
}

TEST_CASE("a name is bare, quoted or encoded, as it needs") {
    CHECK(address_header("To", {{"", "a@b"}}) == "To: a@b\r\n");
    CHECK(address_header("To", {{"Anna Berg", "a@b"}, {"", "c@d"}}) ==
          "To: Anna Berg <a@b>, c@d\r\n");
    CHECK(address_header("To", {{"Berg, \"A\"", "a@b"}}) == "To: \"Berg, \\\"A\\\"\" <a@b>\r\n");
    CHECK(address_header("To", {{"J. Smith", "a@b"}}) == "To: \"J. Smith\" <a@b>\r\n");
    CHECK(address_header("To", {{"Jürgen", "a@b"}}) == "To: =?UTF-8?Q?J=C3=BCrgen?= <a@b>\r\n");
    CHECK(address_header("To", {{"x\r\nBcc: y", "a@b"}}) == "To: \"x Bcc: y\" <a@b>\r\n");
    CHECK(address_header("To", {}).empty());
    std::vector<Mailbox> many(30, {"Some One", "some.one@example.org"});
    for (auto const& line : lines_of(address_header("To", many))) CHECK(line.size() <= 76);
}

TEST_CASE("quoted-printable as RFC 2045 has it") {
    CHECK(quoted_printable("a=b\n") == "a=3Db\r\n");
    CHECK(quoted_printable("no end") == "no end\r\n");
    CHECK(quoted_printable("end \nnext\t\r\n") == "end=20\r\nnext=09\r\n");
    CHECK(quoted_printable(".\n..\nFrom x\n") == "=2E\r\n=2E.\r\n=46rom x\r\n");
    CHECK(quoted_printable("a\rb") == "a=0Db\r\n");
    CHECK(quoted_printable("") == "");
    CHECK(quoted_printable("\n\n") == "\r\n\r\n");
}

TEST_CASE("any bytes as a text: lines of at most 76 columns, ASCII, and the same bytes again") {
    std::mt19937 random(7);
    for (int i = 0; i < 5'000; ++i) {
        std::string text = random_text(random, i % 2 == 1) + (i % 3 ? "\n" : "");
        std::string expected;
        for (std::size_t j = 0; j < text.size(); ++j)  // a line's end is one, however it was given
            if (text[j] != '\r' || j + 1 == text.size() || text[j + 1] != '\n') expected += text[j];
        std::string encoded = quoted_printable(text);
        for (auto const& line : lines_of(encoded)) {
            REQUIRE(line.size() <= 76);
            REQUIRE((line.empty() || (line.back() != ' ' && line.back() != '\t')));
            for (char c : line) REQUIRE(((c >= ' ' && c <= '~') || c == '\t'));
        }
        std::string back = decode_quoted(encoded);
        if (!expected.empty() && !expected.ends_with('\n')) expected += '\n';
        REQUIRE(back == expected);
    }
}

TEST_CASE("base64 has lines of 76 columns and comes back") {
    CHECK(base64_lines("") == "");
    CHECK(base64_lines("a") == "YQ==\r\n");
    std::string bytes;
    for (int i = 0; i < 1'000; ++i) bytes += static_cast<char>(i * 7);
    auto lines = lines_of(base64_lines(bytes));
    CHECK(lines.front().size() == 76);
    CHECK(decode_base64(base64_lines(bytes)) == bytes);
}

TEST_CASE("a file's name is quoted, or encoded in pieces that are short enough") {
    CHECK(parameter("filename", "a b.txt") == ";\r\n filename=\"a b.txt\"");
    CHECK(parameter("filename", "ü.txt") == ";\r\n filename*=UTF-8''%C3%BC.txt");
    CHECK(parameter("filename", "a\"\r\nX: y").find("\r\nX") == std::string::npos);
    std::string longer;
    for (int i = 0; i < 60; ++i) longer += "ü";
    for (auto const& line : lines_of(parameter("filename", longer) + "\r\n"))
        CHECK(line.size() <= 78);
    CHECK(parameter("filename", longer).find(" filename*1*=%") != std::string::npos);
}

TEST_CASE("a date is RFC 5322's, in universal time") {
    CHECK(mail_date(WallTime{}) == "Thu, 01 Jan 1970 00:00:00 +0000");
    CHECK(mail_date(WallTime(Duration(1'795'836'100'999))) == "Sat, 28 Nov 2026 03:21:40 +0000");
}

}  // namespace

}  // namespace lares::deliver
