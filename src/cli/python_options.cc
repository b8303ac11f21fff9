// cli/python_options.cc: getopt's rules, of the short and of the long options.

#include "cli/python_options.h"

#include <algorithm>
#include <optional>

#include "text/python.h"

namespace lares::cli {
namespace {

Error refused(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

class Reader {
public:
    Reader(std::vector<std::string> const& words, std::span<PythonOption const> options)
        : words_(words), options_(options) {}

    Result<PythonWords> read() {
        while (at_ < words_.size()) {
            std::string const& word = words_[at_];
            if (word.size() < 2 || word[0] != '-') break;
            ++at_;
            if (word == "--") break;
            TRY(word.starts_with("--") ? read_long(word.substr(2)) : read_short(word.substr(1)));
        }
        found_.rest.assign(words_.begin() + std::ptrdiff_t(at_), words_.end());
        return std::move(found_);
    }

private:
    Result<std::size_t> find_long(std::string const& name) const {
        std::vector<std::size_t> fitting;
        for (std::size_t row = 0; row < options_.size(); ++row) {
            std::string_view const word = options_[row].word;
            if (word.empty() || !word.starts_with(name)) continue;
            if (word == name) return row;
            fitting.push_back(row);
        }
        if (fitting.empty()) return refused("option --" + name + " not recognized");
        if (fitting.size() > 1) return refused("option --" + name + " not a unique prefix");
        return fitting.front();
    }

    Result<> read_long(std::string const& text) {
        std::size_t const sign = text.find('=');
        std::size_t const row = TRY(find_long(text.substr(0, sign)));
        std::string const name = "--" + std::string(options_[row].word);
        if (!options_[row].takes_value) {
            if (sign != std::string::npos)
                return refused("option " + name + " must not have an argument");
            found_.options.push_back({row, name, ""});
            return {};
        }
        std::string value = sign == std::string::npos ? TRY(next(name)) : text.substr(sign + 1);
        found_.options.push_back({row, name, std::move(value)});
        return {};
    }

    Result<> read_short(std::string const& letters) {
        for (std::size_t i = 0; i < letters.size(); ++i) {
            auto const option = std::ranges::find(options_, letters[i], &PythonOption::letter);
            std::string const name = std::string("-") + letters[i];
            if (option == options_.end()) return refused("option " + name + " not recognized");
            auto const row = std::size_t(option - options_.begin());
            if (!option->takes_value) {
                found_.options.push_back({row, name, ""});
                continue;
            }
            bool const is_last = i + 1 == letters.size();
            std::string value = is_last ? TRY(next(name)) : letters.substr(i + 1);
            found_.options.push_back({row, name, std::move(value)});
            return {};
        }
        return {};
    }

    Result<std::string> next(std::string const& name) {
        if (at_ == words_.size()) return refused("option " + name + " requires argument");
        return words_[at_++];
    }

    std::vector<std::string> const& words_;
    std::span<PythonOption const> options_;
    std::size_t at_ = 0;
    PythonWords found_;
};

}  // namespace

Result<PythonWords> read_python_options(std::vector<std::string> const& words,
                                        std::span<PythonOption const> options) {
    return Reader(words, options).read();
}

std::string python_list(std::vector<std::string> const& words) {
    std::string text;
    for (std::string const& word : words)
        text += (text.empty() ? "" : ", ") + text::python::repr(word);
    return "[" + text + "]";
}

}  // namespace lares::cli
