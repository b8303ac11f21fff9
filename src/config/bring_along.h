// config/bring_along.h: the tables of cron and incron, Procfiles and timers of systemd, said in
// sections of ours.
//
// Of [crontab] and [incrontab] these are read as if they stood in the configuration; `lares import`
// prints them. Pure: the tables come as texts.

#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/section_text.h"
#include "config/world.h"
#include "text/diagnostic.h"

namespace lares::config {

/// One table as it is brought along.
struct Table {
    std::string path;  // absolute
    std::string_view text;
    int file = 0;      // index for places
    std::string user;  // that runs everything in it; empty: the daemon's, or as the lines say
};

struct Brought {
    std::vector<SectionText> sections;
    /// What was passed over is an error, what has another meaning a warning; each has its place.
    std::vector<text::Diagnostic> found;
};

/// A task for each line: shell = true with the table's SHELL, its variables (and, with a user, no
/// others), in HOME; as many copies at once as cron would start, nothing caught up. `names` are
/// taken already; those given are added. A name is made of the file's, the command's first word and
/// a hash of the command, so that it stays when lines move.
/// Where MAILTO asks for it (or is not set), `mail_channel` gets their output; empty: that is
/// warned of.
Brought bring_crontab(Table const&, bool is_system, std::set<std::string>& names,
                      std::string const& mail_channel = {});

/// A folder and a task for each line whose events mean that a file came; others are passed over.
Brought bring_incrontab(World const&, Table const&, std::set<std::string>& names);

/// A program for each line, in the Procfile's directory, with .env and PORT as Foreman gives them.
Brought bring_procfile(Table const&, std::set<std::string>& names);

/// A timer and its service as one task. `service`: the text of the unit that Unit= names.
Brought bring_timer(Table const& timer, Table const& service, std::set<std::string>& names);
/// "backup.service" of the text of backup.timer.
std::string service_of_timer(std::string_view path, std::string_view text);

/// Who owns everything in a table by where it lies: the file's name in cron's and incron's spools;
/// empty elsewhere.
std::string spool_user(std::string_view path);
/// True for /etc/crontab and what lies in /etc/cron.d.
bool is_system_crontab(std::string_view path);
/// True for names that cron passes over in its folders: backups, hidden files, what packages left.
bool is_passed_over(std::string_view path);

}  // namespace lares::config
