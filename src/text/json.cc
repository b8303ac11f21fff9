// text/json.cc: strings by RFC 8259, section 7.

#include "text/json.h"

#include <charconv>
#include <cmath>
#include <iterator>

#include "text/utf8.h"

namespace lares::text {

namespace {

bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 &&
           c != '"' && c != '\\';
}

void append_special(std::string& out, char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        out.append("\\\"");
        return;
    case '\\':
        out.append("\\\\");
        return;
    case '\n':
        out.append("\\n");
        return;
    case '\r':
        out.append("\\r");
        return;
    case '\t':
        out.append("\\t");
        return;
    default:
        out.append("\\u00").append(1, hex[c >> 4 & 0xF]).append(1, hex[c & 0xF]);
    }
}

}  // namespace

void append_json(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out.append("null");  // JSON has no word for it
        return;
    }
    // Seconds since 1970 are read by people too: no "1.7e+09".
    double size = std::fabs(number);
    auto format = size == 0 || (size >= 1e-5 && size < 1e15) ? std::chars_format::fixed
                                                             : std::chars_format::scientific;
    char buffer[40];
    out.append(buffer, std::to_chars(std::begin(buffer), std::end(buffer), number, format).ptr);
}

void append_json(std::string& out, std::string_view bytes) {
    out.push_back('"');
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t begin = at;
        while (at < bytes.size() && is_plain(bytes[at])) ++at;
        out.append(bytes.substr(begin, at - begin));
        if (at == bytes.size()) break;
        Character c = read_character(bytes, at);
        if (c.length == 1 && c.fault == Character::Fault::none) {
            append_special(out, bytes[at]);
        } else {
            out.append(c.fault == Character::Fault::none ? bytes.substr(at, c.length)
                                                         : replacement_character);
        }
        at += c.length;
    }
    out.push_back('"');
}

}  // namespace lares::text
