// os/intake_test.cc: hot folders of the real kernel: writers, renames, overflows, names, and file
// systems that do not tell or do not answer.

#include "os/intake.h"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>

#include "os/file_facts.h"
#include "os/intake_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

TEST_CASE("half-written file: it is seen, and that somebody has it open, until he closes it") {
    IntakeWorld world;
    world.watch();
    int file = ::open(world.path("a").c_str(), O_WRONLY | O_CREAT, 0644);
    CHECK(world.sees("a"));
    CHECK_FALSE(world.entry("a")->closed);
    world.told.there.clear();
    world.intake.look(in, {world.path("a"), world.path("b")});
    CHECK(world.until([&] { return !world.told.gone.empty(); }));
    CHECK(world.told.gone == std::vector{world.path("b")});
    CHECK(world.sees("a"));
    CHECK(world.entry("a")->looked);
    CHECK(world.entry("a")->can_tell_open);
    CHECK(world.entry("a")->is_open);
    CHECK(::write(file, "text", 4) == 4);
    ::close(file);
    CHECK(world.until([&] { return world.told.closed == 1; }));
    CHECK(world.entry("a")->size == 4);
    CHECK_FALSE(world.entry("a")->is_open);
}

TEST_CASE("writer closes and reopens: each close is told, and that it is open again") {
    IntakeWorld world;
    world.watch();
    world.write("a");
    CHECK(world.until([&] { return world.told.closed == 1; }));
    int file = ::open(world.path("a").c_str(), O_WRONLY | O_APPEND);
    world.intake.look(in, {world.path("a")});
    CHECK(world.until([&] { return world.entry("a")->is_open; }));
    ::close(file);
    CHECK(world.until([&] { return world.told.closed == 2; }));
}

TEST_CASE(
    "rename into place: told as moved in, from inside and from outside; temporary names never") {
    IntakeWorld world;
    world.watch();
    world.write("a.part");
    world.write(".a.pdf.Xy12");
    world.folder.write("outside", "text");
    std::filesystem::rename(world.path("a.part"), world.path("a"));
    std::filesystem::rename(world.folder.path("outside"), world.path("b"));
    CHECK(world.until([&] { return world.told.moved == 2; }));
    CHECK(world.told.there.size() == 2);
    CHECK(world.entry("a")->moved_in);
    CHECK(world.entry("a")->looked);
    CHECK(world.told.sightings == 2);
}

TEST_CASE(
    "same-directory rename of a waiting file: the new name with the same identity, the old gone") {
    IntakeWorld world;
    world.write("a");
    world.watch();
    auto before = *world.entry("a");
    std::filesystem::rename(world.path("a"), world.path("z"));
    CHECK(world.sees("z"));
    CHECK(world.entry("z")->inode == before.inode);
    CHECK(world.entry("z")->device == before.device);
    CHECK(world.entry("z")->birth_ns == before.birth_ns);
    CHECK(before.birth_ns == identity_at(world.path("z")).birth_ns);
    CHECK_FALSE(world.has("a"));
}

namespace {

/// The kernel's queue made short for folders watched from now on.
struct ShortQueue {
    ShortQueue() {
        auto text = read_file(file, 100);
        if (!text) return;
        before = *text;
        is_short = put("16");
    }
    ~ShortQueue() {
        if (is_short) put(before);
    }
    static bool put(std::string const& text) {
        int open = ::open(file, O_WRONLY | O_CLOEXEC);
        bool ok = open >= 0 && ::write(open, text.data(), text.size()) > 0;
        if (open >= 0) ::close(open);
        return ok;
    }
    static constexpr char const* file = "/proc/sys/fs/inotify/max_queued_events";
    std::string before;
    bool is_short = false;
};

}  // namespace

TEST_CASE("event queue overflow: the whole folder is read, and that it was is told") {
    ShortQueue queue;
    if (!queue.is_short) return skipped("may not shorten the kernel's queue");
    IntakeWorld world;
    world.watch();
    // The loop takes nothing meanwhile, so that the intake's pieces, then the kernel's queue fill.
    for (int round = 0; round < 50 && !world.told.overflowed; round++) {
        std::vector<std::thread> writers;
        for (int i = 0; i < 4; i++) {
            writers.emplace_back([&, i, round] {
                for (int j = 0; j < 100; j++) {
                    world.write(std::to_string(round) + "-" + std::to_string(i * 100 + j));
                }
            });
        }
        for (auto& writer : writers) writer.join();
        std::size_t all = static_cast<std::size_t>(round + 1) * 400;
        CHECK(world.until([&] { return world.told.there.size() == all; }));
    }
    CHECK(world.told.overflowed);
}

TEST_CASE("NFS, SMB, FUSE: polled by the kind of file system, and said so") {
    IntakeWorld world([](std::string const&) -> Result<std::string> { return std::string("nfs"); });
    ports::FolderSpec spec{.path = world.folder.path("in"), .poll = 20ms};
    world.write("a");
    world.watch(spec);
    CHECK(world.until([&] { return !world.told.troubles.empty(); }));
    CHECK(world.told.troubles[0].ok);
    CHECK(world.told.troubles[0].is_polled);
    CHECK(world.told.troubles[0].words ==
          "notifications do not work on nfs: it is read every 20 ms");
    CHECK(world.has("a"));
    world.write("b", "1");
    CHECK(world.sees("b"));
    world.write("b", "22");
    CHECK(world.until([&] { return world.entry("b")->size == 2; }));
    ::unlink(world.path("a").c_str());
    CHECK(world.until([&] { return !world.has("a"); }));
    int before = world.told.sightings;
    world.until([] { return false; }, 100ms);
    CHECK(world.told.sightings == before);  // what did not change is not told again
    world.intake.look(in, {world.path("b")});
    CHECK(world.until([&] { return world.entry("b")->looked; }));
}

TEST_CASE("a mounted FUSE is found out, and when it hangs only its own folder waits") {
    IntakeWorld world;
    world.folder.make_directory("fuse");
    std::string point = world.folder.path("fuse");
    int device = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    std::string how = "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0";
    if (device < 0 || ::mount("lares", point.c_str(), "fuse", 0, how.c_str()) != 0) {
        if (device >= 0) ::close(device);
        return skipped("may not mount a FUSE");
    }
    // Nobody serves it: whoever asks it anything waits, until the device is closed.
    ports::FolderId hanging{2};
    world.intake.watch(hanging, {.path = point});
    world.watch();
    world.write("a");
    CHECK(world.sees("a"));
    world.intake.unwatch(hanging);
    world.write("b");
    CHECK(world.sees("b"));
    ::close(device);
    ::umount2(point.c_str(), MNT_DETACH);
}

TEST_CASE("files waiting at restart: the first that is told is all there is, in pieces") {
    IntakeWorld world;
    for (int i = 0; i < 1500; i++) world.write(std::to_string(i));
    world.watch();
    CHECK(world.told.there.size() == 1500);
    CHECK(world.told.pieces == 2);
    CHECK(world.told.largest == entries_in_a_piece);
    world.intake.rescan(in);
    CHECK(world.until([&] { return world.told.wholes == 2; }));
    CHECK(world.told.there.size() == 1500);
}

TEST_CASE("watch limit: what has no watch is read now and then, with the sysctl line said") {
    // Another user's limit cannot be lowered for one process; a folder that may not be watched
    // goes the same way.
    if (::geteuid() != 0) return skipped("needs root");
    std::string file = "/proc/sys/fs/inotify/max_user_watches";
    auto before = read_file(file, 100);
    REQUIRE(before);
    auto put = [&](std::string const& text) {
        int open = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
        bool ok = open >= 0 && ::write(open, text.data(), text.size()) > 0;
        if (open >= 0) ::close(open);
        return ok;
    };
    IntakeWorld world;
    world.folder.make_directory("in/sub");
    world.write("sub/a");
    ports::FolderSpec spec{.path = world.folder.path("in"), .recursive = true};
    if (!put("0")) return skipped("may not set the limit");
    world.intake.watch(in, spec);
    bool is_told = world.until(
        [&] { return !world.told.troubles.empty() && world.told.troubles.back().is_polled; });
    put(*before);
    CHECK(is_told);
    auto const& trouble = world.told.troubles.back();
    CHECK_FALSE(trouble.ok);
    CHECK(trouble.words.find("sysctl -w fs.inotify.max_user_watches") != std::string::npos);
    CHECK(world.sees("sub/a"));
    world.write("sub/b");
    CHECK(world.sees("sub/b"));
    // The limit is high again: the next reading finds its watches.
    CHECK(world.until([&] { return world.told.troubles.back().ok; }, 20s));
}

TEST_CASE("new sub-folder filled before its watch exists: nothing in it is missed") {
    IntakeWorld world;
    world.watch({.path = world.folder.path("in"), .recursive = true});
    std::thread maker([&] {
        for (int i = 0; i < 100; i++) {
            std::string name = std::to_string(i);
            world.write(name + "/deep/er/a");
            world.write(name + "/b");
        }
    });
    CHECK(world.until([&] { return world.told.there.size() == 200; }));
    maker.join();
    world.write("7/deep/er/c");
    CHECK(world.sees("7/deep/er/c"));
    std::filesystem::rename(world.path("7"), world.path("x7"));
    CHECK(world.until([&] { return world.has("x7/deep/er/c") && !world.has("7/deep/er/c"); }));
    CHECK(world.until([&] { return world.entry("x7/b")->moved_in; }));
    world.write("x7/deep/d");
    CHECK(world.sees("x7/deep/d"));
}

TEST_CASE("directory as one job: a sub-folder is one entry that tells of all in it") {
    IntakeWorld world;
    world.watch({.path = world.folder.path("in"), .wants_folders = true});
    world.write("job/a", "12345");
    world.write("loose", "x");
    CHECK(world.until([&] { return world.has("job") && world.entry("job")->files == 1; }));
    world.write("job/sub/b", "123");
    CHECK(world.until([&] { return world.entry("job")->files == 2; }));
    world.intake.look(in, {world.path("job")});
    CHECK(world.until([&] { return world.entry("job")->looked; }));
    CHECK(world.entry("job")->is_folder);
    CHECK(world.entry("job")->size == 8);
    CHECK(world.told.there.size() == 1);
    int file = ::open(world.path("job/a").c_str(), O_WRONLY);
    world.intake.look(in, {world.path("job")});
    CHECK(world.until([&] { return world.entry("job")->is_open; }));
    ::close(file);
    std::filesystem::rename(world.path("job"), world.path("job2"));
    CHECK(world.until([&] { return world.has("job2") && !world.has("job"); }));
}

TEST_CASE("names: newline, leading dash, invalid UTF-8, NFC and NFD are bytes like others") {
    IntakeWorld world;
    world.watch();
    std::vector<std::string> names = {
        "two\nlines", "-rf",   "\xff\xfe.pdf", "caf\xc3\xa9", "cafe\xcc\x81",
        " ",          "*?[x]", "\"quoted'",    "\\back",      std::string(255, 'n')};
    for (auto const& name : names) world.write(name);
    CHECK(world.until([&] { return world.told.there.size() == names.size(); }));
    for (auto const& name : names) {
        CHECK(world.has(name));
        auto to = world.moved(world.path(name), world.folder.path("done/" + name),
                              identity_of(world.path(name)));
        CHECK(*to == world.folder.path("done/" + name));
    }
}

TEST_CASE("symlinks, FIFOs, devices, sparse files: told for what they are, and never followed") {
    IntakeWorld world;
    world.folder.write("elsewhere/secret", "x");
    ::mkfifo(world.path("fifo").c_str(), 0600);
    std::filesystem::create_symlink(world.folder.path("elsewhere/secret"), world.path("link"));
    std::filesystem::create_symlink(world.folder.path("elsewhere"), world.path("folder"));
    world.write("sparse", "x");
    std::filesystem::resize_file(world.path("sparse"), std::uintmax_t{1} << 40);
    world.watch({.path = world.folder.path("in"), .recursive = true});
    CHECK(world.told.there.size() == 4);
    CHECK(world.entry("fifo")->is_special);
    CHECK(world.entry("link")->is_special);
    CHECK(world.entry("folder")->is_special);
    CHECK_FALSE(world.entry("sparse")->is_special);
    CHECK(world.entry("sparse")->size == std::int64_t{1} << 40);
    CHECK_FALSE(world.has("folder/secret"));
    world.intake.look(in, {world.path("folder/secret"), world.path("fifo")});
    CHECK(world.until([&] { return !world.told.gone.empty(); }));
    CHECK(world.told.gone == std::vector{world.path("folder/secret")});
}

TEST_CASE("permission or owner wrong: an unreadable file is told so, and again when that changes") {
    IntakeWorld world;
    world.watch();
    world.write("a");
    CHECK(world.until([&] { return world.told.closed == 1; }));
    int before = world.told.sightings;
    ::chmod(world.path("a").c_str(), 0);
    CHECK(world.until([&] { return world.told.sightings > before; }));
    if (::geteuid() == 0) return skipped("half: root may read everything");
    world.intake.look(in, {world.path("a")});
    CHECK(world.until([&] { return !world.entry("a")->is_readable; }));
}

TEST_CASE("patterns: match, ignore, and what is unfinished by its name") {
    NameRules all({});
    for (char const* name : {"a", "a.pdf", "A.PDF", "tmp", "part"}) CHECK(all.accepts(name));
    for (char const* name : {".a", "a~", "a.part", "a.filepart", "a.tmp", "a.crdownload",
                             ".~lock.a.odt#", "~$a.docx", "Thumbs.db", ".nfs0001"}) {
        CAPTURE(name);
        CHECK_FALSE(all.accepts(name));
    }
    NameRules some({.match = {"*.pdf", "*.tmp"}, .ignore = {"x*"}});
    CHECK(some.accepts("a.pdf"));
    CHECK(some.accepts("a.tmp"));  // asked for
    CHECK_FALSE(some.accepts("a.part.txt"));
    CHECK_FALSE(some.accepts("x.pdf"));
    CHECK_FALSE(some.accepts(".a.pdf"));
    CHECK(NameRules({.match = {".*"}}).accepts(".a"));
    CHECK_FALSE(NameRules({.match = {"*"}}).accepts("a.part"));
}

TEST_CASE("excluded folders and other folders' sub-folders are not looked into") {
    IntakeWorld world;
    world.write("done/a");
    world.write("sub/b");
    world.watch(
        {.path = world.folder.path("in"), .recursive = true, .excluded = {world.path("done")}});
    CHECK(world.told.there.size() == 1);
    std::filesystem::rename(world.path("sub/b"), world.path("done/b"));
    CHECK(world.until([&] { return !world.has("sub/b"); }));
    world.write("done/c");
    world.write("d");
    CHECK(world.sees("d"));
    CHECK(world.told.there.size() == 1);
}

TEST_CASE("a folder that is not there, goes and comes back is told, and nothing of it is gone") {
    IntakeWorld world;
    std::filesystem::remove(world.folder.path("in"));
    world.intake.watch(in, {.path = world.folder.path("in")});
    CHECK(world.until([&] { return !world.told.troubles.empty(); }));
    CHECK_FALSE(world.told.troubles[0].ok);
    CHECK(world.told.troubles[0].words.find("no such file or directory") != std::string::npos);
    world.write("a");
    CHECK(world.sees("a"));
    std::filesystem::rename(world.folder.path("in"), world.folder.path("out"));
    CHECK(world.until([&] { return !world.told.troubles.back().ok; }));
    CHECK(world.has("a"));
    std::filesystem::rename(world.folder.path("out"), world.folder.path("in"));
    world.write("b");
    CHECK(world.sees("b"));
    CHECK(world.has("a"));
    CHECK(world.until([&] { return world.told.troubles.back().ok; }));
}

TEST_CASE("two folders at one place both hear of it, and one goes on without the other") {
    IntakeWorld world;
    world.watch();
    Told second;
    ports::FolderId other{2};
    world.intake.watch(other, {.path = world.folder.path("in"), .match = {"*.x"}});
    world.until([] { return false; }, 50ms);
    world.write("a.x");
    CHECK(world.until([&] { return world.told.closed == 2; }));
    world.intake.unwatch(in);
    world.write("b.x");
    CHECK(world.until([&] { return world.told.closed == 3; }));
}

TEST_CASE("an idle folder wakes nobody, and none is held when nothing is watched") {
    auto names_of_threads = [] {
        std::set<std::string> names;
        for (auto const& each : std::filesystem::directory_iterator("/proc/self/task"))
            names.insert(each.path().filename());
        return names;
    };
    auto threads = [&] { return names_of_threads().size(); };
    auto descriptors = [] {
        std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    IntakeWorld world;
    auto const others = names_of_threads();  // a sanitizer has one that wakes by itself
    auto before = threads();
    auto open = descriptors();
    world.watch();
    CHECK(world.until([&] { return threads() == before + 1; }));
    auto switches = [&] {
        std::string all;
        for (auto const& each : std::filesystem::directory_iterator("/proc/self/task")) {
            auto status = read_file(each.path().string() + "/status", 1u << 16);
            auto at = status ? status->find("\nvoluntary_ctxt_switches") : std::string::npos;
            if (others.contains(each.path().filename())) continue;
            if (at != std::string::npos)
                all += status->substr(at + 1, status->find('\n', at + 1) - at);
        }
        return all;
    };
    world.until([] { return false; }, 100ms);
    std::string asleep = switches();
    auto wake_ups = world.loop.wake_ups();
    world.until([] { return false; }, 200ms);
    CHECK(switches() == asleep);
    CHECK(world.loop.wake_ups() <= wake_ups + 2);
    world.intake.unwatch(in);
    CHECK(world.until([&] { return threads() == before && descriptors() == open; }));
}

TEST_CASE("the intake ends while it is scanning and while the loop takes nothing") {
    Temporary folder;
    for (int i = 0; i < 1200; i++) folder.write("in/" + std::to_string(i), "");
    Loop loop;
    Told told;
    for (int i = 0; i < 20; i++) {
        Intake intake(loop, told);
        intake.watch(in, {.path = folder.path("in")});
        intake.hash(folder.path("in/1"), [](auto) { FAIL("the intake is gone"); });
        if (i % 2) std::this_thread::yield();
    }
    loop.post([&] { loop.stop(); });
    loop.run();
    CHECK(told.pieces == 0);
}

TEST_CASE("the kernel's lease tells a writer in another process, and leaves no lease behind") {
    Temporary folder;
    folder.write("a", "x");
    int file = ::open(folder.path("a").c_str(), O_RDONLY);
    CHECK(writers_of(file) == Writers::none);
    CHECK(::fcntl(file, F_GETLEASE) == F_UNLCK);
    int writer = ::open(folder.path("a").c_str(), O_WRONLY);
    CHECK(writers_of(file) == Writers::some);
    ::close(writer);
    CHECK(writers_of(file) == Writers::none);
    ::close(file);
    int null = ::open("/proc/self/status", O_RDONLY);
    CHECK(writers_of(null) != Writers::some);
    ::close(null);
}
