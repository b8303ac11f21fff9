// control/log_stream.cc: one reading after the other, for every reader of a log.

#include "control/log_stream.h"

#include "base/limits.h"
#include "control/log_window.h"
#include "control/operation_parts.h"
#include "control/pages.h"

namespace lares::control {

namespace {

constexpr std::int64_t first_bytes = 1024;  // supervisord's
constexpr std::string_view truncated_line = "==> File truncated <==\n";

static_assert(limits::stream_read_bytes <= static_cast<std::int64_t>(limits::stream_bytes));

ports::HttpReply stream_head(WallTime now) {
    return {200,
            {{"Content-Type", "text/plain;charset=utf-8"},
             {"X-Accel-Buffering", "no"},  // else nginx collects it before anyone sees it
             {"Cache-Control", "no-store"},
             {"X-Content-Type-Options", "nosniff"},
             {"Last-Modified", print_http_date(now)}},
            {}};
}

FollowStep from_start(Following following, std::string send) {
    following.inode = 0;
    following.offset = 0;
    following.in_rotated = false;
    return {std::move(following), std::move(send), true};
}

FollowStep taken(Following following, ports::LogRead const& read) {
    following.inode = read.inode;
    following.offset += static_cast<std::int64_t>(read.bytes.size());
    bool more = !read.bytes.empty() && following.offset < read.size;
    return {std::move(following), read.bytes, more};
}

FollowStep follow_rotated(Following following, ports::LogRead const& read) {
    bool same = read.exists && read.error.empty() && read.inode == following.inode;
    if (!same) return from_start(std::move(following), {});
    auto step = taken(std::move(following), read);
    return step.read_on ? step : from_start(std::move(step.next), std::move(step.send));
}

}  // namespace

std::string file_of(Following const& following) {
    return following.in_rotated ? following.path + ".1" : following.path;
}

FollowStep follow(Following following, ports::LogRead const& read) {
    if (following.in_rotated) return follow_rotated(std::move(following), read);
    // Just moved away, or out of reach for now: what comes next will tell.
    if (!read.exists || !read.error.empty()) return {std::move(following), {}, false};
    if (following.inode != 0 && read.inode != following.inode) {
        following.in_rotated = true;
        return {std::move(following), {}, true};
    }
    if (read.size < following.offset)
        return from_start(std::move(following), std::string(truncated_line));
    return taken(std::move(following), read);
}

std::optional<Log> find_log(House const& house, LogName const& name) {
    if (name.process.empty()) {
        auto path = house.main_log();
        return path.empty() ? std::nullopt : std::optional(Log{house.main_channel(), path});
    }
    auto index = find_process(house, name.process);
    auto channel = index ? house.channel(*index, name.stream) : std::nullopt;
    if (!channel) return std::nullopt;
    auto info = house.info(*index);
    auto& path = name.stream == House::Stream::out ? info.out_log : info.err_log;
    return path.empty() ? std::nullopt : std::optional(Log{*channel, std::move(path)});
}

void Streams::open(ports::RequestId request, LogName name, Log log) {
    auto& stream = streams_[request];
    stream.name = std::move(name);
    stream.log = std::move(log);
    stream.following.path = stream.log.path;
    stream.reading = true;
    watch(stream.log.channel);  // before reading: what is added between the two must not be missed
    house_.logs().read(stream.log.path, -first_bytes, first_bytes,
                       [this, request](ports::LogRead const& read) { begin(request, read); });
}

void Streams::begin(ports::RequestId request, ports::LogRead const& read) {
    auto found = streams_.find(request);
    if (found == streams_.end()) return;
    if (!read.exists || !read.error.empty()) {
        std::string why = read.error.empty() ? "the log file is not there yet\n"
                                             : "the log cannot be read: " + read.error + "\n";
        streams_.erase(found);
        return wire_.reply(request,
                           {404, {{"Content-Type", "text/plain;charset=utf-8"}}, std::move(why)});
    }
    auto& stream = found->second;
    stream.reading = false;
    stream.is_open = true;
    stream.following.inode = read.inode;
    stream.following.offset = read.size;
    wire_.open_stream(request, stream_head(house_.wall()));
    std::string_view bytes = read.bytes;
    bool cut = read.size > static_cast<std::int64_t>(bytes.size());
    send(request, stream, cut ? without_cut_front(bytes) : bytes);
    pump(request, stream);
}

void Streams::take(ports::RequestId request, ports::LogRead const& read) {
    auto found = streams_.find(request);
    if (found == streams_.end()) return;
    auto& stream = found->second;
    stream.reading = false;
    auto step = follow(std::move(stream.following), read);
    stream.following = std::move(step.next);
    stream.wants |= step.read_on;
    send(request, stream, step.send);
    pump(request, stream);
}

void Streams::send(ports::RequestId request, Stream& stream, std::string_view bytes) {
    if (bytes.empty()) return;
    stream.sending = true;
    wire_.stream_send(request, bytes);
}

void Streams::pump(ports::RequestId request, Stream& stream) {
    if (stream.reading || stream.sending || !stream.wants) return;
    stream.wants = false;
    stream.reading = true;
    if (stream.following.path != stream.log.path) stream.following = {.path = stream.log.path};
    watch(stream.log.channel);
    house_.logs().read(file_of(stream.following), stream.following.offset,
                       limits::stream_read_bytes,
                       [this, request](ports::LogRead const& read) { take(request, read); });
}

void Streams::logs_changed() {
    for (auto next = streams_.begin(); next != streams_.end();) {
        auto current = next++;
        auto& [request, stream] = *current;
        auto log = find_log(house_, stream.name);
        if (!log && stream.is_open) {
            wire_.end_stream(request);
            streams_.erase(current);
        } else if (log && *log != stream.log) {
            stream.log = std::move(*log);
            stream.wants = true;
            pump(request, stream);
        }
    }
}

void Streams::drained(ports::RequestId request) {
    auto found = streams_.find(request);
    if (found == streams_.end()) return;
    found->second.sending = false;
    pump(request, found->second);
}

/// One asking serves all readers of a log; it cannot be taken back, so that readers who come and go
/// must not each leave one behind.
void Streams::watch(ports::ChannelId channel) {
    if (!watched_.insert(channel).second) return;
    house_.logs().on_growth(channel, [this, channel] { grew(channel); });
}

void Streams::grew(ports::ChannelId channel) {
    watched_.erase(channel);
    for (auto& [request, stream] : streams_) {
        if (stream.log.channel != channel) continue;
        stream.wants = true;
        pump(request, stream);
    }
}

}  // namespace lares::control
