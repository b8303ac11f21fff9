// os/log_mover_trouble_test.cc: logs that are moved away, cannot be written, or come back.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

}  // namespace

TEST_CASE("a file moved away is noticed: the next write makes a new one") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    world.mover.write(log, "old\n");
    REQUIRE(world.flush());
    std::filesystem::rename(folder / "f", folder / "moved");
    // Looked for once a second of activity, so the first of these may go to the old file.
    CHECK(world.wait([&] {
        world.mover.write(log, "new\n");
        return exists(folder / "f");
    }));
    REQUIRE(world.flush());
    CHECK(contents(folder / "f").starts_with("new\n"));
    CHECK(contents(folder / "moved").starts_with("old\n"));
    CHECK(world.troubles.empty());
}

TEST_CASE("reopen makes a moved file's successor at once") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    world.mover.write(log, "old\n");
    REQUIRE(world.flush());
    std::filesystem::rename(folder / "f", folder / "f.moved");
    world.mover.reopen_all();
    world.mover.write(log, "new\n");
    REQUIRE(world.flush());
    CHECK(contents(folder / "f") == "new\n");
    CHECK(contents(folder / "f.moved") == "old\n");
}

TEST_CASE(
    "a file emptied by copytruncate is written from its beginning, and rotated by its new size") {
    Folder folder;
    World world;
    world.mover.open(log, rotated(folder / "f", 100, 2));
    world.mover.write(log, std::string(90, 'a'));
    REQUIRE(world.flush());
    std::filesystem::resize_file(folder / "f", 0);
    world.mover.write(log, std::string(50, 'b'));
    REQUIRE(world.flush());
    CHECK(folder.names() == "f");
    CHECK(contents(folder / "f") == std::string(50, 'b'));
}

TEST_CASE("a folder that vanished is told once, lost bytes are counted, and its return is told") {
    Folder folder;
    std::filesystem::create_directory(folder / "logs");
    World world;
    world.mover.open(log, file_spec(folder / "logs/f"));
    Fd out = world.attach(run, log);
    REQUIRE(write_all(out.get(), "before\n"));
    REQUIRE(world.flush());
    std::filesystem::remove_all(folder / "logs");
    world.mover.reopen_all();
    REQUIRE(world.flush());
    for (int i = 0; i < 100; ++i) {
        REQUIRE(write_all(out.get(), "during\n"));
        REQUIRE(world.flush());
    }
    REQUIRE(world.troubles.size() == 1);
    CHECK_FALSE(world.troubles[0].ok);
    CHECK(world.troubles[0].words == "cannot write '" + (folder / "logs/f") +
                                         "': no such file or directory; output is dropped until it "
                                         "works again");
    CHECK(folder.names() == "");  // the folder is not made by us

    std::filesystem::create_directory(folder / "logs");
    world.mover.reopen_all();
    REQUIRE(world.flush());
    REQUIRE(write_all(out.get(), "after\n"));
    REQUIRE(world.flush());
    CHECK(contents(folder / "logs/f") == "after\n");
    REQUIRE(world.troubles.size() == 2);
    CHECK(world.troubles[1].ok);
    CHECK(world.troubles[1].lost_bytes == 700);
}

TEST_CASE("a log in trouble is tried again by itself after a pause") {
    Folder folder;
    World world;
    world.mover.open(log, file_spec(folder / "logs/f"));
    REQUIRE(world.wait([&] { return world.troubles.size() == 1; }));
    std::filesystem::create_directory(folder / "logs");
    CHECK(world.wait([&] {
        world.mover.write(log, "x");
        return world.troubles.size() == 2;
    }));
    CHECK(world.troubles[1].ok);
}

TEST_CASE("a log that is a folder, or may not be written, is told in words") {
    Folder folder;
    std::filesystem::create_directory(folder / "f");
    World world;
    world.mover.open(log, file_spec(folder / "f"));
    REQUIRE(world.wait([&] { return world.troubles.size() == 1; }));
    CHECK(world.troubles[0].words.find("is a directory") != std::string::npos);
}
