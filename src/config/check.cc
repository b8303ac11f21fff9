// config/check.cc: a configuration told to a person, and to a program.

#include "config/check.h"

#include <algorithm>
#include <tuple>

#include "text/quantity.h"
#include "text/words.h"

namespace lares::config {

namespace {

using text::Diagnostic;
using text::Severity;

std::string_view kind_name(ProgramKind kind) {
    switch (kind) {
    case ProgramKind::program:
        return "program";
    case ProgramKind::eventlistener:
        return "eventlistener";
    case ProgramKind::fcgi_program:
        return "fcgi-program";
    case ProgramKind::task:
        return "task";
    }
    return "";
}

/// By place: a person reads the file from its top. What has no place comes first.
std::vector<Diagnostic> by_place(std::vector<Diagnostic> found) {
    std::ranges::stable_sort(found, {}, [](Diagnostic const& one) {
        return std::tuple(one.place.file, one.place.line, one.place.column);
    });
    return found;
}

std::string counted(std::size_t count, std::string_view one) {
    return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

std::size_t count_of(Loaded const& loaded, Severity severity) {
    return static_cast<std::size_t>(
        std::ranges::count(loaded.found, severity, &Diagnostic::severity));
}

/// One process that would run, with its program and group.
struct Shown {
    ProcessSettings process;
    Program const* program;
    Group const* group;
};

std::vector<Shown> all_processes(Settings const& settings, World const& world) {
    std::vector<Shown> all;
    for (auto const& group : settings.groups) {
        for (auto const& name : group.programs) {
            auto const* program = settings.find_program(name);
            if (!program) continue;
            auto made = expand_processes(settings, world, *program, group.name, program->numprocs);
            // load() has made them all once, so this cannot fail but by a change in the world.
            if (!made) continue;
            for (auto& process : *made) all.push_back({std::move(process), program, &group});
        }
    }
    return all;
}

/// supervisorctl's manner: "web" when group and process have one name.
std::string full_name(ProcessSettings const& process) {
    return process.group == process.name ? process.name : process.group + ":" + process.name;
}

std::string process_line(Shown const& shown, std::size_t width) {
    std::string name = full_name(shown.process);
    std::string line = "    " + name + std::string(width - name.size() + 2, ' ');
    line.append(text::join_words(shown.process.argv));
    if (shown.process.argv.empty())
        line.append("(").append(shown.process.command_error).append(")");
    if (shown.program->user) line.append("  user=").append(shown.program->user->name);
    if (!shown.program->autostart) line.append("  autostart=no");
    if (!shown.program->depends_on.empty()) {
        line.append("  needs=");
        for (auto const& need : shown.program->depends_on)
            line.append(&need == &shown.program->depends_on.front() ? "" : ",").append(need);
    }
    return line + "\n";
}

/// What brings the jobs of a task, as its options say it.
std::vector<std::string> trigger_words(Task const& task, Settings const& settings) {
    std::vector<std::string> words;
    for (auto const& trigger : task.schedules)
        words.push_back("schedule=" + text::join_words({trigger.expression}) +
                        (trigger.timezone.empty() ? "" : " (" + trigger.timezone + ")"));
    if (task.every.every > Duration(0))
        words.push_back("every=" + text::print_duration(task.every.every));
    for (auto const& trigger : task.after) {
        std::string names;
        for (auto const& other : trigger.others)
            names.append(names.empty() ? "" : trigger.any_of ? "|" : ",").append(other.task);
        words.push_back("after=" + names);
    }
    for (auto const& trigger : task.on) words.push_back("on=" + trigger.type);
    if (!task.hook.path.empty()) words.push_back("http=" + task.hook.path);
    for (auto const& folder : settings.folders)
        if (folder.task == task.name) words.push_back("folder=" + folder.path);
    return words;
}

std::string task_line(Task const& task, Settings const& settings, std::size_t width) {
    std::string line = "    " + task.name + std::string(width - task.name.size() + 2, ' ');
    line.append(text::join_words(task.process.argv));
    if (task.how.user) line.append("  user=").append(task.how.user->name);
    for (auto const& words : trigger_words(task, settings)) line.append("  ").append(words);
    if (!task.enabled) line.append("  enabled=no");
    return line + "\n";
}

std::string tasks_text(Settings const& settings) {
    std::size_t width = 0;
    for (auto const& task : settings.tasks) width = std::max(width, task.name.size());
    std::string out = settings.tasks.empty() ? "" : "tasks:\n";
    for (auto const& task : settings.tasks) out.append(task_line(task, settings, width));
    return out;
}

std::string server_text(HttpServer const& server) {
    if (server.is_unix) return "unix://" + server.file;
    std::string host = server.host.empty() ? "*" : server.host;
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(server.port);
}

std::string good_text(Loaded const& loaded, Settings const& settings, World const& world) {
    auto processes = all_processes(settings, world);
    std::size_t width = 0;
    for (auto const& shown : processes) width = std::max(width, full_name(shown.process).size());
    std::string out = settings.path + " is good: " + counted(settings.groups.size(), "group") +
                      ", " + counted(settings.programs.size(), "program") + ", ";
    std::size_t count = processes.size();
    out.append(count == 1 ? "1 process" : std::to_string(count) + " processes");
    if (!settings.tasks.empty()) out.append(", ").append(counted(settings.tasks.size(), "task"));
    if (!settings.folders.empty())
        out.append(", ").append(counted(settings.folders.size(), "folder"));
    std::size_t warnings = count_of(loaded, Severity::warning);
    if (warnings > 0) out.append(", ").append(counted(warnings, "warning"));
    out.append("\n");
    for (auto const& shown : processes) out.append(process_line(shown, width));
    out.append(tasks_text(settings));
    for (auto const& server : settings.servers)
        out.append("listens on ").append(server_text(server)).append("\n");
    return out;
}

std::string bad_text(Loaded const& loaded) {
    std::string out = "lares: " + counted(count_of(loaded, Severity::error), "error");
    std::size_t warnings = count_of(loaded, Severity::warning);
    if (warnings > 0) out.append(", ").append(counted(warnings, "warning"));
    return out.append("; this configuration cannot be used\n");
}

text::Value finding_value(Diagnostic const& one, Loaded const& loaded) {
    auto file = static_cast<std::size_t>(one.place.file);
    bool has_file = one.place.file >= 0 && file < loaded.sources.size();
    return text::Struct{{"file", has_file ? loaded.sources[file].path : std::string()},
                        {"line", one.place.line},
                        {"column", one.place.column},
                        {"what", one.what},
                        {"hint", one.hint},
                        {"classic", one.classic.empty() ? one.what : one.classic}};
}

text::Value findings(Loaded const& loaded, Severity severity) {
    text::Array all;
    for (auto const& one : by_place(loaded.found))
        if (one.severity == severity) all.push_back(finding_value(one, loaded));
    return all;
}

text::Array texts(std::vector<std::string> const& lines) { return {lines.begin(), lines.end()}; }

text::Value process_value(Shown const& shown) {
    auto const& program = *shown.program;
    return text::Struct{{"name", full_name(shown.process)},
                        {"group", shown.process.group},
                        {"process", shown.process.name},
                        {"program", program.name},
                        {"kind", std::string(kind_name(program.kind))},
                        {"command", shown.process.command},
                        {"user", program.user ? program.user->name : std::string()},
                        {"autostart", program.autostart},
                        {"priority", program.priority},
                        {"needs", texts(program.depends_on)}};
}

text::Value task_value(Task const& task, Settings const& settings) {
    return text::Struct{{"name", task.name},
                        {"origin", task.origin},
                        {"argv", texts(task.process.argv)},
                        {"user", task.how.user ? task.how.user->name : std::string()},
                        {"enabled", task.enabled},
                        {"triggers", texts(trigger_words(task, settings))}};
}

text::Value folder_value(Folder const& folder) {
    return text::Struct{{"name", folder.name}, {"path", folder.path}, {"task", folder.task}};
}

}  // namespace

std::string check_text(Loaded const& loaded, World const& world) {
    std::string out;
    for (auto const& one : by_place(loaded.found))
        out.append(text::format(one, loaded.sources, "lares: "));
    return out + (loaded.settings ? good_text(loaded, *loaded.settings, world) : bad_text(loaded));
}

text::Value check_value(Loaded const& loaded, World const& world) {
    text::Array groups, processes, tasks, folders, servers;
    std::string path = loaded.sources.empty() ? "" : loaded.sources.front().path;
    if (loaded.settings) {
        for (auto const& group : loaded.settings->groups)
            groups.push_back(text::Struct{
                {"name", group.name}, {"priority", group.priority}, {"implied", group.implied}});
        for (auto const& shown : all_processes(*loaded.settings, world))
            processes.push_back(process_value(shown));
        for (auto const& task : loaded.settings->tasks)
            tasks.push_back(task_value(task, *loaded.settings));
        for (auto const& folder : loaded.settings->folders) folders.push_back(folder_value(folder));
        for (auto const& server : loaded.settings->servers) servers.push_back(server_text(server));
    }
    return text::Struct{{"good", loaded.settings.has_value()},
                        {"path", path},
                        {"errors", findings(loaded, Severity::error)},
                        {"warnings", findings(loaded, Severity::warning)},
                        {"notes", texts(loaded.notes)},
                        {"groups", std::move(groups)},
                        {"processes", std::move(processes)},
                        {"tasks", std::move(tasks)},
                        {"folders", std::move(folders)},
                        {"servers", std::move(servers)}};
}

std::string classic_error(Loaded const& loaded) {
    auto first = std::ranges::find(loaded.found, Severity::error, &Diagnostic::severity);
    if (first == loaded.found.end()) return "";
    return first->classic.empty() ? first->what : first->classic;
}

}  // namespace lares::config
