// cli/rows.cc: the tables of commands and options.

#include "cli/rows.h"

#include <algorithm>

#include "base/check.h"

namespace lares::cli {
namespace {

// clang-format off
constexpr OptionRow common_rows[] = {
    {"-c,--config,--configuration", "FILE", &Request::config,   "the daemon's configuration; default: as supervisord looks for it"},
    {"-s,--server",                 "URL",  &Request::server,   "where the daemon listens: unix:///PATH or http://HOST:PORT"},
    {"-u,--username",               "USER", &Request::username, "name for a server that asks for one"},
    {"-p,--password",               "WORD", &Request::password, "its password; better kept in [supervisorctl]"},
    {"--json",                      "",     &Request::json,     "answer as JSON, for programs"},
    {"--no-color,--no-colour",      "",     &Request::no_color, "no colours, as with NO_COLOR in the environment"},
    {"-v,--version",                "",     &Request::version,  "the version of this command"},
    {"-h,--help,-?",                "",     &Request::help,     "this help"},
};

constexpr OptionRow up_rows[] = {
    {"-c,--config,--configuration",        "FILE",  &Request::config,            "the configuration; default: as supervisord looks for it"},
    {"-d,--detach",                        "",      &Request::detach,            "run in the background, whatever nodaemon= says"},
    {"-n,--foreground,--nodaemon",         "",      &Request::foreground,        "stay on this terminal and show the log"},
    {"--no-keeper",                        "",      &Request::no_keeper,         "for debugging: no process above the daemon that starts it again and holds its pipes"},
    {"-l,--logfile",                       "FILE",  Override{"logfile"},         "the daemon's own log"},
    {"-y,--logfile-maxbytes,--logfile_maxbytes", "SIZE", Override{"logfile_maxbytes"}, "rotate it at this size; 0: never"},
    {"-z,--logfile-backups,--logfile_backups", "N",  Override{"logfile_backups"}, "rotated logs kept"},
    {"-e,--loglevel",                      "LEVEL", Override{"loglevel"},        "critical, error, warn, info, debug, trace or blather"},
    {"-j,--pidfile",                       "FILE",  Override{"pidfile"},         "where the daemon writes its pid"},
    {"-i,--identifier",                    "NAME",  Override{"identifier"},      "name of this daemon, for its clients"},
    {"-q,--childlogdir",                   "DIR",   Override{"childlogdir"},     "where automatic logs of programs go"},
    {"-k,--nocleanup",                     "",      Override{"nocleanup"},       "keep automatic logs of earlier starts"},
    {"-a,--minfds",                        "N",     Override{"minfds"},          "open files needed at least"},
    {"--minprocs",                         "N",     Override{"minprocs"},        "processes needed at least"},
    {"-t,--strip-ansi,--strip_ansi",       "",      Override{"strip_ansi"},      "remove terminal colours from logs"},
    {"-u,--user",                          "USER",  Override{"user"},            "run as this user"},
    {"-m,--umask",                         "OCTAL", Override{"umask"},           "file mode mask of the daemon and its programs"},
    {"--directory",                        "DIR",   Override{"directory"},       "working directory of a daemon in the background"},
    {"-s,--silent",                        "",      Override{"silent"},          "in the foreground: do not show the log"},
};

constexpr OptionRow down_rows[] = {
    {"--no-wait", "", &Request::no_wait, "only ask; do not wait until the daemon is gone"},
};

constexpr OptionRow status_rows[] = {
    {"-w,--watch", "", &Request::watch, "stay and show changes, once a second, until Ctrl-C"},
    {"--fail",     "", &Request::fail,  "exit with 1 when a listed process is FATAL, in BACKOFF or not ready"},
};

constexpr OptionRow top_rows[] = {
    {"-1,--once", "", &Request::one_screen, "print one screen as plain text and end, for scripts and watch(1)"},
};

constexpr OptionRow wait_rows[] = {
    {"--no-wait", "", &Request::no_wait, "return at once, not when it is done"},
};

constexpr OptionRow restart_rows[] = {
    {"--no-wait", "", &Request::no_wait, "return at once, not when it is done"},
    {"--rolling", "", &Request::rolling, "one by one, each when the one before is RUNNING again; stop at the first failure"},
};

constexpr OptionRow update_rows[] = {
    {"-y,--yes", "", &Request::yes, "on a terminal: do not show the plan and ask first"},
};

constexpr OptionRow tail_rows[] = {
    {"-f,--follow", "",      &Request::follow, "go on with what is added, until Ctrl-C"},
    {"-n,--bytes",  "BYTES", &Request::bytes,  "that many last bytes ('4KB' too)"},
    {"--lines",     "N",     &Request::lines,  "that many last lines; default: 20"},
    {"--main",      "",      &Request::main,   "the daemon's own log"},
};

constexpr OptionRow next_rows[] = {
    {"--expr",     "EXPR",     &Request::expression, "a cron expression instead of the configuration"},
    {"--tz",       "ZONE",     &Request::timezone,   "its time zone, as 'Europe/Berlin'; default: this machine's"},
    {"--from",     "ISO-TIME", &Request::from,       "runs after this time, as '2026-03-29T03:00:00+02:00'; default: now"},
    {"--count",    "N",        &Request::count,      "so many runs of EXPR; default: 10"},
    {"--days",     "N",        &Request::days,       "runs of the configured tasks within so many days; default: 7"},
    {"--ics",      "",         &Request::ics,        "as a calendar file (iCalendar), in UTC"},
};

constexpr OptionRow simulate_rows[] = {
    {"--days",     "N",        &Request::days,     "so many days; default: 30"},
    {"--from",     "ISO-TIME", &Request::from,     "from this time on, as '2026-03-29T03:00:00+02:00'; default: now"},
    {"--assume",   "SPAN",     &Request::assume,   "how long a run takes of which none is remembered; default: the task's timeout"},
    {"--fail",     "PERCENT",  &Request::failing,  "share of all attempts that fail; default: as they did in the past"},
    {"--database", "FILE",     &Request::database, "whose past to play; default: the one of the configuration"},
};

constexpr OptionRow shadow_rows[] = {
    {"--syslog",    "FILE",     &Request::syslog,   "cron's words, with what was rotated away; '-': standard input; default: where cron usually writes"},
    {"--from",      "ISO-TIME", &Request::from,     "from this time on; default: as far as the log goes"},
    {"--to",        "ISO-TIME", &Request::to,       "up to this time; default: as far as the log goes"},
    {"--tz",        "ZONE",     &Request::timezone, "cron's time zone, as 'Europe/Berlin'; default: this machine's"},
    {"--of",        "USER",     &Request::of_user,  "whose tables these are; default: as the file is called in cron's spool"},
    {"--system",    "",         &Request::system,   "tables with the user before the command, wherever they lie"},
    {"--all",       "",         &Request::all,      "these are all of cron's tables: what else it ran is too much"},
    {"-f,--follow", "",         &Request::follow,   "stay and tell new differences, until Ctrl-C"},
};

constexpr OptionRow import_rows[] = {
    {"--system", "", &Request::system, "a crontab with the user before the command, wherever it lies"},
};

constexpr OptionRow put_rows[] = {
    {"--key",          "KEY",   &Request::key,          "not while a live job of the task has this key"},
    {"--once",         "KEY",   &Request::once,         "not when a job of the task ever had this key"},
    {"--priority",     "N",     &Request::priority,     "higher runs first; default: the task's"},
    {"--at",           "TIME",  &Request::at,           "not before this time, as '03:12' or '2026-03-01 03:12'"},
    {"--in",           "SPAN",  &Request::in,           "not before so long from now, as '5min'"},
    {"--after",        "JOBS",  &Request::after,        "not before these jobs are done, as '812,813'"},
    {"--json-payload", "FILE",  &Request::json_payload, "the payload as a JSON object; '-': standard input"},
    {"--batch",        "FILE",  &Request::batch,        "many jobs, all or none: lines of JSON with task, payload, key, ...; '-': standard input"},
};

constexpr OptionRow run_rows[] = {
    {"-w,--wait",      "",      &Request::wait,         "show its log, wait for its end and exit as it did"},
    {"-f,--follow",    "",      &Request::follow,       "the same as --wait"},
    {"--key",          "KEY",   &Request::key,          "not while a live job of the task has this key"},
    {"--priority",     "N",     &Request::priority,     "higher runs first; default: the task's"},
    {"--json-payload", "FILE",  &Request::json_payload, "the payload as a JSON object; '-': standard input"},
};

constexpr OptionRow jobs_rows[] = {
    {"--state",    "STATE", &Request::state, "ready, running, done, dead, parked, cancelled, skipped, live or ended"},
    {"--since",    "TIME",  &Request::since, "created since then, as '03:12' or '2h ago'"},
    {"--running",  "",      &Request::running, "those that run now, with their progress"},
    {"-n,--count", "N",     &Request::count, "so many, the newest; default: 20"},
};

constexpr OptionRow retry_rows[] = {
    {"--dead", "", &Request::dead, "all dead jobs of the task named"},
};

constexpr OptionRow pause_rows[] = {
    {"--reason", "TEXT", &Request::reason, "why, for those who wonder"},
};

constexpr OptionRow token_rows[] = {
    {"--role",    "ROLE", &Request::role,    "viewer, operator or admin; default: viewer"},
    {"--expires", "WHEN", &Request::expires, "after a span, as '30d', or at a time; default: never"},
};

constexpr OptionRow user_rows[] = {
    {"--role", "ROLE", &Request::role, "viewer, operator or admin; default: viewer"},
};

constexpr OptionRow maintenance_rows[] = {
    {"--needs",  "NAMES", &Request::needs,  "only tasks that need one of these, as 'db,cache'"},
    {"--reason", "TEXT",  &Request::reason, "why, for those who wonder"},
};

constexpr OptionRow runs_rows[] = {
    {"--since",    "TIME", &Request::since, "started since then, as '03:12' or '2h ago'"},
    {"-n,--count", "N",    &Request::count, "so many, the newest; default: 20"},
};

constexpr OptionRow log_rows[] = {
    {"-f,--follow", "", &Request::follow, "go on with what is added, until the run ends"},
};

constexpr OptionRow rerun_rows[] = {
    {"--as-then", "", &Request::as_then, "with the command, environment, directory and user of that run"},
    {"--as-now",  "", &Request::as_now,  "as the task is configured now (default)"},
};

constexpr OptionRow audit_rows[] = {
    {"--since", "TIME", &Request::since, "what was due or came since then; default: a day ago"},
};

constexpr OptionRow events_rows[] = {
    {"-f,--follow", "",     &Request::follow, "go on with what is added, until Ctrl-C"},
    {"--since",     "TIME", &Request::since,  "since then, as '03:12' or '2h ago'"},
    {"-n,--count",  "N",    &Request::count,  "so many, the newest; default: 20"},
};

constexpr OptionRow notify_rows[] = {
    {"--title", "TEXT", &Request::title, "one line: the subject of a mail"},
    {"--text", "TEXT", &Request::text, "what it says; without it, standard input"},
    {"--attach", "FILE,...", &Request::attach, "files that go along: 20, of 20 MB together"},
    {"--link", "URL", &Request::link, "an address; never cut"},
    {"--severity", "WORD", &Request::severity, "info, warning, error or critical"},
    {"--to", "NAME,...", &Request::to, "other recipients than the channel's"},
    {"--key", "KEY", &Request::key, "told once for good: a second message with this key is not sent"},
    {"--thread", "NAME", &Request::thread, "messages of one thread go out in order, and as one conversation"},
    {"--at", "TIME", &Request::at, "not before this time"},
    {"--expires", "TIME", &Request::expires, "not after this time"},
    {"--wait", "", &Request::wait, "wait until each has been taken or refused"},
};
constexpr OptionRow letter_rows[] = {
    {"--html", "", &Request::html, "a page for printing instead of text"},
    {"--at", "TIME", &Request::at, "the seven days before this time, as '2026-11-23 07:00'"},
    {"--language", "NAME", &Request::language, "en or de; default: [lares] language"},
};
constexpr OptionRow budget_command_rows[] = {
    {"--reason", "TEXT", &Request::reason, "set, reset, block and unblock: why, for the journal"},
};
constexpr OptionRow outbox_rows[] = {
    {"--channel", "NAME", &Request::channel, "of this channel"},
    {"--state", "STATE", &Request::state, "live, ended, waiting, sending, sent, failed, expired, dropped, gathered or unsure"},
    {"--since", "TIME", &Request::since, "made since then"},
    {"-n,--count", "N", &Request::count, "at most so many; default 50"},
};
constexpr OptionRow alerts_rows[] = {
    {"--state", "STATE", &Request::state, "open, ended, or one of their states; default open"},
    {"--at", "SPAN", &Request::at, "ack: for so long, such as 2h; default until it is over, or a day"},
    {"-n,--count", "N", &Request::count, "at most so many; default 50"},
};
constexpr OptionRow db_rows[] = {
    {"--file", "FILE", &Request::file, "the database; default: the one of the configuration"},
};

constexpr CommandRow commands[] = {
    {Command::up, "up", "[-c FILE] [-d]", "start the daemon with a configuration",
     "Takes supervisord's options; those given here win over the file's. "
     "With a faulty configuration nothing is started and every mistake is named.",
     0, 0, "", Completes::nothing, up_rows},
    {Command::down, "down", "", "stop every program and the daemon, and wait until it is gone",
     "On a terminal it says what it still waits for.",
     0, 0, "", Completes::nothing, down_rows},
    {Command::status, "status", "[NAME...]", "what each process is doing, and why; -w stays and watches",
     "Without a name, all processes. Exit status 0 when every NAME exists, whatever its state; "
     "--fail also looks at the states.",
     0, any_number, "", Completes::processes, status_rows},
    {Command::top, "top", "[VIEW]", "the whole house on this terminal, live, with actions by key",
     "VIEW is overview (default), programs, tasks, folders, queue, runs, events, messages or log. '?' tells the keys, "
     "'q' quits. Goes on by itself when the daemon was away.",
     0, 1, "", Completes::nothing, top_rows},
    {Command::start, "start", "NAME...", "start, and wait until it is RUNNING or has failed",
     "What NAME needs is started first. Starting what runs already is no failure.",
     1, any_number, "which process? give a NAME, 'group:*' or 'all'", Completes::processes, wait_rows},
    {Command::stop, "stop", "NAME...", "stop, and wait until it has ended",
     "What needs NAME is stopped first. Stopping what does not run is no failure.",
     1, any_number, "which process? give a NAME, 'group:*' or 'all'", Completes::processes, wait_rows},
    {Command::restart, "restart", "NAME...", "stop and start again; --rolling: one by one",
     "What does not run is started.",
     1, any_number, "which process? give a NAME, 'group:*' or 'all'", Completes::processes, restart_rows},
    {Command::signal, "signal", "SIGNAL NAME...", "send a signal, as 'HUP', 'SIGHUP' or '1'",
     "The signal goes to the process alone, not to its children.",
     2, any_number, "give a SIGNAL and a NAME, as 'lares signal HUP web'", Completes::processes, {}},
    {Command::scale, "scale", "PROGRAM N", "change how many processes a program has",
     "PROGRAM is the name of a [program:x] section whose process_name holds %(process_num). "
     "The other processes go on; the configuration file is not changed.",
     2, 2, "give a PROGRAM and a number, as 'lares scale worker 4'", Completes::processes, {}},
    {Command::tail, "tail", "NAME [stdout|stderr]", "the end of a process's log; -f goes on with what is added",
     "'lares tail --main' shows the daemon's own log.",
     0, 2, "", Completes::processes, tail_rows},
    {Command::pid, "pid", "[NAME...]", "the daemon's pid, or those of processes",
     "One line for each process, in the order of 'lares status'. A process that does not run has "
     "none: that is said on standard error, with exit status 1.",
     0, any_number, "", Completes::processes, {}},
    {Command::plan, "plan", "[FILE]", "what 'lares update' would start, stop and restart, and why",
     "Changes nothing. Each change stands with the lines of configuration that cause it and with what "
     "needs the process. The fingerprint is for 'lares apply'. With FILE, that configuration instead of "
     "the daemon's own.",
     0, 1, "", Completes::files, {}},
    {Command::apply, "apply", "FINGERPRINT", "do exactly what a plan showed, or nothing if it no longer holds", "",
     1, 1, "which plan? give the fingerprint that 'lares plan' prints", Completes::nothing, {}},
    {Command::update, "update", "[GROUP...]", "read the configuration again and make what runs agree with it",
     "Only what changed is touched. With a mistake in the configuration nothing changes. On a terminal it "
     "shows the plan and asks first.",
     0, any_number, "", Completes::processes, update_rows},
    {Command::reread, "reread", "", "read the configuration again; nothing is started or stopped",
     "Tells which groups are new, changed or gone; 'lares add' and 'lares remove' act on single ones.",
     0, 0, "", Completes::nothing, {}},
    {Command::add, "add", "GROUP...", "activate groups that 'lares reread' found", "",
     1, any_number, "which group? give a GROUP, as 'lares reread' lists them", Completes::nothing, {}},
    {Command::remove, "remove", "GROUP...", "take stopped groups out of use", "",
     1, any_number, "which group? give a GROUP", Completes::processes, {}},
    {Command::avail, "avail", "", "every configured process, and whether it is in use", "",
     0, 0, "", Completes::nothing, {}},
    {Command::reload, "reload", "", "stop everything, read the configuration anew, start everything",
     "supervisord's reload. 'lares update' leaves alone what has not changed.",
     0, 0, "", Completes::nothing, {}},
    {Command::config, "config", "history|diff [A [B]]|rollback N", "configurations that were in force, and the way back to one",
     "'diff' compares revision A (else the one in force) with B (else what is on disk).",
     1, 3, "what about it? 'history', 'diff' or 'rollback'", Completes::nothing, {}},
    {Command::program, "program", "put NAME FILE|remove NAME", "keep a program in the daemon's own include directory, or keep it no longer",
     "FILE holds its [program:NAME] section; '-' is standard input.",
     2, 3, "write 'lares program put NAME FILE' or 'lares program remove NAME'", Completes::nothing, {}},
    {Command::upgrade, "upgrade", "[BINARY]", "let another binary take over from the daemon; no program stops",
     "Without BINARY, the file that the daemon was started from, as it is now. Waits until the new daemon "
     "answers, for 10 s at most.",
     0, 1, "", Completes::files, {}},
    {Command::tasks, "tasks", "", "each task: when it is next due, how it last ended, how many jobs wait",
     "", 0, 0, "", Completes::nothing, {}},
    {Command::put, "put", "TASK [KEY=VALUE...]", "store a job for a task; it is on the disk when this returns",
     "KEY:=JSON gives a number, a list or an object. What comes back is the job's number. With --batch FILE "
     "the lines of FILE name their tasks, and all of them are stored or none.",
     0, any_number, "", Completes::nothing, put_rows},
    {Command::run, "run", "TASK [KEY=VALUE...]", "run a task by hand; --wait shows its log and exits as it did",
     "The job goes through the queue as any other; 'lares why' tells what it waits for.",
     1, any_number, "which task? as 'lares run report'", Completes::nothing, run_rows},
    {Command::jobs, "jobs", "[TASK]", "jobs, the newest first", "",
     0, 1, "", Completes::nothing, jobs_rows},
    {Command::job, "job", "N", "all about one job: its payload, runs and events", "",
     1, 1, "which job? give its number", Completes::nothing, {}},
    {Command::cancel, "cancel", "N...", "end running jobs, take waiting ones back", "",
     1, any_number, "which job? give its number", Completes::nothing, {}},
    {Command::priority, "priority", "JOB N", "give a waiting job another priority; higher runs first", "",
     2, 2, "which job, and which priority? as 'lares priority 812 10'", Completes::nothing, {}},
    {Command::retry, "retry", "N...|--dead TASK", "run jobs again that ended badly; at once those that wait", "",
     1, any_number, "which job? give its number, or '--dead TASK'", Completes::nothing, retry_rows},
    {Command::pause, "pause", "TASK...|all", "let nothing new of a task start; what runs goes on",
     "It stays so, also over a restart of the daemon, until 'lares resume'. What comes is kept.",
     1, any_number, "which task? give a TASK, or 'all'", Completes::nothing, pause_rows},
    {Command::resume, "resume", "TASK...|all", "let a paused task go on", "",
     1, any_number, "which task? give a TASK, or 'all'", Completes::nothing, {}},
    {Command::drain, "drain", "TASK...|all", "pause, and wait until nothing of it runs any more", "",
     1, any_number, "which task? give a TASK, or 'all'", Completes::nothing, {}},
    {Command::maintenance, "maintenance", "SPAN|end|show", "hold tasks for a while, keeping what comes",
     "As 'lares maintenance 2h --needs db --reason upgrade'. Nothing new starts, nobody is alarmed; then "
     "what was held is caught up with.",
     1, 1, "for how long? as 'lares maintenance 2h'; or 'end', or 'show'", Completes::nothing, maintenance_rows},
    {Command::folders, "folders", "", "each hot folder: what waits in it, and why", "",
     0, 0, "", Completes::nothing, {}},
    {Command::folder, "folder", "run|leave FILE", "decide about a file that a folder asks about, or has a problem with",
     "FILE is its path, or its number as 'lares why' tells it. 'run' gives it a job, 'leave' leaves it where it is.",
     2, 2, "which file, and what? as 'lares folder run /srv/in/a.csv'", Completes::files, {}},
    {Command::runs, "runs", "[TASK]", "executions, the newest first: time, memory, end", "",
     0, 1, "", Completes::nothing, runs_rows},
    {Command::log, "log", "RUN", "what a run wrote; -f goes on with what is added", "",
     1, 1, "of which run? give its number, as 'lares runs' lists them", Completes::nothing, log_rows},
    {Command::rerun, "rerun", "RUN", "store the job of a run again", "",
     1, 1, "which run? give its number", Completes::nothing, rerun_rows},
    {Command::diff, "diff", "RUN RUN", "how two runs differ: command, environment, times, end", "",
     2, 2, "give the numbers of two runs", Completes::nothing, {}},
    {Command::trace, "trace", "THING", "what led to a thing and what came of it, as a tree",
     "THING is a job's number, 'run 17', a path, a task, a program or an event.",
     1, any_number, "the story of what? a job's number, 'run 17', a path, a task, a program", Completes::processes, {}},
    {Command::why, "why", "THING", "why a job, task, folder, file or program is as it is", "",
     1, any_number, "why what? a job's number, a task, a folder, a path, a program", Completes::processes, {}},
    {Command::why_not, "why-not", "THING", "the same: why it does not run", "",
     1, any_number, "why not what? a job's number, a task, a folder, a path, a program", Completes::processes, {}},
    {Command::audit, "audit", "", "what was due or accepted and has no result and no reason",
     "Prints '0 unexplained', or the list with exit status 1.",
     0, 0, "", Completes::nothing, audit_rows},
    {Command::at, "at", "TIME", "how everything was at a moment, as '03:12' or '2026-03-01 03:12'", "",
     1, any_number, "at what time? as 'lares at 03:12'", Completes::nothing, {}},
    {Command::events, "events", "[KIND]", "the journal; KIND as 'job.' or 'run.slow' chooses", "",
     0, 1, "", Completes::nothing, events_rows},
    {Command::alerts, "alerts", "[list|show N|ack N...|resolve N...]", "what people were told of, and who has it in hand",
     "'ack' says that you have it in hand: nobody else is told meanwhile. 'resolve' ends it by hand.",
     0, any_number, "", Completes::nothing, alerts_rows},
    {Command::outbox, "outbox", "[list|show N|retry N...|drop N...]", "messages on their way, and what became of them",
     "'retry' tries at once, also what had failed; 'drop' takes back what has not gone out.",
     0, any_number, "", Completes::nothing, outbox_rows},
    {Command::notify, "notify", "CHANNEL...", "send a message; it is on the disk when this returns",
     "The text is standard input, or --text. What comes back are the numbers of the deliveries.",
     1, any_number, "by which channel? as 'lares notify ops --title Ready'", Completes::nothing, notify_rows},
    {Command::channel, "channel", "[list|test NAME|pause NAME|resume NAME]", "ways to reach people: what waits, whether they work",
     "'test' sends a message and waits until it is taken or refused.",
     0, 2, "", Completes::nothing, {}},
    {Command::budget, "budget", "[list|show NAME|set NAME AMOUNT|reset NAME|...]", "money and counts: what is spent, reserved and left",
     "Also block NAME, unblock NAME, reserve NAME ID AMOUNT, commit NAME ID [AMOUNT] and release NAME ID. AMOUNT is such as 12.50, or units that have a price, such as '2 post'. 'reserve' holds it under ID until 'commit' (it was spent) or 'release' (it was not); it fails when not enough is left. 'set' and 'reset' correct what was spent; the journal notes who did.",
     0, 5, "", Completes::nothing, budget_command_rows},
    {Command::letter, "letter", "", "the last seven days: what ran, what was late, what was mended, what needs you",
     "With --html it is a page that prints well: lares letter --html >week.html",
     0, 0, "", Completes::nothing, letter_rows},
    {Command::db, "db", "check|backup FILE|vacuum", "look after the database of jobs, without a daemon",
     "'backup' also works while the daemon runs; 'vacuum' waits for it.",
     1, 2, "what about it? 'check', 'backup FILE' or 'vacuum'", Completes::files, db_rows},
    {Command::event, "event", "TYPE DATA", "send an event to the listeners of REMOTE_COMMUNICATION", "",
     2, 2, "give a TYPE and DATA, as 'lares event deployed 1.2.3'", Completes::nothing, {}},
    {Command::token, "token", "create NAME|revoke NAME|list", "tokens that programs log in with",
     "A token is printed once and kept as a digest. It is sent as 'Authorization: Bearer TOKEN', and opens "
     "the calendar at /calendar.ics?token=TOKEN.",
     1, 2, "what about tokens? 'create NAME', 'revoke NAME' or 'list'", Completes::nothing, token_rows},
    {Command::user, "user", "add NAME|password NAME|role NAME|remove NAME|list", "users beside those of the configuration",
     "'add' and 'password' ask twice on a terminal; else they read one line. Users of [user:x] sections are "
     "listed, and changed in the files only.",
     1, 2, "what about users? 'add NAME', 'password NAME', 'role NAME', 'remove NAME' or 'list'", Completes::nothing, user_rows},
    {Command::hash_password, "hash-password", "", "a password's hash, for password= in the configuration",
     "Asks twice on a terminal; else reads one line. Needs no daemon.",
     0, 0, "", Completes::nothing, {}},
    {Command::check, "check", "[FILE]", "read a configuration and report every mistake in it",
     "Needs no daemon and changes nothing. Without FILE, the one that -c names or that "
     "'lares up' would take.",
     0, 1, "", Completes::files, {}},
    {Command::explain, "explain", "OPTION", "what an option means, its default and its limits",
     "OPTION is a name as 'startsecs', or 'program.startsecs' for one kind of section.",
     1, 1, "which option? as 'lares explain startsecs'", Completes::options, {}},
    {Command::next, "next", "[--expr EXPR] [--days N]", "when schedules are due next, also around changes of the clock",
     "Needs no daemon. Without --expr, the schedules of all tasks of the configuration, with what falls on "
     "the same minute and what never runs. Of EXPR it also says what was probably not meant. Exit status 2 "
     "when EXPR, ZONE or a time is refused.",
     0, 0, "", Completes::nothing, next_rows},
    {Command::simulate, "simulate", "[FILE] [--days N]", "play the clocks of a configuration ahead: overlaps, depth, lateness",
     "On a virtual clock, with the arrivals and durations of the past, as the database or a running daemon "
     "tells them. Nothing is run. Attempts fail as they did in the past, or as --fail says, and are tried again. "
     "What a task's rules decide is decided as in the daemon; what each cost is told. Exit status 2 when the "
     "configuration has mistakes.",
     0, 1, "", Completes::files, simulate_rows},
    {Command::shadow, "shadow", "crontab FILE...", "what Lares would have run of cron's tables, against what cron did",
     "Nothing is run: the tables are read as Lares reads them, and what cron did from the log of the system; "
     "rotated and compressed logs too. A run agrees within 60 s of its time. Exit status 0 when all agrees, 1 when "
     "something is missing, too much or refused. Needs no daemon.",
     1, any_number, "write 'lares shadow crontab FILE'", Completes::files, shadow_rows},
    {Command::import_from, "import", "crontab|incrontab|procfile|systemd-timer FILE", "print the sections that mean the same as another program's table",
     "What cannot be said is named on standard error, with exit status 1. '-' is standard input. Needs no daemon.",
     2, 2, "write 'lares import crontab FILE' (or incrontab, procfile, systemd-timer)", Completes::files, import_rows},
    {Command::version, "version", "", "versions of this command and of the daemon",
     "'lares --version' asks no daemon.",
     0, 0, "", Completes::nothing, {}},
    {Command::help, "help", "[COMMAND]", "this list, or a command and its options", "",
     0, 1, "", Completes::commands, {}},
    {Command::completion, "completion", "bash|zsh|fish", "print the completion of this command for a shell",
     "For bash: source <(lares completion bash)",
     1, 1, "for which shell? there are 'bash', 'zsh' and 'fish'", Completes::nothing, {}},
    {Command::manual, "manual", "[NAME]", "print a manual page for man: lares, supervisord or supervisorctl",
     "Read it with: lares manual | man -l -",
     0, 1, "", Completes::nothing, {}},
};
// clang-format on

}  // namespace

std::span<CommandRow const> command_rows() { return commands; }
std::span<OptionRow const> common_options() { return common_rows; }

CommandRow const* find_command(std::string_view name) {
    auto const* row = std::ranges::find(commands, name, &CommandRow::name);
    return row == std::end(commands) ? nullptr : row;
}

CommandRow const& row_of(Command command) {
    auto const* row = std::ranges::find(commands, command, &CommandRow::command);
    CHECK(row != std::end(commands));
    return *row;
}

std::vector<std::string> names_of(OptionRow const& row) {
    std::vector<std::string> names;
    std::string_view rest = row.names;
    while (!rest.empty()) {
        std::size_t const comma = std::min(rest.find(','), rest.size());
        names.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return names;
}

std::vector<std::string> option_names(CommandRow const* command) {
    std::vector<std::string> names;
    auto add = [&](std::span<OptionRow const> rows) {
        for (OptionRow const& row : rows)
            for (std::string& name : names_of(row))
                if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    };
    if (command != nullptr) add(command->options);
    add(common_rows);
    return names;
}

}  // namespace lares::cli
