// text/columns.cc: character by character, by what Unicode says of each.

#include "text/columns.h"

#include "text/graphemes.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

constexpr std::size_t tab_columns = 8;
/// More of them than any language writes; a letter under a heap of marks smears over its
/// neighbours.
constexpr int most_marks = 2;

/// They say how the one before is shown, or join two; without them each is shown by itself, which
/// every terminal counts alike.
bool is_joiner(char32_t code) {
    return code == 0x200c || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f) ||
           code == 0x00ad || (code >= 0x1f3fb && code <= 0x1f3ff);
}

class Cleaner {
public:
    explicit Cleaner(Charset charset) : charset_(charset) {}

    void take(Character const& c) {
        if (c.fault != Character::Fault::none) return mark();
        if (c.code == '\t') return put(std::string(tab_columns - column_ % tab_columns, ' '));
        if (is_joiner(c.code)) return;
        if (is_unshown(c.code)) return mark();
        int const width = column_width(c.code);
        if (width == 0) return combine(c.code);
        marks_ = 0;
        if (charset_ == Charset::ascii && c.code > 0x7e) return put(std::string(width, '?'));
        append_character(out_, c.code);
        column_ += std::size_t(width);
    }

    std::string finish() && { return std::move(out_); }

private:
    void put(std::string const& plain) {
        marks_ = most_marks;  // nothing combines with what stands for something else
        out_ += plain;
        column_ += plain.size();
    }

    void mark() {
        if (charset_ == Charset::ascii) return put("?");
        marks_ = most_marks;
        out_ += replacement_character;
        ++column_;
    }

    void combine(char32_t code) {
        if (column_ == 0) return mark();
        if (charset_ == Charset::ascii || marks_ >= most_marks) return;
        ++marks_;
        append_character(out_, code);
    }

    Charset charset_;
    std::string out_;
    std::size_t column_ = 0;
    int marks_ = 0;
};

/// The end of the letter at `at` with what combines with it, and its columns.
struct Letter {
    std::size_t end = 0;
    std::size_t columns = 0;
};

Letter letter_at(std::string_view text, std::size_t at) {
    Character const first = read_character(text, at);
    Letter letter{at + first.length, std::size_t(column_width(first.code))};
    while (letter.end < text.size()) {
        Character const next = read_character(text, letter.end);
        if (column_width(next.code) != 0) break;
        letter.end += next.length;
    }
    return letter;
}

}  // namespace

std::string harmless(std::string_view bytes, Charset charset) {
    Cleaner cleaner(charset);
    for (std::size_t at = 0; at < bytes.size();) {
        Character const c = read_character(bytes, at);
        cleaner.take(c);
        at += c.length;
    }
    return std::move(cleaner).finish();
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        Letter const letter = letter_at(text, at);
        columns += letter.columns;
        at = letter.end;
    }
    return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    std::string out;
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size();) {
        Letter const letter = letter_at(text, at);
        if (used + letter.columns > columns - 1) break;
        out.append(text.substr(at, letter.end - at));
        used += letter.columns;
        at = letter.end;
    }
    out.append(columns - 1 - used, ' ');
    return out + "~";
}

std::string from_column(std::string_view text, std::size_t column) {
    std::size_t used = 0, at = 0;
    while (at < text.size() && used < column) {
        Letter const letter = letter_at(text, at);
        used += letter.columns;
        at = letter.end;
    }
    return std::string(used > column ? used - column : 0, ' ').append(text.substr(at));
}

}  // namespace lares::text
