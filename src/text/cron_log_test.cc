// text/cron_log_test.cc: cron's words in every dress.

#include "text/cron_log.h"

#include <doctest/doctest.h>

#include "text/iso_time.h"

using namespace lares::text;

namespace {

using Kind = CronLogLine::Kind;

CronLogLine read(std::string_view line) {
    CronLogReader reader;
    auto const found = reader.read(line);
    return found ? *found : CronLogLine{.pid = -1};
}

std::int64_t at(std::string_view iso) { return parse_iso_time(iso)->local; }

void check_command(std::string_view text, std::string_view user, std::string_view command) {
    CAPTURE(text);
    CronLogLine const line = read(text);
    CHECK(line.kind == Kind::command);
    CHECK(line.user == user);
    CHECK(line.command == command);
    CHECK(line.pid == 812);
    CHECK(!line.is_cut);
}

}  // namespace

TEST_CASE(
    "commands are read as Debian's cron, cronie and busybox write them, in every form of time") {
    check_command("Nov 28 03:15:01 host CRON[812]: (root) CMD (/bin/backup -q)", "root",
                  "/bin/backup -q");
    check_command("Nov  8 03:15:01 host CROND[812]: (anna) CMD (a (b) c)", "anna", "a (b) c");
    check_command("2026-11-28T03:15:01.003+01:00 host CRON[812]: (root) CMD (x)", "root", "x");
    check_command("2026-11-28T03:15:01+0100 host /usr/sbin/cron[812]: (root) CMD (x)", "root", "x");
    check_command("<78>1 2026-11-28T03:15:01.003Z host CRON 812 - - (root) CMD (x)", "root", "x");
    check_command("<78>1 2026-11-28T03:15:01Z host CRON 812 - [a b=\"c\"] (root) CMD (x)", "root",
                  "x");
    check_command("<78>Nov 28 03:15:01 host CRON[812]: (root) CMD (x)", "root", "x");
    check_command("Nov 28 03:15:01 host crond[9]: USER root pid 812 cmd run-parts /etc/x", "root",
                  "run-parts /etc/x");
    check_command(R"j({"__REALTIME_TIMESTAMP":"1774828801000000","SYSLOG_IDENTIFIER":"CRON",)j"
                  R"j("_PID":"812","MESSAGE":"(root) CMD (x)"})j",
                  "root", "x");
}

TEST_CASE("journald's export form takes several lines an entry") {
    CronLogReader reader;
    CHECK(!reader.read("__CURSOR=s=1"));
    CHECK(!reader.read("__REALTIME_TIMESTAMP=1774828801000000"));
    CHECK(!reader.read("SYSLOG_IDENTIFIER=CROND"));
    CHECK(!reader.read("_PID=812"));
    CHECK(!reader.read("MESSAGE=(root) CMD (x)"));
    auto const line = reader.read("");
    REQUIRE(line);
    CHECK(line->kind == Kind::command);
    CHECK(line->time.local == 1'774'828'801);
    CHECK(line->time.offset == 0);
    CHECK(!reader.read("MESSAGE=(root) CMD (y)"));
    CHECK(!reader.finish());  // without a time
}

TEST_CASE("what others wrote, and what else cron said, gives the time alone") {
    for (char const* text :
         {"Nov 28 03:15:01 host sshd[812]: (root) CMD (x)",
          "Nov 28 03:15:01 host CRON[812]: (root) CMDEND (x)",
          "Nov 28 03:15:01 host CRON[812]: pam_unix(cron:session): session opened",
          "Nov 28 03:15:01 host CRON[812]: (CRON) STARTUP (V3)",
          "Nov 28 03:15:01 host kernel: oops", "Nov 28 03:15:01"}) {
        CAPTURE(text);
        CHECK(read(text).kind == Kind::other);
        CHECK(read(text).time.month == 11);
    }
    for (char const* text :
         {"", "no time at all", "Nov 31x 03:15:01 host", "Nov 28 03-15-01 h a: b", "{", "{}",
          "<78>1 ", "<999999999999>1 x", "\xff\xfe"})
        CHECK(read(text).pid == -1);
}

TEST_CASE("restarts of @reboot and changes of tables are told apart") {
    CHECK(read("Nov 28 03:15:01 h cron[1]: (CRON) INFO (Running @reboot jobs)").kind ==
          Kind::reboot);
    CHECK(read("Nov 28 03:15:01 h cron[1]: (CRON) INFO (Skipping @reboot jobs -- not system "
               "startup)")
              .kind == Kind::other);
    CronLogLine const line = read("Nov 28 03:15:01 h crontab[1]: (anna) REPLACE (anna)");
    CHECK(line.kind == Kind::other);  // crontab's own word; cron's is RELOAD
    CHECK(read("Nov 28 03:15:01 h cron[1]: (*system*) RELOAD (/etc/crontab)").kind == Kind::table);
}

TEST_CASE("a command that the log cuts off is known to go on") {
    CronLogLine const line = read("Nov 28 03:15:01 h CRON[1]: (root) CMD (/bin/long one");
    CHECK(line.is_cut);
    CHECK(line.command == "/bin/long one");
}

TEST_CASE("a time without a year lies in the latest year that is not later") {
    LogTime const time = read("Nov 28 03:15:01 h x: y").time;
    CHECK(with_year(time, at("2026-11-28T03:15:01")) == at("2026-11-28T03:15:01"));
    CHECK(with_year(time, at("2026-11-28T03:15:00")) == at("2025-11-28T03:15:01"));
    CHECK(with_year(time, at("2027-01-01T00:00:00")) == at("2026-11-28T03:15:01"));
    LogTime const leap = read("Feb 29 12:00:00 h x: y").time;
    CHECK(with_year(leap, at("2027-03-01T00:00:00")) == at("2024-02-29T12:00:00"));
    CHECK(with_year(leap, at("2101-03-01T00:00:00")) == at("2096-02-29T12:00:00"));
}

TEST_CASE("commands are compared without what logs do to blanks and backslashes") {
    CHECK(comparable_command("  cd /  &&\trun-parts \\%d ") == "cd / && run-parts %d");
    CHECK(comparable_command("a^Ib#011c") == "a b c");
    CHECK(comparable_command("") == "");
}
