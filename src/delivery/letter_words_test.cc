// delivery/letter_words_test.cc: a week in words, in two languages and two forms.

#include "delivery/letter_words.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::deliver;

namespace {

constexpr std::int64_t monday = 1'795'392'000;  // 2026-11-23 00:00 UTC

letter::Letter busy() {
    letter::Letter letter;
    letter.to = WallTime(std::chrono::seconds(monday));
    letter.from = letter.to - std::chrono::hours(168);
    letter.runs = 3;
    letter.bad = 1;
    letter.subjects = 1;
    letter.ran = {
        {.subject = "task/<b>", .runs = 3, .good = 2, .bad = 1, .longest = Duration(90'000)}};
    letter.needs_you = {.list = {{.subject = "task/<b>", .words = "it failed", .at = letter.from}},
                        .count = 4};
    letter.channels = {{.name = "ops", .sent = 5, .failed = 1}};
    return letter;
}

}  // namespace

TEST_CASE("a letter says what needs somebody first, then what ran") {
    auto words =
        letter_words(busy(), {.language = "en", .host = "press-2", .spent = {"sms: 1.00 EUR"}});
    CHECK(words.title == "press-2: the week of 2026-11-16 to 2026-11-22");
    auto place = [&](std::string_view part) {
        CAPTURE(part);
        auto at = words.text.find(part);
        CHECK(at != std::string::npos);
        return at;
    };
    CHECK(place("4 things need you.") < place("What needs you"));
    CHECK(place("- task/<b>: it failed (since 2026-11-16 00:00)") < place("- and 3 more"));
    CHECK(place("- and 3 more") < place("task/<b>: 3 runs, 1 failed, the longest 90 s"));
    CHECK(place("ops: 5 sent, 1 not delivered") < place("sms: 1.00 EUR"));
    CHECK(words.text.find("What was late") == std::string::npos);
}

TEST_CASE("as a page nothing that was named in it becomes markup, and it has a sheet for paper") {
    auto words = letter_words(busy(), {.language = "de", .host = "<h>"});
    CHECK(words.page.find("<b>") == std::string::npos);
    CHECK(words.page.find("task/&lt;b&gt;") != std::string::npos);
    CHECK(words.page.find("<html lang=\"de\">") != std::string::npos);
    CHECK(words.page.find("@media print") != std::string::npos);
    CHECK(words.html.find("<style") == std::string::npos);
    CHECK(words.title == "<h>: die Woche vom 16.11.2026 bis 22.11.2026");
}

TEST_CASE("a week without anything is a quiet one") {
    letter::Letter letter;
    letter.to = WallTime(std::chrono::seconds(monday));
    letter.from = letter.to - std::chrono::hours(168);
    CHECK(letter_words(letter, {.language = "en", .host = "h"}).text ==
          "A quiet week: nothing needs you.\n");
}
