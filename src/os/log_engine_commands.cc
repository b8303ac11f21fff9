// os/log_engine_commands.cc: what the log thread does when the loop's thread asks.

#include <unistd.h>

#include <algorithm>

#include "os/log_engine.h"

namespace lares::os {

namespace {

using namespace std::chrono_literals;

/// How long flush() waits for slow readers of streams at the end of the daemon.
constexpr Duration flush_patience = 1s;

}  // namespace

void LogEngine::perform(LogCommand&& command) {
    moment_ = read_moment();
    if (must_wait(command)) {
        held_.push_back(std::move(command));
    } else {
        std::visit([this](auto&& one) { perform_one(std::move(one)); }, std::move(command));
    }
    answer_flushes();
    compress_next();
    arm_timer();
}

void LogEngine::end() {
    perform_one(FlushLogs{.done = {}});
    for (auto& [serial, source] : sources_) finish_capture(source, find_or_make(source.channel));
    for (auto& [id, channel] : channels_) finish_output(channel);
}

// Logs

void LogEngine::perform_one(OpenLog&& command) {
    Channel& channel = find_or_make(command.channel);
    finish_output(channel);
    ports::LogSpec& spec = command.spec;
    channel.is_closing = false;
    channel.file.reset();
    channel.syslog.reset();
    channel.journal.reset();
    channel.transform = std::move(spec.transform);
    channel.tap = spec.tap;
    channel.capture_most =
        static_cast<std::size_t>(std::max<std::int64_t>(spec.capture_maxbytes, 0));
    for (auto& [serial, source] : sources_)
        if (source.channel == channel.id) set_capture(source, channel);
    if (spec.kind == ports::LogSpec::Kind::syslog || spec.also_syslog) {
        channel.syslog = std::make_unique<SyslogLines>(spec.syslog_name, outside_.syslog);
    }
    if (spec.kind == ports::LogSpec::Kind::journald) {
        channel.journal = std::make_unique<JournalLines>(
            JournalFields{.identifier = spec.syslog_name, .stream = spec.stream}, outside_.journal);
    }
    if (spec.kind == ports::LogSpec::Kind::file) {
        LogFileHost& host = *this;
        channel.file = std::make_unique<LogFile>(channel.id, settings_of(spec), host);
        channel.file->open(moment_);
    }
    auto left = step_.unfinished();
    if (left && left->from.channel == channel.id) {
        finish_step_of(channel);
    } else {
        restore(channel);
    }
    keep_due(channel);
}

void LogEngine::perform_one(CloseLog&& command) {
    Channel* channel = find_channel(command.channel);
    if (!channel) return;
    channel->is_closing = true;
    finish_if_closed(command.channel);
}

void LogEngine::perform_one(WriteLog&& command) {
    Channel* channel = find_channel(command.channel);
    if (channel) store(*channel, command.bytes, Line::goes_on);
}

void LogEngine::perform_one(LostBytes&& command) {
    Channel* channel = find_channel(command.channel);
    if (!channel || !channel->file) return;
    channel->file->note_lost(command.bytes, "more came at once than could be written", moment_);
}

void LogEngine::perform_one(ReopenLogs&&) {
    for (auto& [id, channel] : channels_) {
        if (!channel.file) continue;
        channel.file->reopen(moment_);
        keep_due(channel);
    }
}

void LogEngine::perform_one(ClearLog&& command) {
    Channel* channel = find_channel(command.channel);
    Result<> result;
    if (!channel) result = Error{Error::Kind::not_found, "no such log"};
    if (channel && channel->file) {
        result = channel->file->clear(moment_);
        keep_due(*channel);
    }
    outside_.post([done = std::move(command.done), result = std::move(result)] { done(result); });
}

// Flushing

void LogEngine::perform_one(FlushLogs&& command) {
    std::vector<std::uint64_t> serials;
    for (auto const& [serial, source] : sources_) serials.push_back(serial);
    for (std::uint64_t serial : serials) read_what_is_there(serial);
    if (command.done) flushes_.push_back({std::move(command.done), moment_.now + flush_patience});
}

void LogEngine::answer_flushes() {
    while (!flushes_.empty()) {
        if (watched_writers_ > 0 && moment_.now < flushes_.front().until) return;
        outside_.post(std::move(flushes_.front().done));
        flushes_.erase(flushes_.begin());
    }
}

// Compressing

void LogEngine::compress_siblings(ports::ChannelId id) {
    if (std::ranges::find(to_compress_, id) == to_compress_.end()) to_compress_.push_back(id);
}

void LogEngine::compress_next() {
    while (!is_compressing_ && !to_compress_.empty()) {
        ports::ChannelId id = to_compress_.front();
        Channel* channel = find_channel(id);
        LogFileSettings const* settings =
            channel && channel->file ? &channel->file->settings() : nullptr;
        auto job = settings ? find_compression(settings->path, settings->backups) : std::nullopt;
        if (!job) {
            // What a crash left half done; nobody else works on it now.
            if (settings) ::unlink(compression_path(settings->path).c_str());
            to_compress_.pop_front();
            continue;
        }
        is_compressing_ = true;
        outside_.compress({id, std::move(*job), settings->backups, {}});
    }
}

void LogEngine::perform_one(Compressed&& command) {
    is_compressing_ = false;
    Result<> result = std::move(command.result);
    if (result) result = finish_compression(command.job, command.backups);
    if (!result && result.error().kind == Error::Kind::not_found) return;  // the next one, then
    // Who writes to what was rotated would keep us at it for ever; the next rotation tries again.
    if (!result && !to_compress_.empty()) to_compress_.pop_front();
    if (!result && result.error().kind == Error::Kind::conflict) return;
    Channel* channel = find_channel(command.channel);
    if (!channel || !channel->file) return;
    channel->file->on_compressed(result, moment_);
    keep_due(*channel);
}

}  // namespace lares::os
