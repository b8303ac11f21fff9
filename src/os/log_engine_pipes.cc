// os/log_engine_pipes.cc: from a pipe to its log: attached, read, captured, tapped, stored, ended.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.h"
#include "os/log_engine.h"
#include "os/log_rotation.h"

namespace lares::os {

namespace {

/// A pipe as the kernel makes it holds this much; a read of nearly that found it full.
constexpr std::size_t full_read_bytes = 60u << 10;
constexpr int full_reads_until_larger = 4;
constexpr int larger_pipe_bytes = 1 << 20;

int waiting_in_pipe(int fd) {
    int count = 0;
    return ::ioctl(fd, FIONREAD, &count) == 0 ? count : 0;
}

}  // namespace

// Reading

std::size_t LogEngine::read_once(std::uint64_t serial, std::size_t most) {
    auto found = sources_.find(serial);
    if (found == sources_.end()) return 0;
    Source& source = found->second;
    Channel& channel = find_or_make(source.channel);
    if (channel.file) most = std::min(most, channel.file->read_size());
    // What a transform makes of a chunk is not split either, and may be longer.
    if (channel.transform) most = std::min(most, log_near_read_bytes);
    LogStep::Taken taken = step_.take({channel.id, source.run}, source.fd.get(), most);
    if (taken.is_end) end_source(serial);
    if (taken.bytes.empty()) return 0;
    std::size_t size = taken.bytes.size();
    note_busy(source, size);
    deliver(source, channel, taken.bytes);
    step_.end();
    return size;
}

/// A larger pipe lets a busy program run on while we write; it costs the kernel memory only while
/// it is full. Not being allowed to (pipe-user-pages-soft) does no harm.
void LogEngine::note_busy(Source& source, std::size_t size) {
    turn_bytes_ += size;
    if (source.full_reads >= full_reads_until_larger) return;
    if (size >= full_read_bytes) ++source.full_reads;
    if (source.full_reads < full_reads_until_larger) return;
    ::fcntl(source.fd.get(), F_SETPIPE_SZ, larger_pipe_bytes);
}

void LogEngine::end_source(std::uint64_t serial) {
    auto found = sources_.find(serial);
    if (found == sources_.end()) return;
    // Said to epoll explicitly: a child between fork and exec may still hold a duplicate.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd.get(), nullptr);
    ports::ChannelId id = found->second.channel;
    finish_capture(found->second, find_or_make(id));
    auto [begin, end] = of_run_.equal_range(found->second.run);
    of_run_.erase(std::find_if(begin, end, [&](auto& pair) { return pair.second == serial; }));
    sources_.erase(found);
    Channel& channel = find_or_make(id);
    std::erase(channel.lingering, serial);
    --channel.pipes;
    if (channel.pipes == 0) finish_line(channel);
    finish_if_closed(id);
}

// Storing

/// Capture, tap, transform, store: in this order, so that what is captured is nowhere else.
void LogEngine::deliver(Source& source, Channel& channel, std::string_view chunk) {
    channel.last_run = source.run;
    if (!source.capture) return pass_on(source.run, channel, chunk);
    plain_.clear();
    std::vector<std::string> captured;
    source.capture->write(chunk, plain_, captured);
    step_.set_state({channel.id, source.run}, source.capture->save(step_state_bytes));
    pass_on(source.run, channel, plain_);
    push_captured(source, std::move(captured));
}

void LogEngine::pass_on(ports::RunId run, Channel& channel, std::string_view plain) {
    if (plain.empty()) return;
    if (channel.tap) {
        is_awaited_ |= !channel.is_stored();
        taps_.put(plain.size());
        outside_.push(ports::OutputSeen{run, channel.id, std::string(plain)});
    }
    if (!channel.transform) return store(channel, plain, Line::goes_on);
    transformed_.clear();
    channel.transform->write(plain, moment_.wall, transformed_);
    store(channel, transformed_, Line::goes_on);
}

void LogEngine::push_captured(Source const& source, std::vector<std::string> texts) {
    for (auto& text : texts) {
        taps_.put(text.size());
        outside_.push(ports::OutputCaptured{source.run, source.channel, std::move(text)});
    }
}

void LogEngine::set_capture(Source& source, Channel const& channel) {
    if (channel.capture_most == 0) {
        if (source.capture) finish_capture(source, find_or_make(channel.id));
        source.capture.reset();
    } else if (source.capture) {
        source.capture->set_most(channel.capture_most);
    } else {
        source.capture = std::make_unique<Capture>(channel.capture_most);
        source.capture->restore(step_.state({channel.id, source.run}));
    }
}

/// Half a token at the end of output was none, and belongs to the log.
void LogEngine::finish_capture(Source& source, Channel& channel) {
    if (!source.capture || source.capture->is_clean()) return;
    step_.begin({channel.id, source.run});
    plain_.clear();
    source.capture->finish(plain_);
    step_.set_state({channel.id, source.run}, {});
    channel.last_run = source.run;
    pass_on(source.run, channel, plain_);
    step_.end();
}

// Waiting for whom output is tapped

bool LogEngine::pause_for_taps(std::uint64_t serial) {
    auto found = sources_.find(serial);
    if (found == sources_.end()) return false;
    Channel const& channel = find_or_make(found->second.channel);
    if ((!channel.tap && !found->second.capture) || taps_.has_room()) return false;
    // Not by asking for no events: the end of a pipe is told even then, again and again.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd.get(), nullptr);
    paused_.push_back(serial);
    return true;
}

void LogEngine::perform_one(TapsTaken&&) {
    for (std::uint64_t serial : std::exchange(paused_, {})) {
        auto found = sources_.find(serial);
        if (found == sources_.end()) continue;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = serial;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, found->second.fd.get(), &event);
    }
}

/// The file comes last: before it is written, what is to be after it must be noted.
void LogEngine::store(Channel& channel, std::string_view bytes, Line line) {
    send_lines(channel, bytes, line);
    set_state(channel);
    if (!channel.file) return;
    channel.file->write(bytes, moment_);
    keep_due(channel);
}

void LogEngine::send_lines(Channel& channel, std::string_view bytes, Line line) {
    if (channel.syslog) {
        channel.syslog->write(bytes);
        if (line == Line::ends) channel.syslog->finish();
    }
    if (channel.journal) {
        channel.journal->write(bytes, moment_.now);
        if (line == Line::ends) channel.journal->finish(moment_.now);
        if (auto news = channel.journal->take_news()) tell(channel.id, std::move(*news));
    }
}

// What the process side asks for

void LogEngine::perform_one(AttachPipe&& command) {
    std::uint64_t serial = next_serial_++;
    Channel& channel = find_or_make(command.channel);
    finish_left(channel, command.run);
    ++channel.pipes;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = serial;
    set_nonblocking(command.read.get());
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, command.read.get(), &event);
    of_run_.emplace(command.run, serial);
    Source source{.run = command.run,
                  .channel = command.channel,
                  .fd = std::move(command.read),
                  .capture = {}};
    set_capture(source, channel);
    sources_.emplace(serial, std::move(source));
}

void LogEngine::perform_one(DrainRun&& command) {
    std::vector<std::uint64_t> serials;
    auto [begin, end] = of_run_.equal_range(command.run);
    for (auto it = begin; it != end; ++it) serials.push_back(it->second);
    for (std::uint64_t serial : serials) {
        read_what_is_there(serial);
        linger(serial);
    }
    outside_.post(std::move(command.done));
}

/// No more than was there when asked: a left-behind child may write without end. The last read
/// meets the end, if it is there.
void LogEngine::read_what_is_there(std::uint64_t serial) {
    auto found = sources_.find(serial);
    if (found == sources_.end()) return;
    auto left = static_cast<std::size_t>(waiting_in_pipe(found->second.fd.get()));
    while (left > 0) {
        std::size_t size = read_once(serial, left);
        if (size == 0) return;
        left -= std::min(left, size);
    }
    read_once(serial, log_read_size);
}

/// Keeps the pipes of the newest runs; an older one's left-behind children lose their log.
void LogEngine::linger(std::uint64_t serial) {
    auto found = sources_.find(serial);
    if (found == sources_.end()) return;
    Channel& channel = find_or_make(found->second.channel);
    channel.lingering.push_back(serial);
    auto generations = [&] {
        std::set<ports::RunId> runs;
        for (std::uint64_t one : channel.lingering) runs.insert(sources_.at(one).run);
        return runs.size();
    };
    while (generations() > static_cast<std::size_t>(limits::lingering_pipes)) {
        std::uint64_t oldest = channel.lingering.front();
        read_what_is_there(oldest);
        end_source(oldest);
    }
}

}  // namespace lares::os
