// os/zones_test.cc: zones read from files, judged by Howard Hinnant's date/tz on the same files.

#include "os/zones.h"

#include <date/tz.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>

#include "os/files.h"
#include "os/temporary_test.h"
#include "os/tzif.h"

using namespace lares;
using lares::schedule::Transition;
using lares::schedule::Zone;

namespace {

constexpr std::int64_t year_2500 = 16'725'225'600;
constexpr char const* system_files = "/usr/share/zoneinfo";

bool has_system_files() {
    bool const there = os::is_directory(system_files);
    if (!there) MESSAGE("skipped: there are no zone files on this machine");
    return there;
}

std::string berlin_file() {
    return *os::read_file(std::string(system_files) + "/Europe/Berlin", 1 << 20);
}

std::int32_t offset_by_date(date::time_zone const& zone, std::int64_t at) {
    auto const info = zone.get_info(date::sys_seconds(std::chrono::seconds(at)));
    return std::int32_t(info.offset.count());
}

void compare(Zone const& ours, date::time_zone const& theirs, std::int64_t from,
             std::int64_t until) {
    INFO(theirs.name());
    std::int32_t before = schedule::offset_at(ours, from);
    REQUIRE(before == offset_by_date(theirs, from));
    std::vector<Transition> wanted;
    for (std::int64_t at = from; at < until;) {
        auto const info = theirs.get_info(date::sys_seconds(std::chrono::seconds(at)));
        std::int64_t const end = info.end.time_since_epoch().count();
        if (end >= until || end <= at) break;
        auto const offset = offset_by_date(theirs, end);
        if (offset != before) wanted.push_back({end, offset});
        before = offset;
        at = end;
    }
    std::vector<Transition> found;
    for (Transition const& change : ours.transitions)
        if (change.at > from && change.at < until) found.push_back(change);
    CHECK(found.size() == wanted.size());
    CHECK(found == wanted);
}

}  // namespace

TEST_CASE("every zone of this machine changes when date/tz says it does") {
    if (!has_system_files()) return;
    auto zones = os::make_zones({.directory = system_files});
    int compared = 0;
    for (date::time_zone const& theirs : date::get_tzdb().zones) {
        // date/tz does not carry on the rule of a zone's footer, so it ends with the table.
        auto const ours = zones->find(theirs.name());
        if (!ours) continue;
        compare(**ours, theirs, -2'000'000'000, 2'114'377'200);
        ++compared;
    }
    CHECK(compared > 300);
}

TEST_CASE("the rule behind the table goes on until 2500") {
    if (!has_system_files()) return;
    auto zones = os::make_zones({.directory = system_files});
    Zone const berlin = **zones->find("Europe/Berlin");
    CHECK(berlin.name == "Europe/Berlin");
    CHECK(berlin.transitions.back().at > year_2500 - 366 * 86'400);
    CHECK(berlin.transitions.size() < 1'200);
    // The last Sundays of March and October 2126.
    CHECK(schedule::offset_at(berlin, 4'930'592'399) == 3600);
    CHECK(schedule::offset_at(berlin, 4'930'592'400) == 7200);
    for (std::size_t i = 1; i < berlin.transitions.size(); ++i) {
        CHECK(berlin.transitions[i].at > berlin.transitions[i - 1].at);
        CHECK(berlin.transitions[i].offset != berlin.transitions[i - 1].offset);
    }
}

TEST_CASE("a POSIX rule says the same as the zone file that ends with it") {
    if (!has_system_files()) return;
    auto zones = os::make_zones({.directory = system_files});
    struct Pair {
        char const *rule, *name;
    };
    for (Pair const& pair : {Pair{"CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin"},
                             Pair{"EST5EDT,M3.2.0,M11.1.0", "America/New_York"},
                             Pair{"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "Australia/Lord_Howe"},
                             Pair{"IST-1GMT0,M10.5.0,M3.5.0/1", "Europe/Dublin"},
                             Pair{"<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "Antarctica/Troll"},
                             Pair{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "America/Nuuk"},
                             Pair{"IST-2IDT,M3.4.4/26,M10.5.0", "Asia/Jerusalem"}}) {
        INFO(std::string(pair.name));
        Zone const rule = *os::parse_posix_zone(pair.rule), file = **zones->find(pair.name);
        for (std::int64_t at = 1'893'456'000; at < year_2500; at += 40 * 3600 + 1)
            REQUIRE(schedule::offset_at(rule, at) == schedule::offset_at(file, at));
    }
}

TEST_CASE("a POSIX rule may count days, lack dates, or be summer all year") {
    CHECK(os::parse_posix_zone("UTC0")->transitions.empty());
    CHECK(os::parse_posix_zone("<-03>3")->first_offset == -3 * 3600);
    CHECK(*os::parse_posix_zone("EST5EDT") == *os::parse_posix_zone("EST5EDT,M3.2.0/2,M11.1.0/2"));
    Zone const always = *os::parse_posix_zone("XXX3EDT4,0/0,J365/23");
    CHECK(always.transitions.size() == 2);  // 1970, and what is not said of 2501
    CHECK(schedule::offset_at(always, 951'868'800) == -4 * 3600);
    Zone const julian = *os::parse_posix_zone("AAA0BBB,J60/0,J300/0");
    CHECK(schedule::offset_at(julian, 951'868'800) == 3600);   // 1 March 2000
    CHECK(schedule::offset_at(julian, 951'868'800 - 1) == 0);  // 29 February
    Zone const zero = *os::parse_posix_zone("AAA0BBB,59/0,300/0");
    CHECK(schedule::offset_at(zero, 951'782'400) == 3600);  // 29 February 2000
}

TEST_CASE("what is no POSIX rule is refused") {
    for (char const* rule : {"", "C", "CET", "CET-", "CET-1CEST,", "CET-1CEST,M3.5.0",
                             "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
                             "CET-1CEST,M3.5.7,M10.5.0", "CET-99", "CET-1CEST,M3.5.0,M10.5.0x",
                             "CET-1CEST,J0,J5", "CET-1CEST,M3.5.0/999,M10.5.0", "<CET-1", "<>0"}) {
        INFO(std::string(rule));
        CHECK_FALSE(os::parse_posix_zone(rule).ok());
    }
}

TEST_CASE("a damaged zone file is refused, wherever it was cut or changed") {
    if (!has_system_files()) return;
    std::string const whole = berlin_file();
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(os::parse_tzif(whole.substr(0, size)).ok());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = char(changed[at] ^ 0xff);
        auto const zone = os::parse_tzif(changed);  // any answer, but no crash
        if (zone) CHECK(zone->transitions.size() < 20'000);
    }
    if (os::is_directory("/usr/share/zoneinfo/right"))
        CHECK_FALSE(
            os::parse_tzif(*os::read_file("/usr/share/zoneinfo/right/Europe/Berlin", 1 << 20))
                .ok());
}

TEST_CASE("an unknown zone is refused with the one that was meant") {
    if (!has_system_files()) return;
    auto zones = os::make_zones({.directory = system_files});
    auto refusal = [&](char const* name) { return zones->find(name).error(); };
    CHECK(refusal("Europe/Berlim").kind == Error::Kind::not_found);
    CHECK(refusal("Europe/Berlim").what ==
          "no time zone is called 'Europe/Berlim'; did you mean 'Europe/Berlin'?");
    CHECK(refusal("europe/berlin").what.ends_with("did you mean 'Europe/Berlin'?"));
    CHECK(refusal("berlin").what.ends_with("did you mean 'Europe/Berlin'?"));
    CHECK(refusal("New York").what.ends_with("did you mean 'America/New_York'?"));
    CHECK(refusal("Mars/Olympus_Mons").what.ends_with("expected a name as 'Europe/Berlin'"));
    for (char const* name : {"../../etc/passwd", "/etc/passwd", "Europe", "Europe/",
                             "Europe//Berlin", "zone.tab", "a\nb", "..", "Europe/Berlin\xff"}) {
        INFO(std::string(name));
        CHECK_FALSE(zones->find(name).ok());
    }
    CHECK_FALSE(zones->find(std::string(10'000, 'A')).ok());
}

TEST_CASE("without zone files UTC is there, and others say which package brings them") {
    os::testing::Temporary folder;
    auto zones = os::make_zones({.directory = folder.path("none"),
                                 .localtime = folder.path("localtime"),
                                 .timezone = folder.path("timezone")});
    CHECK(zones->find("UTC").ok());
    CHECK(**zones->find("") == Zone{});
    CHECK(zones->find("Europe/Berlin").error().kind == Error::Kind::unavailable);
    CHECK(zones->find("Europe/Berlin").error().what.ends_with("install the package 'tzdata'"));
}

TEST_CASE("the machine's zone is TZ, else what /etc/localtime is, else /etc/timezone") {
    if (!has_system_files()) return;
    os::testing::Temporary folder;
    folder.write("zoneinfo/Europe/Berlin", berlin_file());
    os::ZoneSources sources{.directory = folder.path("zoneinfo"),
                            .localtime = folder.path("localtime"),
                            .timezone = folder.path("timezone")};
    auto local = [&] { return (*os::make_zones(sources)->find("local"))->name; };
    CHECK(local() == "UTC");
    folder.write("timezone", "Europe/Berlin\n");
    CHECK(local() == "Europe/Berlin");
    folder.write("localtime", berlin_file());
    CHECK(local() == "Europe/Berlin");
    folder.write("timezone", "Etc/Gone\n");
    CHECK(local() == "local");
    CHECK((*os::make_zones(sources)->find(""))->transitions.size() > 100);
    ::unlink(folder.path("localtime").c_str());
    REQUIRE(::symlink(folder.path("zoneinfo/Europe/Berlin").c_str(),
                      folder.path("localtime").c_str()) == 0);
    CHECK(local() == "Europe/Berlin");
    sources.tz = "UTC";
    CHECK(local() == "UTC");
    sources.tz = "";
    CHECK(local() == "UTC");
    sources.tz = ":Europe/Berlin";
    CHECK(local() == "Europe/Berlin");
    sources.tz = "CET-1CEST,M3.5.0,M10.5.0/3";
    CHECK(schedule::offset_at(**os::make_zones(sources)->find(""), 1'782'000'000) == 7200);
    sources.tz = folder.path("zoneinfo/Europe/Berlin");
    CHECK(local() == "local");
    sources.tz = "Nowhere/Land";
    CHECK_FALSE(os::make_zones(sources)->find("").ok());
}

TEST_CASE("a zone keeps its pointer until tzdata is another") {
    if (!has_system_files()) return;
    os::testing::Temporary folder;
    folder.write("zoneinfo/Europe/Berlin", berlin_file());
    auto zones = os::make_zones({.directory = folder.path("zoneinfo"), .tz = "Europe/Berlin"});
    auto const first = *zones->find("Europe/Berlin");
    CHECK(*zones->find("Europe/Berlin") == first);
    CHECK_FALSE(zones->reload());
    CHECK(*zones->find("Europe/Berlin") == first);
    CHECK(zones->files() == std::vector<std::string>{folder.path("zoneinfo/Europe/Berlin")});
    // Half unpacked: the old rules hold.
    folder.write("zoneinfo/Europe/Berlin", berlin_file().substr(0, 100));
    CHECK_FALSE(zones->reload());
    CHECK(*zones->find("Europe/Berlin") == first);
    folder.write("zoneinfo/Europe/Berlin",
                 *os::read_file(std::string(system_files) + "/Europe/Lisbon", 1 << 20));
    CHECK(zones->reload());
    CHECK(*zones->find("Europe/Berlin") != first);
    CHECK(schedule::offset_at(**zones->find("Europe/Berlin"), 1'767'225'600) == 0);
}
