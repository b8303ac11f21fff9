// os/log_capture_test.cc: output that is captured, and output that is tapped.

#include "os/log_capture.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

namespace {

constexpr ports::ChannelId log{1};
constexpr ports::RunId run{1};
std::string const begin = "<!--XSUPERVISOR:BEGIN-->";
std::string const end = "<!--XSUPERVISOR:END-->";

struct Found {
    std::string plain;
    std::vector<std::string> captured;
    bool operator==(Found const&) const = default;
};

/// The output in pieces of `size` bytes, then its end.
Found scan(std::string const& output, std::size_t size, std::size_t most = 1000) {
    Capture capture(most);
    Found found;
    for (std::size_t at = 0; at < output.size(); at += size)
        capture.write(std::string_view(output).substr(at, size), found.plain, found.captured);
    capture.finish(found.plain);
    return found;
}

ports::LogSpec capturing(std::string path, std::int64_t most) {
    ports::LogSpec spec = file_spec(std::move(path));
    spec.capture_maxbytes = most;
    spec.tap = true;
    return spec;
}

/// Brings a pipe to its largest, full of `byte`; returns how many.
std::size_t fill(int fd, char byte) {
    ::fcntl(fd, F_SETPIPE_SZ, 1 << 20);
    set_nonblocking(fd);
    std::string bytes(4096, byte);
    std::size_t filled = 0;
    while (::write(fd, bytes.data(), bytes.size()) == 4096) filled += bytes.size();
    return filled;
}

}  // namespace

TEST_CASE("text between the tokens is captured and is not output, wherever reads cut the tokens") {
    std::string output = "before\n" + begin + "one" + end + "<!--XSUPER between " + begin + end +
                         begin + "<!--XSUPERVISOR:BEGIN--" + end + "after\n";
    Found expected{"before\n<!--XSUPER between after\n", {"one", "", "<!--XSUPERVISOR:BEGIN--"}};
    for (std::size_t size = 1; size <= output.size(); ++size) {
        CAPTURE(size);
        CHECK(scan(output, size) == expected);
    }
}

TEST_CASE("a token that repeats its own beginning is found") {
    CHECK(scan("<!-<!--XSUPERVISOR:BEGIN-->x<<!--XSUPERVISOR:END-->", 3) == Found{"<!-", {"x<"}});
}

TEST_CASE("half a token at the end of output, and a text without an end, are output") {
    CHECK(scan("hello <!--XSUPERVISOR:BEG", 100) == Found{"hello <!--XSUPERVISOR:BEG", {}});
    CHECK(scan("a" + begin + "lost?<!--X", 4) == Found{"alost?<!--X", {}});
}

TEST_CASE("of a long text the last bytes are captured") {
    CHECK(scan(begin + "0123456789" + end, 3, 4) == Found{"", {"6789"}});
    std::string text(500'000, 'a');
    CHECK(scan(begin + text + "tail" + end, 1000, 10) == Found{"", {"aaaaaatail"}});
}

TEST_CASE("a capture goes on elsewhere from what it saved, at any byte") {
    std::string output = "x" + begin + "captured" + end + "y" + begin + "more" + end + "z<!--";
    for (std::size_t at = 0; at <= output.size(); ++at) {
        CAPTURE(at);
        Found found;
        Capture first(100);
        first.write(std::string_view(output).substr(0, at), found.plain, found.captured);
        Capture second(100);
        second.restore(first.save(100));
        second.write(std::string_view(output).substr(at), found.plain, found.captured);
        second.finish(found.plain);
        CHECK(found == Found{"xyz<!--", {"captured", "more"}});
    }
}

TEST_CASE("a captured text is neither logged nor seen, and what surrounds it is both") {
    Folder folder;
    World world;
    world.mover.open(log, capturing(folder / "web.log", 5));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "hello " + begin + "secret"));
    REQUIRE(world.flush());
    REQUIRE(write_all(out.get(), end + "world\n<!--"));
    out.reset();
    REQUIRE(world.drain(run));
    CHECK(contents(folder / "web.log") == "hello world\n<!--");
    CHECK(world.seen(log) == "hello world\n<!--");
    REQUIRE(world.captured.size() == 1);
    CHECK(world.captured[0].bytes == "ecret");
    CHECK(world.captured[0].run == run);
    CHECK(world.captured[0].channel == log);
}

TEST_CASE("a channel that stores nothing is seen all the same, before its drain is done") {
    World world;
    ports::LogSpec spec;
    spec.kind = ports::LogSpec::Kind::none;
    spec.tap = true;
    world.mover.open(log, std::move(spec));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "READY\n"));
    out.reset();
    std::string seen_at_drain;
    bool done = false;
    world.mover.drain(run, [&] { seen_at_drain = world.seen(log), done = true; });
    REQUIRE(world.wait([&] { return done; }));
    CHECK(seen_at_drain == "READY\n");
    REQUIRE(!world.outputs.empty());
    CHECK(world.outputs[0].run == run);
}

TEST_CASE("a tap sees what the program wrote, not what its log makes of it") {
    class Shouting : public ports::LogTransform {
        void write(std::string_view chunk, WallTime, std::string& out) override {
            out.append(chunk).append("!");
        }
        void finish(WallTime, std::string&) override {}
        std::string save() const override { return {}; }
        void restore(std::string_view) override {}
    };
    Folder folder;
    World world;
    auto spec = file_spec(folder / "web.log");
    spec.tap = true;
    spec.transform = std::make_unique<Shouting>();
    world.mover.open(log, std::move(spec));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "hello"));
    REQUIRE(world.flush());
    CHECK(world.seen(log) == "hello");
    CHECK(contents(folder / "web.log") == "hello!");
}

TEST_CASE("tapped bytes under way are bounded: beyond them the program waits, nothing is lost") {
    Folder folder;
    World world;
    ports::LogSpec spec;
    spec.kind = ports::LogSpec::Kind::none;
    spec.tap = true;
    world.mover.open(log, std::move(spec));
    world.mover.open(ports::ChannelId{2}, file_spec(folder / "other.log"));
    Fd out = world.attach(run, log);
    Fd other = world.attach(ports::RunId{2}, ports::ChannelId{2});

    std::size_t written = 0;
    while (world.seen(log).size() < limits::tapped_bytes) {
        written += fill(out.get(), 'x');
        REQUIRE(world.wait([&] {
            std::size_t size = world.seen(log).size();
            return size == written || size >= limits::tapped_bytes;
        }));
    }
    written += fill(out.get(), 'x');
    // Whatever would be read of the full pipe now would be read before this.
    REQUIRE(write_all(other.get(), "untapped goes on\n"));
    REQUIRE(world.wait([&] { return contents(folder / "other.log").size() == 17; }));
    std::size_t seen = world.seen(log).size();
    CHECK(seen >= limits::tapped_bytes);
    CHECK(seen <= limits::tapped_bytes + (1u << 20));
    CHECK(seen < written);

    world.mover.taken(seen);
    REQUIRE(world.wait([&] { return world.seen(log).size() == written; }));
}

TEST_CASE("a drain does not wait for those who tap") {
    World world;
    ports::LogSpec spec;
    spec.kind = ports::LogSpec::Kind::none;
    spec.tap = true;
    world.mover.open(log, std::move(spec));
    std::size_t written = 0;
    for (unsigned i = 1; i <= 10; ++i) {
        Fd out = world.attach(ports::RunId{i}, log);
        written += fill(out.get(), 'x');
        out.reset();
        REQUIRE(world.drain(ports::RunId{i}));
    }
    CHECK(world.seen(log).size() == written);
}
