// os/process_tree.cc: reading /proc/PID/stat.

#include "os/process_tree.h"

#include <cstdio>
#include <string>

#include "os/files.h"

namespace lares::os {

std::optional<ProcessFacts> find_process(int pid) {
    auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
    if (!text) return {};
    // "pid (name) state parent group ...": the name may hold anything, even ") ".
    std::size_t end = text->rfind(')');
    ProcessFacts facts;
    char state;
    unsigned long long start = 0;
    if (end == std::string::npos ||
        std::sscanf(
            text->c_str() + end + 1,
            " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
            &state, &facts.parent, &facts.group, &start) != 4) {
        return {};
    }
    facts.start_ticks = start;
    facts.is_zombie = state == 'Z' || state == 'X';
    return facts;
}

bool is_descendant(int pid, int ancestor) {
    constexpr int generations = 64;
    for (int i = 0; i < generations && pid > 0; i++) {
        auto facts = find_process(pid);
        if (!facts) return false;
        if (facts->parent == ancestor) return true;
        pid = facts->parent;
    }
    return false;
}

}  // namespace lares::os
