// control/rest_parameters.cc: words of a row, one after the other; windows of lists.

#include "control/rest_parameters.h"

#include <algorithm>
#include <charconv>

#include "control/names.h"
#include "control/signature.h"
#include "text/json_read.h"
#include "text/nearest.h"

namespace lares::control {

namespace {

using text::Value;

std::string_view take_word(std::string_view& list) {
    auto space = std::min(list.find(' '), list.size());
    auto word = list.substr(0, space);
    list.remove_prefix(std::min(space + 1, list.size()));
    return word;
}

std::string quoted(std::string_view text) {
    return "'" + text::clean_utf8(text.substr(0, 80)) + "'";
}

std::string const* captured(RestInput const& input, std::string_view name) {
    for (auto const& [key, value] : input.captured)
        if (key == name) return &value;
    return nullptr;
}

std::string const* queried(RestInput const& input, std::string_view name) {
    for (auto const& [key, value] : input.query)
        if (key == name) return &value;
    return nullptr;
}

/// A field of a query, which is text, as its type.
std::variant<Value, JobFault> typed(std::string_view name, std::string_view type,
                                    std::string const& text) {
    if (type == "boolean") {
        if (text == "true" || text == "1" || text.empty()) return Value(true);
        if (text == "false" || text == "0") return Value(false);
        return JobFault{std::string(name), quoted(text) + " is not true or false", {}};
    }
    if (type != "int") return Value(text);
    std::int64_t number = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc() || end != text.data() + text.size())
        return JobFault{std::string(name), quoted(text) + " is no whole number", {}};
    return Value(number);
}

/// A field that no row knows was misspelt; to leave it out would give another answer than meant.
std::optional<JobFault> unknown_field(RestRoute const& route, text::Fields const& query) {
    std::vector<std::string_view> known;
    for (auto const& [name, type] : typed_words(route.query)) known.push_back(name);
    for (auto const& [name, value] : query) {
        if (std::ranges::find(known, name) != known.end()) continue;
        JobFault fault{text::clean_utf8(name.substr(0, 80)),
                       "there is no " + quoted(name) + " in the query here",
                       {}};
        auto near = text::nearest(name, known);
        if (!near.empty()) fault.hint = "did you mean '" + std::string(near) + "'?";
        return fault;
    }
    return std::nullopt;
}

bool is_list(Shape shape) { return shape == Shape::list || shape == Shape::processes; }

std::string_view type_of_field(RestRoute const& route, std::string_view name) {
    for (auto const& [field, type] : typed_words(route.query))
        if (field == name) return type;
    return "string";
}

std::variant<Value, JobFault> whole_query(RestRoute const& route, RestInput const& input) {
    text::Struct filters;
    for (auto const& [name, text] : input.query) {
        auto value = typed(name, type_of_field(route, name), text);
        if (auto* fault = std::get_if<JobFault>(&value)) return std::move(*fault);
        filters.emplace_back(name, std::move(std::get<Value>(value)));
    }
    return Value(std::move(filters));
}

/// Members of the body that the row does not take.
std::optional<JobFault> unknown_member(RestRoute const& route, RestInput const& input) {
    std::vector<std::string_view> known;
    auto list = route.parameters;
    while (!list.empty()) {
        auto word = take_word(list);
        if (word == ".*") return std::nullopt;
        if (word.starts_with('.')) known.push_back(word.substr(1));
    }
    for (auto const& [name, value] : *input.body.members()) {
        if (std::ranges::find(known, name) != known.end()) continue;
        JobFault fault{
            text::clean_utf8(name.substr(0, 80)), "the body may not have " + quoted(name), {}};
        for (auto each : known)
            fault.hint += (fault.hint.empty() ? "it takes " : ", ") + std::string(each);
        if (known.empty()) fault.hint = "it takes no body";
        return fault;
    }
    return std::nullopt;
}

Value constant(std::string_view words) {
    if (words.starts_with('[')) {
        auto read = text::read_json(words);
        if (read) return *read;
    }
    return std::string(words);
}

struct Wanted {
    std::string_view word;
    Parameter parameter;
};

/// None: it was not sent.
std::variant<std::monostate, Value, JobFault> one_parameter(RestRoute const& route,
                                                            Wanted const& wanted,
                                                            RestInput const& input) {
    auto word = wanted.word;
    if (word.starts_with('=')) return constant(word.substr(1));
    if (word == "?*") {
        auto all = whole_query(route, input);
        if (auto* fault = std::get_if<JobFault>(&all)) return std::move(*fault);
        return std::move(std::get<Value>(all));
    }
    if (word == ".*") return input.body;
    bool is_array = word.starts_with('[');
    auto name = is_array                ? word.substr(2, word.size() - 4)
                : word.starts_with('{') ? word.substr(1, word.size() - 2)
                                        : word.substr(1);
    if (is_array || word.starts_with('{')) {
        auto const* text = captured(input, name);
        if (!text) return std::monostate();
        return is_array ? Value(text::Array{Value(*text)}) : Value(*text);
    }
    if (word.starts_with('?')) {
        auto const* text = queried(input, name);
        if (!text) return std::monostate();
        auto value = typed(name, type_of_field(route, name), *text);
        if (auto* fault = std::get_if<JobFault>(&value)) return std::move(*fault);
        return std::move(std::get<Value>(value));
    }
    auto const* member = input.body.find(name);
    return member ? std::variant<std::monostate, Value, JobFault>(*member) : std::monostate();
}

}  // namespace

std::variant<text::Array, JobFault> rest_parameters(RestRoute const& route,
                                                    Operation const& operation,
                                                    RestInput const& input) {
    if (!is_list(route.shape))
        if (auto fault = unknown_field(route, input.query)) return std::move(*fault);
    if (auto fault = unknown_member(route, input)) return std::move(*fault);
    text::Array list;
    auto words = route.parameters;
    for (auto const& parameter : parameters_of(operation.signature)) {
        auto word = take_word(words);
        if (word.empty()) break;
        auto value = one_parameter(route, {word, parameter}, input);
        if (auto* fault = std::get_if<JobFault>(&value)) return std::move(*fault);
        if (auto* given = std::get_if<Value>(&value)) {
            list.push_back(std::move(*given));
            continue;
        }
        auto name = std::string(word.substr(1));
        if (!parameter.optional)
            return JobFault{name, "'" + name + "' is missing",
                            "it is of type " + std::string(parameter.type)};
        list.push_back(default_of(parameter));
    }
    return list;
}

std::variant<ListWindow, JobFault> list_window(text::Fields const& query) {
    ListWindow window;
    for (auto const& [name, value] : query) {
        if (name == "after") {
            window.after = value;
        } else if (name == "q") {
            window.search = value;
        } else if (name == "fields") {
            for (std::string_view rest = value; !rest.empty();) {
                auto comma = std::min(rest.find(','), rest.size());
                window.fields.emplace_back(rest.substr(0, comma));
                rest.remove_prefix(std::min(comma + 1, rest.size()));
            }
        } else if (name == "limit") {
            auto number = typed(name, "int", value);
            auto const* limit = std::get_if<Value>(&number);
            if (!limit || *limit->integer() < 1)
                return JobFault{"limit", quoted(value) + " is no number from 1 on", {}};
            window.limit =
                static_cast<std::size_t>(std::min<std::int64_t>(*limit->integer(), 10'000));
        } else {
            window.equal.emplace_back(name, value);
        }
    }
    return window;
}

std::string value_text(text::Value const& value) {
    auto const* words = value.text();
    return words ? *words : text::to_json(value);
}

std::string key_of(text::Value const& entry) {
    auto const* members = entry.members();
    if (!members || members->empty()) return {};
    auto const *group = entry.find("group"), *name = entry.find("name");
    if (group && name && group->text() && name->text())
        return full_name(*group->text(), *name->text());
    return value_text(members->front().second);
}

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
    return !std::ranges::search(text, part, [](char a, char b) {
                return lower(a) == lower(b);
            }).empty();
}

bool has_text(text::Value const& entry, std::string_view part) {
    for (auto const& [name, value] : *entry.members())
        if (auto const* items = value.array()) {
            for (auto const& item : *items)
                if (!item.members() && contains(value_text(item), part)) return true;
        } else if (!value.members() && contains(value_text(value), part)) {
            return true;
        }
    return false;
}

bool fits(text::Value const& entry, ListWindow const& window) {
    for (auto const& [name, wanted] : window.equal) {
        auto const* value = entry.find(name);
        if (!value || value_text(*value) != wanted) return false;
    }
    return window.search.empty() || has_text(entry, window.search);
}

void leave_fields(text::Value& entry, std::vector<std::string> const& fields) {
    if (fields.empty()) return;
    std::erase_if(std::get<text::Struct>(entry.held), [&](auto const& member) {
        return std::ranges::find(fields, member.first) == fields.end();
    });
}

/// A member that was asked for and is none, as the first entry tells.
std::string unknown_of(text::Array const& entries, ListWindow const& window) {
    if (entries.empty()) return {};
    for (auto const& [name, value] : window.equal)
        if (!entries.front().find(name)) return name;
    for (auto const& name : window.fields)
        if (!entries.front().find(name)) return name;
    return {};
}

}  // namespace

Windowed take_window(text::Array entries, ListWindow const& window) {
    Windowed taken;
    taken.wrong = unknown_of(entries, window);
    if (!taken.wrong.empty()) return taken;
    bool is_plain = window.after.empty() && window.equal.empty() && window.search.empty();
    if (is_plain && window.fields.empty() && entries.size() <= window.limit) {
        taken.entries = std::move(entries);
        return taken;
    }
    bool begun = window.after.empty();
    // The one named may have gone since: then from where it would stand.
    bool is_there = begun || std::ranges::any_of(entries, [&](auto const& entry) {
                        return key_of(entry) == window.after;
                    });
    for (auto& entry : entries) {
        auto key = begun ? std::string() : key_of(entry);
        if (!begun && is_there) {
            begun = key == window.after;
            continue;
        }
        if (!begun && key <= window.after) continue;
        if (!fits(entry, window)) continue;
        if (taken.entries.size() == window.limit) {
            taken.more = true;
            break;
        }
        taken.last = key_of(entry);
        leave_fields(entry, window.fields);
        taken.entries.push_back(std::move(entry));
    }
    return taken;
}

}  // namespace lares::control
