// config/job_payload.cc: JSON objects against what a task says it takes.

#include "config/job_payload.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "text/json_value.h"
#include "text/placeholders.h"

namespace lares::config {

namespace {

Error invalid(Task const& task, std::string words) {
    return {Error::Kind::invalid, fmt::format("payload for task '{}': {}", task.name, words)};
}

Result<> check_command(Task const& task, text::Value const& payload) {
    for (auto const& word : task.process.argv) {
        if (word.find("{{") == word.npos) continue;
        auto keys = text::placeholder_keys(word);
        if (!keys) return std::move(keys).error();
    }
    auto filled = text::fill_words(task.process.argv, payload);
    if (filled) return {};
    return invalid(task, filled.error().what);
}

}  // namespace

bool takes(Task const& task, std::string_view key) {
    return task.payload_keys.empty() ||
           std::ranges::find(task.payload_keys, key) != task.payload_keys.end();
}

bool has_placeholders(Task const& task) {
    return std::ranges::any_of(
        task.process.argv, [](std::string const& word) { return word.find("{{") != word.npos; });
}

Result<text::Struct> payload_members(Task const& task, std::string_view payload) {
    if (payload.size() > limits::payload_bytes)
        return invalid(task, fmt::format("{} bytes, at most {} are possible", payload.size(),
                                         limits::payload_bytes));
    auto value = text::parse_json(payload);
    if (!value) return invalid(task, value.error().what);
    if (value->members() == nullptr)
        return invalid(task, "expected a JSON object, {\"key\": value}");
    return std::get<text::Struct>(std::move(value->held));
}

Result<std::string> checked_payload(Task const& task, std::string_view payload) {
    bool is_empty = payload.empty() || payload == "{}";
    bool needs_look =
        !task.payload_keys.empty() || !task.payload_defaults.empty() || has_placeholders(task);
    if (is_empty && !needs_look) return std::string("{}");
    // Nothing of it is looked at here: whether it is an object is enough.
    if (!needs_look && payload.size() <= limits::payload_bytes && text::is_json_object(payload))
        return std::string(payload);
    auto members = TRY(payload_members(task, is_empty ? std::string_view("{}") : payload));
    for (auto const& [key, value] : members)
        if (!takes(task, key)) return invalid(task, fmt::format("it takes no key '{}'", key));
    bool has_added = false;
    for (auto const& [key, value] : task.payload_defaults) {
        auto same = std::ranges::find(members, key, &text::Struct::value_type::first);
        if (same != members.end()) continue;
        members.emplace_back(key, value);
        has_added = true;
    }
    text::Value whole(std::move(members));
    if (has_placeholders(task)) TRY(check_command(task, whole));
    if (!has_added) return is_empty ? std::string("{}") : std::string(payload);
    return text::to_json(whole);
}

Result<std::string> key_of(Task const& task, std::string_view payload) {
    auto members = TRY(payload_members(task, payload));
    auto key = text::fill_text(task.unique, text::Value(std::move(members)));
    if (!key) return invalid(task, "unique: " + key.error().what);
    return key;
}

}  // namespace lares::config
