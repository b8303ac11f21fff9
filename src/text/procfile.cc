// text/procfile.cc: one entry a line, told apart at the first colon.

#include "text/procfile.h"

#include <algorithm>

#include "base/limits.h"
#include "text/python.h"

namespace lares::text {

namespace {

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

}  // namespace

Procfile read_procfile(std::string_view text, int file) {
    Procfile read;
    for (int number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto rest = python::strip(line);
        if (rest.empty() || rest.starts_with('#')) continue;
        Place place{file, number, static_cast<int>(rest.data() - line.data()) + 1};
        auto report = [&](Severity severity, std::string what) {
            read.found.push_back({severity, place, std::move(what), "write name: command", ""});
        };
        std::size_t colon = std::min(rest.find(':'), rest.size());
        auto name = python::strip(rest.substr(0, colon));
        auto command = python::strip(rest.substr(std::min(colon + 1, rest.size())));
        if (!is_name(name) || command.empty()) {
            report(Severity::error, "no 'name: command' in this line");
            continue;
        }
        auto known = std::ranges::find(read.entries, name, &ProcfileEntry::name);
        if (known != read.entries.end()) {
            report(Severity::warning, "'" + std::string(name) + "' comes twice; this one counts");
            read.entries.erase(known);
        }
        if (read.entries.size() >= static_cast<std::size_t>(limits::processes)) {
            report(Severity::error, "more entries than one daemon has processes");
            break;
        }
        read.entries.push_back({place, std::string(name), std::string(command)});
    }
    return read;
}

}  // namespace lares::text
