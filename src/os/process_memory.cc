// os/process_memory.cc: one look at /proc, then the sum over a tree.

#include "os/process_memory.h"

#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "os/files.h"
#include "os/process_tree.h"

namespace lares::os {

namespace {

/// 0 when it is gone, or has no memory of its own (a zombie).
std::int64_t resident_bytes(int pid) {
    auto text = read_file("/proc/" + std::to_string(pid) + "/statm", 4096);
    long long size = 0, resident = 0;
    if (!text || std::sscanf(text->c_str(), "%lld %lld", &size, &resident) != 2) return 0;
    return resident * sysconf(_SC_PAGESIZE);
}

/// Children by parent, of all there are.
std::multimap<int, int> all_children() {
    std::multimap<int, int> children;
    std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
    if (!proc) return children;
    while (auto const* entry = readdir(proc.get())) {
        int pid = 0;
        auto const* end = entry->d_name + std::strlen(entry->d_name);
        auto [stopped, fault] = std::from_chars(entry->d_name, end, pid);
        if (fault != std::errc() || stopped != end) continue;
        if (auto facts = find_process(pid)) children.emplace(facts->parent, pid);
    }
    return children;
}

}  // namespace

Result<std::int64_t> memory_of_tree(int pid) {
    if (!find_process(pid))
        return Error{Error::Kind::not_found, "there is no process " + std::to_string(pid)};
    auto const children = all_children();
    std::int64_t sum = 0;
    std::vector<int> left{pid};
    // Processes come and go while this is read: a pid that was reused must not make a circle.
    std::set<int> seen{pid};
    while (!left.empty()) {
        int const one = left.back();
        left.pop_back();
        sum += resident_bytes(one);
        auto const [begin, end] = children.equal_range(one);
        for (auto at = begin; at != end; ++at)
            if (seen.insert(at->second).second) left.push_back(at->second);
    }
    return sum;
}

}  // namespace lares::os
