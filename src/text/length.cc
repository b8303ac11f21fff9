// text/length.cc: one walk over the pieces of a text; each unit says what a piece weighs.

#include "text/length.h"

#include <algorithm>
#include <array>
#include <limits>

#include "text/graphemes.h"
#include "text/links.h"
#include "text/sms_size.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

constexpr std::size_t url_weight = 23;
constexpr char32_t joiner = 0x200D, emoji_look = 0xFE0F, text_look = 0xFE0E, keycap = 0x20E3;

template <class Each>
void each_code(std::string_view text, Each each) {
    for (std::size_t at = 0; at < text.size();) {
        Character const c = read_character(text, at);
        each(c.fault == Character::Fault::none ? c.code : char32_t(0xFFFD));
        at += c.length;
    }
}

std::size_t code_weight(char32_t code) {
    bool const is_light = code <= 4351 || (code >= 8192 && code <= 8205) ||
                          (code >= 8208 && code <= 8223) || (code >= 8242 && code <= 8247);
    return is_light ? 1 : 2;
}

bool is_flag_letter(char32_t code) { return code >= 0x1F1E6 && code <= 0x1F1FF; }
bool is_person(char32_t code) {
    return (code >= 0x1F466 && code <= 0x1F469) || (code >= 0x1F9D1 && code <= 0x1F9DD) ||
           code == 0x1F46E || code == 0x1F46F || code == 0x1F470 || code == 0x1F441;
}

/// Joined pictographs that are drawn as one. Which are is a long list that grows with Unicode;
/// outside of its families each pictograph counts for itself, which is never too little.
bool is_known_joined(std::vector<char32_t> const& pictographs) {
    if (pictographs.size() < 2) return true;
    if (pictographs.size() > 4) return false;
    char32_t const first = pictographs[0], second = pictographs[1];
    if (is_person(first)) return true;
    if (pictographs.size() > 2) return false;
    if (second == 0x2640 || second == 0x2642) return true;
    static constexpr std::array<std::pair<char32_t, char32_t>, 9> others{{{0x1F3F3, 0x1F308},
                                                                          {0x1F3F3, 0x26A7},
                                                                          {0x1F3F4, 0x2620},
                                                                          {0x1F415, 0x1F9BA},
                                                                          {0x1F408, 0x2B1B},
                                                                          {0x1F43B, 0x2744},
                                                                          {0x2764, 0x1F525},
                                                                          {0x2764, 0x1FA79},
                                                                          {0x1F62E, 0x1F4A8}}};
    return std::ranges::find(others, std::pair(first, second)) != others.end();
}

/// Letters that are no emoji and stay as they are when they are composed.
bool is_composed_letter(char32_t code) {
    bool const is_latin = code < 0x300 && code != 0xA9 && code != 0xAE;
    bool const is_cyrillic = code >= 0x400 && code < 0x530;
    bool const is_east_asian = (code >= 0x3041 && code < 0x30FF) ||
                               (code >= 0x4E00 && code < 0xA000) ||
                               (code >= 0xAC00 && code < 0xD7A4);
    return is_latin || is_cyrillic || is_east_asian;
}

/// Of X: an emoji with all that belongs to it is 2; else the sum of its composed characters.
std::size_t weighted_grapheme(std::string_view grapheme) {
    Character const first = read_character(grapheme, 0);
    bool const is_alone = first.length == grapheme.size();
    if (is_alone && is_composed_letter(first.code)) return code_weight(first.code);
    std::vector<char32_t> pictographs;
    bool has_look = false, has_keycap = false, is_strange = false;
    std::size_t flags = 0;
    each_code(grapheme, [&](char32_t code) {
        if (is_flag_letter(code)) ++flags;
        if (is_pictograph(code)) pictographs.push_back(code);
        has_look = has_look || code == emoji_look;
        has_keycap = has_keycap || code == keycap;
        is_strange = is_strange || code == text_look;
    });
    bool const needs_look = !pictographs.empty() && pictographs[0] < 0x100;  // © and ®
    bool const is_emoji = flags == 2 || has_keycap ||
                          (!pictographs.empty() && (!needs_look || has_look) && !is_strange);
    if (is_emoji && is_known_joined(pictographs)) return 2;
    std::size_t sum = 0;
    each_code(compose(grapheme), [&](char32_t code) { sum += code_weight(code); });
    return sum;
}

std::size_t sms_units(std::string_view text, bool is_gsm7) {
    std::size_t sum = 0;
    each_code(text, [&](char32_t code) {
        sum += is_gsm7 ? static_cast<std::size_t>(gsm7_septets(code)) : code > 0xFFFF ? 2u : 1u;
    });
    return sum;
}

std::size_t weigh_grapheme(LengthUnit unit, std::string_view grapheme, bool is_gsm7) {
    std::size_t sum = 0;
    switch (unit) {
    case LengthUnit::graphemes:
    case LengthUnit::mastodon:
        return 1;
    case LengthUnit::bytes:
        return grapheme.size();
    case LengthUnit::code_points:
        return count_characters(grapheme);
    case LengthUnit::utf16:
        each_code(grapheme, [&](char32_t code) { sum += code > 0xFFFF ? 2 : 1; });
        return sum;
    case LengthUnit::weighted:
        return weighted_grapheme(grapheme);
    case LengthUnit::sms_parts:
        return sms_units(grapheme, is_gsm7);
    }
    return sum;
}

std::size_t weigh_graphemes(LengthUnit unit, std::string_view text, bool is_gsm7) {
    std::size_t sum = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = grapheme_end(text, at);
        sum += weigh_grapheme(unit, text.substr(at, end - at), is_gsm7);
        at = end;
    }
    return sum;
}

/// Of a link in `whole`, which may go on for marks behind it.
std::size_t weigh_link(LengthUnit unit, std::string_view whole, std::size_t link_bytes,
                       Link::Kind kind, bool is_gsm7) {
    bool const is_shortened = (unit == LengthUnit::weighted && kind != Link::Kind::tag) ||
                              (unit == LengthUnit::mastodon && kind == Link::Kind::url);
    if (!is_shortened) return weigh_graphemes(unit, whole, is_gsm7);
    auto const link = whole.substr(0, link_bytes);
    std::size_t const marks = weigh_graphemes(unit, whole.substr(link_bytes), is_gsm7);
    if (kind == Link::Kind::url && has_public_host(link)) return url_weight + marks;
    return std::max(weigh_graphemes(unit, link, is_gsm7), url_weight) + marks;
}

/// A mark right behind a link is part of its last grapheme, and must not be parted from it.
std::size_t with_marks(std::string_view text, Link const& link) {
    std::size_t at = link.begin, end = at;
    while (at < link.end) {
        end = grapheme_end(text, at);
        at = end;
    }
    return end;
}

}  // namespace

std::vector<Piece> pieces(LengthUnit unit, std::string_view text, std::size_t most, bool is_gsm7) {
    auto const links = find_links(text);
    std::vector<Piece> found;
    std::size_t sum = 0;
    auto next = links.begin();
    for (std::size_t at = 0; at < text.size() && sum <= most; at = found.back().end) {
        while (next != links.end() && next->begin < at) ++next;
        Piece piece;
        if (next != links.end() && next->begin == at) {
            piece.end = with_marks(text, *next);
            piece.weight = weigh_link(unit, text.substr(at, piece.end - at), next->end - at,
                                      next->kind, is_gsm7);
            piece.is_link = true;
        } else {
            piece.end = grapheme_end(text, at);
            piece.weight = weigh_grapheme(unit, text.substr(at, piece.end - at), is_gsm7);
            piece.is_space = is_space(read_character(text, at).code);
        }
        sum += piece.weight;
        found.push_back(piece);
    }
    return found;
}

std::size_t length(LengthUnit unit, std::string_view text) {
    if (unit == LengthUnit::bytes) return text.size();
    if (unit == LengthUnit::sms_parts) return sms_size(text).parts;
    if (unit == LengthUnit::graphemes || unit == LengthUnit::code_points ||
        unit == LengthUnit::utf16)
        return weigh_graphemes(unit, text, true);
    std::size_t sum = 0;
    for (auto const& each : pieces(unit, text, std::numeric_limits<std::size_t>::max() / 2))
        sum += each.weight;
    return sum;
}

}  // namespace lares::text
