// config/import_table.cc: a table brought along, and each section read once as a configuration of
// its own, so that nothing is printed that would be refused.

#include "config/import_table.h"

#include <algorithm>
#include <set>

#include "config/bring_along.h"
#include "config/load.h"
#include "config/paths.h"
#include "text/nearest.h"

namespace lares::config {

namespace {

constexpr std::string_view kinds[] = {"crontab", "incrontab", "procfile", "systemd-timer"};
constexpr std::string_view opening = "[supervisord]\n";
constexpr char const* trial_file = "/import/trial.conf";

/// What stands in the way of one section. A folder is tried with the task it is for.
std::vector<text::Diagnostic> faults_of(World const& world, SectionText const& section,
                                        SectionText const* before) {
    std::string trial(opening);
    if (before && section.name.starts_with("folder:")) trial += print_section(*before);
    trial += print_section(section);
    World alone = world;
    alone.read_file = [&](std::string const& path) -> Result<std::string> {
        if (path == trial_file) return trial;
        return world.read_file(path);
    };
    alone.glob = [](std::string const&) { return std::vector<std::string>(); };
    auto found = load(alone, trial_file).found;
    std::erase_if(found, [](auto const& one) { return one.severity != text::Severity::error; });
    return found;
}

void keep_usable(World const& world, Imported& imported) {
    std::vector<SectionText> kept;
    std::set<std::string> lost;
    for (auto& section : imported.sections) {
        auto name = section.name.substr(section.name.find(':') + 1);
        bool is_orphan = section.name.starts_with("folder:") && lost.contains(name);
        auto faults = is_orphan ? std::vector<text::Diagnostic>()
                                : faults_of(world, section, kept.empty() ? nullptr : &kept.back());
        for (auto& fault : faults) {
            fault.place = section.place;
            imported.found.push_back(std::move(fault));
        }
        if (is_orphan || !faults.empty())
            lost.insert(name);
        else
            kept.push_back(std::move(section));
    }
    imported.sections = std::move(kept);
}

Result<Brought> bring_timer_file(World const& world, Table const& table, Imported& imported,
                                 std::set<std::string>& names) {
    auto name = service_of_timer(table.path, table.text);
    auto path = absolute_path(name, directory_of(table.path));
    auto text = world.read_file(path);
    if (!text) return std::move(text).error().during("the timer's service, '" + path + "'");
    imported.sources.push_back({path, *text});
    return bring_timer(table, {.path = path, .text = *text, .file = 1, .user = ""}, names);
}

text::Array diagnostics(Imported const& imported, text::Severity severity) {
    text::Array all;
    for (auto const& one : imported.found) {
        if (one.severity != severity) continue;
        auto file = static_cast<std::size_t>(std::max(one.place.file, 0));
        all.push_back(text::Struct{{"file", imported.sources.at(file).path},
                                   {"line", one.place.line},
                                   {"what", one.what},
                                   {"hint", one.hint}});
    }
    return all;
}

}  // namespace

Result<Imported> import_table(World const& world, std::string_view kind, std::string const& path,
                              std::string text, std::optional<bool> is_system) {
    Imported imported;
    std::set<std::string> names;
    Table table{.path = path, .text = text, .file = 0, .user = spool_user(path)};
    imported.sources.push_back({path, text});
    Brought brought;
    if (kind == "crontab") {
        brought = bring_crontab(table, is_system.value_or(is_system_crontab(path)), names);
    } else if (kind == "incrontab") {
        brought = bring_incrontab(world, table, names);
    } else if (kind == "procfile") {
        brought = bring_procfile(table, names);
    } else if (kind == "systemd-timer") {
        brought = TRY(bring_timer_file(world, table, imported, names));
    } else {
        std::string nearest(text::nearest(kind, {std::begin(kinds), std::end(kinds)}));
        return Error{Error::Kind::invalid,
                     "there are crontab, incrontab, procfile and systemd-timer, not '" +
                         std::string(kind) + "'" +
                         (nearest.empty() ? "" : "; did you mean '" + nearest + "'?")};
    }
    imported.sections = std::move(brought.sections);
    imported.found = std::move(brought.found);
    keep_usable(world, imported);
    std::ranges::stable_sort(imported.found, {}, [](text::Diagnostic const& one) {
        return std::pair(one.place.file, one.place.line);
    });
    return imported;
}

std::string import_text(Imported const& imported) {
    std::string out(opening);
    for (auto const& section : imported.sections) out.append("\n").append(print_section(section));
    return out;
}

text::Value import_value(Imported const& imported) {
    text::Array sections;
    for (auto const& section : imported.sections) {
        text::Struct options;
        for (auto const& [name, value] : section.options) options.emplace_back(name, value);
        sections.push_back(text::Struct{
            {"name", section.name}, {"origin", section.origin}, {"options", std::move(options)}});
    }
    return text::Struct{{"sections", std::move(sections)},
                        {"errors", diagnostics(imported, text::Severity::error)},
                        {"warnings", diagnostics(imported, text::Severity::warning)}};
}

}  // namespace lares::config
