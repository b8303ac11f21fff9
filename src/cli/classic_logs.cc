// cli/classic_logs.cc: supervisorctl's commands over logs: tail, maintail, fg.

#include <fmt/core.h>

#include <atomic>
#include <string>
#include <utility>

#include "base/overloaded.h"
#include "cli/classic_control.h"
#include "config/values.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::cli::classic {
namespace {

using text::Value;
using Names = std::vector<std::string>;
using Take = std::function<bool(std::string_view)>;

constexpr long long default_bytes = 1600;
constexpr std::int64_t running = 20;
constexpr std::string_view exit_hint = "==> Press Ctrl-C to exit <==";

/// Why a stream could not be had, as the original's small HTTP client tells it: on standard error.
std::string trouble_of(api::Reply const& reply) {
    return std::visit(Overloaded{
                          [](api::HttpRefusal const& refusal) {
                              return fmt::format("Cannot read, status code {}", refusal.status);
                          },
                          [](Error const& error) { return "Cannot connect, error: " + error.what; },
                          [](auto const&) { return std::string(); },
                      },
                      reply);
}

bool was_interrupted(Control& control, api::Reply const& reply) {
    auto const* error = std::get_if<Error>(&reply);
    return error != nullptr && error->kind == Error::Kind::conflict &&
           control.doors.keyboard.take_interrupt();
}

/// @param path  of the stream, for the words only.
void tell_trouble(Control& control, std::string const& path, api::Reply const& reply) {
    std::string const trouble = trouble_of(reply);
    if (!trouble.empty())
        control.doors.err(control.settings.server.url + path + " " + trouble + "\n");
}

/// Shows a stream until it ends or Ctrl-C. Neither is an error.
void follow(Control& control, std::string const& path,
            std::function<api::Reply(api::Client&, Take const&)> const& stream) {
    control.doors.catch_interrupt();
    control.say(exit_hint);
    api::Client client = control.client();
    api::Reply const reply = stream(client, [&](std::string_view piece) {
        control.doors.out(piece);
        return true;
    });
    if (was_interrupted(control, reply)) return control.say("");
    tell_trouble(control, path, reply);
}

Ended tell_log(Control& control, Reply const& reply, std::string const& name) {
    if (auto const* value = value_of(reply)) {
        std::string const* text = value->text();
        control.say(text != nullptr ? *text : "");
        return {};
    }
    int const code = fault_code(reply);
    if (code == fault::no_file) {
        control.fail(name + ": ERROR (no log file)");
    } else if (code == fault::failed) {
        control.fail(name + ": ERROR (unknown error reading log)");
    } else if (code == fault::bad_name) {
        control.fail(name + ": ERROR (no such process name)");
    } else {
        return std::get<Raised>(reply);
    }
    return {};
}

/// What "-N" or "-f" asks for.
struct Amount {
    bool follow = false;
    long long bytes = default_bytes;
};

/// None when `word` is no such thing, which is said.
std::optional<Amount> amount_of(Control& control, std::string const& word) {
    if (word == "-f") return Amount{.follow = true};
    Result<long long> const bytes = text::parse_integer(word.substr(1));
    if (word.starts_with('-') && bytes) return Amount{.bytes = *bytes};
    control.fail("Error: bad argument " + word);
    return std::nullopt;
}

/// A log and how much of it.
struct Wish {
    std::string name;
    std::string channel = "stdout";
    Amount amount;
};

/// None when the arguments are wrong, which is said.
std::optional<Wish> wish_of(Control& control, Names words) {
    std::string modifier;
    if (words.front().starts_with('-')) {
        modifier = words.front();
        words.erase(words.begin());
    }
    if (words.empty()) {
        control.fail("Error: tail requires process name");
        return std::nullopt;
    }
    Wish wish{.name = words.front()};
    if (words.size() > 1) wish.channel = text::python::lower(words.back());
    if (wish.channel != "stdout" && wish.channel != "stderr") {
        control.fail("Error: bad channel " + text::python::repr(wish.channel));
        return std::nullopt;
    }
    if (modifier.empty()) return wish;
    std::optional<Amount> const amount = amount_of(control, modifier);
    if (!amount) return std::nullopt;
    wish.amount = *amount;
    return wish;
}

bool complain(Control& control, std::string_view what, std::string_view command) {
    control.fail(what);
    control.say(find_command(command)->help);
    return false;
}

/// A question that Ctrl-C cut short says nothing of the process.
bool is_cut_short(Reply const& reply) {
    auto const* raised = std::get_if<Raised>(&reply);
    auto const* error = raised != nullptr ? std::get_if<Error>(raised) : nullptr;
    return error != nullptr && error->kind == Error::Kind::conflict;
}

bool has_ended(Reply const& info) {
    auto const* value = value_of(info);
    return value == nullptr || number_of(*value, "state") != running;
}

/// "<Fault 10: 'BAD_NAME'>" or the like, for fg's own words.
std::string short_words(Reply const& reply) {
    std::string const words = python_words(std::get<Raised>(reply));
    return words.substr(std::min(words.find(", ") + 2, words.size()));
}

/// Sends typed lines until the input ends, Ctrl-C, or the process is gone.
void pass_lines_on(Control& control, std::string const& name) {
    while (auto const line = control.doors.keyboard.read_line()) {
        Reply const sent = control.ask("supervisor.sendProcessStdin", {name, *line + "\n"});
        if (is_cut_short(sent)) break;
        if (fault_code(sent) == fault::not_running) return control.say("Process got killed");
        if (value_of(sent) == nullptr) return control.say("ERROR: " + short_words(sent));
        Reply const info = control.ask("supervisor.getProcessInfo", {name});
        if (is_cut_short(info)) break;
        if (has_ended(info)) return control.say("Process got killed");
    }
    (void)control.doors.keyboard.take_interrupt();
}

/// Shows both streams of a process while its input is typed.
void connect(Control& control, std::string const& name) {
    std::atomic<bool> wanted = true;
    auto const show = [&](std::string_view piece) {
        if (wanted) control.doors.out(piece);
        return bool(wanted);
    };
    auto const stream = [&](api::Stream which) {
        return control.doors.beside([&control, &show, name, which](int until) {
            api::Client client(control.doors.http, control.settings.server, until);
            (void)client.follow_raw(name, which, show);
        });
    };
    auto const end_out = stream(api::Stream::out);
    auto const end_err = stream(api::Stream::err);
    pass_lines_on(control, name);
    wanted = false;
    control.say("Exiting foreground");
    end_out();
    end_err();
}

}  // namespace

Ended tail(Control& control, std::string const& argument) {
    Names const words = config::split_spaces(argument);
    if (words.empty()) return complain(control, "Error: too few arguments", "tail"), Ended();
    if (words.size() > 3) return complain(control, "Error: too many arguments", "tail"), Ended();
    std::optional<Wish> const wish = wish_of(control, words);
    if (!wish) return {};
    bool const err = wish->channel == "stderr";
    if (wish->amount.follow) {
        follow(control, "/logtail/" + wish->name + "/" + wish->channel,
               [&](api::Client& client, Take const& take) {
                   return client.follow_raw(wish->name, err ? api::Stream::err : api::Stream::out,
                                            take);
               });
        return {};
    }
    Reply const reply =
        control.ask(err ? "supervisor.readProcessStderrLog" : "supervisor.readProcessStdoutLog",
                    {wish->name, Value(std::int64_t(-wish->amount.bytes)), 0});
    return tell_log(control, reply, wish->name);
}

Ended maintail(Control& control, std::string const& argument) {
    Names const words = config::split_spaces(argument);
    if (words.size() > 1)
        return complain(control, "Error: too many arguments", "maintail"), Ended();
    Amount amount;
    if (!words.empty()) {
        std::optional<Amount> const given = amount_of(control, words.front());
        if (!given) return {};
        amount = *given;
    }
    if (amount.follow) {
        follow(control, "/mainlogtail",
               [](api::Client& client, Take const& take) { return client.follow_main_raw(take); });
        return {};
    }
    Reply const reply = control.ask("supervisor.readLog", {Value(std::int64_t(-amount.bytes)), 0});
    return tell_log(control, reply, "supervisord");
}

Ended foreground(Control& control, std::string const& argument) {
    Names const words = config::split_spaces(argument);
    if (words.empty()) return complain(control, "ERROR: no process name supplied", "fg"), Ended();
    if (words.size() > 1) {
        control.fail("ERROR: too many process names supplied");
        return {};
    }
    std::string const& name = words.front();
    Reply const reply = control.ask("supervisor.getProcessInfo", {name});
    auto const* info = value_of(reply);
    if (info == nullptr) {
        if (fault_code(reply) == 0) return std::get<Raised>(reply);
        if (fault_code(reply) == fault::bad_name) {
            control.fail("ERROR: bad process name supplied");
        } else {
            control.say("ERROR: " + short_words(reply));
        }
        return {};
    }
    if (number_of(*info, "state") != running) {
        control.fail("ERROR: process not running");
        return {};
    }
    control.doors.catch_interrupt();
    control.say(exit_hint);
    connect(control, name);
    return {};
}

}  // namespace lares::cli::classic
