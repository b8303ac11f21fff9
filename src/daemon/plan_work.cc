// daemon/plan_work.cc: from compared settings to options with their old and new values, next runs,
// and sentences on what becomes of what is there.

#include "daemon/plan_work.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "config/options.h"
#include "config/work_changes.h"
#include "daemon/next_runs.h"

namespace lares::daemon {

using config::Section;
using config::WorkChange;
using control::PlannedOption;
using control::PlannedWork;

namespace {

/// What the rows say of the options of one kind of section.
using Docs = std::map<std::string_view, config::OptionDoc>;

Docs docs_of(Section section) {
    Docs docs;
    for (auto const& doc : config::all_options())
        if (doc.section == section) docs.emplace(doc.name, doc);
    return docs;
}

/// Values of these may be secrets, and a plan is shown to whoever may operate.
bool is_hidden(Docs const& docs, std::string_view option) {
    auto doc = docs.find(option);
    return option == "environment" ||
           (doc != docs.end() && doc->second.type.starts_with("a secret"));
}

std::string default_words(Docs const& docs, std::string_view option) {
    auto doc = docs.find(option);
    if (doc == docs.end() || doc->second.fallback.empty()) return "(nothing)";
    if (doc->second.fallback.starts_with('(')) return std::string(doc->second.fallback);
    return fmt::format("({} by default)", doc->second.fallback);
}

/// Lines of crontabs stand in no section: what they say is in the settings.
std::string said(config::Task const* task, std::string_view option) {
    if (task == nullptr) return "";
    if (option == "command") return task->how.command;
    std::string lines;
    if (option == "schedule")
        for (auto const& one : task->schedules)
            lines += (lines.empty() ? "" : "; ") + one.expression;
    return lines;
}

struct Place {
    std::string value, place;
};

/// What a file says of an option, and where.
Place written(text::Ini const& ini, std::string const& section, std::string_view option) {
    auto const* found = ini.find(section);
    auto const* entry = found == nullptr ? nullptr : found->find(option);
    if (entry == nullptr) return {};
    auto file = static_cast<std::size_t>(entry->key_place.file);
    auto place = file < ini.sources.size()
                     ? fmt::format("{}:{}", ini.sources[file].path, entry->key_place.line)
                     : std::string();
    std::string value = entry->value;
    for (auto at = value.find('\n'); at != value.npos; at = value.find('\n')) value[at] = ';';
    return {value.empty() ? "(nothing)" : value, place};
}

class Planner {
public:
    explicit Planner(PlanGround const& ground) : ground_(ground) {}

    std::vector<PlannedWork> all(std::vector<std::string>& warnings) {
        auto tasks = config::changed_tasks(ground_.running, ground_.wanted);
        auto folders = config::changed_folders(ground_.running, ground_.wanted);
        if (tasks.size() > most_work) {
            warnings.push_back(fmt::format("{} tasks would be others; the first {} are shown",
                                           tasks.size(), most_work));
            tasks.resize(most_work);
        }
        if (!tasks.empty()) {
            for (auto const& task : ground_.running.tasks) before_.emplace(task.name, &task);
            for (auto const& task : ground_.wanted.tasks) after_.emplace(task.name, &task);
        }
        for (auto const& change : tasks) add_task(change);
        for (auto const& change : folders) add_folder(change);
        add_channels();
        add_house();
        return std::move(list_);
    }

private:
    static plan::Action action_of(WorkChange::What what) {
        switch (what) {
        case WorkChange::What::added:
            return plan::Action::add;
        case WorkChange::What::changed:
            return plan::Action::change;
        case WorkChange::What::removed:
            return plan::Action::remove;
        }
        return plan::Action::change;
    }

    PlannedWork& put(std::string kind, std::string name, plan::Action action) {
        list_.push_back({.action = action, .kind = std::move(kind), .name = std::move(name)});
        return list_.back();
    }

    void add_options(PlannedWork& work, Docs const& docs, std::string const& section,
                     std::vector<std::string_view> const& options,
                     config::Task const* before = nullptr, config::Task const* after = nullptr) {
        bool is_before_known = !ground_.texts.before.sections.empty();
        for (auto option : options) {
            auto is = written(ground_.texts.now, section, option);
            auto was = written(ground_.texts.before, section, option);
            auto in_words = [&](Place const& place, config::Task const* task) {
                if (is_hidden(docs, option)) return std::string("(not shown)");
                if (!place.value.empty()) return place.value;
                auto words = said(task, option);
                return words.empty() ? default_words(docs, option) : words;
            };
            work.options.push_back(
                {.option = std::string(option),
                 .before = is_before_known ? in_words(was, before) : "(not known)",
                 .after = in_words(is, after),
                 .place = is.place.empty() ? was.place : is.place});
        }
    }

    std::vector<std::string> runs_of(config::Task const* task) {
        if (task == nullptr || list_.size() > most_with_runs) return {};
        return next_runs(
            {.task = *task, .zones = ground_.zones, .host = ground_.host, .after = ground_.now});
    }

    void add_task(WorkChange const& change) {
        auto find = [&](Index const& index) {
            auto found = index.find(change.name);
            return found == index.end() ? nullptr : found->second;
        };
        auto const* before = find(before_);
        auto const* after = find(after_);
        auto& work = put("task", change.name, action_of(change.what));
        add_options(work, tasks_, "task:" + change.name, change.options, before, after);
        work.next_before = runs_of(before);
        work.next_after = runs_of(after);
        work.timezone = (after == nullptr ? before : after)->timezone;
        if (before != nullptr) {
            auto jobs = ground_.jobs(change.name);
            work.waiting = jobs.waiting;
            work.running = jobs.running;
        }
        tell_task(work, before, after);
    }

    static std::string count(std::size_t number, std::string_view one, std::string_view many) {
        return fmt::format("{} {}", number, number == 1 ? one : many);
    }

    /// What core/queue.h and daemon/work_clocks.h do of it.
    static void tell_task(PlannedWork& work, config::Task const* before,
                          config::Task const* after) {
        if (after == nullptr) {
            if (work.waiting > 0)
                work.notes.push_back(
                    count(work.waiting, "job waits: it stays", "jobs wait: they stay") +
                    " in the database, not started, until the task is configured again or " +
                    (work.waiting == 1 ? "it is" : "they are") + " cancelled");
            if (work.running > 0)
                work.notes.push_back(count(work.running, "run goes", "runs go") +
                                     " on to the end; a retry then waits as well");
            return;
        }
        if (before == nullptr && after->schedules.empty()) work.notes.push_back(brought_by(*after));
        if (before == nullptr) return;
        if (before->schedules != after->schedules)
            work.notes.push_back("a new schedule counts from the update on: nothing is caught up");
        if (work.running > 0)
            work.notes.push_back(count(work.running, "run goes", "runs go") +
                                 " on as begun; what starts later is as the new lines say");
    }

    static std::string brought_by(config::Task const& task) {
        std::string ways;
        auto add = [&](bool has, std::string_view way) {
            if (has) ways += (ways.empty() ? "" : ", ") + std::string(way);
        };
        add(task.every.every > Duration(0), "every");
        add(!task.after.empty(), "after");
        add(!task.on.empty(), "on");
        add(!task.hook.path.empty(), "http");
        return "no schedule brings it jobs" + (ways.empty()
                                                   ? ": a folder, another task or a person does"
                                                   : "; other options do: " + ways);
    }

    void add_folder(WorkChange const& change) {
        auto& work = put("folder", change.name, action_of(change.what));
        add_options(work, folders_, "folder:" + change.name, change.options);
        if (change.what != WorkChange::What::added) {
            auto files = ground_.files(change.name);
            work.waiting = files.waiting;
            work.running = files.running;
        }
        tell_folder(work, change);
    }

    void tell_folder(PlannedWork& work, WorkChange const& change) const {
        auto named = [&](config::Settings const& settings) {
            return std::ranges::find(settings.folders, change.name, &config::Folder::name);
        };
        if (change.what == WorkChange::What::added) {
            auto folder = named(ground_.wanted);
            if (folder != ground_.wanted.folders.end())
                work.notes.push_back(
                    fmt::format("what lies in '{}' already is taken as well", folder->path));
            return;
        }
        auto folder = named(ground_.running);
        if (change.what == WorkChange::What::removed && folder != ground_.running.folders.end())
            work.notes.push_back(fmt::format(
                "'{}' is watched no longer; {}", folder->path,
                work.waiting == 0 ? std::string("nothing waits in it")
                                  : count(work.waiting, "file that waits stays where it is",
                                          "files that wait stay where they are")));
        if (work.running > 0)
            work.notes.push_back(
                count(work.running, "file is", "files are") + " with jobs, which go on" +
                (change.what == WorkChange::What::removed
                     ? "; they are moved as done and failed said, unless the daemon starts anew "
                       "before"
                     : ""));
    }

    /// Their sections compared: what a channel is made of has no changes of its own.
    void add_channels() {
        auto named = [](config::Settings const& settings, std::string_view name) {
            return settings.find_channel(name);
        };
        for (auto const& one : ground_.wanted.channels) {
            auto const& name = one.channel.name;
            auto const* before = named(ground_.running, name);
            if (before == nullptr) {
                put("channel", name, plan::Action::add);
            } else if (before->channel != one.channel || before->quiet != one.quiet ||
                       before->timezone != one.timezone) {
                auto& work = put("channel", name, plan::Action::change);
                auto section = "channel:" + name;
                std::vector<std::string_view> options;
                for (auto const& [option, doc] : channels_)
                    if (written(ground_.texts.now, section, option).value !=
                        written(ground_.texts.before, section, option).value)
                        options.push_back(option);
                add_options(work, channels_, section, options);
            }
        }
        for (auto const& one : ground_.running.channels)
            if (named(ground_.wanted, one.channel.name) == nullptr)
                put("channel", one.channel.name, plan::Action::remove);
    }

    void add_house() {
        auto options = config::changed_work_options(ground_.running.work, ground_.wanted.work);
        if (options.empty()) return;
        auto& work = put("lares", "lares", plan::Action::change);
        add_options(work, house_, "lares", options);
        if (std::ranges::find(options, "database") != options.end())
            work.notes.push_back("database: takes effect at the next start of the daemon");
    }

    /// Of more changed tasks no runs are foretold: the loop shall not wait for them.
    static constexpr std::size_t most_with_runs = 1'000;

    using Index = std::unordered_map<std::string_view, config::Task const*>;

    PlanGround const& ground_;
    Index before_, after_;
    std::vector<PlannedWork> list_;
    Docs tasks_ = docs_of(Section::task), folders_ = docs_of(Section::folder),
         channels_ = docs_of(Section::channel), house_ = docs_of(Section::lares);
};

control::Applied applied(std::string kind, std::string const& name, WorkChange::What what) {
    auto full = kind + "/" + name;
    auto action = what == WorkChange::What::added     ? plan::Action::add
                  : what == WorkChange::What::removed ? plan::Action::remove
                                                      : plan::Action::change;
    return {.group = full, .name = full, .action = action, .outcome = {}};
}

}  // namespace

std::vector<PlannedWork> planned_work(PlanGround const& ground,
                                      std::vector<std::string>& warnings) {
    return Planner(ground).all(warnings);
}

std::vector<control::Applied> applied_work(config::Settings const& before,
                                           config::Settings const& after) {
    std::vector<control::Applied> list;
    for (auto const& change : config::changed_tasks(before, after))
        list.push_back(applied("task", change.name, change.what));
    for (auto const& change : config::changed_folders(before, after))
        list.push_back(applied("folder", change.name, change.what));
    if (list.size() > most_work) list.resize(most_work);
    return list;
}

}  // namespace lares::daemon
