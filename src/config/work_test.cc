// config/work_test.cc: tasks and folders as typed settings, and what a reload sees of them. Their
// mistakes and the words for them are in tests/golden/config/task_* and folder_*.

#include "config/work.h"

#include <doctest/doctest.h>

#include "config/bundle.h"
#include "config/memory_world.h"
#include "config/tasks.h"
#include "config/work_changes.h"
#include "config/work_values.h"

using namespace lares;
using namespace lares::config;
using namespace std::chrono_literals;

namespace {

constexpr char const* main_file = "/etc/lares/main.conf";

Loaded load_text(std::string const& text, MemoryFiles others = {}) {
    others[main_file] = text;
    return load(memory_world(std::move(others)), main_file);
}

Settings good(std::string const& text, MemoryFiles others = {}) {
    auto loaded = load_text("[supervisord]\n" + text, std::move(others));
    if (!loaded.settings)
        for (auto const& found : loaded.found) MESSAGE(found.what);
    REQUIRE(loaded.settings);
    return std::move(*loaded.settings);
}

/// The task of a section with these lines and a command.
Task task(std::string const& lines) {
    return good("[task:x]\ncommand = cat\n" + lines + "\n").tasks.at(0);
}

std::vector<std::string> errors(std::string const& text, MemoryFiles others = {}) {
    std::vector<std::string> all;
    for (auto const& found : load_text("[supervisord]\n" + text, std::move(others)).found)
        if (found.severity == text::Severity::error) all.push_back(found.what);
    return all;
}

using Names = std::vector<std::string_view>;

}  // namespace

TEST_CASE("what a task does not say has the default of its field") {
    Task by_field, by_row = task("");
    by_field.name = by_field.rules.task = "x";
    by_field.how = by_row.how;
    by_field.process = by_row.process;
    by_field.place = by_row.place;
    by_field.file = by_row.file;
    by_field.origin = "[task:x]";
    by_field.hook.header = "X-Signature";
    CHECK(by_row == by_field);
    CHECK(by_row.how.kind == ProgramKind::task);
    CHECK(by_row.how.policy.stop_ladder == supervise::Policy{}.stop_ladder);
    CHECK(by_row.process.argv == std::vector<std::string>{"cat"});
    CHECK(by_row.process.name == "x");
    CHECK(by_row.process.group == "x");
}

TEST_CASE("what [lares] does not say of work has the default of its field") {
    WorkSettings by_field;
    auto settings = good("");
    by_field.database = settings.daemon.state_directory + "/lares.db";
    CHECK(settings.work == by_field);
}

TEST_CASE("what a folder does not say has the default of its field, and its task's priority") {
    auto settings =
        good("[task:x]\ncommand = cat\npriority = 7\n[folder:f]\npath = /tmp\ntask = x\n");
    Folder by_field, by_row = settings.folders.at(0);
    by_field.name = "f";
    by_field.path = "/tmp";
    by_field.task = "x";
    by_field.priority = 7;
    by_field.place = by_row.place;
    by_field.file = by_row.file;
    CHECK(by_row == by_field);
}

TEST_CASE("a task is run as a program is: its texts are expanded, its payload is not yet") {
    auto settings = good(
        "[task:x]\ncommand = %(ENV_HOME)s/run %(task_name)s {{file}} 100%% '{{a}} {{b}}'\n"
        "environment = A=\"%(here)s\",B=%(task_name)s\ndirectory = /srv/%(task_name)s\n"
        "environment_file = -extra.env\nuser = web\nstopsignal = INT:3s\nlimit_nofile = 64\n"
        "memory_max = 1MB\n");
    auto const& x = settings.tasks.at(0);
    CHECK(x.process.argv ==
          std::vector<std::string>{"/root/run", "x", "{{file}}", "100%", "{{a}} {{b}}"});
    CHECK(x.process.environment == text::Variables{{"A", "/etc/lares"}, {"B", "x"}});
    CHECK(x.process.directory == "/srv/x");
    CHECK(x.process.environment_files == std::vector<std::string>{"-/start/extra.env"});
    CHECK(x.how.user->uid == 1001);
    CHECK(x.how.policy.stop_ladder.front() == supervise::StopStep{2, 3s});
    CHECK(x.how.policy.stop_ladder.back().signal == 9);
    CHECK(x.how.limits.at(0).soft == 64);
    CHECK(x.how.cgroup.memory_max == 1 << 20);
}

TEST_CASE("a shell gets the command as one text") {
    auto x = task("shell = true\n");
    CHECK(x.process.argv == std::vector<std::string>{"/bin/sh", "-c", "cat"});
    auto settings = good(
        "[task:y]\ncommand = echo \"$PAYLOAD_a\"%(semicolon)s echo 'open %(hash)s\nshell = true\n"
        "shell_program = /bin/bash\n");
    CHECK(settings.tasks.at(0).process.argv ==
          std::vector<std::string>{"/bin/bash", "-c", "echo \"$PAYLOAD_a\"; echo 'open #"});
}

TEST_CASE("schedules have the zone before them, or else the task's") {
    auto x = task("schedule = 0 6 * * *\n  TZ=UTC 0 7 * * *\n  @reboot\ntimezone = Europe/Berlin");
    REQUIRE(x.schedules.size() == 3);
    CHECK(x.schedules[0].timezone == "Europe/Berlin");
    CHECK(x.schedules[1].timezone == "UTC");
    CHECK(x.schedules[1].expression == "0 7 * * *");
    CHECK(x.schedules[2].cron.is_reboot);
}

TEST_CASE("a bad schedule is pointed at in its own line, behind comments, too") {
    auto loaded = load_text(
        "[supervisord]\n[task:x]\ncommand = x\nschedule = 0 6 * * *\n    ; a comment\n"
        "    0 6 * *\n    TZ=Nowhere/Land 0 7 * * *\n");
    REQUIRE(loaded.found.size() == 2);
    CHECK(loaded.found[0].place == text::Place{0, 6, 5});
    CHECK(loaded.found[1].place.line == 7);
    CHECK(loaded.found[1].what.find("no time zone is called 'Nowhere/Land'") != std::string::npos);
}

TEST_CASE("what the manual says of schedules is taken, and what it refuses is refused") {
    for (std::string expression :
         {"*/15 * * * *", "10-40/10 * * * *", "0 6 * jan 7", "0 6 13 * Fri", "0 6 */2 * Mon",
          "*/10 * * * * *", "@midnight", "@annually", "0 0 L * *", "0 0 L-2 * *", "0 0 15W * *",
          "0 0 LW * *", "0 0 * * 5L", "0 0 * * 1#2", "H H(0-7) * * *", "H/15 * * * *"}) {
        CAPTURE(expression);
        CHECK(errors("[task:x]\ncommand = x\nschedule = " + expression + "\n").empty());
    }
    for (std::string expression : {"0 22-2 * * *", "5/15 * * * *"})
        CHECK(errors("[task:x]\ncommand = x\nschedule = " + expression + "\n").size() == 1);
}

TEST_CASE("overlap = parallel N gives as many workers when they are not said") {
    CHECK(task("overlap = parallel 5").rules.workers == 5);
    CHECK(task("overlap = parallel 5\nworkers = 8").rules.workers == 8);
    CHECK(task("overlap = parallel 5\nworkers = 8").rules.parallel == 5);
}

TEST_CASE("a task follows on a hundred others by one line, and no more") {
    std::string names;
    for (int i = 0; i < 100; ++i) names += (i > 0 ? "," : "") + ("t" + std::to_string(i));
    CHECK(parse_after(names)->others.size() == 100);
    auto refused = parse_after(names + ",one");
    REQUIRE(!refused);
    CHECK(refused.error().what.find("100 others") != std::string::npos);
}

TEST_CASE("calendars are read with the configuration") {
    MemoryFiles files{{"/etc/days.ics",
                       "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:19700102\r\n"
                       "END:VEVENT\r\nEND:VCALENDAR\r\n"}};
    auto settings =
        good("[task:x]\ncommand = x\nschedule = @daily\ncalendar = only /etc/days.ics\n", files);
    CHECK(settings.tasks.at(0).calendar.how == Calendar::How::only);
    CHECK(settings.tasks.at(0).calendar.days == std::vector<std::int32_t>{1});
}

TEST_CASE("a secret is read from where it lies and is not kept with the configuration") {
    std::string text =
        "[supervisord]\n[task:x]\ncommand = x\nhttp = /hook/x\nhttp_secret = file:/run/key\n";
    MemoryFiles files{{main_file, text}, {"/run/key", "s3cret\n"}};
    Bundle bundle;
    auto loaded = load_recorded(memory_world(files), main_file, {}, bundle);
    REQUIRE(loaded.settings);
    CHECK(loaded.settings->tasks.at(0).hook.secret == "s3cret");
    CHECK(print_bundle(bundle).find("s3cret") == std::string::npos);
    World world = memory_world(files);
    world.environment = {{"CREDENTIALS_DIRECTORY", "/run"}, {"WORD", "from here"}};
    CHECK(*parse_secret(world, "credential:key") == "s3cret");
    CHECK(*parse_secret(world, "env:WORD") == "from here");
    CHECK(*parse_secret(world, "plain") == "plain");
    CHECK_FALSE(parse_secret(world, "credential:../etc/passwd").ok());
    CHECK_FALSE(parse_secret(world, "env:NONE").ok());
    CHECK_FALSE(parse_secret(world, "").ok());
}

TEST_CASE("two folder sections share a path when each takes other names") {
    std::string two =
        "[task:x]\ncommand = x\n[folder:a]\npath = /tmp\ntask = x\nmatch = *.a\n"
        "[folder:b]\npath = /tmp/\ntask = x\n";
    CHECK(errors(two + "match = *.b\n").empty());
    CHECK(errors(two + "match = *.b, *.a\n").size() == 1);
    CHECK(errors(two).size() == 1);
}

TEST_CASE("a chain of folders that ends is none that goes round") {
    std::string chain =
        "[task:x]\ncommand = x\n[folder:a]\npath = /a\ntask = x\ndone = move:/b\n"
        "[folder:b]\npath = /b\ntask = x\ndone = move:/c\n";
    CHECK(errors(chain + "[folder:c]\npath = /c\ntask = x\ndone = move:done\n").empty());
    CHECK(errors(chain + "[folder:c]\npath = /c\ntask = x\nfailed = move:/a\n").size() == 1);
}

TEST_CASE("a chain of two thousand tasks is looked through, and its circle found") {
    std::string text;
    for (int i = 0; i < 2'000; ++i) {
        auto name = std::to_string(i);
        text +=
            "[task:" + name + "]\ncommand = x\nafter = " + std::to_string((i + 1) % 2'000) + "\n";
    }
    CHECK(errors(text).size() == 1);
}

TEST_CASE("a task that only moved in its file has not changed") {
    std::string x = "[task:x]\ncommand = x\n", y = "[task:y]\ncommand = y\n";
    std::string in = "[folder:f]\npath = /tmp\ntask = x\n";
    CHECK(changed_tasks(good(x + y + in), good(in + "\n\n" + y + x)).empty());
    CHECK(changed_folders(good(x + y + in), good(in + "\n\n" + y + x)).empty());
}

TEST_CASE("tasks and folders that came, went and changed are named with their lines") {
    auto before = good(
        "[task:a]\ncommand = a\n[task:b]\ncommand = b\n[task:c]\ncommand = c\n"
        "[folder:f]\npath = /tmp\ntask = a\n[folder:g]\npath = /g\ntask = a\n");
    auto after = good(
        "[task:b]\ncommand = b --more\nnice = 5\nretries = 3\nschedule = 0 6 * * *\n[task:c]\n"
        "command = c\n[task:d]\ncommand = d\n[folder:f]\npath = /tmp\ntask = b\ndone = delete\n");
    using What = WorkChange::What;
    CHECK(changed_tasks(before, after) ==
          std::vector<WorkChange>{{What::changed, "b", {"command", "schedule", "retries", "nice"}},
                                  {What::added, "d", {}},
                                  {What::removed, "a", {}}});
    CHECK(
        changed_folders(before, after) ==
        std::vector<WorkChange>{{What::changed, "f", {"task", "done"}}, {What::removed, "g", {}}});
}

TEST_CASE("every line of a task that can be written is seen when it changes") {
    std::string base = "[task:x]\ncommand = x\nhttp = /hook/x\nhttp_secret = s\n";
    auto others = "[task:o]\ncommand = o\n[program:p]\ncommand = p\n";
    auto before = good(base + others);
    auto changed_by = [&](std::string const& line) {
        auto changes = changed_tasks(before, good(base + line + "\n" + others));
        return changes.size() == 1 ? changes[0].options : Names{};
    };
    for (std::string line : {"shell = yes",
                             "input = a",
                             "payload = a",
                             "enabled = no",
                             "schedule = @daily",
                             "timezone = UTC",
                             "jitter = 1m",
                             "catchup = none",
                             "dst = wall",
                             "every = 1h",
                             "after = o",
                             "on = PROCESS_STATE",
                             "http_check = github",
                             "http_header = X-A",
                             "http_max = 2MB",
                             "workers = 2",
                             "prefetch = 9",
                             "idle = 2m",
                             "timeout = 1m",
                             "success_codes = 0,1",
                             "overlap = skip",
                             "queue_max = 5",
                             "when_full = wait",
                             "priority = 4",
                             "ageing = 1m",
                             "rate = 1/s",
                             "unique = {{a}}",
                             "retries = 1",
                             "retry_backoff = 1s..2s",
                             "retry_jitter = 1%",
                             "retry_on = 4",
                             "retry_budget = 1/h",
                             "poison_after = 9",
                             "not_between = Sun",
                             "needs = p",
                             "on_success = o",
                             "on_failure = o",
                             "on_late = o",
                             "expect = output",
                             "slow = 0",
                             "keep_runs = 5",
                             "keep_runs_for = 1d",
                             "log_max = 1MB",
                             "nice = 3",
                             "umask = 077",
                             "user = web",
                             "environment = A=1",
                             "directory = /tmp",
                             "limit_core = 0",
                             "stopsignal = INT",
                             "memory_max = 1MB",
                             "environment_file = /etc/e"}) {
        CAPTURE(line);
        CHECK(changed_by(line) == Names{std::string_view(line).substr(0, line.find(' '))});
    }
}

TEST_CASE("another number behind parallel is a change of overlap alone") {
    auto with = [](std::string const& lines) { return good("[task:x]\ncommand = x\n" + lines); };
    CHECK(changed_tasks(with("overlap = parallel 5\n"), with("overlap = parallel 6\n")) ==
          std::vector<WorkChange>{{WorkChange::What::changed, "x", {"overlap"}}});
    CHECK(changed_tasks(with("overlap = parallel 5\nworkers = 9\n"),
                        with("overlap = parallel 6\nworkers = 9\n")) ==
          std::vector<WorkChange>{{WorkChange::What::changed, "x", {"overlap"}}});
}

TEST_CASE("what differs in [lares] about work is named") {
    auto before = good(""), after = good("[lares]\ndatabase = /srv/x.db\nkeep_dead = 1d\n");
    CHECK(changed_work_options(before.work, after.work) == Names{"database", "keep_dead"});
}
