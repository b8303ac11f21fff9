// config/settings.h: a configuration as typed values, after reading, expanding and checking.
//
// The names are the options' names (spec/supervisor.md §1.7 to 1.11 and our own additions); what
// each means, its default and its range stand in the option rows (config/options.h). Values only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/delivery_settings.h"
#include "config/roles.h"
#include "config/settings_program.h"
#include "config/work_settings.h"
#include "text/diagnostic.h"
#include "text/environment.h"

namespace lares::config {

/// A process group: an own [group:x] or the implied one of a program.
struct Group {
    std::string name;
    int priority = 999;
    std::vector<std::string> programs;  // section names, in order
    bool implied = true;                // of a single program
    std::vector<Notify> notify;         // of its programs that have no notify of their own
    text::Place place;
    bool operator==(Group const&) const = default;
};

/// A [socket:x]: a listening socket that the daemon opens once and hands to programs; also that of
/// a [fcgi-program:x].
struct Socket {
    std::string name;
    text::Place place;
    bool is_unix = false;
    std::string file;  // unix
    unsigned mode = 0700;
    long uid = -1, gid = -1;
    std::string host;  // inet; empty: every address
    int port = 0;
    int backlog = 0;  // 0: the kernel's maximum
    bool same_address(Socket const& other) const {
        return is_unix == other.is_unix && file == other.file && host == other.host &&
               port == other.port;
    }
    bool operator==(Socket const&) const = default;
};

struct HttpServer {
    std::string section;  // "unix_http_server", "inet_http_server:2"
    bool is_unix = true;
    std::string file;  // unix
    unsigned chmod = 0700;
    std::string chown;  // "user:group", as written
    long chown_uid = -1, chown_gid = -1;
    std::string host;  // inet; empty: every address
    int port = 0;
    std::string username, password;
    // Ours:
    std::vector<PeerRule> peer_roles;         // unix; empty: whoever may open the socket is admin
    std::vector<std::string> hosts;           // inet: names it is called by, besides its address
    std::string certificate, key, client_ca;  // inet; PEM files, absolute; empty: no TLS
    bool operator==(HttpServer const&) const = default;
};

struct Daemon {           // [supervisord] and [lares]
    std::string logfile;  // absolute; empty: none; "syslog"
    std::int64_t logfile_maxbytes = 50 << 20;
    int logfile_backups = 10;
    std::string loglevel = "info";
    std::string pidfile;
    unsigned umask = 022;
    bool nodaemon = false;
    bool silent = false;
    int minfds = 1024;
    int minprocs = 200;
    bool nocleanup = false;
    std::string childlogdir;
    std::optional<User> user;
    std::string directory;
    bool strip_ansi = false;
    text::Variables environment;
    std::string identifier = "supervisor";
    // [lares]:
    bool start_barrier = false;      // boot waits for a priority before the next
    Duration shutdown_limit{0};      // 0: none
    EndPolicy on_exit, on_fatal;     // for programs that do not say
    std::string state_directory;     // absolute; of this configuration alone; made when first used
    std::string programs_directory;  // absolute; included after everything else
    bool remember = false;           // for programs that do not say, and on_orphan
    OnOrphan on_orphan = OnOrphan::adopt;
    bool operator==(Daemon const&) const = default;
};

/// What happens when files of the configuration change on the disk ([include] auto).
enum class IncludeAuto { off, warn, apply };

struct Client {  // [supervisorctl]
    bool present = false;
    std::string serverurl = "http://localhost:9001";
    std::string username, password, prompt = "supervisor", history_file;
    std::string cafile;  // ours
    bool operator==(Client const&) const = default;
};

/// Everything one configuration says.
struct Settings {
    std::string path;  // of the main file, absolute
    std::string here;
    Daemon daemon;
    Client client;
    std::vector<HttpServer> servers;
    std::vector<Socket> sockets;
    std::vector<Account> accounts;
    std::vector<Program> programs;
    std::vector<Group> groups;  // in (priority, name) order
    bool has_rpc_interface = false;
    IncludeAuto include_auto = IncludeAuto::off;
    std::vector<Task> tasks;  // in the order of the files; of crontabs behind them
    std::vector<Folder> folders;
    CrontabFiles crontab, incrontab;
    WorkSettings work;
    std::vector<ChannelSettings> channels;
    std::vector<BudgetSettings> budgets;
    AlertSettings alerts;

    Task const* find_task(std::string_view name) const;
    Program const* find_program(std::string_view name) const;
    ChannelSettings const* find_channel(std::string_view name) const;
};

}  // namespace lares::config
