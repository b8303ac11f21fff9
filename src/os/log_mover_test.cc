// os/log_mover_test.cc: output moved from real pipes into real files.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

namespace {

constexpr ports::ChannelId log{1};
constexpr ports::RunId run{1};

ports::LogSpec rotated(std::string path, std::int64_t maxbytes, int backups) {
    ports::LogSpec spec = file_spec(std::move(path));
    spec.maxbytes = maxbytes;
    spec.backups = backups;
    return spec;
}

/// Puts "[" before and "]" after each chunk's lines; keeps what has no newline, as text/ does.
class Brackets : public ports::LogTransform {
public:
    void write(std::string_view chunk, WallTime, std::string& out) override {
        rest_ += chunk;
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
            out += "[" + rest_.substr(0, end) + "]\n";
            rest_.erase(0, end + 1);
        }
    }
    void finish(WallTime, std::string& out) override {
        if (!rest_.empty()) out += "[" + rest_ + "]\n";
        rest_.clear();
    }
    std::string save() const override { return rest_; }
    void restore(std::string_view saved) override { rest_ = saved; }

private:
    std::string rest_;
};

std::string numbered(int from, int to) {
    std::string lines;
    for (int i = from; i < to; ++i) lines += "line " + std::to_string(i) + "\n";
    return lines;
}

}  // namespace

TEST_CASE("what a program wrote before it ended is in its log when the drain is done") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "web.log"));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "hello\nhalf a line"));
    out.reset();
    REQUIRE(world.drain(run));
    CHECK(contents(folder / "web.log") == "hello\nhalf a line");
}

TEST_CASE("a last line without newline is a line of its own when the run has ended") {
    Folder folder;
    World world;
    auto spec = file_spec(folder / "web.log");
    spec.transform = std::make_unique<Brackets>();
    world.mover.open(log, std::move(spec));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "hello\nhalf a line"));
    out.reset();
    REQUIRE(world.drain(run));
    Fd next = world.attach(ports::RunId{78}, log);
    REQUIRE(write_all(next.get(), "next\n"));
    next.reset();
    REQUIRE(world.drain(ports::RunId{78}));
    CHECK(contents(folder / "web.log") == "[hello]\n[half a line]\n[next]\n");
}

TEST_CASE("a run without pipes is drained at once") {
    World world;
    CHECK(world.drain(ports::RunId{77}));
}

TEST_CASE("a log exists from when it is opened, with its mode, less the umask") {
    Folder folder;
    World world;
    ports::LogSpec automatic = file_spec(folder / "auto.log");
    automatic.mode = 0600;
    mode_t before = ::umask(022);
    world.mover.open(log, file_spec(folder / "web.log"));
    world.mover.open(ports::ChannelId{2}, std::move(automatic));
    REQUIRE(world.flush());
    ::umask(before);
    CHECK(mode_of(folder / "web.log") == 0644);
    CHECK(mode_of(folder / "auto.log") == 0600);
}

TEST_CASE("a log that is there is appended to") {
    Folder folder;
    put_file(folder / "web.log", "before\n");
    World world;
    world.mover.open(log, file_spec(folder / "web.log"));
    world.mover.write(log, "after\n");
    REQUIRE(world.flush());
    CHECK(contents(folder / "web.log") == "before\nafter\n");
}

TEST_CASE("60 short lines with maxbytes = 100 and backups = 3 leave f, f.1, f.2 and f.3") {
    Folder folder;
    World world;
    world.mover.open(log, rotated(folder / "f", 100, 3));
    for (int i = 0; i < 60; ++i) world.mover.write(log, "a short line\n");  // 13 bytes, 8 a file
    REQUIRE(world.flush());
    CHECK(folder.names() == "f f.1 f.2 f.3");
    CHECK(contents(folder / "f.1").size() == 104);
    CHECK(contents(folder / "f.3").size() == 104);
    CHECK(contents(folder / "f").size() == 60 % 8 * 13);
}

TEST_CASE("backups = 0 truncates the log in place") {
    Folder folder;
    World world;
    world.mover.open(log, rotated(folder / "f", 100, 0));
    for (int i = 0; i < 60; ++i) world.mover.write(log, "a short line\n");
    REQUIRE(world.flush());
    CHECK(folder.names() == "f");
    CHECK(contents(folder / "f").size() == 60 % 8 * 13);
}

TEST_CASE("one write is never split, and the file that took it is rotated after it") {
    Folder folder;
    World world;
    world.mover.open(log, rotated(folder / "f", 100, 2));
    world.mover.write(log, std::string(99, 'a'));
    world.mover.write(log, std::string(500, 'b'));
    world.mover.write(log, "c");
    REQUIRE(world.flush());
    CHECK(contents(folder / "f.1") == std::string(99, 'a') + std::string(500, 'b'));
    CHECK(contents(folder / "f") == "c");
}

TEST_CASE("nothing is lost, doubled or reordered while a flood is rotated") {
    Folder folder;
    World world;
    constexpr std::int64_t maxbytes = 300'000;
    world.mover.open(log, rotated(folder / "f", maxbytes, 1000));
    Fd out = world.attach(run, log);
    std::string expected = numbered(0, 1'000'000);
    std::thread program([&] {
        CHECK(write_all(out.get(), expected));
        out.reset();
    });
    program.join();
    REQUIRE(world.drain(run));
    std::string found;
    int number = 1;
    while (exists(folder / ("f." + std::to_string(number)))) ++number;
    CHECK(number > 20);
    for (int i = number - 1; i >= 1; --i) {
        std::string bytes = contents(folder / ("f." + std::to_string(i)));
        CHECK(static_cast<std::int64_t>(bytes.size()) >= maxbytes);
        CHECK(static_cast<std::int64_t>(bytes.size()) < maxbytes + (128 << 10));
        found += bytes;
    }
    found += contents(folder / "f");
    CHECK((found == expected));  // in brackets: not to be printed
}

TEST_CASE("200 programs that write at once each find their own bytes in their log") {
    Folder folder;
    World world;
    std::vector<Fd> outs;
    for (unsigned i = 0; i < 200; ++i) {
        auto name = folder / ("log" + std::to_string(i));
        world.mover.open(ports::ChannelId{i}, rotated(name, 1 << 20, 2));
        outs.push_back(world.attach(ports::RunId{i}, ports::ChannelId{i}));
    }
    auto text = [](unsigned i) { return "program " + std::to_string(i) + "\n"; };
    std::vector<std::thread> threads;
    for (unsigned part = 0; part < 4; ++part) {
        threads.emplace_back([&, part] {
            for (int round = 0; round < 100; ++round) {
                for (unsigned i = part; i < 200; i += 4) write_all(outs[i].get(), text(i));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    outs.clear();
    REQUIRE(world.flush());
    for (unsigned i = 0; i < 200; ++i) {
        std::string expected;
        for (int round = 0; round < 100; ++round) expected += text(i);
        CHECK(contents(folder / ("log" + std::to_string(i))) == expected);
    }
}

TEST_CASE("a flooding program does not keep another from its log") {
    Folder folder;
    World world;
    ports::LogSpec nowhere;
    nowhere.kind = ports::LogSpec::Kind::none;
    world.mover.open(log, std::move(nowhere));
    world.mover.open(ports::ChannelId{2}, file_spec(folder / "quiet"));
    Fd flood = world.attach(run, log);
    Fd quiet = world.attach(ports::RunId{2}, ports::ChannelId{2});
    std::atomic<bool> enough{false};
    std::thread flooding([&] {
        std::string bytes(1 << 16, 'x');
        while (!enough && write_all(flood.get(), bytes)) {
        }
    });
    for (int i = 0; i < 20; ++i) {
        REQUIRE(write_all(quiet.get(), "still here\n"));
        CHECK(world.wait([&] {
            return contents(folder / "quiet").size() == 11u * static_cast<unsigned>(i + 1);
        }));
    }
    enough = true;
    flooding.join();
}

TEST_CASE("a pipe that a left-behind child holds open goes on being read after the drain") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    Fd left_behind = world.attach(run, log);
    REQUIRE(write_all(left_behind.get(), "parent\n"));
    REQUIRE(world.drain(run));
    REQUIRE(write_all(left_behind.get(), "child\n"));
    CHECK(world.wait([&] { return contents(folder / "f") == "parent\nchild\n"; }));
}

TEST_CASE("of the pipes that left-behind children hold, two generations are kept") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    std::vector<Fd> held;
    for (unsigned i = 1; i <= 3; ++i) {
        held.push_back(world.attach(ports::RunId{i}, log));
        REQUIRE(write_all(held.back().get(), std::to_string(i)));
        REQUIRE(world.drain(ports::RunId{i}));
    }
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    CHECK_FALSE(write_all(held[0].get(), "a"));
    timespec none{};
    ::sigtimedwait(&pipe_signal, nullptr, &none);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    REQUIRE(write_all(held[1].get(), "b"));
    REQUIRE(write_all(held[2].get(), "c"));
    held.clear();
    REQUIRE(world.flush());
    CHECK(contents(folder / "f").size() == 5);
    CHECK(contents(folder / "f").starts_with("123"));
}

TEST_CASE("a drain does not wait for a child that never stops writing") {
    Folder folder;
    World world;
    ports::LogSpec nowhere;
    nowhere.kind = ports::LogSpec::Kind::none;
    world.mover.open(log, std::move(nowhere));
    Fd out = world.attach(run, log);
    std::atomic<bool> enough{false};
    std::thread child([&] {
        std::string bytes(4096, 'x');
        while (!enough && write_all(out.get(), bytes)) {
        }
    });
    CHECK(world.drain(run));
    enough = true;
    child.join();
}

TEST_CASE("output of a channel that nobody opened is read and dropped") {
    World world;
    Fd out = world.attach(run, ports::ChannelId{99});
    CHECK(write_all(out.get(), std::string(1 << 20, 'x')));
}

TEST_CASE("a closed channel takes what its pipes still bring, then finishes its transform") {
    Folder folder;
    World world;
    ports::LogSpec spec = file_spec(folder / "f");
    spec.transform = std::make_unique<Brackets>();
    world.mover.open(log, std::move(spec));
    Fd out = world.attach(run, log);
    world.mover.close(log);
    REQUIRE(write_all(out.get(), "one\ntw"));
    REQUIRE(world.flush());
    CHECK(contents(folder / "f") == "[one]\n");
    out.reset();
    REQUIRE(world.flush());
    CHECK(contents(folder / "f") == "[one]\n[tw]\n");
    // Nothing more goes there.
    world.mover.write(log, "late\n");
    REQUIRE(world.flush());
    CHECK(contents(folder / "f") == "[one]\n[tw]\n");
}

TEST_CASE("a channel can be opened again, also for another file while its pipe stays") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "a"));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "1"));
    REQUIRE(world.flush());
    world.mover.close(log);
    world.mover.open(log, file_spec(folder / "b"));
    REQUIRE(write_all(out.get(), "2"));
    REQUIRE(world.flush());
    CHECK(contents(folder / "a") == "1");
    CHECK(contents(folder / "b") == "2");
}

TEST_CASE("own bytes are stored as they are, beside a transformed output") {
    Folder folder;
    World world;
    ports::LogSpec spec = file_spec(folder / "f");
    spec.transform = std::make_unique<Brackets>();
    world.mover.open(log, std::move(spec));
    Fd out = world.attach(run, log);
    world.mover.write(log, "note\n");
    REQUIRE(world.flush());
    REQUIRE(write_all(out.get(), "line\n"));
    REQUIRE(world.flush());
    CHECK(contents(folder / "f") == "note\n[line]\n");
}

TEST_CASE("clear empties a log by making it anew, and writing goes on") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    world.mover.write(log, "old\n");
    REQUIRE(world.flush());
    auto inode = world.read(folder / "f", 0, 0).inode;
    put_file(folder / "f.1", "rotated stays");
    CHECK(world.clear(log));
    CHECK(contents(folder / "f") == "");
    world.mover.write(log, "new\n");
    REQUIRE(world.flush());
    CHECK(contents(folder / "f") == "new\n");
    CHECK(contents(folder / "f.1") == "rotated stays");
    CHECK(inode != 0);
}

TEST_CASE("clearing makes a deleted log again, and knows no log that is not open") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    REQUIRE(world.flush());
    std::filesystem::remove(folder / "f");
    CHECK(world.clear(log));
    CHECK(exists(folder / "f"));
    auto unknown = world.clear(ports::ChannelId{5});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == Error::Kind::not_found);
}

TEST_CASE("syslog gets 'NAME line' line by line, beside the file when both are asked") {
    Folder folder;
    std::mutex mutex;
    std::vector<std::string> lines;
    {
        World world([&](std::string const& line) {
            std::lock_guard lock(mutex);
            lines.push_back(line);
        });
        ports::LogSpec both = file_spec(folder / "f");
        both.also_syslog = true;
        both.syslog_name = "web";
        world.mover.open(log, std::move(both));
        ports::LogSpec only;
        only.kind = ports::LogSpec::Kind::syslog;
        only.syslog_name = "cron";
        world.mover.open(ports::ChannelId{2}, std::move(only));
        world.mover.write(log, "one\ntw");
        world.mover.write(log, "o\n\nthree");
        world.mover.write(ports::ChannelId{2}, "tick\n");
        world.mover.close(log);
        REQUIRE(world.flush());
    }
    CHECK(lines == std::vector<std::string>{"web one", "web two", "cron tick", "web three"});
    CHECK(contents(folder / "f") == "one\ntwo\n\nthree");
}

TEST_CASE("growth is told once, on the loop's thread, until asked again") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    REQUIRE(world.flush());
    int first = 0, second = 0;
    world.mover.on_growth(log, [&] { ++first; });
    world.mover.on_growth(log, [&] { ++second; });
    REQUIRE(world.flush());
    CHECK(first == 0);
    world.mover.write(log, "a");
    REQUIRE(world.flush());
    CHECK(first == 1);
    CHECK(second == 1);
    world.mover.write(log, "b");
    REQUIRE(world.flush());
    CHECK(first == 1);
    // It grew since: told at once, for who read before that.
    world.mover.on_growth(log, [&] { ++first; });
    CHECK(world.wait([&] { return first == 2; }));
    world.mover.on_growth(log, [&] { ++first; });
    REQUIRE(world.flush());
    CHECK(first == 2);
    CHECK(world.clear(log));
    CHECK(first == 3);
}

TEST_CASE("what is far too much at once for a hanging log thread is dropped, counted and told") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "gate").c_str(), 0600) == 0);
    std::string gate = folder / "gate";
    // The log thread hangs in the syslog sink until the gate opens, as it would on a hanging disk.
    World world([gate](std::string const&) { Fd(::open(gate.c_str(), O_RDONLY)); });
    ports::LogSpec spec = file_spec(folder / "f");
    world.mover.open(log, std::move(spec));
    ports::LogSpec slow;
    slow.kind = ports::LogSpec::Kind::syslog;
    world.mover.open(ports::ChannelId{2}, std::move(slow));
    REQUIRE(world.flush());
    world.mover.write(ports::ChannelId{2}, "hang\n");
    std::string chunk(64 << 10, 'x');
    for (int i = 0; i < 1000; ++i) world.mover.write(log, chunk);  // 64 MB
    Fd open_gate(::open(gate.c_str(), O_WRONLY));
    REQUIRE(world.flush());
    world.mover.write(log, "end\n");
    REQUIRE(world.wait([&] { return world.troubles.size() == 2; }));
    CHECK_FALSE(world.troubles[0].ok);
    CHECK(world.troubles[1].ok);
    auto size = contents(folder / "f").size();
    CHECK(size + world.troubles[1].lost_bytes == 1000 * chunk.size() + 4);
    CHECK(size < 16u << 20);
}

TEST_CASE("ending moves what the pipes hold") {
    Folder folder;
    Fd out;
    {
        World world;
        world.mover.open(log, file_spec(folder / "f"));
        out = world.attach(run, log);
        REQUIRE(write_all(out.get(), "last words\n"));
    }
    CHECK(contents(folder / "f") == "last words\n");
}

TEST_CASE("the pipe of a busy program is made larger, that of a quiet one is not") {
    World world;
    Fd busy = world.attach(run, log);
    Fd quiet = world.attach(ports::RunId{2}, log);
    for (int i = 0; i < 20; ++i) {
        REQUIRE(write_all(quiet.get(), "line\n"));
        REQUIRE(world.flush());
    }
    int before = ::fcntl(busy.get(), F_GETPIPE_SZ);
    std::string much(1 << 20, 'x');
    CHECK(world.wait([&] {
        return !write_all(busy.get(), much) || ::fcntl(busy.get(), F_GETPIPE_SZ) > before;
    }));
    CHECK(::fcntl(quiet.get(), F_GETPIPE_SZ) == before);
}

TEST_CASE("a period that ends is noticed while the program is silent") {
    Folder folder;
    World world;
    ports::LogSpec spec = file_spec(folder / "f");
    spec.rotate_every = Duration(1000);
    world.mover.open(log, std::move(spec));
    world.mover.write(log, "in its second\n");
    CHECK(world.wait([&] { return exists(folder / "f.1"); }));
    CHECK(contents(folder / "f.1") == "in its second\n");
}

TEST_CASE("a slow reader of a fifo gets everything, and flushing waits for it") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "f").c_str(), 0600) == 0);
    Fd reader(::open((folder / "f").c_str(), O_RDONLY | O_NONBLOCK));
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    Fd out = world.attach(run, log);
    std::string expected = numbered(0, 40'000);
    REQUIRE(write_all(out.get(), expected));
    REQUIRE(world.drain(run));
    std::string found;
    std::atomic<std::size_t> taken{0};
    std::thread slow([&] {
        ::fcntl(reader.get(), F_SETFL, 0);
        std::string piece(10'000, '\0');
        while (found.size() < expected.size()) {
            auto size = ::read(reader.get(), piece.data(), piece.size());
            if (size <= 0) return;
            found += piece.substr(0, static_cast<std::size_t>(size));
            taken = found.size();
        }
    });
    CHECK(world.flush());
    // The rest is the fifo's, which holds 64 KB.
    CHECK(taken + (64 << 10) + 10'000 >= expected.size());
    slow.join();
    CHECK((found == expected));
    CHECK(world.troubles.empty());
}

TEST_CASE("idle logs do not wake the log thread") {
    // The one test that lets time pass: nothing happening is what it is about.
    Folder folder;
    World world;
    std::vector<Fd> outs;
    for (unsigned i = 0; i < 50; ++i) {
        ports::LogSpec spec = rotated(folder / std::to_string(i), 1000, 2);
        spec.compress = true;
        spec.keep_for = std::chrono::hours(1);
        spec.rotate_every = std::chrono::hours(24);
        world.mover.open(ports::ChannelId{i}, std::move(spec));
        outs.push_back(world.attach(ports::RunId{i}, ports::ChannelId{i}));
        REQUIRE(write_all(outs.back().get(), "once\n"));
    }
    REQUIRE(world.flush());
    auto switches = [] {
        long count = 0;
        for (auto const& task : std::filesystem::directory_iterator("/proc/self/task")) {
            if (!contents(task.path() / "comm").starts_with("lares-log")) continue;
            std::string status = contents(task.path() / "status");
            auto at = status.find("\nvoluntary_ctxt_switches:");
            count += std::atol(status.c_str() + at + 25);
        }
        return count;
    };
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    long before = switches();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK(switches() == before);
    CHECK(before > 0);
}
