// text/graphemes.cc: utf8proc asked one character at a time.

#include "text/graphemes.h"

#include <utf8proc.h>

#include <cstdlib>

#include "text/utf8.h"
#include "text/value.h"

namespace lares::text {

namespace {

utf8proc_int32_t as_code(char32_t code) { return static_cast<utf8proc_int32_t>(code); }

bool is_plain(Character const& c) { return c.fault == Character::Fault::none; }

}  // namespace

std::size_t grapheme_end(std::string_view text, std::size_t at) {
    Character before = read_character(text, at);
    at += before.length;
    utf8proc_int32_t state = 0;
    while (at < text.size()) {
        Character const next = read_character(text, at);
        if (!is_plain(before) || !is_plain(next)) return at;
        // Two of ASCII part always, but for the end of a line.
        bool const is_ascii = before.code < 0x80 && next.code < 0x80 && before.code != '\r';
        if (is_ascii ||
            utf8proc_grapheme_break_stateful(as_code(before.code), as_code(next.code), &state))
            return at;
        at += next.length;
        before = next;
    }
    return at;
}

bool is_letter_or_mark(char32_t code) {
    auto const category = utf8proc_category(as_code(code));
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

bool is_word_character(char32_t code) {
    if (code < 0x80)
        return code == '_' || (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
               (code >= 'A' && code <= 'Z');
    auto const category = utf8proc_category(as_code(code));
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ND) ||
           category == UTF8PROC_CATEGORY_PC;
}

bool is_pictograph(char32_t code) {
    auto const kind = utf8proc_get_property(as_code(code))->boundclass;
    return kind == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool is_space(char32_t code) {
    if (code < 0x80) return code == ' ' || (code >= '\t' && code <= '\r');
    auto const category = utf8proc_category(as_code(code));
    return category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP;
}

int column_width(char32_t code) { return code < 0x7f ? 1 : utf8proc_charwidth(as_code(code)); }

bool is_unshown(char32_t code) {
    if (code >= 0x20 && code < 0x7f) return false;
    auto const category = utf8proc_category(as_code(code));
    // Cc, Cf, Cs, Co are the last of the list, Cn (not assigned) its first; Zl and Zp end lines.
    return category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || category >= UTF8PROC_CATEGORY_CC;
}

std::string compose(std::string_view text) {
    std::string const clean = clean_utf8(text);
    utf8proc_uint8_t* made = nullptr;
    auto const length =
        utf8proc_map(reinterpret_cast<utf8proc_uint8_t const*>(clean.data()),
                     static_cast<utf8proc_ssize_t>(clean.size()), &made,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (length < 0) return clean;
    std::string composed(reinterpret_cast<char const*>(made), static_cast<std::size_t>(length));
    std::free(made);
    return composed;
}

}  // namespace lares::text
