// os/watch_plan.cc: walking a pattern through the file system, link by link.

#include "os/watch_plan.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <deque>
#include <optional>

namespace lares::os {

namespace {

/// Links in one path, as the kernel bounds them.
constexpr int most_links = 40;
/// Files of one plan: each costs a watch of the kernel's. A pattern with more is told of new and
/// removed files all the same.
constexpr std::size_t most_files = 10'000;

constexpr std::uint32_t of_entries =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE;
constexpr std::uint32_t of_itself = IN_DELETE_SELF | IN_MOVE_SELF;

using Steps = std::deque<std::string>;

Steps steps_of(std::string const& path) {
    Steps steps;
    std::size_t begin = 0;
    while (begin < path.size()) {
        std::size_t end = std::min(path.find('/', begin), path.size());
        std::string step = path.substr(begin, end - begin);
        if (!step.empty() && step != ".") steps.push_back(std::move(step));
        begin = end + 1;
    }
    return steps;
}

bool has_wildcard(std::string const& step) {
    return step.find_first_of("*?[") != std::string::npos;
}

std::string below(std::string const& folder, std::string const& name) {
    return folder == "/" ? "/" + name : folder + "/" + name;
}

std::string parent_of(std::string const& folder) {
    std::size_t slash = folder.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : folder.substr(0, slash);
}

std::vector<std::string> matching(std::string const& folder, std::string const& pattern) {
    std::vector<std::string> names;
    DIR* open = ::opendir(folder.c_str());
    if (!open) return names;
    while (dirent const* entry = ::readdir(open)) {
        if (::fnmatch(pattern.c_str(), entry->d_name, FNM_PERIOD) == 0) {
            names.emplace_back(entry->d_name);
        }
    }
    ::closedir(open);
    return names;
}

class Walk {
public:
    Walk(ports::WatchId watch, WatchPlan& plan) : watch_(watch), plan_(plan) {}

    /// @param folder  a real directory, its path free of links.
    void go(std::string const& folder, Steps steps, int links) {
        add(folder, of_itself, {});
        if (steps.empty()) return folder_itself(folder);
        std::string step = std::move(steps.front());
        steps.pop_front();
        if (step == "..") return go(parent_of(folder), std::move(steps), links);
        if (!has_wildcard(step)) return enter(folder, step, std::move(steps), links);
        hear(folder, step, /*is_file=*/steps.empty());
        for (std::string const& name : matching(folder, step)) enter(folder, name, steps, links);
    }

private:
    void enter(std::string const& folder, std::string const& name, Steps steps, int links) {
        std::string path = below(folder, name);
        struct stat found;
        bool exists = ::lstat(path.c_str(), &found) == 0;
        bool is_last = steps.empty();
        bool is_folder = exists && S_ISDIR(found.st_mode);
        // A folder on the way tells itself when it goes; anything else is heard of from outside.
        if (is_last || !is_folder) hear(folder, name, is_last);
        if (!exists) return;
        if (S_ISLNK(found.st_mode)) return follow(folder, path, std::move(steps), links);
        if (is_folder) return go(path, std::move(steps), links);
        if (is_last) file(path, found);
    }

    void follow(std::string const& folder, std::string const& link, Steps steps, int links) {
        char target[PATH_MAX];
        ssize_t length = ::readlink(link.c_str(), target, sizeof target);
        if (length <= 0 || links >= most_links) return;
        std::string to(target, static_cast<std::size_t>(length));
        Steps all = steps_of(to);
        all.insert(all.end(), steps.begin(), steps.end());
        go(to.starts_with('/') ? "/" : folder, std::move(all), links + 1);
    }

    /// The pattern names a folder: its files are meant.
    void folder_itself(std::string const& folder) {
        hear(folder, "*", /*is_file=*/true);
        for (std::string const& name : matching(folder, "*")) {
            std::string path = below(folder, name);
            struct stat found;
            if (::lstat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode)) file(path, found);
        }
    }

    void hear(std::string const& folder, std::string const& name, bool is_file) {
        add(folder, of_entries | of_itself, Interest{watch_, name, is_file});
    }

    void file(std::string const& path, struct stat const& found) {
        if (plan_.files.size() >= most_files) return;
        plan_.files[path] = {
            found.st_dev, found.st_ino, found.st_size,
            std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
        if (S_ISREG(found.st_mode)) add(path, IN_MODIFY, Interest{watch_, "", true});
    }

    void add(std::string const& path, std::uint32_t mask, std::optional<Interest> interest) {
        WatchNode& node = plan_.nodes[path];
        node.mask |= mask;
        if (interest && std::ranges::find(node.interests, *interest) == node.interests.end()) {
            node.interests.push_back(std::move(*interest));
        }
    }

    ports::WatchId watch_;
    WatchPlan& plan_;
};

}  // namespace

void plan_watch(ports::WatchId watch, std::string const& pattern, WatchPlan& plan) {
    Walk(watch, plan).go("/", steps_of(pattern), 0);
}

}  // namespace lares::os
