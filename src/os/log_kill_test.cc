// os/log_kill_test.cc: log threads killed at any instant, and their successors: no byte is lost,
// none is doubled.
//
// Each log thread lives in a child process that is killed; this process is what holds descriptors
// for it, as the keeper does.

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <random>

#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

namespace {

std::string const begin_token = "<!--XSUPERVISOR:BEGIN-->";
std::string const end_token = "<!--XSUPERVISOR:END-->";

/// Holds descriptors beyond the end of who kept them.
class HeldStore final : public FdStore {
public:
    HeldStore() {
        LogStep made(*this);  // children are given what is here when they begin
    }
    bool is_successor() const override { return true; }
    Result<> keep(std::string const& name, int fd) override {
        held_[name] = Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        return {};
    }
    void drop(std::string const& name) override { held_.erase(name); }
    Fd take(std::string const& name) override {
        auto found = held_.find(name);
        return found == held_.end() ? Fd() : Fd(::fcntl(found->second.get(), F_DUPFD_CLOEXEC, 0));
    }
    std::vector<std::string> untaken(std::string const&) const override { return {}; }

private:
    std::map<std::string, Fd> held_;
};

/// Puts "[" and "]" around each line.
class Brackets : public ports::LogTransform {
public:
    void write(std::string_view chunk, WallTime, std::string& out) override {
        for (char c : chunk) {
            if (c == '\n') out.append("[").append(std::exchange(rest_, {})).append("]\n");
            if (c != '\n') rest_.push_back(c);
        }
    }
    void finish(WallTime, std::string& out) override {
        if (!rest_.empty()) out.append("[").append(std::exchange(rest_, {})).append("]\n");
    }
    std::string save() const override { return rest_; }
    void restore(std::string_view saved) override { rest_ = saved; }

private:
    std::string rest_;
};

enum class Mode { raw, brackets, capture, capture_brackets };
constexpr Mode modes[] = {Mode::raw, Mode::brackets, Mode::capture, Mode::capture_brackets};

ports::LogSpec spec_for(Mode mode, std::string path) {
    ports::LogSpec spec = file_spec(std::move(path));
    bool captures = mode == Mode::capture || mode == Mode::capture_brackets;
    if (captures) spec.capture_maxbytes = 1000;
    if (mode == Mode::brackets || mode == Mode::capture_brackets)
        spec.transform = std::make_unique<Brackets>();
    return spec;
}

/// What a log of that mode holds of this output.
std::string logged(Mode mode, std::string output) {
    if (mode == Mode::capture || mode == Mode::capture_brackets) {
        for (auto at = output.find(begin_token); at != output.npos; at = output.find(begin_token))
            output.erase(at, output.find(end_token) + end_token.size() - at);
    }
    if (mode == Mode::raw || mode == Mode::capture) return output;
    Brackets brackets;
    std::string out;
    brackets.write(output, WallTime{}, out);
    brackets.finish(WallTime{}, out);
    return out;
}

struct Output {
    ports::ChannelId channel;
    int read_fd;
    Mode mode;
    std::string path;
    std::int64_t maxbytes = 0;
};

/// A log thread in a child process, moving these outputs. `until_end`: until all that is written
/// is moved, else until it is killed.
pid_t start_mover(HeldStore& store, std::vector<Output> const& outputs, StepWatcher watcher,
                  bool until_end) {
    pid_t pid = ::fork();
    if (pid != 0) return pid;
    class Nobody : public ports::Inbox {
        void push(ports::Event) override {}
    } nobody;
    std::atomic<bool> drained{false};
    {
        // What is posted is run at once, wherever.
        LogMover mover(nobody, [](std::function<void()> action) { action(); }, store,
                       {.syslog = [](std::string const&) {},
                        .journal = {},
                        .step_watcher = std::move(watcher)});
        for (auto const& output : outputs) {
            ports::LogSpec spec = spec_for(output.mode, output.path);
            spec.maxbytes = output.maxbytes;
            spec.backups = 1000;
            mover.open(output.channel, std::move(spec));
        }
        for (auto const& output : outputs) {
            ports::RunId run{static_cast<std::uint32_t>(output.channel)};
            mover.attach(run, output.channel, ::fcntl(output.read_fd, F_DUPFD_CLOEXEC, 0));
        }
        while (!until_end) ::pause();
        for (auto const& output : outputs)
            mover.drain(ports::RunId{static_cast<std::uint32_t>(output.channel)}, [] {});
    }
    ::_exit(0);
}

void wait_for_end(pid_t pid) {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
}

struct Ends {
    Fd read, write;
};
Ends make_ends() {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    return {Fd(ends[0]), Fd(ends[1])};
}

/// The log with its rotated siblings, oldest first.
std::string whole_log(std::string const& path) {
    std::string out;
    for (int number = 1000; number >= 1; --number)
        out += contents(path + "." + std::to_string(number));
    return out + contents(path);
}

struct Line {
    Mode mode;
    std::string first, second;
};
Line const lines[] = {
    {Mode::raw, "one\ntwo\nthr", "ee\nfour"},
    {Mode::brackets, "one\ntwo\nthr", "ee\nfour"},
    {Mode::capture, "one" + begin_token + "secret" + end_token + "\ntwo<!--XSUPER",
     "VISOR:BEGIN-->more" + end_token + "three\n<!--X"},
    {Mode::capture_brackets, "one\n" + begin_token + "secret" + end_token + "t<!--XSUPER",
     "VISOR:BEGIN-->more" + end_token + "wo\n<!--X"},
};

/// A log thread that ends itself where `watcher` says so, then one that does the rest.
std::string log_after(Line const& line, StepWatcher watcher, std::string const& path) {
    HeldStore store;
    Ends pipe = make_ends();
    std::vector<Output> outputs{{ports::ChannelId{7}, pipe.read.get(), line.mode, path}};
    REQUIRE(write_all(pipe.write.get(), line.first));
    wait_for_end(start_mover(store, outputs, std::move(watcher), true));
    REQUIRE(write_all(pipe.write.get(), line.second));
    pipe.write.reset();
    wait_for_end(start_mover(store, outputs, {}, true));
    return contents(path);
}

}  // namespace

TEST_CASE("a log thread killed between any two instructions of a step loses and doubles nothing") {
    StepPoint const points[] = {
        StepPoint::noted_moving,  StepPoint::moved, StepPoint::noted_reading, StepPoint::read,
        StepPoint::noted_writing, StepPoint::wrote, StepPoint::kept};
    for (auto const& line : lines) {
        for (StepPoint point : points) {
            CAPTURE(static_cast<int>(line.mode));
            CAPTURE(static_cast<int>(point));
            Folder folder;
            auto dies = [point](StepPoint now) {
                if (now == point) ::_exit(1);
            };
            CHECK(log_after(line, dies, folder / "log") ==
                  logged(line.mode, line.first + line.second));
        }
    }
}

TEST_CASE("a log thread killed when only some bytes are in the file is succeeded by the rest") {
    for (auto const& line : lines) {
        std::string expected = logged(line.mode, line.first + line.second);
        std::string part = expected.substr(0, 3);  // of what is written first, in each of them
        for (std::size_t size = 0; size <= part.size(); ++size) {
            CAPTURE(static_cast<int>(line.mode));
            CAPTURE(size);
            Folder folder;
            std::string path = folder / "log";
            auto dies = [&](StepPoint now) {
                if (now != StepPoint::noted_writing) return;
                Fd file(::open(path.c_str(), O_WRONLY | O_APPEND));
                write_all(file.get(), part.substr(0, size));
                ::_exit(1);
            };
            CHECK(log_after(line, dies, path) == expected);
        }
    }
}

TEST_CASE("a log that logrotate moved right at the kill gets the rest under its new name") {
    Folder folder;
    std::string path = folder / "log";
    auto dies = [&](StepPoint now) {
        if (now != StepPoint::noted_writing) return;
        ::rename(path.c_str(), (path + ".1").c_str());
        ::_exit(1);
    };
    CHECK(log_after({Mode::raw, "one\n", "two\n"}, dies, path) == "two\n");
    CHECK(contents(path + ".1") == "one\n");
}

TEST_CASE("a log that vanished at the kill is made anew with the bytes of the step") {
    Folder folder;
    std::string path = folder / "log";
    auto dies = [&](StepPoint now) {
        if (now != StepPoint::noted_writing) return;
        ::unlink(path.c_str());
        ::_exit(1);
    };
    CHECK(log_after({Mode::raw, "one\n", "two\n"}, dies, path) == "one\ntwo\n");
}

TEST_CASE("a step that nobody's log waits for holds up no other for ever") {
    // Its channel is opened by no successor, and given up after a while; in the meantime the
    // successor's own bytes are stored.
    Folder folder;
    HeldStore store;
    Ends pipe = make_ends();
    REQUIRE(write_all(pipe.write.get(), "dropped\n"));
    std::vector<Output> outputs{{ports::ChannelId{7}, pipe.read.get(), Mode::raw, folder / "old"}};
    auto dies = [](StepPoint now) {
        if (now == StepPoint::read) ::_exit(1);
    };
    wait_for_end(start_mover(store, outputs, dies, true));
    LogStep step(store);
    REQUIRE(step.unfinished());
    CHECK(step.unfinished()->phase == StepPhase::reading);
    CHECK(step.give_up() == 8);
    CHECK_FALSE(step.unfinished());
}

TEST_CASE("half a line of a run that is gone is ended before the next run's output") {
    Folder folder;
    HeldStore store;
    std::string path = folder / "log";
    {
        Ends pipe = make_ends();
        REQUIRE(write_all(pipe.write.get(), "one\nhalf"));
        auto dies = [](StepPoint now) {
            if (now == StepPoint::kept) ::_exit(1);
        };
        wait_for_end(start_mover(
            store, {{ports::ChannelId{7}, pipe.read.get(), Mode::brackets, path}}, dies, true));
    }
    World world;
    LogMover mover(world, [&](auto action) { world.post(std::move(action)); }, store,
                   {.syslog = [](std::string const&) {}, .journal = {}, .step_watcher = {}});
    mover.open(ports::ChannelId{7}, spec_for(Mode::brackets, path));
    Ends pipe = make_ends();
    mover.attach(ports::RunId{99}, ports::ChannelId{7}, pipe.read.release());
    REQUIRE(write_all(pipe.write.get(), "next\n"));
    pipe.write.reset();
    REQUIRE(world.wait([&] { return contents(path) == "[one]\n[half]\n[next]\n"; }));
}

TEST_CASE("a captured text whose run is gone without its end is output, before the next run's") {
    Folder folder;
    HeldStore store;
    std::string path = folder / "log";
    {
        Ends pipe = make_ends();
        REQUIRE(write_all(pipe.write.get(), "one\n" + begin_token + "half a secret\n"));
        auto dies = [](StepPoint now) {
            if (now == StepPoint::kept) ::_exit(1);
        };
        wait_for_end(start_mover(
            store, {{ports::ChannelId{7}, pipe.read.get(), Mode::capture, path}}, dies, true));
    }
    World world;
    LogMover mover(world, [&](auto action) { world.post(std::move(action)); }, store,
                   {.syslog = [](std::string const&) {}, .journal = {}, .step_watcher = {}});
    mover.open(ports::ChannelId{7}, spec_for(Mode::capture, path));
    Ends pipe = make_ends();
    mover.attach(ports::RunId{99}, ports::ChannelId{7}, pipe.read.release());
    REQUIRE(write_all(pipe.write.get(), "next\n"));
    pipe.write.reset();
    REQUIRE(world.wait([&] { return contents(path) == "one\nhalf a secret\nnext\n"; }));
    LogStep step(store);
    CHECK(step.runs_with_state(ports::ChannelId{7}).empty());
}

namespace {

/// Shared with the writers.
struct Progress {
    std::atomic<bool> stop{false};
    std::atomic<int> written[std::size(modes)];
};

std::string numbered_line(Mode mode, int number) {
    std::string line = "line " + std::to_string(number);
    bool captures = mode == Mode::capture || mode == Mode::capture_brackets;
    if (captures && number % 3 == 0) line += begin_token + "captured" + end_token;
    return line + std::string(static_cast<std::size_t>(number % 50), '.') + "\n";
}

/// Writes numbered lines, in bursts and cut anywhere, until it is told to stop.
[[noreturn]] void write_lines(Mode mode, int fd, Progress& progress, std::atomic<int>& written) {
    std::minstd_rand random(static_cast<unsigned>(::getpid()));
    int number = 0;
    while (!progress.stop) {
        std::string burst;
        for (auto i = random() % 200; i > 0; --i) burst += numbered_line(mode, number++);
        std::string_view rest = burst;
        while (!rest.empty()) {
            std::string_view piece = rest.substr(0, 1 + random() % 1000);
            if (!write_all(fd, piece)) ::_exit(1);
            rest.remove_prefix(piece.size());
        }
        ::usleep(static_cast<unsigned>(random() % 2000));
    }
    written = number;
    ::_exit(0);
}

}  // namespace

TEST_CASE("of 200 log threads killed at random instants none loses or doubles a line") {
    Folder folder;
    HeldStore store;
    auto* progress = static_cast<Progress*>(::mmap(
        nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(static_cast<void*>(progress) != MAP_FAILED);
    new (progress) Progress();
    std::vector<Output> outputs;
    std::vector<Ends> pipes;
    std::vector<pid_t> writers;
    for (Mode mode : modes) {
        auto index = outputs.size();
        pipes.push_back(make_ends());
        outputs.push_back({ports::ChannelId{static_cast<std::uint32_t>(index + 1)},
                           pipes.back().read.get(), mode, folder / ("log" + std::to_string(index)),
                           30'000});
        pid_t pid = ::fork();
        if (pid == 0)
            write_lines(mode, pipes.back().write.get(), *progress, progress->written[index]);
        writers.push_back(pid);
        pipes.back().write.reset();
    }
    std::minstd_rand random(2026);
    for (int kills = 0; kills < 200; ++kills) {
        pid_t mover = start_mover(store, outputs, {}, false);
        ::usleep(static_cast<unsigned>(200 + random() % 2500));
        ::kill(mover, SIGKILL);
        wait_for_end(mover);
    }
    progress->stop = true;
    pid_t last = start_mover(store, outputs, {}, false);
    for (pid_t writer : writers) wait_for_end(writer);
    ::kill(last, SIGKILL);
    wait_for_end(last);
    wait_for_end(start_mover(store, outputs, {}, true));

    for (std::size_t i = 0; i < outputs.size(); ++i) {
        std::string output;
        for (int number = 0; number < progress->written[i]; ++number)
            output += numbered_line(outputs[i].mode, number);
        std::string expected = logged(outputs[i].mode, output);
        std::string found = whole_log(outputs[i].path);
        CAPTURE(i);
        CHECK(progress->written[i] > 200);
        CHECK(found.size() == expected.size());
        CHECK((found == expected));
    }
    ::munmap(progress, sizeof(Progress));
}
