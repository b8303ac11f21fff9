// text/incrontab.cc: three fields a line, and the names of inotify's bits.

#include "text/incrontab.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "text/nearest.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::text {

namespace {

struct Bit {
    std::string_view name;
    std::uint32_t bits;
};
/// inotify(7); what is more than one bit stands behind them.
constexpr Bit bits[] = {
    {"IN_ACCESS", 0x1},         {"IN_MODIFY", 0x2},
    {"IN_ATTRIB", 0x4},         {"IN_CLOSE_WRITE", 0x8},
    {"IN_CLOSE_NOWRITE", 0x10}, {"IN_OPEN", 0x20},
    {"IN_MOVED_FROM", 0x40},    {"IN_MOVED_TO", 0x80},
    {"IN_CREATE", 0x100},       {"IN_DELETE", 0x200},
    {"IN_DELETE_SELF", 0x400},  {"IN_MOVE_SELF", 0x800},
    {"IN_ONLYDIR", 0x1000000},  {"IN_DONT_FOLLOW", 0x2000000},
    {"IN_ONESHOT", 0x80000000},
};
constexpr Bit sums[] = {
    {"IN_CLOSE", 0x18}, {"IN_MOVE", 0xc0}, {"IN_ALL_EVENTS", 0xfff}, {"IN_NO_LOOP", 0}};
constexpr std::string_view options[] = {"recursive", "loopable", "dotdirs"};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A field that ends at a blank without a backslash before it; takes it and the blanks off `rest`.
std::string take_field(std::string_view& rest) {
    std::string field;
    std::size_t at = 0;
    for (; at < rest.size() && !is_blank(rest[at]); ++at) {
        if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
        field.push_back(rest[at]);
    }
    while (at < rest.size() && is_blank(rest[at])) ++at;
    rest.remove_prefix(at);
    return field;
}

std::optional<std::uint32_t> bits_of(std::string_view name) {
    for (auto const& [known, value] : bits)
        if (known == name) return value;
    for (auto const& [known, value] : sums)
        if (known == name) return value;
    auto number = parse_integer(name);
    if (number && *number >= 0 && *number <= 0xffffffffLL)
        return static_cast<std::uint32_t>(*number);
    return std::nullopt;
}

Error unknown(std::string_view item) {
    std::vector<std::string_view> names(std::begin(options), std::end(options));
    for (auto const& bit : bits) names.push_back(bit.name);
    for (auto const& sum : sums) names.push_back(sum.name);
    std::string near(nearest(item, names));
    return {Error::Kind::invalid, "unknown event " + python::repr(item) +
                                      (near.empty() ? "" : "; did you mean '" + near + "'?")};
}

Result<> read_option(IncrontabEntry& entry, std::string_view name, std::string_view value) {
    auto yes = TRY(parse_boolean(value));
    if (name == "recursive")
        entry.is_recursive = yes;
    else if (name == "loopable")
        entry.is_loopable = yes;
    else if (name == "dotdirs")
        entry.has_dot_folders = yes;
    else
        return unknown(name);
    return {};
}

Result<> read_mask(IncrontabEntry& entry, std::string_view text) {
    while (!text.empty()) {
        auto item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(item.size() + 1, text.size()));
        std::size_t sign = item.find('=');
        if (sign != item.npos) {
            TRY(read_option(entry, item.substr(0, sign), item.substr(sign + 1)));
            continue;
        }
        auto found = bits_of(item);
        if (!found) return unknown(item);
        entry.mask |= *found;
    }
    if (entry.mask == 0) return Error{Error::Kind::invalid, "no event is named"};
    return {};
}

Result<IncrontabEntry> read_entry(std::string_view rest) {
    IncrontabEntry entry;
    entry.path = take_field(rest);
    auto mask = take_field(rest);
    if (!entry.path.starts_with('/'))
        return Error{Error::Kind::invalid, "the path must be absolute"};
    if (mask.empty() || rest.empty())
        return Error{Error::Kind::invalid, "write path, mask and command"};
    TRY(read_mask(entry, mask));
    entry.command = std::string(python::strip(rest));
    return entry;
}

}  // namespace

Incrontab read_incrontab(std::string_view text, int file) {
    Incrontab table;
    for (int number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto rest = python::strip(line);
        if (rest.empty() || rest.starts_with('#')) continue;
        Place place{file, number, static_cast<int>(rest.data() - line.data()) + 1};
        auto entry = read_entry(rest);
        if (entry && table.entries.size() >= limits::tasks)
            entry = Error{Error::Kind::invalid, "more lines than one daemon has tasks"};
        if (!entry) {
            table.found.push_back({Severity::error, place, entry.error().what, "", ""});
            continue;
        }
        entry->place = place;
        bool is_known = std::ranges::find(table.entries, entry->path, &IncrontabEntry::path) !=
                        table.entries.end();
        if (is_known)
            table.found.push_back({Severity::error, place,
                                   "'" + entry->path + "' comes twice in this table",
                                   "incron looks at the first one only", ""});
        else
            table.entries.push_back(std::move(*entry));
    }
    return table;
}

std::string print_mask(std::uint32_t mask) {
    std::string out;
    for (auto const& [name, bit] : bits)
        if (mask & bit) out.append(out.empty() ? "" : ",").append(name);
    return out;
}

Result<std::vector<std::string>> incron_words(std::string_view command, IncronNames const& names) {
    std::vector<std::string> words;
    bool is_inside = false;
    auto put = [&](std::string_view text) {
        if (!is_inside) words.emplace_back();
        is_inside = true;
        words.back().append(text);
    };
    for (std::size_t at = 0; at < command.size(); ++at) {
        char c = command[at], next = at + 1 < command.size() ? command[at + 1] : '\0';
        if (is_blank(c)) {
            is_inside = false;
        } else if (c == '\\' && next != '\0') {
            put(command.substr(++at, 1));
        } else if (c == '$' && next != '\0') {
            ++at;
            if (next == '$')
                put("$");
            else if (next == '@')
                put(names.path);
            else if (next == '#')
                put(names.name);
            else if (next == '%')
                put(names.flags);
            else if (next == '&')
                put(names.numbers);
            else
                put(command.substr(at - 1, 2));
        } else {
            put(command.substr(at, 1));
        }
    }
    if (words.empty()) return Error{Error::Kind::invalid, "no command"};
    return words;
}

}  // namespace lares::text
