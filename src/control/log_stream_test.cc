// control/log_stream_test.cc: following a log through growth, rotation, truncation and slow
// readers.

#include "control/log_stream.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

constexpr auto out_channel = ports::ChannelId(10);

/// One process with a log, and a reader of it.
struct Reader {
    Office office;
    ScriptedLogs::File* log;
    ports::RequestId request{};

    explicit Reader(std::string bytes) {
        office.house.add("g", "web");
        log = &(logs().files["/log/web.out"] = {std::move(bytes), 5, ""});
        request = office.send("GET", "/logtail/g:web");
        logs().deliver();
    }
    ScriptedLogs& logs() { return office.house.scripted_logs; }
    /// What has come since the last time, once the log thread and the peer have done their part.
    std::string seen() {
        settle();
        return std::exchange(office.wire.streams[request], "");
    }
    void settle() {
        for (std::size_t before = 0; before != office.wire.pieces + logs().reads + 1;) {
            before = office.wire.pieces + logs().reads + 1;
            logs().deliver();
            office.open().on(ports::StreamDrained{request});
        }
    }
    void append(std::string_view bytes) {
        log->bytes += bytes;
        logs().grow(out_channel);
    }
};

Following at(std::int64_t offset, std::uint64_t inode = 5) {
    return {.path = "/log", .inode = inode, .offset = offset};
}

ports::LogRead found(std::string bytes, std::int64_t size, std::uint64_t inode = 5) {
    return {.exists = true, .bytes = std::move(bytes), .size = size, .inode = inode};
}

}  // namespace

TEST_CASE("a log that grew is sent and read on while there is more") {
    CHECK(follow(at(3), found("abc", 6)) == FollowStep{at(6), "abc", false});
    CHECK(follow(at(3), found("abc", 9)) == FollowStep{at(6), "abc", true});
    CHECK(follow(at(3), found("", 3)) == FollowStep{at(3), "", false});
}

TEST_CASE("a log that shrank is told of and read from its start") {
    auto next = at(0, 0);
    CHECK(follow(at(9), found("", 4)) == FollowStep{next, "==> File truncated <==\n", true});
}

TEST_CASE("a log that is a new file has its old one finished first") {
    auto old = at(3);
    old.in_rotated = true;
    CHECK(follow(at(3), found("xyz", 90, 6)) == FollowStep{old, "", true});
    CHECK(file_of(old) == "/log.1");
    CHECK(follow(old, found("abc", 9)).next.offset == 6);
    CHECK(follow(old, found("abc", 9)).read_on);
    CHECK(follow(old, found("abc", 6)) == FollowStep{at(0, 0), "abc", true});
    CHECK(follow(old, found("zzz", 9, 7)) == FollowStep{at(0, 0), "", true});
    CHECK(follow(old, ports::LogRead{}) == FollowStep{at(0, 0), "", true});
}

TEST_CASE("a log that is not there for a moment changes nothing") {
    CHECK(follow(at(3), ports::LogRead{}) == FollowStep{at(3), "", false});
    auto denied = found("", 0);
    denied.error = "permission denied";
    CHECK(follow(at(3), denied) == FollowStep{at(3), "", false});
}

TEST_CASE("a stream begins with the last 1024 bytes and goes on with what comes") {
    Reader reader(std::string(3000, 'a') + std::string(1024, 'b'));
    CHECK(reader.seen() == std::string(1024, 'b'));
    reader.append("one\n");
    CHECK(reader.seen() == "one\n");
    reader.append("two\n");
    reader.append("three\n");
    CHECK(reader.seen() == "two\nthree\n");
}

TEST_CASE("a stream begins with a whole character") {
    CHECK(Reader("€" + std::string(1022, 'b')).seen() == std::string(1022, 'b'));
    CHECK(Reader("\x80z").seen() == "\x80z");
}

TEST_CASE("a stream says what it is, and that proxies shall not hold it") {
    Reader reader("x");
    auto const& head = reader.office.wire.heads[reader.request];
    CHECK(head.status == 200);
    auto has = [&](std::string name, std::string value) {
        return std::ranges::count(head.headers, std::pair(name, value)) == 1;
    };
    CHECK(has("Content-Type", "text/plain;charset=utf-8"));
    CHECK(has("X-Accel-Buffering", "no"));
}

TEST_CASE("an empty log opens a stream too") {
    Reader reader("");
    CHECK(reader.office.wire.heads.contains(reader.request));
    reader.append("first\n");
    CHECK(reader.seen() == "first\n");
}

TEST_CASE("a stream over a rotation loses nothing and repeats nothing") {
    Reader reader("old\n");
    CHECK(reader.seen() == "old\n");
    reader.log->bytes += "last of old\n";
    reader.logs().files["/log/web.out.1"] = *reader.log;
    *reader.log = {"first of new\n", 6, ""};
    reader.logs().grow(out_channel);
    CHECK(reader.seen() == "last of old\nfirst of new\n");
    reader.append("more\n");
    CHECK(reader.seen() == "more\n");
}

TEST_CASE("a stream over a truncation says so and goes on") {
    Reader reader("0123456789");
    CHECK(reader.seen() == "0123456789");
    reader.log->bytes = "";
    reader.append("new\n");
    CHECK(reader.seen() == "==> File truncated <==\nnew\n");
}

TEST_CASE("what is written while a piece is read or on its way is not missed") {
    Reader reader("");
    reader.seen();
    reader.append("one\n");    // asks for a reading
    reader.append("two\n");    // before it is done
    reader.logs().deliver();   // both are read and sent
    reader.append("three\n");  // while they are on their way
    CHECK(reader.seen() == "one\ntwo\nthree\n");
}

TEST_CASE("a peer that takes nothing costs one piece, and gets all of it later") {
    Reader reader("");
    reader.settle();
    auto pieces = reader.office.wire.pieces;
    std::string all;
    for (int i = 0; i < 10; ++i) {
        std::string part(100'000, static_cast<char>('a' + i));
        reader.append(part);
        reader.logs().deliver();
        all += part;
    }
    CHECK(reader.office.wire.pieces == pieces + 1);
    CHECK(reader.office.wire.streams[reader.request].size() <= limits::stream_bytes);
    CHECK(reader.seen() == all);
}

TEST_CASE("nothing is read while nothing grows") {
    Reader reader("x");
    reader.settle();
    auto reads = reader.logs().reads;
    reader.settle();
    CHECK(reader.logs().reads == reads);
}

TEST_CASE("readers that come and go leave one watch behind, and the others theirs") {
    Reader reader("");
    for (int i = 0; i < 100; ++i) {
        auto other = reader.office.send("GET", "/logtail/g:web");
        reader.logs().deliver();
        reader.office.hang_up(other);
    }
    CHECK(reader.logs().watchers[out_channel].size() == 1);
    reader.append("still here\n");
    CHECK(reader.seen() == "still here\n");
}

TEST_CASE("two readers of one log both get it") {
    Reader reader("");
    auto other = reader.office.send("GET", "/logtail/g:web/stdout");
    reader.settle();
    reader.append("both\n");
    reader.logs().deliver();
    CHECK(reader.office.wire.streams[reader.request] == "both\n");
    CHECK(reader.office.wire.streams[other] == "both\n");
}

TEST_CASE("a peer that went is sent nothing more") {
    Reader reader("");
    reader.append("late\n");
    reader.office.hang_up(reader.request);
    auto pieces = reader.office.wire.pieces;
    reader.logs().deliver();
    reader.append("later\n");
    reader.logs().deliver();
    CHECK(reader.office.wire.pieces == pieces);
}

TEST_CASE("a stream goes on over a restart, with the process's log of then") {
    Reader reader("old\n");
    CHECK(reader.seen() == "old\n");
    reader.office.house.first_channel = 50;
    reader.office.open().logs_changed();  // the same file under a new channel
    reader.log->bytes += "same file\n";
    reader.logs().grow(ports::ChannelId(50));
    CHECK(reader.seen() == "same file\n");
    reader.office.house.processes[0].out_log = "/log/other.out";
    reader.logs().files["/log/other.out"] = {"another file\n", 6, ""};
    reader.office.open().logs_changed();
    CHECK(reader.seen() == "another file\n");
}

TEST_CASE("a stream whose log changes while it is read takes nothing twice") {
    Reader reader("old\n");
    reader.seen();
    reader.append("more old\n");
    reader.office.house.processes[0].out_log = "/log/other.out";
    reader.logs().files["/log/other.out"] = {"another file\n", 6, ""};
    reader.office.open().logs_changed();
    CHECK(reader.seen() == "more old\nanother file\n");
}

TEST_CASE("a stream ends with its process") {
    Reader reader("x");
    reader.seen();
    reader.office.house.processes.clear();
    reader.office.open().logs_changed();
    CHECK_FALSE(reader.office.wire.streams.contains(reader.request));
    reader.logs().grow(out_channel);
    reader.logs().deliver();
    CHECK_FALSE(reader.office.wire.streams.contains(reader.request));
}

TEST_CASE("a stream of a log that is not there, or cannot be read, is a 404 in words") {
    Office office;
    office.house.add("web", "web");
    auto missing = office.send("GET", "/logtail/web");
    office.house.scripted_logs.deliver();
    CHECK(office.status(missing) == 404);
    CHECK(office.wire.replies[missing].body == "the log file is not there yet\n");
    office.house.scripted_logs.files["/log/web.out"].error = "permission denied";
    auto denied = office.send("GET", "/logtail/web");
    office.house.scripted_logs.deliver();
    CHECK(office.wire.replies[denied].body == "the log cannot be read: permission denied\n");
}
