// cli/database.cc: `lares db`: the database of jobs and the journal, looked at and cared for
// without a daemon.

#include <fmt/core.h>

#include "cli/locate.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "config/state_directory.h"

namespace lares::cli {
namespace {

/// The file that --file names, or the one that the daemon of this configuration uses.
Result<std::string> database_of(Doors const& doors, Request const& request) {
    if (!request.file.empty()) return absolute(request.file, doors.world);
    std::string const config =
        TRY(find_config(request.config, doors.world, doors.program_directory));
    Reading reading(doors.world, config);
    TRY(reading.read_main());
    reading.read_includes();
    std::string const named = reading.text("lares", "database");
    if (!named.empty()) return absolute(named, doors.world);
    std::string directory = reading.text("lares", "state_directory");
    if (directory.empty()) directory = config::default_state_directory(doors.world, config);
    return absolute(directory, doors.world) + "/lares.db";
}

int tell(Doors const& doors, Request const& request, Result<std::string> const& words) {
    if (!words) return fail(doors, request, words.error(), exit_status::refused);
    if (request.json)
        print_json(doors, text::Struct{{"words", *words}});
    else
        print(doors, *words);
    return exit_status::done;
}

}  // namespace

int database(Doors const& doors, Request const& request) {
    auto wrong = [&](std::string what) {
        return fail(doors, request, {Error::Kind::invalid, std::move(what)}, exit_status::usage);
    };
    std::string const& what = request.words.front();
    bool const is_backup = what == "backup";
    if (what != "check" && what != "vacuum" && !is_backup)
        return wrong("'" + what +
                     "' is nothing to do with a database; there are 'check', "
                     "'backup FILE' and 'vacuum'");
    if (request.words.size() != (is_backup ? 2 : 1))
        return wrong(is_backup ? "into which file? as 'lares db backup /var/backups/lares.db'"
                               : "'" + request.words[1] + "' is too much");
    if (!doors.database.check)
        return fail(doors, request, {Error::Kind::unavailable, "this lares has no database"},
                    exit_status::refused);
    Result<std::string> const path = database_of(doors, request);
    if (!path) return fail(doors, request, path.error(), exit_status::refused);
    if (what == "check") return tell(doors, request, doors.database.check(*path));
    if (what == "vacuum") return tell(doors, request, doors.database.vacuum(*path));
    return tell(doors, request,
                doors.database.backup(*path, absolute(request.words[1], doors.world)));
}

}  // namespace lares::cli
