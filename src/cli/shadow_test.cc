// cli/shadow_test.cc: `lares shadow crontab` on scripted tables and logs.

#include <doctest/doctest.h>

#include "cli/berlin_zones_test.h"
#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

struct Shadowed : Machine {
    Shadowed() {
        Machine::zones = &known;
        now = 1'774'828'800;  // 2026-03-30, UTC
        files["/etc/crontab"] = "SHELL=/bin/sh\n0 3 * * * root /bin/backup\n";
    }
    /// Lines behind "Mar DAY TIME host CRON[1]: ".
    void log(std::vector<std::pair<std::string, std::string>> const& lines) {
        std::string& text = files["/var/log/syslog"];
        for (auto const& [time, words] : lines) text += "Mar " + time + " host " + words + "\n";
    }
    bool told(std::string_view words) const { return (out + err).find(words) != std::string::npos; }
    sim::Zones known = berlin_zones();
};

std::string const run_words = "CRON[7]: (root) CMD (/bin/backup)";

}  // namespace

TEST_CASE("a table and a log that agree give exit status 0") {
    Shadowed house;
    house.log({{"28 00:00:00", "kernel: up"},
               {"28 03:00:01", run_words},
               {"29 03:00:01", run_words},
               {"29 23:59:59", "kernel: x"}});
    CHECK(house.run({"shadow", "crontab", "/etc/crontab"}) == 0);
    CHECK(house.told("/etc/crontab:2  0 3 * * *  2    2"));
    CHECK(house.told("2 runs agree, 0 would have run and did not, 0 ran and would not have"));
    CHECK(house.daemon.requests.empty());
}

TEST_CASE("differences stand with time, place and command, and exit status is 1") {
    Shadowed house;
    house.log({{"28 00:00:00", "kernel: up"},
               {"28 05:00:01", run_words},
               {"28 06:00:01", "CRON[8]: (anna) CMD (other)"},
               {"28 23:59:59", "kernel: x"}});
    CHECK(house.run({"shadow", "crontab", "/etc/crontab"}) == 1);
    CHECK(
        house.told("2026-03-28 03:00 +00:00  would have run, and did not:  /etc/crontab:2  (root) "
                   "/bin/backup"));
    CHECK(house.told("2026-03-28 05:00:01 +00:00  ran, and would not have:      /etc/crontab:2"));
    CHECK(house.told("1 times (anna) other"));
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--json"}) == 1);
    CHECK(house.told("\"missing_count\":1,\"too_much_count\":1"));
    CHECK(house.told("\"at\":\"2026-03-28T03:00:00+00:00\",\"file\":\"/etc/crontab\",\"line\":2"));
}

TEST_CASE("commands of no line count as too much only when these are all the tables") {
    Shadowed house;
    house.log({{"28 00:00:00", "kernel: up"},
               {"28 03:00:01", run_words},
               {"28 06:00:01", "CRON[8]: (anna) CMD (other)"}});
    CHECK(house.run({"shadow", "crontab", "/etc/crontab"}) == 0);
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--all"}) == 1);
    CHECK(house.told("of no line here  (anna) other"));
}

TEST_CASE("a line that Lares refuses is told with its place, and is a difference") {
    Shadowed house;
    house.files["/etc/crontab"] += "5/15 * * * * root /bin/often\n";
    house.log({{"28 00:00:00", "kernel: up"}, {"28 03:00:01", run_words}});
    CHECK(house.run({"shadow", "crontab", "/etc/crontab"}) == 1);
    CHECK(house.told("/etc/crontab:3"));
    CHECK(house.told("refused"));
    CHECK(house.told("5-59/15"));
}

TEST_CASE("rotated logs are read too, and a log is named by --syslog") {
    Shadowed house;
    house.files["/var/log/my.1"] = "Mar 28 00:00:00 h a: b\nMar 28 03:00:01 h " + run_words + "\n";
    house.files["/var/log/my"] = "Mar 29 03:00:01 h " + run_words + "\nMar 29 04:00:00 h a: b\n";
    house.files["/var/log/my.conf"] = "Mar 29 03:20:00 h " + run_words + "\n";
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--syslog", "/var/log/my"}) == 0);
    CHECK(house.told("against /var/log/my, /var/log/my.1"));
    CHECK(house.told("2 runs agree"));
}

TEST_CASE("a journal comes by standard input") {
    Shadowed house;
    house.typed = {"2026-03-28T00:00:00+0000 host kernel: x",
                   "2026-03-28T03:00:01+0000 host " + run_words};
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--syslog", "-"}) == 0);
    CHECK(house.told("against standard input"));
}

TEST_CASE("a user's table has no field with the user; whose it is can be said") {
    Shadowed house;
    house.files["/home/alice/tab"] = "0 3 * * * /bin/backup\n";
    house.log({{"28 00:00:00", "kernel: up"}, {"28 03:00:01", run_words}, {"28 04:00:00", "k: x"}});
    CHECK(house.run({"shadow", "crontab", "tab"}) == 0);
    CHECK(house.run({"shadow", "crontab", "tab", "--of", "root"}) == 0);
    CHECK(house.run({"shadow", "crontab", "tab", "--of", "anna"}) == 1);
}

TEST_CASE("the hour that comes twice is told apart by the order of the log") {
    Shadowed house;
    house.now = 1'793'000'000;
    house.files["/etc/crontab"] = "30 * * * * root /bin/backup\n";
    house.files["/var/log/syslog"] = "Oct 25 01:29:59 h a: b\nOct 25 01:30:01 h " + run_words +
                                     "\nOct 25 02:30:01 h " + run_words + "\nOct 25 02:30:01 h " +
                                     run_words + "\nOct 25 03:30:01 h " + run_words + "\n";
    // The second pass is an hour later, though the clock shows the same.
    std::string& log = house.files["/var/log/syslog"];
    log.insert(log.rfind("Oct 25 02:30:01"), "Oct 25 02:59:59 h a: b\n");
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--tz", "Europe/Berlin"}) == 0);
    CHECK(house.told("4 runs agree"));
}

TEST_CASE("times bound what is compared, and must lie within the log") {
    Shadowed house;
    house.log({{"28 00:00:00", "kernel: up"}, {"29 23:59:59", "kernel: x"}});
    CHECK(house.run({"shadow", "crontab", "/etc/crontab"}) == 1);
    CHECK(house.told("2 would have run"));
    CHECK(house.told("no word of cron"));
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--from", "2026-03-29", "--to",
                     "2026-03-29T12:00:00"}) == 1);
    CHECK(house.told("1 would have run"));
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--from", "2027-01-01"}) == 2);
    CHECK(house.told("nothing of the time asked for"));
}

TEST_CASE("bad input exits with 2 and says what to do") {
    Shadowed house;
    CHECK(house.run({"shadow", "crontab", "/etc/crontab"}) == 2);
    CHECK(house.told("journalctl -t CRON"));
    CHECK(house.run({"shadow", "systemd", "/etc/crontab"}) == 2);
    CHECK(house.run({"shadow", "crontab"}) == 2);
    CHECK(house.run({"shadow", "crontab", "/etc/none"}) == 2);
    CHECK(house.told("/etc/none"));
    house.log({{"28 00:00:00", "kernel: up"}});
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--from", "soon"}) == 2);
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--tz", "Nowhere"}) == 2);
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--syslog", "-", "--follow"}) == 2);
}

TEST_CASE("--follow tells new differences as the log grows, until Ctrl-C") {
    Shadowed house;
    house.log({{"28 00:00:00", "kernel: up"}, {"28 03:00:01", run_words}, {"28 04:00:00", "k: x"}});
    house.pauses_left = 2;
    house.on_pause = [&house](int count) {
        if (count == 1) house.log({{"29 02:00:00", "k: x"}});
        if (count == 2) house.log({{"29 04:00:00", "k: x"}});
    };
    CHECK(house.run({"shadow", "crontab", "/etc/crontab", "--follow"}) == 1);
    REQUIRE(house.writes.size() == 2);
    CHECK(house.writes.back().find("2026-03-29 03:00 +00:00  would have run") == 0);
}

}  // namespace lares::cli
