// text/cron_log.cc: the time, whose line it is, and what it says.

#include "text/cron_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "text/iso_time.h"
#include "text/json_value.h"
#include "text/value.h"

namespace lares::text {

namespace {

constexpr std::int64_t a_day = 86'400;
constexpr std::size_t most_line = 64 << 10;  // what a log calls a line, and one field of journald

std::string_view take_word(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    auto const word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    return word;
}

std::optional<int> number_of(std::string_view text, int most) {
    int number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most)
        return std::nullopt;
    return number;
}

std::int64_t pid_of(std::string_view text) { return number_of(text, INT32_MAX).value_or(0); }

/// Days from 1 March of year 0; Howard Hinnant's days_from_civil, up to a constant.
std::int64_t days_of(std::int64_t year, int month, int day) {
    year -= month <= 2;
    std::int64_t const era = (year >= 0 ? year : year - 399) / 400;
    std::int64_t const in_era = year - era * 400;
    std::int64_t const in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719'468;
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/// "Nov 28 03:15:01", off the front of `rest`.
std::optional<LogTime> take_old_time(std::string_view& rest) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto left = rest;
    auto const month = std::ranges::find(months, take_word(left));
    auto const day = number_of(take_word(left), 31);
    auto const clock = take_word(left);
    if (month == months.end() || !day || *day == 0 || clock.size() < 8 || clock[2] != ':' ||
        clock[5] != ':')
        return std::nullopt;
    auto const hour = number_of(clock.substr(0, 2), 23), minute = number_of(clock.substr(3, 2), 59),
               second = number_of(clock.substr(6, 2), 60);
    if (!hour || !minute || !second) return std::nullopt;
    rest = left;
    LogTime time{.month = int(month - months.begin()) + 1, .day = *day};
    time.local = *hour * 3600 + *minute * 60 + *second;
    return time;
}

std::optional<LogTime> time_of_iso(std::string_view word) {
    if (word.size() < 16 || word[4] != '-') return std::nullopt;
    auto const time = parse_iso_time(word);
    if (!time) return std::nullopt;
    return LogTime{.local = time->local, .offset = time->offset};
}

/// "<78>1 ", "<78>" in front. True: RFC 5424 goes on.
bool drop_priority(std::string_view& rest) {
    if (!rest.starts_with('<')) return false;
    auto const end = rest.find('>');
    if (end == rest.npos || end > 4) return false;
    rest.remove_prefix(end + 1);
    if (!rest.starts_with("1 ")) return false;
    rest.remove_prefix(2);
    return true;
}

bool is_cron(std::string_view tag) {
    tag.remove_prefix(tag.rfind('/') + 1);
    std::string name(tag);
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return name == "cron" || name == "crond";
}

/// "text" of "(text) ...", taken off.
std::optional<std::string_view> take_bracket(std::string_view& rest) {
    if (!rest.starts_with('(')) return std::nullopt;
    auto const end = rest.find(") ");
    if (end == rest.npos) return std::nullopt;
    auto const inside = rest.substr(1, end - 1);
    rest.remove_prefix(end + 2);
    return inside;
}

/// busybox: "USER root pid  812 cmd command".
void read_busybox(std::string_view message, CronLogLine& line) {
    auto const user = (take_word(message), take_word(message));
    if (take_word(message) != "pid") return;
    auto const pid = take_word(message);
    if (take_word(message) != "cmd" || message.empty()) return;
    line.kind = CronLogLine::Kind::command;
    line.user = user;
    line.pid = pid_of(pid);
    line.command = message;
}

void read_message(std::string_view message, CronLogLine& line) {
    using Kind = CronLogLine::Kind;
    message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
    if (message.starts_with("USER ")) return read_busybox(message, line);
    auto const user = take_bracket(message);
    if (!user) return;
    auto const verb = take_word(message);
    if (!message.starts_with('(')) return;
    auto detail = message.substr(1);
    while (detail.ends_with(' ') || detail.ends_with('\r')) detail.remove_suffix(1);
    bool const is_whole = detail.ends_with(')');
    if (is_whole) detail.remove_suffix(1);
    if (verb == "CMD") {
        line.kind = Kind::command;
        line.is_cut = !is_whole;
    } else if (verb == "INFO" && detail.find("unning @reboot jobs") != detail.npos) {
        line.kind = Kind::reboot;
    } else if (verb == "REPLACE" || verb == "RELOAD" || verb == "DELETE") {
        line.kind = Kind::table;
    } else {
        return;
    }
    line.user = *user;
    line.command = detail;
}

/// "CRON[812]: message" or "CRON: message".
void read_tagged(std::string_view rest, CronLogLine& line) {
    auto const colon = rest.find(": ");
    if (colon == rest.npos) return;
    auto tag = rest.substr(0, colon);
    if (auto const bracket = tag.find('['); bracket != tag.npos && tag.ends_with(']')) {
        line.pid = pid_of(tag.substr(bracket + 1, tag.size() - bracket - 2));
        tag = tag.substr(0, bracket);
    }
    if (is_cron(tag)) read_message(rest.substr(colon + 2), line);
}

/// "host CRON 812 - - message": RFC 5424 behind its time. Structured data stands in brackets.
void read_modern(std::string_view rest, CronLogLine& line) {
    (void)take_word(rest);
    auto const tag = take_word(rest), pid = take_word(rest);
    (void)take_word(rest);
    if (rest.starts_with('[')) {
        auto const end = rest.find("] ");
        if (end == rest.npos) return;
        rest.remove_prefix(end + 2);
    } else {
        (void)take_word(rest);
    }
    line.pid = pid_of(pid);
    if (is_cron(tag)) read_message(rest, line);
}

std::optional<CronLogLine> read_text(std::string_view rest) {
    bool const is_modern = drop_priority(rest);
    CronLogLine line;
    auto behind = rest;
    if (auto const time = time_of_iso(take_word(behind))) {
        line.time = *time;
    } else {
        behind = rest;
        auto const old = take_old_time(behind);
        if (!old) return std::nullopt;
        line.time = *old;
    }
    if (is_modern) {
        read_modern(behind, line);
        return line;
    }
    (void)take_word(behind);  // the host
    read_tagged(behind, line);
    return line;
}

std::string member_of(Value const& value, std::string_view name) {
    auto const* found = value.find(name);
    return found != nullptr && found->text() != nullptr ? *found->text() : std::string();
}

/// Microseconds since 1970, as journald writes them.
std::optional<LogTime> time_of_micros(std::string_view text) {
    std::int64_t micros = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), micros);
    if (error != std::errc() || end != text.data() + text.size() || micros < 0) return std::nullopt;
    return LogTime{.local = micros / 1'000'000, .offset = 0};
}

std::optional<CronLogLine> read_fields(std::string_view time, std::string_view tag,
                                       std::string_view pid, std::string_view message) {
    auto const at = time_of_micros(time);
    if (!at) return std::nullopt;
    CronLogLine line{.time = *at, .pid = pid_of(pid)};
    if (is_cron(tag)) read_message(message, line);
    return line;
}

std::optional<CronLogLine> read_json(std::string_view text) {
    auto const value = parse_json(text, {.bytes = most_line, .depth = 4});
    if (!value) return std::nullopt;
    return read_fields(member_of(*value, "__REALTIME_TIMESTAMP"),
                       member_of(*value, "SYSLOG_IDENTIFIER"), member_of(*value, "_PID"),
                       member_of(*value, "MESSAGE"));
}

}  // namespace

std::int64_t with_year(LogTime const& time, std::int64_t not_after) {
    if (time.month == 0) return time.local;
    std::int64_t year = 1970 + (not_after / a_day) * 400 / 146'097 + 1;
    auto at = [&] { return days_of(year, time.month, time.day) * a_day + time.local; };
    bool const is_leap_day = time.month == 2 && time.day == 29;
    while (at() > not_after || (is_leap_day && !is_leap(year))) --year;
    return at();
}

std::optional<CronLogLine> CronLogReader::read(std::string_view line) {
    if (line.size() > most_line) line = line.substr(0, most_line);
    if (line.starts_with("__CURSOR=")) is_export_ = true;
    if (!is_export_) return line.starts_with('{') ? read_json(line) : read_text(line);
    if (line.empty()) return take_entry();
    auto take = [&](std::string_view name, std::string& field) {
        if (line.starts_with(name)) field = line.substr(name.size());
    };
    take("__REALTIME_TIMESTAMP=", entry_.time);
    take("SYSLOG_IDENTIFIER=", entry_.tag);
    take("_PID=", entry_.pid);
    take("MESSAGE=", entry_.message);
    return std::nullopt;
}

std::optional<CronLogLine> CronLogReader::take_entry() {
    Entry const entry = std::exchange(entry_, {});
    return read_fields(entry.time, entry.tag, entry.pid, entry.message);
}

std::optional<CronLogLine> CronLogReader::finish() {
    return is_export_ ? take_entry() : std::nullopt;
}

std::string comparable_command(std::string_view command) {
    std::string out;
    bool is_blank = true;
    for (std::size_t at = 0; at < command.size(); ++at) {
        char const c = command[at];
        if (c == '\\') continue;
        // A tab as cron prints it, and as rsyslog does.
        std::size_t tab = 0;
        if (command.substr(at).starts_with("^I")) tab = 2;
        if (command.substr(at).starts_with("#011")) tab = 4;
        bool const blank = tab > 0 || static_cast<unsigned char>(c) <= ' ';
        if (tab > 0) at += tab - 1;
        if (!blank) out += c;
        if (blank && !is_blank) out += ' ';
        is_blank = blank;
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

}  // namespace lares::text
