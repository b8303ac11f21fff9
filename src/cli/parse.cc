// cli/parse.cc: the command line, read by CLI11.
//
// The only unit that includes CLI11: it takes seconds to compile. CLI11 is fed from the rows and
// asked for nothing but the options; words are gathered here, because its own lists take a glob
// like
// "[ab]" for a list of values, and so is its help, which knows no table. Its exceptions end here.

#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/overloaded.h"
#include "cli/rows.h"
#include "text/nearest.h"

namespace lares::cli {
namespace {

using Words = std::vector<std::string>;

Error usage(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

/// Binds one row to its field of `request`, which outlives the parse.
void add_option(CLI::App& app, OptionRow const& row, Request& request) {
    std::string const names(row.names);
    CLI::Option* option = nullptr;
    auto take_value = [&](std::function<void(std::string const&)> const& take) {
        option = app.add_option_function<std::string>(names, take);
        option->type_name(std::string(row.value));
    };
    auto take_switch = [&](std::function<void()> take) {
        app.add_flag_callback(names, std::move(take));
    };
    std::visit(Overloaded{
                   [&](bool Request::* field) {
                       take_switch([&request, field] { request.*field = true; });
                   },
                   [&](std::string Request::* field) {
                       take_value([&request, field](std::string const& v) { request.*field = v; });
                   },
                   [&](std::optional<std::string> Request::* field) {
                       take_value([&request, field](std::string const& v) { request.*field = v; });
                   },
                   [&](Override entry) {
                       auto put = [&request, key = std::string(entry.key)](std::string const& v) {
                           request.overrides.emplace_back(key, v);
                       };
                       if (row.value.empty()) return take_switch([put] { put("true"); });
                       take_value(put);
                   },
               },
               row.field);
}

void build(CLI::App& app, Request& request) {
    app.set_help_flag();
    app.allow_extras();
    app.fallthrough();
    app.require_subcommand(0, 1);
    for (OptionRow const& row : common_options()) add_option(app, row, request);
    for (CommandRow const& row : command_rows()) {
        CLI::App* command = app.add_subcommand(std::string(row.name));
        for (OptionRow const& option : row.options) add_option(*command, option, request);
    }
}

std::string hint(std::string_view nearest) {
    return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

Error unknown_option(std::string const& word, CommandRow const* command) {
    std::string const name = word.substr(0, word.find('='));
    Words const names = option_names(command);
    std::string_view const near = text::nearest(name, {names.begin(), names.end()});
    std::string const owner =
        command == nullptr ? "" : " of 'lares " + std::string(command->name) + "'";
    return usage("unknown option '" + name + "'" + owner + hint(near));
}

Error unknown_command(std::string const& word) {
    std::vector<std::string_view> names;
    for (CommandRow const& row : command_rows()) names.push_back(row.name);
    std::string_view const near = text::nearest(word, names);
    return usage("unknown command '" + word + "'" +
                 (near.empty() ? "; 'lares help' lists them all" : hint(near)));
}

/// What `lares next` is asked is either an expression or the configuration.
Result<> check_next(Request const& request) {
    if (request.command != Command::next) return {};
    bool const one = request.expression.has_value();
    if (!one && request.timezone) return usage("--tz goes with --expr; tasks have their own");
    if (!one && !request.count.empty())
        return usage("--count goes with --expr; else there is --days");
    if (one && !request.days.empty())
        return usage("--days goes without --expr; else there is --count");
    if (one && request.ics) return usage("--ics goes without --expr: it lists the tasks");
    if (request.ics && request.json) return usage("--ics and --json exclude each other");
    return {};
}

/// Rules between words and options that no single row can say.
Result<> check_together(Request const& request) {
    if (request.command == Command::up && request.detach && request.foreground)
        return usage("--detach and --foreground exclude each other");
    if (request.watch && request.fail)
        return usage("--fail looks once; it cannot be had with --watch");
    if (request.rolling && request.no_wait)
        return usage("--rolling waits for each process; it cannot be had with --no-wait");
    if (request.command == Command::tail && !request.bytes.empty() && !request.lines.empty())
        return usage("--bytes and --lines exclude each other");
    if (request.command == Command::tail && request.main && !request.words.empty())
        return usage("--main is the daemon's own log; leave out '" + request.words.front() + "'");
    if (request.command == Command::tail && !request.main && request.words.empty())
        return usage("the log of which process? give a NAME, or --main for the daemon's own");
    if (request.command == Command::tail && request.words.size() == 2 &&
        request.words[1] != "stdout" && request.words[1] != "stderr")
        return usage("'" + request.words[1] + "' is no stream; there are 'stdout' and 'stderr'");
    return check_next(request);
}

Result<> check(Request const& request) {
    CommandRow const& row = row_of(request.command);
    if (request.words.size() < row.fewest) return usage(std::string(row.lacking));
    if (request.words.size() > row.most)
        return usage("'" + request.words[row.most] + "' is too much; usage: lares " +
                     std::string(row.name) + (row.usage.empty() ? "" : " ") +
                     std::string(row.usage));
    return check_together(request);
}

/// Words that CLI11 knew no option or command for. @param plain  the words after "--".
Result<> gather(Request& request, Words const& left, Words const& plain) {
    CommandRow const* row = request.command == Command::none ? nullptr : &row_of(request.command);
    for (std::string const& word : left) {
        if (word.size() > 1 && word[0] == '-') return unknown_option(word, row);
        if (row == nullptr) return unknown_command(word);
        request.words.push_back(word);
    }
    request.words.insert(request.words.end(), plain.begin(), plain.end());
    return {};
}

/// A mistake in an option's value: CLI11's words, which name the option.
Error value_error(CLI::ParseError const& error) {
    std::string what = error.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    return usage(what);
}

}  // namespace

Result<Request> parse(std::vector<std::string> const& arguments) {
    Request request;
    auto const dashes = std::ranges::find(arguments, "--");
    Words const plain(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
    Words reversed(arguments.begin(), dashes);
    std::ranges::reverse(reversed);  // as CLI11 takes them

    CLI::App app;
    Words left;
    try {
        build(app, request);
        app.parse(std::move(reversed));
        left = app.remaining(true);
        for (CLI::App const* used : app.get_subcommands())
            request.command = find_command(used->get_name())->command;
    } catch (CLI::ParseError const& error) {
        return value_error(error);
    }
    TRY(gather(request, left, plain));
    if (request.help || request.version || request.command == Command::none) return request;
    TRY(check(request));
    return request;
}

}  // namespace lares::cli
