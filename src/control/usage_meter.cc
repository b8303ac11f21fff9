// control/usage_meter.cc: one measurement under way at most; whoever asks meanwhile shares it.

#include "control/usage_meter.h"

#include <utility>

#include "control/work_parts.h"

namespace lares::control {

void UsageMeter::ask(std::function<void(Measured const&)> then) {
    auto age = house_.wall() - last_.at;
    if (last_.at != WallTime{} && age >= Duration(0) && age < fresh_for) return then(last_);
    waiting_.push_back(std::move(then));
    if (waiting_.size() > 1) return;
    std::vector<Entry> entries;
    std::vector<int> pids{house_.pid()};
    for (auto index : house_.by_name()) {
        auto info = house_.info(index);
        if (info.pid == 0) continue;
        pids.push_back(info.pid);
        entries.push_back({std::move(info.group), std::move(info.name), {.pid = info.pid}});
    }
    house_.measure(std::move(pids),
                   [this, entries = std::move(entries)](auto const& found) mutable {
                       take(std::move(entries), found);
                   });
}

void UsageMeter::take(std::vector<Entry> entries, std::vector<ports::ProcessUsage> const& found) {
    last_ = {.at = house_.wall(), .entries = {}, .own = {}};
    if (!found.empty()) last_.own = found.front();
    for (std::size_t i = 0; i < entries.size() && i + 1 < found.size(); ++i) {
        if (!found[i + 1].is_there) continue;
        entries[i].usage = found[i + 1];
        last_.entries.push_back(std::move(entries[i]));
    }
    for (auto const& then : std::exchange(waiting_, {})) then(last_);
}

text::Value usage_value(UsageMeter::Measured const& measured) {
    text::Array list;
    list.reserve(measured.entries.size());
    for (auto const& [group, name, usage] : measured.entries)
        list.push_back(text::Struct{{"name", name},
                                    {"group", group},
                                    {"pid", usage.pid},
                                    {"cpu_seconds", seconds_value(usage.cpu)},
                                    {"memory", number_value(usage.memory_bytes)},
                                    {"fds", usage.descriptors},
                                    {"threads", usage.threads}});
    return text::Struct{{"at", time_value(measured.at)}, {"usage", std::move(list)}};
}

}  // namespace lares::control
