// delivery/alert_message_test.cc: what people read, in both languages.

#include "delivery/alert_message.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::deliver;

namespace {

alert::Notice down() {
    alert::Notice notice;
    notice.alert = 7;
    notice.subject = "program/db:db";
    notice.count = 3;
    notice.severity = alert::Severity::critical;
    notice.since = WallTime(Duration(1'774'319'520'000));
    notice.members = {
        {.subject = "program/db:db", .kind = alert::Kind::fatal, .words = "db exits"},
        {.subject = "task/load", .kind = alert::Kind::failure, .words = "", .count = 4}};
    return notice;
}

}  // namespace

TEST_CASE("an alert names its cause, what it led to, and how to acknowledge it") {
    auto message = alert_message(down(), {.language = "en",
                                          .host = "press-2",
                                          .page_url = "https://lares.example",
                                          .acknowledge_token = "abc"});
    CHECK(message.title == "[press-2] program 'db' is FATAL (and 2 more)");
    CHECK(message.text ==
          "- db exits\n\nWhat it led to:\n- task 'load' failed (4 times)\n- and 1 more\n\n"
          "Since 2026-03-24 02:32 UTC\n\nTo say that you have it in hand:\n"
          "open https://lares.example/ack/7/abc\nor run: lares alerts ack 7\n");
    CHECK(message.severity == "critical");
}

TEST_CASE("an alert is German where the channel is, and says what its owner has it say") {
    auto german = alert_message(down(), {.language = "de", .host = "press-2"});
    CHECK(german.title ==
          "[press-2] Programm 'db' ist endgültig ausgefallen (FATAL) (und 2 weitere)");
    CHECK(german.text.find("Was daraus folgte:\n- Aufgabe 'load' ist fehlgeschlagen (4-mal)") !=
          std::string::npos);
    auto own = alert_message(
        down(), {.language = "de", .host = "press-2", .overrides = [](auto name, auto language) {
                     return name == "notice.title" && language == "de"
                                ? std::optional<std::string>("ALARM {{title}}")
                                : std::nullopt;
                 }});
    CHECK(own.title == "ALARM Programm 'db' ist endgültig ausgefallen (FATAL)");
}

TEST_CASE("what is over is said without asking anybody to have it in hand") {
    auto notice = down();
    notice.what = alert::Notice::What::resolved;
    auto message = alert_message(notice, {.language = "en", .host = "h"});
    CHECK(message.title.starts_with("[h] program 'db' is well again"));
    CHECK(message.text.find("ack") == std::string::npos);
    CHECK(message.severity == "info");
}
