// sim/logs.h: log files on a disk of strings, which can be full.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/logs.h"
#include "sim/kernel.h"

namespace lares::sim {

struct File {
    std::string bytes;
    std::uint64_t inode = 0;
};

class Logs final : public ports::Logs {
public:
    explicit Logs(Kernel& kernel) : kernel_(kernel) {}

    /// By path. Rotated siblings are "PATH.1" and on.
    std::map<std::string, File>& disk() { return disk_; }
    std::string text(std::string const& path) const;
    /// Lines that went to syslog, with the channel's name before them.
    std::vector<std::string> const& syslog() const { return syslog_; }
    bool is_open(ports::ChannelId channel) const { return channels_.contains(channel); }
    /// The files stay, the channels are the daemon's. What programs write until it has opened them
    /// again waits in their pipes.
    void crash();
    /// While the disk is full every write is lost and counted.
    void set_disk_full(bool full);
    /// What a run writes: also told as OutputSeen where the channel is tapped.
    void write_from(ports::RunId, ports::ChannelId, std::string_view bytes);

    void open(ports::ChannelId, ports::LogSpec) override;
    void close(ports::ChannelId) override;
    void write(ports::ChannelId, std::string_view bytes) override;
    void reopen_all() override;
    void clear(ports::ChannelId, std::function<void(Result<>)> done) override;
    void read(std::string path, std::int64_t offset, std::int64_t length,
              std::function<void(ports::LogRead)> done) override;
    void on_growth(ports::ChannelId, std::function<void()> grew) override;
    void taken(std::size_t bytes) override;
    void flush(std::function<void()> done) override;

private:
    struct Channel {
        ports::LogSpec spec;
        std::function<void()> grew;
        bool in_trouble = false;
        std::uint64_t lost = 0;
    };

    Lane lane(ports::ChannelId channel) const;
    void append(ports::ChannelId, Channel&, std::string const& bytes);
    void rotate(ports::LogSpec const&);
    void tell_growth(ports::ChannelId, Channel&);
    ports::LogRead read_now(std::string const& path, std::int64_t offset, std::int64_t length);
    File& file(std::string const& path);

    Kernel& kernel_;
    std::map<std::string, File> disk_;
    std::map<ports::ChannelId, Channel> channels_;
    struct Waiting {
        std::optional<ports::RunId> from;
        std::string bytes;
    };
    std::map<ports::ChannelId, std::vector<Waiting>> in_pipes_;
    std::size_t tapped_ = 0;  // told and not taken yet
    std::vector<std::string> syslog_;
    std::uint64_t next_inode_ = 1;
    bool full_ = false;
};

}  // namespace lares::sim
