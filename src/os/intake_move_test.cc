// os/intake_move_test.cc: moves that never replace, and that a death at any point neither loses nor
// doubles.

#include "os/intake_move.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "os/file_facts.h"
#include "os/intake_tree.h"
#include "os/intake_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

namespace {

std::vector<std::string> names_in(std::string const& folder) {
    std::vector<std::string> names;
    for (auto const& each : std::filesystem::directory_iterator(folder)) {
        names.push_back(each.path().filename());
    }
    std::ranges::sort(names);
    return names;
}
std::string text_of(std::string const& path) {
    auto text = read_file(path, 1u << 26);
    return text ? *text : "?";
}

/// A folder on another file system than the temporary one; none: there is no such.
struct Elsewhere {
    Elsewhere() {
        std::string name = "/dev/shm/lares-test-XXXXXX";
        if (::mkdtemp(name.data())) path = name;
        is_other = !path.empty() && identity_of(path).device != identity_of("/tmp").device;
    }
    ~Elsewhere() {
        if (!path.empty()) CHECK(remove_tree(path).ok());
    }
    std::string path;
    bool is_other = false;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a taken name gets a number before its ending") {
    CHECK(numbered("/d/x.pdf", 0) == "/d/x.pdf");
    CHECK(numbered("/d/x.pdf", 2) == "/d/x-2.pdf");
    CHECK(numbered("/d/x.tar.gz", 1) == "/d/x-1.tar.gz");
    CHECK(numbered("/d/.x", 1) == "/d/.x-1");
    CHECK(numbered("/d.e/x", 1) == "/d.e/x-1");
    CHECK(numbered("/d/.tar.gz", 1) == "/d/.tar-1.gz");
}

TEST_CASE("a move makes its folder, never replaces, and done again says where the file is") {
    Temporary folder;
    for (char const* text : {"1", "2", "3"}) {
        folder.write("in/x.pdf", text);
        std::string from = folder.path("in/x.pdf"), to = folder.path("done/deep/x.pdf");
        auto identity = identity_of(from);
        auto path = move_path(from, to, identity);
        REQUIRE(path);
        CHECK(text_of(*path) == text);
        auto again = move_path(from, to, identity);
        REQUIRE(again);
        CHECK(*again == *path);
    }
    CHECK(names_in(folder.path("done/deep")) == Names{"x-1.pdf", "x-2.pdf", "x.pdf"});
    CHECK(names_in(folder.path("in")).empty());
}

TEST_CASE("what is at the source now is left alone when it is another file") {
    Temporary folder;
    folder.write("in/x", "first");
    folder.write("in/y", "held so that its number is not used again");
    auto identity = identity_of(folder.path("in/y"));
    auto moved = move_path(folder.path("in/x"), folder.path("done/x"), identity);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().kind == Error::Kind::not_found);
    CHECK(text_of(folder.path("in/x")) == "first");
    CHECK(remove_path(folder.path("in/x"), identity).ok());
    CHECK(text_of(folder.path("in/x")) == "first");
    CHECK(remove_path(folder.path("in/x"), identity_of(folder.path("in/x"))).ok());
    CHECK_FALSE(is_at(folder.path("in/x")));
    CHECK(remove_path(folder.path("in/x"), identity).ok());
}

TEST_CASE("a file that has the number of one that is gone is another, as its birth says") {
    Temporary folder;
    folder.write("in/x", "next");
    auto gone = identity_at(folder.path("in/x"));
    if (gone.birth_ns == 0) return skipped("this file system keeps no births");
    gone.birth_ns--;
    auto moved = move_path(folder.path("in/x"), folder.path("done/x"), gone);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().kind == Error::Kind::not_found);
    CHECK(remove_path(folder.path("in/x"), gone).ok());
    CHECK(text_of(folder.path("in/x")) == "next");
    // Nor is it taken for that one, moved already.
    folder.write("in/y", "y");
    auto other = move_path(folder.path("in/y"), folder.path("in/x"), gone);
    REQUIRE_FALSE(other);
    CHECK(names_in(folder.path("in")) == Names{"x", "y"});
    gone.birth_ns = 0;  // of a row from before births were noted
    CHECK(move_path(folder.path("in/x"), folder.path("done/x"), gone).ok());
}

TEST_CASE("a folder is moved, removed and hashed with all in it") {
    Temporary folder;
    folder.write("in/job/a", "1");
    folder.write("in/job/sub/b", "2");
    std::string before = *hash_path(folder.path("in/job"));
    auto to = move_path(folder.path("in/job"), folder.path("done/job"),
                        identity_of(folder.path("in/job")));
    REQUIRE(to);
    CHECK(*hash_path(*to) == before);
    folder.write("done/job/sub/b", "3");
    CHECK(*hash_path(*to) != before);
    CHECK(remove_path(*to, identity_of(*to)).ok());
    CHECK(names_in(folder.path("done")).empty());
}

TEST_CASE("a disk that cannot be written is told apart from other failures") {
    if (::geteuid() != 0) return skipped("needs root");
    Temporary folder;
    folder.write("in/x", "1");
    // /proc is a file system that takes nothing.
    auto moved = move_path(folder.path("in/x"), "/proc/lares/x", identity_of(folder.path("in/x")));
    CHECK_FALSE(moved);
    CHECK(is_at(folder.path("in/x")));
}

TEST_CASE("between file systems a file keeps contents, holes, mode and time") {
    Elsewhere other;
    if (!other.is_other) return skipped("no second file system");
    Temporary folder;
    folder.write("in/x.pdf", "begin", 0640);
    std::filesystem::resize_file(folder.path("in/x.pdf"), 61u << 20);
    struct stat before{}, after{};
    ::stat(folder.path("in/x.pdf").c_str(), &before);
    auto to = move_path(folder.path("in/x.pdf"), other.path + "/x.pdf",
                        identity_of(folder.path("in/x.pdf")));
    REQUIRE(to);
    REQUIRE(::stat(to->c_str(), &after) == 0);
    CHECK(after.st_size == before.st_size);
    CHECK(after.st_blocks < 1000);
    CHECK(after.st_mode == before.st_mode);
    CHECK(after.st_mtim.tv_sec == before.st_mtim.tv_sec);
    CHECK(names_in(other.path) == Names{"x.pdf"});
    CHECK(names_in(folder.path("in")).empty());
}

TEST_CASE("crash between the tool's success and the move: every step of a far move can be redone") {
    Elsewhere other;
    if (!other.is_other) return skipped("no second file system");
    std::mt19937 random(7);
    std::string const text(1u << 20, 'x');
    for (int round = 0; round < 16; round++) {
        Temporary folder;
        std::string from, to = other.path + "/" + std::to_string(round) + "/x.bin";
        if (round % 2) {
            folder.write("in/job/a", text);
            folder.write("in/job/sub/b", text);
            from = folder.path("in/job");
        } else {
            folder.write("in/x.bin", text);
            from = folder.path("in/x.bin");
        }
        auto identity = identity_of(from);
        std::string hash = *hash_path(from);
        int child = ::fork();
        if (child == 0) {
            (void)move_path(from, to, identity).ok();
            ::_exit(0);
        }
        ::usleep(static_cast<useconds_t>(random() % 16'000));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        auto moved = move_path(from, to, identity);
        if (!moved) {
            // It was all done, and its number is gone with the source.
            CHECK(moved.error().kind == Error::Kind::not_found);
        } else {
            CHECK(*moved == to);
        }
        CHECK(*hash_path(to) == hash);
        CHECK(names_in(other.path + "/" + std::to_string(round)) == Names{"x.bin"});
        CHECK_FALSE(is_at(from));
    }
}

TEST_CASE("traces of an earlier move do not make a later file of the same number be lost") {
    Elsewhere other;
    if (!other.is_other) return skipped("no second file system");
    Temporary folder;
    folder.write("in/x", "new");
    auto identity = identity_of(folder.path("in/x"));
    std::string note = other.path + "/.lares-" + std::to_string(identity.device) + "-" +
                       std::to_string(identity.inode) + ".to";
    std::ofstream(other.path + "/x") << "old";
    std::ofstream(note) << "1.1\n" << other.path << "/x";
    auto to = move_path(folder.path("in/x"), other.path + "/x", identity);
    REQUIRE(to);
    CHECK(text_of(*to) == "new");
    CHECK(names_in(other.path) == Names{"x", "x-1"});
}

TEST_CASE("a file that is put in is whole, belongs to the folder's owner and replaces nothing") {
    Temporary folder;
    folder.write("in/x.pdf", "old");
    auto path = put_file(folder.path("in/x.pdf"), "new");
    REQUIRE(path);
    CHECK(*path == folder.path("in/x-1.pdf"));
    CHECK(names_in(folder.path("in")) == Names{"x-1.pdf", "x.pdf"});
    struct stat file{}, owner{};
    REQUIRE(::stat(path->c_str(), &file) == 0);
    REQUIRE(::stat(folder.path("in").c_str(), &owner) == 0);
    CHECK(file.st_uid == owner.st_uid);
    CHECK(file.st_size == 3);
    CHECK_FALSE(put_file(folder.path("gone/x"), "new"));
}
