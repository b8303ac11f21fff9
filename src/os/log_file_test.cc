// os/log_file_test.cc: one log at a time, with the test as its surroundings and its clocks.

#include "os/log_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;
using namespace std::chrono_literals;

namespace {

class Surroundings : public LogFileHost {
public:
    // As on the log thread: a reader that went away is an errno, not a signal.
    Surroundings() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
    ~Surroundings() override { std::signal(SIGPIPE, before_); }
    void tell(ports::ChannelId, TroubleNews one) override { news.push_back(std::move(one)); }
    void grown(ports::ChannelId) override { ++growths; }
    void rotated(ports::ChannelId) override { ++rotated_count; }
    std::uint64_t rotations() const override { return rotated_count; }
    void compress_siblings(ports::ChannelId) override { ++compressions; }
    void watch_writable(ports::ChannelId, int, bool on) override { watching = on; }
    bool take_room(std::size_t bytes) override {
        if (room + bytes > most_room) return false;
        room += bytes;
        return true;
    }
    void give_room(std::size_t bytes) override { room -= bytes; }
    void will_write(LogFileIdentity, std::int64_t, std::string_view) override {}
    void wrote() override {}

    std::vector<TroubleNews> news;
    int growths = 0, compressions = 0;
    std::uint64_t rotated_count = 0;
    bool watching = false;
    std::size_t room = 0, most_room = 16 << 20;

private:
    void (*before_)(int);
};

constexpr ports::ChannelId id{1};
constexpr WallTime noon(std::chrono::sys_days(std::chrono::year(2026) / 7 / 14) + 12h);

Moment after(Duration passed) { return {Instant(1000s) + passed, noon + passed}; }
Moment const begin = after(0s);

/// Sets what the clock shows for the file; retention and periods go by it.
void set_changed(std::string const& path, WallTime when) {
    timespec time{std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count(), 0};
    timespec times[2] = {time, time};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);
}

std::string take(int fd) {
    std::string out(1 << 21, '\0');
    ssize_t size = ::read(fd, out.data(), out.size());
    out.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return out;
}

/// A file system of 1 MB, where root may mount one.
class SmallDisk {
public:
    explicit SmallDisk(std::string path) : path_(std::move(path)) {
        std::filesystem::create_directory(path_);
        is_mounted_ = ::mount("lares-test", path_.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    bool is_mounted() const { return is_mounted_; }

private:
    std::string path_;
    bool is_mounted_;
};

}  // namespace

TEST_CASE("a full disk is told once; room again is told with what was lost") {
    Folder folder;
    SmallDisk disk(folder / "disk");
    if (!disk.is_mounted()) {
        MESSAGE("skipped: no file system can be mounted here");
        return;
    }
    std::string path = folder / "disk/f";
    Surroundings around;
    LogFile log(id, {.path = path}, around);
    log.open(begin);
    std::string piece(100'000, 'x');
    for (int i = 0; i < 20; ++i) log.write(piece, begin);
    REQUIRE(around.news.size() == 1);
    CHECK(around.news[0].words == "cannot write '" + path +
                                      "': no space left on device; output is dropped until it "
                                      "works again");
    auto written = contents(path).size();
    CHECK(written > 900'000);
    log.write("still full", after(2s));
    CHECK(around.news.size() == 1);
    std::filesystem::resize_file(path, 0);
    log.write("again\n", after(2500ms));  // too soon
    log.write("again\n", after(3s));
    REQUIRE(around.news.size() == 2);
    CHECK(around.news[1].ok);
    CHECK(around.news[1].lost_bytes == 20 * piece.size() - written + 10 + 6);
    CHECK(contents(path) == "again\n");
}

TEST_CASE("a log that cannot be rotated grows on, which is told once") {
    Folder folder;
    std::filesystem::create_directory(folder / "f.1");
    std::filesystem::create_directory(folder / "f.1/full");
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .maxbytes = 10, .backups = 1}, around);
    log.open(begin);
    for (int i = 0; i < 10; ++i) log.write("0123456789", begin);
    CHECK(contents(folder / "f").size() == 100);
    REQUIRE(around.news.size() == 1);
    CHECK(around.news[0].words.starts_with("cannot rotate '"));
    std::filesystem::remove_all(folder / "f.1");
    log.write("x", after(60s));
    CHECK(contents(folder / "f.1").size() == 101);
    REQUIRE(around.news.size() == 2);
    CHECK(around.news[1].ok);
}

TEST_CASE("two channels may keep one file: neither loses a byte when the other rotates it") {
    Folder folder;
    Surroundings around;
    LogFileSettings settings{.path = folder / "f", .maxbytes = 100, .backups = 50};
    LogFile one(id, settings, around), two(ports::ChannelId{2}, settings, around);
    one.open(begin);
    two.open(begin);
    for (int i = 0; i < 50; ++i) {
        one.write("from one: ten\n", begin);
        two.write("from two: twenty\n", begin);
    }
    std::size_t total = contents(folder / "f").size();
    for (int number = 1; exists(folder / ("f." + std::to_string(number))); ++number) {
        auto size = contents(folder / ("f." + std::to_string(number))).size();
        CHECK(size >= 100);
        CHECK(size < 120);
        total += size;
    }
    CHECK(total == 50 * (14 + 17));
}

TEST_CASE("a file in use whose successor cannot be made is written on while it has a name") {
    Folder folder;
    std::filesystem::create_directory(folder / "a");
    Surroundings around;
    LogFile log(id, {.path = folder / "a/f"}, around);
    log.open(begin);
    log.write("one\n", begin);
    std::filesystem::rename(folder / "a", folder / "b");
    log.write("two\n", after(5s));
    CHECK(contents(folder / "b/f") == "one\ntwo\n");
    CHECK(around.news.empty());
}

TEST_CASE("a log that logrotate moved just now is not rotated over what has its name") {
    Folder folder;
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .maxbytes = 10, .backups = 2}, around);
    log.open(begin);
    log.write("small\n", begin);
    std::filesystem::rename(folder / "f", folder / "f-20260714");
    put_file(folder / "f", "another's\n");
    log.write("the rest of it\n", begin);
    log.write("next\n", begin);
    CHECK(folder.names() == "f f-20260714 f.1");
    CHECK(contents(folder / "f-20260714") == "small\nthe rest of it\n");
    CHECK(contents(folder / "f.1") == "another's\nnext\n");
    CHECK(around.news.empty());
}

TEST_CASE("a day's log is rotated at midnight, and an empty one is not") {
    Zone zone("UTC");
    Folder folder;
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .backups = 3, .rotate_every = 24h}, around);
    log.open(begin);
    CHECK_FALSE(log.due());  // nothing in it: no timer
    log.write("tuesday\n", begin);
    CHECK(log.due() == noon + 12h);
    log.on_time(after(12h - 1ms));
    CHECK(folder.names() == "f");
    log.on_time(after(12h));
    CHECK(folder.names() == "f f.1");
    CHECK_FALSE(log.due());
    log.on_time(after(36h));
    CHECK(folder.names() == "f f.1");
    // A write after the end of the period rotates before it is written.
    log.write("thursday\n", after(37h));
    log.write("friday\n", after(61h));
    CHECK(contents(folder / "f.2") == "tuesday\n");
    CHECK(contents(folder / "f.1") == "thursday\n");
    CHECK(contents(folder / "f") == "friday\n");
}

TEST_CASE("a log of yesterday is rotated after a start today") {
    Zone zone("UTC");
    Folder folder;
    put_file(folder / "f", "yesterday\n");
    set_changed(folder / "f", noon - 24h);
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .rotate_every = 24h}, around);
    log.open(begin);
    CHECK(*log.due() <= noon);
    log.on_time(begin);
    CHECK(contents(folder / "f.1") == "yesterday\n");
    CHECK(contents(folder / "f") == "");
}

TEST_CASE("a clock put back does not put off the rotation by what it was put back") {
    Zone zone("UTC");
    Folder folder;
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .rotate_every = 24h}, around);
    log.open(begin);
    log.write("x", begin);
    log.on_clock_jump(after(-240h));
    CHECK(log.due() == noon - 240h + 12h);
}

TEST_CASE("siblings that are too old go at their time, also while nothing is written") {
    Folder folder;
    Surroundings around;
    for (int i = 1; i <= 3; ++i) {
        put_file(folder / ("f." + std::to_string(i)), "x");
        set_changed(folder / ("f." + std::to_string(i)), noon - i * 10h);
    }
    put_file(folder / "f.txt", "not ours");
    put_file(folder / "f.1.bak", "not ours");
    set_changed(folder / "f.1.bak", noon - 1000h);
    LogFile log(id, {.path = folder / "f", .retention = {.keep_for = 25h}}, around);
    log.open(begin);
    CHECK(folder.names() == "f f.1 f.1.bak f.2 f.txt");
    CHECK(log.due() == noon + 5h);
    log.on_time(after(5h));
    CHECK(folder.names() == "f f.1 f.1.bak f.txt");
    log.on_time(after(15h));
    CHECK(folder.names() == "f f.1.bak f.txt");
    CHECK_FALSE(log.due());
}

TEST_CASE("siblings together keep within their bytes, those of an earlier larger count too") {
    Folder folder;
    Surroundings around;
    for (int i = 1; i <= 6; ++i) put_file(folder / ("f." + std::to_string(i)), "0123456789");
    LogFile log(
        id, {.path = folder / "f", .maxbytes = 10, .backups = 3, .retention = {.keep_bytes = 45}},
        around);
    log.open(begin);
    CHECK(folder.names() == "f f.1 f.2 f.3 f.4");
    log.write("0123456789", begin);
    CHECK(folder.names() == "f f.1 f.2 f.3 f.4");
}

TEST_CASE("what waits for its compression does not push out what has room") {
    Folder folder;
    Surroundings around;
    put_file(folder / "f.1.gz", "0123456789");
    LogFile log(
        id,
        {.path = folder / "f", .maxbytes = 50, .compress = true, .retention = {.keep_bytes = 30}},
        around);
    log.open(begin);
    log.write(std::string(50, 'x'), begin);
    CHECK(folder.names() == "f f.1 f.2.gz");
    CHECK(around.compressions == 2);
    // It cannot be compressed: then its bytes count.
    log.on_compressed(Error{Error::Kind::io, "no space left on device"}, begin);
    CHECK(folder.names() == "f");
    CHECK(around.news.size() == 1);
}

TEST_CASE("compressed and plain siblings are moved up alike, one place one file") {
    Folder folder;
    Surroundings around;
    put_file(folder / "f.1", "1");
    put_file(folder / "f.2.gz", "2");
    put_file(folder / "f.3", "3");
    LogFile log(id, {.path = folder / "f", .maxbytes = 1, .backups = 3, .compress = true}, around);
    log.open(begin);
    log.write("0", begin);
    CHECK(folder.names() == "f f.1 f.2 f.3.gz");
    log.write("n", begin);
    CHECK(folder.names() == "f f.1 f.2 f.3");
    CHECK(contents(folder / "f.3") == "1");
}

TEST_CASE("a fifo is never waited for, rotated or removed; what fits is kept for its reader") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "f").c_str(), 0600) == 0);
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .maxbytes = 10, .backups = 2}, around);
    log.open(begin);
    REQUIRE(around.news.size() == 1);
    CHECK(around.news[0].words.find("nobody reads") != std::string::npos);
    log.write("early\n", begin);
    Fd reader(::open((folder / "f").c_str(), O_RDONLY | O_NONBLOCK));
    log.write("line of a length\n", after(1s));
    CHECK(take(reader.get()) == "early\nline of a length\n");
    CHECK(around.news.size() == 2);
    CHECK(around.room == 0);
    CHECK(folder.names() == "f");
    auto cleared = log.clear(begin);
    REQUIRE_FALSE(cleared);
    CHECK(cleared.error().what ==
          "'" + (folder / "f") + "' is not a regular file and stays as it is");
    // The reader goes and comes back.
    reader.reset();
    log.write("nobody\n", after(2s));
    CHECK(around.news.size() == 3);
    reader.reset(::open((folder / "f").c_str(), O_RDONLY | O_NONBLOCK));
    log.write("back\n", after(4s));
    CHECK(take(reader.get()) == "nobody\nback\n");
    CHECK(around.news.back().ok);
    CHECK(around.news.back().lost_bytes == 0);
}

TEST_CASE("a reader that is too slow loses whole lines beyond 1 MB, counted") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "f").c_str(), 0600) == 0);
    Fd reader(::open((folder / "f").c_str(), O_RDONLY | O_NONBLOCK));
    Surroundings around;
    LogFile log(id, {.path = folder / "f"}, around);
    log.open(begin);
    std::string line = std::string(99, 'x') + "\n";
    std::size_t sent = 0;
    for (int i = 0; i < 30'000; ++i, sent += line.size()) log.write(line, begin);
    CHECK(around.watching);
    REQUIRE(around.news.size() == 1);
    CHECK(around.news[0].words.find("too slow") != std::string::npos);
    std::string found;
    for (std::string piece = take(reader.get()); !piece.empty(); piece = take(reader.get())) {
        found += piece;
        log.on_writable(begin);
    }
    REQUIRE(around.news.size() == 2);
    CHECK(found.size() + around.news[1].lost_bytes == sent);
    CHECK(found.size() > 1 << 20);
    CHECK(found.size() % 100 == 0);
    CHECK_FALSE(around.watching);
    CHECK(around.room == 0);
}

TEST_CASE("slow readers share a bounded room") {
    Folder folder;
    REQUIRE(::mkfifo((folder / "f").c_str(), 0600) == 0);
    Surroundings around;
    around.most_room = 100;
    LogFile log(id, {.path = folder / "f"}, around);
    log.open(begin);
    for (int i = 0; i < 11; ++i) log.write("ten bytes\n", begin);
    CHECK(around.room == 100);
}

TEST_CASE("our own descriptors are known by any name, whatever stands behind them") {
    Folder folder;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    Fd reader(ends[0]), writer(ends[1]);
    std::string number = std::to_string(writer.get());
    std::filesystem::create_symlink("/dev/fd/" + number, folder / "link");
    std::filesystem::create_symlink("link", folder / "link2");
    CHECK(is_own_descriptor("/dev/stdout"));
    CHECK(is_own_descriptor("/dev/stderr"));
    CHECK(is_own_descriptor("/dev/fd/" + number));
    CHECK(is_own_descriptor("/proc/self/fd/" + number));
    CHECK(is_own_descriptor(folder / "link2"));
    CHECK_FALSE(is_own_descriptor("/dev/null"));
    CHECK_FALSE(is_own_descriptor(folder / "f"));
    CHECK_FALSE(is_own_descriptor("/nonexistent/f"));
    Surroundings around;
    LogFile log(id, {.path = folder / "link2", .maxbytes = 5, .backups = 3}, around);
    log.open(begin);
    log.write("to the pipe\n", begin);
    CHECK(take(reader.get()) == "to the pipe\n");
    CHECK_FALSE(log.clear(begin));
    CHECK(folder.names() == "link link2");
    CHECK(around.news.empty());
}

TEST_CASE("a descriptor redirected to a file is appended to and never rotated or cleared") {
    Folder folder;
    put_file(folder / "out", "before\n");
    Fd out(::open((folder / "out").c_str(), O_WRONLY));
    Surroundings around;
    LogFile log(id, {.path = "/dev/fd/" + std::to_string(out.get()), .maxbytes = 5}, around);
    log.open(begin);
    for (int i = 0; i < 3; ++i) log.write("line\n", begin);
    CHECK(contents(folder / "out") == "before\nline\nline\nline\n");
    CHECK(around.news.empty());
    CHECK(around.rotated_count == 0);
    CHECK_FALSE(log.clear(begin));
    CHECK(folder.names() == "out");
}

TEST_CASE("a descriptor that is a socket is written without waiting for its other end") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    Fd reader(ends[0]), writer(ends[1]);
    Surroundings around;
    LogFile log(id, {.path = "/dev/fd/" + std::to_string(writer.get())}, around);
    log.open(begin);
    log.write("hello\n", begin);
    CHECK(take(reader.get()) == "hello\n");
    for (int i = 0; i < 100; ++i) log.write(std::string(50'000, 'x') + "\n", begin);
    CHECK(around.watching);
    CHECK(around.news.size() == 1);
}

TEST_CASE("a terminal whose other end does not read is not waited for") {
    Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(master);
    REQUIRE(::grantpt(master.get()) == 0);
    REQUIRE(::unlockpt(master.get()) == 0);
    Surroundings around;
    LogFile log(id, {.path = ::ptsname(master.get()), .maxbytes = 5}, around);
    log.open(begin);
    for (int i = 0; i < 100; ++i) log.write(std::string(50'000, 'x') + "\n", begin);
    CHECK(around.watching);
    CHECK(around.news.size() == 1);
}

TEST_CASE("a log emptied from outside is not rotated at midnight, and asks for no timer again") {
    Zone zone("UTC");
    Folder folder;
    Surroundings around;
    LogFile log(id, {.path = folder / "f", .rotate_every = 24h}, around);
    log.open(begin);
    log.write("x", begin);
    std::filesystem::resize_file(folder / "f", 0);
    log.on_time(after(12h));
    CHECK(folder.names() == "f");
    CHECK_FALSE(log.due());
}

TEST_CASE("/dev/null takes everything and stays") {
    Surroundings around;
    LogFile log(id, {.path = "/dev/null", .maxbytes = 5, .backups = 1}, around);
    log.open(begin);
    log.write("nothing\n", begin);
    CHECK_FALSE(log.clear(begin));
    log.reopen(begin);
    struct stat now{};
    REQUIRE(::stat("/dev/null", &now) == 0);
    CHECK(S_ISCHR(now.st_mode));
    CHECK(around.news.empty());
    CHECK_FALSE(exists("/dev/null.1"));
}

TEST_CASE("clearing a symlink empties what it leads to and leaves the symlink") {
    Folder folder;
    put_file(folder / "real", "old");
    std::filesystem::create_symlink("real", folder / "f");
    Surroundings around;
    LogFile log(id, {.path = folder / "f"}, around);
    log.open(begin);
    CHECK(log.clear(begin));
    log.write("new", begin);
    CHECK(std::filesystem::is_symlink(folder / "f"));
    CHECK(contents(folder / "real") == "new");
}
