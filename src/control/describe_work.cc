// control/describe_work.cc: structs, member by member.

#include "control/describe_work.h"

#include "control/work_parts.h"

namespace lares::control {

namespace {

text::Value words(std::string_view text) { return std::string(text); }

text::Array ids(std::vector<job::Id> const& list) { return each_value(list, id_value); }

text::Value count(std::size_t number) { return number_value(static_cast<std::int64_t>(number)); }

text::Value block_value(queue::Block const& block) {
    return text::Struct{{"kind", block.kind}, {"words", block.words}};
}

std::string triggers_of(config::Task const& task) {
    std::string text;
    auto add = [&](std::string const& each) { text += (text.empty() ? "" : "; ") + each; };
    for (auto const& schedule : task.schedules)
        add("schedule " + schedule.expression +
            (schedule.timezone.empty() ? "" : " " + schedule.timezone));
    if (task.every.every > Duration(0))
        add("every " + std::to_string(task.every.every.count() / 1000) + " s");
    for (auto const& after : task.after) {
        std::string others;
        for (auto const& other : after.others)
            others += (others.empty() ? "" : after.any_of ? " | " : ", ") + other.task;
        add("after " + others);
    }
    for (auto const& on : task.on)
        add("on " + on.type + (on.subject.empty() ? "" : " " + on.subject));
    if (!task.hook.path.empty()) add("http " + task.hook.path);
    return text;
}

}  // namespace

text::Value job_value(job::Job const& job) {
    return text::Struct{
        {"job", id_value(job.id)},
        {"task", job.task},
        {"state", words(job::name(job.state))},
        {"why", job.why},
        {"payload", job.payload.empty() && job.payload_file.empty() ? "{}" : job.payload},
        {"payload_file", job.payload_file},
        {"key", job.key},
        {"once", job.once},
        {"priority", job.priority},
        {"created", time_value(job.created)},
        {"not_before", time_value(job.not_before)},
        {"due", time_value(job.due)},
        {"ended", time_value(job.ended)},
        {"after", ids(job.after)},
        {"attempts", job.attempts},
        {"errors", job.errors},
        {"crashes", job.crashes},
        {"run", id_value(job.run)},
        {"source", job.source},
        {"result", job.result},
        {"cause", id_value(job.cause)}};
}

text::Value run_value(ports::RunRow const& run) {
    return text::Struct{{"run", id_value(run.run)},
                        {"kind", run.kind},
                        {"subject", run.subject},
                        {"job", id_value(run.job)},
                        {"attempt", run.attempt},
                        {"pid", run.pid},
                        {"node", run.node},
                        {"started", time_value(run.started)},
                        {"ended", time_value(run.ended)},
                        {"outcome", run.outcome},
                        {"code", run.code},
                        {"signal", run.signal},
                        {"wall", seconds_value(run.wall)},
                        {"cpu", seconds_value(run.cpu)},
                        {"peak_memory", number_value(run.peak_memory_bytes)},
                        {"read_bytes", number_value(run.read_bytes)},
                        {"written_bytes", number_value(run.written_bytes)},
                        {"revision", run.revision},
                        {"log", run.log},
                        {"words", run.words}};
}

text::Value run_details(ports::RunRow const& run) {
    auto value = run_value(run);
    auto& members = std::get<text::Struct>(value.held);
    members.emplace_back("command", run.command);
    members.emplace_back("environment", run.environment);
    members.emplace_back("directory", run.directory);
    members.emplace_back("user", run.user);
    return value;
}

text::Value event_value(ports::EventRow const& event) {
    return text::Struct{{"event", id_value(event.id)},
                        {"at", time_value(event.at)},
                        {"kind", event.kind},
                        {"subject", event.subject},
                        {"cause", id_value(event.cause)},
                        {"who", event.who},
                        {"words", event.words},
                        {"data", event.data}};
}

text::Value file_value(ports::FileRow const& file) {
    return text::Struct{{"file", id_value(file.id)},
                        {"folder", file.folder},
                        {"path", file.path},
                        {"size", number_value(file.size)},
                        {"state", file.state},
                        {"job", id_value(file.job)},
                        {"seen", time_value(file.seen)},
                        {"ended", time_value(file.ended)},
                        {"destination", file.destination},
                        {"words", file.words}};
}

text::Value task_value(TaskInfo const& info) {
    bool has_ended = info.last_end != WallTime{};
    return text::Struct{{"task", info.task ? info.task->name : std::string()},
                        {"enabled", info.task && info.task->enabled},
                        {"ready", count(info.depth.ready)},
                        {"delayed", count(info.depth.delayed)},
                        {"running", count(info.depth.running)},
                        {"blocks", each_value(info.blocks, block_value)},
                        {"jobs", ids(info.running)},
                        {"next", info.next ? time_value(*info.next) : text::Value(0.0)},
                        {"next_by", info.next_by},
                        {"last_end", time_value(info.last_end)},
                        {"last_state", words(has_ended ? job::name(info.last_state) : "")},
                        {"last_run", id_value(info.last_run)},
                        {"done", number_value(info.done)},
                        {"failed", number_value(info.failed)},
                        {"usual", seconds_value(info.usual)},
                        {"late", info.is_late},
                        {"late_words", info.late_words}};
}

text::Value task_details(TaskInfo const& info) {
    auto value = task_value(info);
    if (!info.task) return value;
    auto const& task = *info.task;
    auto& members = std::get<text::Struct>(value.held);
    members.emplace_back("origin", task.origin);
    members.emplace_back("file", task.file);
    members.emplace_back("triggers", triggers_of(task));
    members.emplace_back("workers", task.rules.workers);
    members.emplace_back("priority", task.priority);
    members.emplace_back("retries", task.rules.retry.retries);
    members.emplace_back("timeout", seconds_value(task.timeout));
    members.emplace_back("queue_max", count(task.rules.queue_max));
    members.emplace_back("protocol", task.protocol == config::Protocol::lines ? "lines" : "exec");
    text::Array expects;
    for (auto const& expect : task.expects) expects.emplace_back(expect.text);
    members.emplace_back("expect", std::move(expects));
    members.emplace_back("needs", text::Array(task.needs.begin(), task.needs.end()));
    text::Struct resources;
    for (auto const& [name, amount] : task.rules.resources) resources.emplace_back(name, amount);
    members.emplace_back("resources", std::move(resources));
    return value;
}

text::Value folder_value(FolderInfo const& info) {
    text::Array reasons;
    for (auto const& [path, why] : info.reasons)
        reasons.push_back(text::Struct{{"path", path}, {"words", why}});
    auto const* folder = info.folder;
    return text::Struct{{"folder", folder ? folder->name : std::string()},
                        {"path", folder ? folder->path : std::string()},
                        {"task", folder ? folder->task : std::string()},
                        {"waiting", count(info.waiting)},
                        {"taken", count(info.taken)},
                        {"problems", count(info.problems)},
                        {"polled", info.is_polled},
                        {"trouble", info.trouble},
                        {"blocked", info.blocked},
                        {"files", std::move(reasons)}};
}

text::Value running_value(RunningJob const& job) {
    return text::Struct{{"job", id_value(job.id)},  {"task", job.task},
                        {"run", id_value(job.run)}, {"pid", job.pid},
                        {"attempt", job.attempt},   {"started", time_value(job.started)},
                        {"progress", job.progress}, {"progress_words", job.progress_words},
                        {"node", job.node}};
}

text::Value maintenance_value(Maintenance const& held) {
    return text::Struct{{"on", held.is_on},
                        {"until", time_value(held.until)},
                        {"reason", held.reason},
                        {"who", held.who},
                        {"needs", text::Array(held.needs.begin(), held.needs.end())},
                        {"held", count(held.held)},
                        {"report", held.report}};
}

text::Value reasons_value(std::vector<queue::Reason> const& reasons) {
    return each_value(reasons, [](queue::Reason const& reason) -> text::Value {
        return text::Struct{
            {"kind", reason.kind}, {"words", reason.words}, {"job", id_value(reason.other)}};
    });
}

}  // namespace lares::control
