// delivery/mail_text.cc: the encodings of mail.

#include "delivery/mail_text.h"

#include <algorithm>
#include <chrono>

#include "text/utf8.h"
#include "text/value.h"

namespace lares::deliver {

namespace {

constexpr std::size_t columns = 76;       // of a line of a header or a body
constexpr std::size_t word_columns = 75;  // of an encoded word: RFC 2047, 2
constexpr std::string_view word_end = "?=";
constexpr std::string_view q_begin = "=?UTF-8?Q?", b_begin = "=?UTF-8?B?";
constexpr std::size_t word_frame = q_begin.size() + word_end.size();
constexpr std::string_view hexadecimal = "0123456789ABCDEF";

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void append_hex(std::string& out, char mark, char byte) {
    auto value = static_cast<unsigned char>(byte);
    out += mark;
    out += hexadecimal[value >> 4];
    out += hexadecimal[value & 15];
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        auto byte = [&](std::size_t j) {
            return j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0u;
        };
        unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        out += digits[group >> 18];
        out += digits[group >> 12 & 63];
        out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
        out += i + 2 < bytes.size() ? digits[group & 63] : '=';
    }
    return out;
}

/// The "Q" encoding as RFC 2047, 5 (3) allows it in a phrase, the strictest place.
std::string q_encoded(std::string_view bytes) {
    std::string out;
    for (char c : bytes) {
        if (c == ' ') {
            out += '_';
        } else if (is_alphanumeric(c) || std::string_view("!*+-/").find(c) != std::string::npos) {
            out += c;
        } else {
            append_hex(out, '=', c);
        }
    }
    return out;
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at <= text.size();) {
        auto end = std::min(text.find(' ', at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

/// As it is, `text` comes through folding and unfolding unchanged, and no reader takes a part of it
/// for an encoded word.
bool may_stay(std::string_view text, std::size_t first) {
    if (!is_printable(text) || text.find("=?") != text.npos) return false;
    auto words = words_of(text);
    for (auto const& word : words)
        if (word.empty() || word.size() >= columns) return false;
    return words.front().size() <= first;
}

/// A header whose lines break only between tokens.
class Folded {
public:
    explicit Folded(std::string_view name) : out_(name), column_(name.size() + 1) { out_ += ':'; }
    std::size_t left() const { return column_ + 1 < columns ? columns - column_ - 1 : 0; }
    void add(std::string_view token) {
        if (token.size() > left() && has_token_) {
            out_ += "\r\n";
            column_ = 0;
        }
        out_ += ' ';
        out_ += token;
        column_ += 1 + token.size();
        has_token_ = true;
    }
    std::string end() { return std::move(out_) + "\r\n"; }

private:
    std::string out_;
    std::size_t column_;
    bool has_token_ = false;
};

bool is_phrase(std::string_view text) {
    auto is_plain = [](char c) {
        return is_alphanumeric(c) ||
               std::string_view(" !#$%&'*+-/=?^_`{|}~").find(c) != std::string::npos;
    };
    return std::all_of(text.begin(), text.end(), is_plain);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

/// What stands before "<a@b>".
std::vector<std::string> name_tokens(std::string_view text, std::size_t left) {
    std::string name = one_line(text);
    if (name.empty()) return {};
    if (may_stay(name, columns) && is_phrase(name)) return words_of(name);
    if (is_printable(name) && name.find("=?") == name.npos && name.size() <= 60)
        return {quoted(name)};
    return encoded_words(name, left < 30 ? columns : left);
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string clean = text::clean_utf8(text), line;
    for (char c : clean) {
        bool is_control = (c >= 0 && c < ' ') || c == 0x7f;
        if (!is_control) line += c;
        if (is_control && !line.empty() && line.back() != ' ') line += ' ';
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
    return line;
}

std::vector<std::string> encoded_words(std::string_view text, std::size_t first) {
    // People read "Gr=C3=BC=C3=9Fe" in a log, but not a whole text of another script.
    bool q = q_encoded(text).size() <= text.size() * 5 / 2;
    auto encode = [&](std::string_view part) { return q ? q_encoded(part) : base64(part); };
    std::vector<std::string> words;
    // No word is so short that a character of four bytes would not fit.
    std::size_t room = std::max(std::min(first, word_columns), word_frame + 12) - word_frame;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin, used = 0;
        while (end < text.size()) {
            auto next = end + text::read_character(text, end).length;
            auto size = q ? used + q_encoded(text.substr(end, next - end)).size()
                          : (next - begin + 2) / 3 * 4;
            if (size > room) break;
            used = size;
            end = next;
        }
        words.push_back(std::string(q ? q_begin : b_begin) +
                        encode(text.substr(begin, end - begin)) + std::string(word_end));
        begin = end;
        room = word_columns - word_frame;
    }
    return words;
}

std::string text_header(std::string_view name, std::string_view text) {
    std::string line = one_line(text);
    if (line.empty()) return std::string(name) + ":\r\n";
    Folded header(name);
    bool plain = may_stay(line, header.left());
    for (auto const& token : plain ? words_of(line) : encoded_words(line, header.left()))
        header.add(token);
    return header.end();
}

std::string address_header(std::string_view name, std::vector<Mailbox> const& mailboxes) {
    if (mailboxes.empty()) return {};
    Folded header(name);
    for (std::size_t i = 0; i < mailboxes.size(); ++i) {
        auto const& mailbox = mailboxes[i];
        std::string_view comma = i + 1 < mailboxes.size() ? "," : "";
        auto tokens = name_tokens(mailbox.name, header.left());
        for (auto const& token : tokens) header.add(token);
        bool bare = tokens.empty();
        header.add((bare ? "" : "<") + mailbox.address + (bare ? "" : ">") + std::string(comma));
    }
    return header.end();
}

std::string token_header(std::string_view name, std::vector<std::string> const& tokens) {
    Folded header(name);
    for (auto const& token : tokens) header.add(token);
    return header.end();
}

std::string parameter(std::string_view name, std::string_view text) {
    constexpr std::size_t piece = 50;
    std::string value = one_line(text), start = ";\r\n " + std::string(name);
    if (is_printable(value) && value.size() <= piece && value.find_first_of("\"\\%") == value.npos)
        return start + "=\"" + value + '"';
    std::vector<std::string> pieces{"UTF-8''"};
    for (char c : value) {
        if (pieces.back().size() > piece) pieces.emplace_back();
        if (is_alphanumeric(c) || c == '.' || c == '-' || c == '_') {
            pieces.back() += c;
        } else {
            append_hex(pieces.back(), '%', c);
        }
    }
    if (pieces.size() == 1) return start + "*=" + pieces.front();
    std::string out;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        out += start + '*' + std::to_string(i) + "*=" + pieces[i];
    return out;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    auto end_line = [&] {
        out += "\r\n";
        column = 0;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        bool crlf = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (crlf || c == '\n') {
            i += crlf ? 1 : 0;
            end_line();
            continue;
        }
        bool before_end = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
        bool plain = (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !before_end);
        // A lone dot is SMTP's end of data, and "From " the beginning of the next mail in a box.
        if (column == 0 && (c == '.' || (c == 'F' && text.substr(i, 5) == "From "))) plain = false;
        if (column + (plain ? 1 : 3) > columns - 1) {
            out += '=';
            end_line();
        }
        if (plain) {
            out += c;
        } else {
            append_hex(out, '=', c);
        }
        column += plain ? 1 : 3;
    }
    if (column > 0) end_line();
    return out;
}

std::string base64_lines(std::string_view bytes) {
    constexpr std::size_t line_bytes = columns / 4 * 3;
    std::string out;
    out.reserve((bytes.size() / line_bytes + 1) * (columns + 2));
    for (std::size_t at = 0; at < bytes.size(); at += line_bytes)
        out += base64(bytes.substr(at, line_bytes)) + "\r\n";
    return out;
}

std::string mail_date(WallTime when) {
    using namespace std::chrono;
    constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto day = floor<std::chrono::days>(when);
    year_month_day date(day);
    hh_mm_ss time(floor<seconds>(when - day));
    auto two = [](auto number) {
        std::string digits = std::to_string(number);
        return digits.size() < 2 ? "0" + digits : digits;
    };
    return std::string(days[weekday(day).c_encoding()]) + ", " + two(unsigned(date.day())) + " " +
           std::string(months[unsigned(date.month()) - 1]) + " " +
           std::to_string(int(date.year())) + " " + two(time.hours().count()) + ":" +
           two(time.minutes().count()) + ":" + two(time.seconds().count()) + " +0000";
}

}  // namespace lares::deliver
