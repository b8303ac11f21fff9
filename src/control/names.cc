// control/names.cc: patterns, tried from the most exact meaning to the widest.

#include "control/names.h"

#include <algorithm>

#include "base/limits.h"
#include "text/glob.h"

namespace lares::control {

namespace {

using Names = std::vector<ProcessName>;
using Positions = std::vector<std::size_t>;

template <class Test>
Positions positions(Names const& names, Test const& test) {
    Positions found;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (test(names[i])) found.push_back(i);
    return found;
}

bool matches(std::string_view pattern, bool glob, std::string_view name) {
    return pattern == name || (glob && text::glob_match(pattern, name));
}

Positions of_group_and_process(Names const& names, NameParts parts) {
    bool group_glob = text::is_glob(parts.group);
    bool process_glob = text::is_glob(parts.process);
    return positions(names, [&](ProcessName const& n) {
        return matches(parts.group, group_glob, n.group) &&
               (parts.process.empty() || matches(parts.process, process_glob, n.process));
    });
}

Positions of_plain_name(Names const& names, std::string_view name) {
    using Fits = bool (*)(ProcessName const&, std::string_view);
    static constexpr Fits meanings[] = {
        [](ProcessName const& n, std::string_view s) { return n.process == s && n.group == s; },
        [](ProcessName const& n, std::string_view s) { return n.process == s; },
        [](ProcessName const& n, std::string_view s) { return n.group == s; },
        [](ProcessName const& n, std::string_view s) { return n.program == s; },
    };
    for (auto fits : meanings) {
        auto found = positions(names, [&](ProcessName const& n) { return fits(n, name); });
        if (!found.empty()) return found;
    }
    return {};
}

Positions meant_by(Names const& names, std::string_view pattern) {
    if (pattern.empty() || pattern.size() > limits::pattern_bytes) return {};
    if (pattern == "all") return positions(names, [](auto const&) { return true; });
    if (pattern.find(':') != pattern.npos) return of_group_and_process(names, split_name(pattern));
    auto found = of_plain_name(names, pattern);
    if (!found.empty() || !text::is_glob(pattern)) return found;
    return positions(names,
                     [&](ProcessName const& n) { return text::glob_match(pattern, n.process); });
}

}  // namespace

std::string full_name(std::string_view group, std::string_view process) {
    if (group == process) return std::string(process);
    std::string full(group);
    return full.append(":").append(process);
}

NameParts split_name(std::string_view namespec) {
    auto colon = namespec.find(':');
    if (colon == namespec.npos) return {namespec, namespec};
    auto process = namespec.substr(colon + 1);
    return {namespec.substr(0, colon), process == "*" ? std::string_view() : process};
}

Selection select(Names const& names, std::vector<std::string> const& patterns) {
    if (patterns.empty()) return select(names, {"all"});
    Selection selection;
    std::vector<bool> taken(names.size(), false);
    for (auto const& pattern : patterns) {
        auto found = meant_by(names, pattern);
        // `all` of an empty house is nothing, not a mistake.
        if (found.empty() && pattern != "all" &&
            std::ranges::find(selection.unknown, pattern) == selection.unknown.end())
            selection.unknown.push_back(pattern);
        for (auto position : found) {
            if (taken[position]) continue;
            taken[position] = true;
            selection.chosen.push_back(position);
        }
    }
    return selection;
}

}  // namespace lares::control
