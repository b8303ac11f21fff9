// text/crontab.cc: line by line, as load_env() and load_entry() of Vixie cron go about it.

#include "text/crontab.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

/// Variables of one table; each entry holds a copy.
constexpr std::size_t most_variables = 200;

std::string_view skip_blanks(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::string_view drop_blanks_at_end(std::string_view text) {
    std::size_t last = text.find_last_not_of(" \t");
    return last == text.npos ? std::string_view() : text.substr(0, last + 1);
}

/// Takes a field off `rest`, and the blanks behind it.
std::string_view take_field(std::string_view& rest) {
    auto field = rest.substr(0, rest.find_first_of(" \t"));
    rest = skip_blanks(rest.substr(field.size()));
    return field;
}

struct Setting {
    std::string name, value;
};

/// A name or value that may stand in quotes of either kind; takes it off `rest`. None: the quote is
/// not closed.
std::optional<std::string> take_quoted(std::string_view& rest) {
    char quote = rest.front();
    std::size_t end = rest.find(quote, 1);
    if (end == rest.npos) return std::nullopt;
    std::string inside(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    return inside;
}

bool is_quote(std::string_view text) {
    return !text.empty() && (text.front() == '"' || text.front() == '\'');
}

/// None: this is no environment line.
std::optional<Setting> read_setting(std::string_view line) {
    Setting setting;
    if (is_quote(line)) {
        auto name = take_quoted(line);
        if (!name) return std::nullopt;
        setting.name = std::move(*name);
    } else {
        auto name = line.substr(0, line.find_first_of(" \t="));
        setting.name = std::string(name);
        line.remove_prefix(name.size());
    }
    line = skip_blanks(line);
    if (setting.name.empty() || !line.starts_with('=')) return std::nullopt;
    line = skip_blanks(line.substr(1));
    if (!is_quote(line)) {
        setting.value = std::string(drop_blanks_at_end(line));
        return setting;
    }
    auto value = take_quoted(line);
    if (!value || !skip_blanks(line).empty()) return std::nullopt;
    setting.value = std::move(*value);
    return setting;
}

/// What runs, and where its input begins behind the '%' (npos: nowhere).
std::string read_command(std::string_view text, std::size_t& input_at) {
    std::string command;
    input_at = text.npos;
    bool is_escaped = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (is_escaped) {
            if (c == '%') command.pop_back();
            command.push_back(c);
            is_escaped = false;
            continue;
        }
        if (c == '%') {
            input_at = at + 1;
            break;
        }
        is_escaped = c == '\\';
        command.push_back(c);
    }
    return command;
}

std::string read_input(std::string_view text) {
    std::string input;
    bool is_escaped = false;
    for (char c : text) {
        if (is_escaped) {
            if (c != '%') input.push_back('\\');
        } else if (c == '%') {
            c = '\n';
        }
        is_escaped = c == '\\';
        if (!is_escaped) input.push_back(c);
    }
    if (is_escaped) input.push_back('\\');
    if (!input.empty() && input.back() != '\n') input.push_back('\n');
    return input;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        auto character = read_character(text, at);
        if (character.fault != Character::Fault::none) return false;
        at += character.length;
    }
    return true;
}

class Reader {
public:
    Reader(CrontabForm form, int file) : form_(form), file_(file) {}

    void read_line(std::string_view line, int number) {
        line_ = line;
        number_ = number;
        std::string_view rest = skip_blanks(line);
        if (rest.ends_with('\r')) {
            rest.remove_suffix(1);
            if (!std::exchange(has_warned_of_returns_, true))
                warn(rest, "line ends with a carriage return, which is left out",
                     "save it with Unix line ends");
        }
        if (rest.empty() || rest.starts_with('#')) return;
        if (auto setting = read_setting(rest)) return set(std::move(*setting), rest);
        read_entry(rest);
    }

    Crontab take() { return std::move(table_); }

    void warn_of_end() {
        table_.found.push_back({.severity = Severity::warning,
                                .place = {file_, number_, 0},
                                .what = "the last line has no line end; cron would pass it over",
                                .hint = {},
                                .classic = {}});
    }

private:
    Place place_of(std::string_view part) const {
        return {file_, number_, static_cast<int>(part.data() - line_.data()) + 1};
    }

    void report(Severity severity, std::string_view at, std::string what, std::string hint) {
        table_.found.push_back(
            {severity, place_of(at), std::move(what), std::move(hint), std::string()});
    }
    void warn(std::string_view at, std::string what, std::string hint = {}) {
        report(Severity::warning, at, std::move(what), std::move(hint));
    }
    void error(std::string_view at, std::string what, std::string hint = {}) {
        report(Severity::error, at, std::move(what), std::move(hint));
    }

    void set(Setting setting, std::string_view at) {
        if (setting.name == "LOGNAME" || setting.name == "USER")
            return warn(at, setting.name + " is the user's, whatever the table says");
        auto known = std::ranges::find(variables_, setting.name, &Variables::value_type::first);
        if (known != variables_.end())
            known->second = std::move(setting.value);
        else if (variables_.size() < most_variables)
            variables_.emplace_back(std::move(setting.name), std::move(setting.value));
        else
            error(at, "more than " + std::to_string(most_variables) + " variables");
    }

    void read_entry(std::string_view rest) {
        CrontabEntry entry;
        std::string_view begin = rest;
        if (rest.starts_with('-')) {
            entry.is_quiet = true;
            rest = skip_blanks(rest.substr(1));
            begin = rest;
        }
        entry.place = place_of(begin);
        std::size_t fields = rest.starts_with('@') ? 1 : 5;
        for (std::size_t i = 0; i < fields; ++i) {
            auto field = take_field(rest);
            if (field.empty())
                return error(begin, "a schedule of " + std::to_string(i) + " fields and no command",
                             "write minute hour day month weekday command, or NAME=value");
            entry.schedule.append(i > 0 ? " " : "").append(field);
        }
        if (form_ == CrontabForm::system) {
            entry.user = std::string(take_field(rest));
            if (entry.user.empty()) return error(begin, "no user and no command");
        }
        if (rest.empty())
            return error(begin, form_ == CrontabForm::system ? "no command behind the user"
                                                             : "no command behind the schedule");
        finish(std::move(entry), rest);
    }

    void finish(CrontabEntry entry, std::string_view rest) {
        std::size_t input_at = rest.npos;
        entry.command = std::string(drop_blanks_at_end(read_command(rest, input_at)));
        if (input_at != rest.npos) entry.input = read_input(rest.substr(input_at));
        if (entry.command.empty()) return error(rest, "no command in front of the '%'");
        if (!is_utf8(rest)) return error(rest, "bytes that are not UTF-8", "save it as UTF-8");
        entry.environment = variables_;
        if (table_.entries.size() >= limits::tasks)
            return error(rest, "more than " + std::to_string(limits::tasks) + " lines");
        table_.entries.push_back(std::move(entry));
    }

    CrontabForm form_;
    int file_;
    Crontab table_;
    Variables variables_;
    std::string_view line_;
    int number_ = 0;
    bool has_warned_of_returns_ = false;
};

}  // namespace

Crontab read_crontab(std::string_view text, CrontabForm form, int file) {
    Reader reader(form, file);
    bool is_ended = text.empty() || text.ends_with('\n');
    for (int number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        reader.read_line(line, number);
    }
    if (!is_ended) reader.warn_of_end();
    return reader.take();
}

std::string_view find_variable(Variables const& variables, std::string_view name) {
    auto found = std::ranges::find(variables, name, &Variables::value_type::first);
    return found == variables.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace lares::text
