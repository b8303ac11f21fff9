// config/tasks.cc: one [task:x] section, from its rows to a Task.

#include "config/tasks.h"

#include <algorithm>

#include "config/processes.h"
#include "text/nearest.h"
#include "text/placeholders.h"
#include "text/python.h"

namespace lares::config {

namespace {

/// What people write who come from elsewhere, and what it is called here.
constexpr Elsewhere elsewhere[] = {
    {"numprocs", "write workers"},
    {"exitcodes", "write success_codes"},
    {"cron", "write schedule"},
    {"when", "write schedule"},
    {"depends_on", "write needs, or after for what runs after another task"},
    {"startretries", "write retries"},
    {"autorestart", "a task is tried again: write retries"},
    {"autostart", "a task runs when a trigger brings a job; write schedule = @reboot"},
    {"restart_delay", "write retry_backoff"},
    {"stdout_logfile", "each run has a log of its own; see keep_runs and log_max"},
    {"stderr_logfile", "each run has a log of its own; see keep_runs and log_max"},
    {"pre_start", "write needs or after, or call it from the command"},
    {"concurrency", "write workers"},
    {"cwd", "write directory"},
};

/// Options that say nothing without another one.
struct Companion {
    std::string_view option, needs;
};
constexpr Companion companions[] = {
    {"prefetch", "protocol"},    {"idle", "protocol"},        {"shell_program", "shell"},
    {"jitter", "schedule"},      {"calendar", "schedule"},    {"catchup", "schedule"},
    {"dst", "schedule"},         {"http_secret", "http"},     {"http_check", "http"},
    {"http_header", "http"},     {"http_max", "http"},        {"retry_backoff", "retries"},
    {"retry_jitter", "retries"}, {"retry_on", "retries"},     {"retry_budget", "retries"},
    {"on_late", "expect"},       {"stopwaitsecs", "timeout"}, {"mail_to", "mail_channel"},
};

/// One section on its way.
class TaskReader {
public:
    TaskReader(ProgramWorld const& world, TaskDraft const& defaults,
               text::IniSection const& section)
        : world_(world), section_(section), reader_(world.context, section), draft_(defaults) {
        program().kind = ProgramKind::task;
        for (auto* placed : {&program().place, &task().place}) *placed = section.place;
        program().file = task().file = reader_.file();
        // supervisord knows no tasks: our words are the only ones.
        reader_.set_classic([](auto, auto, auto const&) { return std::string(); });
    }

    std::optional<ReadTask> read() {
        if (!read_name()) return std::nullopt;
        reader_.read(task_rows(), draft_);
        reader_.read(program_rows(), draft_.program, tasks_too);
        if (draft_.program.program.memory_watch.most > 0)
            reader_.error(reader_.place_of("memory_max"),
                          {"a run of a task is not restarted for its memory",
                           "write memory_max without restart, which is a limit of the kernel"});
        reader_.report_unknown(/*section_is_ours=*/true, elsewhere);
        settle_stop(draft_.program);
        program().varying = reader_.take_varying();
        make_process();
        finish_overlap();
        finish_schedules();
        check_words();
        check_hook();
        check_companions();
        task().how = std::move(program());
        return ReadTask{std::move(task()), &section_};
    }

private:
    Task& task() { return draft_.task; }
    Program& program() { return draft_.program.program; }
    bool has(std::string_view option) const { return reader_.find(option) != nullptr; }

    void error(std::string_view option, std::string what, std::string hint = {}) {
        reader_.error(reader_.place_of(option), {std::move(what), std::move(hint)});
    }

    bool read_name() {
        auto const& section = reader_.name();
        auto name = parse_name(std::string_view(section).substr(section.find(':') + 1));
        if (!name || name->empty()) {
            reader_.error(reader_.place(), {"the name in [" + section +
                                            "] must be there and have no space, ':' or '/'"});
            return false;
        }
        task().name = program().name = task().rules.task = *name;
        task().origin = "[" + section + "]";
        for (auto const& [known, value] : comment_signs()) reader_.know(known, value);
        reader_.know("task_name", *name);
        reader_.know("program_name", *name);
        reader_.know("group_name", *name);
        return true;
    }

    // ---- what it runs

    void make_process() {
        if (!has("command") || program().command.empty()) {
            if (draft_.task.is_remote) return;  // its workers know what to run
            reader_.error(reader_.place_of("command"), {"[" + reader_.name() + "] has no command"});
            return;
        }
        program().out.logfile.kind = program().err.logfile.kind = LogTarget::Kind::none;
        auto made = make_processes(world_.context.world, world_.context.names, world_.context.here,
                                   log_base(world_.daemon, world_.context.world), program(),
                                   task().name, 1);
        if (made.fault) return report_fault(*made.fault);
        task().process = std::move(made.processes.front());
        auto& process = task().process;
        program().directory = process.directory;
        program().environment_files = process.environment_files;
        if (task().shell) {
            process.argv = {task().shell_program, "-c", process.command};
            process.command_error.clear();
        }
        if (!process.command_error.empty())
            error("command", "command = " + shown(process.command) + ": " + process.command_error);
    }

    void report_fault(Fault const& fault) {
        if (fault.in_expansion)
            reader_.report_expansion(fault.option, fault.value, fault.error);
        else
            error(fault.option,
                  fault.option + " = " + shown(fault.value) + ": " + fault.error.what);
    }

    // ---- when

    void finish_overlap() {
        bool is_parallel = task().rules.overlap == queue::Overlap::parallel;
        if (is_parallel && !has("workers")) task().rules.workers = task().rules.parallel;
        if (is_parallel && task().rules.workers < task().rules.parallel)
            error("overlap",
                  "overlap = parallel " + std::to_string(task().rules.parallel) +
                      ": more than workers, " + std::to_string(task().rules.workers),
                  "raise workers, or leave it out");
    }

    void finish_schedules() {
        auto const* entry = reader_.find("schedule");
        if (!entry) return;
        if (task().schedules.empty())
            error("schedule", "schedule is empty", "write minute hour day month weekday");
        std::string words = stable_words(world_.context.world.host_name, task().name);
        for (auto& trigger : task().schedules) finish_schedule(*entry, trigger, words);
    }

    void finish_schedule(text::IniEntry const& entry, ScheduleTrigger& trigger,
                         std::string const& words) {
        auto read = text::parse_cron(trigger.expression, words);
        std::string what = "schedule = " + shown(trigger.expression) + ": ";
        if (!read) {
            reader_.error(place_of(entry, trigger, text::Severity::error),
                          {what + read.error().what});
            return;
        }
        trigger.cron = read->cron;
        for (auto const& hint : read->hints)
            reader_.warning(place_of(entry, trigger, text::Severity::warning), {what + hint});
        if (trigger.timezone.empty()) {
            trigger.timezone = task().timezone;
            return;
        }
        auto zone = world_.context.world.find_zone(trigger.timezone);
        if (!zone)
            reader_.error(place_of(entry, trigger, text::Severity::error),
                          {what + zone.error().what});
    }

    /// Comments between the lines of a value are not in it, so the line is looked for: from the
    /// top of the file, so only for what is shown.
    text::Place place_of(text::IniEntry const& entry, ScheduleTrigger const& trigger,
                         text::Severity severity) {
        std::string_view line = trigger.expression;
        if (world_.context.report.is_full(severity)) return entry.place;
        // A value has no more lines than this; beyond it another one is meant.
        constexpr int most_lines = 1'000;
        auto place = entry.place;
        std::string_view rest =
            world_.context.ini.sources.at(static_cast<std::size_t>(place.file)).text;
        for (int number = 1; !rest.empty() && number < place.line + most_lines; ++number) {
            auto source = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(source.size() + 1, rest.size()));
            auto found = source.find(line);
            if (number < place.line || found == source.npos) continue;
            auto behind = text::python::strip(source.substr(found + line.size()));
            if (behind.empty() || behind.starts_with(';') || behind.starts_with('#'))
                return {place.file, number, static_cast<int>(found) + 1};
        }
        return place;
    }

    // ---- {{key}}

    void check_words() {
        check_placeholders("unique", task().unique);
        bool is_lines = task().protocol == Protocol::lines;
        for (auto const& word : task().process.argv) {
            if (!check_placeholders("command", word)) return;
            auto keys = text::placeholder_keys(word);
            if (keys->empty() || (!task().shell && !is_lines)) continue;
            auto const& key = keys->front();
            if (is_lines)
                error("command", "{{" + key + "}} in the command of protocol = lines",
                      "its workers read the payload of each job from their input");
            else
                error("command", "{{" + key + "}} in a command of a shell",
                      "write \"$PAYLOAD_" + key +
                          "\", with the quotes: a payload never becomes "
                          "part of what a shell reads");
            return;
        }
        if (is_lines && !task().input.empty())
            error("input", "input with protocol = lines", "its workers read jobs there");
    }

    /// False when something was wrong.
    bool check_placeholders(std::string_view option, std::string const& word) {
        auto keys = text::placeholder_keys(word);
        if (!keys) {
            error(option, std::string(option) + ": " + keys.error().what);
            return false;
        }
        auto const& known = task().payload_keys;
        for (auto const& key : *keys) {
            std::string first = key.substr(0, key.find('.'));
            bool is_known = known.empty() || std::ranges::find(known, key) != known.end() ||
                            std::ranges::find(known, first) != known.end();
            if (is_known) continue;
            error(option, std::string(option) + ": payload has no '" + key + "'",
                  did_you_mean(text::nearest(key, {known.begin(), known.end()})));
            return false;
        }
        return true;
    }

    // ---- checks between options

    void check_hook() {
        if (task().hook.path.empty() || has("http_secret")) return;
        error("http", "http without http_secret: anybody could start this task",
              "write http_secret = file:/path, env:NAME or credential:NAME");
    }

    void check_companions() {
        for (auto const& [option, needs] : companions) {
            bool is_there = needs == "protocol" ? task().protocol == Protocol::lines
                            : needs == "shell"  ? task().shell
                                                : has(needs);
            if (!has(option) || is_there) continue;
            std::string wanted(needs == "protocol" ? "protocol = lines"
                               : needs == "shell"  ? "shell = true"
                                                   : "'" + std::string(needs) + "'");
            reader_.warning(reader_.place_of(option),
                            {std::string(option) + " does nothing without " + wanted});
        }
        bool stops_at_once = program().stopasgroup && !program().killasgroup;
        if (stops_at_once)
            error("killasgroup",
                  "stopasgroup = yes with killasgroup = no would leave children behind",
                  "leave killasgroup out");
    }

    ProgramWorld const& world_;
    text::IniSection const& section_;
    SectionReader reader_;
    TaskDraft draft_;
};

}  // namespace

TaskDraft task_defaults(World const& world) {
    TaskDraft draft;
    read_defaults(world, task_rows(), draft);
    draft.program = program_defaults(world);
    return draft;
}

std::optional<ReadTask> read_task(ProgramWorld const& world, TaskDraft const& defaults,
                                  text::IniSection const& section) {
    return TaskReader(world, defaults, section).read();
}

std::string stable_words(std::string_view host_name, std::string_view task) {
    return std::string(host_name) + "/" + std::string(task);
}

}  // namespace lares::config
