// text/cron_test.cc: what a cron expression means, and how a wrong one is refused.

#include "text/cron.h"

#include <doctest/doctest.h>

#include <bit>
#include <chrono>
#include <random>

#include "text/cron_days.h"

using namespace lares;
using namespace lares::text;

namespace {

Cron good(std::string_view expression, std::string_view words = {}) {
    auto read = parse_cron(expression, words);
    INFO(expression);
    REQUIRE_MESSAGE(read.ok(), (read.ok() ? "" : read.error().what));
    return read->cron;
}

/// The words of the refusal; empty when it was accepted.
std::string refusal(std::string_view expression) {
    auto const read = parse_cron(expression);
    if (read.ok()) return "";
    CHECK(read.error().kind == Error::Kind::invalid);
    return read.error().what;
}

std::string hints(std::string_view expression) {
    auto const read = parse_cron(expression);
    REQUIRE(read.ok());
    std::string all;
    for (auto const& hint : read->hints) all += (all.empty() ? "" : " | ") + hint;
    return all;
}

std::uint64_t bits(std::initializer_list<int> values) {
    std::uint64_t set = 0;
    for (int value : values) set |= std::uint64_t(1) << value;
    return set;
}

std::vector<int> days(std::string_view expression, int year, unsigned month) {
    std::vector<int> found;
    std::uint32_t const set = fitting_days(good(expression), year, month);
    for (int day = 1; day <= 31; ++day)
        if (set >> day & 1) found.push_back(day);
    return found;
}

using Days = std::vector<int>;

}  // namespace

TEST_CASE("values, ranges, steps and lists of a field add up") {
    Cron const cron = good("5,10-12,*/20 0-23/6 1-31/10 */5 1-5");
    CHECK(cron.minutes == bits({0, 5, 10, 11, 12, 20, 40}));
    CHECK(cron.hours == bits({0, 6, 12, 18}));
    CHECK(cron.days == bits({1, 11, 21, 31}));
    CHECK(cron.months == bits({1, 6, 11}));
    CHECK(cron.weekdays == bits({1, 2, 3, 4, 5}));
    CHECK(cron.seconds == 1);
    CHECK_FALSE(cron.has_seconds);
}

TEST_CASE("six fields begin with the second") {
    Cron const cron = good("*/30 1 2 3 4 5");
    CHECK(cron.has_seconds);
    CHECK(cron.seconds == bits({0, 30}));
    CHECK(cron.minutes == bits({1}));
    CHECK_FALSE(cron.is_wildcard);
}

TEST_CASE("names are read in any case, short and whole") {
    CHECK(good("0 0 * JAN,mar,December mon-FRI").months == bits({1, 3, 12}));
    CHECK(good("0 0 * JAN,mar,December mon-FRI").weekdays == bits({1, 2, 3, 4, 5}));
    CHECK(good("0 0 * * mon-fri/2").weekdays == bits({1, 3, 5}));
}

TEST_CASE("7 is Sunday, and sat-sun is the weekend") {
    CHECK(good("0 0 * * 7").weekdays == 1);
    CHECK(good("0 0 * * sat-sun").weekdays == bits({0, 6}));
    CHECK(good("0 0 * * 5-7").weekdays == bits({0, 5, 6}));
    CHECK(good("0 0 * * 1-7/2").weekdays == bits({0, 1, 3, 5}));
    CHECK(good("0 0 * * */7").weekdays == 1);
    CHECK(good("0 0 * * */2").weekdays == bits({0, 2, 4, 6}));
}

TEST_CASE("a field is a star by its text, not by its set") {
    CHECK(good("* * 1-31 * 0-6").day_star == false);
    CHECK(good("* * 1-31 * 0-6").weekday_star == false);
    CHECK(good("* * */2 * *,1").day_star);
    CHECK(good("* * */2 * *,1").weekday_star);
    CHECK(good("*/15 2 * * *").is_wildcard);
    CHECK(good("0 */2 * * *").is_wildcard);
    CHECK_FALSE(good("0,15,30,45 2 * * *").is_wildcard);
    CHECK_FALSE(good("0 0-23/2 * * *").is_wildcard);
    CHECK_FALSE(good("0-59 0-23 * * *").is_wildcard);
}

TEST_CASE("nicknames mean their fields") {
    CHECK(good("@yearly") == good("0 0 1 1 *"));
    CHECK(good("@annually") == good("0 0 1 1 *"));
    CHECK(good(" @Monthly ") == good("0 0 1 * *"));
    CHECK(good("@weekly") == good("0 0 * * 0"));
    CHECK(good("@daily") == good("0 0 * * *"));
    CHECK(good("@midnight") == good("0 0 * * *"));
    CHECK(good("@hourly") == good("0 * * * *"));
    CHECK(good("@reboot").is_reboot);
}

TEST_CASE("blanks and tabs in any number part the fields") {
    CHECK(good("\t 5   4\t3 2  1 \t") == good("5 4 3 2 1"));
    CHECK(good("05 004 3 2 1") == good("5 4 3 2 1"));
}

TEST_CASE("letters name days by where they lie in the month") {
    CHECK(days("0 0 L * *", 2026, 2) == Days{28});
    CHECK(days("0 0 L-3,1 * *", 2026, 4) == Days{1, 27});
    CHECK(days("0 0 15W * *", 2026, 2) == Days{16});  // a Sunday
    CHECK(days("0 0 15W * *", 2026, 8) == Days{14});  // a Saturday
    CHECK(days("0 0 15w * *", 2026, 4) == Days{15});
    CHECK(days("0 0 1W * *", 2026, 8) == Days{3});    // Saturday the 1st: not in July
    CHECK(days("0 0 31W * *", 2026, 5) == Days{29});  // Sunday the 31st: not in June
    CHECK(days("0 0 30W * *", 2026, 2) == Days{});
    CHECK(days("0 0 LW * *", 2026, 5) == Days{29});
    CHECK(days("0 0 * * 5L", 2026, 5) == Days{29});
    CHECK(days("0 0 * * FRIL", 2026, 2) == Days{27});
    CHECK(days("0 0 * * 5#L", 2026, 2) == Days{27});
    CHECK(days("0 0 * * 1#2", 2026, 1) == Days{12});
    CHECK(days("0 0 * * mon#1,mon#3", 2026, 6) == Days{1, 15});
    CHECK(days("0 0 * * 7#5", 2026, 2) == Days{});
    CHECK(days("0 0 * * 7#5", 2026, 3) == Days{29});
}

TEST_CASE("either day field is enough, unless one begins with a star") {
    CHECK(days("0 0 13 * 5", 2026, 2) == Days{6, 13, 20, 27});
    CHECK(days("0 0 1-7 * */7", 2026, 3) == Days{1});
    CHECK(days("0 0 */2 * 1", 2026, 3) == Days{9, 23});
    CHECK(days("0 0 30 * 1", 2026, 2) == Days{2, 9, 16, 23});
    CHECK(days("0 0 10 * 0-6", 2026, 2).size() == 28);
    CHECK(days("0 0 1-31 * 3", 2026, 2).size() == 28);
}

TEST_CASE("fitting days agree with asking day by day") {
    for (int year : {1900, 2000, 2024, 2100})
        for (unsigned month = 1; month <= 12; ++month) {
            auto first = std::chrono::sys_days(std::chrono::year(year) / int(month) / 1);
            Days wanted;
            for (int day = 1; day <= int(last_day(year, month)); ++day)
                if (std::chrono::weekday(first + std::chrono::days(day - 1)).c_encoding() % 3 == 0)
                    wanted.push_back(day);
            CHECK(days("0 0 * * 0,3,6", year, month) == wanted);
        }
}

TEST_CASE("H chooses the same value for the same words, and others for others") {
    CHECK(good("H H * * *", "host task") == good("H H * * *", "host task"));
    CHECK(good("H H * * *", "host task") != good("H H * * *", "host task2"));
    std::uint64_t seen = 0;
    for (int i = 0; i < 1'000; ++i) {
        Cron const cron = good("H H H H H", "task " + std::to_string(i));
        CHECK(std::popcount(cron.minutes) == 1);
        CHECK(std::countr_zero(cron.days) >= 1);
        CHECK(std::countr_zero(cron.days) <= 28);
        CHECK(std::popcount(cron.weekdays) == 1);
        seen |= cron.minutes;
    }
    CHECK(std::popcount(seen) == 60);
}

TEST_CASE("H takes a range and a step") {
    for (int i = 0; i < 200; ++i) {
        std::string const words = std::to_string(i);
        CHECK((good("H(10-19) * * * *", words).minutes &
               ~(bits({10, 11, 12, 13, 14, 15, 16, 17, 18, 19}))) == 0);
        Cron const quarter = good("H/15 * * * *", words);
        int const first = std::countr_zero(quarter.minutes);
        CHECK(first < 15);
        CHECK(quarter.minutes == bits({first, first + 15, first + 30, first + 45}));
        CHECK_FALSE(good("H/15 3 * * *", words).is_wildcard);
        CHECK(std::countr_zero(good("0~5 * * * *", words).minutes) <= 5);
        CHECK(std::popcount(good("~ ~ 1~ ~6 *", words).months) == 1);
        CHECK(std::popcount(good("h(0-29)/10 * * * *", words).minutes) == 3);
    }
}

TEST_CASE("a reversed range is refused with the two ranges that were meant") {
    CHECK(refusal("0 22-2 * * *") ==
          "hour '22-2': the range '22-2' ends before it begins; write '22-23,0-2'");
    CHECK(refusal("0 0 * * fri-mon") ==
          "weekday 'fri-mon': the range 'fri-mon' ends before it begins; write '5-6,0-1'");
    CHECK(refusal("0 0 28-3 * *").ends_with("write '28-31,1-3'"));
    CHECK(refusal("0 0 * * 7-2").ends_with("write '0-2'"));
    CHECK(refusal("0 22-2/2 * * *").ends_with("write '22,0,2'"));
    CHECK(refusal("59-0 * * * *").ends_with("write '59,0'"));
}

TEST_CASE("a step without a range is refused with the range") {
    CHECK(refusal("5/15 * * * *") == "minute '5/15': a step needs a range; write '5-59/15'");
    CHECK(refusal("0 0 * * 1/2").ends_with("write '1-6/2'"));
}

TEST_CASE("what is out of range is refused with the range") {
    CHECK(refusal("60 * * * *") ==
          "minute '60': '60' is out of range, expected 0 to 59; write 0 for the full one");
    CHECK(refusal("0 24 * * *").ends_with("expected 0 to 23; write 0 for midnight"));
    CHECK(refusal("0 0 0 * *")
              .starts_with("day of month '0': '0' is out of range, expected 1 to 31"));
    CHECK(refusal("0 0 32 * *") != "");
    CHECK(refusal("0 0 * 13 *") != "");
    CHECK(refusal("0 0 * 0 *") != "");
    CHECK(refusal("0 0 * * 8") != "");
    CHECK(refusal("99999999999999999999 * * * *") != "");
    CHECK(refusal("0-60 * * * *") != "");
    CHECK(refusal("60 0 0 * * *").starts_with("second '60'"));
}

TEST_CASE("an unknown name is refused with the nearest one") {
    CHECK(refusal("0 0 * jna *").ends_with("did you mean 'jan'?"));
    CHECK(refusal("0 0 * * tusday").ends_with("did you mean 'tue'?"));
    CHECK(refusal("@dayly").ends_with("did you mean '@daily'?"));
    CHECK(refusal("@every 5m").ends_with("write 'every = 5min' instead"));
    CHECK(refusal("0 0 mon * *").starts_with("day of month 'mon': found 'mon'"));
}

TEST_CASE("junk is refused") {
    for (std::string_view junk : {"",
                                  "   ",
                                  "*",
                                  "* * * *",
                                  "* * * * * * *",
                                  "a b c d e",
                                  "*/0 * * * *",
                                  "1,,2 * * * *",
                                  ",1 * * * *",
                                  "1, * * * *",
                                  "1- * * * *",
                                  "-1 * * * *",
                                  "1-2-3 * * * *",
                                  "*/ * * * *",
                                  "*/x * * * *",
                                  "*/-5 * * * *",
                                  "*5 * * * *",
                                  "** * * * *",
                                  "1//2 * * * *",
                                  "+5 * * * *",
                                  "1.5 * * * *",
                                  "? * * * *",
                                  "H() * * * *",
                                  "H(5-1) * * * *",
                                  "H(1-99) * * * *",
                                  "Hx * * * *",
                                  "5~1 * * * *",
                                  "0 0 L-31 * *",
                                  "0 0 L- * *",
                                  "0 0 32W * *",
                                  "0 0 0W * *",
                                  "0 0 W * *",
                                  "0 0 * * L",
                                  "0 0 * * 1#0",
                                  "0 0 * * 1#6",
                                  "0 0 * * 8#1",
                                  "0 0 * * #1",
                                  "0 0 * * 9L",
                                  "L * * * *",
                                  "@",
                                  "@bogus",
                                  "@daily x",
                                  "0 0 L/2 * *",
                                  "0 0 1-5W * *",
                                  "*/99999 * * * *",
                                  "0 0 1 1 mon command"}) {
        INFO(junk);
        CHECK(refusal(junk) != "");
    }
}

TEST_CASE("bytes that are not ASCII are refused with their column and what they look like") {
    CHECK(refusal("0 9\xe2\x80\x93"
                  "17 * * *")
              .starts_with("column 4: found the byte 0xe2"));
    CHECK(refusal("0 9\xe2\x80\x93"
                  "17 * * *")
              .ends_with("write '-'"));
    CHECK(refusal("0\xc2\xa0"
                  "9 * * *")
              .ends_with("write a plain one"));
    CHECK(refusal(std::string_view("0 9 * * *\0", 10)) != "");
    CHECK(refusal("0 9 * * *\n") != "");
}

TEST_CASE("an expression has a bound") {
    std::string list = "0";
    while (list.size() < 980) list += ",59";
    CHECK(refusal(list + " * * * *") == "");
    CHECK(refusal(list + list + " * * * *").starts_with("an expression of "));
}

TEST_CASE("any bytes give a value or a refusal") {
    std::mt19937 random(7);
    constexpr std::string_view letters = "0123456789*/,-~#LWH()@ \tjanmon\xff?";
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (auto n = random() % 24; n > 0; --n) text += letters[random() % letters.size()];
        auto const read = parse_cron(text, "x");
        if (!read) CHECK(!read.error().what.empty());
        if (read) CHECK(!describe_cron(read->cron).empty());
    }
}

TEST_CASE("what never fires is said") {
    CHECK(hints("0 0 30 2 *").starts_with("never fires: there is no 30 February"));
    CHECK(hints("0 0 31 4,6,9,11 *").starts_with("never fires: none of its months has a day 31"));
    CHECK(hints("0 0 L-30 2 *") == "never fires: no month has such a day");
    CHECK(hints("0 0 30 2 1").find("never") == std::string::npos);
    CHECK(hints("0 0 30 2 */7").starts_with("never fires"));
    CHECK(hints("0 0 29 2 *") == "29 February: in leap years only");
}

TEST_CASE("what is probably not meant is said") {
    CHECK(hints("0 0 1-7 * */7").find("must both fit, because the weekday field begins") !=
          std::string::npos);
    CHECK(hints("0 0 13 * 5").find("when either fits") != std::string::npos);
    CHECK(hints("0 0 10 * 0-6").starts_with("it runs every day"));
    CHECK(hints("*/7 * * * *") == "'*/7' begins anew after minute 56: the last stride is shorter");
    CHECK(hints("0 0 */2 * *").find("begins anew after day of month 31") != std::string::npos);
    CHECK(hints("*/90 * * * *") == "a step of 90 leaves minute 0 alone");
    CHECK(hints("* 2 * * *").find("write 0 as minute") != std::string::npos);
    CHECK(hints("0 0 31 * *").find("five months") != std::string::npos);
}

TEST_CASE("what is meant as it stands gives no hint") {
    for (std::string_view plain :
         {"* * * * *", "*/15 * * * *", "0 */6 * * *", "30 2 * * *", "0 0 1 * *", "0 9 * * 1-5",
          "0 0 L * *", "@hourly", "@reboot", "0 9 15W * *", "*/10 * * * * *", "0 0 1 */3 *"}) {
        INFO(plain);
        CHECK(hints(plain) == "");
    }
}

TEST_CASE("an expression is told in words") {
    auto words = [](std::string_view expression) { return describe_cron(good(expression)); };
    CHECK(words("0 6 * * 1-5") == "at 06:00 on Monday to Friday");
    CHECK(words("0 6,18 * * *") == "at 06:00 and 18:00 every day");
    CHECK(words("*/15 * * * *") == "every 15 minutes");
    CHECK(words("* * * * *") == "every minute");
    CHECK(words("5 * * * *") == "at minute 5 of every hour");
    CHECK(words("0 */2 * * *") == "at minute 0 of every 2 hours");
    CHECK(words("*/15 9-17 * * 1-5") ==
          "at minutes 0, 15, 30 and 45 of hours 9 to 17 on Monday to Friday");
    CHECK(words("0 0 13 * 5") == "at 00:00 on day 13 of the month and on Friday");
    CHECK(words("0 0 1-7 * */7") == "at 00:00 on days 1 to 7 of the month, if it is Sunday");
    CHECK(words("0 0 L 1,3 *") == "at 00:00 on the last day of the month in January and March");
    CHECK(words("0 9 * * 1#2,5L") == "at 09:00 on the second Monday and the last Friday");
    CHECK(words("*/10 * * * * *") == "every 10 seconds");
    CHECK(words("@reboot") == "once after each boot of the machine");
    CHECK(words("0 0 30 2 *") == "never");
    CHECK(words("0 0 * * sat-sun") == "at 00:00 on Saturday and Sunday");
}
