// config/rows_work.cc: the rows of [task:x], [folder:x], [crontab], [incrontab] and, for work, of
// [lares].
//
// What tasks share with programs is not here: rows_program.cc marks it `tasks_too`.

#include "config/kinds_delivery.h"
#include "config/kinds_work.h"
#include "config/rows.h"

namespace lares::config {

namespace {

using queue::Retry;
using queue::Rules;

template <class Kind, auto... Path>
constexpr auto task = slot_of<TaskDraft, Kind, &TaskDraft::task, Path...>;
template <class Kind, auto... Path>
constexpr auto run = slot_of<TaskDraft, Kind, &TaskDraft::program, &ProgramDraft::program, Path...>;
template <class Kind, auto... Path>
constexpr auto rules = task<Kind, &Task::rules, Path...>;
template <class Kind, auto... Path>
constexpr auto retry = rules<Kind, &Rules::retry, Path...>;
template <class Kind, auto... Path>
constexpr auto hook = task<Kind, &Task::hook, Path...>;
template <class Kind, auto... Path>
constexpr auto keeping = task<Kind, &Task::keeping, Path...>;
template <class Kind, auto... Path>
constexpr auto folder = slot_of<Folder, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto work = slot_of<WorkSettings, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto table = slot_of<CrontabFiles, Kind, Path...>;

constexpr long long longest = longest_span.count();
constexpr long long day = 86'400'000;
constexpr long long million = 1'000'000;
constexpr Range spans{0, longest};

// clang-format off
constexpr Row<TaskDraft> task_table[] = {
    //  name              field                                                     default       range     help
    {"command",          run<Text, &Program::command>,                            "(required)",  {},       "program and arguments of each run; split as a shell would, but no shell runs. {{key}} stands for that key of the job's payload and is never split", ours | raw},
    {"protocol",         task<ProtocolName, &Task::protocol>,                     "exec",        {},       "exec starts the command once for each run; lines keeps workers that read jobs as lines and answer in lines", ours},
    {"shell",            task<Boolean, &Task::shell>,                             "false",       {},       "hand the command to shell_program as one text; the payload is then in $PAYLOAD_key, never in the text", ours},
    {"shell_program",    task<AbsolutePath, &Task::shell_program>,                "/bin/sh",     {},       "the shell of shell = true; called with -c and the command", ours},
    {"input",            task<Escaped, &Task::input>,                             "",            {},       "text for its standard input; nothing gives it /dev/null", ours},
    {"payload",          task<PayloadKeys>,                                       "",            {},       "keys that its jobs may have, some with a default; a job with another key is refused. Nothing takes any", ours},
    {"enabled",          task<Boolean, &Task::enabled>,                           "true",        {},       "no: no trigger gives it jobs; what a person gives it still runs", ours},
    {"status",           task<StatusPage, &Task::is_public>,                      "hidden",      {},       "public: its name and whether it is well stand on the page /status, which needs no login", ours},
    // What brings jobs:
    {"schedule",         task<Schedules, &Task::schedules>,                       "",            {},       "when it runs, as cron has it: minute hour day month weekday, or six fields with seconds first, or @daily and the like; L, W, # and H too. TZ=Zone or CRON_TZ=Zone may stand before one", ours},
    {"timezone",         task<ZoneName, &Task::timezone>,                         "(the machine's)", {},   "time zone of schedule, not_between and expect", ours},
    {"jitter",           task<Span, &Task::jitter>,                               "0s",          {0, day}, "a delay below this for each due time, always the same for this task on this host", ours},
    {"calendar",         task<CalendarFile, &Task::calendar>,                     "",            {},       "a file of days, iCalendar or CSV: schedule runs only on them, or on all others", ours},
    {"catchup",          task<CatchupMode, &Task::catchup>,                       "latest",      {},       "what becomes of due times that passed while nothing could run: none, one run for the latest, or a run for all, the newest N, not faster than the rate", ours},
    {"dst",              task<DstMode, &Task::dst>,                               "vixie",       {},       "what clock changes mean for schedule: as Vixie cron has it, each local time once, or each instant whose local time fits", ours},
    {"every",            task<Every, &Task::every>,                               "",            {},       "runs again and again with this time between, from the start of the one before or from its end", ours},
    {"after",            task<AfterTasks, &Task::after>,                          "",            {},       "tasks after whose success it runs, with their payload and result; :failure or :any for another end", ours},
    {"on",               task<OnEvents, &Task::on>,                               "",            {},       "events that give it a job, such as PROCESS_STATE_FATAL web:*", ours},
    {"http",             hook<HookPath, &HookTrigger::path>,                      "",            {},       "path at which a POST gives it a job, whose payload is the body; needs http_secret", ours},
    {"http_secret",      hook<Secret, &HookTrigger::secret>,                      "",            {},       "the secret that callers know, or where it lies; write %% for a percent sign", ours},
    {"http_check",       hook<HookCheck, &HookTrigger::check>,                    "secret",      {},       "how callers show that they know it: as Bearer token or password, by GitHub's signature, or by a SHA-256 HMAC in http_header", ours},
    {"http_header",      hook<Text, &HookTrigger::header>,                        "X-Signature", {},       "header that holds the signature, in hexadecimal", ours},
    {"http_max",         hook<Bytes, &HookTrigger::max_bytes>,                    "1MB",         {1, 4 << 20}, "the largest body that is taken", ours},
    // How jobs run:
    {"workers",          rules<Integer, &Rules::workers>,                         "1",           {1, 10'000}, "runs at once", ours},
    {"remote",           task<Boolean, &Task::is_remote>,                         "false",       {},       "worked on by workers elsewhere, which claim its jobs by HTTP; it needs no command then", ours},
    {"prefetch",         task<Integer, &Task::prefetch>,                          "8",           {1, 1'000}, "protocol = lines: jobs sent ahead to one worker", ours},
    {"idle",             task<Span, &Task::idle>,                                 "1m",          spans,    "protocol = lines: a worker without work ends after this", ours},
    {"timeout",          task<Span, &Task::timeout>,                              "0s",          spans,    "time after which a run is ended; 0 never", ours},
    {"success_codes",    task<ExitCodes, &Task::success_codes>,                   "0",           {},       "exit codes that are a success", ours},
    {"overlap",          rules<OverlapMode>,                                      "queue",       {},       "what a trigger does while the task is busy: skip, queue, replace what runs, or parallel N", ours},
    {"queue_max",        rules<Count, &Rules::queue_max>,                         "10000",       {1, million}, "jobs that may wait", ours},
    {"when_full",        rules<WhenFullMode, &Rules::when_full>,                  "refuse",      {},       "what happens to more of them: refused, or they wait where they come from", ours},
    {"priority",         task<Integer, &Task::priority>,                          "0",           {-million, million}, "priority of its jobs; high first", ours},
    {"ageing",           rules<Span, &Rules::ageing>,                             "10m",         spans,    "a job's priority rises by one for each time it has waited this long; 0 never", ours},
    {"rate",             rules<RateOf, &Rules::rate>,                             "off",         {},       "the most runs that start in a time", ours},
    {"unique",           task<Text, &Task::unique>,                               "",            {},       "of the jobs that give the same text, such as {{file}}, one waits or runs; a second is not taken", ours},
    {"retries",          retry<Integer, &Retry::retries>,                         "0",           {-1, million}, "tries after the first one failed; -1 without end", ours},
    {"retry_backoff",    retry<Backoff>,                                          "30s..1h",     {},       "wait before a retry: doubles from the first to the second", ours},
    {"retry_jitter",     retry<Percent, &Retry::jitter_percent>,                  "20%",         {0, 100}, "share by which a wait is lengthened at random", ours | share},
    {"retry_on",         retry<ExitCodes, &Retry::on_codes>,                      "",            {},       "exit codes that are tried again, with time-outs and crashes; nothing: every failure", ours},
    {"retry_budget",     retry<RateOf, &Retry::budget>,                           "off",         {},       "the most retries of the whole task in a time; beyond it they wait", ours},
    {"circuit",          task<Integer, &Task::circuit>,                           "10",          {0, 1'000}, "different jobs that fail one after the other until the task pauses and is tried one job at a time; 0 never", ours},
    {"poison_after",     rules<Integer, &Rules::poison_after>,                    "3",           {0, 1'000}, "crashes after which a job is parked with its evidence; 0 never", ours},
    {"not_between",      task<Closed, &Task::not_between>,                        "",            {},       "hours in which nothing starts; jobs wait until they are over", ours},
    {"needs",            task<Words, &Task::needs>,                               "",            {},       "programs or groups that must be RUNNING, and tasks whose last run must have succeeded", ours},
    {"resources",        rules<Resources, &Rules::resources>,                     "",            {},       "what a run holds of the resources in [lares]", ours},
    // What follows:
    {"on_success",       task<Words, &Task::on_success>,                          "",            {},       "tasks that get a job when a job of this one is done", ours},
    {"on_failure",       task<Words, &Task::on_failure>,                          "",            {},       "tasks that get a job when a job of this one is dead or parked", ours},
    {"on_late",          task<Words, &Task::on_late>,                             "",            {},       "tasks that get a job when an expectation is not met", ours},
    {"expect",           task<Expectations, &Task::expects>,                      "",            {},       "what should be true, and is an event when it is not: by 06:00 weekdays, every 1h, within 10min of file *.csv, output", ours},
    {"slow",             task<Percent, &Task::slow_percent>,                      "300%",        {0, million}, "share of the usual above which a run is called slower or heavier than usual; 0 never", ours | share},
    {"mail_channel",     task<Text, &Task::mail_channel>,                         "",            {},       "channel of type mail to which the output of each run goes, when it said something", ours},
    {"mail_to",          task<Recipients, &Task::mail_to>,                        "",            {},       "addresses for it instead of the channel's own", ours},
    {"keep_runs",        keeping<Integer, &Keeping::runs>,                        "1000",        {1, million}, "runs that are kept, with their logs", ours},
    {"keep_runs_for",    keeping<Span, &Keeping::runs_for>,                       "30d",         spans,    "age at which they go", ours},
    {"log_max",          keeping<Bytes, &Keeping::log_max>,                       "100MB",       {4'096, no_most}, "size of one run's log at which the run is ended", ours},
};

constexpr Row<Folder> folder_table[] = {
    //  name              field                                          default      range     help
    {"path",             folder<AbsolutePath, &Folder::path>,           "(required)", {},       "the folder, as an absolute path", ours},
    {"task",             folder<Name, &Folder::task>,                   "(required)", {},       "task that gets a job for each file; file, name, folder and size are in its payload", ours},
    {"match",            folder<Patterns, &Folder::match>,              "",           {},       "names that count, such as *.pdf, *.PDF; nothing: all", ours},
    {"ignore",           folder<Patterns, &Folder::ignore>,             "",           {},       "names that do not count, besides hidden and half-written ones", ours},
    {"recursive",        folder<Boolean, &Folder::recursive>,           "false",      {},       "look into the folders in it, too", ours},
    {"settle",           folder<Span, &Folder::settle>,                 "2s",         {0, day}, "how long a file must not change before it counts; 0: at once when it was closed or moved in", ours},
    {"check_open",       folder<Boolean, &Folder::check_open>,          "true",       {},       "wait while somebody has it open for writing", ours},
    {"poll",             folder<Span, &Folder::poll>,                   "(by notification; 5s where that does not work)", {100, day}, "look this often instead of being notified", ours},
    {"unit",             folder<FolderUnit, &Folder::unit>,             "file",       {},       "what one job is for: a file, a folder with all in it, or a set of files that belong together", ours},
    {"set",              folder<Patterns, &Folder::set>,                "",           {},       "unit = set: patterns whose '*' is the same text for what belongs together, such as *.pdf, *.xml", ours},
    {"set_timeout",      folder<Span, &Folder::set_timeout>,            "10m",        {1'000, longest}, "how long a part waits for the others before it has failed", ours},
    {"order",            folder<FolderOrder, &Folder::order>,           "arrival",    {},       "which of several comes first", ours},
    {"done",             folder<Disposal, &Folder::done>,               "keep",       {},       "what becomes of the file of a job that is done", ours},
    {"failed",           folder<Disposal, &Folder::failed>,             "keep",       {},       "what becomes of the file of a job that is dead", ours},
    {"duplicates",       folder<FolderDuplicates, &Folder::duplicates>, "run",        {},       "what a file with the contents of an earlier one means: it runs, is ignored, or waits for a person", ours},
    {"specials",         folder<Boolean, &Folder::specials>,            "false",      {},       "take FIFOs, sockets and devices, too", ours},
    {"priority",         folder<Integer, &Folder::priority>,            "(the task's)", {-million, million}, "priority of its jobs; high first", ours},
    {"expect",           folder<Expectations, &Folder::expects>,        "",           {},       "what should be true: by 06:00 weekdays at least 3, every 1h", ours},
    {"notify",           folder<NotifyLines, &Folder::notify>,          "(that of [lares])", {},  "who is told of what happens in it", ours},
};

constexpr Row<CrontabFiles> crontab_table[] = {
    {"files",            table<Paths, &CrontabFiles::files>,            "(required)", {},       "crontabs whose lines run as tasks, as paths or patterns", ours},
    {"system",           table<Boolean, &CrontabFiles::system>,         "(in /etc/crontab and /etc/cron.d)", {}, "they have a field with the user before the command", ours},
    {"mail_channel",     table<Text, &CrontabFiles::mail_channel>,      "",           {},       "channel of type mail that sends the output of their runs: to whom MAILTO names, or to the channel's own recipients; not when MAILTO is empty. Nothing: no mail", ours},
};

constexpr Row<CrontabFiles> incrontab_table[] = {
    {"files",            table<Paths, &CrontabFiles::files>,            "(required)", {},       "tables of incron whose lines run as folders and tasks, as paths or patterns", ours},
};

constexpr Row<WorkSettings> work_table[] = {
    {"database",          work<DatabasePath, &WorkSettings::database>,        "(lares.db in state_directory)", {}, "file in which jobs, runs and events are kept", ours},
    {"resources",         work<Resources, &WorkSettings::resources>,          "",        {},            "what tasks share and how much of it there is, such as db:1, gpu:2", ours},
    {"keep_jobs",         work<Span, &WorkSettings::keep_jobs>,               "30d",     {3'600'000, longest}, "age at which jobs that ended are forgotten", ours},
    {"keep_dead",         work<Span, &WorkSettings::keep_dead>,               "180d",    {3'600'000, longest}, "age at which dead and parked jobs are forgotten", ours},
    {"keep_events",       work<Span, &WorkSettings::keep_events>,             "90d",     {3'600'000, longest}, "age at which events are forgotten", ours},
    {"keep_jobs_count",   work<Count, &WorkSettings::keep_jobs_count>,        "1000000", {1'000, 1'000'000'000}, "jobs that ended beyond which the oldest are forgotten", ours},
    {"keep_events_count", work<Count, &WorkSettings::keep_events_count>,      "2000000", {1'000, 1'000'000'000}, "events beyond which the oldest are forgotten", ours},
};
// clang-format on

}  // namespace

std::span<Row<TaskDraft> const> task_rows() { return task_table; }
std::span<Row<Folder> const> folder_rows() { return folder_table; }
std::span<Row<CrontabFiles> const> crontab_rows() { return crontab_table; }
std::span<Row<CrontabFiles> const> incrontab_rows() { return incrontab_table; }
std::span<Row<WorkSettings> const> work_rows() { return work_table; }

}  // namespace lares::config
