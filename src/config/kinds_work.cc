// config/kinds_work.cc: the kinds of work whose reading takes more than a line.

#include "config/kinds_work.h"

#include <algorithm>

#include "text/python.h"

namespace lares::config {

namespace {

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

/// "CRON_TZ=Europe/Berlin 0 6 * * *": the zone, taken off the line.
std::string take_zone(std::string_view& line) {
    for (std::string_view prefix : {"CRON_TZ=", "TZ="}) {
        if (!line.starts_with(prefix)) continue;
        auto zone = line.substr(prefix.size());
        zone = zone.substr(0, zone.find_first_of(" \t"));
        line.remove_prefix(prefix.size() + zone.size());
        line = text::python::strip(line);
        return unquote(zone);
    }
    return {};
}

}  // namespace

Result<> Schedules::read(Reading const&, std::string_view text,
                         std::vector<ScheduleTrigger>& slot) {
    slot.clear();
    for (auto const& line : split_lines(text)) {
        std::string_view rest = line;
        ScheduleTrigger trigger;
        trigger.timezone = take_zone(rest);
        trigger.expression = std::string(rest);
        slot.push_back(std::move(trigger));
    }
    return {};
}

Result<> HookPath::read(Reading const&, std::string_view text, std::string& slot) {
    constexpr std::string_view prefix = "/hook/";
    bool is_plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
    });
    bool is_normal = text.find("//") == text.npos && text.find("/.") == text.npos;
    if (!text.starts_with(prefix) || text.size() == prefix.size() || text.ends_with('/') ||
        !is_plain || !is_normal)
        return invalid("write /hook/NAME, with letters, digits and '-', '_', '.', '~', '/'");
    slot = std::string(text);
    return {};
}

Result<> ZoneName::read(Reading const& reading, std::string_view text, std::string& slot) {
    slot = std::string(text);
    TRY(reading.world.find_zone(slot));
    return {};
}

Result<> AbsolutePath::read(Reading const& reading, std::string_view text, std::string& slot) {
    auto path = expand_home(reading.world, text);
    if (!path.starts_with('/')) return invalid("write an absolute path");
    slot = absolute_path(path, "/");
    return {};
}

Result<> Patterns::read(Reading const&, std::string_view text, std::vector<std::string>& slot) {
    slot.clear();
    for (auto const& line : split_lines(text))
        for (auto const& item : split_commas(line)) {
            if (item.empty()) continue;
            if (item.find('/') != item.npos)
                return invalid("'" + item + "' holds a '/': patterns are of names, not of paths");
            slot.push_back(item);
        }
    return {};
}

Result<> DatabasePath::read(Reading const& reading, std::string_view text, std::string& slot) {
    if (text.find("://") != text.npos)
        return invalid("only a file of SQLite can be named here; write its path");
    slot = absolute_path(expand_home(reading.world, text), reading.world.directory);
    return {};
}

}  // namespace lares::config
