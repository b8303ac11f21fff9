// daemon/plan_words.cc: from steps and option changes to sentences and lines.

#include "daemon/plan_words.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/processes.h"

namespace lares::daemon {

using plan::Action;

namespace {

/// "path:4: command = cat"; empty when the place is in none of the files.
std::string line_at(text::Ini const& ini, text::Place place) {
    if (place.file < 0 || place.line < 1 ||
        static_cast<std::size_t>(place.file) >= ini.sources.size())
        return "";
    auto const& source = ini.sources[static_cast<std::size_t>(place.file)];
    std::string_view rest = source.text;
    for (int line = 1; line < place.line; ++line) {
        auto end = rest.find('\n');
        if (end == rest.npos) return "";
        rest.remove_prefix(end + 1);
    }
    auto text = rest.substr(0, rest.find('\n'));
    while (text.ends_with('\r') || text.ends_with(' ')) text.remove_suffix(1);
    return fmt::format("{}:{}: {}", source.path, place.line, text);
}

/// The line of an option; of its section when `option` is empty. Empty when there is none.
std::string line_of(text::Ini const& ini, std::string const& section, std::string_view option) {
    auto const* found = ini.find(section);
    if (!found) return "";
    if (option.empty()) return line_at(ini, found->place);
    auto const* entry = found->find(option);
    return entry ? line_at(ini, entry->key_place) : "";
}

void add_line(std::vector<std::string>& lines, std::string line) {
    if (!line.empty() && std::ranges::find(lines, line) == lines.end())
        lines.push_back(std::move(line));
}

std::vector<std::string> changed_lines(Texts const& texts, std::string const& section,
                                       std::vector<config::OptionChange> const& changes) {
    std::vector<std::string> lines;
    for (auto const& change : changes) {
        auto line = line_of(texts.now, section, change.option);
        if (line.empty()) line = line_of(texts.before, section, change.option);
        add_line(lines, std::move(line));
    }
    if (lines.empty()) add_line(lines, line_of(texts.now, section, ""));
    return lines;
}

/// Why there is one more, or one less: the section or its number of processes.
std::vector<std::string> membership_lines(Texts const& texts, std::string const& section) {
    std::vector<std::string> lines;
    if (!texts.now.find(section)) {
        add_line(lines, line_of(texts.before, section, ""));
        return lines;
    }
    auto number = line_of(texts.now, section, "numprocs");
    auto old_number = line_of(texts.before, section, "numprocs");
    bool was_there = texts.before.find(section) != nullptr;
    if (was_there && !number.empty()) add_line(lines, number);
    if (was_there && number.empty()) add_line(lines, old_number);
    if (lines.empty()) add_line(lines, line_of(texts.now, section, ""));
    return lines;
}

std::string options_in_words(std::vector<config::OptionChange> const& changes) {
    std::string words;
    for (auto const& change : changes) {
        words += words.empty() ? "" : ", ";
        words += change.option;
    }
    return words.empty() ? "its settings" : words + " changed";
}

std::string reason(plan::Step const& step, WantedProcess const* wanted) {
    if (step.action == Action::stop || step.action == Action::remove) return "no longer configured";
    if (wanted->unit == nullptr) return "new";
    return options_in_words(wanted->changes);
}

std::vector<std::string> servers_in_words(config::Settings const& settings) {
    std::vector<std::string> sections;
    for (auto const& server : settings.servers) sections.push_back(server.section);
    return sections;
}

}  // namespace

std::vector<control::PlannedChange> planned_changes(Comparison const& comparison,
                                                    Texts const& texts) {
    std::vector<control::PlannedChange> list;
    for (auto const& step : comparison.steps) {
        control::PlannedChange change{.action = step.action, .name = step.name};
        bool ends = step.wanted < 0;
        auto const* wanted =
            ends ? nullptr : &comparison.wanted.at(static_cast<std::size_t>(step.wanted));
        auto const& program =
            ends ? *comparison.units.at(static_cast<std::size_t>(step.present))->program
                 : *wanted->program;
        change.program = program.name;
        change.why = reason(step, wanted);
        auto section = config::section_name(program);
        bool is_known = !ends && wanted->unit != nullptr;
        change.lines = is_known ? changed_lines(texts, section, wanted->changes)
                                : membership_lines(texts, section);
        change.dependants = step.dependants;
        list.push_back(std::move(change));
    }
    return list;
}

std::vector<std::string> plan_warnings(config::Settings const& running,
                                       config::Settings const& wanted) {
    std::vector<std::string> warnings;
    for (auto option : config::fixed_changes(running.daemon, wanted.daemon))
        warnings.push_back(
            fmt::format("{} changed: this takes effect at the next start of the daemon", option));
    if (running.servers != wanted.servers) {
        std::string names;
        for (auto const& name : servers_in_words(wanted))
            names += (names.empty() ? "" : ", ") + name;
        warnings.push_back(
            fmt::format("the servers changed ({}): this takes effect at a restart of the daemon "
                        "(supervisor.restart, SIGHUP)",
                        names.empty() ? "none" : names));
    }
    return warnings;
}

text::Ini ini_of(std::vector<std::pair<std::string, std::string>> const& files) {
    text::Ini ini;
    for (auto const& [path, text] : files) (void)text::read_ini(ini, path, text);
    return ini;
}

}  // namespace lares::daemon
