// cli/parse_test.cc: command lines and the mistakes people make in them.

#include "cli/parse.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace lares::cli {
namespace {

Request good(std::vector<std::string> const& words) {
    Result<Request> request = parse(words);
    REQUIRE_MESSAGE(request.ok(), (request ? "" : request.error().what));
    return std::move(request).take();
}

std::string mistake(std::vector<std::string> const& words) {
    Result<Request> const request = parse(words);
    return request ? "no mistake" : request.error().what;
}

using Words = std::vector<std::string>;

TEST_CASE("a command and its words are found, whatever they look like") {
    Request const request = good({"status", "web", "g:*", "[ab]*", "worker_?"});
    CHECK(request.command == Command::status);
    CHECK(request.words == Words{"web", "g:*", "[ab]*", "worker_?"});
}

TEST_CASE("a process may be called like a command") {
    Request const request = good({"start", "status", "help", "up"});
    CHECK(request.command == Command::start);
    CHECK(request.words == Words{"status", "help", "up"});
}

TEST_CASE("options may stand before the command, after it, and after its words") {
    for (Words const& words :
         {Words{"-c", "F", "--json", "status", "web"}, Words{"status", "--json", "-c", "F", "web"},
          Words{"status", "web", "--json", "--config=F"},
          Words{"status", "-cF", "web", "--json"}}) {
        Request const request = good(words);
        CHECK(request.config == "F");
        CHECK(request.json);
        CHECK(request.words == Words{"web"});
    }
}

TEST_CASE("after two dashes there are no options") {
    CHECK(good({"stop", "--no-wait", "--", "--web", "--"}).words == Words{"--web", "--"});
    CHECK(good({"status", "--"}).words.empty());
}

TEST_CASE("each command takes its own options") {
    CHECK(good({"status", "-w"}).watch);
    CHECK(good({"status", "--fail"}).fail);
    CHECK(good({"restart", "--rolling", "all"}).rolling);
    CHECK(good({"start", "--no-wait", "web"}).no_wait);
    Request const request = good({"tail", "-f", "-n", "4KB", "web", "stderr"});
    CHECK(request.follow);
    CHECK(request.bytes == "4KB");
    CHECK(request.words == Words{"web", "stderr"});
    CHECK(good({"tail", "--lines", "5", "web"}).lines == "5");
    CHECK(good({"tail", "--main"}).main);
}

TEST_CASE("up takes supervisord's options as overrides of the file") {
    Request const request = good(
        {"up",     "-c", "F",   "-l",          "/l", "-y", "1MB",        "-z", "3",  "-e", "debug",
         "-j",     "/p", "-i",  "id",          "-q", "/q", "-k",         "-a", "10", "-t", "-u",
         "nobody", "-m", "022", "--directory", "/",  "-s", "--minprocs", "5",  "-n"});
    CHECK(request.config == "F");
    CHECK(request.foreground);
    CHECK(request.server.empty());
    CHECK(request.username.empty());
    config::Overrides sorted = request.overrides;
    std::ranges::sort(sorted);
    CHECK(sorted == config::Overrides{{"childlogdir", "/q"},
                                      {"directory", "/"},
                                      {"identifier", "id"},
                                      {"logfile", "/l"},
                                      {"logfile_backups", "3"},
                                      {"logfile_maxbytes", "1MB"},
                                      {"loglevel", "debug"},
                                      {"minfds", "10"},
                                      {"minprocs", "5"},
                                      {"nocleanup", "true"},
                                      {"pidfile", "/p"},
                                      {"silent", "true"},
                                      {"strip_ansi", "true"},
                                      {"umask", "022"},
                                      {"user", "nobody"}});
}

TEST_CASE("supervisord's long spellings with underscores are understood") {
    CHECK(
        good({"up", "--logfile_maxbytes", "1MB", "--strip_ansi", "--nodaemon"}).overrides.size() ==
        2);
    CHECK(good({"up", "--logfile-maxbytes=1MB"}).overrides ==
          config::Overrides{{"logfile_maxbytes", "1MB"}});
}

TEST_CASE("help and version are accepted with anything else missing") {
    CHECK(good({"--help"}).help);
    CHECK(good({"start", "-h"}).help);
    CHECK(good({"tail", "--help"}).command == Command::tail);
    CHECK(good({"--version"}).version);
    CHECK(good({}).command == Command::none);
}

TEST_CASE("an unknown command names the nearest one") {
    CHECK(mistake({"staus"}) == "unknown command 'staus'; did you mean 'status'?");
    CHECK(mistake({"frobnicate", "web"}) ==
          "unknown command 'frobnicate'; 'lares help' lists them all");
}

TEST_CASE("an unknown option names the command and the nearest one") {
    CHECK(mistake({"status", "--josn"}) ==
          "unknown option '--josn' of 'lares status'; did you mean '--json'?");
    CHECK(mistake({"restart", "web", "--roling"}) ==
          "unknown option '--roling' of 'lares restart'; did you mean '--rolling'?");
    CHECK(mistake({"--zzzzzzzz", "status"}) == "unknown option '--zzzzzzzz' of 'lares status'");
    CHECK(mistake({"scale", "web", "-5"}).starts_with("unknown option '-5'"));
}

TEST_CASE("an option without its value, or with two, is named") {
    CHECK(mistake({"status", "-c"}).find("--config") != std::string::npos);
    CHECK(mistake({"up", "-l", "a", "-l", "b"}).find("--logfile") != std::string::npos);
}

TEST_CASE("a command that needs a name says which names there are") {
    for (char const* command : {"start", "stop", "restart"})
        CHECK(mistake({command}) == "which process? give a NAME, 'group:*' or 'all'");
    CHECK(mistake({"signal", "HUP"}) == "give a SIGNAL and a NAME, as 'lares signal HUP web'");
    CHECK(mistake({"scale", "web"}) == "give a PROGRAM and a number, as 'lares scale worker 4'");
    CHECK(mistake({"explain"}) == "which option? as 'lares explain startsecs'");
    CHECK(mistake({"tail"}) ==
          "the log of which process? give a NAME, or --main for the daemon's own");
}

TEST_CASE("a word too much is shown with the usage") {
    CHECK(mistake({"down", "now"}) == "'now' is too much; usage: lares down");
    CHECK(mistake({"check", "a", "b"}) == "'b' is too much; usage: lares check [FILE]");
}

TEST_CASE("what cannot be had together is refused") {
    CHECK(mistake({"up", "-d", "-n"}) == "--detach and --foreground exclude each other");
    CHECK(mistake({"restart", "--rolling", "--no-wait", "all"}) ==
          "--rolling waits for each process; it cannot be had with --no-wait");
    CHECK(mistake({"tail", "-n", "5", "--lines", "5", "web"}) ==
          "--bytes and --lines exclude each other");
    CHECK(mistake({"tail", "--main", "web"}) == "--main is the daemon's own log; leave out 'web'");
    CHECK(mistake({"tail", "web", "stdour"}) ==
          "'stdour' is no stream; there are 'stdout' and 'stderr'");
    CHECK(mistake({"status", "-w", "--fail"}) ==
          "--fail looks once; it cannot be had with --watch");
}

}  // namespace
}  // namespace lares::cli
