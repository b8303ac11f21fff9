// config/rows.cc: the rows of every section but the programs'.

#include "config/rows.h"

#include "config/kinds_delivery.h"

namespace lares::config {

namespace {

template <class Kind, auto... Path>
constexpr auto daemon = slot_of<Daemon, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto server = slot_of<HttpServer, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto client = slot_of<Client, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto group = slot_of<Group, Kind, Path...>;

constexpr Range whole{0, no_most};

// clang-format off
constexpr Row<Daemon> supervisord_table[] = {
    //  name               field                                         default             range  help
    {"minfds",            daemon<Integer, &Daemon::minfds>,             "1024",             whole, "open files the daemon must be allowed; it raises its limit to this or does not start"},
    {"minprocs",          daemon<Integer, &Daemon::minprocs>,           "200",              whole, "processes its user must be allowed; it raises the limit to this or does not start"},
    {"directory",         daemon<Directory, &Daemon::directory>,        "",                 {},    "where the daemon goes; when it detaches, relative log files are seen from there"},
    {"umask",             daemon<Octal, &Daemon::umask>,                "022",              {},    "file mode mask of the daemon"},
    {"logfile",           daemon<MainLog, &Daemon::logfile>,            "supervisord.log",  {},    "the daemon's own log"},
    {"logfile_maxbytes",  daemon<Size, &Daemon::logfile_maxbytes>,      "50MB",             whole, "size at which the log is rotated; 0 never rotates"},
    {"logfile_backups",   daemon<Integer, &Daemon::logfile_backups>,    "10",               whole, "rotated logs that are kept; 0 empties the log instead"},
    {"loglevel",          daemon<LogLevel, &Daemon::loglevel>,          "info",             {},    "how much is logged"},
    {"pidfile",           daemon<FilePath, &Daemon::pidfile>,           "supervisord.pid",  {},    "file that holds the daemon's process id while it runs"},
    {"identifier",        daemon<Text, &Daemon::identifier>,            "supervisor",       {},    "name of this daemon in events, in log file names and for clients"},
    {"nodaemon",          daemon<Boolean, &Daemon::nodaemon>,           "false",            {},    "stay in the foreground"},
    {"silent",            daemon<Boolean, &Daemon::silent>,             "false",            {},    "in the foreground, do not copy the log to standard output"},
    {"childlogdir",       daemon<Directory, &Daemon::childlogdir>,      "(the system's directory for temporary files)", {}, "where programs with AUTO logs have them"},
    {"nocleanup",         daemon<Boolean, &Daemon::nocleanup>,          "false",            {},    "keep the AUTO logs of earlier runs when starting"},
    {"strip_ansi",        daemon<Boolean, &Daemon::strip_ansi>,         "false",            {},    "take colour and cursor sequences out of the programs' logs"},
    {"environment",       daemon<EnvironmentList, &Daemon::environment>, "",                {},    "variables for every program"},
    {"profile_options",   daemon<Ignored, &Daemon::identifier>,         "",                 {},    "accepted and ignored: it profiled supervisord itself"},
    {"user",              daemon<UserName, &Daemon::user>,              "",                 {},    "user the daemon becomes after starting as root"},
};

constexpr Row<Daemon> lares_table[] = {
    {"start_barrier",     daemon<Boolean, &Daemon::start_barrier>,      "false",            {},    "when starting, wait until all programs of one priority run before the next priority starts", ours},
    {"shutdown_limit",    daemon<Span, &Daemon::shutdown_limit>,        "0s",               {0, 86'400'000}, "time after which a shutdown kills what is left; 0 waits for each program's own stop signals", ours},
    {"on_exit",           daemon<AtEnd, &Daemon::on_exit>,              "ignore",           {},    "what a program's end without restart does to the daemon, for programs that do not say", ours},
    {"on_fatal",          daemon<AtEnd, &Daemon::on_fatal>,             "ignore",           {},    "what a program that cannot be started does to the daemon, for programs that do not say", ours},
    {"state_directory",   daemon<StateDirectory, &Daemon::state_directory>, "(see the manual)", {},  "folder of this configuration alone in which the daemon keeps what must outlive it", ours},
    {"programs_directory", daemon<StateDirectory, &Daemon::programs_directory>, "(programs in state_directory)", {}, "folder whose *.conf files are included after all others: programs that clients put and remove", ours},
    {"remember",          daemon<Boolean, &Daemon::remember>,           "false",            {},    "a program that a person stopped or started stays so when the daemon or the machine starts again, for programs that do not say", ours},
    {"on_orphan",         daemon<OrphanPolicy, &Daemon::on_orphan>,     "adopt",            {},    "what is done with a process that outlived the daemon and its keeper: adopt it, stop it and start anew, or ignore it and start another; for programs that do not say", ours},
};

constexpr Row<HttpServer> unix_server_table[] = {
    {"username",          server<Text, &HttpServer::username>,          "",                 {},    "user a client must give; with password"},
    {"password",          server<Text, &HttpServer::password>,          "",                 {},    "password a client must give, or {SHA} and its SHA-1 in hexadecimal; write %% for a percent sign"},
    {"file",              server<Text, &HttpServer::file>,              "(required)",       {},    "path of the socket"},
    {"chown",             server<Text, &HttpServer::chown>,             "",                 {},    "owner of the socket: user or user:group"},
    {"chmod",             server<Octal, &HttpServer::chmod>,            "0700",             {},    "file mode of the socket"},
    {"peer_roles",        server<PeerRules, &HttpServer::peer_roles>,   "",                 {},    "what a client may by its user or group, such as root:admin, @adm:operator, *:viewer; the first entry that fits counts, and who fits none may nothing without logging in. Without it, whoever may open the socket is admin", ours},
};

constexpr Row<HttpServer> inet_server_table[] = {
    {"username",          server<Text, &HttpServer::username>,          "",                 {},    "user a client must give; with password"},
    {"password",          server<Text, &HttpServer::password>,          "",                 {},    "password a client must give, or {SHA} and its SHA-1 in hexadecimal; write %% for a percent sign"},
    {"port",              server<Text, &HttpServer::host>,              "(required)",       {},    "PORT, HOST:PORT, :PORT or *:PORT; without a host every address listens"},
    {"hosts",             server<Commas, &HttpServer::hosts>,           "",                 {},    "names by which browsers and proxies call this server, besides its address, localhost and the machine's name", ours},
    {"certificate",       server<FilePath, &HttpServer::certificate>,   "",                 {},    "PEM file of the certificate and its chain: this server then speaks https (TLS 1.2 or later)", ours},
    {"key",               server<FilePath, &HttpServer::key>,           "(the certificate's file)", {}, "PEM file of the certificate's private key, without a passphrase", ours},
    {"client_ca",         server<FilePath, &HttpServer::client_ca>,     "",                 {},    "PEM file of authorities: clients must show a certificate that one of them has signed", ours},
};

constexpr Row<Account> account_table[] = {
    {"password",          slot_of<Account, Text, &Account::password>,   "",                 {},    "what the user logs in with: in clear, {SHA} and its SHA-1 in hexadecimal, or better the hash that `lares hash-password` prints; write %% for a percent sign", ours},
    {"token",             slot_of<Account, Text, &Account::token>,      "",                 {},    "sha256: and the SHA-256, in hexadecimal, of a token that programs send as Authorization: Bearer", ours},
    {"role",              slot_of<Account, RoleName, &Account::role>,   "viewer",           {},    "viewer (looks), operator (also starts, stops and signals programs) or admin (also changes and ends the daemon)", ours},
};

constexpr Row<Client> client_table[] = {
    {"serverurl",         client<Text, &Client::serverurl>,             "http://localhost:9001", {}, "where supervisorctl and lares find the daemon: http://HOST:PORT or unix:///PATH"},
    {"username",          client<Text, &Client::username>,              "",                 {},    "user to log in with"},
    {"password",          client<Text, &Client::password>,              "",                 {},    "password to log in with, in clear text"},
    {"prompt",            client<Text, &Client::prompt>,                "supervisor",       {},    "prompt of supervisorctl"},
    {"history_file",      client<Text, &Client::history_file>,          "",                 {},    "file in which supervisorctl keeps its history"},
    {"cafile",            client<Text, &Client::cafile>,                "(the system's authorities)", {}, "PEM file of the authorities that may have signed the certificate of an https server", ours},
};

constexpr Row<Group> group_table[] = {
    {"programs",          group<Commas, &Group::programs>,              "",                 {},    "programs that form this group and no group of their own, between commas"},
    {"priority",          group<Integer, &Group::priority>,             "999",              {},    "place in the order: low starts first and stops last"},
    {"notify",            group<NotifyLines, &Group::notify>,           "(that of [lares])", {},   "who is told of what happens to its programs that have no notify of their own", ours},
};

constexpr Row<SocketDraft> socket_table[] = {
    {"listen",            slot_of<SocketDraft, Text, &SocketDraft::listen>,     "(required)",  {},    "where it listens: tcp://HOST:PORT, HOST:PORT, PORT for every address, or unix:///PATH", ours},
    {"backlog",           slot_of<SocketDraft, Integer, &SocketDraft::backlog>, "",            {1, 65535}, "connections that may wait; nothing takes the most the system allows", ours},
    {"owner",             slot_of<SocketDraft, Text, &SocketDraft::owner>,      "",            {},    "owner of a unix socket: user or user:group", ours},
    {"mode",              slot_of<SocketDraft, Octal, &SocketDraft::mode>,      "(0700)",      {},    "file mode of a unix socket", ours},
};

constexpr Row<IncludeDraft> include_table[] = {
    {"files",             slot_of<IncludeDraft, Text, &IncludeDraft::files>, "(required)",  {},    "further files, as patterns between spaces, seen from the directory of this file"},
    {"auto",              slot_of<IncludeDraft, AutoMode, &IncludeDraft::automatic>, "off", {},    "when files of the configuration change, appear or vanish: off only shows it in the status; warn logs it; apply does what an update would", ours},
};

constexpr Row<RpcDraft> rpc_table[] = {
    {"supervisor.rpcinterface_factory", slot_of<RpcDraft, Text, &RpcDraft::factory>, "(required)", {}, "supervisor.rpcinterface:make_main_rpcinterface, which Lares has built in; no other"},
};
// clang-format on

}  // namespace

std::span<Row<Daemon> const> supervisord_rows() { return supervisord_table; }
std::span<Row<Daemon> const> lares_rows() { return lares_table; }
std::span<Row<HttpServer> const> unix_server_rows() { return unix_server_table; }
std::span<Row<HttpServer> const> inet_server_rows() { return inet_server_table; }
std::span<Row<Account> const> account_rows() { return account_table; }
std::span<Row<Client> const> client_rows() { return client_table; }
std::span<Row<Group> const> group_rows() { return group_table; }
std::span<Row<SocketDraft> const> socket_rows() { return socket_table; }
std::span<Row<IncludeDraft> const> include_rows() { return include_table; }
std::span<Row<RpcDraft> const> rpc_rows() { return rpc_table; }

}  // namespace lares::config
