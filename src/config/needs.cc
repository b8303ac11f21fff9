// config/needs.cc: programs as members of core/wishes.h, whose order finds the circle.

#include "config/needs.h"

#include <string_view>
#include <unordered_map>

#include "core/wishes.h"

namespace lares::config {

namespace {

using Members = std::vector<wishes::Member>;

/// Which programs a name in depends_on stands for: itself, or the members of a group.
std::unordered_map<std::string_view, std::vector<int>> programs_by_name(Settings const& settings) {
    std::unordered_map<std::string_view, std::vector<int>> named;
    for (std::size_t i = 0; i < settings.programs.size(); ++i)
        named[settings.programs[i].name].push_back(static_cast<int>(i));
    for (auto const& group : settings.groups) {
        if (group.implied) continue;
        auto& members = named[group.name];
        for (auto const& name : group.programs)
            for (std::size_t i = 0; i < settings.programs.size(); ++i)
                if (settings.programs[i].name == name) members.push_back(static_cast<int>(i));
    }
    return named;
}

}  // namespace

std::vector<text::Diagnostic> check_needs(Settings const& settings) {
    auto named = programs_by_name(settings);
    Members members(settings.programs.size());
    text::Place place;
    for (std::size_t i = 0; i < members.size(); ++i) {
        members[i].name = settings.programs[i].name;
        for (auto const& need : settings.programs[i].depends_on) {
            if (place.line == 0) place = settings.programs[i].place;
            for (int other : named[need])
                if (other != static_cast<int>(i) || need == members[i].name)
                    members[i].needs.push_back(other);
        }
    }
    auto order = wishes::Order::of(members);
    if (order) return {};
    for (auto const& program : settings.programs)
        if (order.error().what.starts_with(program.name + " ") ||
            order.error().what.starts_with("'" + program.name + "'"))
            place = program.place;
    return {{.severity = text::Severity::error,
             .place = place,
             .what = "depends_on goes round in a circle: " + order.error().what,
             .hint = "take one of these needs out",
             .classic = {}}};
}

}  // namespace lares::config
