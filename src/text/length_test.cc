// text/length_test.cc: texts counted as the services count them.

#include "text/length.h"

#include <doctest/doctest.h>

#include <random>

#include "text/graphemes.h"
#include "text/sms_size.h"
#include "text/utf8.h"

using namespace lares::text;

namespace {

void check(LengthUnit unit, std::string_view text, std::size_t expected) {
    CAPTURE(text);
    CHECK(length(unit, text) == expected);
}

std::string times(std::string_view text, std::size_t count) {
    std::string made;
    for (std::size_t i = 0; i < count; ++i) made += text;
    return made;
}

constexpr std::string_view family = "👨‍👩‍👧‍👦", flag = "🇩🇪", thumb = "👍🏽",
                           keycap = "1️⃣", rainbow = "🏳️‍🌈";

}  // namespace

TEST_CASE("a letter with its accents, a flag and a family are one grapheme each") {
    check(LengthUnit::graphemes, "e\u0301", 1);
    for (auto each : {family, flag, thumb, keycap, rainbow}) check(LengthUnit::graphemes, each, 1);
    check(LengthUnit::graphemes, "🇩🇪🇫🇷", 2);
    check(LengthUnit::graphemes, "\r\n", 1);
    check(LengthUnit::graphemes, "각", 1);
    check(LengthUnit::graphemes, "नि", 1);
    check(LengthUnit::graphemes, "مُحَمَّد", 4);
    check(LengthUnit::graphemes, "", 0);
}

TEST_CASE("bytes that are no UTF-8 count one each and part graphemes") {
    check(LengthUnit::graphemes, "\xFF\xCC\x81", 2);
    check(LengthUnit::graphemes, "a\x80", 2);
    check(LengthUnit::code_points, "a\xF0\x9F", 2);
}

TEST_CASE("code points, bytes and UTF-16 units are counted as they are") {
    check(LengthUnit::code_points, family, 7);
    check(LengthUnit::bytes, family, 25);
    check(LengthUnit::utf16, family, 11);
    check(LengthUnit::utf16, "aé漢", 3);
}

TEST_CASE("X counts Latin, Cyrillic and Arabic 1, Chinese and Japanese 2, an emoji 2") {
    check(LengthUnit::weighted, "Grüße", 5);
    check(LengthUnit::weighted, "Привет", 6);
    check(LengthUnit::weighted, "سلام", 4);
    check(LengthUnit::weighted, "休講日", 6);
    check(LengthUnit::weighted, "…", 2);
    check(LengthUnit::weighted, "“a” – b’", 8);
    for (auto each : {family, flag, thumb, keycap, rainbow}) check(LengthUnit::weighted, each, 2);
    check(LengthUnit::weighted, "😀😀", 4);
    check(LengthUnit::weighted, "©", 1);
    check(LengthUnit::weighted, "©️", 2);
    check(LengthUnit::weighted, times("漢", 140), 280);
}

TEST_CASE("X counts the composed form") {
    check(LengthUnit::weighted, "e\u0301", 1);
    check(LengthUnit::weighted, "か\u3099", 2);
    check(LengthUnit::weighted, "q\u0301", 2);
}

TEST_CASE("joined emoji that nobody draws as one count each for themselves on X") {
    check(LengthUnit::weighted, "👍\u200D👍", 5);
    check(LengthUnit::weighted, "👩\u200D🔧", 2);
    check(LengthUnit::weighted, "🤷🏽\u200D♀️", 2);
}

TEST_CASE("a URL counts 23 on X and Mastodon, however long") {
    std::string const url = "https://example.com/" + times("a", 200);
    for (auto unit : {LengthUnit::weighted, LengthUnit::mastodon}) {
        check(unit, url, 23);
        check(unit, "https://a.de", 23);
        check(unit, "see " + url + ".", 28);
    }
    check(LengthUnit::graphemes, url, 220);
}

TEST_CASE("a host that X may make a link counts no less than 23 there") {
    check(LengthUnit::weighted, "db.example.com", 23);
    check(LengthUnit::mastodon, "db.example.com", 14);
    check(LengthUnit::weighted, "1.25 e.g. 10.0.0.1", 18);
}

TEST_CASE("a URL that the services do not know for one counts as long as it is") {
    std::string const url = "http://press-2:9001/" + times("a", 80);
    check(LengthUnit::weighted, url, 100);
    check(LengthUnit::mastodon, url, 100);
    check(LengthUnit::weighted, "http://a:1/", 23);
}

TEST_CASE("an SMS has 160 characters of its alphabet, or 70 of all others") {
    auto parts = [](std::string_view text) { return sms_size(text).parts; };
    CHECK(parts("") == 0);
    CHECK(parts(times("a", 160)) == 1);
    CHECK(parts(times("a", 161)) == 2);
    CHECK(parts(times("a", 306)) == 2);
    CHECK(parts(times("a", 307)) == 3);
    CHECK(parts(times("ж", 70)) == 1);
    CHECK(parts(times("ж", 71)) == 2);
    CHECK(parts(times("ж", 134)) == 2);
    CHECK(parts(times("ж", 135)) == 3);
    CHECK(parts(times("a", 159) + "ж") == 3);
    CHECK(sms_size("äöüß ÄÖÜ é@Δ").is_gsm7);
    CHECK_FALSE(sms_size("…").is_gsm7);
}

TEST_CASE("brackets, braces and the euro take two places of an SMS, and no part ends within one") {
    CHECK(sms_size("[€]") == SmsSize{true, 6, 1});
    CHECK(sms_size(times("a", 159) + "€").parts == 2);
    CHECK(sms_size(times("a", 152) + "€" + times("a", 151)).parts == 2);
    CHECK(sms_size(times("a", 152) + "€" + times("a", 152)).parts == 3);
    CHECK(sms_size(times("😀", 35)).parts == 1);
    CHECK(sms_size(times("😀", 66)).parts == 2);
    CHECK(sms_size(times("😀", 67)).parts == 3);
}

TEST_CASE("what sms_room() says fits into as many parts, wherever the wide ones stand") {
    std::mt19937 random(5);
    for (int i = 0; i < 3000; ++i) {
        std::size_t const parts = 1 + random() % 6;
        bool const is_gsm7 = random() % 2 == 0;
        std::size_t const room = sms_room(is_gsm7, parts);
        std::string text = is_gsm7 ? "" : "ж";
        std::size_t units = is_gsm7 ? 0 : 1;
        while (units < room) {
            bool const is_wide = random() % 3 == 0 && units + 2 <= room;
            text += is_wide ? (is_gsm7 ? "€" : "😀") : "a";
            units += is_wide ? 2 : 1;
        }
        CHECK(sms_size(text).parts <= parts);
    }
}

TEST_CASE("pieces are graphemes and whole links, and end where their weight is too much") {
    auto const found = pieces(LengthUnit::weighted, "ab https://a.de/x 漢", 100);
    REQUIRE(found.size() == 6);
    CHECK(found[2].is_space);
    CHECK(found[3].is_link);
    CHECK(found[3].weight == 23);
    CHECK(found[5].weight == 2);
    CHECK(pieces(LengthUnit::graphemes, times("a", 1000), 10).size() == 11);
}

TEST_CASE("the pieces of any bytes cover them, and weigh what the text is long") {
    std::mt19937 random(7);
    std::string_view const parts[] = {
        "a",  " ", "é", "e\u0301", "漢", "👨‍👩‍👧", "#t", "http://a.de/", "\xFF", "\n",
        "🇩🇪", "ы", "(", ")",       ".",  "www.x.org"};
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (std::size_t n = random() % 20; n > 0; --n) text += parts[random() % std::size(parts)];
        for (auto unit : {LengthUnit::graphemes, LengthUnit::weighted, LengthUnit::mastodon,
                          LengthUnit::utf16}) {
            auto const found = pieces(unit, text, 100'000);
            std::size_t sum = 0, before = 0;
            for (auto const& each : found) {
                CHECK(each.end > before);
                before = each.end;
                sum += each.weight;
            }
            CHECK(before == text.size());
            CHECK(sum == length(unit, text));
        }
    }
}
