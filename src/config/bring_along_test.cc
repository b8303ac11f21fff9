// config/bring_along_test.cc: tables of others run as what they say, and print as sections that
// mean the same.

#include "config/bring_along.h"

#include <doctest/doctest.h>

#include <random>

#include "config/bundle.h"
#include "config/memory_world.h"
#include "config/work_changes.h"
#include "text/placeholders.h"

using namespace lares;
using namespace lares::config;
using namespace std::chrono_literals;

namespace {

constexpr char const* main_file = "/etc/lares/main.conf";
using Words = std::vector<std::string>;

Settings good(std::string const& text, MemoryFiles files = {}) {
    files[main_file] = "[supervisord]\n" + text;
    auto loaded = load(memory_world(files), main_file);
    if (!loaded.settings)
        for (auto const& found : loaded.found) MESSAGE(found.what);
    REQUIRE(loaded.settings);
    return std::move(*loaded.settings);
}

/// The tasks of a crontab that runs live.
std::vector<Task> live(std::string const& crontab, std::string const& path = "/etc/crontab") {
    return good("[crontab]\nfiles = " + path + "\n", {{path, crontab}}).tasks;
}

std::string printed(Brought const& brought) {
    std::string out;
    for (auto const& section : brought.sections) out += print_section(section) + "\n";
    return out;
}

/// The table printed as sections, and those read.
Settings imported(Brought const& brought, MemoryFiles files = {}) {
    auto text = printed(brought);
    INFO(text);
    return good(text, std::move(files));
}

void check_round(std::string const& crontab, std::string const& path = "/etc/crontab") {
    CAPTURE(crontab);
    std::set<std::string> names;
    auto brought =
        bring_crontab({.path = path, .text = crontab, .file = 0, .user = spool_user(path)},
                      is_system_crontab(path), names);
    auto from_print = imported(brought).tasks;
    auto from_table = live(crontab, path);
    REQUIRE(from_print.size() == from_table.size());
    for (std::size_t i = 0; i < from_print.size(); ++i)
        CHECK(same_meaning(from_print[i], from_table[i]));
}

std::vector<std::string> warnings(std::string const& text, MemoryFiles files) {
    files[main_file] = "[supervisord]\n" + text;
    auto loaded = load(memory_world(files), main_file);
    REQUIRE(loaded.settings);
    std::vector<std::string> all;
    for (auto const& found : loaded.found) all.push_back(found.what);
    return all;
}

constexpr char const* system_table =
    "SHELL=/bin/bash\nPATH=/usr/local/bin:/usr/bin:/bin\nMAILTO=root\nGREETING=\"a; b # c\"\n"
    "# m h dom mon dow user command\n"
    "17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n"
    "0 6 * * 1-5 web mail -s \"100\\% ; # done\" x%Hello,%  two ; lines%\n"
    "@reboot root echo '{{not a key}}' $HOME ; true\n"
    "CRON_TZ=Europe/Berlin\nRANDOM_DELAY=10\n-30 2 * * 0 web /srv/backup --all\n";

}  // namespace

TEST_CASE("a line of a system crontab is a task that runs as cron would run it") {
    auto tasks = live(system_table);
    REQUIRE(tasks.size() == 4);
    auto const& hourly = tasks[0];
    CHECK(hourly.origin == "/etc/crontab:6");
    CHECK(hourly.process.argv ==
          Words{"/bin/bash", "-c", "cd / && run-parts --report /etc/cron.hourly"});
    CHECK(hourly.how.user->name == "root");
    CHECK(hourly.process.directory == "/root");
    CHECK(hourly.how.clear_environment);
    CHECK(hourly.process.environment == text::Variables{{"SHELL", "/bin/bash"},
                                                        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                                        {"GREETING", "a; b # c"}});
    CHECK(hourly.schedules.at(0).expression == "17 * * * *");
    CHECK(hourly.schedules.at(0).timezone.empty());
    CHECK(hourly.rules.overlap == queue::Overlap::parallel);
    CHECK(hourly.catchup.what == Catchup::What::none);
    CHECK(hourly.dst == schedule::Dst::vixie);
    auto const& mail = tasks[1];
    CHECK(mail.process.argv.at(2) == "mail -s \"100% ; # done\" x");
    CHECK(mail.input == "Hello,\n  two ; lines\n");
    CHECK(mail.process.directory == "/home/web");
    CHECK(tasks[2].schedules.at(0).cron.is_reboot);
    CHECK(tasks[3].schedules.at(0).timezone == "Europe/Berlin");
    CHECK(tasks[3].jitter == 10min);
}

TEST_CASE("a shell's command with braces is the shell's, not a placeholder's") {
    auto tasks = live("* * * * * docker ps --format '{{.Names}}' {{x}}\n", "/var/t");
    REQUIRE(tasks.size() == 1);
    CHECK(text::fill_words(tasks[0].process.argv, text::Struct{})->at(2) ==
          "docker ps --format '{{.Names}}' {{x}}");
    check_round("* * * * * docker ps --format '{{.Names}}' {{x}} {{{{y\n", "/var/t");
}

TEST_CASE("what import prints means what the table means") {
    check_round(system_table);
    check_round("HOME=/srv\nA='it''s'\n* * * * * a\n", "/var/spool/cron/crontabs/web");
    check_round("A B=1\nA=\"x\\\"y;\"\n*/5 * * * * # hash first\n0 0 1 1 * ;semi%%;x\n", "/x/tab");
    check_round("1 2 3 4 * a\\%b\\\\%c\\%d\n@daily a\t;b\n* * * * * \xc3\xa4;\xc3\xa4 ;\n",
                "/x/t.b");
}

TEST_CASE("what import prints means the same whatever stands in the commands") {
    std::mt19937 random(7);
    constexpr std::string_view letters = "ab ;#%\\'\"$(){}\t=:,[]";
    std::string table;
    for (int i = 0; i < 300; ++i) {
        table += "* * * * * x";
        for (auto length = random() % 20; length > 0; --length)
            table += letters[random() % letters.size()];
        table += "\n";
    }
    check_round(table, "/x/table");
}

TEST_CASE("tables in the spools run as the user whose name they have") {
    auto tasks = live("* * * * * x\n", "/var/spool/cron/crontabs/web");
    CHECK(tasks.at(0).how.user->name == "web");
    auto own = live("* * * * * x\n", "/srv/table");
    CHECK_FALSE(own.at(0).how.user);
    CHECK_FALSE(own.at(0).how.clear_environment);
    CHECK(own.at(0).process.directory == "/root");
}

TEST_CASE("names stay when lines move, and are told apart when commands are the same") {
    auto before = live(
        "0 1 * * * root /srv/a x\n0 2 * * * root /srv/a y\n"
        "0 3 * * * root /srv/a x\n");
    auto after = live(
        "# one more\n0 9 * * * root /srv/b\n0 1 * * * root /srv/a x\n"
        "0 2 * * * root /srv/a y\n");
    REQUIRE(before.size() == 3);
    REQUIRE(after.size() == 3);
    CHECK(before[0].name == after[1].name);
    CHECK(before[1].name == after[2].name);
    CHECK(before[0].name.starts_with("crontab.a-"));
    CHECK(before[2].name == before[0].name + "-2");
}

TEST_CASE("a wrong line, an unknown user and an unreadable file keep the others") {
    std::string tables =
        "[crontab]\nfiles = /etc/crontab, /etc/nowhere, -/etc/absent, /etc/cron.d/*\n";
    MemoryFiles files{{"/etc/crontab",
                       "* * * * * root a\nnonsense\n61 * * * * root b\n"
                       "* * * * * nosuchuser c\n5/15 * * * * root d\n* * * * * root e\n"},
                      {"/etc/cron.d/.hidden", "* * * * * root x\n"},
                      {"/etc/cron.d/old.dpkg-old", "* * * * * root x\n"},
                      {"/etc/cron.d/good", "* * * * * root f\n"}};
    auto settings = good(tables, files);
    CHECK(settings.tasks.size() == 3);
    auto found = warnings(tables, files);
    auto has = [&](std::string_view words) {
        return std::ranges::any_of(found,
                                   [&](auto const& one) { return one.find(words) != one.npos; });
    };
    CHECK(found.size() == 5);
    CHECK(has("'/etc/nowhere' cannot be read"));
    CHECK(has("1 fields"));
    CHECK(has("user = nosuchuser"));
    CHECK(has("5/15"));
    CHECK(has("this line is passed over"));
}

TEST_CASE("a table is recorded with the configuration, so that its change is seen") {
    MemoryFiles files{{main_file, "[supervisord]\n[crontab]\nfiles = /etc/cron.d/*\n"},
                      {"/etc/cron.d/a", "* * * * * root a\n"}};
    Bundle before, after;
    auto one = load_recorded(memory_world(files), main_file, {}, before);
    files["/etc/cron.d/a"] = "* * * * * root b\n";
    auto other = load_recorded(memory_world(files), main_file, {}, after);
    CHECK(differing_files(before, after) == Words{"/etc/cron.d/a"});
    auto again = load_bundle(memory_world({}), before);
    REQUIRE(again.settings);
    CHECK(again.settings->tasks == one.settings->tasks);
    CHECK(changed_tasks(*one.settings, *other.settings).size() == 2);
}

TEST_CASE("a line of incron is a folder and its task") {
    std::string table =
        "/tmp IN_CLOSE_WRITE,IN_MOVED_TO run $@/$# $% $$ {{a\n"
        "/srv/in IN_MOVED_TO,recursive=false mv $@/$# /out\\ dir/$#\n";
    auto settings = good("[incrontab]\nfiles = /etc/incron.d/x\n", {{"/etc/incron.d/x", table}});
    REQUIRE(settings.folders.size() == 2);
    REQUIRE(settings.tasks.size() == 2);
    CHECK(settings.folders[0].path == "/tmp");
    CHECK(settings.folders[0].recursive);
    CHECK(settings.folders[0].settle == 0s);
    CHECK_FALSE(settings.folders[0].check_open);
    CHECK_FALSE(settings.folders[1].recursive);
    CHECK(settings.tasks[0].name == settings.folders[0].task);
    CHECK(settings.tasks[0].process.argv ==
          Words{"run", "/tmp/{{name}}", "IN_CLOSE_WRITE", "$", "{{{{a"});
    CHECK(settings.tasks[1].process.argv == Words{"mv", "/srv/in/{{name}}", "/out dir/{{name}}"});
    std::set<std::string> names;
    auto brought = bring_incrontab(
        memory_world({}), {.path = "/etc/incron.d/x", .text = table, .file = 0, .user = ""}, names);
    auto again = imported(brought);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(same_meaning(again.tasks[i], settings.tasks[i]));
        CHECK(same_meaning(again.folders[i], settings.folders[i]));
    }
}

TEST_CASE("what a folder cannot say of incron's events is passed over with words") {
    MemoryFiles files{{"/etc/incron.d/x",
                       "/tmp IN_DELETE x\n/a* IN_MOVED_TO x\n"
                       "/etc/passwd IN_MODIFY x\n/root IN_CREATE y\n"
                       "/var/log IN_CLOSE_WRITE z\n"},
                      {"/etc/passwd", ""}};
    std::string text =
        "[incrontab]\nfiles = /etc/incron.d/x\n[task:t]\ncommand = t\n"
        "[folder:mine]\npath = /var/log\ntask = t\n";
    auto settings = good(text, files);
    CHECK(settings.folders.size() == 2);
    CHECK(settings.tasks.size() == 2);
    CHECK(warnings(text, files).size() == 5);
}

TEST_CASE("a Procfile is programs in its folder") {
    std::set<std::string> names;
    auto brought = bring_procfile({.path = "/srv/app/Procfile",
                                   .text = "web: run -p $PORT ; echo 100%\nworker: work 'a b'\n",
                                   .file = 0,
                                   .user = ""},
                                  names);
    auto settings = imported(brought);
    REQUIRE(settings.programs.size() == 2);
    auto made = expand_processes(settings, memory_world({}), settings.programs[0], "web", 1);
    REQUIRE(made);
    CHECK(made->at(0).argv == Words{"/bin/sh", "-c", "run -p $PORT ; echo 100%"});
    CHECK(made->at(0).environment == text::Variables{{"PORT", "5000"}});
    CHECK(settings.programs[1].directory == "/srv/app");
    CHECK(settings.programs[1].environment == "PORT=5100");
    CHECK(settings.programs[1].environment_files == Words{"-/srv/app/.env"});
}

TEST_CASE("a timer of systemd and its service are one task") {
    std::set<std::string> names;
    std::string timer =
        "[Unit]\nDescription=x\n[Timer]\nOnCalendar=Mon..Fri 06:30\n"
        "OnCalendar=daily UTC\nPersistent=true\nRandomizedDelaySec=5min\n"
        "WakeSystem=true\n[Install]\nWantedBy=timers.target\n";
    std::string service =
        "[Service]\nType=oneshot\nExecStart=/usr/bin/backup 'a b' 100%% ; x\n"
        "User=web\nWorkingDirectory=/srv\nEnvironment=A=1 \"B=two words\"\n"
        "EnvironmentFile=-/etc/backup.env\nNice=10\nMemoryMax=1G\n"
        "CPUQuota=50%\nTimeoutStartSec=1h 30min\nPrivateTmp=yes\n";
    CHECK(service_of_timer("/etc/systemd/system/backup.timer", timer) == "backup.service");
    CHECK(service_of_timer("x.timer", "[Timer]\nUnit=y.service\n") == "y.service");
    auto brought = bring_timer(
        {.path = "/etc/systemd/system/backup.timer", .text = timer, .file = 0, .user = ""},
        {.path = "/etc/systemd/system/backup.service", .text = service, .file = 1, .user = ""},
        names);
    auto settings = imported(brought);
    auto const& task = settings.tasks.at(0);
    CHECK(task.name == "backup");
    CHECK(task.process.argv == Words{"/usr/bin/backup", "a b", "100%", ";", "x"});
    CHECK(task.process.environment == text::Variables{{"A", "1"}, {"B", "two words"}});
    CHECK(task.process.environment_files == Words{"-/etc/backup.env"});
    CHECK(task.process.directory == "/srv");
    CHECK(task.how.user->name == "web");
    CHECK(task.how.nice == 10);
    CHECK(task.how.cgroup.memory_max == 1 << 30);
    CHECK(task.how.cgroup.cpu_max_percent == 50);
    CHECK(task.timeout == 90min);
    CHECK(task.schedules.at(0).expression == "30 6 * * 1-5");
    CHECK(task.schedules.at(1).timezone == "UTC");
    CHECK(task.catchup.what == Catchup::What::latest);
    CHECK(task.dst == schedule::Dst::wall);
    CHECK(task.jitter == 5min);
    REQUIRE(brought.found.size() == 2);
    CHECK(brought.found[0].what == "WakeSystem=true: not taken over");
    CHECK(brought.found[1].what == "PrivateTmp=yes: not taken over");
}

TEST_CASE("a timer by intervals is every; what cannot be said is an error with its place") {
    std::set<std::string> names;
    auto bring = [&](std::string_view timer, std::string_view service) {
        return bring_timer({.path = "/x.timer", .text = timer, .file = 0, .user = ""},
                           {.path = "/x.service", .text = service, .file = 1, .user = ""}, names);
    };
    auto interval =
        bring("[Timer]\nOnBootSec=5min\nOnUnitActiveSec=1h\n", "[Service]\nExecStart=-/bin/x\n");
    auto settings = imported(interval);
    CHECK(settings.tasks.at(0).every == EveryTrigger{1h, false});
    CHECK(settings.tasks.at(0).schedules.at(0).cron.is_reboot);
    CHECK(settings.tasks.at(0).success_codes.size() == 256);
    auto bad = bring("[Timer]\nOnCalendar=2027-01-01\n", "[Service]\nExecStart=/bin/x %i\n");
    REQUIRE(bad.found.size() == 2);
    CHECK(bad.found[0].place == text::Place{1, 2, 1});
    CHECK(bad.found[1].place == text::Place{0, 2, 1});
    CHECK(text::has_errors(bring("[Timer]\n", "[Service]\n").found));
}

TEST_CASE("MAILTO says who gets the output of the lines below it, once a channel is named") {
    constexpr char const* table =
        "0 1 * * * root true\nMAILTO=\"web@example.org, Ops <ops@example.org>\"\n"
        "0 2 * * * root true\nMAILTO=\"\"\n0 3 * * * root true\n";
    constexpr char const* channel =
        "[channel:ops]\ntype = mail\nurl = smtp://localhost\nfrom = a@b.org\nto = c@d.org\n";
    std::string with = "[crontab]\nfiles = /etc/crontab\nmail_channel = ops\n";
    auto tasks = good(with + channel, {{"/etc/crontab", table}}).tasks;
    REQUIRE(tasks.size() == 3);
    CHECK(tasks[0].mail_channel == "ops");
    CHECK(tasks[0].mail_to.empty());  // the channel's own
    CHECK(tasks[1].mail_channel == "ops");
    CHECK(tasks[1].mail_to == Words{"web@example.org", "Ops <ops@example.org>"});
    CHECK(tasks[2].mail_channel.empty());

    MemoryFiles files{{"/etc/crontab", table}};
    auto told = warnings("[crontab]\nfiles = /etc/crontab\n", files);
    REQUIRE(told.size() == 1);
    CHECK(told[0] ==
          "MAILTO = web@example.org, Ops <ops@example.org>: nothing is mailed; output is kept in "
          "the log of each run");
    CHECK(warnings(with + channel, files).empty());
    for (auto const& task : live(table)) CHECK(task.mail_channel.empty());
}

TEST_CASE("output is mailed by a channel of type mail, and by no other") {
    auto wrong = [](std::string const& text) {
        MemoryFiles files{{main_file, "[supervisord]\n" + text}, {"/etc/crontab", ""}};
        auto loaded = load(memory_world(files), main_file);
        CHECK(!loaded.settings);
        return loaded.found.empty() ? text::Diagnostic{} : loaded.found[0];
    };
    auto found = wrong("[task:x]\ncommand = true\nmail_channel = ops\n");
    CHECK(found.what == "[task:x] mail_channel names the channel 'ops', which is not there");
    found = wrong(
        "[crontab]\nfiles = /etc/crontab\nmail_channel = web\n[channel:web]\ntype = webhook\n"
        "url = https://example.org/\n");
    CHECK(found.what ==
          "[crontab] mail_channel names the channel 'web' of type webhook: output is sent by mail");
    CHECK(found.place.line == 4);
}

TEST_CASE(
    "what is wrong with many schedules is found in the time that many take, each at its line") {
    std::string text;
    for (int i = 0; i < 3'000; ++i)
        text += "[task:t" + std::to_string(i) + "]\ncommand = true\nschedule = 0 0 30 2 *\n";
    MemoryFiles files{{main_file, "[supervisord]\n" + text}};
    auto loaded = load(memory_world(files), main_file);
    REQUIRE(loaded.settings);
    REQUIRE(loaded.found.size() > 100);
    for (int i = 0; i < 100; ++i) CHECK(loaded.found[std::size_t(i)].place.line == 4 + 3 * i);
}
