// config/work_settings.h: tasks, triggers, folders and expectations as typed values.
//
// Part of config/settings.h, apart because it is a subject of its own. A task runs its command as a
// program does: what both have in common (environment, directory, user, limits) is read by the same
// rows into `how`.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/settings_program.h"
#include "core/queue.h"
#include "core/schedule.h"
#include "text/cron.h"
#include "text/diagnostic.h"

namespace lares::config {

enum class Protocol { exec, lines };

/// What is done about due times that passed while nobody could run them.
struct Catchup {
    enum class What { none, latest, all };
    What what = What::latest;
    int most = 100;    // of all: the newest so many
    queue::Rate rate;  // of all: not faster than this; count 0: as the queue allows
    bool operator==(Catchup const&) const = default;
};

/// One `schedule =` line.
struct ScheduleTrigger {
    std::string expression;  // as written, without a time zone before it
    text::Cron cron;
    std::string timezone;  // "" the machine's
    bool operator==(ScheduleTrigger const&) const = default;
};

struct EveryTrigger {
    Duration every{0};  // 0: none
    bool from_end = false;
    bool operator==(EveryTrigger const&) const = default;
};

/// `after = extract, load:any` (all of them) or `after = a | b` (any of them).
struct AfterTrigger {
    enum class On { success, failure, any };
    struct Other {
        std::string task;
        On on = On::success;
        bool operator==(Other const&) const = default;
    };
    std::vector<Other> others;
    bool any_of = false;
    bool operator==(AfterTrigger const&) const = default;
};

/// `on = PROCESS_STATE_FATAL web:*`: an event type of supervisord's (events/…), or a kind of the
/// journal ("run.slow"), and a glob for its subject.
struct EventTrigger {
    std::string type;
    std::string subject;  // empty: any
    bool operator==(EventTrigger const&) const = default;
};

struct HookTrigger {  // http =
    enum class Check { secret, github, hmac };
    std::string path;  // "/hook/name"; empty: none
    Check check = Check::secret;
    std::string secret;  // resolved; never shown
    std::string header;  // of hmac: where the signature is
    std::int64_t max_bytes = 1 << 20;
    bool operator==(HookTrigger const&) const = default;
};

struct Calendar {
    enum class How { none, only, except };
    How how = How::none;
    std::string file;  // ICS or CSV, absolute
    /// Days it names, as days since 1970, sorted; read when the configuration is.
    std::vector<std::int32_t> days;
    bool operator==(Calendar const&) const = default;
};

/// `not_between = 22:00-06:00 Mon-Fri`: in the task's time zone.
struct ClosedHours {
    int from_minute = 0, to_minute = 0;  // of the day; to below from: over midnight
    std::uint8_t weekdays = 0x7f;        // bit 0: Sunday; of the day on which it begins
    bool operator==(ClosedHours const&) const = default;
};

/// How finished work of a task is kept.
struct Keeping {
    int runs = 1'000;  // with their logs
    Duration runs_for{std::chrono::hours(24 * 30)};
    std::int64_t log_max = 100 << 20;  // bytes of one run's log; beyond it the run is ended
    bool operator==(Keeping const&) const = default;
};

struct Task {
    std::string name;
    text::Place place;
    std::string file;
    std::string origin;  // "[task:report]", "/etc/crontab:12": how messages call it
    /// What it runs: command (unexpanded), environment, directory, user, limits, nice, cgroup;
    /// policy.stop_ladder ends an attempt that takes too long. Its kind is ProgramKind::task.
    Program how;
    ProcessSettings process;  // expanded; argv still with {{placeholders}} of the payload
    Protocol protocol = Protocol::exec;
    bool is_remote = false;  // worked on by workers elsewhere, which claim its jobs by HTTP
    bool shell = false;
    std::string shell_program = "/bin/sh";
    std::string input;  // text for standard input (crontab's '%'); empty: /dev/null
    /// `payload = key, key=default`: those it takes; empty: any.
    std::vector<std::string> payload_keys;
    std::map<std::string, std::string> payload_defaults;
    int prefetch = 8;       // lines: sent ahead to one worker
    Duration idle{60'000};  // lines: a worker without work ends after it
    Duration timeout{0};    // 0: none
    std::vector<int> success_codes{0};
    queue::Rules rules;  // workers, overlap, queue_max, priority ageing, rate, retry, resources
    int priority = 0;    // of its jobs
    std::string unique;  // "{{file}}": the key of a job from its payload; empty: none
    std::vector<ClosedHours> not_between;
    std::vector<std::string> needs;  // programs or groups that must be RUNNING, tasks that must
                                     // have succeeded last
    std::vector<ScheduleTrigger> schedules;
    EveryTrigger every;
    std::vector<AfterTrigger> after;
    std::vector<EventTrigger> on;
    HookTrigger hook;
    std::string timezone;  // "" the machine's
    Duration jitter{0};
    Calendar calendar;
    Catchup catchup;
    schedule::Dst dst = schedule::Dst::vixie;
    std::vector<Expect> expects;
    std::vector<std::string> on_success, on_failure, on_late;  // tasks that get a job then
    int slow_percent = 300;  // of the usual: "slower, heavier than usual"; 0: never
    Keeping keeping;
    int circuit = 10;  // different jobs failed in a row: the task pauses; 0: never
    /// A [channel:x] of type mail that each run's output goes to, when there is any; empty: none.
    std::string mail_channel;
    std::vector<std::string> mail_to;  // instead of the channel's own; empty: those
    bool enabled = true;
    bool is_public = false;  // on the status page that needs no login
    bool operator==(Task const&) const = default;
};

/// True when nothing but the place in the files differs, so that a reload has nothing to do.
bool same_meaning(Task const&, Task const&);

struct Folder {
    enum class Unit { file, folder, set };
    enum class Order { name, oldest, newest, arrival, size };
    enum class Duplicates { run, ignore, ask };
    struct After {  // done =, failed =
        enum class What { keep, move, remove };
        What what = What::keep;
        std::string directory;  // absolute; made when first used
        bool operator==(After const&) const = default;
    };
    std::string name;
    text::Place place;
    std::string file;
    std::string path;                        // absolute
    std::string task;                        // that gets a job for each
    std::vector<std::string> match, ignore;  // globs of names
    bool recursive = false;
    Duration settle{2'000};  // 0: a closed or moved file at once
    Duration poll{0};        // 0: by notification where that works, else 5 s
    bool check_open = true;  // not while somebody has it open for writing
    Unit unit = Unit::file;
    std::vector<std::string> set;  // patterns with one common '*': "*.pdf", "*.xml"
    Duration set_timeout{600'000};
    Order order = Order::arrival;
    After done{}, failed{};
    Duplicates duplicates = Duplicates::run;
    bool specials = false;
    int priority = 0;
    std::vector<Expect> expects;
    std::vector<Notify> notify;
    bool operator==(Folder const&) const = default;
};

bool same_meaning(Folder const&, Folder const&);

/// [crontab] and [incrontab]: files in their own formats, read live.
struct CrontabFiles {
    std::vector<std::string> files;  // paths and globs, absolute
    /// A field with the user stands before the command. None: in /etc/crontab and /etc/cron.d.
    std::optional<bool> system;
    std::string mail_channel;  // of [crontab]: takes what MAILTO asks for; empty: nothing does
    bool operator==(CrontabFiles const&) const = default;
};

/// What [lares] says of work.
struct WorkSettings {
    std::string database;  // absolute; default: state_directory/lares.db
    std::map<std::string, int> resources;
    Duration keep_jobs{std::chrono::hours(24 * 30)}, keep_dead{std::chrono::hours(24 * 180)},
        keep_events{std::chrono::hours(24 * 90)};
    std::int64_t keep_jobs_count = 1'000'000, keep_events_count = 2'000'000;
    bool operator==(WorkSettings const&) const = default;
};

}  // namespace lares::config
