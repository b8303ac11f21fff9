// control/signature.cc: reading signatures and bending parameters to them.

#include "control/signature.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "text/nearest.h"

namespace lares::control {

namespace {

using text::Value;

std::vector<std::string_view> tokens_of(std::string_view signature) {
    std::vector<std::string_view> tokens;
    while (!signature.empty()) {
        auto space = std::min(signature.find(' '), signature.size());
        if (space > 0) tokens.push_back(signature.substr(0, space));
        signature.remove_prefix(std::min(space + 1, signature.size()));
    }
    return tokens;
}

Parameter parameter(std::string_view token) {
    Parameter read;
    auto colon = token.find(':');
    if (colon < token.find('=')) {
        read.name = token.substr(0, colon);
        token.remove_prefix(colon + 1);
    }
    auto equals = std::min(token.find('='), token.size());
    read.type = token.substr(0, equals);
    read.optional = equals != token.size();
    if (read.optional) read.fallback = token.substr(equals + 1);
    return read;
}

std::string_view article(std::string_view type) {
    return type == "int" || type == "array" ? "an" : "a";
}

std::optional<std::int64_t> whole_number(std::string_view digits) {
    std::int64_t number = 0;
    auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (status != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

std::optional<Value> as_boolean(Value const& given) {
    if (given.boolean()) return given;
    if (auto const* number = given.integer()) return Value(*number != 0);
    auto const* word = given.text();
    if (word && (*word == "1" || *word == "true")) return Value(true);
    if (word && (*word == "0" || *word == "false")) return Value(false);
    return std::nullopt;
}

std::optional<Value> as_integer(Value const& given) {
    if (given.integer()) return given;
    auto const* digits = given.text();
    auto number = digits ? whole_number(*digits) : std::nullopt;
    return number ? std::optional<Value>(*number) : std::nullopt;
}

std::optional<Value> as_type(std::string_view type, Value const& given) {
    if (type == "boolean") return as_boolean(given);
    if (type == "int") return as_integer(given);
    bool fits = (type == "string" && given.text()) || (type == "array" && given.array()) ||
                (type == "struct" && given.members());
    return fits ? std::optional<Value>(given) : std::nullopt;
}

/// The first of the types, with a '/' between them, that the value has without being bent; else
/// the first that it can be bent to.
std::optional<Value> as_one_of(std::string_view types, Value const& given) {
    std::optional<Value> bent;
    while (!types.empty()) {
        auto slash = std::min(types.find('/'), types.size());
        auto fitted = as_type(types.substr(0, slash), given);
        if (fitted && fitted->held.index() == given.held.index()) return fitted;
        if (!bent) bent = std::move(fitted);
        types.remove_prefix(std::min(slash + 1, types.size()));
    }
    return bent;
}

Value default_value(Parameter const& wanted) {
    if (wanted.type == "boolean") return wanted.fallback == "true";
    if (wanted.type == "int") return whole_number(wanted.fallback).value_or(0);
    if (wanted.type.starts_with("array")) return text::Array{};
    if (wanted.type.starts_with("struct")) return text::Struct{};
    return std::string(wanted.fallback);
}

Outcome wrong_count(std::string_view method, std::vector<std::string_view> const& wanted,
                    std::size_t given) {
    auto most = wanted.size();
    auto least = most - static_cast<std::size_t>(std::ranges::count_if(
                            wanted, [](auto token) { return parameter(token).optional; }));
    auto range = least == most ? fmt::format("{}", most) : fmt::format("{} to {}", least, most);
    return {Fault::incorrect_parameters, fmt::format("{} takes {} parameter{}, {} given", method,
                                                     range, most == 1 ? "" : "s", given)};
}

}  // namespace

std::vector<std::string> signature_types(std::string_view signature) {
    std::vector<std::string> types;
    for (auto token : tokens_of(signature)) {
        auto type = parameter(token).type;
        types.emplace_back(type.substr(0, type.find('/')));
    }
    return types;
}

std::vector<Parameter> parameters_of(std::string_view signature) {
    std::vector<Parameter> list;
    auto tokens = tokens_of(signature);
    for (std::size_t i = 1; i < tokens.size(); ++i) list.push_back(parameter(tokens[i]));
    return list;
}

Value default_of(Parameter const& wanted) { return default_value(wanted); }

std::variant<text::Array, Outcome> parameters_by_name(std::string_view method,
                                                      std::string_view signature,
                                                      text::Struct const& given) {
    auto wanted = parameters_of(signature);
    std::vector<std::string_view> names;
    for (auto const& each : wanted) names.push_back(each.name);
    for (auto const& [name, value] : given) {
        if (std::ranges::find(names, name) != names.end() && !name.empty()) continue;
        auto words =
            fmt::format("{} has no parameter '{}'", method, text::clean_utf8(name.substr(0, 60)));
        auto near = text::nearest(name, names);
        if (!near.empty()) words += fmt::format(", did you mean '{}'?", near);
        return Outcome{Fault::incorrect_parameters, words};
    }
    text::Array list;
    Value const all{given};
    for (auto const& each : wanted) {
        auto const* value = all.find(each.name);
        if (!value && !each.optional)
            return Outcome{Fault::incorrect_parameters,
                           fmt::format("{} needs '{}', {} {}", method, each.name,
                                       article(each.type), each.type)};
        list.push_back(value ? *value : default_value(each));
    }
    return list;
}

std::variant<text::Array, Outcome> fit_parameters(std::string_view method,
                                                  std::string_view signature, text::Array given) {
    auto wanted = tokens_of(signature);
    wanted.erase(wanted.begin());  // what it gives
    if (given.size() > wanted.size()) return wrong_count(method, wanted, given.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto want = parameter(wanted[i]);
        if (i >= given.size()) {
            if (!want.optional) return wrong_count(method, wanted, given.size());
            given.push_back(default_value(want));
            continue;
        }
        auto fitted = as_one_of(want.type, given[i]);
        if (!fitted)
            return Outcome{Fault::incorrect_parameters,
                           fmt::format("parameter {} of {} must be {} {}", i + 1, method,
                                       article(want.type), want.type)};
        given[i] = std::move(*fitted);
    }
    return given;
}

}  // namespace lares::control
