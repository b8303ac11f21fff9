// apps/capture/app.cc: the table of commands, and reading a command line by it.

#include "apps/capture/app.h"

#include "apps/capture/disk.h"
#include "base/version.h"
#include "text/nearest.h"

namespace lares::capture {

namespace {

// clang-format off
constexpr Command all_commands[] = {
    {"stream",     "NAME",                           "capture a stream until TERM (Lares runs this)", stream_command},
    {"timelines",  "run NAME [--account ID] | show NAME | jobs [NAME] | tasks [--schedule CRON]", "accounts' posts, what of them is missing, and the tasks of Lares that have them", timelines_command},
    {"keep",       "[--once]",                       "bring the programs of Lares to what is active here", keep_command},
    {"filter",     "list | show NAME | set NAME option=value… option@=FILE… | remove NAME | options", "captures: what to receive, and how", filter_command},
    {"try",        "NAME FILE…",                     "what a filter would have matched in archive files", try_command},
    {"credential", "list | set NAME SERVICE | remove NAME", "tokens; set reads one from standard input", credential_command},
    {"files",      "[NAME]",                         "captured files with counts, gaps and what was missed", files_command},
    {"verify",     "[NAME] [--repair] | --bag FOLDER", "compare the archive with its sidecars, and mend what a crash left", verify_command},
    {"account",    "list | add SERVICE NAME… | refresh SERVICE | state SERVICE ID STATE | history SERVICE ID  [--credential NAME] [--url URL]", "people by stable ids, with what they were called and what became of them", account_command},
    {"set",        "list | add SET [--notes TEXT] | remove SET | join SET SERVICE NAME… | leave SET SERVICE NAME… | members SET", "sets of accounts", set_command},
    {"index",      "NAME",                           "bring archived posts into the database, for search and export", index_command},
    {"search",     "WORDS… [--most N]",              "indexed posts by their words", search_command},
    {"takedown",   "NAME [keep|mark|remove]",        "carry out removals that the service told, by policy, with proof", takedown_command},
    {"export",     "--capture NAME | --set SET | --account SERVICE:NAME [--format csv|tsv|jsonl|xlsx] [--from DAY] [--to DAY] [--sample N] [--split N [--most-files N]] [--output FILE] [--count]", "posts as a table", export_command},
    {"links",      "run [--most N] [--allow ADDRESS] | list [STATE] | show URL | again", "where the shortened links of indexed posts lead", links_command},
    {"rehydrate",  "NAME IDS [--not-found FILE]",    "posts by their ids, into the archive of a capture of timelines", rehydrate_command},
    {"dehydrate",  "NAME [--output FILE]",           "ids alone of a capture's posts, one a line", dehydrate_command},
    {"bag",        "NAME FOLDER",                    "a BagIt bag of a capture's files", bag_command},
    {"serve",      "[--listen HOST:PORT] [--certificate FILE --key FILE] [--open viewer|operator]", "the page, for users of Lares; does what keep does, too (127.0.0.1:8642)", serve_command},
};
// clang-format on

constexpr std::string_view usage_hint = "; see lares-capture --help";

std::string help() {
    std::string out =
        "lares-capture: public streams into archives that can be trusted\n\n"
        "  lares-capture [--home FOLDER] [--archive FOLDER] [--lares URL] COMMAND …\n\n";
    for (auto const& each : all_commands) {
        out.append("  ").append(each.name).append(" ").append(each.usage).append("\n      ");
        out.append(each.help).append("\n");
    }
    return out +
           "\n  --home     holds capture.db and locks; $LARES_CAPTURE_HOME, else "
           "/var/lib/lares-capture\n"
           "  --archive  holds the captured files; else 'archive' in the home\n"
           "  --lares    the daemon, unix:///run/lares.sock\n"
           "\nExit status: 0 done, 1 refused, failed or faults found, 2 wrong usage.\n";
}

/// In double quotes for a command line in Lares' INI, '%' doubled.
std::string quoted(std::string const& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '%') out += '%';
        out += c;
    }
    return out + "\"";
}

}  // namespace

std::span<Command const> commands() { return all_commands; }

Result<Database*> App::database() {
    if (!database_held) {
        TRY(disk::make_folders(home));
        database_held = TRY(Database::open(home + "/capture.db"));
    }
    return database_held.get();
}

std::unique_ptr<App> App::beside() const {
    return std::unique_ptr<App>(new App{.home = home,
                                        .archive = archive,
                                        .lares = lares,
                                        .program = program,
                                        .streams = streams,
                                        .post = post,
                                        .http = http,
                                        .links = links,
                                        .allow_address = allow_address,
                                        .now = now,
                                        .wait = wait,
                                        .until = until,
                                        .print = [](std::string_view) {},
                                        .log = log,
                                        .read_line = [] { return Result<std::string>(""); }});
}

std::string App::own_command(std::string const& words) const {
    return "command = " + quoted(program) + " --home " + quoted(home) + " --archive " +
           quoted(archive) + " " + words;
}

Error wrong_usage(std::string const& words) {
    return {Error::Kind::invalid, words + std::string(usage_hint)};
}

std::string without_hint(std::string words) {
    if (auto const at = words.find(usage_hint); at != words.npos) words.resize(at);
    return words;
}

Result<std::string> take_option(Arguments& arguments, std::string_view name) {
    std::string const flag = "--" + std::string(name);
    for (auto at = arguments.begin(); at != arguments.end(); ++at) {
        if (at->starts_with(flag + "=")) {
            auto value = at->substr(flag.size() + 1);
            arguments.erase(at);
            return value;
        }
        if (*at != flag) continue;
        if (at + 1 == arguments.end()) return wrong_usage(flag + " needs a value");
        auto value = *(at + 1);
        arguments.erase(at, at + 2);
        return value;
    }
    return std::string();
}

bool take_flag(Arguments& arguments, std::string_view name) {
    for (auto at = arguments.begin(); at != arguments.end(); ++at)
        if (*at == "--" + std::string(name)) return arguments.erase(at), true;
    return false;
}

int run_command_line(App& app, Arguments arguments,
                     std::function<void(std::string const&)> const& complain) {
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "help")
        return app.print(help()), arguments.empty() ? 2 : 0;
    if (arguments[0] == "--version") return app.say("lares-capture " + std::string(version())), 0;
    while (!arguments.empty() && arguments[0].starts_with("--")) {
        auto const before = arguments.size();
        for (auto [name, slot] : {std::pair("home", &app.home), std::pair("archive", &app.archive),
                                  std::pair("lares", &app.lares)}) {
            auto const& first = arguments.empty() ? std::string() : arguments[0];
            if (first != "--" + std::string(name) &&
                !first.starts_with("--" + std::string(name) + "="))
                continue;
            auto value = take_option(arguments, name);
            if (!value) return complain(value.error().what), 2;
            *slot = *value;
        }
        if (arguments.size() == before)
            return complain("unknown option '" + arguments[0] + "'; see lares-capture --help"), 2;
    }
    if (arguments.empty()) return complain("a command is missing; see lares-capture --help"), 2;
    if (app.archive.empty()) app.archive = app.home + "/archive";
    std::vector<std::string_view> names;
    for (auto const& each : all_commands) {
        names.push_back(each.name);
        if (each.name != arguments[0]) continue;
        arguments.erase(arguments.begin());
        auto done = each.run(app, arguments);
        if (done) return 0;
        complain(done.error().what);
        return done.error().what.ends_with(usage_hint) ? 2 : 1;
    }
    auto near = text::nearest(arguments[0], names);
    complain("unknown command '" + arguments[0] + "'" +
             (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
    return 2;
}

}  // namespace lares::capture
