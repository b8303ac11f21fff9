// os/log_engine_recovery.cc: what log threads leave to the next one: half lines, and the step at
// which one was killed.
//
// Until that step's log is open again nothing else is read, so that no byte overtakes another.

#include <algorithm>
#include <cstring>

#include "os/log_engine.h"

namespace lares::os {

namespace {

void append_piece(std::string& out, std::string_view piece) {
    auto size = static_cast<std::uint32_t>(piece.size());
    out.append(reinterpret_cast<char const*>(&size), sizeof size).append(piece);
}

std::string_view take_piece(std::string_view& from) {
    std::uint32_t size = 0;
    if (from.size() < sizeof size) return {};
    std::memcpy(&size, from.data(), sizeof size);
    std::string_view piece = from.substr(sizeof size, size);
    from.remove_prefix(sizeof size + piece.size());
    return piece;
}

}  // namespace

void LogEngine::set_state(Channel const& channel) {
    if (!channel.transform && !channel.syslog && !channel.journal) return;
    std::string held = channel.transform ? channel.transform->save() : std::string();
    std::string_view line = channel.syslog ? std::string_view(channel.syslog->rest()) : "";
    std::string_view entry = channel.journal ? std::string_view(channel.journal->rest()) : "";
    std::string state;
    if (!held.empty() || !line.empty() || !entry.empty()) {
        auto run = static_cast<std::uint64_t>(channel.last_run);
        append_piece(state, {reinterpret_cast<char const*>(&run), sizeof run});
        append_piece(state, held);
        append_piece(state, line);
        append_piece(state, entry);
    }
    step_.set_state({channel.id, no_run}, state);
}

void LogEngine::restore(Channel& channel) {
    std::string_view state = step_.state({channel.id, no_run});
    if (state.empty()) return;
    std::string_view run_bytes = take_piece(state);
    std::string_view held = take_piece(state);
    std::string_view line = take_piece(state);
    std::string_view entry = take_piece(state);
    std::uint64_t run = 0;
    std::memcpy(&run, run_bytes.data(), std::min(sizeof run, run_bytes.size()));
    channel.left_by = channel.last_run = ports::RunId{run};
    if (channel.transform) channel.transform->restore(held);
    if (channel.syslog) channel.syslog->restore(line);
    if (channel.journal) channel.journal->restore(entry);
}

/// What a predecessor's runs left half, before the output of `next`: they are gone, else their
/// pipes would have been attached first.
void LogEngine::finish_left(Channel& channel, ports::RunId next) {
    for (ports::RunId run : step_.runs_with_state(channel.id)) {
        if (run == next || of_run_.contains(run)) continue;
        Source source{.run = run, .channel = channel.id, .fd = {}, .capture = {}};
        source.capture =
            std::make_unique<Capture>(std::max(channel.capture_most, step_state_bytes));
        source.capture->restore(step_.state({channel.id, run}));
        finish_capture(source, channel);
    }
    if (channel.left_by && *channel.left_by != next) finish_line(channel);
    channel.left_by.reset();
}

bool LogEngine::must_wait(LogCommand const& command) const {
    if (!give_up_at_) return false;
    return std::holds_alternative<AttachPipe>(command) ||
           std::holds_alternative<DrainRun>(command) || std::holds_alternative<CloseLog>(command);
}

void LogEngine::finish_step_of(Channel& channel) {
    auto left = step_.unfinished();
    bool is_taking = left->phase == StepPhase::moving || left->phase == StepPhase::reading;
    if (left->phase == StepPhase::keeping) step_.keep_again();
    if (left->phase == StepPhase::writing) {
        auto writing = step_.writing();
        if (channel.file)
            channel.file->finish_writing(writing.file, writing.size, writing.bytes, moment_);
        step_.end();
    }
    restore(channel);
    if (is_taking) {
        Source source{.run = left->from.run, .channel = channel.id, .fd = {}, .capture = {}};
        set_capture(source, channel);
        std::string_view bytes = step_.take_again();
        if (!bytes.empty()) deliver(source, channel, bytes);
        step_.end();
    }
    perform_held();
}

void LogEngine::give_up_step() {
    auto left = step_.unfinished();
    std::size_t lost = left ? step_.give_up() : 0;
    if (lost > 0) {
        outside_.push(ports::LogTrouble{
            .channel = left->from.channel,
            .ok = false,
            .words = std::to_string(lost) +
                     " bytes that a killed daemon was moving are dropped: their log is not kept "
                     "any more",
            .lost_bytes = lost});
    }
    perform_held();
}

void LogEngine::perform_held() {
    give_up_at_.reset();
    for (auto& command : std::exchange(held_, {}))
        std::visit([this](auto&& one) { perform_one(std::move(one)); }, std::move(command));
}

}  // namespace lares::os
