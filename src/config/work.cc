// config/work.cc: the sections of work in the order of the files, then what tables bring, then the
// checks over all.

#include "config/work.h"

#include <deque>

#include "base/limits.h"
#include "config/tables.h"
#include "config/tasks.h"
#include "config/work_checks.h"

namespace lares::config {

namespace {

/// [crontab] or [incrontab].
CrontabFiles read_table_section(Context& context, std::string const& name,
                                std::span<Row<CrontabFiles> const> rows) {
    CrontabFiles files;
    auto const* section = context.ini.find(name);
    if (!section) return files;
    SectionReader reader(context, *section);
    reader.set_classic([](auto, auto, auto const&) { return std::string(); });
    reader.read(rows, files);
    reader.report_unknown(/*section_is_ours=*/true);
    if (!reader.find("files"))
        reader.error(section->place, {"[" + name + "] has no 'files' line",
                                      "such as files = /etc/" + name + ".d/*"});
    return files;
}

}  // namespace

void read_work_settings(Context& context, Settings& settings) {
    auto& work = settings.work;
    read_defaults(context.world, work_rows(), work);
    if (auto const* section = context.ini.find("lares")) {
        SectionReader reader(context, *section);
        reader.set_classic([](auto, auto, auto const&) { return std::string(); });
        reader.read(work_rows(), work);
    }
    if (work.database.empty()) work.database = settings.daemon.state_directory + "/lares.db";
}

void read_work(Context& context, Settings& settings) {
    TaskDraft defaults = task_defaults(context.world);
    ProgramWorld world{context, settings.daemon, defaults.program};
    std::vector<ReadTask> tasks;
    std::vector<ReadFolder> folders;
    for (auto const& section : context.ini.sections) {
        if (section.name.starts_with("task:")) {
            if (auto task = read_task(world, defaults, section)) tasks.push_back(std::move(*task));
        } else if (section.name.starts_with("folder:")) {
            if (auto folder = read_folder(context, section)) folders.push_back(std::move(*folder));
        }
    }
    settings.crontab = read_table_section(context, "crontab", crontab_rows());
    settings.incrontab = read_table_section(context, "incrontab", incrontab_rows());
    std::deque<text::IniSection> made;
    read_tables(world, defaults, settings, {tasks, folders, made});
    if (tasks.size() > limits::tasks) {
        context.report.error({}, {std::to_string(tasks.size()) + " tasks are more than the " +
                                  std::to_string(limits::tasks) + " one daemon runs"});
        return;
    }
    check_work(context, settings, tasks, folders);
    for (auto& read : tasks) settings.tasks.push_back(std::move(read.task));
    for (auto& read : folders) settings.folders.push_back(std::move(read.folder));
}

}  // namespace lares::config
