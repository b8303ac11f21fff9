// apps/capture/skim.cc: the pass. Strings, which are most of a message, go 16 bytes at a time.

#include "apps/capture/skim.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/limits.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace lares::capture {

namespace {

/// Deeper than any service nests; what is deeper is skipped without recursion anyway.
constexpr int most_depth = 32;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The first quote or backslash at or after `at`; `end` when there is none.
char const* string_stop(char const* at, char const* end) {
#ifdef __SSE2__
    __m128i const quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    while (end - at >= 16) {
        __m128i block;
        std::memcpy(&block, at, 16);
        int found = _mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash)));
        if (found != 0) return at + __builtin_ctz(static_cast<unsigned>(found));
        at += 16;
    }
#endif
    while (at < end && *at != '"' && *at != '\\') ++at;
    return at;
}

/// Behind the closing quote of the string whose opening one is at `at`; null: it does not end.
char const* skip_string(char const* at, char const* end) {
    ++at;
    for (;;) {
        at = string_stop(at, end);
        if (at >= end) return nullptr;
        if (*at == '"') return at + 1;
        at += 2;  // whatever is escaped
        if (at > end) return nullptr;
    }
}

/// Bytes at which stepping over an array or object must look: 1 string, 2 opening, 3 closing.
constexpr std::array<unsigned char, 256> marks = [] {
    std::array<unsigned char, 256> table{};
    table['"'] = 1;
    table['{'] = table['['] = 2;
    table['}'] = table[']'] = 3;
    return table;
}();

/// Behind the array or object that begins at `at`.
char const* skip_nested(char const* at, char const* end) {
    int depth = 0;
    while (at < end) {
        switch (marks[static_cast<unsigned char>(*at)]) {
        case 0:
            ++at;
            break;
        case 1:
            at = skip_string(at, end);
            if (at == nullptr) return nullptr;
            break;
        case 2:
            ++depth;
            ++at;
            break;
        default:
            ++at;
            if (--depth == 0) return at;
        }
    }
    return nullptr;
}

char const* skip_value(char const* at, char const* end) {
    if (at >= end) return nullptr;
    if (*at == '"') return skip_string(at, end);
    if (*at == '{' || *at == '[') return skip_nested(at, end);
    char const* begin = at;
    while (at < end && *at != ',' && *at != '}' && *at != ']' && !is_space(*at)) ++at;
    return at == begin ? nullptr : at;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The four digits of "\uXXXX" from `at` on; -1: they are none.
int code_unit(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) return -1;
    int unit = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        int digit = hex_value(text[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

void append_code_point(std::string& out, unsigned point) {
    auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            put(0xE0 | point >> 12);
        } else {
            put(0xF0 | point >> 18);
            put(0x80 | (point >> 12 & 0x3F));
        }
        put(0x80 | (point >> 6 & 0x3F));
    }
    put(0x80 | (point & 0x3F));
}

/// Appends what the escape at `at` (a backslash) says; gives where the text goes on.
std::size_t append_escape(std::string& out, std::string_view text, std::size_t at) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    char c = at + 1 < text.size() ? text[at + 1] : '\0';
    if (auto place = letters.find(c); c != '\0' && place != letters.npos)
        return out += meanings[place], at + 2;
    int unit = c == 'u' ? code_unit(text, at + 2) : -1;
    if (unit < 0) return out += '\\', at + 1;
    auto point = static_cast<unsigned>(unit);
    std::size_t next = at + 6;
    if (point >= 0xD800 && point < 0xE000) {  // half of a pair, which stands for nothing alone
        int low = text.substr(next, 2) == "\\u" ? code_unit(text, next + 2) : -1;
        bool is_pair = point < 0xDC00 && low >= 0xDC00 && low < 0xE000;
        point = is_pair ? 0x10000 + ((point - 0xD800) << 10) + (unsigned(low) - 0xDC00) : 0xFFFD;
        if (is_pair) next += 6;
    }
    append_code_point(out, point);
    return next;
}

}  // namespace

Skimmer::Skimmer(std::vector<Path> const& paths) : nodes_(1) {
    for (auto const& [path, slot] : paths) {
        std::size_t node = 0;
        for (std::size_t begin = 0; begin <= path.size();) {
            auto end = std::min(path.find('.', begin), path.size());
            node = add(node, path.substr(begin, end - begin));
            begin = end + 1;
        }
        nodes_[node].slot = slot;
        slot_count_ = std::max(slot_count_, slot + 1);
    }
}

std::size_t Skimmer::child(std::size_t node, std::string_view name) const {
    for (auto each : nodes_[node].children)
        if (nodes_[each].name == name) return each;
    return none;
}

std::size_t Skimmer::add(std::size_t node, std::string_view name) {
    bool const is_each = name == "*";
    auto known = is_each ? nodes_[node].each : child(node, name);
    if (known != none && known != 0) return known;
    auto fresh = nodes_.size();
    nodes_.push_back({.name = std::string(name)});
    if (is_each)
        nodes_[node].each = fresh;
    else
        nodes_[node].children.push_back(fresh);
    return fresh;
}

struct Skimmer::Pass {
    Skimmer const& skimmer;
    std::vector<Values>& slots;
    char const* end;

    char const* spaces(char const* at) const {
        while (at < end && is_space(*at)) ++at;
        return at;
    }

    /// Behind the value at `at`, with what `node` wants of it noted.
    char const* value(char const* at, std::size_t number, int depth) {
        Node const& node = skimmer.nodes_[number];
        bool const goes_in =
            depth < most_depth && at < end &&
            ((*at == '{' && !node.children.empty()) || (*at == '[' && node.each != 0));
        char const* after = !goes_in     ? skip_value(at, end)
                            : *at == '{' ? object(at, node, depth + 1)
                                         : array(at, node, depth + 1);
        if (after != nullptr && node.slot != none) {
            Values& values = slots[node.slot];
            std::string_view raw(at, static_cast<std::size_t>(after - at));
            if (values.count < Values::most && raw != "null") values.list[values.count++] = raw;
        }
        return after;
    }

    char const* object(char const* at, Node const& node, int depth) {
        at = spaces(at + 1);
        if (at < end && *at == '}') return at + 1;
        for (;;) {
            if (at >= end || *at != '"') return nullptr;
            char const* after = skip_string(at, end);
            if (after == nullptr) return nullptr;
            std::string_view name(at + 1, static_cast<std::size_t>(after - at - 2));
            at = spaces(after);
            if (at >= end || *at != ':') return nullptr;
            at = spaces(at + 1);
            auto wanted = find(node, name);
            at = wanted == none ? skip_value(at, end) : value(at, wanted, depth);
            if (at == nullptr) return nullptr;
            at = spaces(at);
            if (at < end && *at == '}') return at + 1;
            if (at >= end || *at != ',') return nullptr;
            at = spaces(at + 1);
        }
    }

    char const* array(char const* at, Node const& node, int depth) {
        at = spaces(at + 1);
        if (at < end && *at == ']') return at + 1;
        for (;;) {
            at = value(at, node.each, depth);
            if (at == nullptr) return nullptr;
            at = spaces(at);
            if (at < end && *at == ']') return at + 1;
            if (at >= end || *at != ',') return nullptr;
            at = spaces(at + 1);
        }
    }

    std::size_t find(Node const& node, std::string_view name) const {
        for (auto each : node.children)
            if (skimmer.nodes_[each].name == name) return each;
        return none;
    }
};

bool Skimmer::skim(std::string_view json, std::vector<Values>& slots) const {
    slots.resize(slot_count_);
    for (auto& each : slots) each.count = 0;
    Pass pass{*this, slots, json.data() + json.size()};
    char const* at = pass.spaces(json.data());
    if (at >= pass.end || *at != '{') return false;
    at = pass.value(at, 0, 0);
    return at != nullptr && pass.spaces(at) == pass.end;
}

std::string_view unquoted(std::string_view raw) {
    if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return raw;
    return raw.substr(1, raw.size() - 2);
}

void append_plain(std::string& out, std::string_view raw) {
    if (raw.empty() || raw.front() != '"') {
        out.append(raw);
        return;
    }
    auto text = unquoted(raw);
    for (std::size_t at = 0; at < text.size();) {
        auto slash = std::min(text.find('\\', at), text.size());
        out.append(text.substr(at, slash - at));
        at = slash < text.size() ? append_escape(out, text, slash) : slash;
    }
}

std::string plain(std::string_view raw) {
    std::string out;
    append_plain(out, raw);
    return out;
}

bool each_element(std::string_view array, std::function<bool(std::string_view)> const& take) {
    char const *at = array.data(), *const end = at + array.size();
    auto skip_spaces = [&] {
        while (at < end && is_space(*at)) ++at;
    };
    skip_spaces();
    if (at == end || *at++ != '[') return false;
    skip_spaces();
    if (at < end && *at == ']') return true;
    for (;;) {
        skip_spaces();
        char const* behind = skip_value(at, end);
        if (behind == nullptr) return false;
        if (!take({at, static_cast<std::size_t>(behind - at)})) return true;
        at = behind;
        skip_spaces();
        if (at < end && *at == ']') return true;
        if (at == end || *at++ != ',') return false;
    }
}

std::string_view raw_at(std::string_view json, std::string_view path) {
    std::vector<Values> slots;
    Skimmer({{path, 0}}).skim(json, slots);
    return slots.empty() ? std::string_view() : slots[0].first();
}

std::string text_at(std::string_view json, std::string_view path) {
    auto const raw = raw_at(json, path);
    return raw == "null" ? std::string() : plain(raw);
}

}  // namespace lares::capture
