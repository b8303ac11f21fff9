// text/json_read.cc: a scanner over bytes. It is one pass: a value is checked and its end is found
// at once; building happens in a handler, or not at all.

#include "text/json_read.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/limits.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes of a string that mean themselves.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (int c = 0x20; c < 0x80; ++c) plain[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
    return plain;
}();

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Four digits after "\u"; -1 when they are none.
int code_unit(std::string_view digits) {
    if (digits.size() < 4) return -1;
    int unit = 0;
    for (char c : digits.substr(0, 4)) {
        int digit = hex_digit(c);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/// Each step is false once something is wrong; what, and where, is kept.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    bool at_end() const { return at_ == text_.size(); }
    std::size_t at() const { return at_; }
    std::string_view from(std::size_t begin) const { return text_.substr(begin, at_ - begin); }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(char wanted) {
        if (peek() != wanted || at_end()) return false;
        ++at_;
        return true;
    }
    bool expected(char const* what) {
        if (!wrong_) wrong_ = what, wrong_at_ = at_;
        return false;
    }

    bool string() {
        if (!take('"')) return expected("a string");
        while (true) {
            while (at_ < text_.size() && plain_bytes[static_cast<unsigned char>(text_[at_])]) ++at_;
            if (at_end()) return expected("the end of a string");
            if (take('"')) return true;
            if (!special()) return false;
        }
    }

    bool value(int depth) {
        if (depth > limits::value_depth) return expected("less nesting: at most 32 levels");
        switch (peek()) {
        case '"':
            return string();
        case '{':
            return object(depth, [](std::string_view, std::string_view) {});
        case '[':
            return array(depth);
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
        }
    }

    template <class Member>
    bool object(int depth, Member member) {
        if (!take('{')) return expected("an object: '{'");
        skip_space();
        if (take('}')) return true;
        while (true) {
            std::size_t name_at = at_;
            if (peek() != '"') return expected("a name in double quotes");
            if (!string()) return false;
            auto name = from(name_at);
            skip_space();
            if (!take(':')) return expected("':'");
            skip_space();
            std::size_t value_at = at_;
            if (!value(depth + 1)) return false;
            member(name, from(value_at));
            skip_space();
            if (take('}')) return true;
            if (!take(',')) return expected("',' or '}'");
            skip_space();
        }
    }

    bool array(int depth) {
        take('[');
        skip_space();
        if (take(']')) return true;
        while (true) {
            if (!value(depth + 1)) return false;
            skip_space();
            if (take(']')) return true;
            if (!take(',')) return expected("',' or ']'");
            skip_space();
        }
    }

    Error error() const {
        return {Error::Kind::invalid, "at byte " + std::to_string((wrong_ ? wrong_at_ : at_) + 1) +
                                          ": expected " + (wrong_ ? wrong_ : "the end")};
    }

private:
    bool word(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted) return expected("a value");
        at_ += wanted.size();
        return true;
    }

    std::size_t digits() {
        std::size_t begin = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        return at_ - begin;
    }

    bool number() {
        bool signed_ = take('-');
        if (!is_digit(peek())) return expected(signed_ ? "a digit" : "a value");
        if (!take('0')) digits();
        if (take('.') && digits() == 0) return expected("a digit");
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (digits() == 0) return expected("a digit");
        }
        return true;
    }

    /// A backslash, or a byte beyond ASCII, or one that has no business here.
    bool special() {
        if (text_[at_] != '\\') {
            auto character = read_character(text_, at_);
            if (static_cast<unsigned char>(text_[at_]) < 0x20)
                return expected("no bare control character in a string");
            if (character.fault != Character::Fault::none) return expected("UTF-8");
            at_ += character.length;
            return true;
        }
        char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (escaped == 'u') {
            if (code_unit(text_.substr(at_ + 2)) < 0) return expected("four digits after '\\u'");
            at_ += 6;
            return true;
        }
        if (std::string_view("\"\\/bfnrt").find(escaped) == std::string_view::npos ||
            escaped == '\0')
            return expected("an escape");
        at_ += 2;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t wrong_at_ = 0;
    char const* wrong_ = nullptr;
};

char escaped_byte(char c) {
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/// Of a string that has been checked, with its quotes.
std::string decoded(std::string_view raw) {
    raw = raw.substr(1, raw.size() - 2);
    std::string out;
    out.reserve(raw.size());
    while (!raw.empty()) {
        auto slash = std::min(raw.find('\\'), raw.size());
        out.append(raw.substr(0, slash));
        raw.remove_prefix(slash);
        if (raw.empty()) break;
        if (raw[1] != 'u') {
            out.push_back(escaped_byte(raw[1]));
            raw.remove_prefix(2);
            continue;
        }
        auto code = static_cast<char32_t>(code_unit(raw.substr(2)));
        raw.remove_prefix(6);
        if (code >= 0xD800 && code < 0xDC00 && raw.starts_with("\\u")) {
            auto low = static_cast<char32_t>(code_unit(raw.substr(2)));
            if (low >= 0xDC00 && low < 0xE000) {
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                raw.remove_prefix(6);
            }
        }
        append_character(out, code);  // half a pair becomes U+FFFD
    }
    return out;
}

Value number_of(std::string_view raw) {
    if (raw.find_first_of(".eE") == raw.npos) {
        std::int64_t whole = 0;
        auto [end, status] = std::from_chars(raw.data(), raw.data() + raw.size(), whole);
        if (status == std::errc() && end == raw.data() + raw.size()) return whole;
    }
    double number = 0;
    std::from_chars(raw.data(), raw.data() + raw.size(), number);
    return number;
}

/// Of text that has been checked.
Value build(std::string_view raw);

Value build_array(std::string_view raw) {
    Array items;
    Scanner scan(raw);
    scan.take('[');
    scan.skip_space();
    while (scan.peek() != ']') {
        auto begin = scan.at();
        scan.value(0);
        items.push_back(build(scan.from(begin)));
        scan.skip_space();
        scan.take(',');
        scan.skip_space();
    }
    return items;
}

Value build(std::string_view raw) {
    switch (raw[0]) {
    case '"':
        return decoded(raw);
    case 't':
        return true;
    case 'f':
        return false;
    case 'n':
        return std::string();
    case '[':
        return build_array(raw);
    case '{': {
        Struct members;
        Scanner(raw).object(0, [&](std::string_view name, std::string_view value) {
            members.emplace_back(decoded(name), build(value));
        });
        return members;
    }
    default:
        return number_of(raw);
    }
}

}  // namespace

std::string_view trim_json(std::string_view json) {
    while (!json.empty() && is_space(json.front())) json.remove_prefix(1);
    while (!json.empty() && is_space(json.back())) json.remove_suffix(1);
    return json;
}

Result<std::vector<JsonMember>> json_members(std::string_view json) {
    std::vector<JsonMember> members;
    Scanner scan(json);
    scan.skip_space();
    bool good = scan.object(0, [&](std::string_view name, std::string_view value) {
        bool plain = name.find('\\') == name.npos;
        members.push_back(
            {plain ? std::string(name.substr(1, name.size() - 2)) : decoded(name), value});
    });
    scan.skip_space();
    if (!good || !scan.at_end()) return scan.error();
    return members;
}

Result<> check_json(std::string_view json) {
    Scanner scan(json);
    scan.skip_space();
    bool good = scan.value(0);
    scan.skip_space();
    if (!good || !scan.at_end()) return scan.error();
    return {};
}

Result<Value> read_json(std::string_view json) {
    TRY(check_json(json));
    return build(trim_json(json));
}

Result<std::string> json_string(std::string_view raw) {
    if (raw.size() < 2 || raw[0] != '"') return Error{Error::Kind::invalid, "it must be a string"};
    return decoded(raw);
}

}  // namespace lares::text
