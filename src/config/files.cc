// config/files.cc: [include] as supervisord follows it (spec §1.11).
//
// Only the main file's [include] counts. Patterns are seen from its directory, matches come sorted
// by name for each pattern; a match that cannot be read is passed over, as Python's parser does.

#include "config/files.h"

#include "base/limits.h"
#include "config/paths.h"
#include "config/state_directory.h"

namespace lares::config {

namespace {

void include_file(Context& context, std::string const& path, text::Place place) {
    context.notes.push_back("Included extra file \"" + path + "\" during parsing");
    auto text = context.world.read_file(path);
    if (!text) {
        context.report.warning(place, {"included file '" + path + "' cannot be read (" +
                                       text.error().what + "); going on without it"});
        return;
    }
    context.report.add_all(text::read_ini(context.ini, path, std::move(text).take()));
}

void include_pattern(Context& context, std::string const& pattern, text::Place place) {
    // Not made shorter: supervisord's warning shows it as joined.
    std::string whole = pattern.starts_with('/') ? pattern : context.here + "/" + pattern;
    auto paths = context.world.glob(whole);
    if (paths.empty())
        context.report.warning(place, {"no file matches '" + whole + "'", "",
                                       "No file matches via include \"" + whole + "\""});
    for (auto const& path : paths) {
        if (context.ini.sources.size() >= std::size_t(limits::config_files)) {
            context.report.error(place, {"more than " + std::to_string(limits::config_files) +
                                         " files are included"});
            return;
        }
        include_file(context, path, place);
    }
}

void warn_about_inner_includes(Context& context) {
    auto const* section = context.ini.find("include");
    if (!section) return;
    for (auto const& entry : section->entries)
        if (entry.place.file > 0)
            context.report.warning(entry.key_place,
                                   {"[include] in an included file is ignored",
                                    "write it into " + context.ini.sources.front().path});
}

/// Of [lares], before it is read as a whole: later files may hold more of it, but cannot move this.
std::string early_value(Context& context, std::string_view option) {
    auto const* section = context.ini.find("lares");
    auto const* entry = section ? section->find(option) : nullptr;
    if (!entry) return "";
    auto text = expand_home(context.world, SectionReader(context, *section).with_here(*entry));
    return absolute_path(text, context.world.directory);
}

/// The folder of programs that clients put; that there are none is usual.
void include_managed(Context& context, std::string const& main_file) {
    auto folder = early_value(context, "programs_directory");
    if (folder.empty()) {
        folder = early_value(context, "state_directory");
        if (folder.empty()) folder = default_state_directory(context.world, main_file);
        folder += "/programs";
    }
    for (auto const& path : context.world.glob(folder + "/*.conf"))
        include_file(context, path, {.file = 0});
}

void follow_include(Context& context) {
    auto const* section = context.ini.find("include");
    if (!section) return;
    IncludeDraft draft;
    text::Place place = section->place;
    {
        SectionReader reader(context, *section);
        auto const* files = reader.find("files");
        if (!files) {
            reader.error(place, {"[include] has no 'files' line", "such as files=conf.d/*.conf",
                                 ".ini file has [include] section, but no files setting"});
        } else {
            place = files->place;
        }
        // "include.files" in the words for a failed expansion is this section's and this option's.
        reader.read(include_rows(), draft);
        context.include_auto = draft.automatic;
        reader.report_unknown(/*section_is_ours=*/false);
    }
    // Reading more files moves the sections, so nothing of this one may be held from here on.
    for (auto const& pattern : split_spaces(draft.files)) include_pattern(context, pattern, place);
}

}  // namespace

bool read_files(Context& context, std::string const& path) {
    auto text = context.world.read_file(path);
    if (!text) {
        bool is_missing = text.error().kind == Error::Kind::not_found;
        std::string verb = is_missing ? "could not find" : "could not read";
        context.report.error({}, {verb + " config file " + path + ": " + text.error().what, "",
                                  verb + " config file " + path});
        return false;
    }
    context.report.add_all(text::read_ini(context.ini, path, std::move(text).take()));
    follow_include(context);
    include_managed(context, path);
    warn_about_inner_includes(context);
    return true;
}

}  // namespace lares::config
