// text/words.cc: shlex.split(posix=True, comments=False), as a walk over the line.

#include "text/words.h"

namespace lares::text {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view safe =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_";

Error no_closing() { return {Error::Kind::invalid, "No closing quotation"}; }
Error no_escaped() { return {Error::Kind::invalid, "No escaped character"}; }

/// Walks one line. Each read_ function begins at its first character and ends after its last.
class Splitter {
public:
    explicit Splitter(std::string_view line) : line_(line) {}

    bool has_word() {
        at_ = std::min(line_.find_first_not_of(blanks, at_), line_.size());
        return at_ < line_.size();
    }

    Result<std::string> read_word() {
        std::string word;
        while (at_ < line_.size() && blanks.find(line_[at_]) == blanks.npos) TRY(read_piece(word));
        return word;
    }

private:
    Result<> read_piece(std::string& word) {
        char c = line_[at_++];
        if (c == '\'') return read_single(word);
        if (c == '"') return read_double(word);
        if (c == '\\') return read_escaped(word);
        word.push_back(c);
        return {};
    }

    Result<> read_escaped(std::string& word) {
        if (at_ == line_.size()) return no_escaped();
        word.push_back(line_[at_++]);
        return {};
    }

    Result<> read_single(std::string& word) {
        std::size_t end = line_.find('\'', at_);
        if (end == line_.npos) return no_closing();
        word.append(line_.substr(at_, end - at_));
        at_ = end + 1;
        return {};
    }

    Result<> read_double(std::string& word) {
        for (; at_ < line_.size(); ++at_) {
            char c = line_[at_];
            if (c == '"') {
                ++at_;
                return {};
            }
            if (c == '\\') {
                if (++at_ == line_.size()) return no_escaped();
                // Only the quote and the backslash itself lose their backslash inside "...".
                if (line_[at_] != '"' && line_[at_] != '\\') word.push_back('\\');
            }
            word.push_back(line_[at_]);
        }
        return no_closing();
    }

    std::string_view line_;
    std::size_t at_ = 0;
};

std::string quoted(std::string_view word) {
    if (!word.empty() && word.find_first_not_of(safe) == word.npos) return std::string(word);
    std::string out = "'";
    for (char c : word) c == '\'' ? out.append("'\"'\"'") : out.append(1, c);
    return out + "'";
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
    Splitter splitter(line);
    std::vector<std::string> words;
    while (splitter.has_word()) words.push_back(TRY(splitter.read_word()));
    return words;
}

std::string join_words(std::vector<std::string> const& words) {
    std::string line;
    for (auto const& word : words) {
        if (!line.empty()) line.push_back(' ');
        line.append(quoted(word));
    }
    return line;
}

}  // namespace lares::text
