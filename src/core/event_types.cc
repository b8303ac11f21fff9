// core/event_types.cc: the tree of event types, as a table.

#include "core/event_types.h"

#include <algorithm>

namespace lares::events {

namespace {

constexpr Mask range(Type first, Type last) {
    Mask mask = 0;
    for (auto type = static_cast<unsigned>(first); type <= static_cast<unsigned>(last); ++type)
        mask |= Mask{1} << type;
    return mask;
}

// clang-format off
constexpr Name table[] = {
    {"EVENT",                            range(Type::process_state_stopped, Type::process_group_removed)},
    {"PROCESS_STATE",                    range(Type::process_state_stopped, Type::process_state_unknown)},
    {"PROCESS_STATE_STOPPED",            bit(Type::process_state_stopped)},
    {"PROCESS_STATE_EXITED",             bit(Type::process_state_exited)},
    {"PROCESS_STATE_STARTING",           bit(Type::process_state_starting)},
    {"PROCESS_STATE_STOPPING",           bit(Type::process_state_stopping)},
    {"PROCESS_STATE_BACKOFF",            bit(Type::process_state_backoff)},
    {"PROCESS_STATE_FATAL",              bit(Type::process_state_fatal)},
    {"PROCESS_STATE_RUNNING",            bit(Type::process_state_running)},
    {"PROCESS_STATE_UNKNOWN",            bit(Type::process_state_unknown)},
    {"PROCESS_COMMUNICATION",            range(Type::process_communication_stdout, Type::process_communication_stderr)},
    {"PROCESS_COMMUNICATION_STDOUT",     bit(Type::process_communication_stdout)},
    {"PROCESS_COMMUNICATION_STDERR",     bit(Type::process_communication_stderr)},
    {"PROCESS_LOG",                      range(Type::process_log_stdout, Type::process_log_stderr)},
    {"PROCESS_LOG_STDOUT",               bit(Type::process_log_stdout)},
    {"PROCESS_LOG_STDERR",               bit(Type::process_log_stderr)},
    {"REMOTE_COMMUNICATION",             bit(Type::remote_communication)},
    {"SUPERVISOR_STATE_CHANGE",          range(Type::supervisor_state_change_running, Type::supervisor_state_change_stopping)},
    {"SUPERVISOR_STATE_CHANGE_RUNNING",  bit(Type::supervisor_state_change_running)},
    {"SUPERVISOR_STATE_CHANGE_STOPPING", bit(Type::supervisor_state_change_stopping)},
    {"TICK",                             range(Type::tick_5, Type::tick_3600)},
    {"TICK_5",                           bit(Type::tick_5)},
    {"TICK_60",                          bit(Type::tick_60)},
    {"TICK_3600",                        bit(Type::tick_3600)},
    {"PROCESS_GROUP",                    range(Type::process_group_added, Type::process_group_removed)},
    {"PROCESS_GROUP_ADDED",              bit(Type::process_group_added)},
    {"PROCESS_GROUP_REMOVED",            bit(Type::process_group_removed)},
};
// clang-format on

}  // namespace

std::span<Name const> names() { return table; }

std::string_view name(Type type) {
    // No parent has a single child, so only the leaf has just this bit.
    auto row = std::ranges::find(table, bit(type), &Name::mask);
    return row == std::end(table) ? "" : row->name;
}

Mask mask_of(std::string_view name) {
    auto row = std::ranges::find(table, name, &Name::name);
    return row == std::end(table) ? 0 : row->mask;
}

}  // namespace lares::events
