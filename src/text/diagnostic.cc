// text/diagnostic.cc: how a diagnostic is shown: place, words, and the line with a caret.

#include "text/diagnostic.h"

#include <algorithm>

#include "text/utf8.h"

namespace lares::text {

namespace {

/// Characters shown of a long line, and of those how many stand before the caret.
constexpr std::size_t shown_characters = 100;
constexpr std::size_t shown_before = 70;

/// Line `number` (from 1) of a text, by the same line ends as ini.cc: LF, CRLF, CR.
std::string_view line_of(std::string_view text, int number) {
    std::size_t begin = 0;
    while (true) {
        std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
        if (number-- == 1) return text.substr(begin, end - begin);
        if (end == text.size()) return {};
        begin = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
    }
}

/// The bytes as characters of one column each, so that the caret stands where it should: tabs
/// become spaces, what a terminal would obey or not know becomes U+FFFD.
std::u32string columns_of(std::string_view bytes) {
    std::u32string out;
    for (std::size_t at = 0; at < bytes.size();) {
        Character c = read_character(bytes, at);
        bool is_shown = c.fault == Character::Fault::none && c.code >= 0x20 &&
                        !(c.code >= 0x7F && c.code < 0xA0);
        out.push_back(c.code == '\t' ? U' ' : is_shown ? c.code : U'\uFFFD');
        at += c.length;
    }
    return out;
}

std::string show_line(std::string_view line, int column, std::string_view hint) {
    auto bytes = std::min<std::size_t>(line.size(), static_cast<std::size_t>(column) - 1);
    std::u32string all = columns_of(line);
    std::size_t caret = columns_of(line.substr(0, bytes)).size();
    std::size_t begin = std::min(all.find_first_not_of(U' '), caret);
    begin = std::max(begin, caret > shown_before ? caret - shown_before : 0);
    std::string out = "    ";
    for (char32_t code : all.substr(begin, shown_characters)) append_character(out, code);
    out.append("\n    ").append(caret - begin, ' ').append("^");
    if (!hint.empty()) out.append(" ").append(hint);
    return out.append("\n");
}

}  // namespace

std::string format(Diagnostic const& diagnostic, std::vector<Source> const& sources,
                   std::string_view prefix) {
    Place const& place = diagnostic.place;
    bool has_file = place.file >= 0 && static_cast<std::size_t>(place.file) < sources.size();
    std::string out(prefix);
    if (has_file) out.append(sources[static_cast<std::size_t>(place.file)].path).append(":");
    if (has_file && place.line > 0) out.append(std::to_string(place.line)).append(":");
    if (has_file) out.append(" ");
    if (diagnostic.severity == Severity::warning) out.append("warning: ");
    out.append(diagnostic.what).append("\n");
    if (has_file && place.line > 0 && place.column > 0) {
        std::string_view text = sources[static_cast<std::size_t>(place.file)].text;
        out.append(show_line(line_of(text, place.line), place.column, diagnostic.hint));
    } else if (!diagnostic.hint.empty()) {
        out.append("    ").append(diagnostic.hint).append("\n");
    }
    return out;
}

bool has_errors(std::vector<Diagnostic> const& found) {
    return std::ranges::any_of(found,
                               [](Diagnostic const& d) { return d.severity == Severity::error; });
}

}  // namespace lares::text
