// apps/capture/commands_filter.cc: filter, credential, keep: what is wanted, and Lares running it.

#include <algorithm>

#include "api/client.h"
#include "apps/capture/app.h"
#include "apps/capture/disk.h"
#include "base/sha256.h"
#include "text/json_value.h"

namespace lares::capture {

namespace {

/// "people@=FILE": the lines of a file as the value, with commas between; long lists fit no command
/// line.
Result<> set_from(Definition& definition, std::string const& argument) {
    auto const at = argument.find("@=");
    if (at == std::string::npos || argument.find('=') != at + 1)
        return set_option(definition, argument);
    std::string value;
    for (char c : TRY(disk::read_all(argument.substr(at + 2), 4u << 20))) {
        if (c == '\r') continue;
        value += c == '\n' ? ',' : c;
    }
    return set_option(definition, argument.substr(0, at) + "=" + value);
}

/// How often `keep` looks whether Lares runs what is active here, when nothing is edited.
constexpr Duration look_again{10'000};

Result<> set_filter(App& app, Arguments const& arguments) {
    if (arguments.size() < 2) return wrong_usage("filter set needs a name");
    auto* database = TRY(app.database());
    return database->together([&]() -> Result<> {
        auto const known = TRY(
            database->rows("select definition from captures where name = :n", {arguments[1]}, "t"));
        Definition definition;
        if (!known.empty()) definition = TRY(parse_definition(text_in(known[0], 0)));
        definition.name = arguments[1];
        for (std::size_t i = 2; i < arguments.size(); ++i) TRY(set_from(definition, arguments[i]));
        if (definition.name != arguments[1])
            return Error{Error::Kind::invalid,
                         "a capture cannot be given another name: its files have it"};
        auto const others = TRY(database->captures());
        TRY(check_definition(definition, others));
        TRY(database->token_of(definition.credential));
        TRY(database->run(
            "insert into captures values (:n, :d, :t) on conflict (name) do update set "
            "definition = excluded.definition, changed = excluded.changed",
            {arguments[1], print_definition(definition), app.now().wall_ms}));
        return {};
    });
}

Result<> list_filters(App& app) {
    auto* database = TRY(app.database());
    auto all = TRY(database->captures());
    std::ranges::stable_sort(all, {},
                             [](Definition const& each) { return each.active == "yes" ? 0 : 1; });
    for (auto const& each : all)
        app.say(each.name + "\t" + (each.active == "yes" ? "active" : "inactive") + "\t" +
                each.service);
    return {};
}

Result<> show_filter(App& app, std::string const& name) {
    auto* database = TRY(app.database());
    auto definition = TRY(database->capture(name));
    for (auto const& row : definition_rows())
        if (auto const& value = row.field(definition); !value.empty())
            app.say(std::string(row.name) + " = " + value);
    return {};
}

Result<> remove_filter(App& app, std::string const& name) {
    auto* database = TRY(app.database());
    TRY(database->capture(name));
    TRY(database->run("delete from captures where name = :n", {name}));
    return {};
}

}  // namespace

Result<> filter_command(App& app, Arguments const& arguments) {
    auto const verb = arguments.empty() ? std::string("list") : arguments[0];
    if (verb == "list") return list_filters(app);
    if (verb == "set") return set_filter(app, arguments);
    if (verb == "options") {
        for (auto const& row : definition_rows())
            app.say(std::string(row.name) + "\t" + std::string(row.help));
        return {};
    }
    if (arguments.size() == 2 && verb == "show") return show_filter(app, arguments[1]);
    if (arguments.size() == 2 && verb == "remove") return remove_filter(app, arguments[1]);
    return wrong_usage("filter: expected list, show NAME, set NAME …, remove NAME or options");
}

Result<> credential_command(App& app, Arguments const& arguments) {
    auto* database = TRY(app.database());
    if (arguments.empty() || arguments[0] == "list") {
        for (auto const& row :
             TRY(database->rows("select name, service from credentials order by name", {}, "tt")))
            app.say(text_in(row, 0) + "\t" + text_in(row, 1));
        return {};
    }
    if (arguments[0] == "set" && arguments.size() == 3) {
        TRY(check_source_name(arguments[1]));
        // Never as an argument: everybody on the machine can read those.
        auto token = TRY(app.read_line());
        if (token.empty()) return wrong_usage("credential set reads the token from standard input");
        TRY(database->run(
            "insert into credentials values (:n, :s, :t) on conflict (name) do update set "
            "service = excluded.service, token = excluded.token",
            {arguments[1], arguments[2], token}));
        return {};
    }
    if (arguments[0] == "remove" && arguments.size() == 2) {
        for (auto const& each : TRY(database->captures()))
            if (each.credential == arguments[1])
                return Error{Error::Kind::conflict, "the capture '" + each.name + "' uses it"};
        TRY(database->run("delete from credentials where name = :n", {arguments[1]}));
        return {};
    }
    return wrong_usage("credential: expected list, set NAME SERVICE or remove NAME");
}

namespace {

std::string program_name(std::string const& capture) { return "capture-" + capture; }

/// The digest makes Lares start it again when what it captures was edited.
std::string program_text(App const& app, Definition const& definition, std::string const& digest) {
    return app.own_command("stream " + definition.name) +
           "\nautostart = true\nautorestart = true\nstartsecs = 1\nstopwaitsecs = 30\n" +
           "environment = LARES_CAPTURE_DEFINITION=\"" + digest + "\"\n";
}

/// One comparison of what is active here with what Lares has.
Result<> reconcile(App& app) {
    auto* database = TRY(app.database());
    auto all = TRY(database->captures());
    // Timelines are tasks: they are done and over, and no programs.
    std::erase_if(all, [](auto const& each) { return !accounts_of(each.service).empty(); });
    auto const put = TRY(database->rows("select name, digest from programs", {}, "tt"));
    api::Client client(app.http, {.url = app.lares}, app.until);
    auto const status = TRY(client.status({}));
    auto runs = [&](std::string const& name) {
        return std::ranges::any_of(status.processes,
                                   [&](auto const& each) { return each.group == name; });
    };
    for (auto const& row : put) {
        auto const& name = text_in(row, 0);
        bool const is_wanted = std::ranges::any_of(
            all, [&](auto const& each) { return each.name == name && each.active == "yes"; });
        if (is_wanted) continue;
        if (runs(program_name(name)))
            TRY(client.call("lares.remove_program", {program_name(name)}));
        TRY(database->run("delete from programs where name = :n", {name}));
        app.log("program '" + program_name(name) + "' removed");
    }
    for (auto const& each : all) {
        if (each.active != "yes") continue;
        auto const digest = sha256_hex(print_definition(each)).substr(0, 16);
        bool const is_there =
            runs(program_name(each.name)) && std::ranges::any_of(put, [&](auto const& row) {
                return text_in(row, 0) == each.name && text_in(row, 1) == digest;
            });
        if (is_there) continue;
        TRY(client.call("lares.put_program",
                        {program_name(each.name), program_text(app, each, digest)}));
        TRY(database->run(
            "insert into programs values (:n, :d) on conflict (name) do update set digest = "
            "excluded.digest",
            {each.name, digest}));
        app.log("program '" + program_name(each.name) + "' put");
    }
    return {};
}

}  // namespace

Result<> keep_command(App& app, Arguments const& given) {
    auto arguments = given;
    bool const once = take_flag(arguments, "once");
    if (!arguments.empty()) return wrong_usage("keep takes --once at most");
    if (once) return reconcile(app);
    std::string told;
    for (;;) {
        auto done = reconcile(app);
        // Said once, not every ten seconds.
        if (!done && done.error().what != told)
            app.log("Lares cannot be asked, trying again: " + done.error().what);
        told = done ? "" : done.error().what;
        if (app.wait(look_again)) return {};
    }
}

}  // namespace lares::capture
