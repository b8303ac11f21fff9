// tests/fuzz/columns_fuzz.cc: any bytes as text for a terminal: nothing that a terminal would obey
// comes out, and what is said of its columns holds wherever it is cut.

#include <algorithm>
#include <cstdlib>
#include <string>

#include "text/columns.h"
#include "text/graphemes.h"
#include "text/utf8.h"

using namespace lares;
using namespace lares::text;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check_shown(std::string const& text, Charset charset) {
    for (std::size_t at = 0; at < text.size();) {
        Character const c = read_character(text, at);
        require(c.fault == Character::Fault::none);
        require(c.code >= 0x20 && c.code != 0x7f && !(c.code >= 0x80 && c.code < 0xa0));
        require(!is_unshown(c.code));
        if (charset == Charset::ascii) require(c.code < 0x7f);
        at += c.length;
    }
    require(harmless(text, charset) == text);
}

void check_cuts(std::string const& text, std::size_t column) {
    std::size_t const all = columns_of(text);
    auto const head = cut_to(text, column);
    require(columns_of(head) == std::min(all, column));
    if (all <= column) require(head == text);
    require(columns_of(from_column(text, column)) == all - std::min(all, column));
    require(from_column(text, 0) == text);
    // A window moved over it, as in a log that is wider than the screen.
    auto const window = cut_to(from_column(text, column), 7);
    require(columns_of(window) == std::min<std::size_t>(all - std::min(all, column), 7));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string const bytes(reinterpret_cast<char const*>(data + 1), size - 1);
    for (auto charset : {Charset::utf8, Charset::ascii}) {
        auto const text = harmless(bytes, charset);
        check_shown(text, charset);
        check_cuts(text, data[0]);
        check_cuts(text, data[0] % 8);
    }
    return 0;
}
