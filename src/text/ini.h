// text/ini.h: supervisord's INI dialect, with the place of every word.
//
// The dialect is Python ConfigParser's (raw): spec/supervisor.md §1.3 of the project's reference,
// observed from supervisord 4.2.5. Values are kept as written, comments removed, continuation lines
// joined with '\n'; nothing is expanded here (text/expand.h) and no file is opened.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"

namespace lares::text {

struct IniEntry {
    std::string key;  // lower-cased
    std::string value;
    Place key_place;
    Place place;                // of the value's first byte
    bool is_inherited = false;  // from [DEFAULT], where key_place and place point
};

struct IniSection {
    std::string name;               // as written, case kept
    Place place;                    // where it first appeared
    std::vector<IniEntry> entries;  // one per key, last one wins, in order of first appearance

    IniEntry const* find(std::string_view key) const;
};

/// Sections of one or several files, merged as supervisord merges them: a section that appears
/// again adds to the first, an option that appears again replaces.
struct Ini {
    std::vector<Source> sources;  // index = Place::file
    std::vector<IniSection> sections;
    /// [DEFAULT], which is no section: each of `sections` has inherited what it does not say
    /// itself.
    IniSection defaults;

    IniSection const* find(std::string_view name) const;
};

/// Reads one more file into `ini` and returns all that is wrong with it. Takes any bytes; a faulty
/// file leaves what could be read, so that later checks can go on. CRLF is accepted; a byte order
/// mark is accepted with a warning; bytes that are not UTF-8 are an error with their place.
std::vector<Diagnostic> read_ini(Ini& ini, std::string path, std::string text);

}  // namespace lares::text
