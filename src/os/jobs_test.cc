// os/jobs_test.cc: processes as jobs and lines workers have them: files for output and input, lines
// of progress, storage, and an input that is fed and ended.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/child_files.h"
#include "os/files.h"
#include "os/log_mover.h"
#include "os/process_world_test.h"
#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;
using namespace std::chrono_literals;

namespace {

/// A job that runs `script` and writes to `file`.
ports::SpawnRequest job(std::string script, std::string file) {
    auto made = shell(std::move(script));
    made.out.reset();
    made.err.reset();
    made.stdin_pipe = false;
    made.out_file = std::move(file);
    return made;
}

std::string text_of(std::string const& path) {
    auto text = read_file(path, 1 << 20);
    return text ? *text : "no file";
}

unsigned mode_of(std::string const& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

}  // namespace

// Output

TEST_CASE("a job's output and errors are its file, in order, made with its folders for us alone") {
    World world;
    Temporary folder;
    std::string file = folder.path("jobs/2026/1.log");
    world.end_of(world.start(job("echo a; echo b >&2; echo c; readlink /proc/self/fd/1", file)));
    CHECK(text_of(file) == "a\nb\nc\n" + file + "\n");
    CHECK(mode_of(file) == 0600);
    CHECK(mode_of(folder.path("jobs")) == 0700);
    CHECK(mode_of(folder.path("jobs/2026")) == 0700);
    CHECK(world.collector.open_pipes() == 0);
}

TEST_CASE("a job's file is appended to, also by several at once and after it was emptied") {
    World world;
    Temporary folder;
    std::string file = folder.path("log");
    world.end_of(world.start(job("echo first", file)));
    auto a = world.start(job("for i in 1 2 3 4 5; do echo aaaa; done", file));
    auto b = world.start(job("for i in 1 2 3 4 5; do echo bbbb; done", file));
    world.end_of(a);
    world.end_of(b);
    CHECK(text_of(file).size() == 6 + 2 * 25);
    world.end_of(world.start(job(": > " + file + "; echo last", file)));
    CHECK(text_of(file) == "last\n");
}

TEST_CASE("errors can go to a channel of their own beside a job's file") {
    World world;
    Temporary folder;
    auto wanted = job("echo out; echo err >&2", folder.path("log"));
    wanted.err = err_channel;
    world.end_of(world.start(wanted));
    CHECK(text_of(folder.path("log")) == "out\n");
    CHECK(world.collector.text(err_channel) == "err\n");
}

TEST_CASE("a job whose file cannot be had is refused with words, and nothing runs") {
    World world;
    Temporary folder;
    folder.write("plain", "");
    REQUIRE(::mkfifo(folder.path("fifo").c_str(), 0600) == 0);
    auto words = [&](std::string const& file) {
        auto failure = world.failure(job("touch " + folder.path("ran"), folder.path(file)));
        CHECK(failure.kind == ports::SpawnFailure::Kind::setup);
        return failure.words;
    };
    CHECK(words("plain/log") == "couldn't open '" + folder.path("plain/log") +
                                    "' for its output: ENOTDIR (a part of the path is not a "
                                    "directory)");
    CHECK(words("") ==
          "couldn't open '" + folder.path("") + "' for its output: EISDIR (it is a directory)");
    CHECK(words("fifo").ends_with("ENXIO (it is a FIFO that nobody reads)"));
    CHECK(::access(folder.path("ran").c_str(), F_OK) != 0);
}

// Input

TEST_CASE("a given input is all of stdin, whatever its size, and nobody can change it") {
    World world;
    Temporary folder;
    auto output = [&](std::string input, std::string const& script) {
        auto wanted = job(script, folder.path("log"));
        wanted.stdin_pipe = true;  // the input is what counts
        wanted.input = std::move(input);
        ::unlink(folder.path("log").c_str());
        world.end_of(world.start(wanted));
        return text_of(folder.path("log"));
    };
    CHECK(output("one\ntwo", "cat; echo .") == "one\ntwo.\n");
    CHECK(output("", "cat; echo .") == ".\n");
    CHECK(output(std::string(3'000'000, 'x'), "wc -c") == "3000000\n");
    CHECK(output("kept",
                 "printf evil >&0; printf evil 1<>/proc/self/fd/0; cat /proc/self/fd/0 "
                 "2>/dev/null")
              .ends_with("kept"));
    CHECK(!world.processes.write_stdin(ports::RunId{1}, "x"));
}

TEST_CASE("an input that is too long is refused with its size") {
    World world;
    Temporary folder;
    auto wanted = job("cat", folder.path("log"));
    wanted.input = std::string(limits::input_bytes + 1, 'x');
    auto failure = world.failure(wanted);
    CHECK(failure.kind == ports::SpawnFailure::Kind::setup);
    CHECK(failure.words == "the input has 8388609 bytes (at most 8388608 can be given)");
}

// Progress

TEST_CASE("lines of progress are told, the last one before the end, with or without a newline") {
    World world;
    Temporary folder;
    auto wanted = job("echo half >&$LARES_PROGRESS; read x; printf nearly >&$LARES_PROGRESS",
                      folder.path("log"));
    wanted.progress = true;
    wanted.stdin_pipe = true;
    wanted.environment.push_back("LARES_PROGRESS=17");
    auto id = world.start(wanted);
    world.until([&] { return !world.notified(id).empty(); });
    CHECK(world.notified(id) == std::vector<std::string>{"PROGRESS=half"});
    CHECK(world.processes.write_stdin(id, "go\n").ok());
    world.end_of(id);
    CHECK(world.notified(id) == std::vector<std::string>{"PROGRESS=half", "PROGRESS=nearly"});
    CHECK(std::holds_alternative<ports::Exited>(world.events.all.back()));
}

TEST_CASE("a flood of progress costs a few lines told, no memory, and the last one is right") {
    World world;
    Temporary folder;
    auto wanted =
        job("i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo line $i of many; done "
            ">&$LARES_PROGRESS; stat -L -c %b /proc/self/fd/$LARES_PROGRESS",
            folder.path("log"));
    wanted.progress = true;
    Instant begin = Loop::now();
    auto id = world.start(wanted);
    world.end_of(id);
    auto lines = world.notified(id);
    CHECK(lines.back() == "PROGRESS=line 60000 of many");
    CHECK(static_cast<std::int64_t>(lines.size()) <= (Loop::now() - begin) / Progress::pause + 2);
}

TEST_CASE("the progress descriptor comes behind sockets and beside the notification descriptor") {
    World world;
    Temporary folder;
    auto descriptors = [&](std::optional<int> notify_fd) {
        auto wanted =
            job("ls /proc/self/fd | tr '\\n' ' '; echo $LARES_PROGRESS; echo x "
                ">&$LARES_PROGRESS",
                folder.path("log"));
        wanted.argv[0] = "bash";
        wanted.progress = true;
        wanted.notify_fd = notify_fd;
        ::unlink(folder.path("log").c_str());
        auto id = world.start(wanted);
        world.end_of(id);
        CHECK(world.notified(id) == std::vector<std::string>{"PROGRESS=x"});
        return text_of(folder.path("log"));
    };
    // The last number but one's is ls's own descriptor of the folder.
    CHECK(descriptors({}) == "0 1 2 3 4 3\n");
    CHECK(descriptors(3) == "0 1 2 3 4 5 4\n");
    CHECK(descriptors(9) == "0 1 2 3 4 9 3\n");
}

TEST_CASE("of a file of progress the last line is read once, and long ones are cut off") {
    auto opened = ProgressFile::open();
    REQUIRE(opened.ok());
    ProgressFile file = std::move(opened).take();
    Fd end = file.take_end();
    auto say = [&](std::string_view text) {
        REQUIRE(::write(end.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    };
    CHECK(file.read().empty());
    say("1\n2\n3");
    CHECK(file.read() == "2");
    CHECK(file.read().empty());
    say("\n");
    CHECK(file.read() == "3");
    say("3\r\n");
    CHECK(file.read() == "3");  // said again
    say(std::string(1'500, 'x') + "\n");
    CHECK(file.read() == std::string(limits::progress_line_bytes, 'x'));
    say(std::string(100'000, 'y') + "\n");
    CHECK(file.read().size() == limits::progress_line_bytes);
    struct stat found{};
    ::fstat(file.fd(), &found);
    CHECK(found.st_blocks * 512 <= 16 << 10);
    say("after\n");
    CHECK(file.read() == "after");
    REQUIRE(::ftruncate(file.fd(), 0) == 0);  // "> /dev/fd/N"
    say("anew\n");
    CHECK(file.read() == "anew");
    say("rest");
    CHECK(file.read().empty());
    CHECK(file.read_last() == "rest");
    CHECK(file.read_last().empty());
}

// Numbers

TEST_CASE("an exit tells what it and its reaped children took of memory, processor and storage") {
    World world;
    Temporary folder;
    rusage ours{};
    ::getrusage(RUSAGE_SELF, &ours);
    std::string file = folder.path("data");
    auto end = world.end_of(world.start(
        job("python3 -c 'x = bytearray(" + std::to_string(ours.ru_maxrss * 1024 + (50 << 20)) +
                "); sum(range(2000000))'; dd if=/dev/zero of=" + file +
                " bs=64k count=10 conv=fsync 2>/dev/null",
            folder.path("log"))));
    CHECK(end.peak_memory_bytes > ours.ru_maxrss * 1024 + (50 << 20));
    CHECK(end.cpu >= 10ms);
    CHECK(end.written_bytes >= 10 * 65'536);
    CHECK(end.written_bytes < 100 * 65'536);
    CHECK(end.read_bytes >= 0);
}

TEST_CASE("a peak that may be our own is not told as the process's") {
    World world;
    Temporary folder;
    CHECK(world.end_of(world.start(job("exit 0", folder.path("log")))).peak_memory_bytes == 0);
}

// A lines worker's stdin

TEST_CASE("stdin that was full tells when it has drained, and only then") {
    World world;
    auto wanted = shell("read x; sleep 0.05; head -c 1000000 | wc -c; cat > /dev/null");
    auto id = world.start(wanted);
    world.pid_of(id);
    CHECK(world.processes.write_stdin(id, "go\n").ok());
    CHECK(!world.find<ports::StdinDrained>(id));
    std::string half(limits::stdin_bytes / 2 + 70'000, 'x');
    CHECK(world.processes.write_stdin(id, half).ok());
    CHECK(!world.processes.write_stdin(id, half).ok());
    world.until([&] { return world.find<ports::StdinDrained>(id) != nullptr; });
    CHECK(world.processes.write_stdin(id, half).ok());
    world.until([&] {
        return std::ranges::count_if(world.events.all, [](auto const& e) {
                   return std::holds_alternative<ports::StdinDrained>(e);
               }) == 2;
    });
    world.processes.close_stdin(id);
    world.end_of(id);
    CHECK(world.collector.text(out_channel) == "1000000\n");
}

TEST_CASE("a closed stdin ends after what waits; more is refused, and closing again is nothing") {
    World world;
    auto id = world.start(shell("sleep 0.05; wc -c"));
    world.pid_of(id);
    CHECK(world.processes.write_stdin(id, std::string(500'000, 'x')).ok());
    world.processes.close_stdin(id);
    CHECK(!world.processes.write_stdin(id, "late").ok());
    world.processes.close_stdin(id);
    world.end_of(id);
    CHECK(world.collector.text(out_channel) == "500000\n");
    CHECK(!world.find<ports::StdinDrained>(id));
    auto idle = world.start(shell("cat; echo end"));
    world.pid_of(idle);
    world.processes.close_stdin(idle);
    CHECK(world.end_of(idle).code == 0);
    world.processes.close_stdin(ports::RunId{99});
}

namespace {

/// A worker that answers through a channel which keeps nothing, with the real log side.
struct Worker : ports::Inbox {
    Worker() {
        mover.open(out_channel, {.kind = ports::LogSpec::Kind::none, .tap = true});
        auto wanted = request({"cat"});
        wanted.err.reset();
        processes.spawn(run, wanted);
        loop.run();  // until it is there
    }
    ~Worker() override {
        processes.close_stdin(run);
        if (!is_over) loop.run();
        processes.noted(run);
    }
    void push(ports::Event event) override {
        CHECK(!is_over);
        if (std::holds_alternative<ports::Spawned>(event)) return loop.stop();
        is_over |= std::holds_alternative<ports::Exited>(event);
        auto const* answer = std::get_if<ports::OutputSeen>(&event);
        if (answer) {
            CHECK(answer->channel == out_channel);
            seen += answer->bytes;
            mover.taken(answer->bytes.size());
        }
        if (is_over || (is_asking && seen.ends_with('\n'))) loop.stop();
    }
    void ask(std::string const& line) {
        is_asking = true;
        CHECK(processes.write_stdin(run, line).ok());
        loop.run();
        is_asking = false;
    }

    static constexpr ports::RunId run{1};
    struct Blocked {
        Blocked() { block_signals(); }
    } blocked;
    Loop loop;
    NoFdStore store;
    LogMover mover{*this, [this](auto action) { loop.post(std::move(action)); }, store};
    Processes processes{loop, *this, mover, {}};
    std::string seen;
    bool is_asking = false, is_over = false;
};

}  // namespace

TEST_CASE("a worker's answers are seen through a channel that keeps nothing, all before its end") {
    Worker worker;
    std::string sent;
    for (int i = 0; i < 20'000; ++i) sent += "request " + std::to_string(i) + "\n";
    CHECK(worker.processes.write_stdin(Worker::run, sent).ok());
    worker.processes.close_stdin(Worker::run);
    worker.loop.run();
    CHECK(worker.is_over);
    CHECK(worker.seen == sent);
}

TEST_CASE("an answer that somebody waits for is not held back to be read together with others") {
    Worker worker;
    bool was_quick = false;  // once is enough: the machine may be busy with other things
    for (int i = 0; i < 20 && !was_quick; ++i) {
        auto begin = std::chrono::steady_clock::now();
        for (int question = 0; question < 200; ++question) worker.ask("?\n");
        was_quick = std::chrono::steady_clock::now() - begin < 60ms;
    }
    CHECK(was_quick);  // resting between them took some 130 ms
}
