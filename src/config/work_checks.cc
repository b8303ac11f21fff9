// config/work_checks.cc: the checks, each over all tasks or all folders.

#include "config/work_checks.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "text/nearest.h"

namespace lares::config {

namespace {

using Edges = std::vector<std::vector<std::size_t>>;

/// One circle of each part of the graph that has one: its members in order. Iterative, since a
/// chain may be as long as there are tasks.
std::vector<std::vector<std::size_t>> find_circles(Edges const& edges) {
    enum class Mark { fresh, open, closed };
    struct Step {
        std::size_t at, next;
    };
    std::vector<Mark> marks(edges.size(), Mark::fresh);
    std::vector<std::vector<std::size_t>> circles;
    for (std::size_t start = 0; start < edges.size(); ++start) {
        if (marks[start] != Mark::fresh) continue;
        std::vector<Step> path{{start, 0}};
        marks[start] = Mark::open;
        bool has_found = false;
        while (!path.empty()) {
            auto& [at, next] = path.back();
            if (next == edges[at].size()) {
                marks[at] = Mark::closed;
                path.pop_back();
                continue;
            }
            std::size_t to = edges[at][next++];
            if (marks[to] == Mark::fresh) {
                marks[to] = Mark::open;
                path.push_back({to, 0});
            } else if (marks[to] == Mark::open && !has_found) {
                auto first = std::ranges::find(path, to, &Step::at);
                std::vector<std::size_t> circle;
                for (; first != path.end(); ++first) circle.push_back(first->at);
                circles.push_back(std::move(circle));
                has_found = true;
            }
        }
    }
    return circles;
}

class Checker {
public:
    Checker(Context& context, Settings const& settings, std::vector<ReadTask> const& tasks,
            std::vector<ReadFolder>& folders)
        : context_(context), settings_(settings), tasks_(tasks), folders_(folders) {
        for (auto const& program : settings.programs) programs_.insert(program.name);
        for (auto const& group : settings.groups) programs_.insert(group.name);
    }

    void check() {
        check_names();
        for (auto const& read : tasks_) check_task(read);
        check_circle("after", &Checker::task_after, "runs after");
        check_circle("needs", &Checker::task_needs, "needs");
        for (auto& read : folders_) check_folder(read);
        check_paths();
        check_rounds();
    }

private:
    void error(text::IniSection const& section, std::string_view option, std::string what,
               std::string hint = {}) {
        auto const* entry = section.find(option);
        context_.report.error(entry ? entry->place : section.place,
                              {std::move(what), std::move(hint)});
    }

    static std::string title(text::IniSection const& section) { return "[" + section.name + "]"; }

    std::vector<std::string_view> task_names() const {
        std::vector<std::string_view> names;
        for (auto const& read : tasks_) names.push_back(read.task.name);
        return names;
    }

    std::string nearest_task(std::string_view name) const {
        if (context_.report.is_full(text::Severity::error)) return {};
        return did_you_mean(text::nearest(name, task_names()));
    }

    // ---- tasks

    void check_names() {
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            auto const& [task, section] = tasks_[i];
            auto [known, is_new] = by_name_.try_emplace(task.name, i);
            if (is_new) continue;
            auto const& other = tasks_[known->second].task;
            context_.report.error(section->place, {"two tasks are called '" + task.name +
                                                       "': " + task.origin + " and " + other.origin,
                                                   "rename one of them"});
        }
    }

    void check_task(ReadTask const& read) {
        auto const& [task, section] = read;
        for (auto const& trigger : task.after)
            for (auto const& other : trigger.others)
                expect_task(*section, "after", other.task, "runs after");
        for (auto const& name : task.on_success) expect_task(*section, "on_success", name, "names");
        for (auto const& name : task.on_failure) expect_task(*section, "on_failure", name, "names");
        for (auto const& name : task.on_late) expect_task(*section, "on_late", name, "names");
        for (auto const& need : task.needs) check_need(read, need);
        for (auto const& [name, count] : task.rules.resources)
            check_resource(*section, name, count);
        check_hook(read);
    }

    void expect_task(text::IniSection const& section, std::string_view option,
                     std::string const& name, std::string_view verb) {
        if (by_name_.contains(name)) return;
        error(section, option,
              title(section) + " " + std::string(verb) + " the unknown task '" + name + "'",
              nearest_task(name));
    }

    void check_need(ReadTask const& read, std::string const& need) {
        auto const& section = *read.section;
        bool is_program = programs_.contains(need), is_task = by_name_.contains(need);
        if (is_program && is_task)
            error(section, "needs",
                  title(section) + " needs '" + need +
                      "', which is a program or group and also a task",
                  "rename one of them");
        if (is_program || is_task) return;
        std::vector<std::string_view> names;
        if (!context_.report.is_full(text::Severity::error)) names = task_names();
        names.insert(names.end(), programs_.begin(), programs_.end());
        error(section, "needs",
              title(section) + " needs the unknown program, group or task '" + need + "'",
              did_you_mean(text::nearest(need, names)));
    }

    void check_resource(text::IniSection const& section, std::string const& name, int count) {
        auto const& all = settings_.work.resources;
        auto found = all.find(name);
        if (found == all.end()) {
            std::vector<std::string_view> names;
            for (auto const& [known, size] : all) names.push_back(known);
            auto nearest = did_you_mean(text::nearest(name, names));
            error(section, "resources",
                  title(section) + " holds the unknown resource '" + name + "'",
                  nearest.empty() ? "add resources = " + name + ":1 to [lares]" : nearest);
        } else if (count > found->second) {
            error(section, "resources",
                  title(section) + " holds " + std::to_string(count) + " of '" + name +
                      "', of which there is only " + std::to_string(found->second),
                  "raise it in [lares], or the task can never start");
        }
    }

    void check_hook(ReadTask const& read) {
        auto const& path = read.task.hook.path;
        if (path.empty()) return;
        auto [known, is_new] = hooks_.try_emplace(path, &read);
        if (!is_new)
            error(*read.section, "http",
                  "http = " + path + " is " + title(*known->second->section) + "'s",
                  "write another path");
    }

    // ---- circles

    std::vector<std::string> task_after(Task const& task) const {
        std::vector<std::string> names;
        for (auto const& trigger : task.after)
            for (auto const& other : trigger.others) names.push_back(other.task);
        return names;
    }
    std::vector<std::string> task_needs(Task const& task) const { return task.needs; }

    void check_circle(std::string_view option,
                      std::vector<std::string> (Checker::*names_of)(Task const&) const,
                      std::string const& verb) {
        Edges edges(tasks_.size());
        for (std::size_t i = 0; i < tasks_.size(); ++i)
            for (auto const& name : (this->*names_of)(tasks_[i].task))
                if (auto found = by_name_.find(name); found != by_name_.end())
                    edges[i].push_back(found->second);
        for (auto const& circle : find_circles(edges)) {
            std::string words = "'" + tasks_[circle[0]].task.name + "'";
            for (std::size_t i = 1; i <= circle.size(); ++i)
                words.append(i > 1 ? ", which " : " ")
                    .append(verb)
                    .append(" '")
                    .append(tasks_[circle[i % circle.size()]].task.name + "'");
            error(*tasks_[circle[0]].section, option,
                  std::string(option) + " goes round in a circle: " + words,
                  "take one of these out");
        }
    }

    // ---- folders

    void check_folder(ReadFolder& read) {
        auto& folder = read.folder;
        if (folder.task.empty()) return;
        auto found = by_name_.find(folder.task);
        if (found == by_name_.end()) {
            error(*read.section, "task",
                  title(*read.section) + " names the unknown task '" + folder.task + "'",
                  nearest_task(folder.task));
            return;
        }
        if (!read.section->find("priority")) folder.priority = tasks_[found->second].task.priority;
    }

    /// Two sections may share a folder when each takes other names.
    static bool may_share(Folder const& one, Folder const& other) {
        bool is_all = one.match.empty() || other.match.empty();
        return !is_all && std::ranges::none_of(one.match, [&](auto const& pattern) {
            return std::ranges::find(other.match, pattern) != other.match.end();
        });
    }

    void check_paths() {
        for (std::size_t i = 0; i < folders_.size(); ++i)
            for (std::size_t k = 0; k < i; ++k) {
                auto const& one = folders_[k].folder;
                auto const& other = folders_[i].folder;
                if (one.path.empty() || one.path != other.path || may_share(one, other)) continue;
                error(*folders_[i].section, "path",
                      "path = " + other.path + " is [folder:" + one.name + "]'s, too",
                      "each file can be one's only: write match in both, with other names");
            }
    }

    static bool watches(Folder const& folder, Folder::After const& after) {
        if (after.what != Folder::After::What::move || folder.path.empty()) return false;
        return after.directory == folder.path ||
               (folder.recursive && after.directory.starts_with(folder.path + "/"));
    }

    /// A folder whose done files come to another one, whose done files come to the first.
    void check_rounds() {
        Edges edges(folders_.size());
        for (std::size_t i = 0; i < folders_.size(); ++i)
            for (std::size_t k = 0; k < folders_.size(); ++k) {
                auto const& from = folders_[i].folder;
                bool is_fed = watches(folders_[k].folder, from.done) ||
                              watches(folders_[k].folder, from.failed);
                if (k != i && is_fed) edges[i].push_back(k);
            }
        for (auto const& circle : find_circles(edges)) {
            std::string words = "'" + folders_[circle[0]].folder.name + "'";
            for (std::size_t i = 1; i <= circle.size(); ++i)
                words.append(" to '").append(folders_[circle[i % circle.size()]].folder.name + "'");
            error(*folders_[circle[0]].section, "done", "files would go round for ever: " + words,
                  "move them to a folder that nobody watches");
        }
    }

    Context& context_;
    Settings const& settings_;
    std::vector<ReadTask> const& tasks_;
    std::vector<ReadFolder>& folders_;
    std::unordered_set<std::string_view> programs_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::unordered_map<std::string_view, ReadTask const*> hooks_;
};

}  // namespace

void check_work(Context& context, Settings const& settings, std::vector<ReadTask> const& tasks,
                std::vector<ReadFolder>& folders) {
    Checker(context, settings, tasks, folders).check();
}

}  // namespace lares::config
