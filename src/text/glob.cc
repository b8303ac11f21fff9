// text/glob.cc: fnmatch without recursion.
//
// Only the last '*' met is ever taken back: whatever an earlier one could still swallow, the last
// one can swallow instead. That bounds the work to pattern times name. With GlobKind::path the same
// holds within each segment, because no '*' crosses a '/'.

#include "text/glob.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "text/utf8.h"

namespace lares::text {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

/// A character, or a single faulty byte as a number no character has.
Character character(std::string_view text, std::size_t at) {
    Character c = read_character(text, at);
    if (c.fault == Character::Fault::none) return c;
    return {.code = 0x110000u + static_cast<unsigned char>(text[at]), .length = 1};
}

using IsInClass = int (*)(int);
constexpr std::array<std::pair<std::string_view, IsInClass>, 12> classes{{
    {"alnum", std::isalnum},
    {"alpha", std::isalpha},
    {"blank", std::isblank},
    {"cntrl", std::iscntrl},
    {"digit", std::isdigit},
    {"graph", std::isgraph},
    {"lower", std::islower},
    {"print", std::isprint},
    {"punct", std::ispunct},
    {"space", std::isspace},
    {"upper", std::isupper},
    {"xdigit", std::isxdigit},
}};

/// The end of "[:digit:]" that begins at `at`, and whether `code` is in it; none when there is no
/// such class, and the '[' is a member like others.
std::optional<std::pair<std::size_t, bool>> match_class(std::string_view pattern, std::size_t at,
                                                        char32_t code) {
    if (!pattern.substr(at).starts_with("[:")) return {};
    std::size_t end = pattern.find(":]", at + 2);
    if (end == nowhere) return {};
    auto row = std::ranges::find(classes, pattern.substr(at + 2, end - at - 2),
                                 &std::pair<std::string_view, IsInClass>::first);
    if (row == classes.end()) return {};
    return std::pair(end + 2, code < 0x80 && row->second(static_cast<int>(code)) != 0);
}

/// Walks the members of a bracket expression, "[a-z]", for one character.
class Bracket {
public:
    /// @param at  of the '['
    Bracket(std::string_view pattern, std::size_t at, char32_t code)
        : pattern_(pattern), at_(at + 1), code_(code) {}

    struct Match {
        std::size_t end;  // after the ']'
        bool yes;
    };

    /// None when the bracket is never closed: then the '[' stands for itself.
    std::optional<Match> match() {
        bool negative = at_ < pattern_.size() && (pattern_[at_] == '!' || pattern_[at_] == '^');
        if (negative) ++at_;
        for (bool first = true; at_ < pattern_.size(); first = false) {
            if (pattern_[at_] == ']' && !first) return Match{at_ + 1, found_ != negative};
            if (!match_member()) return {};
        }
        return {};
    }

private:
    bool match_member() {
        if (auto known = match_class(pattern_, at_, code_)) {
            at_ = known->first;
            found_ = found_ || known->second;
            return true;
        }
        auto low = take();
        if (!low) return false;
        char32_t high = *low;
        if (at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']') {
            ++at_;
            auto end = take();
            if (!end) return false;
            high = *end;
        }
        found_ = found_ || (*low <= code_ && code_ <= high);
        return true;
    }

    std::optional<char32_t> take() {
        if (pattern_[at_] == '\\' && ++at_ == pattern_.size()) return {};
        Character c = character(pattern_, at_);
        at_ += c.length;
        return c.code;
    }

    std::string_view pattern_;
    std::size_t at_;
    char32_t code_;
    bool found_ = false;
};

class Matcher {
public:
    Matcher(std::string_view pattern, std::string_view name, GlobKind kind)
        : pattern_(pattern), name_(name), is_path_(kind == GlobKind::path) {}

    bool match() {
        while (true) {
            if (p_ < pattern_.size() && pattern_[p_] == '*' && !is_hidden(n_)) {
                star_ = p_++;
                resume_ = n_;
            } else if (n_ == name_.size() && p_ == pattern_.size()) {
                return true;
            } else if (!step() && !retry()) {
                return false;
            }
        }
    }

private:
    /// A '.' that begins a segment, which no wildcard matches.
    bool is_hidden(std::size_t at) const {
        return is_path_ && at < name_.size() && name_[at] == '.' &&
               (at == 0 || name_[at - 1] == '/');
    }

    bool is_barred(std::size_t at) const { return is_hidden(at) || (is_path_ && name_[at] == '/'); }

    /// Matches one character of the name by what stands in the pattern.
    bool step() {
        if (p_ == pattern_.size() || n_ == name_.size()) return false;
        Character c = character(name_, n_);
        std::size_t end = match_one(c);
        if (end == nowhere) return false;
        p_ = end;
        n_ += c.length;
        return true;
    }

    /// Where the pattern goes on after matching `c`; nowhere when it does not match.
    std::size_t match_one(Character const& c) const {
        char p = pattern_[p_];
        if (p == '*') return nowhere;
        if (p == '?') return is_barred(n_) ? nowhere : p_ + 1;
        if (p == '[') {
            if (auto match = Bracket(pattern_, p_, c.code).match())
                return match->yes && !is_barred(n_) ? match->end : nowhere;
        }
        std::size_t at = p_ + (p == '\\');
        if (at == pattern_.size()) return nowhere;
        Character literal = character(pattern_, at);
        return literal.code == c.code ? at + literal.length : nowhere;
    }

    /// Lets the last '*' take one character more.
    bool retry() {
        if (star_ == nowhere || resume_ == name_.size() || is_barred(resume_)) return false;
        resume_ += character(name_, resume_).length;
        n_ = resume_;
        p_ = star_ + 1;
        return true;
    }

    std::string_view pattern_;
    std::string_view name_;
    bool is_path_;
    std::size_t p_ = 0;
    std::size_t n_ = 0;
    std::size_t star_ = nowhere;  // of the last '*' met
    std::size_t resume_ = 0;      // how far it has taken
};

}  // namespace

bool glob_match(std::string_view pattern, std::string_view name, GlobKind kind) {
    return Matcher(pattern, name, kind).match();
}

bool is_glob(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '\\') {
            ++at;
        } else if (pattern[at] == '*' || pattern[at] == '?' || pattern[at] == '[') {
            return true;
        }
    }
    return false;
}

}  // namespace lares::text
