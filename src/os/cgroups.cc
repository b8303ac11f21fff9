// os/cgroups.cc: reading, making and removing cgroup directories.

#include "os/cgroups.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "os/files.h"
#include "os/process_tree.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

/// Where we move ourselves when our own cgroup must hold no process because its children are
/// limited.
constexpr std::string_view leaf_name = "lares-daemon";
constexpr std::size_t file_bytes = 1u << 20;  // cgroup.procs of a very large tree
constexpr int kill_rounds = 20;               // a tree that forks faster than we can signal

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string read_or_empty(std::string const& path) {
    auto bytes = read_file(path, file_bytes);
    return bytes ? std::move(bytes).take() : std::string();
}

Result<> write_setting(std::string const& path, std::string_view value) {
    Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return system_error("open", path);
    if (::write(file.get(), value.data(), value.size()) < 0) return system_error("write", path);
    return {};
}

std::vector<int> processes_in(std::string const& directory) {
    std::string text = read_or_empty(directory + "/cgroup.procs");
    std::vector<int> pids;
    for (std::string_view line : split(text, '\n')) {
        int pid = 0;
        std::from_chars(line.data(), line.data() + line.size(), pid);
        if (pid > 0) pids.push_back(pid);
    }
    return pids;
}

std::vector<std::string> controllers_of(std::string const& directory) {
    std::string text = read_or_empty(directory + "/cgroup.controllers");
    std::vector<std::string> names;
    for (std::string_view word : split(text, ' ')) {
        while (word.ends_with('\n')) word.remove_suffix(1);
        names.emplace_back(word);
    }
    return names;
}

bool has(std::vector<std::string> const& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string list(std::vector<std::string> const& names) {
    std::string out;
    for (auto const& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

std::string lack_words(std::string const& own, std::vector<std::string> const& lacking) {
    return "the cgroup '" + own + "' has no controller for " + list(lacking) +
           " (version 1 uses it here, or it was not delegated: boot with "
           "systemd.unified_cgroup_hierarchy=1, or run lares as a service with Delegate=yes)";
}

std::string join(std::string_view mount, std::string_view below) {
    std::string path(mount);
    while (path.ends_with('/')) path.pop_back();
    while (below.ends_with('/')) below.remove_suffix(1);
    return path.append(below);
}

/// Signals all processes that are listed now, each only while it is still listed, so that a pid
/// that was reused meanwhile is not hit.
/// @returns how many were signalled.
int signal_listed(std::string const& directory, int number, std::vector<int>& already) {
    int count = 0;
    for (int pid : processes_in(directory)) {
        if (std::ranges::find(already, pid) != already.end()) continue;
        Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!process) continue;
        auto still = processes_in(directory);
        if (std::ranges::find(still, pid) == still.end()) continue;
        if (::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0) == 0) count++;
        already.push_back(pid);
    }
    for (std::string const& below : directories_in(directory)) {
        count += signal_listed(below, number, already);
    }
    return count;
}

}  // namespace

std::optional<std::string> find_own_cgroup(std::string_view self_cgroup,
                                           std::string_view mountinfo) {
    std::optional<std::string_view> path;
    for (std::string_view line : split(self_cgroup, '\n')) {
        if (line.starts_with("0::")) path = line.substr(3);
    }
    if (!path) return {};
    for (std::string_view line : split(mountinfo, '\n')) {
        auto fields = split(line, ' ');  // id parent device root mount options ... - type source
        auto dash = std::ranges::find(fields, "-");
        if (fields.size() < 6 || fields.end() - dash < 2 || dash[1] != "cgroup2") continue;
        std::string_view root = fields[3];
        if (root == "/") return join(fields[4], *path);
        if (*path == root) return std::string(fields[4]);
        if (path->starts_with(std::string(root) + "/")) {
            return join(fields[4], path->substr(root.size()));
        }
    }
    return {};
}

std::vector<CgroupSetting> cgroup_settings(ports::CgroupLimits const& limits) {
    auto number_or = [](std::int64_t n, char const* otherwise) {
        return n > 0 ? std::to_string(n) : std::string(otherwise);
    };
    constexpr int period_microseconds = 100'000;
    std::string cpu = "max";
    if (limits.cpu_max_percent > 0) {
        cpu = std::to_string(std::int64_t{limits.cpu_max_percent} * (period_microseconds / 100));
    }
    cpu += " " + std::to_string(period_microseconds);
    // clang-format off
    return {
        {"memory", "memory.max",  number_or(limits.memory_max, "max"),  limits.memory_max <= 0},
        {"memory", "memory.high", number_or(limits.memory_high, "max"), limits.memory_high <= 0},
        {"cpu",    "cpu.max",     cpu,                                  limits.cpu_max_percent <= 0},
        {"cpu",    "cpu.weight",  number_or(limits.cpu_weight, "100"),  limits.cpu_weight <= 0},
        {"pids",   "pids.max",    number_or(limits.pids_max, "max"),    limits.pids_max <= 0},
        {"io",     "io.weight",   number_or(limits.io_weight, "100"),   limits.io_weight <= 0},
    };
    // clang-format on
}

Cgroups::Cgroups() {
    auto own =
        find_own_cgroup(read_or_empty("/proc/self/cgroup"), read_or_empty("/proc/self/mountinfo"));
    if (!own) return;
    own_ = *own;
    // A daemon before us stepped aside already; we were started where it was.
    std::string leaf = "/" + std::string(leaf_name);
    if (own_.ends_with(leaf)) own_.resize(own_.size() - leaf.size());
}

Cgroups::Cgroups(std::string own) : own_(std::move(own)) {}

std::string Cgroups::missing() const {
    if (own_.empty()) return "no cgroup version 2 file system is mounted here";
    auto controllers = controllers_of(own_);
    std::vector<std::string> lacking;
    for (char const* name : {"memory", "cpu", "pids"}) {
        if (!has(controllers, name)) lacking.emplace_back(name);
    }
    if (!lacking.empty()) return lack_words(own_, lacking);
    if (::access(own_.c_str(), W_OK) != 0) {
        return "no permission to make cgroups below '" + own_ +
               "' (run lares as root, or as a service with Delegate=yes)";
    }
    return {};
}

std::string Cgroups::directory_of(std::string const& name) const { return own_ + "/" + name; }

Result<Fd> Cgroups::prepare(ports::CgroupLimits const& limits) {
    using Kind = Error::Kind;
    if (own_.empty()) return Error{Kind::unavailable, missing()};
    if (limits.name.empty() || limits.name.starts_with('.') ||
        limits.name.find('/') != std::string::npos) {
        return Error{Kind::invalid,
                     "the cgroup name " + quoted(limits.name) + " is not a file name"};
    }
    auto settings = cgroup_settings(limits);
    std::vector<std::string> wanted;
    for (auto const& setting : settings) {
        if (!setting.is_default && !has(wanted, setting.controller)) {
            wanted.emplace_back(setting.controller);
        }
    }
    TRY(enable(wanted));
    std::string directory = directory_of(limits.name);
    bool is_new = ::mkdir(directory.c_str(), 0755) == 0;
    if (!is_new && errno != EEXIST) return system_error("make the cgroup", directory);
    std::erase(left_, limits.name);
    for (auto const& setting : settings) {
        if (setting.is_default && is_new) continue;
        auto written = write_setting(directory + "/" + setting.file, setting.value);
        if (!written && !setting.is_default) return std::move(written).error();
    }
    Fd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) return system_error("open the cgroup", directory);
    return opened;
}

/// Gives the controllers to our children. The kernel refuses while processes live beside those
/// children (EBUSY): then we move into a child of our own.
Result<> Cgroups::enable(std::vector<std::string> const& controllers) {
    if (controllers.empty()) return {};
    auto offered = controllers_of(own_);
    std::vector<std::string> lacking;
    for (auto const& name : controllers) {
        if (!has(offered, name)) lacking.push_back(name);
    }
    if (!lacking.empty()) return Error{Error::Kind::unavailable, lack_words(own_, lacking)};
    std::string order;
    for (auto const& name : controllers) order += (order.empty() ? "+" : " +") + name;
    std::string file = own_ + "/cgroup.subtree_control";
    auto given = write_setting(file, order);
    if (given || errno != EBUSY) return given;
    TRY(step_aside());
    return write_setting(file, order);
}

/// Moves all processes of our own cgroup into one below it, if they are all of our own kin:
/// ancestors (a keeper, a container's init) and descendants.
Result<> Cgroups::step_aside() {
    int self = ::getpid();
    auto pids = processes_in(own_);
    for (int pid : pids) {
        if (pid == self || is_descendant(pid, self) || is_descendant(self, pid)) continue;
        return Error{Error::Kind::unavailable, "other processes (pid " + std::to_string(pid) +
                                                   ") live in the cgroup '" + own_ +
                                                   "' (run lares as a service with Delegate=yes)"};
    }
    std::string leaf = directory_of(std::string(leaf_name));
    if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) {
        return system_error("make the cgroup", leaf);
    }
    for (int pid : pids) {
        auto moved = write_setting(leaf + "/cgroup.procs", std::to_string(pid));
        if (!moved && errno != ESRCH) return moved;
    }
    return {};
}

void Cgroups::remove(std::string const& name) {
    if (own_.empty()) return;
    if (std::ranges::find(left_, name) == left_.end()) left_.push_back(name);
    remove_left();
}

void Cgroups::remove_left() {
    std::erase_if(left_, [&](std::string const& left) {
        return ::rmdir(directory_of(left).c_str()) == 0 || errno != EBUSY;
    });
}

Result<> Cgroups::signal(std::string const& name, int number) const {
    std::string directory = directory_of(name);
    if (number == SIGKILL) {  // all at once, whatever they fork meanwhile (Linux 5.14)
        auto killed = write_setting(directory + "/cgroup.kill", "1");
        if (killed) return {};
    }
    std::vector<int> already;
    int count = 0;
    for (int round = 0; round < kill_rounds; round++) {
        int more = signal_listed(directory, number, already);
        count += more;
        if (more == 0) break;
    }
    if (count > 0) return {};
    return Error{Error::Kind::not_found, "no process lives in the cgroup '" + directory + "'"};
}

}  // namespace lares::os
