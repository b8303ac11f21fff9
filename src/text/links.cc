// text/links.cc: finding URLs and tags: where one may begin, which characters carry it on, and what
// at its end is the sentence's and not its own.

#include "text/links.h"

#include <algorithm>
#include <array>

#include "text/graphemes.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_word(char32_t c) { return is_digit(c) || is_ascii_letter(c); }

/// Letters of scripts that put spaces between words; others may be the sentence going on.
bool is_spaced_letter(char32_t c) {
    return (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x400 && c <= 0x4FF);
}

bool is_url_character(char32_t c) {
    static constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%|";
    if (c < 0x80) return is_ascii_word(c) || others.find(static_cast<char>(c)) != others.npos;
    return is_spaced_letter(c);
}

bool starts_with_scheme(std::string_view text, std::string_view scheme) {
    return text.size() > scheme.size() &&
           std::ranges::equal(text.substr(0, scheme.size()), scheme, [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
           });
}

/// Without what ends the sentence: stops, quotes, and a bracket that the URL did not open.
std::size_t trim_end(std::string_view text, std::size_t begin, std::size_t end) {
    static constexpr std::string_view stops = ".,:;!?'|";
    auto const url = text.substr(begin, end - begin);
    // How many brackets are closed beyond those that were opened.
    auto loose_round = std::ranges::count(url, ')') - std::ranges::count(url, '(');
    auto loose_square = std::ranges::count(url, ']') - std::ranges::count(url, '[');
    for (; end > begin; --end) {
        char const last = text[end - 1];
        if (last == ')' && loose_round > 0)
            --loose_round;
        else if (last == ']' && loose_square > 0)
            --loose_square;
        else if (last == '(' || last == '[')
            ++(last == '(' ? loose_round : loose_square);
        else if (stops.find(last) == stops.npos)
            break;
    }
    return end;
}

std::size_t run_end(std::string_view text, std::size_t at, bool (*belongs)(char32_t)) {
    while (at < text.size()) {
        Character const c = read_character(text, at);
        if (c.fault != Character::Fault::none || !belongs(c.code)) break;
        at += c.length;
    }
    return at;
}

/// The end of a URL with its scheme at `at`; `at` itself: none.
std::size_t url_end(std::string_view text, std::size_t at) {
    auto const rest = text.substr(at);
    std::size_t const scheme = starts_with_scheme(rest, "https://")  ? 8
                               : starts_with_scheme(rest, "http://") ? 7
                                                                     : 0;
    if (scheme == 0) return at;
    std::size_t const end = trim_end(text, at, run_end(text, at + scheme, is_url_character));
    if (end <= at + scheme) return at;
    Character const first = read_character(text, at + scheme);
    bool const begins_host =
        is_ascii_word(first.code) || is_spaced_letter(first.code) || first.code == '[';
    return begins_host ? end : at;
}

bool is_host_character(char32_t c) { return is_ascii_word(c) || c == '-' || c == '.'; }

/// "label.label.tld" with an optional path; `at` itself: none. Never a number such as 1.25 or an
/// address.
std::size_t bare_host_end(std::string_view text, std::size_t at) {
    std::size_t host = run_end(text, at, is_host_character);
    while (host > at && (text[host - 1] == '.' || text[host - 1] == '-')) --host;
    auto const name = text.substr(at, host - at);
    auto const dot = name.rfind('.');
    if (dot == name.npos || dot == 0 || name[0] == '-' || name.find("..") != name.npos) return at;
    auto const last = name.substr(dot + 1);
    if (last.size() < 2 || !std::ranges::all_of(last, [](char c) {
            return is_ascii_letter(static_cast<unsigned char>(c));
        }))
        return at;
    if (host == text.size() || text[host] != '/') return host;
    return trim_end(text, at, run_end(text, host, is_url_character));
}

std::size_t sign_length(std::string_view text, std::size_t at) {
    if (text[at] == '#') return 1;
    return text.substr(at).starts_with("＃") ? 3 : 0;
}

std::size_t tag_end(std::string_view text, std::size_t at) {
    std::size_t const sign = sign_length(text, at);
    if (sign == 0) return at;
    std::size_t const end = run_end(text, at + sign, is_word_character);
    for (std::size_t i = at + sign; i < end;) {
        Character const c = read_character(text, i);
        if (is_letter_or_mark(c.code)) return end;
        i += c.length;
    }
    return at;
}

/// What stands before a place, as far as it keeps a link from beginning there.
struct Before {
    char32_t code = 0;  // 0: the beginning
    bool allows_url() const {
        return !is_ascii_word(code) && code != '@' && code != '#' && code != '$' && code != '_' &&
               code != '-' && code != '.' && code != '/' && !is_spaced_letter(code);
    }
    bool allows_tag() const { return !is_word_character(code) && code != '&' && code != '/'; }
};

std::size_t link_end(std::string_view text, std::size_t at, Before before, Link::Kind& kind) {
    Character const c = read_character(text, at);
    if ((c.code == '#' || c.code == U'＃') && before.allows_tag()) {
        kind = Link::Kind::tag;
        return tag_end(text, at);
    }
    if (!is_ascii_word(c.code) || !before.allows_url()) return at;
    kind = Link::Kind::url;
    std::size_t const end = url_end(text, at);
    if (end > at) return end;
    kind = Link::Kind::bare_host;
    return bare_host_end(text, at);
}

// Endings that X's and Mastodon's finders surely know beside all of two letters.
constexpr std::array<std::string_view, 34> endings{
    "com",     "org",   "net",   "edu",   "gov",    "mil",    "int",  "info",  "biz",
    "name",    "pro",   "app",   "dev",   "cloud",  "online", "site", "shop",  "blog",
    "xyz",     "tech",  "store", "news",  "page",   "club",   "live", "email", "berlin",
    "hamburg", "koeln", "wien",  "swiss", "museum", "tokyo",  "art"};

}  // namespace

std::vector<Link> find_links(std::string_view text) {
    std::vector<Link> links;
    Before before;
    for (std::size_t at = 0; at < text.size();) {
        Link::Kind kind{};
        std::size_t const end = link_end(text, at, before, kind);
        if (end > at) {
            links.push_back({kind, at, end});
            before.code = 'a';  // nothing begins in its shadow
            at = end;
            continue;
        }
        Character const c = read_character(text, at);
        before.code = c.fault == Character::Fault::none ? c.code : 0xFFFD;
        at += c.length;
    }
    return links;
}

Link const* link_at(std::vector<Link> const& links, std::size_t at) {
    auto const found = std::ranges::lower_bound(links, at, {}, &Link::begin);
    return found != links.end() && found->begin == at ? &*found : nullptr;
}

std::string tag_word(std::string_view word) {
    std::string made;
    bool has_letter = false, owes_line = false;
    for (std::size_t at = 0; at < word.size();) {
        Character const c = read_character(word, at);
        bool const belongs = c.fault == Character::Fault::none && is_word_character(c.code);
        if (belongs) {
            if (owes_line && !made.empty()) made += '_';
            append_character(made, c.code);
            has_letter = has_letter || is_letter_or_mark(c.code);
        }
        owes_line = !belongs;
        at += c.length;
    }
    return has_letter ? made : std::string();
}

bool has_public_host(std::string_view url) {
    auto const scheme = url.find("://");
    auto host = scheme == url.npos ? url : url.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#:"));
    if (host.find_first_of("@[_") != host.npos) return false;
    auto const dot = host.rfind('.');
    if (dot == host.npos || dot == 0) return false;
    std::string last(host.substr(dot + 1));
    std::ranges::transform(last, last.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (!std::ranges::all_of(last, [](char c) { return c >= 'a' && c <= 'z'; })) return false;
    return last.size() == 2 || std::ranges::find(endings, last) != endings.end();
}

}  // namespace lares::text
