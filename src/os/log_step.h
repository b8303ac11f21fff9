// os/log_step.h: one step of bytes from a pipe to a log, such that being killed at any instruction
// neither loses nor doubles one.
//
// At every instant the bytes of the step are in one place that outlives us, and what stands in the
// region's note says which: the program's pipe, the staging pipe (the kernel moves pages from pipe
// to pipe all or nothing, and its fill tells how much came), the region's buffer, the file (its
// size tells how much came). The log thread makes one step at a time, so one note is enough. With
// the bytes go states: what a transform or a capture holds back of a line not yet whole. The layout
// is in docs/formats; decision 7 says why this way.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/fd.h"
#include "os/fd_store.h"
#include "os/log_step_memory.h"
#include "os/log_target.h"
#include "os/region.h"
#include "ports/event.h"

namespace lares::os {

/// Where a step stands between two instructions that matter; told to whom it concerns.
enum class StepPoint { noted_moving, moved, noted_reading, read, noted_writing, wrote, kept };
using StepWatcher = std::function<void(StepPoint)>;

/// Whose state: of a channel, or of one run's pipe in it.
struct StateKey {
    ports::ChannelId channel{};
    ports::RunId run{};
    auto operator<=>(StateKey const&) const = default;
};
inline constexpr ports::RunId no_run{~std::uint64_t{0}};

class LogStep {
public:
    /// Finds what a predecessor left in `store`, or makes it. When neither region nor pipe can be
    /// had everything works, but does not outlive us.
    explicit LogStep(FdStore& store, StepWatcher watcher = {});
    ~LogStep();
    LogStep(LogStep const&) = delete;
    LogStep& operator=(LogStep const&) = delete;

    struct Taken {
        std::string_view bytes;  // until the step ends
        bool is_end = false;     // of the pipe
    };
    /// Begins a step: takes up to `most` bytes from the pipe `source`, without waiting. No bytes:
    /// the step is over already.
    Taken take(StateKey from, int source, std::size_t most);
    /// Begins a step that only finishes what states hold. None while a predecessor's is unfinished.
    void begin(StateKey from);
    /// What the state is to be after this step; before any writing. Empty: nothing is held back.
    void set_state(StateKey key, std::string_view state);
    /// `bytes` will be written to this file, which is so large now. Nothing when no step is under
    /// way: then they are our own words.
    void will_write(LogFileIdentity file, std::int64_t size, std::string_view bytes);
    /// Ends the step, if one is under way: its bytes are where they belong, or given up.
    void end();

    /// A state that was kept; empty when none is.
    std::string_view state(StateKey key) const;
    /// The runs whose pipes into this channel have one.
    std::vector<ports::RunId> runs_with_state(ports::ChannelId) const;

    // What a predecessor left undone.

    /// The step that was under way when we were killed.
    struct Unfinished {
        StepPhase phase;
        StateKey from;
    };
    std::optional<Unfinished> unfinished() const;
    /// In phases moving and reading: what the step took, to be handled as if take() had just
    /// returned it. None: the step had not begun, and is over.
    std::string_view take_again();
    /// In phase keeping.
    void keep_again();
    /// In phase writing: what was to be written where. end() when it is.
    struct Writing {
        LogFileIdentity file;
        std::int64_t size = 0;
        std::string_view bytes;
    };
    Writing writing();
    /// Drops it. Returns how many bytes are lost by that.
    std::size_t give_up();

private:
    void find_staging(FdStore&);
    void find_memory(FdStore&);
    void read_states();
    Taken take_plainly(int source, std::size_t most);
    std::size_t give_up_staging();
    std::size_t read_staging(std::size_t from, std::size_t size);
    void set_phase(StepPhase);
    void pass(StepPoint point);
    void keep_state(std::size_t pending);
    std::optional<std::size_t> slot_for(StateKey);

    std::optional<Region> region_;  // none: memory of our own
    StepMemory* memory_ = nullptr;
    Pipe staging_;
    StepWatcher watcher_;
    bool is_under_way_ = false;
    std::map<StateKey, std::size_t> slots_;
    std::vector<std::size_t> free_slots_;  // the last is used next
};

}  // namespace lares::os
