// delivery/message_values.cc: a message as the values of a template.

#include "delivery/message_values.h"

#include <chrono>

#include "text/iso_time.h"

namespace lares::deliver {

std::string iso_with_milliseconds(WallTime time) {
    auto const whole = std::chrono::floor<std::chrono::seconds>(time);
    std::string iso = text::print_iso_time(whole.time_since_epoch().count(), 0);
    auto const rest = std::to_string((time - whole).count());
    return iso.substr(0, 19) + "." + std::string(3 - rest.size(), '0') + rest + "Z";
}

text::Struct values_of(channel::Channel const& channel, message::Message const& message,
                       Try const& attempt) {
    auto list = [](std::vector<std::string> const& from) {
        return text::Array(from.begin(), from.end());
    };
    text::Struct by_label;
    text::Array fields;
    for (auto const& each : message.fields) {
        by_label.emplace_back(each.label, each.value);
        fields.push_back(text::Struct{{"label", each.label}, {"value", each.value}});
    }
    auto const& language = message.language.empty() ? channel.language : message.language;
    return {{"title", message.title},
            {"text", message.text},
            {"html", message.html},
            {"details", message.details},
            {"link", message.link},
            {"tags", list(message.tags)},
            {"field", std::move(by_label)},
            {"fields", std::move(fields)},
            {"severity", message.severity.empty() ? std::string("info") : message.severity},
            {"language", language},
            {"to", list(message.to.empty() ? channel.to : message.to)},
            {"reply_to", message.reply_to},
            {"in_reply_to", message.in_reply_to},
            {"channel", channel.name},
            {"from", channel.from},
            {"key", attempt.key},
            {"id", static_cast<std::int64_t>(attempt.id)},
            {"attempt", attempt.attempt},
            {"time", iso_with_milliseconds(attempt.now)},
            {"user", channel.user},
            {"password", channel.password},
            {"token", channel.token}};
}

text::Target target_of(std::string_view body) {
    auto const first = body.find_first_not_of(" \t\r\n");
    if (first == body.npos) return text::Target::url;
    if (body[first] == '{' || body[first] == '[') return text::Target::json;
    return body[first] == '<' ? text::Target::xml : text::Target::url;
}

std::string_view content_type_of(text::Target target) {
    switch (target) {
    case text::Target::json:
        return "application/json";
    case text::Target::xml:
        return "application/xml";
    case text::Target::html:
        return "text/html; charset=utf-8";
    case text::Target::url:
        return "application/x-www-form-urlencoded";
    case text::Target::none:
        return "text/plain; charset=utf-8";
    }
    return "";
}

}  // namespace lares::deliver
