// delivery/command.cc: a message through a command of the house: a pager, a loudspeaker, a script.
//
// What the message holds reaches the command as whole arguments, variables and standard input; no
// shell sees it.

#include <algorithm>

#include "delivery/kinds.h"
#include "delivery/mail_answer.h"
#include "delivery/mail_text.h"
#include "delivery/plain_text.h"
#include "text/placeholders.h"
#include "text/utf8.h"
#include "text/value.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

/// Linux takes at most 128 KiB for one argument or variable.
constexpr std::size_t argument_bytes = 128u << 10;
/// And all of them together in 2 MiB by default; the half of it is ours.
constexpr std::size_t arguments_bytes = 1u << 20;
/// Of one variable; the whole text is standard input.
constexpr std::size_t variable_bytes = 32u << 10;
constexpr int try_again = 75;  // EX_TEMPFAIL of sysexits.h

std::string joined(std::vector<std::string> const& list) {
    std::string all;
    for (auto const& each : list) all += (all.empty() ? "" : " ") + each;
    return all;
}

std::vector<std::string> paths(Message const& message) {
    std::vector<std::string> list;
    for (auto const& file : message.files) list.push_back(file.path);
    return list;
}

/// What {{name}} and LARES_NAME stand for.
text::Struct values_of(Channel const& channel, Message const& message, Try const& attempt) {
    auto or_else = [](std::string const& value, std::string_view usual) {
        return value.empty() ? std::string(usual) : value;
    };
    return {{"channel", channel.name},
            {"title", one_line(message.title)},
            {"severity", or_else(message.severity, "info")},
            {"link", message.link},
            {"tags", joined(message.tags)},
            {"to", joined(message.to.empty() ? channel.to : message.to)},
            {"language", or_else(message.language, channel.language)},
            {"details", message.details},
            {"files", joined(paths(message))},
            {"key", attempt.key},
            {"id", std::to_string(attempt.id)},
            {"attempt", std::to_string(attempt.attempt)}};
}

/// No longer than a variable may be, without NUL, and no character cut.
std::string as_variable(std::string value) {
    std::erase(value, '\0');
    if (value.size() <= variable_bytes) return value;
    std::size_t end = variable_bytes;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
    value.resize(end);
    return value;
}

std::string upper(std::string name) {
    for (char& c : name)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return name;
}

Result<std::vector<std::string>> arguments(Channel const& channel, text::Struct values,
                                           Message const& message) {
    values.emplace_back("text", plain_text(message));
    text::Struct fields;
    for (auto const& field : message.fields) fields.emplace_back(field.label, field.value);
    values.emplace_back("fields", std::move(fields));
    auto words = TRY(text::fill_words(channel.command, text::Value(std::move(values))));
    std::size_t all = 0;
    for (auto const& word : words) {
        all += word.size() + 1;
        if (word.size() >= argument_bytes || all > arguments_bytes)
            return Error{Error::Kind::invalid,
                         "the message is too long for an argument of a command; it is given as "
                         "standard input too"};
    }
    return words;
}

Answer answer_of(ports::CommandAnswer const& done) {
    std::string said = done.output.empty() ? "" : ": " + words_of_peer(done.output);
    if (done.signal != 0)
        return {.outcome = Outcome::refused,
                .words = "ended by signal " + std::to_string(done.signal) + said};
    auto outcome = done.code == 0           ? Outcome::sent
                   : done.code == try_again ? Outcome::later
                                            : Outcome::refused;
    return {.outcome = outcome, .words = "exit status " + std::to_string(done.code) + said};
}

}  // namespace

Answer send_command(Channel const& channel, Message const& message, Try const& attempt,
                    ports::Post& post) {
    if (channel.command.empty())
        return {.outcome = Outcome::blocked, .words = "the channel has no command"};
    auto values = values_of(channel, message, attempt);
    ports::CommandCall call;
    auto words = arguments(channel, values, message);
    if (!words) return {.outcome = Outcome::refused, .words = words.error().what};
    call.argv = std::move(*words);
    for (auto const& [name, value] : values)
        call.environment.emplace_back("LARES_" + upper(name), as_variable(*value.text()));
    call.input = plain_text(message);
    call.timeout = channel.timeout;
    auto done = post.run(call);
    if (done) return answer_of(*done);
    // Killed half-way it has more likely told nobody than somebody, so it is tried again.
    bool took_too_long = done.error().kind == Error::Kind::io;
    return {.outcome = took_too_long ? Outcome::later : Outcome::blocked,
            .words = words_of_peer(done.error().what)};
}

}  // namespace lares::deliver
