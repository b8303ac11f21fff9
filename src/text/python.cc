// text/python.cc: white space, stripping and repr().

#include "text/python.h"

#include <algorithm>

#include "text/utf8.h"

namespace lares::text::python {

namespace {

bool is_space(char32_t code) {
    return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 ||
           code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

/// The characters below U+FFFF that a person would meet and repr() escapes; unassigned ones, which
/// depend on Python's version, are shown as they are.
bool is_printable(char32_t code) {
    if (code < 0x7F) return code >= 0x20;
    if (is_space(code)) return false;
    return code > 0xA0 && code != 0xAD && !(code >= 0x200B && code <= 0x200F) &&
           !(code >= 0x202A && code <= 0x202E) && !(code >= 0x2060 && code <= 0x206F) &&
           !(code >= 0xE000 && code <= 0xF8FF) && code != 0xFEFF && code != 0xFFFE &&
           code != 0xFFFF && !(code >= 0xFFF9 && code <= 0xFFFB) && code < 0xE0000;
}

void append_escape(std::string& out, char letter, char32_t code, int digits) {
    static constexpr char hex[] = "0123456789abcdef";
    out.push_back('\\');
    out.push_back(letter);
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4)
        out.push_back(hex[code >> shift & 0xF]);
}

void append_unprintable(std::string& out, char32_t code) {
    if (code < 0x100) return append_escape(out, 'x', code, 2);
    if (code < 0x10000) return append_escape(out, 'u', code, 4);
    append_escape(out, 'U', code, 8);
}

void append_repr(std::string& out, std::string_view bytes, Character const& c, char quote) {
    if (c.fault != Character::Fault::none) {
        for (char byte : bytes)
            append_escape(out, 'u', 0xDC00u + static_cast<unsigned char>(byte), 4);
        return;
    }
    if (c.code == '\n') {
        out.append("\\n");
    } else if (c.code == '\r') {
        out.append("\\r");
    } else if (c.code == '\t') {
        out.append("\\t");
    } else if (c.code == '\\' || c.code == static_cast<unsigned char>(quote)) {
        out.append(1, '\\').append(bytes);
    } else if (is_printable(c.code)) {
        out.append(bytes);
    } else {
        append_unprintable(out, c.code);
    }
}

}  // namespace

std::size_t space_at(std::string_view text, std::size_t at) {
    Character c = read_character(text, at);
    return c.fault == Character::Fault::none && is_space(c.code) ? c.length : 0;
}

std::size_t space_before(std::string_view text, std::size_t end) {
    for (std::size_t length = 1; length <= 3 && length <= end; ++length)
        if (space_at(text.substr(0, end), end - length) == length) return length;
    return 0;
}

std::string_view strip_left(std::string_view text) {
    while (!text.empty()) {
        std::size_t length = space_at(text, 0);
        if (length == 0) break;
        text.remove_prefix(length);
    }
    return text;
}

std::string_view strip_right(std::string_view text) {
    while (std::size_t length = space_before(text, text.size())) text.remove_suffix(length);
    return text;
}

std::string_view strip(std::string_view text) { return strip_right(strip_left(text)); }

std::string repr(std::string_view text) {
    bool has_single = text.find('\'') != text.npos;
    char quote = has_single && text.find('"') == text.npos ? '"' : '\'';
    std::string out(1, quote);
    for (std::size_t at = 0; at < text.size();) {
        Character c = read_character(text, at);
        append_repr(out, text.substr(at, c.length), c, quote);
        at += c.length;
    }
    out.push_back(quote);
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

}  // namespace lares::text::python
