// text/utf8.cc: the table of well-formed sequences (Unicode 15, table 3-7), as code.

#include "text/utf8.h"

namespace lares::text {

namespace {

/// What may follow a first byte: how many bytes, and the range of the first of them.
struct Lead {
    std::size_t more = 0;
    unsigned char least = 0x80;
    unsigned char most = 0xBF;
};

Lead lead_of(unsigned char first) {
    if (first >= 0xC2 && first <= 0xDF) return {.more = 1};
    if (first == 0xE0) return {.more = 2, .least = 0xA0};  // no overlong forms
    if (first == 0xED) return {.more = 2, .most = 0x9F};   // no surrogates
    if (first >= 0xE1 && first <= 0xEF) return {.more = 2};
    if (first == 0xF0) return {.more = 3, .least = 0x90};
    if (first >= 0xF1 && first <= 0xF3) return {.more = 3};
    if (first == 0xF4) return {.more = 3, .most = 0x8F};  // nothing beyond U+10FFFF
    return {};
}

}  // namespace

Character read_character(std::string_view text, std::size_t at) {
    using Fault = Character::Fault;
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char first = byte(at);
    if (first < 0x80) return {.code = first, .length = 1};
    Lead lead = lead_of(first);
    if (lead.more == 0) return {.length = 1, .fault = Fault::start};
    char32_t code = first & (0x3Fu >> lead.more);
    for (std::size_t i = 1; i <= lead.more; ++i) {
        if (at + i == text.size()) return {.length = i, .fault = Fault::cut};
        unsigned char next = byte(at + i);
        if (next < lead.least || next > lead.most)
            return {.length = i, .fault = Fault::continuation};
        code = code << 6 | (next & 0x3Fu);
        lead.least = 0x80;
        lead.most = 0xBF;
    }
    return {.code = code, .length = lead.more + 1};
}

void append_character(std::string& out, char32_t code) {
    auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        out.append(replacement_character);
    } else if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += read_character(text, at).length) ++count;
    return count;
}

}  // namespace lares::text
