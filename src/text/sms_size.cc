// text/sms_size.cc: the GSM-7 alphabet and the filling of parts.

#include "text/sms_size.h"

#include <algorithm>
#include <string_view>

#include "text/utf8.h"

namespace lares::text {

namespace {

// Of TS 23.038, 6.2.1, beside letters and digits of ASCII.
constexpr std::u32string_view basic =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
constexpr std::u32string_view extended = U"^{}\\[~]|€\f";

struct Shape {
    std::size_t alone, each;  // of a single part, of one of several
};
constexpr Shape gsm7{160, 153}, ucs2{70, 67};

int ucs2_units(char32_t code) { return code > 0xFFFF ? 2 : 1; }

SmsSize fill(std::string_view text, bool is_gsm7) {
    Shape const shape = is_gsm7 ? gsm7 : ucs2;
    std::size_t units = 0, parts = 0, room = 0;
    for (std::size_t at = 0; at < text.size();) {
        Character const c = read_character(text, at);
        char32_t const code = c.fault == Character::Fault::none ? c.code : 0xFFFD;
        auto const cost = static_cast<std::size_t>(is_gsm7 ? gsm7_septets(code) : ucs2_units(code));
        if (cost > room) {
            ++parts;
            room = shape.each;
        }
        room -= cost;
        units += cost;
        at += c.length;
    }
    if (units <= shape.alone) parts = units == 0 ? 0 : 1;
    return {is_gsm7, units, parts};
}

}  // namespace

int gsm7_septets(char32_t code) {
    if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
        (code >= '0' && code <= '9'))
        return 1;
    if (basic.find(code) != basic.npos) return 1;
    return extended.find(code) != extended.npos ? 2 : 0;
}

SmsSize sms_size(std::string_view text) {
    bool is_gsm7 = true;
    for (std::size_t at = 0; is_gsm7 && at < text.size();) {
        Character const c = read_character(text, at);
        is_gsm7 = c.fault == Character::Fault::none && gsm7_septets(c.code) > 0;
        at += c.length;
    }
    return fill(text, is_gsm7);
}

std::size_t sms_room(bool is_gsm7, std::size_t parts) {
    Shape const shape = is_gsm7 ? gsm7 : ucs2;
    if (parts <= 1) return parts * shape.alone;
    return parts * shape.each - (parts - 1);  // one lost where a part would end within a character
}

}  // namespace lares::text
