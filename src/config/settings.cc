// config/settings.cc: finding and comparing in what was read.

#include "config/settings.h"

#include <algorithm>

namespace lares::config {

Task const* Settings::find_task(std::string_view name) const {
    for (auto const& task : tasks)
        if (task.name == name) return &task;
    return nullptr;
}

ChannelSettings const* Settings::find_channel(std::string_view name) const {
    for (auto const& each : channels)
        if (each.channel.name == name) return &each;
    return nullptr;
}

Program const* Settings::find_program(std::string_view name) const {
    auto found = std::ranges::find(programs, name, &Program::name);
    return found == programs.end() ? nullptr : &*found;
}

namespace {

template <class Placed>
bool same_but_place(Placed const& one, Placed other) {
    other.place = one.place;
    other.file = one.file;
    return one == other;
}

}  // namespace

bool same_meaning(Task const& one, Task const& other) {
    Task moved = other;
    moved.place = one.place;
    moved.file = one.file;
    moved.origin = one.origin;
    moved.how.place = one.how.place;
    moved.how.file = one.how.file;
    return one == moved;
}

bool same_meaning(Folder const& one, Folder const& other) { return same_but_place(one, other); }

bool same_meaning(Program const& one, Program const& other) {
    if (one.place == other.place && one.file == other.file) return one == other;
    return same_but_place(one, other);
}

}  // namespace lares::config
