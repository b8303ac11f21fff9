// text/cron_parse.cc: splits an expression into its fields and puts them together.

#include "text/cron.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "base/limits.h"
#include "text/cron_field.h"
#include "text/cron_hints.h"
#include "text/nearest.h"

namespace lares::text {

namespace {

struct Nickname {
    std::string_view name, meaning;
};
// clang-format off
constexpr Nickname nicknames[] = {
    {"@yearly",   "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly",  "0 0 1 * *"},
    {"@weekly",   "0 0 * * 0"},
    {"@daily",    "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly",   "0 * * * *"},
    {"@reboot",   ""},
};
// clang-format on

Error invalid(std::string words) { return {Error::Kind::invalid, std::move(words)}; }

constexpr std::string_view blanks = " \t";

std::string_view trim(std::string_view text) {
    std::size_t const first = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    for (text = trim(text); !text.empty(); text = trim(text)) {
        std::size_t const end = std::min(text.find_first_of(blanks), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

/// What a byte that cannot stand in an expression probably was: they come from word processors.
std::string_view meant_by(std::string_view rest) {
    if (rest.starts_with("\xe2\x80\x93") || rest.starts_with("\xe2\x80\x94") ||
        rest.starts_with("\xe2\x88\x92"))
        return "; it looks like a dash, write '-'";
    if (rest.starts_with("\xc2\xa0")) return "; it is a no-break space, write a plain one";
    if (rest.starts_with("\xe2\x88\x97")) return "; write '*'";
    return "";
}

Result<> check_bytes(std::string_view expression) {
    if (expression.size() > limits::cron_bytes)
        return invalid("an expression of " + std::to_string(expression.size()) +
                       " bytes; expected at most " + std::to_string(limits::cron_bytes));
    for (std::size_t i = 0; i < expression.size(); ++i) {
        auto const byte = static_cast<unsigned char>(expression[i]);
        if (byte == '\t' || (byte >= ' ' && byte < 0x7f)) continue;
        constexpr std::string_view digits = "0123456789abcdef";
        std::string hex = "0x";
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
        return invalid("column " + std::to_string(i + 1) + ": found the byte " + hex +
                       ", expected plain letters, digits, blanks and '*,-/~#@()'" +
                       std::string(meant_by(expression.substr(i))));
    }
    return {};
}

/// The fields that a nickname stands for; empty for @reboot.
Result<std::string_view> meaning_of(std::string_view name) {
    std::string small(name);
    std::ranges::transform(small, small.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    std::vector<std::string_view> known;
    for (Nickname const& row : nicknames) {
        if (row.name == small) return row.meaning;
        known.push_back(row.name);
    }
    std::string words = "found '" + std::string(name) +
                        "', expected a name from '@yearly' to "
                        "'@hourly' or '@reboot'";
    if (small.starts_with("@every")) return invalid(words + "; write 'every = 5min' instead");
    std::string_view const meant = nearest(small, known);
    if (!meant.empty()) words += "; did you mean '" + std::string(meant) + "'?";
    return invalid(std::move(words));
}

Error wrong_count(std::vector<std::string_view> const& fields) {
    std::string words = "found " + std::to_string(fields.size()) +
                        (fields.size() == 1 ? " field" : " fields") +
                        ", expected 5 (minute hour day month weekday) or 6 (second first)";
    if (fields.size() > 6) words += "; the command stands elsewhere, and a year cannot be given";
    if (fields.size() == 4) words += "; write '*' for a field that does not matter";
    return invalid(std::move(words));
}

/// FNV-1a, then the finaliser of splitmix64, so that fields of the same words differ in every bit.
std::uint64_t hash_for(std::string_view words, CronField field) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (char c : words) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    hash += (std::uint64_t(field) + 1) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

void put(CronField field, CronFieldRead const& read, Cron& cron) {
    switch (field) {
    case CronField::second:
        cron.seconds = read.values;
        cron.has_seconds = true;
        return;
    case CronField::minute:
        cron.minutes = read.values;
        cron.is_wildcard |= read.star;
        return;
    case CronField::hour:
        cron.hours = std::uint32_t(read.values);
        cron.is_wildcard |= read.star;
        return;
    case CronField::day:
        cron.days = std::uint32_t(read.values);
        cron.day_star = read.star;
        cron.last_days = read.last_days;
        cron.near_days = read.near_days;
        return;
    case CronField::month:
        cron.months = std::uint16_t(read.values);
        return;
    case CronField::weekday:
        cron.weekdays = std::uint8_t(read.values);
        cron.weekday_star = read.star;
        cron.last_weekdays = read.last_weekdays;
        cron.nth_weekdays = read.nth_weekdays;
        return;
    }
}

Result<CronRead> parse_fields(std::vector<std::string_view> const& fields,
                              std::string_view hash_words) {
    if (fields.size() != 5 && fields.size() != 6) return wrong_count(fields);
    CronRead result;
    std::array<int, 6> star_steps{};
    std::size_t at = 6 - fields.size();
    for (std::string_view text : fields) {
        auto const field = CronField(at);
        CronFieldRead const read = TRY(parse_cron_field(field, text, hash_for(hash_words, field)));
        put(field, read, result.cron);
        star_steps[at++] = read.star_step;
    }
    result.hints = cron_hints(result.cron, star_steps);
    return result;
}

}  // namespace

Result<CronRead> parse_cron(std::string_view expression, std::string_view hash_words) {
    TRY(check_bytes(expression));
    std::string_view text = trim(expression);
    if (text.empty())
        return invalid("found nothing, expected 5 fields: minute hour day month weekday");
    if (text.front() == '@') {
        text = TRY(meaning_of(text));
        if (text.empty()) {
            CronRead reboot;
            reboot.cron.is_reboot = true;
            return reboot;
        }
    }
    return parse_fields(split(text), hash_words);
}

}  // namespace lares::text
