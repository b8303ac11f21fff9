// apps/capture/sessions_test.cc: who is signed in, over restarts, and what the file gives away.

#include "apps/capture/sessions.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <vector>

#include "apps/capture/disk.h"
#include "base/sha256.h"

namespace lares::capture {

namespace {

struct World {
    std::string folder;
    std::int64_t now = 1'800'000'000'000;
    int given = 0;
    std::vector<std::string> logged;

    World() {
        char name[] = "/tmp/lares-sessions-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~World() { std::filesystem::remove_all(folder); }
    std::string path() const { return folder + "/sessions"; }
    SessionTools tools() {
        return {
            .path = path(),
            .hmac =
                [](auto key, auto bytes) {
                    // As good as any for what is asked here: 32 bytes that need both.
                    return sha256_hex(std::string(key) + "|" + std::string(bytes)).substr(0, 32);
                },
            .random = [this](std::size_t count) { return std::string(count, '\1' + given++); },
            .now_ms = [this] { return now; },
            .log = [this](auto const& words) { logged.push_back(words); }};
    }
    std::string file() const { return *disk::read_all(path()); }
};

constexpr std::string_view login = "Basic YW5uYTpjb3JyZWN0IGhvcnNlIGJhdHRlcnkgc3RhcGxl";

}  // namespace

TEST_CASE("who is signed in stays so when the page is started again") {
    World world;
    std::string cookie, key;
    {
        Sessions sessions(world.tools());
        cookie = sessions.begin(login);
        key = sessions.key_of(cookie);
        CHECK(sessions.find(cookie) == login);
    }
    Sessions again(world.tools());
    CHECK(again.find(cookie) == login);
    CHECK(again.key_of(cookie) == key);
    CHECK(key.size() == 32);
    CHECK(again.find("") == "");
    CHECK(again.find(std::string(64, '0')) == "");
    again.end(cookie);
    CHECK(Sessions(world.tools()).find(cookie) == "");
    CHECK(world.logged.empty());
}

TEST_CASE("the file of sessions is its owner's alone and gives neither cookie nor login away") {
    World world;
    Sessions sessions(world.tools());
    auto const cookie = sessions.begin(login), second = sessions.begin(login);
    auto const file = world.file();
    CHECK(file.find(cookie) == std::string::npos);
    CHECK(file.find(login.substr(6)) == std::string::npos);
    CHECK(file.find(sessions.key_of(cookie)) == std::string::npos);
    CHECK(file.find(sha256_hex(cookie)) != std::string::npos);
    CHECK(cookie != second);
    struct stat there{};
    REQUIRE(::stat(world.path().c_str(), &there) == 0);
    CHECK((there.st_mode & 0777) == 0600);
    // One login sealed twice looks like two.
    auto const first_line = file.find('\n') + 1, next_line = file.find('\n', first_line) + 1;
    auto const sealed = [&](std::size_t from) {
        auto const end = file.find('\n', from);
        return file.substr(file.rfind(' ', end) + 1, end - file.rfind(' ', end));
    };
    CHECK(sealed(first_line) != sealed(next_line));
}

TEST_CASE("a session ends an hour after its last use and twelve hours after its begin") {
    World world;
    Sessions sessions(world.tools());
    auto const idle = sessions.begin(login), busy = sessions.begin(login);
    auto const begun = world.now;
    for (int i = 0; i < 11; ++i) {
        world.now += Sessions::idle_ms - 1;
        CHECK(sessions.find(busy) == login);
    }
    CHECK(sessions.find(idle) == "");
    world.now = begun + Sessions::longest_ms - 60'000;
    CHECK(sessions.find(busy) == login);
    world.now = begun + Sessions::longest_ms;
    CHECK(sessions.find(busy) == login);
    world.now += 1;
    CHECK(sessions.find(busy) == "");
    CHECK(sessions.count() == 0);
    // The time goes on while no page runs.
    auto const late = sessions.begin(login);
    world.now += Sessions::idle_ms + 1;
    CHECK(Sessions(world.tools()).count() == 0);
    CHECK(sessions.find(late) == "");
}

TEST_CASE("a clock that is put back keeps nobody signed in for longer than a session may last") {
    World world;
    auto const right = world.now;
    world.now += 20 * Sessions::longest_ms;
    std::string const cookie = Sessions(world.tools()).begin(login);
    world.now = right;
    CHECK(Sessions(world.tools()).find(cookie) == "");
}

TEST_CASE("uses reach the disk once a minute and at the end, ends at once") {
    World world;
    Sessions sessions(world.tools());
    auto const cookie = sessions.begin(login);
    auto const before = world.file();
    world.now += Sessions::kept_every_ms - 1;
    (void)sessions.find(cookie);
    CHECK(world.file() == before);
    world.now += 1;
    (void)sessions.find(cookie);
    CHECK(world.file() != before);
    auto const kept = world.file();
    world.now += 1'000;
    {
        Sessions other(world.tools());
        (void)other.find(cookie);
    }
    CHECK(world.file() != kept);
    sessions.end(cookie);
    CHECK(world.file().find(sha256_hex(cookie)) == std::string::npos);
}

TEST_CASE("of a thousand sessions the one that was used the longest ago makes room") {
    World world;
    // A file for each would be slow: they are read from one.
    std::string text = "lares-capture sessions 1\n";
    for (std::size_t i = 0; i < Sessions::most; ++i)
        text += sha256_hex(std::to_string(i)) + " " + std::to_string(world.now) + " " +
                std::to_string(world.now + (i == 500 ? -5 : 0)) + " " + std::string(80, 'a') + "\n";
    REQUIRE(disk::replace(world.path(), text).ok());
    Sessions sessions(world.tools());
    CHECK(sessions.count() == Sessions::most);
    auto const cookie = sessions.begin(login);
    CHECK(sessions.count() == Sessions::most);
    CHECK(sessions.find(cookie) == login);
    CHECK(world.file().find(sha256_hex("500")) == std::string::npos);
    CHECK(world.file().find(sha256_hex("499")) != std::string::npos);
}

TEST_CASE("what somebody changed in the file of sessions is nobody's session") {
    World world;
    std::string const cookie = Sessions(world.tools()).begin(login);
    auto const good = world.file();
    for (std::size_t at = good.rfind(' ') + 1; at + 1 < good.size(); ++at) {
        auto bad = good;
        bad[at] = bad[at] == '0' ? '1' : '0';
        REQUIRE(disk::replace(world.path(), bad).ok());
        CHECK(Sessions(world.tools()).find(cookie) == "");
    }
    for (std::string const bad :
         {std::string(), std::string("\n"), good.substr(1), good.substr(0, good.size() - 40),
          good.substr(0, good.rfind(' ')), good + std::string("x x x x\n\xFF"),
          std::string(5'000'000, 'x')}) {
        REQUIRE(disk::replace(world.path(), bad).ok());
        Sessions sessions(world.tools());
        CHECK(sessions.find(cookie) == (bad.starts_with(good) ? login : ""));
    }
    CHECK_FALSE(world.logged.empty());
}

TEST_CASE("a session whose file cannot be written lasts as long as the page") {
    World world;
    Sessions sessions(world.tools());
    std::filesystem::create_directory(world.path());
    std::filesystem::create_directory(world.path() + "/x");
    auto const cookie = sessions.begin(login);
    CHECK(sessions.find(cookie) == login);
    REQUIRE(world.logged.size() == 1);
    CHECK(world.logged[0].starts_with("sessions end with this page: "));
}

}  // namespace lares::capture
