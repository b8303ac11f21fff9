// os/log_world_test.h: what the tests of the log side share: a folder that goes away, files, a loop
// that is the test itself.

#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "os/fd.h"
#include "os/log_mover.h"
#include "ports/logs.h"

namespace lares::os::log_world {

class Folder {
public:
    Folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "lares-log-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    std::string operator/(std::string const& name) const { return path_ + "/" + name; }
    std::string const& path() const { return path_; }
    /// Names in order, joined by spaces.
    std::string names() const {
        std::map<std::string, int> sorted;
        for (auto const& entry : std::filesystem::directory_iterator(path_)) {
            sorted[entry.path().filename().string()] = 1;
        }
        std::string out;
        for (auto const& [name, one] : sorted) out += (out.empty() ? "" : " ") + name;
        return out;
    }

private:
    std::string path_;
};

inline std::string contents(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline void put_file(std::string const& path, std::string const& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

inline bool exists(std::string const& path) { return ::access(path.c_str(), F_OK) == 0; }

inline unsigned mode_of(std::string const& path) {
    struct stat now{};
    return ::stat(path.c_str(), &now) == 0 ? now.st_mode & 07777 : 0;
}

/// Writes all of `bytes`, waiting for the reader where needed.
inline bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t size = ::write(fd, bytes.data(), bytes.size());
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

/// The time zone of the C library, put back at the end.
class Zone {
public:
    explicit Zone(char const* name) {
        if (char const* was = std::getenv("TZ")) before_ = was;
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~Zone() {
        if (before_) {
            ::setenv("TZ", before_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }

private:
    std::optional<std::string> before_;
};

/// The loop's thread is the test's: posted functions run in wait().
class World : public ports::Inbox {
public:
    explicit World(SyslogSink syslog = [](std::string const&) {})
        : World(LogOutlets{.syslog = std::move(syslog), .journal = {}, .step_watcher = {}}) {}
    explicit World(LogOutlets outlets)
        : mover(
              *this, [this](auto action) { post(std::move(action)); }, store_, std::move(outlets)) {
    }

    void push(ports::Event event) override {
        if (auto* trouble = std::get_if<ports::LogTrouble>(&event)) troubles.push_back(*trouble);
        if (auto* seen = std::get_if<ports::OutputSeen>(&event)) outputs.push_back(*seen);
        if (auto* text = std::get_if<ports::OutputCaptured>(&event)) captured.push_back(*text);
    }

    /// What was seen of a channel, in one piece.
    std::string seen(ports::ChannelId channel) const {
        std::string bytes;
        for (auto const& output : outputs)
            if (output.channel == channel) bytes += output.bytes;
        return bytes;
    }

    void post(std::function<void()> action) {
        std::lock_guard lock(mutex_);
        posted_.push_back(std::move(action));
        changed_.notify_one();
    }

    /// Runs what is posted until `done` holds; false after ten seconds.
    bool wait(std::function<bool()> const& done) {
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        std::unique_lock lock(mutex_);
        while (!done()) {
            // What is no posting (a file that appears) is looked at every 2 ms.
            changed_.wait_for(lock, std::chrono::milliseconds(2), [&] { return !posted_.empty(); });
            if (std::chrono::steady_clock::now() > until) return false;
            while (!posted_.empty()) {
                auto action = std::move(posted_.front());
                posted_.pop_front();
                lock.unlock();
                action();
                lock.lock();
            }
        }
        return true;
    }

    /// Everything asked and everything in the pipes is in the files.
    bool flush() {
        bool done = false;
        mover.flush([&] { done = true; });
        return wait([&] { return done; });
    }

    bool drain(ports::RunId run) {
        bool done = false;
        mover.drain(run, [&] { done = true; });
        return wait([&] { return done; });
    }

    Result<> clear(ports::ChannelId channel) {
        std::vector<Result<>> results;
        mover.clear(channel, [&](Result<> result) { results.push_back(result); });
        wait([&] { return !results.empty(); });
        return results.empty() ? Error{Error::Kind::io, "no answer"} : results.front();
    }

    ports::LogRead read(std::string const& path, std::int64_t offset, std::int64_t length) {
        std::vector<ports::LogRead> results;
        mover.read(path, offset, length, [&](ports::LogRead found) { results.push_back(found); });
        wait([&] { return !results.empty(); });
        return results.empty() ? ports::LogRead{.exists = false, .error = "no answer"}
                               : results.front();
    }

    /// A pipe into `channel`; returns its write end.
    Fd attach(ports::RunId run, ports::ChannelId channel) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return {};
        mover.attach(run, channel, ends[0]);
        return Fd(ends[1]);
    }

    std::vector<ports::LogTrouble> troubles;
    std::vector<ports::OutputSeen> outputs;
    std::vector<ports::OutputCaptured> captured;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> posted_;
    NoFdStore store_;

public:
    LogMover mover;  // last: it posts until it is gone
};

inline ports::LogSpec file_spec(std::string path) {
    ports::LogSpec spec;
    spec.path = std::move(path);
    return spec;
}

}  // namespace lares::os::log_world
