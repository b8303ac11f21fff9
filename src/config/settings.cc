// config/settings.cc: finding and comparing in what was read.

#include "config/settings.h"

#include <algorithm>

namespace lares::config {

Task const* Settings::find_task(std::string_view name) const {
    for (auto const& task : tasks)
        if (task.name == name) return &task;
    return nullptr;
}

Program const* Settings::find_program(std::string_view name) const {
    auto found = std::ranges::find(programs, name, &Program::name);
    return found == programs.end() ? nullptr : &*found;
}

bool same_meaning(Program const& one, Program const& other) {
    if (one.place == other.place && one.file == other.file) return one == other;
    Program moved = other;
    moved.place = one.place;
    moved.file = one.file;
    return one == moved;
}

}  // namespace lares::config
