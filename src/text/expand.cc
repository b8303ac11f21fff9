// text/expand.cc: Python's  format % dict  for texts and whole numbers, with Python's words when
// it goes wrong.
//
// supervisord passes no values without a name: "%s" alone is an error here (Python would print the
// whole dictionary).

#include "text/expand.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "text/python.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

using Known = std::variant<std::string, long>;

/// A field is never wider than this; "%(x)999999999d" in a file must not take the memory.
constexpr int widest = 4096;

/// What stands between '%' and the letter at the end.
struct Field {
    std::optional<std::string_view> name;
    bool left = false, zero = false, sign = false, space = false, hash = false;
    int width = 0;
    int precision = -1;  // -1: none
    std::size_t letter_at = 0;
};

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::string padded(std::string text, Field const& field, std::size_t length) {
    auto width = static_cast<std::size_t>(field.width);
    if (length >= width) return text;
    text.insert(field.left ? text.size() : 0, width - length, ' ');
    return text;
}

std::string print_text(std::string text, Field const& field) {
    std::size_t length = 0, at = 0;
    auto most = static_cast<std::size_t>(field.precision);
    while (at < text.size() && (field.precision < 0 || length < most)) {
        at += read_character(text, at).length;
        ++length;
    }
    text.resize(at);
    return padded(std::move(text), field, length);
}

std::string print_number(long number, Field const& field, char letter) {
    int base = letter == 'o' ? 8 : letter == 'x' || letter == 'X' ? 16 : 10;
    char buffer[72];
    auto end = std::to_chars(std::begin(buffer), std::end(buffer), number, base).ptr;
    std::string digits(buffer, end);
    std::string before = digits.front() == '-' ? "-" : field.sign ? "+" : field.space ? " " : "";
    if (digits.front() == '-') digits.erase(0, 1);
    if (field.hash && base == 8) before.append("0o");
    if (field.hash && base == 16) before.append("0x");
    std::size_t wanted = field.precision < 0 ? 0 : static_cast<std::size_t>(field.precision);
    // A precision forbids filling with zeros in C, not in Python.
    if (field.zero && !field.left)
        wanted =
            std::max(wanted, static_cast<std::size_t>(field.width) -
                                 std::min(before.size(), static_cast<std::size_t>(field.width)));
    if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
    std::string all = before + digits;
    if (letter == 'X')
        std::ranges::transform(all, all.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
    std::size_t length = all.size();
    return padded(std::move(all), field, length);
}

class Expander {
public:
    Expander(std::string_view format, Names const& names, std::string_view where)
        : format_(format), names_(names), where_(where) {}

    Result<std::string> expand() {
        while (at_ < format_.size()) {
            std::size_t percent = std::min(format_.find('%', at_), format_.size());
            out_.append(format_.substr(at_, percent - at_));
            at_ = percent;
            if (at_ < format_.size()) TRY(expand_one());
        }
        return std::move(out_);
    }

private:
    Result<> expand_one() {
        ++at_;  // the '%'
        if (at_ < format_.size() && format_[at_] == '%') {
            out_.push_back(format_[at_++]);
            return {};
        }
        Field field;
        Known value;
        TRY(read_name(field));
        if (field.name) value = TRY(look_up(*field.name));
        read_flags(field);
        if (at_ < format_.size() && format_[at_] == '*') return badly("* wants int");
        TRY(read_figure(field.width, "width too big"));
        if (at_ < format_.size() && format_[at_] == '.') {
            ++at_;
            field.precision = 0;
            TRY(read_figure(field.precision, "precision too big"));
        }
        if (at_ < format_.size() && std::string_view("hlL").find(format_[at_]) != std::string::npos)
            ++at_;
        if (at_ == format_.size()) return badly("incomplete format");
        field.letter_at = at_;
        return print(field, value);
    }

    Result<> read_name(Field& field) {
        if (at_ == format_.size() || format_[at_] != '(') return {};
        std::size_t begin = ++at_;
        for (int open = 1; at_ < format_.size(); ++at_) {
            if (format_[at_] == '(') ++open;
            if (format_[at_] == ')' && --open == 0) {
                field.name = format_.substr(begin, at_++ - begin);
                return {};
            }
        }
        return badly("incomplete format key");
    }

    void read_flags(Field& field) {
        for (; at_ < format_.size(); ++at_) {
            switch (format_[at_]) {
            case '-':
                field.left = true;
                break;
            case '+':
                field.sign = true;
                break;
            case ' ':
                field.space = true;
                break;
            case '#':
                field.hash = true;
                break;
            case '0':
                field.zero = true;
                break;
            default:
                return;
            }
        }
    }

    Result<> read_figure(int& figure, std::string_view too_big) {
        for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
            figure = figure * 10 + (format_[at_] - '0');
            if (figure > widest) return badly(too_big);
        }
        return {};
    }

    Result<> print(Field const& field, Known const& value) {
        // Python takes the dictionary itself for a field without a name, but only if it is the
        // first.
        if (!field.name && has_named_) return badly("not enough arguments for format string");
        has_named_ = true;
        char letter = format_[at_];
        bool is_number = std::string_view("diuoxX").find(letter) != std::string_view::npos;
        if (!is_number && letter != 's') return unsupported(field);
        if (!field.name) return nameless(letter, is_number);
        auto const* number = std::get_if<long>(&value);
        if (is_number && !number) return not_a_number(letter, "str");
        ++at_;
        if (is_number) {
            out_.append(print_number(*number, field, letter));
        } else {
            out_.append(
                print_text(number ? std::to_string(*number) : std::get<std::string>(value), field));
        }
        return {};
    }

    Result<Known> look_up(std::string_view name) {
        if (Known const* known = names_.find(name)) return *known;
        std::size_t mark = name.find(":-");
        if (mark == name.npos) return unknown(name);
        Known const* known = names_.find(name.substr(0, mark));
        auto const* text = known ? std::get_if<std::string>(known) : nullptr;
        if (known && !(text && text->empty())) return *known;
        return Known(std::string(name.substr(mark + 2)));
    }

    Error nameless(char letter, bool is_number) {
        if (is_number) return not_a_number(letter, "dict");
        return badly("not enough arguments for format string");
    }

    Error not_a_number(char letter, std::string_view type) {
        bool decimal = letter == 'd' || letter == 'i' || letter == 'u';
        return badly("%" + std::string(1, letter) +
                     " format: " + (decimal ? "a real number" : "an integer") +
                     " is required, not " + std::string(type));
    }

    Error unsupported(Field const& field) {
        char32_t code = read_character(format_, field.letter_at).code;
        char digits[16];
        auto end = std::to_chars(std::begin(digits), std::end(digits),
                                 static_cast<unsigned long>(code), 16)
                       .ptr;
        char shown = code > 31 && code < 127 ? static_cast<char>(code) : '?';
        return badly("unsupported format character '" + std::string(1, shown) + "' (0x" +
                     std::string(digits, end) + ") at index " +
                     std::to_string(count_characters(format_.substr(0, field.letter_at))));
    }

    std::string place() const {
        return "Format string " + python::repr(format_) + " for " + python::repr(where_);
    }

    Error badly(std::string_view why) const {
        return invalid(place() + " is badly formatted: " + std::string(why));
    }

    Error unknown(std::string_view name) const {
        std::string what = place() + " contains names (" + python::repr(name) +
                           ") which cannot be expanded. Available names: ";
        bool first = true;
        for (auto const& known : names_.all()) {
            if (!first) what.append(", ");
            what.append(known);
            first = false;
        }
        return invalid(std::move(what));
    }

    std::string_view format_;
    Names const& names_;
    std::string_view where_;
    std::size_t at_ = 0;
    bool has_named_ = false;
    std::string out_;
};

}  // namespace

std::variant<std::string, long> const* Names::find(std::string_view name) const {
    for (Names const* names = this; names; names = names->outer)
        if (auto known = names->own.find(name); known != names->own.end()) return &known->second;
    return nullptr;
}

std::vector<std::string> Names::all() const {
    std::set<std::string_view> unique;
    for (Names const* names = this; names; names = names->outer)
        for (auto const& [name, value] : names->own) unique.insert(name);
    return {unique.begin(), unique.end()};
}

Result<std::string> expand(std::string_view format, Names const& names, std::string_view where) {
    return Expander(format, names, where).expand();
}

std::string escape_percent(std::string_view text) {
    std::string out;
    for (char c : text) out.append(c == '%' ? 2 : 1, c);
    return out;
}

}  // namespace lares::text
