// os/process_world_test.h: a loop, real processes and a simple log side, for tests.

#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "os/log_intake.h"
#include "os/loop.h"
#include "os/processes.h"
#include "os/signals.h"

namespace lares::os::testing {

/// Reads pipes into strings on the loop.
class Collector : public LogIntake {
public:
    explicit Collector(Loop& loop) : loop_(loop) {}
    ~Collector() override {
        for (auto& [fd, pipe] : pipes_) loop_.forget(fd);
    }
    /// From now on pipes are read only when asked to drain them, as by a slow log side.
    void be_lazy() { lazy_ = true; }
    void attach(ports::RunId run, ports::ChannelId channel, int fd) override {
        pipes_[fd] = {run, channel, Fd(fd)};
        if (lazy_) return;
        loop_.on_readable(fd, [this, fd] { take(fd); });
    }
    void drain(ports::RunId run, std::function<void()> done) override {
        std::vector<int> of_run;
        for (auto& [fd, pipe] : pipes_) {
            if (pipe.run == run) of_run.push_back(fd);
        }
        for (int fd : of_run) take(fd);
        loop_.post(std::move(done));
    }
    std::string const& text(ports::ChannelId channel) { return texts_[channel]; }
    std::size_t open_pipes() const { return pipes_.size(); }

private:
    struct Attached {
        ports::RunId run;
        ports::ChannelId channel;
        Fd fd;
    };
    void take(int fd) {
        char bytes[4096];
        ssize_t got;
        while ((got = ::read(fd, bytes, sizeof bytes)) > 0) {
            texts_[pipes_[fd].channel].append(bytes, static_cast<std::size_t>(got));
        }
        if (got < 0) return;
        loop_.forget(fd);
        pipes_.erase(fd);
    }

    Loop& loop_;
    bool lazy_ = false;
    std::map<int, Attached> pipes_;
    std::map<ports::ChannelId, std::string> texts_;
};

struct Events : ports::Inbox {
    std::vector<ports::Event> all;
    void push(ports::Event event) override { all.push_back(std::move(event)); }
};

/// One process's part of /proc.
inline std::string proc(int pid, std::string const& file) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/" + file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

/// What follows `key:` in /proc/PID/status, without the blanks around it.
inline std::string status(int pid, std::string const& key) {
    std::istringstream lines(proc(pid, "status"));
    std::string line;
    while (std::getline(lines, line)) {
        if (!line.starts_with(key + ":")) continue;
        std::size_t begin = line.find_first_not_of(" \t", key.size() + 1);
        if (begin == std::string::npos) return "";
        return line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
    }
    return "absent";
}

constexpr ports::ChannelId out_channel{1};
constexpr ports::ChannelId err_channel{2};

/// A request for `argv` with both outputs collected.
inline ports::SpawnRequest request(std::vector<std::string> argv) {
    ports::SpawnRequest made;
    made.argv = std::move(argv);
    made.path = "/usr/bin:/bin";
    made.environment = {"PATH=/usr/bin:/bin"};
    made.out = out_channel;
    made.err = err_channel;
    made.name = "x";
    return made;
}
inline ports::SpawnRequest shell(std::string script) {
    return request({"sh", "-c", std::move(script)});
}

/// Ends what it started.
class World {
public:
    explicit World(Processes::Options options = {})
        : collector(loop), processes(loop, events, collector, options) {}
    ~World() {
        until([&] {
            return std::ranges::all_of(started_, [&](auto id) {
                return find<ports::Spawned>(id) || find<ports::SpawnFailed>(id);
            });
        });
        for (auto id : started_) {
            (void)processes.signal(id, SIGKILL, ports::Target::group).ok();
        }
        until([&] { return std::ranges::includes(ends_, started_); });
    }

    ports::RunId start(ports::SpawnRequest what) {
        ports::RunId id{++last_id_};
        started_.insert(id);
        processes.spawn(id, std::move(what));
        return id;
    }
    /// Starts it and waits until it is there.
    int pid_of(ports::RunId id) {
        until([&] { return find<ports::Spawned>(id) || find<ports::SpawnFailed>(id); });
        auto const* spawned = find<ports::Spawned>(id);
        REQUIRE_MESSAGE(spawned, why_not(id));
        return spawned->pid;
    }
    ports::Exited end_of(ports::RunId id) {
        until([&] { return find<ports::Exited>(id) || find<ports::SpawnFailed>(id); });
        auto const* exited = find<ports::Exited>(id);
        REQUIRE_MESSAGE(exited, why_not(id));
        return *exited;
    }
    ports::SpawnFailure failure_of(ports::RunId id) {
        until([&] { return find<ports::Spawned>(id) || find<ports::SpawnFailed>(id); });
        auto const* failed = find<ports::SpawnFailed>(id);
        REQUIRE_MESSAGE(failed, "it was spawned");
        return failed->failure;
    }
    ports::SpawnFailure failure(ports::SpawnRequest what) {
        return failure_of(start(std::move(what)));
    }
    /// Both outputs of a process that ends by itself.
    std::string output(ports::SpawnRequest what) {
        auto id = start(std::move(what));
        end_of(id);
        return collector.text(out_channel) + collector.text(err_channel);
    }

    /// Runs the loop until `holds`, asked after each batch; fails after 20 s.
    void until(std::function<bool()> holds) {
        bool late = false;
        TimerId limit = loop.at(Loop::now() + std::chrono::seconds(20), [&] { late = true; });
        loop.before_sleep([&] {
            note_ends();
            if (late || holds()) loop.stop();
        });
        loop.run();
        loop.cancel(limit);
        if (late) FAIL_CHECK("it did not happen within 20 s");
    }

    template <class Kind>
    Kind const* find(ports::RunId id) const {
        for (auto const& event : events.all) {
            auto const* one = std::get_if<Kind>(&event);
            if (one && one->run == id) return one;
        }
        return nullptr;
    }
    std::vector<std::string> notified(ports::RunId id) const {
        std::vector<std::string> lines;
        for (auto const& event : events.all) {
            auto const* one = std::get_if<ports::Notified>(&event);
            if (one && one->run == id) lines.push_back(one->key + "=" + one->value);
        }
        return lines;
    }

    struct Blocked {
        Blocked() { block_signals(); }
    } blocked;
    Loop loop;
    Events events;
    Collector collector;
    Processes processes;

private:
    std::string why_not(ports::RunId id) const {
        auto const* failed = find<ports::SpawnFailed>(id);
        return failed ? failed->failure.words : "nothing was heard of it";
    }
    void note_ends() {
        for (; noted_ < events.all.size(); noted_++) {
            auto const& event = events.all[noted_];
            if (auto const* e = std::get_if<ports::Exited>(&event)) {
                ends_.insert(e->run);
                processes.noted(e->run);
            }
            if (auto const* e = std::get_if<ports::SpawnFailed>(&event)) ends_.insert(e->run);
        }
    }

    std::set<ports::RunId> started_, ends_;
    std::size_t noted_ = 0;
    std::uint64_t last_id_ = 0;
};

}  // namespace lares::os::testing
