// cli/fields.cc: reading members, aligning columns.

#include "cli/fields.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "cli/table.h"

namespace lares::cli {

std::string text_of(text::Value const& value, std::string_view member) {
    auto const* found = value.find(member);
    if (found == nullptr) return {};
    if (auto const* words = found->text()) return *words;
    if (auto const* number = found->integer()) return std::to_string(*number);
    return {};
}

double number_of(text::Value const& value, std::string_view member) {
    auto const* found = value.find(member);
    if (found == nullptr) return 0;
    if (auto const* number = found->integer()) return static_cast<double>(*number);
    if (auto const* number = std::get_if<double>(&found->held)) return *number;
    double number = 0;
    if (auto const* digits = found->text())
        std::from_chars(digits->data(), digits->data() + digits->size(), number);
    return number;
}

bool switch_of(text::Value const& value, std::string_view member) {
    auto const* found = value.find(member);
    return found != nullptr && found->boolean() != nullptr && *found->boolean();
}

std::string id_of(text::Value const& value, std::string_view member) {
    std::string digits = text_of(value, member);
    return digits == "0" ? "" : digits;
}

text::Array list_of(text::Value const& value, std::string_view member) {
    auto const* found = value.find(member);
    return found != nullptr && found->array() != nullptr ? *found->array() : text::Array{};
}

std::string time_of(text::Value const& value, std::string_view member) {
    double const seconds = number_of(value, member);
    if (!(seconds > 0)) return {};
    std::time_t const when = static_cast<std::time_t>(seconds);
    std::time_t const now = std::time(nullptr);
    std::tm parts{}, today{};
    ::localtime_r(&when, &parts);
    ::localtime_r(&now, &today);
    bool const is_today = parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday;
    char text[32];
    return std::string(text, std::strftime(text, sizeof text,
                                           is_today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &parts));
}

std::string aligned(std::vector<std::vector<std::string>> const& rows) {
    std::vector<std::size_t> widths;
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], character_count(row[i]));
    }
    std::string text;
    for (auto const& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - character_count(row[i]) + 2, ' ');
        }
        line.resize(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string lines_of(text::Value const& answer) {
    std::string text;
    for (text::Value const& line : list_of(answer, "lines"))
        if (line.text() != nullptr) text += *line.text() + "\n";
    return text;
}

int fail_plainly(Session const& session, Error const& error) {
    Error plain = error;
    for (std::string_view const name : {"bad arguments: ", "failed: "})
        if (plain.what.starts_with(name)) plain.what.erase(0, name.size());
    return fail(session, plain);
}

text::Array names_in(std::string const& words) {
    text::Array list;
    for (std::string_view rest = words; !rest.empty();) {
        std::size_t const comma = std::min(rest.find(','), rest.size());
        if (comma > 0) list.emplace_back(std::string(rest.substr(0, comma)));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return list;
}

void add_given(text::Struct& to, char const* name, std::string const& value) {
    if (!value.empty()) to.emplace_back(name, value);
}

int show_list(Session& session, char const* method, std::string (*table)(text::Array const&),
              char const* none) {
    Result<text::Value> const answer = session.client.call(method, {});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    bool const empty = answer->array() == nullptr || answer->array()->empty();
    print(session.doors, empty ? none : table(*answer->array()));
    return exit_status::done;
}

int tell_lines(Session& session, std::string const& method, std::vector<text::Value> params) {
    Result<text::Value> const answer = session.client.call(method, std::move(params));
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, lines_of(*answer));
    return exit_status::done;
}

Result<bool> show_log(Session& session, std::string const& run, std::int64_t& offset) {
    constexpr std::int64_t piece_bytes = 256 << 10;
    while (true) {
        text::Value const answer =
            TRY(session.client.call("lares.run_log", {run, offset, piece_bytes}));
        std::string const text = text_of(answer, "text");
        if (!text.empty()) session.doors.out(text);
        auto const next = static_cast<std::int64_t>(number_of(answer, "offset"));
        auto const size = static_cast<std::int64_t>(number_of(answer, "size"));
        bool const more = next > offset && next < size;
        offset = std::max(offset, next);
        if (!more) return switch_of(answer, "ended");
    }
}

Result<std::string> id_word(std::string const& word, char const* what) {
    std::string digits = word;
    std::string const before = std::string(what) + " ";
    if (digits.starts_with(before)) digits.erase(0, before.size());
    bool const good = !digits.empty() && digits.size() < 20 &&
                      digits.find_first_not_of("0123456789") == digits.npos &&
                      digits.find_first_not_of('0') != digits.npos;
    if (good) return digits;
    return Error{Error::Kind::invalid, "'" + word + "' is no number of a " + what};
}

int wrong_use(Session const& session, std::string what) {
    return fail(session.doors, session.request, {Error::Kind::invalid, std::move(what)},
                exit_status::usage);
}

}  // namespace lares::cli
