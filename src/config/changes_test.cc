// config/changes_test.cc: which differences are seen, and what each asks for.

#include "config/changes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/load.h"
#include "config/memory_world.h"
#include "config/rows.h"

using namespace lares;
using namespace lares::config;
using plan::Difference;

namespace {

Settings read(std::string const& text) {
    MemoryFiles files{
        {"/etc/lares.conf",
         "[supervisord]\n" + text + "\n[channel:ops]\ntype=command\ncommand=/bin/true\n"}};
    auto loaded = load(memory_world(std::move(files)), "/etc/lares.conf");
    for (auto const& found : loaded.found) INFO(found.what);
    REQUIRE(loaded.settings);
    return std::move(*loaded.settings);
}

/// "startsecs, command: restart" of the first process of the first program.
std::string differences(Settings const& one, Settings const& other) {
    World world = memory_world({});
    auto process = [&](Settings const& settings) {
        auto const& program = settings.programs.at(0);
        auto made = expand_processes(settings, world, program, program.name, program.numprocs);
        REQUIRE(made);
        return made->at(0);
    };
    auto before = process(one), after = process(other);
    auto changes = changed_options({one.programs.at(0), before}, {other.programs.at(0), after});
    std::string words;
    for (auto const& change : changes) {
        words += words.empty() ? "" : ", ";
        words += change.option;
    }
    static std::map<Difference, std::string> const names{
        {Difference::none, "none"}, {Difference::live, "live"}, {Difference::restart, "restart"}};
    return words + ": " + names.at(difference(changes));
}

std::string differences(std::string const& one, std::string const& other) {
    std::string section = "[program:x]\ncommand=cat\n";
    return differences(read(section + one), read(section + other));
}

/// A value for an option that is not its default.
std::string other_value(std::string_view option) {
    static std::map<std::string_view, std::string> const values{{"status", "public"},
                                                                {"remember", "true"},
                                                                {"notify", "ops"},
                                                                {"on_orphan", "stop"},
                                                                {"autorestart", "true"},
                                                                {"autostart", "false"},
                                                                {"startsecs", "7"},
                                                                {"stopsignal", "INT"},
                                                                {"exitcodes", "3"},
                                                                {"serverurl", "http://x:1"},
                                                                {"user", "web"},
                                                                {"umask", "077"},
                                                                {"environment", "A=1"},
                                                                {"directory", "/tmp"},
                                                                {"stdout_logfile", "/tmp/x.log"},
                                                                {"stderr_logfile", "/tmp/x.log"},
                                                                {"command", "dog"},
                                                                {"depends_on", "y"},
                                                                {"expect", "every 1h"},
                                                                {"ready", "tcp 1"},
                                                                {"alive", "tcp 1"},
                                                                {"cpu_affinity", "0"},
                                                                {"environment_file", "/tmp/env"},
                                                                {"cpu_max", "50%"},
                                                                {"stdout_format", "json"},
                                                                {"stderr_format", "json"},
                                                                {"pre_start", "true"},
                                                                {"post_start", "true"},
                                                                {"pre_stop", "true"},
                                                                {"post_stop", "true"},
                                                                {"watch_restart", "/tmp/w"},
                                                                {"restart_limit", "3 in 60s"},
                                                                {"on_exit", "shutdown"},
                                                                {"on_fatal", "shutdown"},
                                                                {"stdout_prefix", "p"},
                                                                {"stderr_prefix", "p"},
                                                                {"stdout_rotate", "daily"},
                                                                {"stderr_rotate", "daily"},
                                                                {"restart_jitter", "5%"},
                                                                {"ready_within", "7s"},
                                                                {"restart_delay", "5s"},
                                                                {"restart_backoff", "2"},
                                                                {"events", "EVENT"},
                                                                {"socket", "tcp://localhost:1"},
                                                                {"memory_max", "1MB"},
                                                                {"memory_high", "1MB"}};
    auto found = values.find(option);
    if (found != values.end()) return found->second;
    for (auto const& row : program_rows()) {
        if (row.name != option) continue;
        if (row.fallback == "true") return "false";
        if (row.fallback == "false" || row.fallback == "(as stopasgroup)") return "true";
        if (row.fallback.ends_with('s')) return "70s";
    }
    return "17";
}

}  // namespace

TEST_CASE("every option of a program that is changed is seen to be") {
    for (auto const& row : program_rows()) {
        for (std::string_view identity : {"numprocs", "numprocs_start", "process_name"})
            if (row.name == identity) goto next;
        {
            CAPTURE(row.name);
            std::string more = "\n[program:y]\ncommand=cat\n[socket:17]\nlisten = 127.0.0.1:80\n";
            std::string line = std::string(row.name) + "=" + other_value(row.name) + "\n";
            std::string ready = row.name.starts_with("ready_") ? "ready=tcp 1\n" : "";
            std::string section = "[program:x]\n";
            std::string command = row.name == "command" ? "" : "command=cat\n";
            auto before = read(section + "command=cat\n" + ready + more);
            auto after = read(section + command + ready + line + more);
            auto seen = differences(before, after);
            CAPTURE(seen);
            auto names = ", " + seen.substr(0, seen.find(':')) + ",";
            CHECK(names.find(", " + std::string(row.name) + ",") != names.npos);
        }
    next:;
    }
}

TEST_CASE("every option that is listed is an option, and every one of program has an effect") {
    std::set<std::string_view> known;
    for (auto const& effect : option_effects()) known.insert(effect.option);
    for (auto const& row : program_rows()) CHECK(known.contains(row.name));
    CHECK(std::ranges::count(option_effects(), Difference::live, &OptionEffect::difference) == 66);
    CHECK(std::ranges::count(option_effects(), Difference::none, &OptionEffect::difference) == 3);
}

TEST_CASE("what is read anew at each decision needs no restart") {
    CHECK(differences("", "startsecs=4") == "startsecs: live");
    CHECK(differences("", "stopwaitsecs=4") == "stopwaitsecs: live");
    CHECK(differences("stdout_logfile_maxbytes=1MB", "stdout_logfile_maxbytes=2MB") ==
          "stdout_logfile_maxbytes: live");
}

TEST_CASE("what a process is made of needs a restart") {
    CHECK(differences("environment=A=\"1\"", "environment=A=\"2\"") == "environment: restart");
    CHECK(differences("", "limit_nofile=99") == "limit_nofile: restart");
    CHECK(differences("startsecs=3\nnice=1", "startsecs=4\nnice=2") == "startsecs, nice: restart");
}

TEST_CASE("a log that moves is opened elsewhere; one that appears needs another pipe") {
    CHECK(differences("stdout_logfile=/tmp/a", "stdout_logfile=/tmp/b") == "stdout_logfile: live");
    CHECK(differences("stdout_logfile=AUTO", "stdout_logfile=/tmp/b") == "stdout_logfile: live");
    CHECK(differences("stdout_logfile=NONE", "stdout_logfile=/tmp/b") == "stdout_logfile: restart");
    CHECK(differences("stdout_logfile=NONE", "stdout_logfile=NONE\nstdout_syslog=true") ==
          "stdout_syslog: restart");
}

TEST_CASE("where a section stands, comments and the number of processes are no change") {
    CHECK(differences("", "\n; a comment\n") == ": none");
    CHECK(differences("numprocs=1", "process_name=%(program_name)s_%(process_num)d\nnumprocs=3") ==
          ": none");
}

TEST_CASE("groups are told of as supervisord does: by name, sorted") {
    auto before = read(
        "[program:a]\ncommand=cat\n[program:b]\ncommand=cat\n"
        "[program:c]\ncommand=cat\n[group:g]\nprograms=c\n");
    auto after = read(
        "\n[program:b]\ncommand=dog\n[program:z]\ncommand=cat\n"
        "[program:d]\ncommand=cat\n[program:c]\ncommand=cat\n"
        "[group:g]\nprograms=c\npriority=5\n");
    auto changes = changed_groups(before, after);
    CHECK(changes.added == std::vector<std::string>{"d", "z"});
    CHECK(changes.changed == std::vector<std::string>{"b", "g"});
    CHECK(changes.removed == std::vector<std::string>{"a"});
    auto nothing = changed_groups(before, before);
    CHECK(nothing.added.size() + nothing.changed.size() + nothing.removed.size() == 0);
}

TEST_CASE("a group taken out and put in again gives the configuration there was") {
    auto settings = read(
        "[program:a]\ncommand=cat\n[program:b]\ncommand=cat\n"
        "[group:g]\nprograms=b\npriority=3\n");
    auto less = without_group(settings, "g");
    CHECK(less.groups.size() == 1);
    CHECK(less.find_program("b") == nullptr);
    CHECK(with_group(less, settings, "g").groups == settings.groups);
    CHECK(with_group(less, settings, "g").find_program("b") != nullptr);
}

TEST_CASE("options of the daemon that cannot be taken over are named") {
    auto before = read("loglevel=info\numask=022\n"), after = read("loglevel=debug\numask=077\n");
    CHECK(fixed_changes(before.daemon, after.daemon) == std::vector<std::string_view>{"umask"});
    CHECK(adopted(before.daemon, after.daemon).loglevel == "debug");
    CHECK(adopted(before.daemon, after.daemon).umask == 022);
}
