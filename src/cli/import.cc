// cli/import.cc: `lares import KIND FILE`: tables of others as sections of ours, without a daemon.
//
// The sections go to standard output, ready for a file; what was passed over and what means
// something else now goes to standard error.

#include "cli/session.h"
#include "config/import_table.h"
#include "config/paths.h"
#include "text/diagnostic.h"

namespace lares::cli {

namespace {

Result<std::string> text_of(Doors const& doors, std::string const& file, std::string const& path) {
    if (file != "-") return doors.world.read_file(path);
    std::string text;
    while (auto line = doors.keyboard.read_line()) text += *line + "\n";
    return text;
}

}  // namespace

int import_from(Doors const& doors, Request const& request) {
    std::string const& file = request.words.at(1);
    std::string const path = config::absolute_path(file, doors.world.directory);
    Result<std::string> text = text_of(doors, file, path);
    if (!text)
        return fail(doors, request, std::move(text).error().during("read '" + file + "'"),
                    exit_status::refused);
    std::optional<bool> is_system;
    if (request.system) is_system = true;
    Result<config::Imported> const imported = config::import_table(
        doors.world, request.words.front(), path, std::move(text).take(), is_system);
    if (!imported) {
        bool const is_usage = imported.error().kind == Error::Kind::invalid;
        return fail(doors, request, imported.error(),
                    is_usage ? exit_status::usage : exit_status::refused);
    }
    if (request.json) {
        print_json(doors, config::import_value(*imported));
    } else {
        print(doors, config::import_text(*imported));
        for (text::Diagnostic const& found : imported->found)
            doors.err(text::format(found, imported->sources, "lares: "));
    }
    return text::has_errors(imported->found) ? exit_status::refused : exit_status::done;
}

}  // namespace lares::cli
