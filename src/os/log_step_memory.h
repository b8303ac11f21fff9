// os/log_step_memory.h: what lies in the region "logs", byte for byte (docs/formats).
//
// Another version of Lares may find it after an upgrade: a change of this layout changes `layout`,
// and then the finder starts anew.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "os/log_rotation.h"

namespace lares::os {

enum class StepPhase : std::uint32_t { idle, moving, reading, writing, keeping };

inline constexpr std::uint64_t step_layout = 0x3130'474f'4c52'414cu;  // "LARLOG01"
/// Half lines held at once. A channel beyond them loses, when we are killed, the line it is at.
inline constexpr std::size_t step_slots = 2048;
/// What a transform makes of one chunk; of JSON of one-byte lines 128 KB become some 13 MB.
inline constexpr std::size_t step_output_bytes = 16u << 20;

/// The longest state: a line of 64 KB, with what stands around it.
inline constexpr std::size_t step_state_bytes = 128u << 10;

struct StepState {
    std::uint64_t run;
    std::uint32_t channel;
    std::uint32_t size;  // 0: none
};

/// Pages that are never touched cost nothing.
struct StepMemory {
    std::uint64_t layout;
    std::atomic<StepPhase> phase;
    std::uint32_t channel;
    std::uint64_t run;
    std::uint64_t taken;  // bytes, from phase reading on
    std::uint64_t device;
    std::uint64_t inode;
    std::int64_t file_size;     // before the writing
    std::uint64_t write_begin;  // from the beginning of this memory
    std::uint64_t write_size;
    std::uint64_t pending_count;
    StepState pending[2];  // become slots in phase keeping
    StepState slots[step_slots];
    alignas(4096) char buffer[log_read_size];
    char output[step_output_bytes];
    char pending_bytes[2][step_state_bytes];
    char slot_bytes[step_slots][step_state_bytes];
};

static_assert(std::atomic<StepPhase>::is_always_lock_free);

}  // namespace lares::os
