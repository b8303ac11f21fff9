// config/rows_program.cc: the rows of [program:x], [eventlistener:x] and [fcgi-program:x].
//
// supervisord's options come first, in the order it looks at them; then ours, by subject. Standard
// output and standard error have the same options, each its own row, so that each can be explained.

#include "config/kinds_delivery.h"
#include "config/kinds_work.h"
#include "config/rows.h"

namespace lares::config {

namespace {

using Draft = ProgramDraft;
using Log = LogSettings;
using health::Plan;
using supervise::Policy;

template <class Kind, auto... Path>
constexpr auto draft = slot_of<Draft, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto at = draft<Kind, &Draft::program, Path...>;
template <class Kind, auto... Path>
constexpr auto policy = at<Kind, &Program::policy, Path...>;
template <class Kind, auto... Path>
constexpr auto ready = at<Kind, &Program::ready_plan, Path...>;
template <class Kind, auto... Path>
constexpr auto alive = at<Kind, &Program::alive_plan, Path...>;
template <class Kind, auto... Path>
constexpr auto cgroup = at<Kind, &Program::cgroup, Path...>;
template <class Kind, auto... Path>
constexpr auto out = at<Kind, &Program::out, Path...>;
template <class Kind, auto... Path>
constexpr auto err = at<Kind, &Program::err, Path...>;

constexpr Range whole{0, no_most};
constexpr long long longest = longest_span.count();
constexpr long long day = 86'400'000;
constexpr long long billion = 1'000'000'000;
constexpr Range spans{0, longest};

// clang-format off
constexpr Row<Draft> program_table[] = {
    //  name                       field                                             default         range     help
    {"priority",                at<Integer, &Program::priority>,                  "999",          {},       "place in the order: low starts first and stops last"},
    {"autostart",               at<Boolean, &Program::autostart>,                 "true",         {},       "start when the daemon starts"},
    {"autorestart",             policy<AutoRestart, &Policy::restart>,            "unexpected",   {},       "start again after an exit from RUNNING: always, never, or when the exit code is not one of exitcodes"},
    {"startsecs",               policy<Seconds, &Policy::startsecs>,              "1",            spans,    "how long it must stay up to count as started; 0 counts at once"},
    {"startretries",            policy<Integer, &Policy::startretries>,           "3",            {-1, no_most}, "tries after the first failed start before it is FATAL; -1 tries without end"},
    {"stopsignal",              policy<StopLadder, &Policy::stop_ladder>,         "TERM",         {},       "signal that asks it to stop, then KILL after stopwaitsecs; or a ladder of signals, each with its wait", tasks_too},
    {"stopwaitsecs",            draft<Seconds, &Draft::stopwaitsecs>,             "10",           spans,    "how long it may take to stop before the next signal", tasks_too},
    {"stopasgroup",             at<Boolean, &Program::stopasgroup>,               "false",        {},       "send the stop signals to its whole process group; implies killasgroup", tasks_too},
    {"killasgroup",             draft<Boolean, &Draft::killasgroup>,              "(as stopasgroup)", {},       "send KILL to its whole process group", tasks_too},
    {"exitcodes",               policy<ExitCodes, &Policy::exit_codes>,           "0",            {},       "exit codes that are expected; nothing means that none is"},
    {"redirect_stderr",         at<Boolean, &Program::redirect_stderr>,           "false",        {},       "put standard error into standard output's log"},
    {"numprocs",                at<Integer, &Program::numprocs>,                  "1",            whole,    "how many processes to make of this section"},
    {"numprocs_start",          at<Integer, &Program::numprocs_start>,            "0",            {-billion, billion}, "process_num of the first one"},
    {"stdout_capture_maxbytes", out<Size, &Log::capture_maxbytes>,                "0",            whole,    "bytes kept between the capture marks on standard output, for PROCESS_COMMUNICATION events; 0 captures nothing"},
    {"stdout_events_enabled",   out<Boolean, &Log::events_enabled>,               "false",        {},       "send an event for what it writes on standard output"},
    {"stderr_capture_maxbytes", err<Size, &Log::capture_maxbytes>,                "0",            whole,    "bytes kept between the capture marks on standard error, for PROCESS_COMMUNICATION events; 0 captures nothing"},
    {"stderr_events_enabled",   err<Boolean, &Log::events_enabled>,               "false",        {},       "send an event for what it writes on standard error"},
    {"serverurl",               at<Text, &Program::serverurl>,                    "AUTO",         {},       "SUPERVISOR_SERVER_URL in its environment; AUTO takes the first server of this file"},
    {"user",                    at<UserName, &Program::user>,                     "",             {},       "user it runs as; the daemon must be root for another than its own", tasks_too},
    {"umask",                   at<Octal, &Program::umask>,                       "",             {},       "its file mode mask; nothing leaves the daemon's", tasks_too},
    {"process_name",            at<Name, &Program::process_name>,                 "%(program_name)s", {},       "name of each process; must hold %(process_num) when numprocs is above 1", raw},
    {"environment",             at<Text, &Program::environment>,                  "",             {},       "variables for it: KEY=value,KEY2=\"two words\"", raw | tasks_too},
    {"directory",               at<AnyDirectory, &Program::directory>,            "",             {},       "directory it runs in; nothing leaves the daemon's", varies | tasks_too},
    {"stdout_logfile",          out<LogFile, &Log::logfile>,                      "AUTO",         {},       "where standard output is kept: a path, AUTO for a file in childlogdir, NONE for nowhere", raw},
    {"stdout_logfile_backups",  out<Integer, &Log::backups>,                      "10",           whole,    "rotated files that are kept; 0 empties the file instead"},
    {"stdout_logfile_maxbytes", out<Size, &Log::maxbytes>,                        "50MB",         whole,    "size at which the file is rotated; 0 never rotates by size"},
    {"stdout_syslog",           out<Boolean, &Log::syslog>,                       "false",        {},       "send standard output to syslog too, whatever the file"},
    {"stderr_logfile",          err<LogFile, &Log::logfile>,                      "AUTO",         {},       "where standard error is kept: a path, AUTO for a file in childlogdir, NONE for nowhere", raw},
    {"stderr_logfile_backups",  err<Integer, &Log::backups>,                      "10",           whole,    "rotated files that are kept; 0 empties the file instead"},
    {"stderr_logfile_maxbytes", err<Size, &Log::maxbytes>,                        "50MB",         whole,    "size at which the file is rotated; 0 never rotates by size"},
    {"stderr_syslog",           err<Boolean, &Log::syslog>,                       "false",        {},       "send standard error to syslog too, whatever the file"},
    {"command",                 at<Text, &Program::command>,                      "(required)",   {},       "program and arguments; split as a shell would, but no shell runs", raw},
    {"depends_on",              at<Words, &Program::depends_on>,                  "",             {},       "programs or groups that must be RUNNING before it starts, and that stop after it", ours},
    {"sockets",                 at<Words, &Program::sockets>,                     "",             {},       "sockets of [socket:x] sections that it is handed as descriptors 3, 4, ... with LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES", ours},
    {"ready",                   at<Ready, &Program::ready>,                       "",             {},       "when it counts as started, beyond startsecs: what depends on it waits for this", ours | varies},
    {"ready_within",            draft<Span, &Draft::ready_within>,                "60s",          {1, longest}, "how long after its start it may take to be ready before the start has failed", ours},
    {"ready_every",             ready<Span, &Plan::every>,                        "1s",           {10, day}, "time from one question whether it is ready to the next", ours},
    {"ready_timeout",           ready<Span, &Plan::timeout>,                      "1s",           {1, day}, "how long the answer may take", ours},
    {"alive",                   at<Alive, &Program::alive>,                       "",             {},       "how to see that it still works; when it does not it is restarted. notify is a watchdog: it must call sd_notify(WATCHDOG=1) in time", ours | varies},
    {"alive_every",             alive<Span, &Plan::every>,                        "10s",          {10, day}, "time from one question to the next, or between two watchdog calls", ours},
    {"alive_timeout",           alive<Span, &Plan::timeout>,                      "1s",           {1, day}, "how long the answer may take", ours},
    {"alive_failures",          alive<Integer, &Plan::failures_allowed>,          "3",            {1, 1000}, "failures in a row before it is restarted", ours},
    {"alive_after",             alive<Span, &Plan::first>,                        "0s",           {0, longest}, "time after RUNNING before the first question", ours},
    {"environment_file",        at<Paths, &Program::environment_files>,           "",             {},       "files with lines KEY=value, read at each start; one with '-' in front may be absent", ours | varies | tasks_too},
    {"limit_nofile",            at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: open files", ours | tasks_too},
    {"limit_nproc",             at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: processes of its user", ours | tasks_too},
    {"limit_core",              at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes of a core file", ours | tasks_too},
    {"limit_as",                at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes of address space", ours | tasks_too},
    {"limit_cpu",               at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: seconds of processor time", ours | tasks_too},
    {"limit_fsize",             at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes of a file it writes", ours | tasks_too},
    {"limit_stack",             at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes of stack", ours | tasks_too},
    {"limit_memlock",           at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes locked in memory", ours | tasks_too},
    {"limit_data",              at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes of data", ours | tasks_too},
    {"limit_rss",               at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes resident; the kernel ignores it", ours | tasks_too},
    {"limit_nice",              at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: ceiling for its nice value, as 20 minus it", ours | tasks_too},
    {"limit_rtprio",            at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: ceiling for its real-time priority", ours | tasks_too},
    {"limit_msgqueue",          at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: bytes in message queues", ours | tasks_too},
    {"limit_sigpending",        at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: signals waiting", ours | tasks_too},
    {"limit_locks",             at<Limit, &Program::limits>,                      "(as the daemon's)", {},       "resource limit: file locks; the kernel ignores it", ours | tasks_too},
    {"nice",                    at<Integer, &Program::nice>,                      "",             {-20, 19}, "its nice value; low is favoured", ours | tasks_too},
    {"oom_score_adj",           at<Integer, &Program::oom_score_adj>,             "",             {-1000, 1000}, "how readily the kernel kills it when memory runs out; -1000 never", ours | tasks_too},
    {"cpu_affinity",            at<CpuList, &Program::cpu_affinity>,              "",             {},       "processors it may use", ours | tasks_too},
    {"memory_max",              at<MemoryMost>,                                   "",             {},       "memory it and its children may use before one of them is killed (cgroup); with restart behind it, before it is restarted, and told of as memory", ours | tasks_too},
    {"memory_every",            at<Span, &Program::memory_watch, &MemoryWatch::every>, "10s",     {1'000, day}, "how often is looked for memory_max with restart", ours},
    {"memory_high",             cgroup<Size, &Cgroup::memory_high>,               "",             whole,    "memory above which they are slowed down (cgroup)", ours | tasks_too},
    {"cpu_max",                 cgroup<Percent, &Cgroup::cpu_max_percent>,        "",             {1, 1000000}, "share of a processor they may use; 150% is one and a half (cgroup)", ours | share | tasks_too},
    {"cpu_weight",              cgroup<Integer, &Cgroup::cpu_weight>,             "",             {1, 10000}, "weight when processors are short; the kernel's default is 100 (cgroup)", ours | tasks_too},
    {"pids_max",                cgroup<Integer, &Cgroup::pids_max>,               "",             {1, 4194304}, "processes and threads they may be (cgroup)", ours | tasks_too},
    {"io_weight",               cgroup<Integer, &Cgroup::io_weight>,              "",             {1, 10000}, "weight when disks are short; the kernel's default is 100 (cgroup)", ours | tasks_too},
    {"pre_start",               at<Hook, &Program::pre_start>,                    "",             {},       "command run before each start; when it fails the start has failed", ours | varies},
    {"post_start",              at<Hook, &Program::post_start>,                   "",             {},       "command run when it is RUNNING", ours | varies},
    {"pre_stop",                at<Hook, &Program::pre_stop>,                     "",             {},       "command run before the first stop signal", ours | varies},
    {"post_stop",               at<Hook, &Program::post_stop>,                    "",             {},       "command run after it has ended, before the next start", ours | varies},
    {"hook_timeout",            draft<Span, &Draft::hook_timeout>,                "30s",          {1, longest}, "how long each of these commands may take before it is killed", ours},
    {"watch_restart",           at<Paths, &Program::watch_restart>,               "",             {},       "files or patterns; when one changes it is restarted", ours},
    {"watch_delay",             at<Span, &Program::watch_delay>,                  "500ms",        {0, day}, "how long they must be quiet before that", ours},
    {"restart_delay",           policy<Span, &Policy::restart_delay>,             "",             {0, longest}, "wait before it is started again by itself, after a failed start and after an exit; nothing: 1s, 2s, 3s, ... after failed starts and none after exits", ours},
    {"restart_backoff",         policy<Factor, &Policy::restart_backoff>,         "1",            {},       "factor by which restart_delay grows from one time to the next", ours},
    {"restart_max_delay",       policy<Span, &Policy::restart_max_delay>,         "1h",           {0, longest}, "the longest such wait", ours},
    {"restart_jitter",          policy<Percent, &Policy::restart_jitter_percent>, "0",            {0, 100}, "percentage by which a wait is lengthened at random, so that many do not start at once", ours | share},
    {"restart_limit",           policy<Window, &Policy::window>,                  "off",          {},       "more restarts by itself within that time make it FATAL", ours},
    {"on_exit",                 draft<AtEnd, &Draft::on_exit>,                    "(as in [lares])", {},       "what its end without restart does to the daemon: shutdown ends it with this program's exit code, shutdown:CODE with that one", ours},
    {"on_fatal",                draft<AtEnd, &Draft::on_fatal>,                   "(as in [lares])", {},       "what its being FATAL does to the daemon", ours},
    {"remember",                draft<Boolean, &Draft::remember>,                 "(as in [lares])", {},       "once a person stopped or started it, it stays so when the daemon or the machine starts again", ours},
    {"on_orphan",               draft<OrphanPolicy, &Draft::on_orphan>,           "(as in [lares])", {},       "what is done with its process when that outlived the daemon and its keeper: adopt it, stop it and start anew, or ignore it and start another", ours},
    {"status",                  at<StatusPage, &Program::is_public>,              "hidden",       {},       "public: its name and whether it is well stand on the page /status, which needs no login", ours},
    {"notify",                  at<NotifyLines, &Program::notify>,                "(that of [lares])", {},       "who is told of what happens to it: channels, and kinds such as failure, fatal, late, recovery", ours | tasks_too},
    {"expect",                  at<ProgramExpectations, &Program::expects>,       "",             {},       "what should be true while it is RUNNING, and is an event when it is not: that it writes to its log, as output within 10min, every 1h, by 06:00 weekdays", ours},
    {"user_environment",        at<Boolean, &Program::user_environment>,          "false",        {},       "set HOME, USER, LOGNAME and SHELL from its user", ours | tasks_too},
    {"clear_environment",       at<Boolean, &Program::clear_environment>,         "false",        {},       "do not hand down the daemon's own environment", ours | tasks_too},
    {"stdout_format",           draft<LogFormatName, &Draft::out_format>,         "(raw; text with a prefix or timestamp)", {},       "how standard output is stored: bytes as they come, lines, or a JSON object for each line", ours},
    {"stdout_prefix",           out<Quoted, &Log::prefix>,                        "",             {},       "put before each line; may hold %(process_name)s", ours | raw},
    {"stdout_timestamp",        out<Boolean, &Log::timestamp>,                    "false",        {},       "put the time before each line", ours},
    {"stdout_rotate",           out<Rotation, &Log::rotate_every>,                "off",          {},       "rotate by time too; daily is at local midnight", ours},
    {"stdout_compress",         out<Boolean, &Log::compress>,                     "false",        {},       "compress rotated files to .gz", ours},
    {"stdout_keep_for",         out<Span, &Log::keep_for>,                        "0s",           {0, longest}, "age at which rotated files are deleted; 0 keeps them", ours},
    {"stdout_keep_bytes",       out<Size, &Log::keep_bytes>,                      "0",            whole,    "size of all rotated files together above which the oldest are deleted; 0 keeps them", ours},
    {"stderr_format",           draft<LogFormatName, &Draft::err_format>,         "(raw; text with a prefix or timestamp)", {},       "how standard error is stored: bytes as they come, lines, or a JSON object for each line", ours},
    {"stderr_prefix",           err<Quoted, &Log::prefix>,                        "",             {},       "put before each line; may hold %(process_name)s", ours | raw},
    {"stderr_timestamp",        err<Boolean, &Log::timestamp>,                    "false",        {},       "put the time before each line", ours},
    {"stderr_rotate",           err<Rotation, &Log::rotate_every>,                "off",          {},       "rotate by time too; daily is at local midnight", ours},
    {"stderr_compress",         err<Boolean, &Log::compress>,                     "false",        {},       "compress rotated files to .gz", ours},
    {"stderr_keep_for",         err<Span, &Log::keep_for>,                        "0s",           {0, longest}, "age at which rotated files are deleted; 0 keeps them", ours},
    {"stderr_keep_bytes",       err<Size, &Log::keep_bytes>,                      "0",            whole,    "size of all rotated files together above which the oldest are deleted; 0 keeps them", ours},
};

constexpr Row<Draft> eventlistener_table[] = {
    {"buffer_size",    at<Integer, &Program::buffer_size>, "10",           {},       "events kept for a listener that is busy; the oldest are dropped"},
    {"result_handler", at<Text, &Program::result_handler>, "supervisor.dispatchers:default_handler", {},       "judges a listener's answers; built in are the default one, OK or FAIL, and supervisor_stdout:event_handler, which prints them"},
    {"event_length",   at<EventLength, &Program::event_length_in_bytes>, "characters", {},  "how the header of an event counts its payload: listeners in Python expect characters, those that read bytes need bytes", ours},
    {"events",         at<Events, &Program::events>,       "(required)",   {},       "types of events it is sent; a parent type brings all below it"},
};

constexpr Row<Draft> fcgi_table[] = {
    {"socket_owner",   at<Text, &Program::socket_owner>,      "",             {},       "owner of a unix socket: user or user:group"},
    {"socket_mode",    at<Octal, &Program::socket_mode>,      "(0700)",       {},       "file mode of a unix socket"},
    {"socket_backlog", at<Integer, &Program::socket_backlog>, "",             {},       "connections that may wait, 1 to 65535; nothing leaves it to the system"},
    {"socket",         at<Text, &Program::socket>,            "(required)",   {},       "socket all its processes share as standard input: tcp://HOST:PORT or unix:///PATH"},
};
// clang-format on

}  // namespace

std::span<Row<ProgramDraft> const> program_rows() { return program_table; }
std::span<Row<ProgramDraft> const> eventlistener_rows() { return eventlistener_table; }
std::span<Row<ProgramDraft> const> fcgi_rows() { return fcgi_table; }

}  // namespace lares::config
