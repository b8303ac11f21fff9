// os/log_compress_test.cc: compressing rotated logs, and reading pieces of logs.

#include "os/log_compress.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/limits.h"
#include "os/log_read.h"
#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

namespace {

constexpr ports::ChannelId channel{1};

std::string uncompressed(std::string const& path) {
    gzFile file = ::gzopen(path.c_str(), "rb");
    std::string out(4 << 20, '\0');
    int size = ::gzread(file, out.data(), static_cast<unsigned>(out.size()));
    ::gzclose(file);
    out.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return out;
}

std::string lines(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += "line " + std::to_string(i) + "\n";
    return out;
}

std::atomic<bool> const go_on{false};

}  // namespace

TEST_CASE("a rotated log becomes a .gz with the same bytes, mode and time") {
    Folder folder;
    put_file(folder / "f.1", lines(100'000));
    ::chmod((folder / "f.1").c_str(), 0640);
    timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ::utimensat(AT_FDCWD, (folder / "f.1").c_str(), times, 0);
    auto job = find_compression(folder / "f", 3);
    REQUIRE(job);
    REQUIRE(compress(*job, go_on));
    CHECK(folder.names() == "f.1 f.gz.part");  // not yet under a name that says it is whole
    REQUIRE(finish_compression(*job, 3));
    CHECK(folder.names() == "f.1.gz");
    CHECK(uncompressed(folder / "f.1.gz") == lines(100'000));
    CHECK(mode_of(folder / "f.1.gz") == 0640);
    struct stat now{};
    REQUIRE(::stat((folder / "f.1.gz").c_str(), &now) == 0);
    CHECK(now.st_mtim.tv_sec == 1'000'000'000);
    CHECK_FALSE(find_compression(folder / "f", 3));
}

TEST_CASE("a log rotated again while it is compressed gets its .gz under its new number") {
    Folder folder;
    put_file(folder / "f.1", "first\n");
    auto job = find_compression(folder / "f", 3);
    std::filesystem::rename(folder / "f.1", folder / "f.2");
    put_file(folder / "f.1", "second\n");
    REQUIRE(compress(*job, go_on));
    REQUIRE(finish_compression(*job, 3));
    CHECK(folder.names() == "f.1 f.2.gz");
    CHECK(uncompressed(folder / "f.2.gz") == "first\n");
}

TEST_CASE("a log that vanished or grew while it was compressed loses nothing") {
    Folder folder;
    put_file(folder / "f.1", "first\n");
    auto job = find_compression(folder / "f", 1);
    REQUIRE(compress(*job, go_on));
    put_file(folder / "f.1", "first\nand more\n");
    auto grown = finish_compression(*job, 1);
    REQUIRE_FALSE(grown);
    CHECK(grown.error().kind == Error::Kind::conflict);
    CHECK(folder.names() == "f.1");
    CHECK(contents(folder / "f.1") == "first\nand more\n");

    job = find_compression(folder / "f", 1);
    REQUIRE(compress(*job, go_on));
    std::filesystem::remove(folder / "f.1");
    auto vanished = finish_compression(*job, 1);
    REQUIRE_FALSE(vanished);
    CHECK(vanished.error().kind == Error::Kind::not_found);
    CHECK(folder.names() == "");
}

TEST_CASE("a compression that is stopped leaves nothing behind") {
    Folder folder;
    put_file(folder / "f.1", lines(1000));
    auto job = find_compression(folder / "f", 1);
    std::atomic<bool> const stopping{true};
    CHECK_FALSE(compress(*job, stopping));
    CHECK(folder.names() == "f.1");
}

TEST_CASE("the oldest plain sibling is compressed first, symlinks and folders never") {
    Folder folder;
    put_file(folder / "f.1", "1");
    put_file(folder / "f.2", "2");
    put_file(folder / "f.4", "beyond our count");
    std::filesystem::create_symlink("f.2", folder / "f.3");
    auto job = find_compression(folder / "f", 3);
    REQUIRE(job);
    CHECK(job->source == folder / "f.2");
}

TEST_CASE("a flood into a compressed log loses no line") {
    Folder folder;
    World world;
    ports::LogSpec spec = file_spec(folder / "f");
    spec.maxbytes = 200'000;
    spec.backups = 1000;
    spec.compress = true;
    put_file(folder / "f.gz.part", "what a crash left");
    world.mover.open(channel, std::move(spec));
    Fd out = world.attach(ports::RunId{1}, channel);
    std::string expected = lines(300'000);
    REQUIRE(write_all(out.get(), expected));
    out.reset();
    REQUIRE(world.drain(ports::RunId{1}));
    int count = 1;
    auto plain = [&](int n) { return folder / ("f." + std::to_string(n)); };
    auto whole = [&](int n) { return plain(n) + ".gz"; };
    while (exists(plain(count)) || exists(whole(count))) ++count;
    CHECK(count > 10);
    REQUIRE(world.wait([&] {
        for (int n = 1; n < count; ++n) {
            if (exists(plain(n))) return false;
        }
        return true;
    }));
    std::string found;
    for (int n = count - 1; n >= 1; --n) found += uncompressed(whole(n));
    found += contents(folder / "f");
    CHECK((found == expected));
    CHECK_FALSE(exists(folder / "f.gz.part"));
    CHECK(world.troubles.empty());
}

TEST_CASE("what a crash left plain is compressed when the log is opened") {
    Folder folder;
    put_file(folder / "f.1", "one");
    put_file(folder / "f.2", "two");
    World world;
    ports::LogSpec spec = file_spec(folder / "f");
    spec.compress = true;
    world.mover.open(channel, std::move(spec));
    CHECK(world.wait([&] { return folder.names() == "f f.1.gz f.2.gz"; }));
    CHECK(uncompressed(folder / "f.2.gz") == "two");
}

TEST_CASE("what a crash left half compressed goes when the log is opened") {
    Folder folder;
    put_file(folder / "f.gz.part", "half");
    World world;
    ports::LogSpec spec = file_spec(folder / "f");
    spec.compress = true;
    world.mover.open(channel, std::move(spec));
    REQUIRE(world.flush());
    CHECK(folder.names() == "f");
}

TEST_CASE("ending does not wait for a long compression, and the next start takes it up") {
    Folder folder;
    put_file(folder / "f.1", lines(300'000));
    for (int start = 0; start < 2; ++start) {
        World world;
        ports::LogSpec spec = file_spec(folder / "f");
        spec.compress = true;
        world.mover.open(channel, std::move(spec));
        if (start == 1) {
            CHECK(world.wait([&] { return folder.names() == "f f.1.gz"; }));
        } else {
            CHECK(world.flush());
        }
    }
    CHECK(uncompressed(folder / "f.1.gz") == lines(300'000));
}

TEST_CASE("a log is read from an offset, from the end, and never past it") {
    Folder folder;
    put_file(folder / "f", "0123456789");
    struct Row {
        std::int64_t offset, length;
        char const* bytes;
    };
    // clang-format off
    Row const rows[] = {
        {  0,   4, "0123"},
        {  4, 100, "456789"},
        { 10,   5, ""},
        { 99,   5, ""},
        { -3, 100, "789"},
        { -3,   2, "78"},
        {-99, 100, "0123456789"},
        {  0,   0, ""},
        {  0,  -1, ""},
    };
    // clang-format on
    for (Row const& row : rows) {
        CAPTURE(row.offset);
        CAPTURE(row.length);
        auto found = read_log(folder / "f", row.offset, row.length);
        CHECK(found.bytes == row.bytes);
        CHECK(found.exists);
        CHECK(found.size == 10);
        CHECK(found.inode != 0);
        CHECK(found.error.empty());
    }
}

TEST_CASE("one reading is bounded") {
    Folder folder;
    put_file(folder / "f", "");
    std::filesystem::resize_file(folder / "f", 20 << 20);
    auto found = read_log(folder / "f", 0, 1 << 30);
    CHECK(static_cast<std::int64_t>(found.bytes.size()) == limits::log_read_bytes);
    CHECK(found.size == 20 << 20);
}

TEST_CASE("a log that is not there, and what is no file, is said and not read") {
    Folder folder;
    auto missing = read_log(folder / "f", 0, 10);
    CHECK_FALSE(missing.exists);
    CHECK(missing.error.empty());
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    auto fifo = read_log(folder / "fifo", 0, 10);
    CHECK(fifo.exists);
    CHECK(fifo.error.find("not a regular file") != std::string::npos);
    CHECK_FALSE(read_log(folder.path(), 0, 10).error.empty());
}

TEST_CASE("a reading through the mover finds what was flushed before it") {
    Folder folder;
    World world;
    world.mover.open(channel, file_spec(folder / "f"));
    world.mover.write(channel, "hello\n");
    REQUIRE(world.flush());
    CHECK(world.read(folder / "f", -3, 10).bytes == "lo\n");
    CHECK_FALSE(world.read(folder / "g", 0, 10).exists);
}
