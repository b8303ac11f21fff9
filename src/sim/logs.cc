// sim/logs.cc: appending, rotating by size, reading back, trouble.

#include "sim/logs.h"

#include <algorithm>

namespace lares::sim {

using ports::ChannelId;

namespace {

constexpr Duration disk_takes{1};

WallTime wall(Kernel const& kernel) { return WallTime(kernel.time().time_since_epoch()); }

std::string rotated(std::string const& path, int number) {
    return path + "." + std::to_string(number);
}

}  // namespace

Lane Logs::lane(ChannelId channel) const {
    return {Lane::Of::log, static_cast<std::uint64_t>(channel)};
}

std::string Logs::text(std::string const& path) const {
    auto found = disk_.find(path);
    return found == disk_.end() ? "" : found->second.bytes;
}

File& Logs::file(std::string const& path) {
    auto [found, is_new] = disk_.try_emplace(path);
    if (is_new) found->second.inode = next_inode_++;
    return found->second;
}

void Logs::open(ChannelId channel, ports::LogSpec spec) {
    if (channels_.contains(channel)) return kernel_.complain("a log is opened twice");
    if (spec.kind == ports::LogSpec::Kind::file) file(spec.path);
    channels_[channel].spec = std::move(spec);
    auto waiting = in_pipes_.extract(channel);
    if (waiting.empty()) return;
    for (auto const& [from, bytes] : waiting.mapped()) {
        if (from) write_from(*from, channel, bytes);
        if (!from) write(channel, bytes);
    }
}

void Logs::crash() {
    for (auto const& [id, channel] : channels_) in_pipes_[id];
    channels_.clear();
    tapped_ = 0;
}

void Logs::write_from(ports::RunId run, ChannelId id, std::string_view bytes) {
    auto found = channels_.find(id);
    auto pipe = in_pipes_.find(id);
    if (found == channels_.end() && pipe != in_pipes_.end())
        return pipe->second.push_back({run, std::string(bytes)});
    if (found != channels_.end() && found->second.spec.tap) {
        tapped_ += bytes.size();
        kernel_.tell({Lane::Of::run, static_cast<std::uint64_t>(run)},
                     ports::OutputSeen{run, id, std::string(bytes)});
    }
    write(id, bytes);
}

void Logs::taken(std::size_t bytes) {
    if (bytes > tapped_) kernel_.complain("more tapped output is taken than was told");
    tapped_ -= std::min(bytes, tapped_);
}

void Logs::close(ChannelId id) {
    auto found = channels_.find(id);
    if (found == channels_.end()) return kernel_.complain("a log is closed that is not open");
    std::string rest;
    Channel& channel = found->second;
    if (channel.spec.transform) channel.spec.transform->finish(wall(kernel_), rest);
    append(id, channel, rest);
    channels_.erase(found);
}

void Logs::write(ChannelId id, std::string_view bytes) {
    auto found = channels_.find(id);
    auto pipe = in_pipes_.find(id);
    if (found == channels_.end() && pipe != in_pipes_.end())
        return pipe->second.push_back({{}, std::string(bytes)});
    if (found == channels_.end()) return kernel_.complain("a log is written that is not open");
    Channel& channel = found->second;
    std::string stored(bytes);
    if (channel.spec.transform) {
        stored.clear();
        channel.spec.transform->write(bytes, wall(kernel_), stored);
    }
    append(id, channel, stored);
}

void Logs::append(ChannelId id, Channel& channel, std::string const& bytes) {
    ports::LogSpec const& spec = channel.spec;
    if (bytes.empty() || spec.kind == ports::LogSpec::Kind::none) return;
    if (spec.kind == ports::LogSpec::Kind::syslog || spec.also_syslog)
        syslog_.push_back(spec.syslog_name + bytes);
    if (spec.kind == ports::LogSpec::Kind::syslog) return;
    if (full_) {
        channel.lost += bytes.size();
        if (!channel.in_trouble)
            kernel_.tell(lane(id), ports::LogTrouble{id, false, "No space left on device", 0});
        channel.in_trouble = true;
        return;
    }
    File& one = file(spec.path);
    one.bytes += bytes;
    bool too_big = static_cast<std::int64_t>(one.bytes.size()) >= spec.maxbytes;
    if (spec.maxbytes > 0 && too_big) rotate(spec);
    tell_growth(id, channel);
}

void Logs::rotate(ports::LogSpec const& spec) {
    for (int n = spec.backups; n > 0; --n) {
        auto from = disk_.extract(n == 1 ? spec.path : rotated(spec.path, n - 1));
        if (from.empty()) continue;
        from.key() = rotated(spec.path, n);
        disk_.erase(from.key());
        disk_.insert(std::move(from));
    }
    file(spec.path).bytes.clear();
}

void Logs::tell_growth(ChannelId id, Channel& channel) {
    if (!channel.grew) return;
    kernel_.tell(lane(id), std::exchange(channel.grew, nullptr));
}

void Logs::set_disk_full(bool full) {
    full_ = full;
    if (full) return;
    for (auto& [id, channel] : channels_) {
        if (!std::exchange(channel.in_trouble, false)) continue;
        auto lost = std::exchange(channel.lost, 0);
        kernel_.tell(lane(id), ports::LogTrouble{id, true, "", lost});
    }
}

void Logs::reopen_all() {
    for (auto& [id, channel] : channels_)
        if (channel.spec.kind == ports::LogSpec::Kind::file) file(channel.spec.path);
}

void Logs::clear(ChannelId id, std::function<void(Result<>)> done) {
    kernel_.after(disk_takes, kernel_.in_this_life([this, id, done = std::move(done)] {
        auto found = channels_.find(id);
        if (found != channels_.end() && found->second.spec.kind == ports::LogSpec::Kind::file) {
            file(found->second.spec.path).bytes.clear();
            tell_growth(id, found->second);
        }
        kernel_.tell(lane(id), [done] { done({}); });
    }));
}

ports::LogRead Logs::read_now(std::string const& path, std::int64_t offset, std::int64_t length) {
    auto found = disk_.find(path);
    if (found == disk_.end()) return {};
    auto const& bytes = found->second.bytes;
    auto size = static_cast<std::int64_t>(bytes.size());
    auto from = offset < 0 ? std::max<std::int64_t>(size + offset, 0) : std::min(offset, size);
    return {.exists = true,
            .bytes = bytes.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(length)),
            .size = size,
            .inode = found->second.inode};
}

void Logs::read(std::string path, std::int64_t offset, std::int64_t length,
                std::function<void(ports::LogRead)> done) {
    kernel_.after(disk_takes,
                  kernel_.in_this_life([this, path = std::move(path), offset, length, done] {
                      kernel_.tell({Lane::Of::worker},
                                   [done, found = read_now(path, offset, length)] { done(found); });
                  }));
}

void Logs::on_growth(ChannelId id, std::function<void()> grew) {
    auto found = channels_.find(id);
    if (found == channels_.end()) return kernel_.complain("growth of a log that is not open");
    found->second.grew = std::move(grew);
}

void Logs::flush(std::function<void()> done) {
    kernel_.after(disk_takes, kernel_.in_this_life([this, done = std::move(done)] {
        kernel_.tell({Lane::Of::worker}, done);
    }));
}

}  // namespace lares::sim
