// tests/fuzz/ini_fuzz.cc: any bytes as one or two files of a configuration.
//
// Nothing may crash; each diagnostic can be shown; each entry lies inside its file; what was read,
// written plainly, reads back the same.

#include <cstdlib>
#include <string>

#include "text/ini.h"

using namespace lares::text;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check_place(Ini const& ini, Place const& place) {
    require(place.file >= 0 && static_cast<std::size_t>(place.file) < ini.sources.size());
    require(place.line >= 1 && place.column >= 1);
    require(static_cast<std::size_t>(place.column) <=
            ini.sources[static_cast<std::size_t>(place.file)].text.size() + 1);
}

/// Written so that no quirk can act: a value's lines are indented, and none may begin a comment.
bool is_plain(std::string const& value) {
    return value.find_first_of(";#\r") == value.npos && !value.starts_with('\n');
}

void check_written_again(Ini const& ini) {
    for (auto const& section : ini.sections) {
        if (!is_plain(section.name)) continue;
        for (auto const& entry : section.entries) {
            if (!is_plain(entry.value) || !is_plain(entry.key) || entry.key[0] == '[') continue;
            std::string text = "[" + section.name + "]\n" + entry.key + " = ";
            for (char c : entry.value) c == '\n' ? text.append("\n  ") : text.append(1, c);
            Ini again;
            read_ini(again, "again", text);
            IniSection const* known = again.find(section.name);
            require(section.name == "DEFAULT" || (known && known->find(entry.key) &&
                                                  known->find(entry.key)->value == entry.value));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string text(reinterpret_cast<char const*>(data), size);
    std::size_t half = text.find('\0');
    Ini ini;
    auto found = read_ini(ini, "first.conf", text.substr(0, half));
    if (half != text.npos) {
        auto more = read_ini(ini, "second.conf", text.substr(half + 1));
        found.insert(found.end(), more.begin(), more.end());
    }
    for (auto const& diagnostic : found) require(format(diagnostic, ini.sources, "").size() > 1);
    for (auto const& section : ini.sections) {
        check_place(ini, section.place);
        for (auto const& entry : section.entries) {
            check_place(ini, entry.key_place);
            check_place(ini, entry.place);
        }
    }
    if (size < 500) check_written_again(ini);
    return 0;
}
