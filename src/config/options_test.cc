// config/options_test.cc: what must hold of every option row.

#include "config/options.h"

#include <doctest/doctest.h>

#include <set>

#include "config/explain.h"
#include "config/memory_world.h"
#include "config/rows.h"

using namespace lares;
using namespace lares::config;

namespace {

/// Calls `each(section, row, owner)` for the rows of every section.
template <class Each>
void for_every_row(Each each) {
    auto over = [&](std::string_view section, auto rows, auto owner) {
        for (auto const& row : rows) each(section, row, owner);
    };
    over("supervisord", supervisord_rows(), Daemon{});
    over("lares", lares_rows(), Daemon{});
    over("unix", unix_server_rows(), HttpServer{});
    over("inet", inet_server_rows(), HttpServer{});
    over("supervisorctl", client_rows(), Client{});
    over("program", program_rows(), ProgramDraft{});
    over("eventlistener", eventlistener_rows(), ProgramDraft{});
    over("fcgi", fcgi_rows(), ProgramDraft{});
    over("group", group_rows(), Group{});
    over("socket", socket_rows(), SocketDraft{});
    over("task", task_rows(), TaskDraft{});
    over("folder", folder_rows(), Folder{});
    over("crontab", crontab_rows(), CrontabFiles{});
    over("incrontab", incrontab_rows(), CrontabFiles{});
    over("work", work_rows(), WorkSettings{});
    over("include", include_rows(), IncludeDraft{});
    over("rpcinterface", rpc_rows(), RpcDraft{});
}

}  // namespace

TEST_CASE("every default is itself a valid value") {
    World world = memory_world({});
    for_every_row([&](std::string_view section, auto const& row, auto owner) {
        if (!is_value(row.fallback)) return;
        CAPTURE(section);
        CAPTURE(row.name);
        std::string remark;
        Reading reading{world, row.name, row.slot.words.unit, row.range, true, remark};
        auto done = row.slot.read(reading, row.fallback, owner);
        CHECK_MESSAGE(done.ok(), (done ? "" : done.error().what));
        CHECK(remark.empty());
    });
}

TEST_CASE("every row has a help of its own length, a type and a name in lower case") {
    for_every_row([](std::string_view section, auto const& row, auto const&) {
        CAPTURE(section);
        CAPTURE(row.name);
        CHECK(row.help.size() > 10);
        CHECK_FALSE(row.help.ends_with('.'));
        CHECK_FALSE(row.slot.words.type.empty());
        CHECK(row.name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ ") == row.name.npos);
        CHECK(row.range.least <= row.range.most);
    });
}

TEST_CASE("no section has two rows of one name") {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for_every_row([&](std::string_view section, auto const& row, auto const&) {
        bool is_program = section == "eventlistener" || section == "fcgi";
        CAPTURE(row.name);
        CHECK(seen.insert({is_program ? "program" : section, row.name}).second);
    });
}

TEST_CASE("supervisord's options are all there and are not called ours") {
    auto check = [](Section section, std::vector<std::string_view> const& names) {
        std::set<std::string_view> theirs_here;
        for (auto const& doc : all_options())
            if (doc.section == section && !doc.ours) theirs_here.insert(doc.name);
        CHECK(theirs_here == std::set<std::string_view>(names.begin(), names.end()));
    };
    check(Section::supervisord,
          {"logfile", "logfile_maxbytes", "logfile_backups", "loglevel", "pidfile", "umask",
           "nodaemon", "silent", "minfds", "minprocs", "nocleanup", "childlogdir", "user",
           "directory", "strip_ansi", "environment", "identifier", "profile_options"});
    check(Section::program, {"command",
                             "process_name",
                             "numprocs",
                             "numprocs_start",
                             "priority",
                             "autostart",
                             "startsecs",
                             "startretries",
                             "autorestart",
                             "exitcodes",
                             "stopsignal",
                             "stopwaitsecs",
                             "stopasgroup",
                             "killasgroup",
                             "user",
                             "redirect_stderr",
                             "stdout_logfile",
                             "stderr_logfile",
                             "stdout_logfile_maxbytes",
                             "stderr_logfile_maxbytes",
                             "stdout_logfile_backups",
                             "stderr_logfile_backups",
                             "stdout_capture_maxbytes",
                             "stderr_capture_maxbytes",
                             "stdout_events_enabled",
                             "stderr_events_enabled",
                             "stdout_syslog",
                             "stderr_syslog",
                             "environment",
                             "directory",
                             "umask",
                             "serverurl"});
    check(Section::lares, {});
}

TEST_CASE("standard output and standard error have the same options") {
    std::set<std::string> of_out, of_err;
    for (auto const& doc : all_options()) {
        if (doc.name.starts_with("stdout_")) of_out.insert(std::string(doc.name.substr(7)));
        if (doc.name.starts_with("stderr_")) of_err.insert(std::string(doc.name.substr(7)));
    }
    CHECK(of_out == of_err);
    CHECK(of_out.size() == 13);
}

TEST_CASE("every limit has its row") {
    for (auto name : limit_names()) {
        CAPTURE(name);
        CHECK(find_options("limit_" + std::string(name)).size() == 1);
    }
}

TEST_CASE("an option is found by its name, or by section and name") {
    CHECK(find_options("startsecs").size() == 1);
    CHECK(find_options("environment").size() == 2);
    CHECK(find_options("program.environment").size() == 1);
    CHECK(find_options("eventlistener.startsecs").size() == 1);
    CHECK(find_options("supervisor.rpcinterface_factory").size() == 1);
    CHECK(find_options("startsec").empty());
    CHECK(find_options("nice").size() == 1);
    CHECK(find_options("task.nice").size() == 1);
    CHECK(find_options("task.startsecs").empty());
    CHECK(explain("nice")->starts_with("nice in [program:x] and [task:x], an addition"));
    CHECK(explain("task.nice")->starts_with("nice in [task:x], an addition"));
    CHECK(find_options("program.").empty());
    CHECK(nearest_option("startsec") == "startsecs");
    CHECK(nearest_option("program.startsec") == "startsecs");
}

TEST_CASE("explain tells meaning, value, default and range") {
    CHECK(*explain("alive_failures") ==
          "alive_failures in [program:x], an addition of Lares\n"
          "    failures in a row before it is restarted\n"
          "    value    a whole number\n"
          "    default  3\n"
          "    range    1 to 1000\n");
    CHECK(explain("program")->find("startsecs in [program:x]") != std::string::npos);
    CHECK(explain("[program:x]")->size() == explain("program")->size());
    CHECK(explain("startsec").error().what ==
          "unknown option 'startsec'; did you mean 'startsecs'?");
    CHECK(explain("startsec").error().kind == Error::Kind::not_found);
}

TEST_CASE("no line of explain is longer than a terminal") {
    for (auto const& doc : all_options()) {
        std::string text = *explain(doc.name);
        for (std::size_t at = 0; at < text.size();) {
            std::size_t end = text.find('\n', at);
            CHECK(end - at <= 100);
            at = end + 1;
        }
    }
}

TEST_CASE("explain for programs carries the same as for people") {
    auto value = explain_value("nice");
    REQUIRE(value);
    auto const& row = value->array()->front();
    CHECK(*row.find("section")->text() == "program:x");
    CHECK(*row.find("range")->text() == "-20 to 19");
    CHECK(*row.find("ours")->boolean());
}

TEST_CASE("a Markdown table has a row for each option and no broken cell") {
    std::string table = options_as_markdown(Section::program);
    CHECK(table.find("| `startsecs` |") != std::string::npos);
    CHECK(table.find("| `nice` (Lares) | a whole number |  | -20 to 19 |") != std::string::npos);
    std::size_t lines = 0;
    for (char c : table) lines += c == '\n';
    CHECK(lines == program_rows().size() + 2);
    CHECK(options_as_markdown(Section::eventlistener).find("every option of `[program:x]`") !=
          std::string::npos);
}
