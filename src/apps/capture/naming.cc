// apps/capture/naming.cc: names to parts and back.

#include "apps/capture/naming.h"

#include "apps/capture/phrases.h"

#include <chrono>
#include <cstdio>

namespace lares::capture {

namespace {

struct Civil {
    int year, month, day, hour, minute, second;
};

Civil civil(std::int64_t seconds) {
    using namespace std::chrono;
    sys_seconds at{std::chrono::seconds(seconds)};
    auto day = floor<days>(at);
    year_month_day date(day);
    hh_mm_ss time(at - day);
    return {int(date.year()),          int(unsigned(date.month())), int(unsigned(date.day())),
            int(time.hours().count()), int(time.minutes().count()), int(time.seconds().count())};
}

template <class... Numbers>
std::string print(char const* form, Numbers... numbers) {
    char buffer[80];
    std::snprintf(buffer, sizeof buffer, form, numbers...);
    return buffer;
}

/// "YYYY-MM-DDTHH-MM-SSZ" with either separator in the time.
std::optional<std::int64_t> parse_stamp(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTddcddcddZ";
    if (text.size() != form.size()) return std::nullopt;
    int numbers[6] = {}, part = 0;
    for (std::size_t i = 0; i < form.size(); ++i) {
        char c = text[i];
        if (form[i] == 'd') {
            if (c < '0' || c > '9') return std::nullopt;
            numbers[part] = numbers[part] * 10 + (c - '0');
            continue;
        }
        bool fits = form[i] == 'c' ? c == '-' || c == ':' : c == form[i];
        if (!fits) return std::nullopt;
        ++part;
    }
    using namespace std::chrono;
    year_month_day date{year(numbers[0]), month(unsigned(numbers[1])), day(unsigned(numbers[2]))};
    if (!date.ok() || numbers[3] > 23 || numbers[4] > 59 || numbers[5] > 60) return std::nullopt;
    auto at = sys_days(date) + hours(numbers[3]) + minutes(numbers[4]) + seconds(numbers[5]);
    return duration_cast<seconds>(at.time_since_epoch()).count();
}

constexpr std::size_t stamp_size = 20;

}  // namespace

std::string_view suffix(Format format) {
    switch (format) {
    case Format::gzip:
        return ".gz";
    case Format::zstd:
        return ".zst";
    case Format::plain:
        return "";
    }
    return "";
}

Format format_of(std::string_view name) {
    if (name.ends_with(".gz")) return Format::gzip;
    return name.ends_with(".zst") ? Format::zstd : Format::plain;
}

std::string file_name(ArchiveName const& name) {
    auto at = civil(name.opened);
    std::string out = name.source + print("-%04d-%02d-%02dT%02d-%02d-%02dZ", at.year, at.month,
                                          at.day, at.hour, at.minute, at.second);
    if (name.number > 1) out += "-" + std::to_string(name.number);
    return out.append(suffix(name.format));
}

std::string folder_of(ArchiveName const& name) {
    auto at = civil(name.opened);
    return name.source + print("/%04d/%02d/%02d/%02d", at.year, at.month, at.day, at.hour);
}

std::optional<ArchiveName> parse_file_name(std::string_view name) {
    ArchiveName out{.format = format_of(name)};
    name.remove_suffix(suffix(out.format).size());
    auto end = name.rfind('Z');
    if (end == name.npos || end + 1 < stamp_size + 2) return std::nullopt;
    auto rest = name.substr(end + 1);
    if (!rest.empty()) {
        if (rest.size() < 2 || rest.size() > 7 || rest[0] != '-') return std::nullopt;
        out.number = 0;
        for (char c : rest.substr(1)) {
            if (c < '0' || c > '9') return std::nullopt;
            out.number = out.number * 10 + (c - '0');
        }
        if (out.number < 2) return std::nullopt;
    }
    auto begin = end + 1 - stamp_size;
    auto at = parse_stamp(name.substr(begin, stamp_size));
    if (!at || name[begin - 1] != '-') return std::nullopt;
    out.opened = *at;
    out.source = name.substr(0, begin - 1);
    return out;
}

Result<> check_source_name(std::string_view name) {
    auto wrong = [&](Phrase words) {
        return fault(Error::Kind::invalid, words, {name.substr(0, 120)});
    };
    if (name.empty() || name.size() > 100) return wrong(Phrase::source_length);
    if (name[0] == '.' || name[0] == '-') return wrong(Phrase::source_begin);
    for (char c : name) {
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
        if (!good) return wrong(Phrase::source_letters);
    }
    return {};
}

std::string print_utc(std::int64_t seconds) {
    auto at = civil(seconds);
    return print("%04d-%02d-%02dT%02d:%02d:%02dZ", at.year, at.month, at.day, at.hour, at.minute,
                 at.second);
}

}  // namespace lares::capture
