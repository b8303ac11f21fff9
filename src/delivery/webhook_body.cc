// delivery/webhook_body.cc: one function a shape.

#include "delivery/webhook_body.h"

#include <chrono>

#include "delivery/fit.h"
#include "delivery/message_values.h"
#include "text/base64.h"
#include "text/query.h"
#include "text/template.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using channel::Shape;
using message::Message;

Result<Fitted> one_text(Channel const& channel, Message const& message) {
    Budget budget = budget_of(channel);
    budget.texts = 1;
    return TRY(fit(message, budget)).front();
}

Hook json_hook(text::Struct const& body) {
    return {"", "", text::to_json(body), "application/json"};
}

/// Our own: what a template may name, but for credentials and what is empty.
Hook own_hook(Channel const& channel, Message const& message, Try const& attempt) {
    text::Struct body;
    for (auto& [name, value] : values_of(channel, message, attempt)) {
        bool const is_secret = name == "user" || name == "password" || name == "token";
        bool const is_ours = name == "field" || name == "from" || name == "reply_to";
        bool const is_empty =
            (value.text() && value.text()->empty()) || (value.array() && value.array()->empty());
        if (!is_secret && !is_ours && !is_empty) body.emplace_back(name, std::move(value));
    }
    return json_hook(body);
}

/// Slack's three signs: https://api.slack.com/reference/surfaces/formatting#escaping.
std::string slack_text(std::string_view text) {
    std::string made;
    for (char c : text) {
        if (c == '&')
            made += "&amp;";
        else if (c == '<')
            made += "&lt;";
        else if (c == '>')
            made += "&gt;";
        else
            made += c;
    }
    return made;
}

Hook slack_hook(Fitted const& said) {
    auto const title = std::string_view(said.text).substr(0, said.title_bytes);
    auto const rest = std::string_view(said.text).substr(said.title_bytes);
    std::string const bold = title.empty() ? "" : "*" + slack_text(title) + "*";
    return json_hook({{"text", bold + slack_text(rest)}});
}

/// Nobody is called by what a message happens to hold.
Hook discord_hook(Fitted const& said) {
    Hook hook = json_hook(
        {{"content", said.text}, {"allowed_mentions", text::Struct{{"parse", text::Array{}}}}});
    hook.path = "?wait=true";
    return hook;
}

std::string matrix_html(Fitted const& said) {
    auto const title = std::string_view(said.text).substr(0, said.title_bytes);
    std::string made =
        title.empty() ? "" : "<strong>" + text::escape(title, text::Target::html) + "</strong>";
    std::string const rest =
        text::escape(std::string_view(said.text).substr(said.title_bytes), text::Target::html);
    for (char c : rest) made += c == '\n' ? std::string("<br>") : std::string(1, c);
    return made;
}

/// PUT with a transaction of our own: a second try is the same event.
Hook matrix_hook(Fitted const& said, Try const& attempt, std::string const& room) {
    Hook hook = json_hook({{"msgtype", "m.text"},
                           {"body", said.text},
                           {"format", "org.matrix.custom.html"},
                           {"formatted_body", matrix_html(said)}});
    hook.method = "PUT";
    hook.path = "/_matrix/client/v3/rooms/" + text::encode_percent(room) + "/send/m.room.message/" +
                text::encode_percent(attempt.key);
    return hook;
}

int ntfy_priority(std::string_view severity) {
    if (severity == "critical") return 5;
    if (severity == "error") return 4;
    return 3;
}

Hook ntfy_hook(Message const& message, Fitted const& said, std::string const& topic) {
    std::string text = said.text.substr(said.title_bytes);
    if (text.starts_with('\n')) text.erase(0, 1);
    text::Struct body{
        {"topic", topic}, {"message", text}, {"priority", ntfy_priority(message.severity)}};
    if (said.title_bytes > 0) body.emplace_back("title", said.text.substr(0, said.title_bytes));
    if (!message.link.empty()) body.emplace_back("click", message.link);
    if (!message.tags.empty())
        body.emplace_back("tags", text::Array(message.tags.begin(), message.tags.end()));
    return json_hook(body);
}

Hook form_hook(Channel const& channel, Message const& message, Fitted const& said,
               Try const& attempt) {
    std::string body = "text=" + text::encode_percent(said.text);
    for (auto const& [name, value] :
         text::Fields{{"title", message.title},
                      {"link", message.link},
                      {"severity", message.severity.empty() ? "info" : message.severity},
                      {"channel", channel.name},
                      {"key", attempt.key}})
        body += "&" + name + "=" + text::encode_percent(value);
    return {"", "", body, std::string(content_type_of(text::Target::url))};
}

}  // namespace

Result<Hook> hook_of(Channel const& channel, Message const& message, Try const& attempt,
                     std::string const& recipient) {
    if (channel.shape == Shape::json) return own_hook(channel, message, attempt);
    Fitted const said = TRY(one_text(channel, message));
    switch (channel.shape) {
    case Shape::json:
    case Shape::text:
        break;
    case Shape::slack:
        return slack_hook(said);
    case Shape::discord:
        return discord_hook(said);
    case Shape::matrix:
        return matrix_hook(said, attempt, recipient);
    case Shape::ntfy:
        return ntfy_hook(message, said, recipient);
    case Shape::form:
        return form_hook(channel, message, said, attempt);
    }
    return Hook{"", "", said.text, std::string(content_type_of(text::Target::none))};
}

std::string signature(std::string const& secret, std::string const& body, WallTime now,
                      ports::Post& post) {
    auto const at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    std::string const time = std::to_string(at);
    return "t=" + time + ",v1=" +
           text::encode_hex(post.hmac(ports::Post::Digest::sha256, secret, time + "." + body));
}

}  // namespace lares::deliver
