// config/section_text.cc: values with what the dialect takes for something else written otherwise.

#include "config/section_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

namespace lares::config {

namespace {

/// Names longer than this are hard to type.
constexpr std::size_t longest_part = 40;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

/// A comment begins with ';' or '#' at the start or behind a space, of which Unicode has more than
/// ASCII: behind any byte beyond it, too, to be safe.
std::string escaped(std::string_view text, std::string_view semicolon, std::string_view hash) {
    std::string out;
    char before = ' ';
    for (char c : text) {
        bool begins =
            static_cast<unsigned char>(before) <= ' ' || static_cast<unsigned char>(before) >= 0x80;
        if (c == '%')
            out += "%%";
        else if (c == ';' && begins)
            out += semicolon;
        else if (c == '#' && begins)
            out += hash;
        else
            out += c;
        before = c;
    }
    return out;
}

}  // namespace

text::IniSection as_section(SectionText const& text) {
    text::IniSection section{.name = text.name, .place = text.place, .entries = {}};
    for (auto const& [option, value] : text.options)
        section.entries.push_back(
            {.key = option, .value = value, .key_place = text.place, .place = text.place});
    return section;
}

std::string print_section(SectionText const& text) {
    std::string out;
    for (auto const& note : text.notes) out.append("; ").append(note).append("\n");
    out.append("[").append(text.name).append("]\n");
    for (auto const& [option, value] : text.options) {
        out.append(option).append(" = ");
        for (char c : value) out.append(c == '\n' ? "\n    " : std::string(1, c));
        out.append("\n");
    }
    return out;
}

std::string escape_value(std::string_view text) {
    return escaped(text, "%(semicolon)s", "%(hash)s");
}

std::string escape_program_value(std::string_view text) {
    return escaped(text, "%(ENV_SEMICOLON:-;)s", "%(ENV_HASH:-#)s");
}

std::string print_variable(std::string_view name, std::string_view value) {
    std::string quoted = "\"";
    for (char c : value) {
        if (c == '"' || c == '\\') quoted.push_back('\\');
        quoted.push_back(c);
    }
    return escape_value(std::string(name) + "=" + quoted + "\"");
}

bool is_variable_name(std::string_view name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
           std::ranges::all_of(name, [](char c) { return is_plain(c) && c != '-' && c != '.'; });
}

std::string short_hash(std::string_view text) {
    // FNV-1a: the same in every version and on every machine.
    std::uint64_t hash = 14695981039346656037ULL;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return fmt::format("{:04x}", (hash ^ (hash >> 16) ^ (hash >> 32) ^ (hash >> 48)) & 0xffff);
}

std::string name_part(std::string_view text) {
    std::string out;
    for (char c : text.substr(0, longest_part)) out.push_back(is_plain(c) ? c : '-');
    return out.empty() ? "x" : out;
}

}  // namespace lares::config
