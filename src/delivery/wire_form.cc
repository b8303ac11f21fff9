// delivery/wire_form.cc: orders and answers from the listings of their members. What has names in
// the configuration has the same names here.

#include "delivery/wire_form.h"

#include <span>

#include "core/message_fields.h"
#include "text/json_fields.h"

namespace lares::channel {

template <class Each>
void each_field(Each& each, Rate& rate) {
    each("count", rate.count);
    each("span_ms", rate.span);
}

}  // namespace lares::channel

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Outcome;
using text::Value;

constexpr std::string_view kind_names[] = {"mail", "sms",     "telegram", "mastodon",
                                           "x",    "bluesky", "webhook",  "command"};
constexpr std::string_view tls_names[] = {"auto", "none", "starttls", "tls"};
constexpr std::string_view auth_names[] = {"auto", "none", "plain", "login", "cram-md5", "xoauth2"};
constexpr std::string_view shape_names[] = {"json",    "slack", "matrix", "ntfy",
                                            "discord", "form",  "text"};
constexpr Outcome outcomes[] = {Outcome::sent,    Outcome::refused, Outcome::later,
                                Outcome::limited, Outcome::blocked, Outcome::unsure};

/// An enumerator as its name.
template <class Enum>
struct Word {
    Enum& slot;
    std::span<std::string_view const> names;
};
template <class Enum>
Value write(Word<Enum> const& word) {
    return std::string(word.names[static_cast<std::size_t>(word.slot)]);
}
template <class Enum>
Result<> read(Value const& value, Word<Enum>& word) {
    for (std::size_t i = 0; i < word.names.size(); ++i) {
        if (value.text() && *value.text() == word.names[i]) {
            word.slot = static_cast<Enum>(i);
            return {};
        }
    }
    std::string all;
    for (auto each : word.names) all += (all.empty() ? "" : ", ") + std::string(each);
    return text::fields::wrong("one of " + all);
}

template <class Each>
void each_limit(Each& each, channel::Channel& channel) {
    each("length", channel.length);
    each("threads", channel.threads);
    each("rate", channel.rate);
    each("connections", channel.connections);
    each("timeout_ms", channel.timeout);
    each("give_up_ms", channel.give_up);
    each("language", channel.language);
    each("budget", channel.budget);
}

template <class Each>
void each_secret(Each& each, channel::Channel& channel) {
    each("user", channel.user);
    each("password", channel.password);
    each("token", channel.token);
    each("consumer_key", channel.consumer_key);
    each("consumer_secret", channel.consumer_secret);
    each("token_secret", channel.token_secret);
    each("client_id", channel.client_id);
    each("client_secret", channel.client_secret);
    each("refresh_token", channel.refresh_token);
    each("token_url", channel.token_url);
    each("secret", channel.secret);
}

}  // namespace

}  // namespace lares::deliver

namespace lares::channel {

template <class Each>
void each_field(Each& each, Channel& channel) {
    deliver::Word kind{channel.kind, std::span(deliver::kind_names)};
    deliver::Word tls{channel.tls, std::span(deliver::tls_names)};
    deliver::Word auth{channel.auth, std::span(deliver::auth_names)};
    deliver::Word shape{channel.shape, std::span(deliver::shape_names)};
    each("name", channel.name);
    each("kind", kind);
    each("url", channel.url);
    each("to", channel.to);
    each("from", channel.from);
    each("reply_to", channel.reply_to);
    deliver::each_secret(each, channel);
    each("tls", tls);
    each("auth", auth);
    each("ca_file", channel.ca_file);
    each("helo", channel.helo);
    each("method", channel.method);
    each("headers", channel.headers);
    each("shape", shape);
    each("body", channel.body);
    each("success", channel.success);
    each("signature_header", channel.signature_header);
    each("visibility", channel.visibility);
    each("parse_mode", channel.parse_mode);
    each("shape_name", channel.shape_name);
    each("command", channel.command);
    deliver::each_limit(each, channel);
}

}  // namespace lares::channel

namespace lares::deliver {

template <class Each>
void each_field(Each& each, Order& order) {
    each("id", order.id);
    each("attempt", order.attempt);
    each("key", order.key);
    each("channel", order.channel);
    each("message", order.message);
    each("resume", order.resume);
}

std::string print(Order const& order) { return text::print_fields(order); }

Result<Order> parse_order(std::string_view line) {
    return text::parse_fields<Order>(line, {.bytes = order_bytes});
}

std::string print(Answer const& answer) {
    text::Struct members{{"id", std::int64_t(answer.id)},
                         {"attempt", answer.attempt},
                         {"outcome", std::string(name(answer.outcome))}};
    auto add = [&](std::string_view name, auto const& value, auto const& usual) {
        if (value != usual) members.emplace_back(std::string(name), Value(value));
    };
    add("retry_after_ms", std::int64_t(answer.retry_after.count()), 0);
    add("provider", answer.provider, "");
    add("words", answer.words, "");
    add("cost_micros", answer.cost_micros, 0);
    add("units", answer.units, 1);
    add("refresh_token", answer.refresh_token, std::string());
    return text::to_json(members);
}

namespace {

/// What an answer's members are while it is read: the outcome by its name.
struct AnswerForm {
    Answer answer;
    std::string outcome;
};
template <class Each>
void each_field(Each& each, AnswerForm& form) {
    each("id", form.answer.id);
    each("attempt", form.answer.attempt);
    each("outcome", form.outcome);
    each("retry_after_ms", form.answer.retry_after);
    each("provider", form.answer.provider);
    each("words", form.answer.words);
    each("cost_micros", form.answer.cost_micros);
    each("units", form.answer.units);
    each("refresh_token", form.answer.refresh_token);
}

}  // namespace

Result<Answer> parse_answer(std::string_view line) {
    auto form = TRY(text::parse_fields<AnswerForm>(line, {.bytes = order_bytes}));
    for (auto outcome : outcomes) {
        if (name(outcome) != form.outcome) continue;
        form.answer.outcome = outcome;
        return std::move(form.answer);
    }
    return Error{Error::Kind::invalid,
                 "'outcome': must be one of sent, refused, later, limited, "
                 "blocked, unsure"};
}

}  // namespace lares::deliver
