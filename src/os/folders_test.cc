// os/folders_test.cc: files that change in every way editors, deployments and programs change them.

#include "os/folders.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;
using namespace std::chrono_literals;

namespace {

constexpr Duration quiet = 30ms;
constexpr ports::WatchId first{1};

struct Changes : ports::Inbox {
    std::vector<ports::FilesChanged> all;
    void push(ports::Event event) override {
        all.push_back(std::get<ports::FilesChanged>(std::move(event)));
    }
};

struct World {
    Temporary folder;
    Loop loop;
    Changes changes;
    Folders folders{loop, changes};

    void watch(std::vector<std::string> names, Duration for_quiet = quiet) {
        for (auto& name : names) name = folder.path(name);
        folders.watch(first, std::move(names), for_quiet);
        CHECK(folders.trouble() == "");
    }
    void run_for(Duration span) {
        loop.at(Loop::now() + span, [&] { loop.stop(); });
        loop.run();
    }
    bool is_silent_after(std::function<void()> const& what) {
        return told_after(what, 5 * quiet).empty();
    }
    /// The name of what changed by `what`; empty when nothing was told within `patience`.
    std::string told_after(std::function<void()> const& what, Duration patience = 10s) {
        changes.all.clear();
        what();
        bool late = false;
        TimerId limit = loop.at(Loop::now() + patience, [&] { late = true; });
        loop.before_sleep([&] {
            if (late || !changes.all.empty()) loop.stop();
        });
        loop.run();
        loop.cancel(limit);
        loop.before_sleep({});
        if (changes.all.empty()) return "";
        return changes.all[0].path.substr(folder.path("").size() + 1);
    }
    void rename(std::string const& from, std::string const& to) {
        REQUIRE(::rename(folder.path(from).c_str(), folder.path(to).c_str()) == 0);
    }
    void link(std::string const& target, std::string const& name) {
        REQUIRE(::symlink(target.c_str(), folder.path(name).c_str()) == 0);
    }
    void append(std::string const& name) { std::ofstream(folder.path(name), std::ios::app) << "x"; }
};

std::ptrdiff_t open_descriptors() {
    std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

}  // namespace

TEST_CASE("a file written, replaced, removed and made again is told each time") {
    World world;
    world.folder.write("a", "1");
    world.watch({"a"});
    CHECK(world.told_after([&] { world.append("a"); }) == "a");
    CHECK(world.told_after([&] {
        world.folder.write(".a.new", "2");
        world.rename(".a.new", "a");
    }) == "a");
    CHECK(world.told_after([&] { world.append("a"); }) == "a");
    CHECK(world.told_after([&] { ::unlink(world.folder.path("a").c_str()); }) == "a");
    CHECK(world.told_after([&] { world.folder.write("a", "3"); }) == "a");
    CHECK(world.told_after([&] { world.rename("a", "b"); }) == "a");
}

TEST_CASE("reading, chmod and other files in the folder are no change and wake nobody") {
    World world;
    world.folder.write("a", "1");
    world.folder.write("log", "");
    world.watch({"a"});
    CHECK(world.is_silent_after([&] {
        (void)read_file(world.folder.path("a"), 10).ok();
        ::chmod(world.folder.path("a").c_str(), 0600);
    }));
    int log = ::open(world.folder.path("log").c_str(), O_WRONLY);
    auto before = world.loop.wake_ups();
    world.loop.post([&] { CHECK(::write(log, "x", 1) == 1); });
    world.run_for(20ms);
    CHECK(world.loop.wake_ups() <= before + 1);
    ::close(log);
    CHECK(world.is_silent_after([&] { world.folder.write("other", "1"); }));
}

TEST_CASE("a file that is written without being closed is told too") {
    World world;
    world.folder.write("a", "1");
    world.watch({"a"});
    int file = ::open(world.folder.path("a").c_str(), O_WRONLY);
    CHECK(world.told_after([&] { CHECK(::write(file, "2", 1) == 1); }) == "a");
    CHECK(world.told_after([&] { CHECK(::write(file, "3", 1) == 1); }) == "a");
    ::close(file);
}

TEST_CASE("many changes in a row are told once, when it has become quiet") {
    World world;
    world.folder.write("a", "1");
    world.watch({"a"}, 300ms);
    Instant last{};
    std::function<void(int)> again = [&](int left) {
        world.append("a");
        last = Loop::now();
        if (left > 0) world.loop.at(Loop::now() + 20ms, [&, left] { again(left - 1); });
    };
    world.loop.post([&] { again(6); });
    world.loop.before_sleep([&] {
        if (!world.changes.all.empty()) world.loop.stop();
    });
    world.loop.run();
    CHECK(Loop::now() >= last + 299ms);
    world.loop.before_sleep({});
    world.run_for(400ms);
    CHECK(world.changes.all.size() == 1);
}

TEST_CASE("a file in folders that do not exist yet is told when it comes") {
    World world;
    world.watch({"x/y/a"});
    CHECK(world.is_silent_after([&] { world.folder.make_directory("x"); }));
    CHECK(world.told_after([&] { world.folder.write("x/y/a", "1"); }) == "x/y/a");
    CHECK(world.told_after([&] { world.append("x/y/a"); }) == "x/y/a");
    CHECK(world.told_after([&] { std::filesystem::remove_all(world.folder.path("x")); }) ==
          "x/y/a");
    CHECK(world.told_after([&] { world.folder.write("x/y/a", "2"); }) == "x/y/a");
}

TEST_CASE("folders and file made while we look are not missed") {
    World world;
    world.watch({"x/y/z/a"}, 1ms);
    for (int round = 0; round < 50; round++) {
        std::thread maker;
        CHECK(world.told_after([&] {
            maker = std::thread([&] { world.folder.write("x/y/z/a", "1"); });
        }) == "x/y/z/a");
        maker.join();
        std::filesystem::remove_all(world.folder.path("x"));
        world.run_for(3ms);
    }
}

TEST_CASE("a folder replaced as a whole changes the files in it") {
    World world;
    world.folder.write("app/a", "1");
    world.folder.write("next/a", "2");
    world.watch({"app/a"});
    CHECK(world.told_after([&] {
        world.rename("app", "old");
        world.rename("next", "app");
    }) == "app/a");
    CHECK(world.is_silent_after([&] { world.append("old/a"); }));
    CHECK(world.told_after([&] { world.append("app/a"); }) == "app/a");
}

TEST_CASE("a folder replaced further up changes the files below it") {
    World world;
    world.folder.write("app/deep/a", "1");
    world.folder.write("next/deep/a", "2");
    world.watch({"app/deep/a"});
    CHECK(world.told_after([&] {
        world.rename("app", "old");
        world.rename("next", "app");
    }) == "app/deep/a");
    CHECK(world.told_after([&] { world.append("app/deep/a"); }) == "app/deep/a");
}

TEST_CASE("a link set to another folder changes the files behind it") {
    World world;
    world.folder.write("r1/a", "1");
    world.folder.write("r2/a", "22");
    world.link("r1", "current");
    world.link("current/a", "a");  // as configuration maps are mounted: a link through a link
    world.watch({"a"});
    CHECK(world.told_after([&] { world.append("r1/a"); }) == "r1/a");
    CHECK(world.told_after([&] {
        world.link("r2", "current.new");
        world.rename("current.new", "current");
    }) == "r2/a");
    CHECK(world.is_silent_after([&] { world.append("r1/a"); }));
    CHECK(world.told_after([&] { world.append("r2/a"); }) == "r2/a");
}

TEST_CASE("links that lead in a circle, and up, end") {
    World world;
    world.link("b", "a");
    world.link("a", "b");
    world.folder.write("c", "");
    world.folder.make_directory("d");
    world.link("../c", "d/c");
    world.watch({"a", "d/c"});
    CHECK(world.told_after([&] { world.append("c"); }) == "c");
}

TEST_CASE("globs match files and folders that are there or come later") {
    World world;
    world.folder.write("a/1.conf", "");
    world.watch({"*/*.conf"});
    CHECK(world.told_after([&] { world.append("a/1.conf"); }) == "a/1.conf");
    CHECK(world.told_after([&] { world.folder.write("a/2.conf", ""); }) == "a/2.conf");
    CHECK(world.told_after([&] { world.folder.write("b/3.conf", ""); }) == "b/3.conf");
    CHECK(world.told_after([&] { world.append("b/3.conf"); }) == "b/3.conf");
    CHECK(world.is_silent_after([&] { world.folder.write("b/3.txt", ""); }));
    CHECK(world.is_silent_after([&] { world.folder.write("b/.4.conf", ""); }));
    CHECK(world.told_after([&] { ::unlink(world.folder.path("b/3.conf").c_str()); }) == "b/3.conf");
}

TEST_CASE("a folder as a pattern means the files in it") {
    World world;
    world.folder.write("d/a", "");
    world.watch({"d"});
    CHECK(world.told_after([&] { world.append("d/a"); }) == "d/a");
    CHECK(world.told_after([&] { world.folder.write("d/b", ""); }) == "d/b");
}

TEST_CASE("watches are told apart, replaced and taken back") {
    World world;
    world.folder.write("a", "");
    world.folder.write("b", "");
    world.watch({"a"});
    ports::WatchId second{2};
    world.folders.watch(second, {world.folder.path("b"), world.folder.path("a")}, quiet);
    world.append("a");
    world.run_for(4 * quiet);
    CHECK(world.changes.all.size() == 2);
    CHECK(world.told_after([&] { world.append("b"); }) == "b");
    CHECK(world.changes.all[0].watch == second);
    world.folders.unwatch(second);
    CHECK(world.is_silent_after([&] { world.append("b"); }));
    world.watch({"b"});
    CHECK(world.is_silent_after([&] { world.append("a"); }));
    CHECK(world.told_after([&] { world.append("b"); }) == "b");
}

TEST_CASE("a watch taken back before it became quiet is not told") {
    World world;
    world.folder.write("a", "");
    world.watch({"a"});
    world.append("a");
    world.loop.at(Loop::now() + quiet / 2, [&] { world.folders.unwatch(first); });
    world.run_for(4 * quiet);
    CHECK(world.changes.all.empty());
}

TEST_CASE("no descriptor is held while nothing is watched") {
    Loop loop;
    Changes changes;
    auto before = open_descriptors();
    Folders folders(loop, changes);
    CHECK(open_descriptors() == before);
    folders.watch(first, {"/etc/passwd"}, quiet);
    CHECK(open_descriptors() == before + 1);
    folders.unwatch(first);
    CHECK(open_descriptors() == before);
}

TEST_CASE("when the kernel lost events, everything counts as changed") {
    World world;
    world.folder.write("a", "");
    world.watch({"a", "noise*"});
    ports::WatchId second{2};
    world.folders.watch(second, {world.folder.path("a")}, quiet);
    int queue =
        std::stoi(std::move(read_file("/proc/sys/fs/inotify/max_queued_events", 100)).take());
    for (int i = 0; i < queue / 2; i++) {
        std::string path = world.folder.path("noise") + (i % 2 ? "1" : "2");
        ::close(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
        ::unlink(path.c_str());
    }
    bool told_second = false;
    world.loop.before_sleep([&] {
        for (auto const& change : world.changes.all) told_second |= change.watch == second;
        if (told_second) world.loop.stop();
    });
    world.run_for(20s);
    CHECK(told_second);
}

TEST_CASE("relative patterns begin where we are") {
    World world;
    std::string here = current_directory();
    REQUIRE(::chdir(world.folder.path("").c_str()) == 0);
    world.folders.watch(first, {"a"}, quiet);
    REQUIRE(::chdir(here.c_str()) == 0);
    CHECK(world.told_after([&] { world.folder.write("a", ""); }) == "a");
}
