// os/log_journal_test.cc: entries sent to a real socket, as journald listens on one.

#include "os/log_journal.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

namespace {

constexpr Instant start{Duration(1'000'000)};

/// Stands where journald does.
class Journal {
public:
    explicit Journal(std::string const& path)
        : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        ::unlink(path.c_str());
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    /// The next entry; empty when there is none.
    std::string entry() {
        std::string bytes(100'000, '\0');
        ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return bytes;
    }

private:
    Fd socket_;
};

std::string message_of(std::string const& entry) {
    auto at = entry.find("MESSAGE=");
    return at == entry.npos ? "" : entry.substr(at + 8, entry.size() - at - 9);
}

}  // namespace

TEST_CASE("an entry names the program and the stream") {
    CHECK(print_journal_entry({"web_00", "stderr"}, "oh no=yes") ==
          "PRIORITY=6\nSYSLOG_IDENTIFIER=web_00\nLARES_PROGRAM=web_00\nLARES_STREAM=stderr\n"
          "MESSAGE=oh no=yes\n");
}

TEST_CASE("a line of the main log gives its level as priority and leaves its time to journald") {
    auto print = [](std::string_view line) { return print_journal_entry({"lares", ""}, line); };
    CHECK(print("2026-11-22 10:15:03,214 WARN gave up: web") ==
          "PRIORITY=4\nSYSLOG_IDENTIFIER=lares\nMESSAGE=gave up: web\n");
    CHECK(print("2026-11-22 10:15:03,214 CRIT x").starts_with("PRIORITY=2\n"));
    CHECK(print("2026-11-22 10:15:03,214 DEBG x").starts_with("PRIORITY=7\n"));
    CHECK(print("a second line") == "PRIORITY=6\nSYSLOG_IDENTIFIER=lares\nMESSAGE=a second line\n");
}

TEST_CASE("each line is one entry, empty ones none, a long one several") {
    Folder folder;
    Journal journal(folder / "socket");
    JournalSocket socket(folder / "socket");
    JournalLines lines({"web", "stdout"}, socket);
    lines.write("one\n\ntw", start);
    CHECK(message_of(journal.entry()) == "one");
    CHECK(journal.entry() == "");
    CHECK(lines.rest() == "tw");
    lines.write("o\nlast", start);
    lines.finish(start);
    CHECK(message_of(journal.entry()) == "two");
    CHECK(message_of(journal.entry()) == "last");
    lines.write(std::string(100'000, 'x') + "\n", start);
    CHECK(message_of(journal.entry()).size() == 48u << 10);
    CHECK(message_of(journal.entry()).size() == 48u << 10);
    CHECK(message_of(journal.entry()).size() == 100'000 - 2 * (48u << 10));
    CHECK_FALSE(lines.take_news());
}

TEST_CASE("a journald that is missing is told once, tried again after a pause, and counted") {
    Folder folder;
    JournalSocket socket(folder / "socket");
    JournalLines lines({"web", "stdout"}, socket);
    lines.write("one\ntwo\n", start);
    auto began = lines.take_news();
    REQUIRE(began);
    CHECK_FALSE(began->ok);
    CHECK(began->words == "cannot write to journald at '" + (folder / "socket") +
                              "': no such file or directory; output is dropped until it works "
                              "again");
    Journal journal(folder / "socket");
    lines.write("three\n", start);
    CHECK(journal.entry() == "");
    CHECK_FALSE(lines.take_news());
    lines.write("four\n", start + Duration(1000));
    CHECK(message_of(journal.entry()) == "four");
    auto over = lines.take_news();
    REQUIRE(over);
    CHECK(over->ok);
    CHECK(over->lost_bytes == 11);
}

TEST_CASE("a journald that was started anew gets the next line") {
    Folder folder;
    JournalSocket socket(folder / "socket");
    JournalLines lines({"web", "stdout"}, socket);
    {
        Journal journal(folder / "socket");
        lines.write("one\n", start);
    }
    Journal journal(folder / "socket");
    lines.write("two\n", start);
    CHECK(message_of(journal.entry()) == "two");
    CHECK_FALSE(lines.take_news());
}

TEST_CASE("a journald that does not read is not waited for, and loses no more than it must") {
    Folder folder;
    Journal journal(folder / "socket");
    JournalSocket socket(folder / "socket");
    JournalLines lines({"web", "stdout"}, socket);
    std::size_t sent = 0;
    std::optional<TroubleNews> news;
    for (; !news && sent < 100'000; ++sent) {
        lines.write("line " + std::to_string(sent) + "\n", start);
        news = lines.take_news();
    }
    REQUIRE(news);
    CHECK(news->words.find("it is too slow") != std::string::npos);
    std::size_t got = 0;
    while (message_of(journal.entry()) == "line " + std::to_string(got)) ++got;
    CHECK(got == sent - 1);
    lines.write("again\n", start + Duration(1000));
    CHECK(message_of(journal.entry()) == "again");
}

TEST_CASE("a program's output goes to journald, and a half line waits for its end") {
    Folder folder;
    Journal journal(folder / "socket");
    World world(
        LogOutlets{.syslog = {}, .journal = JournalSocket(folder / "socket"), .step_watcher = {}});
    ports::LogSpec spec;
    spec.kind = ports::LogSpec::Kind::journald;
    spec.syslog_name = "web";
    spec.stream = "stdout";
    world.mover.open(ports::ChannelId{1}, std::move(spec));
    Fd out = world.attach(ports::RunId{1}, ports::ChannelId{1});
    REQUIRE(write_all(out.get(), "hello\nwor"));
    REQUIRE(world.flush());
    REQUIRE(write_all(out.get(), "ld\nend"));
    out.reset();
    REQUIRE(world.drain(ports::RunId{1}));
    CHECK(message_of(journal.entry()) == "hello");
    CHECK(message_of(journal.entry()) == "world");
    CHECK(message_of(journal.entry()) == "end");
    CHECK(journal.entry() == "");
    CHECK(world.troubles.empty());
}

TEST_CASE("a missing journald is told of as a log in trouble, and the program goes on") {
    Folder folder;
    World world(
        LogOutlets{.syslog = {}, .journal = JournalSocket(folder / "socket"), .step_watcher = {}});
    ports::LogSpec spec;
    spec.kind = ports::LogSpec::Kind::journald;
    spec.syslog_name = "web";
    spec.stream = "stdout";
    world.mover.open(ports::ChannelId{1}, std::move(spec));
    Fd out = world.attach(ports::RunId{1}, ports::ChannelId{1});
    REQUIRE(write_all(out.get(), "hello\n"));
    out.reset();
    REQUIRE(world.drain(ports::RunId{1}));
    REQUIRE(world.troubles.size() == 1);
    CHECK_FALSE(world.troubles[0].ok);
    CHECK(world.troubles[0].channel == ports::ChannelId{1});
}
