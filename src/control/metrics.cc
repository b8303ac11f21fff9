// control/metrics.cc: the parts, family by family.

#include "control/metrics.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/version.h"
#include "control/metrics_text.h"

namespace lares::control {

namespace {

using Kind = MetricsText::Kind;

double seconds_of(Duration span) { return static_cast<double>(span.count()) / 1000; }
double seconds_of(WallTime at) { return seconds_of(Duration(at.time_since_epoch())); }
double number(auto value) { return static_cast<double>(value); }

void add_daemon(MetricsText& out, MetricsInput const& in) {
    out.begin("lares_info", Kind::gauge, "The version that runs; always 1");
    out.add({{"version", version()}, {"commit", commit()}, {"identifier", in.house.identifier()}},
            1);
    out.begin("lares_start_time_seconds", Kind::gauge, "When this daemon started");
    out.add(seconds_of(in.started));
    out.begin("lares_up", Kind::gauge, "1 while it runs, 0 while it ends or restarts");
    out.add(in.house.daemon_state() == DaemonState::running);
    out.begin("lares_cpu_seconds_total", Kind::counter, "Processor time of the daemon itself");
    out.add(seconds_of(in.usage.own.cpu));
    out.begin("lares_resident_memory_bytes", Kind::gauge, "Memory of the daemon itself");
    out.add(number(in.usage.own.memory_bytes));
    out.begin("lares_open_fds", Kind::gauge, "Open descriptors of the daemon itself");
    out.add(number(in.usage.own.descriptors));
    out.begin("lares_calls_waiting", Kind::gauge, "Requests that wait for something to happen");
    out.add(number(in.calls));
    out.begin("lares_sessions", Kind::gauge, "Browsers that are logged in");
    out.add(number(in.sessions));
    out.begin("lares_stream_viewers", Kind::gauge, "Viewers of live streams");
    out.add(number(in.viewers));
    out.begin("lares_stream_gaps_total", Kind::counter,
              "Times that something was left out for a slow viewer");
    out.add(number(in.gaps));
    out.begin("lares_stream_dropped_total", Kind::counter,
              "Viewers let go because they took nothing");
    out.add(number(in.dropped));
}

void add_loop(MetricsText& out, MetricsInput const& in) {
    auto figures = in.house.loop_figures();
    out.begin("lares_loop_wake_ups_total", Kind::counter, "How often the loop woke up");
    out.add(number(figures.wake_ups));
    std::array<double, ports::turn_bounds_ms.size()> bounds{};
    std::ranges::transform(ports::turn_bounds_ms, bounds.begin(),
                           [](int ms) { return ms / 1000.0; });
    out.begin("lares_loop_turn_seconds", Kind::histogram,
              "How long the loop was awake at a time; whoever came meanwhile waited");
    out.add_histogram({}, bounds, figures.turns_by_length, number(figures.busy_us) / 1e6);
    out.begin("lares_loop_longest_turn_seconds", Kind::gauge,
              "The longest of these since the start");
    out.add(number(figures.longest_us) / 1e6);
}

void add_configuration(MetricsText& out, MetricsInput const& in) {
    int revision = 0;
    for (auto const& one : in.configuration->history())
        if (one.current) revision = one.revision;
    auto drift = in.configuration->drift();
    out.begin("lares_config_revision", Kind::gauge,
              "The configuration that is applied; 0: none is kept");
    out.add(number(revision));
    out.begin("lares_config_drift", Kind::gauge, "1: the files differ from what is applied");
    out.add(!drift.files.empty());
    out.begin("lares_config_trouble", Kind::gauge, "1: the files could not be applied");
    out.add(!drift.trouble.empty());
}

/// One family of programs: a sample for each process.
void add_processes(MetricsText& out, MetricsInput const& in, std::string_view name, Kind kind,
                   std::string_view help, double (*value)(ProcessInfo const&)) {
    out.begin(name, kind, help);
    for (auto const& info : in.processes)
        out.add({{"group", info.group}, {"process", info.name}, {"program", info.program}},
                value(info));
}

void add_programs(MetricsText& out, MetricsInput const& in) {
    std::map<std::string_view, int> by_state;
    for (auto state :
         {supervise::State::stopped, supervise::State::starting, supervise::State::running,
          supervise::State::backoff, supervise::State::stopping, supervise::State::exited,
          supervise::State::fatal})
        by_state[supervise::name(state)] = 0;
    for (auto const& info : in.processes) by_state[supervise::name(info.state)] += 1;
    out.begin("lares_programs", Kind::gauge, "How many processes are in each state");
    for (auto const& [state, count] : by_state) out.add({{"state", state}}, count);
    using Info = ProcessInfo const&;
    add_processes(
        out, in, "lares_program_state", Kind::gauge,
        "State by supervisord's number: 0 STOPPED, 10 STARTING, 20 RUNNING, 30 BACKOFF, 40 "
        "STOPPING, 100 EXITED, 200 FATAL",
        [](Info info) { return number(supervise::wire_number(info.state)); });
    add_processes(out, in, "lares_program_up", Kind::gauge,
                  "1 while it is RUNNING, which means ready",
                  [](Info info) { return info.ready ? 1.0 : 0.0; });
    add_processes(out, in, "lares_program_restarts_total", Kind::counter, "Restarts by itself",
                  [](Info info) { return number(info.restarts); });
    add_processes(out, in, "lares_program_exits_total", Kind::counter,
                  "Ends of its process since the daemon started",
                  [](Info info) { return number(info.exits); });
    add_processes(out, in, "lares_program_unexpected_exits_total", Kind::counter,
                  "Those that its settings do not expect",
                  [](Info info) { return number(info.unexpected_exits); });
    add_processes(out, in, "lares_program_last_exit_status", Kind::gauge,
                  "How it last ended; -1: by a signal; 0 also after an end before startsecs",
                  [](Info info) { return number(info.exit_status); });
    add_processes(out, in, "lares_program_last_signal", Kind::gauge,
                  "The signal that ended it last; 0: none",
                  [](Info info) { return number(info.last_signal); });
    add_processes(out, in, "lares_program_start_time_seconds", Kind::gauge, "When it last started",
                  [](Info info) { return seconds_of(info.started); });
    add_processes(out, in, "lares_program_peak_memory_bytes", Kind::gauge,
                  "The most memory that one of its ended runs had",
                  [](Info info) { return number(info.peak_memory_bytes); });
}

void add_usage(MetricsText& out, MetricsInput const& in) {
    std::unordered_map<std::string, ProcessInfo const*> infos;
    for (auto const& info : in.processes) infos.emplace(info.group + "\n" + info.name, &info);
    auto add = [&](std::string_view name, Kind kind, std::string_view help, auto value) {
        out.begin(name, kind, help);
        for (auto const& entry : in.usage.entries) {
            auto found = infos.find(entry.group + "\n" + entry.name);
            if (found == infos.end()) continue;
            auto const& info = *found->second;
            out.add({{"group", entry.group}, {"process", entry.name}, {"program", info.program}},
                    value(entry.usage, info));
        }
    };
    using Usage = ports::ProcessUsage const&;
    using Info = ProcessInfo const&;
    add("lares_program_cpu_seconds_total", Kind::counter,
        "Processor time: of its process now, and of all its ended runs with their children",
        [](Usage usage, Info info) { return seconds_of(usage.cpu + info.cpu); });
    add("lares_program_resident_memory_bytes", Kind::gauge, "Memory of its process now",
        [](Usage usage, Info) { return number(usage.memory_bytes); });
    add("lares_program_open_fds", Kind::gauge, "Open descriptors; -1: may not be looked at",
        [](Usage usage, Info) { return number(usage.descriptors); });
    add("lares_program_threads", Kind::gauge, "Threads",
        [](Usage usage, Info) { return number(usage.threads); });
}

void add_tasks_family(MetricsText& out, MetricsInput const& in, std::string_view name, Kind kind,
                      std::string_view help, double (*value)(TaskInfo const&)) {
    out.begin(name, kind, help);
    for (auto const& info : in.tasks)
        if (info.task) out.add({{"task", info.task->name}}, value(info));
}

bool is_paused(TaskInfo const& info) {
    return std::ranges::any_of(info.blocks,
                               [](auto const& block) { return block.kind == "paused"; });
}

void add_tasks(MetricsText& out, MetricsInput const& in) {
    using Info = TaskInfo const&;
    auto add = [&](std::string_view name, Kind kind, std::string_view help, double (*value)(Info)) {
        add_tasks_family(out, in, name, kind, help, value);
    };
    add("lares_task_ready_jobs", Kind::gauge, "Jobs that wait, those for a later time among them",
        [](Info info) { return number(info.depth.ready); });
    add("lares_task_delayed_jobs", Kind::gauge, "Of these, jobs for a later time",
        [](Info info) { return number(info.depth.delayed); });
    add("lares_task_running_jobs", Kind::gauge, "Jobs that run",
        [](Info info) { return number(info.depth.running); });
    out.begin("lares_task_oldest_ready_seconds", Kind::gauge,
              "How long the oldest job that waits has waited; 0: none waits");
    for (auto const& info : in.tasks)
        if (info.task)
            out.add({{"task", info.task->name}},
                    info.depth.oldest ? std::max(0.0, seconds_of(in.now - *info.depth.oldest)) : 0);
    add("lares_task_done_total", Kind::counter, "Jobs done since the daemon started",
        [](Info info) { return number(info.done); });
    add("lares_task_failed_total", Kind::counter, "Jobs that failed for good since then",
        [](Info info) { return number(info.failed); });
    add("lares_task_late", Kind::gauge, "1: it should have ended by now (expect)",
        [](Info info) { return info.is_late ? 1.0 : 0.0; });
    add("lares_task_paused", Kind::gauge, "1: a person or a circuit breaker holds it",
        [](Info info) { return is_paused(info) ? 1.0 : 0.0; });
    add("lares_task_enabled", Kind::gauge, "0: no trigger gives it jobs",
        [](Info info) { return info.task->enabled ? 1.0 : 0.0; });
    add("lares_task_last_end_time_seconds", Kind::gauge, "When a job of it last ended; 0: never",
        [](Info info) { return seconds_of(info.last_end); });
    add("lares_task_last_ok", Kind::gauge, "1: that one was done; 0: it failed, or there was none",
        [](Info info) { return info.last_state == job::State::done ? 1.0 : 0.0; });
    add("lares_task_next_due_time_seconds", Kind::gauge,
        "When a clock brings the next; 0: none does",
        [](Info info) { return info.next ? seconds_of(*info.next) : 0.0; });
    add("lares_task_usual_seconds", Kind::gauge, "How long a good run usually takes; 0: not known",
        [](Info info) { return seconds_of(info.usual); });
}

void add_jobs(MetricsText& out, MetricsInput const& in) {
    auto& store = in.work->store();
    out.begin("lares_store_up", Kind::gauge, "1: the database is open and can be written");
    out.add(store.is_open() && store.trouble().empty());
    out.begin("lares_store_backlog", Kind::gauge, "Writes that are not on the disk yet");
    out.add(number(store.backlog()));
    out.begin("lares_jobs", Kind::gauge, "Jobs in the database, by task and state");
    if (in.counts)
        for (auto const& row : in.counts->counts)
            out.add({{"task", row.task}, {"state", row.state}}, number(row.jobs));
    out.begin("lares_maintenance", Kind::gauge, "1: tasks are held for a maintenance");
    out.add(in.work->maintenance().is_on);
    out.begin("lares_resource_used", Kind::gauge, "How much of a resource is in use");
    auto resources = in.work->resources();
    for (auto const& [name, use] : resources) out.add({{"resource", name}}, use.first);
    out.begin("lares_resource_limit", Kind::gauge, "How much of it there is");
    for (auto const& [name, use] : resources) out.add({{"resource", name}}, use.second);
}

void add_folders(MetricsText& out, MetricsInput const& in) {
    auto folders = in.work->folders();
    auto add = [&](std::string_view name, std::string_view help, auto value) {
        out.begin(name, Kind::gauge, help);
        for (auto const& info : folders)
            if (info.folder) out.add({{"folder", info.folder->name}}, value(info));
    };
    using Info = FolderInfo const&;
    add("lares_folder_waiting_files", "Files that are not taken in yet",
        [](Info info) { return number(info.waiting); });
    add("lares_folder_taken_files", "Files that are worked on",
        [](Info info) { return number(info.taken); });
    add("lares_folder_problem_files", "Files that a person must decide about",
        [](Info info) { return number(info.problems); });
    add("lares_folder_trouble", "1: it cannot be watched as asked",
        [](Info info) { return info.trouble.empty() ? 0.0 : 1.0; });
    add("lares_folder_blocked", "1: it takes nothing in just now",
        [](Info info) { return info.blocked.empty() ? 0.0 : 1.0; });
}

void add_channels(MetricsText& out, MetricsInput const& in) {
    auto channels = in.messages->channels();
    auto add = [&](std::string_view name, std::string_view help, auto value) {
        out.begin(name, Kind::gauge, help);
        for (auto const& info : channels)
            if (info.settings)
                out.add({{"channel", info.settings->channel.name}}, value(info.standing));
    };
    add("lares_channel_waiting_deliveries", "Messages that have not gone out yet",
        [](auto const& standing) { return number(standing.waiting); });
    add("lares_channel_failures", "Failures in a row; 0: the last message was taken",
        [](auto const& standing) { return number(standing.failures); });
    add("lares_channel_trouble", "1: it does not work just now",
        [](auto const& standing) { return standing.trouble.empty() ? 0.0 : 1.0; });
    add("lares_channel_paused", "1: a person holds it",
        [](auto const& standing) { return standing.is_paused ? 1.0 : 0.0; });
    out.begin("lares_alerts_open", Kind::gauge, "Alerts that are not over");
    out.add(number(in.messages->open_alerts().size()));
}

using Part = void (*)(MetricsText&, MetricsInput const&);
constexpr Part parts[] = {add_daemon, add_loop, add_configuration, add_programs, add_usage,
                          add_tasks,  add_jobs, add_folders,       add_channels};

}  // namespace

std::string metrics_text(MetricsInput const& input) {
    MetricsText out;
    for (auto part : parts) part(out, input);
    return out.take();
}

}  // namespace lares::control
