// os/log_step.cc: the order of notes and deeds.

#include "os/log_step.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/check.h"

namespace lares::os {

namespace {

/// As much as the largest source pipe (os/log_engine_pipes.cc), and with as many slots.
constexpr int staging_bytes = 1 << 20;

std::size_t waiting_in(int fd) {
    int count = 0;
    return ::ioctl(fd, FIONREAD, &count) == 0 ? static_cast<std::size_t>(count) : 0;
}

StateKey key_of(StepState const& state) {
    return {ports::ChannelId{state.channel}, ports::RunId{state.run}};
}

StepState state_of(StateKey key, std::size_t size) {
    return {static_cast<std::uint64_t>(key.run), static_cast<std::uint32_t>(key.channel),
            static_cast<std::uint32_t>(size)};
}

}  // namespace

LogStep::LogStep(FdStore& store, StepWatcher watcher) : watcher_(std::move(watcher)) {
    find_memory(store);
    find_staging(store);
    read_states();
}

LogStep::~LogStep() {
    if (!region_) ::munmap(memory_, sizeof(StepMemory));
}

void LogStep::find_memory(FdStore& store) {
    void* data = nullptr;
    if (auto found = Region::open(store, "logs", sizeof(StepMemory)); found) {
        region_.emplace(std::move(*found));
        data = region_->data();
    } else {
        data = ::mmap(nullptr, sizeof(StepMemory), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        CHECK(data != MAP_FAILED);
    }
    memory_ = static_cast<StepMemory*>(data);
    if (memory_->layout == step_layout) return;
    for (auto& slot : memory_->slots) slot.size = 0;
    memory_->phase = StepPhase::idle;
    memory_->layout = step_layout;
}

/// Bytes in a pipe that no note knows of are nobody's.
void LogStep::find_staging(FdStore& store) {
    staging_ = {store.take("staging/read"), store.take("staging/write")};
    if (staging_.read && staging_.write) {
        StepPhase phase = memory_->phase;
        if (phase != StepPhase::moving && phase != StepPhase::reading) give_up_staging();
        return;
    }
    staging_ = {};
    auto made = make_pipe();
    if (!made) return;  // take() reads plainly, then
    set_nonblocking(made->read.get());
    set_nonblocking(made->write.get());
    ::fcntl(made->write.get(), F_SETPIPE_SZ, staging_bytes);
    // What cannot be held does not outlive us; everything else works.
    (void)store.keep("staging/read", made->read.get());
    (void)store.keep("staging/write", made->write.get());
    staging_ = std::move(*made);
}

void LogStep::read_states() {
    for (std::size_t i = step_slots; i-- > 0;) {
        StepState const& slot = memory_->slots[i];
        if (slot.size == 0 || slot.size > step_state_bytes) {
            free_slots_.push_back(i);
        } else {
            slots_[key_of(slot)] = i;
        }
    }
}

/// Only the compiler could reorder what one thread stores; a kill leaves all of it in memory.
void LogStep::set_phase(StepPhase phase) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    memory_->phase.store(phase, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

void LogStep::pass(StepPoint point) {
    if (watcher_) watcher_(point);
}

// The step

LogStep::Taken LogStep::take(StateKey from, int source, std::size_t most) {
    most = std::min(most, log_read_size);
    memory_->channel = static_cast<std::uint32_t>(from.channel);
    memory_->run = static_cast<std::uint64_t>(from.run);
    memory_->pending_count = 0;
    if (!staging_.read) return take_plainly(source, most);
    set_phase(StepPhase::moving);
    pass(StepPoint::noted_moving);
    ssize_t size = ::splice(source, nullptr, staging_.write.get(), nullptr, most,
                            SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    int number = errno;
    pass(StepPoint::moved);
    if (size <= 0) {
        set_phase(StepPhase::idle);
        if (size < 0 && number == EINVAL) return take_plainly(source, most);  // no pipe
        return {.bytes = {}, .is_end = size == 0 || (number != EAGAIN && number != EINTR)};
    }
    memory_->taken = static_cast<std::uint64_t>(size);
    set_phase(StepPhase::reading);
    pass(StepPoint::noted_reading);
    std::size_t got = read_staging(0, static_cast<std::size_t>(size));
    pass(StepPoint::read);
    is_under_way_ = true;
    return {.bytes = {memory_->buffer, got}};
}

LogStep::Taken LogStep::take_plainly(int source, std::size_t most) {
    ssize_t size = ::read(source, memory_->buffer, most);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (size <= 0) return {.bytes = {}, .is_end = true};
    memory_->taken = static_cast<std::uint64_t>(size);
    is_under_way_ = true;
    return {.bytes = {memory_->buffer, static_cast<std::size_t>(size)}};
}

/// Returns where in the buffer the bytes end.
std::size_t LogStep::read_staging(std::size_t from, std::size_t size) {
    while (from < size) {
        ssize_t got = ::read(staging_.read.get(), memory_->buffer + from, size - from);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        from += static_cast<std::size_t>(got);
    }
    return from;
}

void LogStep::begin(StateKey from) {
    if (unfinished()) return;  // its note is not to be lost
    memory_->channel = static_cast<std::uint32_t>(from.channel);
    memory_->run = static_cast<std::uint64_t>(from.run);
    memory_->pending_count = 0;
    is_under_way_ = true;
}

void LogStep::set_state(StateKey key, std::string_view state) {
    if (!is_under_way_) return;
    // Without a place for it nothing can be kept of what does not fit.
    if (state.size() > step_state_bytes) state = {};
    if (state.empty() && !slots_.contains(key)) return;
    std::size_t at = memory_->pending_count;
    while (at > 0 && key_of(memory_->pending[at - 1]) != key) --at;
    if (at == 0) {
        at = memory_->pending_count + 1;
        CHECK(at <= std::size(memory_->pending));  // of the channel and of the pipe
    }
    std::copy(state.begin(), state.end(), memory_->pending_bytes[at - 1]);
    memory_->pending[at - 1] = state_of(key, state.size());
    memory_->pending_count = std::max<std::uint64_t>(memory_->pending_count, at);
}

void LogStep::will_write(LogFileIdentity file, std::int64_t size, std::string_view bytes) {
    if (!is_under_way_) return;
    char const* begin = memory_->buffer;
    bool is_raw = std::less_equal<>{}(begin, bytes.data()) &&
                  std::less<>{}(bytes.data(), begin + sizeof memory_->buffer);
    if (is_raw) {
        begin = bytes.data();
    } else {
        begin = memory_->output;
        bytes = bytes.substr(0, sizeof memory_->output);
        std::memmove(memory_->output, bytes.data(), bytes.size());
    }
    memory_->device = file.device;
    memory_->inode = file.inode;
    memory_->file_size = size;
    memory_->write_begin =
        static_cast<std::uint64_t>(begin - reinterpret_cast<char const*>(memory_));
    memory_->write_size = bytes.size();
    set_phase(StepPhase::writing);
    pass(StepPoint::noted_writing);
}

void LogStep::end() {
    if (!std::exchange(is_under_way_, false)) return;
    pass(StepPoint::wrote);
    if (memory_->pending_count > 0) {
        set_phase(StepPhase::keeping);
        for (std::size_t i = 0; i < memory_->pending_count; ++i) keep_state(i);
    }
    set_phase(StepPhase::idle);
    pass(StepPoint::kept);
}

// States

/// Done again after a kill it gives the same.
void LogStep::keep_state(std::size_t pending) {
    StepState const& state = memory_->pending[pending];
    auto slot = slot_for(key_of(state));
    if (!slot) return;
    if (state.size == 0) {
        memory_->slots[*slot].size = 0;
        slots_.erase(key_of(state));
        free_slots_.push_back(*slot);
        return;
    }
    std::memcpy(memory_->slot_bytes[*slot], memory_->pending_bytes[pending], state.size);
    memory_->slots[*slot] = state;
}

std::optional<std::size_t> LogStep::slot_for(StateKey key) {
    auto found = slots_.find(key);
    if (found != slots_.end()) return found->second;
    if (free_slots_.empty()) return std::nullopt;
    std::size_t slot = free_slots_.back();
    free_slots_.pop_back();
    slots_[key] = slot;
    return slot;
}

std::string_view LogStep::state(StateKey key) const {
    auto found = slots_.find(key);
    if (found == slots_.end()) return {};
    return {memory_->slot_bytes[found->second], memory_->slots[found->second].size};
}

std::vector<ports::RunId> LogStep::runs_with_state(ports::ChannelId channel) const {
    std::vector<ports::RunId> runs;
    for (auto found = slots_.lower_bound({channel, ports::RunId{0}});
         found != slots_.end() && found->first.channel == channel; ++found)
        if (found->first.run != no_run) runs.push_back(found->first.run);
    return runs;
}

// After a kill

std::optional<LogStep::Unfinished> LogStep::unfinished() const {
    StepPhase phase = memory_->phase;
    if (phase == StepPhase::idle || is_under_way_) return std::nullopt;
    return Unfinished{phase, {ports::ChannelId{memory_->channel}, ports::RunId{memory_->run}}};
}

std::string_view LogStep::take_again() {
    if (!staging_.read) return {};
    std::size_t staged = waiting_in(staging_.read.get());
    std::size_t taken = memory_->taken;
    if (memory_->phase == StepPhase::moving) {
        memory_->taken = taken = staged;
        set_phase(taken > 0 ? StepPhase::reading : StepPhase::idle);
    }
    if (taken == 0) return {};
    taken = read_staging(taken - std::min(taken, staged), taken);
    is_under_way_ = true;
    memory_->pending_count = 0;
    return {memory_->buffer, taken};
}

LogStep::Writing LogStep::writing() {
    is_under_way_ = true;
    char const* memory = reinterpret_cast<char const*>(memory_);
    return {.file = {memory_->device, memory_->inode},
            .size = memory_->file_size,
            .bytes = {memory + memory_->write_begin, memory_->write_size}};
}

void LogStep::keep_again() {
    is_under_way_ = true;
    end();
}

std::size_t LogStep::give_up() {
    std::size_t lost = 0;
    if (memory_->phase == StepPhase::reading) lost = memory_->taken;
    if (memory_->phase == StepPhase::writing) lost = memory_->write_size;
    std::size_t staged = give_up_staging();
    if (memory_->phase == StepPhase::moving) lost = staged;
    set_phase(StepPhase::idle);
    return lost;
}

std::size_t LogStep::give_up_staging() {
    std::size_t size = waiting_in(staging_.read.get());
    read_staging(0, std::min(size, sizeof memory_->buffer));
    return size;
}

}  // namespace lares::os
