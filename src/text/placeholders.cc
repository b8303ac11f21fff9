// text/placeholders.cc: one pass over a text, with what to do for literals and for keys.

#include "text/placeholders.h"

#include <algorithm>

#include "text/nearest.h"
#include "text/python.h"

namespace lares::text {

namespace {

constexpr std::string_view open = "{{", close = "}}", escaped = "{{{{";
constexpr std::string_view args = "args";

bool is_key(std::string_view key) {
    bool has_dots_inside =
        !key.starts_with('.') && !key.ends_with('.') && key.find("..") == key.npos;
    return !key.empty() && has_dots_inside && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    });
}

/// Calls `literal(piece)` and `named(key)` for the parts of `text`, in order.
template <class Literal, class Named>
Result<> for_parts(std::string_view text, Literal literal, Named named) {
    while (!text.empty()) {
        std::size_t at = std::min(text.find(open), text.size());
        literal(text.substr(0, at));
        text.remove_prefix(at);
        if (text.empty()) break;
        if (text.starts_with(escaped)) {
            literal(open);
            text.remove_prefix(escaped.size());
            continue;
        }
        std::size_t end = text.find(close, open.size());
        if (end == text.npos)
            return Error{Error::Kind::invalid,
                         "'{{' is not closed; write {{key}}, or {{{{ for two braces"};
        auto key = python::strip(text.substr(open.size(), end - open.size()));
        if (!is_key(key))
            return Error{Error::Kind::invalid,
                         python::repr(key) +
                             " is no key; write {{key}} with letters, digits, '_', "
                             "'-' and '.', or {{{{ for two braces"};
        TRY(named(key));
        text.remove_prefix(end + close.size());
    }
    return {};
}

Error missing(std::string_view key, Value const& within) {
    std::string what = "the payload has no '" + std::string(key) + "'";
    std::vector<std::string_view> names;
    if (auto const* members = within.members())
        for (auto const& member : *members) names.push_back(member.first);
    auto close_one = nearest(key.substr(key.rfind('.') + 1), names);
    if (!close_one.empty()) what.append("; it has '").append(close_one).append("'");
    return {Error::Kind::not_found, std::move(what)};
}

/// By the whole name first: JSON keys may hold dots themselves.
Result<Value const*> find_value(Value const& payload, std::string_view key) {
    Value const* within = &payload;
    std::string_view rest = key;
    while (true) {
        if (auto const* found = within->find(rest)) return found;
        std::size_t dot = rest.find('.');
        if (dot == rest.npos) return missing(key, *within);
        auto const* next = within->find(rest.substr(0, dot));
        if (!next) return missing(key, *within);
        within = next;
        rest.remove_prefix(dot + 1);
    }
}

/// The key of a word that is one placeholder and nothing else; empty when it is not.
std::string_view sole_key(std::string_view word) {
    if (!word.starts_with(open) || !word.ends_with(close) || word.starts_with(escaped)) return {};
    if (word.size() < open.size() + close.size()) return {};
    return python::strip(word.substr(open.size(), word.size() - open.size() - close.size()));
}

Result<> add_list(std::vector<std::string>& out, Value const& payload) {
    auto const* value = TRY(find_value(payload, args));
    auto const* list = value->array();
    if (!list)
        return Error{Error::Kind::invalid,
                     "'args' in the payload is no list; {{args}} as a word "
                     "of its own stands for the elements of a list"};
    for (auto const& element : *list) out.push_back(argument_text(element));
    return {};
}

}  // namespace

std::string escape_placeholders(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t at = std::min(text.find(open), text.size());
        out.append(text.substr(0, at));
        text.remove_prefix(at);
        if (text.empty()) break;
        out.append(escaped);
        text.remove_prefix(open.size());
    }
    return out;
}

std::string argument_text(Value const& value) {
    if (auto const* text = value.text()) return *text;
    return to_json(value);
}

Result<std::vector<std::string>> placeholder_keys(std::string_view word) {
    std::vector<std::string> keys;
    TRY(for_parts(
        word, [](auto) {},
        [&](std::string_view key) -> Result<> {
            keys.emplace_back(key);
            return {};
        }));
    return keys;
}

Result<std::string> fill_text(std::string_view text, Value const& payload) {
    std::string out;
    auto put = [&](std::string_view key) -> Result<> {
        out.append(argument_text(*TRY(find_value(payload, key))));
        return {};
    };
    auto done = for_parts(text, [&](std::string_view piece) { out.append(piece); }, put);
    if (!done) return std::move(done).error();
    return out;
}

Result<std::vector<std::string>> fill_words(std::vector<std::string> const& words,
                                            Value const& payload) {
    std::vector<std::string> out;
    out.reserve(words.size());
    for (auto const& word : words) {
        if (sole_key(word) == args)
            TRY(add_list(out, payload));
        else
            out.push_back(TRY(fill_text(word, payload)));
    }
    for (auto const& word : out)
        if (word.find('\0') != word.npos)
            return Error{Error::Kind::invalid, "a NUL byte in " + python::repr(word) +
                                                   ": no argument of a program can hold it"};
    return out;
}

}  // namespace lares::text
