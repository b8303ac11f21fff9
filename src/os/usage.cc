// os/usage.cc: /proc/PID/stat for time, memory and threads; /proc/PID/fd for descriptors.

#include "os/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "os/fd.h"

namespace lares::os {

namespace {

/// Fields of proc(5) stat behind the command's name; "state" is number 3.
constexpr std::size_t utime_field = 14, stime_field = 15, threads_field = 20, resident_field = 24;

std::string read_small(std::string const& path) {
    Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return {};
    std::array<char, 4'096> buffer{};
    auto count = ::read(file.get(), buffer.data(), buffer.size());
    return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : std::string();
}

/// The fields from number 3 on, as numbers; what is none is 0. The name in brackets may hold
/// anything, also brackets, so the last one counts.
std::optional<std::array<std::int64_t, 64>> fields_of(std::string_view stat) {
    auto end = stat.rfind(')');
    if (end == stat.npos) return std::nullopt;
    stat.remove_prefix(end + 1);
    std::array<std::int64_t, 64> fields{};
    for (std::size_t number = 3; number < fields.size() && !stat.empty(); ++number) {
        stat.remove_prefix(std::min(stat.find_first_not_of(' '), stat.size()));
        auto length = std::min(stat.find(' '), stat.size());
        std::from_chars(stat.data(), stat.data() + length, fields[number]);
        stat.remove_prefix(length);
    }
    return fields;
}

int count_descriptors(std::string const& folder) {
    std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()), ::closedir);
    if (!listing) return -1;
    int count = 0;
    while (auto const* entry = ::readdir(listing.get()))
        if (entry->d_name[0] != '.') ++count;
    return count;
}

ports::ProcessUsage measure(int pid) {
    static long const ticks = ::sysconf(_SC_CLK_TCK), page = ::sysconf(_SC_PAGESIZE);
    ports::ProcessUsage usage{.pid = pid};
    if (pid <= 0) return usage;
    auto folder = "/proc/" + std::to_string(pid);
    auto fields = fields_of(read_small(folder + "/stat"));
    if (!fields) return usage;
    usage.is_there = true;
    usage.cpu = Duration(((*fields)[utime_field] + (*fields)[stime_field]) * 1'000 / ticks);
    usage.memory_bytes = (*fields)[resident_field] * page;
    usage.threads = static_cast<int>((*fields)[threads_field]);
    usage.descriptors = count_descriptors(folder + "/fd");
    return usage;
}

}  // namespace

std::vector<ports::ProcessUsage> measure_processes(std::vector<int> const& pids) {
    std::vector<ports::ProcessUsage> all;
    all.reserve(pids.size());
    for (int pid : pids) all.push_back(measure(pid));
    return all;
}

}  // namespace lares::os
