// config/load.cc: the way from files to Settings, section by section, in supervisord's order.

#include "config/load.h"

#include <algorithm>

#include "config/accounts.h"
#include "config/channels.h"
#include "config/files.h"
#include "config/groups.h"
#include "config/needs.h"
#include "config/processes.h"
#include "config/servers.h"
#include "config/sockets.h"
#include "config/state_directory.h"
#include "config/work.h"
#include "text/nearest.h"

namespace lares::config {

namespace {

constexpr std::string_view built_in_factory = "supervisor.rpcinterface:make_main_rpcinterface";

// ---- [supervisord] and [lares]

struct FlagRow {
    std::string_view option, flag;
};
/// How supervisord names the command-line options in its words.
constexpr FlagRow flags[] = {
    {"umask", "-m"},
    {"directory", "-d"},
    {"logfile", "-l"},
    {"logfile_maxbytes", "-y"},
    {"logfile_backups", "-z"},
    {"loglevel", "-e"},
    {"pidfile", "-j"},
    {"identifier", "-i"},
    {"childlogdir", "-q"},
    {"minfds", "-a"},
    {"minprocs", "--minprocs"},
};

std::string flag_classic(std::string_view option, std::string const& value,
                         std::string const& words) {
    auto row = std::ranges::find(flags, option, &FlagRow::option);
    if (row == std::end(flags)) return words;
    return "invalid value for " + std::string(row->flag) + " '" + value + "': " + words;
}

void override_option(Context& context, Daemon& daemon, std::string const& option,
                     std::string const& text) {
    auto rows = supervisord_rows();
    auto row = std::ranges::find(rows, option, &Row<Daemon>::name);
    if (row == rows.end()) {
        context.report.error({}, {"unknown option '" + option + "' on the command line"});
        return;
    }
    std::string remark;
    Reading reading{context.world,  row->name, row->slot.words.unit, row->range,
                    /*ours=*/false, remark};
    auto done = row->slot.read(reading, text, daemon);
    if (done) return;
    context.report.error({}, {"command line: " + option + " = " + shown(text) + ": must be " +
                                  std::string(row->slot.words.type),
                              "", flag_classic(option, text, done.error().what)});
}

Daemon read_daemon(Context& context, std::string const& main_file, Overrides const& overrides) {
    Daemon daemon;
    read_defaults(context.world, supervisord_rows(), daemon);
    read_defaults(context.world, lares_rows(), daemon);
    daemon.childlogdir = context.world.temporary;
    if (auto const* section = context.ini.find("supervisord")) {
        SectionReader reader(context, *section);
        reader.read(supervisord_rows(), daemon);
        reader.report_unknown(/*section_is_ours=*/false);
    } else if (!context.ini.sections.empty() || !text::has_errors(context.report.found())) {
        context.report.error({.file = 0},
                             {"there is no [supervisord] section", "add a line [supervisord]",
                              ".ini file does not include supervisord section"});
    }
    if (auto const* section = context.ini.find("lares")) {
        SectionReader reader(context, *section);
        reader.read(lares_rows(), daemon);
        reader.know_rows(work_rows());   // read_work_settings() reads these
        reader.know_rows(alert_rows());  // read_delivery() reads these
        reader.report_unknown(/*section_is_ours=*/true);
    }
    if (daemon.state_directory.empty())
        daemon.state_directory = default_state_directory(context.world, main_file);
    if (daemon.programs_directory.empty())
        daemon.programs_directory = daemon.state_directory + "/programs";
    for (auto const& [option, text] : overrides) override_option(context, daemon, option, text);
    return daemon;
}

// ---- plug-ins

bool read_rpc_interface(Context& context, text::IniSection const& section) {
    SectionReader reader(context, section);
    RpcDraft draft;
    reader.read(rpc_rows(), draft);
    std::string title = "[" + section.name + "]";
    if (!reader.find("supervisor.rpcinterface_factory")) {
        reader.error(section.place,
                     {title + " names no factory",
                      "write supervisor.rpcinterface_factory = " + std::string(built_in_factory),
                      "section " + title + " does not specify a supervisor.rpcinterface_factory"});
        return false;
    }
    if (draft.factory == built_in_factory) return true;
    reader.error(reader.place_of("supervisor.rpcinterface_factory"),
                 {title + ": the plug-in '" + shown(draft.factory) + "' cannot be loaded",
                  "Lares runs no Python; it has " + std::string(built_in_factory) + " built in",
                  draft.factory + " cannot be resolved within " + title});
    return false;
}

bool read_rpc_interfaces(Context& context) {
    bool has_main = false;
    for (auto const& section : context.ini.sections)
        if (section.name.starts_with("rpcinterface:"))
            has_main = read_rpc_interface(context, section) || has_main;
    return has_main;
}

// ---- the client's section, and sections nobody reads

Client read_client(Context& context) {
    Client client;
    read_defaults(context.world, client_rows(), client);
    auto const* section = context.ini.find("supervisorctl");
    if (!section) return client;
    SectionReader reader(context, *section);
    reader.only_warn();
    reader.read(client_rows(), client);
    reader.report_unknown(/*section_is_ours=*/false);
    client.present = true;
    client.history_file = expand_home(context.world, client.history_file);
    client.cafile = client.cafile.empty() ? ""
                                          : absolute_path(expand_home(context.world, client.cafile),
                                                          context.world.directory);
    return client;
}

bool is_known_section(std::string_view name) {
    for (std::string_view exact :
         {"supervisord", "supervisorctl", "include", "lares", "DEFAULT", "crontab", "incrontab"})
        if (name == exact) return true;
    for (std::string_view prefix :
         {"program:", "eventlistener:", "fcgi-program:", "group:", "socket:", "rpcinterface:",
          "user:", "task:", "folder:", "channel:", "budget:"})
        if (name.starts_with(prefix)) return true;
    return is_server_section(name);
}

std::string_view nearest_section(std::string_view name) {
    return text::nearest(name, {"supervisord", "supervisorctl", "include", "lares", "program",
                                "eventlistener", "fcgi-program", "group", "socket", "rpcinterface",
                                "unix_http_server", "inet_http_server", "user", "task", "folder",
                                "channel", "budget", "crontab", "incrontab"});
}

void report_strange_section(Context& context, text::IniSection const& section) {
    std::string kind = section.name.substr(0, section.name.find(':'));
    std::string title = "[" + section.name + "]";
    if (section.name.starts_with("ctlplugin:")) {
        context.report.warning(section.place, {title + ": plug-ins of supervisorctl are Python and "
                                                       "cannot be loaded; ignored"});
        return;
    }
    std::string hint = did_you_mean(nearest_section(kind));
    if (kind == section.name && nearest_section(kind) == kind && !hint.empty())
        hint = "write [" + kind + ":NAME]";
    context.report.warning(section.place, {"unknown section " + title + "; ignored", hint});
}

}  // namespace

Loaded load(World const& world, std::string const& path, Overrides const& overrides) {
    Context context{.world = world};
    std::string main_file = absolute_path(path, world.directory);
    context.here = std::string(directory_of(main_file));
    context.names = environment_names(world, {});
    Settings settings{.path = main_file, .here = context.here};

    if (read_files(context, main_file)) {
        settings.include_auto = context.include_auto;
        settings.daemon = read_daemon(context, main_file, overrides);
        context.names = environment_names(world, settings.daemon.environment);
        settings.has_rpc_interface = read_rpc_interfaces(context);
        read_groups(context, settings);
        settings.servers = read_servers(context);
        settings.sockets = read_sockets(context);
        check_sockets(context, settings);
        settings.accounts = read_accounts(context);
        read_work_settings(context, settings);
        read_work(context, settings);
        read_delivery(context, settings);
        settings.client = read_client(context);
        for (auto const& section : context.ini.sections)
            if (!is_known_section(section.name)) report_strange_section(context, section);
    }

    Loaded loaded{.found = context.report.take(),
                  .sources = std::move(context.ini.sources),
                  .notes = std::move(context.notes)};
    if (text::has_errors(loaded.found)) return loaded;
    for (auto& circle : check_needs(settings)) loaded.found.push_back(std::move(circle));
    if (!text::has_errors(loaded.found)) loaded.settings = std::move(settings);
    return loaded;
}

std::vector<std::string> default_paths(std::string const& argv0_directory,
                                       std::string const& directory) {
    std::string above = absolute_path("..", absolute_path(argv0_directory, directory));
    if (above == "/") above.clear();
    std::string here = directory == "/" ? "" : directory;
    return {above + "/etc/supervisord.conf", above + "/supervisord.conf",
            here + "/supervisord.conf",      here + "/etc/supervisord.conf",
            "/etc/supervisord.conf",         "/etc/supervisor/supervisord.conf"};
}

}  // namespace lares::config
