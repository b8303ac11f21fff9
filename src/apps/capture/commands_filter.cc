// apps/capture/commands_filter.cc: filter, credential, keep: what is wanted, and Lares running it.

#include <algorithm>

#include "apps/capture/app.h"
#include "apps/capture/disk.h"
#include "apps/capture/phrases.h"
#include "apps/capture/reconcile.h"

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
                return fault(Error::Kind::conflict, Phrase::capture_uses_it, {each.name});
        TRY(database->run("delete from credentials where name = :n", {arguments[1]}));
        return {};
    }
    return wrong_usage("credential: expected list, set NAME SERVICE or remove NAME");
}

Result<> keep_command(App& app, Arguments const& given) {
    auto arguments = given;
    bool const once = take_flag(arguments, "once");
    if (!arguments.empty()) return wrong_usage("keep takes --once at most");
    auto all = [&]() -> Result<> {
        TRY(bring_programs(app));
        return {};
    };
    if (once) return all();
    std::string told;
    for (;;) {
        auto done = all();
        // Said once, not every ten seconds.
        if (!done && done.error().what != told)
            app.log("Lares cannot be asked, trying again: " + done.error().what);
        told = done ? "" : done.error().what;
        if (app.wait(look_again)) return {};
    }
}

}  // namespace lares::capture
