// text/calendar_csv.cc: which of the two formats a calendar has, and CSV.

#include "text/calendar_file.h"

#include <algorithm>
#include <chrono>

#include "base/limits.h"
#include "text/calendar_ics.h"
#include "text/python.h"

namespace lares::text {

namespace {

/// Errors of one file that are told; a file of another kind would have one in every line.
constexpr std::size_t most_errors = 20;

using Cells = std::vector<std::string>;

/// The cells of a line; "..." may hold the separator, and "" is a quote in it.
Cells split_cells(std::string_view line, char separator) {
    Cells cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        char const c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += c;
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

/// "2026-12-25", perhaps with blanks around it or a time of day behind it.
std::optional<std::int32_t> read_date(std::string_view cell) {
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
    if (cell.size() < 10 || cell[4] != '-' || cell[7] != '-') return std::nullopt;
    if (cell.size() > 10 && cell[10] != 'T' && cell[10] != ' ') return std::nullopt;
    int parts[3] = {};
    std::size_t at = 0;
    for (char c : cell.substr(0, 10)) {
        if (c == '-') {
            ++at;
            continue;
        }
        if (c < '0' || c > '9' || at > 2) return std::nullopt;
        parts[at] = parts[at] * 10 + (c - '0');
    }
    return calendar_day(parts[0], parts[1], parts[2]);
}

char separator_of(std::string_view line) {
    for (char c : {';', '\t'})
        if (line.find(c) != line.npos) return c;
    return ',';
}

void read_row(Cells const& cells, int number, bool may_be_header, CalendarSheet& sheet) {
    std::optional<std::int32_t> first, last;
    for (std::string const& cell : cells) {
        std::optional<std::int32_t> const day = read_date(cell);
        if (!day) continue;
        if (first) {
            last = day;
            break;
        }
        first = day;
    }
    if (!first && may_be_header) return;
    if (!first)
        sheet.complain(number, "found no date", "expected a cell as 2026-12-25");
    else if (last && *last < *first)
        sheet.complain(number, "the last day lies before the first", "write the first day first");
    else
        sheet.add(*first, last.value_or(*first), number);
}

void read_csv(std::string_view text, CalendarSheet& sheet) {
    int number = 0, rows = 0;
    while (!text.empty() && !sheet.is_full()) {
        std::size_t const end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t,;") == line.npos || line.front() == '#') continue;
        read_row(split_cells(line, separator_of(line)), number, rows++ == 0, sheet);
    }
}

}  // namespace

bool CalendarSheet::add(std::int32_t first, std::int32_t last, int line) {
    if (full_) return false;
    // Counted before they are sorted: the same day again and again is no honest calendar either.
    if (read_.days.size() + std::size_t(last - first + 1) > limits::calendar_days) {
        complain(line, "more than " + std::to_string(limits::calendar_days) + " days");
        full_ = true;
        return false;
    }
    for (std::int32_t day = first; day <= last; ++day) read_.days.push_back(day);
    return true;
}

void CalendarSheet::complain(int line, std::string what, std::string hint) {
    if (read_.found.size() < most_errors)
        read_.found.push_back(
            {Severity::error, {0, line, 0}, std::move(what), std::move(hint), {}});
}

CalendarRead CalendarSheet::finish() && {
    std::ranges::sort(read_.days);
    read_.days.erase(std::unique(read_.days.begin(), read_.days.end()), read_.days.end());
    return std::move(read_);
}

std::optional<std::int32_t> calendar_day(int year, int month, int day) {
    using namespace std::chrono;
    year_month_day const date = std::chrono::year(year) / month / day;
    if (year < 1900 || year > 2200 || !date.ok()) return std::nullopt;
    return std::int32_t(sys_days(date).time_since_epoch().count());
}

CalendarRead parse_calendar(std::string_view text) {
    CalendarSheet sheet;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.size() > limits::calendar_bytes) {
        sheet.complain(0, "a calendar of " + std::to_string(text.size()) +
                              " bytes; expected at most " + std::to_string(limits::calendar_bytes));
        return std::move(sheet).finish();
    }
    if (python::lower(text.substr(0, 15)) == "begin:vcalendar")
        read_ics(text, sheet);
    else
        read_csv(text, sheet);
    CalendarRead read = std::move(sheet).finish();
    if (read.days.empty() && read.found.empty())
        read.found.push_back({Severity::error,
                              {0, 0, 0},
                              "no day in it",
                              "expected an iCalendar file, or CSV with dates as 2026-12-25",
                              {}});
    return read;
}

}  // namespace lares::text
