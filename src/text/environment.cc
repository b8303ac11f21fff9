// text/environment.cc: two readers: supervisord's comma-separated pairs, and files of lines.
//
// The first is Python's shlex in POSIX mode without whitespace_split, as supervisord 4.4 uses it: a
// '#' begins a comment even inside a word, and a character that is none of the word's is a token of
// its own.

#include "text/environment.h"

#include <algorithm>
#include <optional>

#include "text/python.h"

namespace lares::text {

namespace {

constexpr std::string_view blanks = " \t\r\n";

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

void set(Variables& variables, std::string_view key, std::string value) {
    auto known = std::ranges::find(variables, key, &Variables::value_type::first);
    if (known != variables.end()) {
        known->second = std::move(value);
    } else {
        variables.emplace_back(std::string(key), std::move(value));
    }
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Bytes beyond ASCII are taken as letters. Python takes only the Latin-1 ones and silently breaks
/// a value in other alphabets to pieces.
bool is_word(char c) {
    return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("_/.+-():").find(c) != std::string_view::npos;
}

/// shlex.shlex(text, posix=True) with wordchars + '/.+-():'.
class Tokens {
public:
    explicit Tokens(std::string_view text) : text_(text) {}

    /// The next token; none at the end of the text.
    Result<std::optional<std::string>> next() {
        skip_to_token();
        if (at_ == text_.size()) return std::optional<std::string>();
        token_.clear();
        if (!begins_word(text_[at_])) return std::optional(std::string(1, text_[at_++]));
        while (at_ < text_.size() && begins_word(text_[at_])) TRY(read_piece());
        // A word that is empty and not quoted cannot be: every piece adds a character or a quote.
        return std::optional(std::move(token_));
    }

private:
    static bool begins_word(char c) { return is_word(c) || c == '\'' || c == '"' || c == '\\'; }

    void skip_to_token() {
        while (at_ < text_.size()) {
            if (text_[at_] == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (blanks.find(text_[at_]) == blanks.npos) {
                return;
            } else {
                ++at_;
            }
        }
    }

    Result<> read_piece() {
        char c = text_[at_++];
        if (c == '\'' || c == '"') return read_quoted(c);
        if (c != '\\') {
            token_.push_back(c);
            return {};
        }
        if (at_ == text_.size()) return invalid("No escaped character");
        token_.push_back(text_[at_++]);
        return {};
    }

    Result<> read_quoted(char quote) {
        for (; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (c == quote) {
                ++at_;
                return {};
            }
            if (c == '\\' && quote == '"') {
                if (++at_ == text_.size()) return invalid("No escaped character");
                if (text_[at_] != '"' && text_[at_] != '\\') token_.push_back('\\');
            }
            token_.push_back(text_[at_]);
        }
        return invalid("No closing quotation");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string token_;
};

Result<std::vector<std::string>> all_tokens(std::string_view text) {
    Tokens tokens(text);
    std::vector<std::string> all;
    while (auto token = TRY(tokens.next())) all.push_back(std::move(*token));
    return all;
}

Error stray(std::string const& token, std::string const& key) {
    return invalid("unexpected " + python::repr(token) + " after the value of " +
                   python::repr(key) + "; quote a value that has spaces or other signs in it");
}

// ---- environment files

bool is_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    return std::ranges::all_of(
        text, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

std::string_view trim(std::string_view text) {
    std::size_t begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The byte that "\n" and the like stand for; none when the backslash stays.
std::optional<char> unescape(char c) {
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '"':
    case '\\':
    case '$':
    case '`':
        return c;
    default:
        return {};
    }
}

/// A value in quotes, which must fill `text` to its end.
Result<std::string> read_file_quoted(std::string_view text) {
    char quote = text[0];
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
        char c = text[at];
        if (c == quote) {
            if (at + 1 == text.size()) return value;
            return invalid("text after the closing quote");
        }
        if (c == '\\' && quote == '"' && at + 1 < text.size()) {
            auto meant = unescape(text[at + 1]);
            if (meant) ++at;
            c = meant.value_or(c);
        }
        value.push_back(c);
    }
    return invalid("no closing quote; a value is on one line, \\n in double quotes is a new line");
}

Result<> read_file_line(std::string_view line, Variables& variables) {
    line = trim(line);
    if (line.empty() || line[0] == '#') return {};
    if (line.find('\0') != line.npos) return invalid("a zero byte cannot be in an environment");
    std::size_t equals = line.find('=');
    if (equals == line.npos) return invalid("no '='; write KEY=value");
    std::string_view key = line.substr(0, equals);
    if (key.starts_with("export ") || key.starts_with("export\t")) key = trim(key.substr(7));
    if (!is_name(key)) return invalid(python::repr(key) + " is not the name of a variable");
    std::string_view value = trim(line.substr(equals + 1));
    if (value.empty() || (value[0] != '\'' && value[0] != '"')) {
        set(variables, key, std::string(value));
        return {};
    }
    set(variables, key, TRY(read_file_quoted(value)));
    return {};
}

}  // namespace

Result<Variables> parse_environment(std::string_view text) {
    auto tokens = TRY(all_tokens(text));
    for (std::size_t i = 0; i < tokens.size(); i += 4)
        if (i + 3 > tokens.size() || tokens[i + 1] != "=")
            return invalid("Unexpected end of key/value pairs in value '" + std::string(text) +
                           "'");
    Variables variables;
    for (std::size_t i = 0; i < tokens.size(); i += 4) {
        if (i + 3 < tokens.size() && tokens[i + 3] != ",") return stray(tokens[i + 3], tokens[i]);
        set(variables, tokens[i], std::move(tokens[i + 2]));
    }
    return variables;
}

Result<Variables> parse_environment_file(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    Variables variables;
    for (int number = 1; !text.empty(); ++number) {
        std::size_t end = std::min(text.find('\n'), text.size());
        auto read = read_file_line(text.substr(0, end), variables);
        if (!read) return std::move(read).error().during("line " + std::to_string(number));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return variables;
}

}  // namespace lares::text
