// config/load_test.cc: what a configuration comes to, as typed settings. Its mistakes and their
// words are in tests/golden/config.

#include "config/load.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "config/check.h"
#include "config/memory_world.h"

using namespace lares;
using namespace lares::config;
using namespace std::chrono_literals;

namespace {

constexpr char const* main_file = "/etc/lares/main.conf";

Loaded load_text(std::string const& text, Overrides const& overrides = {},
                 MemoryFiles others = {}) {
    others[main_file] = text;
    return load(memory_world(std::move(others)), main_file, overrides);
}

/// The settings of a text that must be good.
Settings good(std::string const& text, Overrides const& overrides = {}, MemoryFiles others = {}) {
    auto loaded = load_text(text, overrides, std::move(others));
    for (auto const& found : loaded.found) INFO(found.what);
    if (!loaded.settings) MESSAGE(classic_error(loaded));
    REQUIRE(loaded.settings);
    return std::move(*loaded.settings);
}

/// The program of a section with these lines and a command.
Program program(std::string const& lines) {
    auto settings = good("[supervisord]\n[program:x]\ncommand=cat\n" + lines + "\n");
    return settings.programs.at(0);
}

ProcessSettings process(std::string const& lines) {
    auto settings = good("[supervisord]\n[program:x]\ncommand=cat\n" + lines + "\n");
    auto made = expand_processes(settings, memory_world({}), settings.programs.at(0), "x", 1);
    REQUIRE(made);
    return made->at(0);
}

std::vector<std::string> warnings(std::string const& text) {
    std::vector<std::string> all;
    for (auto const& found : load_text(text).found)
        if (found.severity == text::Severity::warning) all.push_back(found.what);
    return all;
}

}  // namespace

TEST_CASE("what is not said has supervisord's default") {
    auto settings = good("[supervisord]\n[program:x]\ncommand=cat\n");
    CHECK(settings.daemon.logfile == "/start/supervisord.log");
    CHECK(settings.daemon.pidfile == "/start/supervisord.pid");
    CHECK(settings.daemon.childlogdir == "/tmp");
    CHECK(settings.daemon.logfile_maxbytes == 50 << 20);
    CHECK(settings.daemon.minfds == 1024);
    CHECK(settings.daemon.umask == 022);
    CHECK(settings.daemon.identifier == "supervisor");
    auto const& x = settings.programs.at(0);
    CHECK(x.policy == supervise::Policy{});
    CHECK(x.priority == 999);
    CHECK(x.autostart);
    CHECK(x.numprocs == 1);
    CHECK(x.out == LogSettings{});
    CHECK(x.serverurl.empty());
    CHECK_FALSE(x.user);
    CHECK_FALSE(x.umask);
    CHECK_FALSE(x.cgroup.wanted());
    CHECK(x.ready_plan.every == 1s);
    CHECK(x.alive_plan.every == 10s);
    CHECK(x.pre_start.time_limit == 30s);
}

TEST_CASE("the rows' defaults are those of the fields") {
    Program by_field;
    auto by_row = program("");
    by_field.name = "x";
    by_field.command = "cat";
    by_field.place = by_row.place;
    by_field.file = by_row.file;
    by_field.alive_plan.every = 10s;  // of liveness only
    by_field.result_handler = by_row.result_handler;
    CHECK(by_row == by_field);
}

TEST_CASE("supervisord's options reach their fields") {
    auto x = program(
        "priority=5\nautostart=no\nautorestart=yes\nstartsecs=0\nstartretries=0\nstopsignal=INT\n"
        "stopwaitsecs=3\nstopasgroup=yes\nexitcodes=0,2\nnumprocs_start=7\nuser=web\numask=027\n"
        "directory=/srv\nserverurl=http://x:1\nredirect_stderr=yes\nstdout_events_enabled=yes\n"
        "stdout_capture_maxbytes=1KB\nstderr_logfile_maxbytes=2KB\nstderr_logfile_backups=3\n"
        "stdout_syslog=yes\n");
    CHECK(x.priority == 5);
    CHECK_FALSE(x.autostart);
    CHECK(x.policy.restart == supervise::Restart::always);
    CHECK(x.policy.startsecs == 0s);
    CHECK(x.policy.startretries == 0);
    CHECK(x.policy.stop_ladder == std::vector<supervise::StopStep>{{2, 3s}, {9, 3s}});
    CHECK(x.stopasgroup);
    CHECK(x.killasgroup);
    CHECK(x.policy.exit_codes == std::vector{0, 2});
    CHECK(x.numprocs_start == 7);
    CHECK(x.user->uid == 1001);
    CHECK(x.umask == 027u);
    CHECK(x.directory == "/srv");
    CHECK(x.serverurl == "http://x:1");
    CHECK(x.redirect_stderr);
    CHECK(x.out.events_enabled);
    CHECK(x.out.capture_maxbytes == 1024);
    CHECK(x.err.maxbytes == 2048);
    CHECK(x.err.backups == 3);
    CHECK(x.out.syslog);
    CHECK_FALSE(x.err.syslog);
}

TEST_CASE("our options reach their fields") {
    auto x = program(
        "ready=tcp 80\nready_within=2m\nready_every=2s\nready_timeout=3s\nalive=exec true\n"
        "alive_every=4s\nalive_timeout=5s\nalive_failures=6\nalive_after=7s\n"
        "environment_file=/a -b\nlimit_nofile=1:2\nlimit_core=unlimited\nnice=-5\n"
        "oom_score_adj=9\ncpu_affinity=1-2\nmemory_max=1GB\nmemory_high=1MB\ncpu_max=150%\n"
        "cpu_weight=10\npids_max=11\nio_weight=12\npre_start=a b\npost_start=c\npre_stop=d\n"
        "post_stop=e\nhook_timeout=13s\nwatch_restart=/x/*.py y\nwatch_delay=14ms\n"
        "restart_delay=15s\nrestart_backoff=1.5\nrestart_max_delay=16s\nrestart_jitter=17%\n"
        "restart_limit=5 in 60s\nstartretries=-1\non_exit=shutdown\non_fatal=shutdown:3\n"
        "user_environment=yes\nclear_environment=yes\n");
    CHECK(x.ready.target == "localhost:80");
    CHECK(x.policy.ready_within == 2min);
    CHECK(x.ready_plan.every == 2s);
    CHECK(x.ready_plan.timeout == 3s);
    CHECK(x.alive.argv == std::vector<std::string>{"true"});
    CHECK(x.alive_plan == health::Plan{health::Purpose::liveness, 7s, 4s, 5s, 6});
    CHECK(x.environment_files == std::vector<std::string>{"/a", "-/start/b"});
    CHECK(x.limits == std::vector<ResourceLimit>{{"nofile", 1, 2}, {"core", -1, -1}});
    CHECK(x.nice == -5);
    CHECK(x.oom_score_adj == 9);
    CHECK(x.cpu_affinity == std::vector{1, 2});
    CHECK(x.cgroup == Cgroup{1 << 30, 1 << 20, 150, 10, 11, 12});
    CHECK(x.pre_start == HookCommand{{"a", "b"}, 13s});
    CHECK(x.post_stop.time_limit == 13s);
    CHECK((x.policy.has_pre_start && x.policy.has_post_start && x.policy.has_pre_stop &&
           x.policy.has_post_stop));
    CHECK(x.watch_restart == std::vector<std::string>{"/x/*.py", "/start/y"});
    CHECK(x.watch_delay == 14ms);
    CHECK(x.policy.restart_delay == 15s);
    CHECK(x.policy.restart_backoff == 1.5);
    CHECK(x.policy.restart_max_delay == 16s);
    CHECK(x.policy.restart_jitter_percent == 17);
    CHECK(x.policy.window == supervise::RestartWindow{5, 60s});
    CHECK(x.policy.startretries == -1);
    CHECK(x.on_exit == EndPolicy{OnEnd::shutdown, std::nullopt});
    CHECK(x.on_fatal == EndPolicy{OnEnd::shutdown, 3});
    CHECK(x.user_environment);
    CHECK(x.clear_environment);
}

TEST_CASE("how each stream is kept is said for each stream") {
    auto x = program(
        "stdout_format=json\nstdout_rotate=daily\nstdout_compress=yes\nstdout_keep_for=30d\n"
        "stdout_keep_bytes=1GB\nstderr_prefix=\"[%(process_name)s] \"\nstderr_timestamp=yes\n");
    CHECK(x.out.format == text::LogFormat::json);
    CHECK(x.out.rotate_every == 24h);
    CHECK(x.out.compress);
    CHECK(x.out.keep_for == 30 * 24h);
    CHECK(x.out.keep_bytes == 1 << 30);
    CHECK(x.err.format == text::LogFormat::text);
    CHECK(x.err.timestamp);
    CHECK(process("stderr_prefix=\"[%(process_name)s] \"").err_prefix == "[x] ");
}

TEST_CASE("what a program's end does is the daemon's rule unless the program says so") {
    auto settings = good(
        "[supervisord]\n[lares]\non_fatal=shutdown:4\n[program:a]\ncommand=a\n"
        "[program:b]\ncommand=b\non_fatal=ignore\n");
    CHECK(settings.find_program("a")->on_fatal == EndPolicy{OnEnd::shutdown, 4});
    CHECK(settings.find_program("b")->on_fatal == EndPolicy{});
    CHECK(settings.daemon.on_fatal.code == 4);
}

TEST_CASE("without 'ready' nothing waits for readiness") {
    CHECK_FALSE(program("").policy.ready_within);
    CHECK(program("ready=notify").policy.ready_within == 60s);
}

TEST_CASE("a listener's group comes first unless it says otherwise, its process is as any") {
    auto settings = good(
        "[supervisord]\n[program:a]\ncommand=a\npriority=1\n"
        "[eventlistener:e]\ncommand=e\nevents=TICK_5\n"
        "[eventlistener:f]\ncommand=f\nevents=TICK_5\npriority=7\n");
    REQUIRE(settings.groups.size() == 3);
    CHECK(settings.groups[0].name == "e");
    CHECK(settings.groups[0].priority == -1);
    CHECK(settings.groups[1].name == "a");
    CHECK(settings.groups[2].priority == 7);
    CHECK(settings.find_program("e")->priority == 999);
    CHECK(settings.find_program("e")->buffer_size == 10);
}

TEST_CASE("groups are in (priority, name) order and members leave their own group") {
    auto settings = good(
        "[supervisord]\n[program:z]\ncommand=z\n[program:b]\ncommand=b\n"
        "[program:c]\ncommand=c\n[group:g]\nprograms=c,b\npriority=3\n");
    REQUIRE(settings.groups.size() == 2);
    CHECK(settings.groups[0].name == "g");
    CHECK(settings.groups[0].programs == std::vector<std::string>{"c", "b"});
    CHECK_FALSE(settings.groups[0].implied);
    CHECK(settings.groups[1].name == "z");
    CHECK(settings.groups[1].implied);
}

TEST_CASE("the command line wins over the file, and its mistakes are told with their flag") {
    auto settings = good("[supervisord]\nloglevel=debug\nnodaemon=false\n",
                         {{"loglevel", "WARN"}, {"nodaemon", "true"}, {"logfile", "x.log"}});
    CHECK(settings.daemon.loglevel == "warn");
    CHECK(settings.daemon.nodaemon);
    CHECK(settings.daemon.logfile == "/start/x.log");
    CHECK(classic_error(load_text("[supervisord]\n", {{"loglevel", "zz"}})) ==
          "invalid value for -e 'zz': bad logging level name 'zz'");
    CHECK(classic_error(load_text("[supervisord]\n", {{"user", "zz"}})) == "Invalid user name zz");
    CHECK_FALSE(load_text("[supervisord]\n", {{"colour", "red"}}).settings);
}

TEST_CASE("relative log files are seen from where the daemon will be") {
    std::string text =
        "[supervisord]\ndirectory=/tmp\n[program:x]\ncommand=x\n"
        "stdout_logfile=x.log\nstderr_logfile=~/e.log\n";
    auto check = [&](Overrides const& overrides, std::string const& expected) {
        auto settings = good(text, overrides);
        auto made = expand_processes(settings, memory_world({}), settings.programs[0], "x", 1);
        CHECK(made->at(0).out.path == expected);
        CHECK(made->at(0).err.path == "/root/e.log");
    };
    check({}, "/tmp/x.log");
    check({{"nodaemon", "true"}}, "/start/x.log");
}

TEST_CASE("servers know their place, their owner and who may come in") {
    auto settings = good(
        "[supervisord]\n[unix_http_server]\nfile=~/s.sock\nchmod=0770\n"
        "chown=web:staff\nusername=u\npassword=100%%\n"
        "[inet_http_server:two]\nport=*:9001\n");
    REQUIRE(settings.servers.size() == 2);
    CHECK(settings.servers[0].port == 9001);
    CHECK(settings.servers[0].section == "inet_http_server:two");
    CHECK(settings.servers[1] == HttpServer{.section = "unix_http_server",
                                            .is_unix = true,
                                            .file = "/root/s.sock",
                                            .chmod = 0770,
                                            .chown = "web:staff",
                                            .chown_uid = 1001,
                                            .chown_gid = 50,
                                            .username = "u",
                                            .password = "100%"});
}

TEST_CASE("the client's section never makes the daemon's configuration bad") {
    auto loaded = load_text(
        "[supervisord]\n[supervisorctl]\nserverurl=unix:///run/s.sock\n"
        "prompt=%(nope)s\n");
    REQUIRE(loaded.settings);
    CHECK(loaded.settings->client.present);
    CHECK(loaded.settings->client.serverurl == "unix:///run/s.sock");
    CHECK(loaded.found.size() == 1);
}

TEST_CASE("a file that is missing and one that cannot be read are told apart") {
    World world = memory_world({});
    CHECK(classic_error(load(world, "/x.conf")) == "could not find config file /x.conf");
    world.read_file = [](std::string const&) -> Result<std::string> {
        return Error{Error::Kind::denied, "Permission denied"};
    };
    CHECK(classic_error(load(world, "x.conf")) == "could not read config file /start/x.conf");
}

TEST_CASE("an included file that cannot be read is passed over with a warning") {
    MemoryFiles files{{main_file, "[supervisord]\n[include]\nfiles=*.ini\n"},
                      {"/etc/lares/a.ini", ""}};
    World world = memory_world(files);
    world.read_file = [files](std::string const& path) -> Result<std::string> {
        if (path != main_file) return Error{Error::Kind::io, "Is a directory"};
        return files.at(path);
    };
    auto loaded = load(world, main_file);
    CHECK(loaded.settings);
    CHECK(loaded.found.size() == 1);
    CHECK(loaded.notes.size() == 1);
}

TEST_CASE("variables of [supervisord] are known to programs, not to itself") {
    CHECK(process("environment=A=\"%(ENV_HOME)s\"\ndirectory=/d%(ENV_A)s").directory == "/d/root");
    CHECK_FALSE(load_text("[supervisord]\nenvironment=A=1,B=%(ENV_A)s\n").settings);
    auto settings = good("[supervisord]\nenvironment=A=1\n[program:x]\ncommand=x %(ENV_A)s\n");
    auto made = expand_processes(settings, memory_world({}), settings.programs[0], "x", 1);
    CHECK(made->at(0).command == "x 1");
    CHECK(made->at(0).environment.empty());
}

TEST_CASE("each process has its own texts") {
    auto settings = good(
        "[supervisord]\n[program:x]\ncommand=serve %(process_num)02d\nnumprocs=2\n"
        "numprocs_start=8\nprocess_name=%(group_name)s_%(process_num)d\n"
        "directory=/srv/%(process_num)d\nready=tcp 80%(process_num)02d\n"
        "pre_start=make %(program_name)s%(process_num)d\n"
        "environment_file=/e%(process_num)d\n");
    CHECK(settings.programs[0].directory == "/srv/8");
    CHECK(settings.programs[0].policy.has_pre_start);
    CHECK(settings.programs[0].policy.ready_within == 60s);
    auto made = expand_processes(settings, memory_world({}), settings.programs[0], "g", 3);
    REQUIRE(made);
    REQUIRE(made->size() == 3);
    auto const& last = made->at(2);
    CHECK(last.name == "g_10");
    CHECK(last.number == 10);
    CHECK(last.argv == std::vector<std::string>{"serve", "10"});
    CHECK(last.directory == "/srv/10");
    CHECK(last.ready.target == "localhost:8010");
    CHECK(last.pre_start.argv == std::vector<std::string>{"make", "x10"});
    CHECK(last.pre_start.time_limit == 30s);
    CHECK(last.environment_files == std::vector<std::string>{"/e10"});
}

TEST_CASE("scaling a program whose processes would share a name is refused") {
    auto settings = good("[supervisord]\n[program:x]\ncommand=cat\n");
    auto made = expand_processes(settings, memory_world({}), settings.programs[0], "x", 2);
    REQUIRE_FALSE(made);
    CHECK(made.error().what.starts_with("%(process_num) must be present"));
}

TEST_CASE("a command that cannot be split is the process's trouble, not the configuration's") {
    CHECK(process("command=echo 'a").command_error ==
          "can't parse command \"echo 'a\": No closing quotation");
    CHECK(process("command=").command_error == "command is empty");
    CHECK(process("").command_error.empty());
}

TEST_CASE("with redirect_stderr there is no log of standard error") {
    CHECK(process("redirect_stderr=yes\nstderr_logfile=/tmp/e").err.kind == LogTarget::Kind::none);
    CHECK(process("").err.kind == LogTarget::Kind::automatic);
}

TEST_CASE("syslog as a log file is the same as the syslog switch") {
    auto x = program("stdout_logfile=syslog");
    CHECK(x.out.syslog);
    CHECK(process("stdout_logfile=syslog").out.kind == LogTarget::Kind::syslog);
}

TEST_CASE("a program in two groups is one program and two sets of processes") {
    auto settings = good(
        "[supervisord]\n[program:a]\ncommand=a\n[group:f]\nprograms=a\n"
        "[group:g]\nprograms=a\n");
    CHECK(settings.programs.size() == 1);
    CHECK(settings.groups.size() == 2);
}

TEST_CASE("a section that moved in the file has the same meaning") {
    auto one = good("[supervisord]\n[program:x]\ncommand=cat\n").programs[0];
    auto other = good("[supervisord]\n\n\n[program:x]\ncommand=cat\n").programs[0];
    CHECK_FALSE(one == other);
    CHECK(same_meaning(one, other));
    other.policy.startsecs = 2s;
    CHECK_FALSE(same_meaning(one, other));
}

TEST_CASE("warnings without end are cut off and do not make a configuration bad") {
    std::string text = "[supervisord]\n";
    for (int i = 0; i < 300; ++i) text += "nonsense" + std::to_string(i) + "=1\n";
    CHECK(load_text(text).settings);
    CHECK(warnings(text).size() == limits::config_errors + 1);
    CHECK(warnings(text).back() == "more warnings follow; they are not shown");
    // They do not hide an error that comes after them either.
    CHECK(classic_error(load_text(text + "[group:g]\nprograms=zz\n")) ==
          "[group:g] names unknown program or fcgi-program zz");
}

TEST_CASE("any mixture of words gives settings or at least one error") {
    constexpr std::string_view pieces[] = {
        "[supervisord]\n",
        "[program:",
        "x]\n",
        "]\n",
        "command=",
        "%(process_num)s",
        "%(here",
        "%",
        "\n",
        "numprocs=3\n",
        "environment=",
        "A=\"1\",",
        "\xFF",
        "process_name=",
        "[group:g]\nprograms=x\n",
        "[include]\nfiles=*\n",
        "stopsignal=TERM:1s,",
        "ready=tcp ",
        "depends_on=x y\n",
        "limit_core=1:",
        "[lares]\n",
        "= ;#\n ",
        "[eventlistener:x]\nevents=EVENT\n",
        "stdout_logfile=/tmp/%(ENV_HOME)s",
        "[unix_http_server]\nfile=~\n",
        ":",
        "-1",
        "\t",
    };
    unsigned random = 1;
    for (int i = 0; i < 3000; ++i) {
        std::string text = "[supervisord]\n";
        for (int j = 0; j < 20; ++j) {
            random = random * 1664525u + 1013904223u;
            text += pieces[(random >> 16) % std::size(pieces)];
        }
        World world = memory_world({{main_file, text}});
        auto loaded = load(world, main_file);
        CHECK(loaded.settings.has_value() == !text::has_errors(loaded.found));
        CHECK_FALSE(check_text(loaded, world).empty());
    }
}

TEST_CASE("more processes than one daemon runs are refused, whoever asks for them") {
    std::string text = "[supervisord]\n";
    for (int i = 0; i < 3; ++i)
        text += "[program:p" + std::to_string(i) +
                "]\ncommand=x\nnumprocs=7000\nprocess_name=p%(process_num)s\n";
    CHECK_FALSE(load_text(text).settings);
}

TEST_CASE("without -c a configuration is looked for in supervisord's places") {
    CHECK(default_paths("/usr/bin", "/srv") ==
          std::vector<std::string>{"/usr/etc/supervisord.conf", "/usr/supervisord.conf",
                                   "/srv/supervisord.conf", "/srv/etc/supervisord.conf",
                                   "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"});
    CHECK(default_paths("bin", "/srv")[1] == "/srv/supervisord.conf");
}

TEST_CASE("a check carries the same for programs as for people") {
    World world = memory_world({{main_file,
                                 "[supervisord]\nnodemon=1\n[program:x]\n"
                                 "command=serve 'a b'\nuser=web\n"}});
    auto loaded = load(world, main_file);
    auto value = check_value(loaded, world);
    CHECK(*value.find("good")->boolean());
    CHECK(value.find("errors")->array()->empty());
    auto const& warning = value.find("warnings")->array()->at(0);
    CHECK(*warning.find("line")->integer() == 2);
    CHECK(*warning.find("hint")->text() == "did you mean 'nodaemon'?");
    auto const& process = value.find("processes")->array()->at(0);
    CHECK(*process.find("name")->text() == "x");
    CHECK(*process.find("user")->text() == "web");
    CHECK(*process.find("command")->text() == "serve 'a b'");
}

TEST_CASE("a program stays small, as there may be thousands") {
    CHECK(sizeof(Program) < 3000);
    CHECK(sizeof(ProcessSettings) < 1500);
}
