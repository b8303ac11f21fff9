// apps/capture/search.cc: each word in quotes.

#include "apps/capture/search.h"

#include <algorithm>

namespace lares::capture {

namespace {
/// What stands between words; with NUL, which would end the query in the middle of a quote.
constexpr std::string_view blanks(" \t\r\n\0", 5);
}  // namespace

std::string full_text_query(std::string_view words) {
    std::string out;
    while (!words.empty()) {
        auto const begin = std::min(words.find_first_not_of(blanks), words.size());
        words.remove_prefix(begin);
        auto const end = std::min(words.find_first_of(blanks), words.size());
        if (end == 0) break;
        out += out.empty() ? "\"" : " \"";
        for (char c : words.substr(0, end)) out.append(c == '"' ? 2 : 1, c);
        out += "\"";
        words.remove_prefix(end);
    }
    return out;
}

}  // namespace lares::capture
