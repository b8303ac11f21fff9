// daemon/hot_folders_number_test.cc: a file gets the number of one that is gone, which ext4 does at
// once: whatever the first's row is about, the second is done like any other, and once.

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "daemon/hot_folders_world_test.h"

using namespace lares;
using namespace lares::daemon;
using namespace lares::daemon::testing;
using After = config::Folder::After;
using Duplicates = config::Folder::Duplicates;
using Contents = std::vector<std::string>;

namespace {

/// The folder, and what its jobs read.
struct NumberWorld : FolderWorld {
    explicit NumberWorld(unsigned seed = 1) : FolderWorld(seed) {
        at_work = [this](job::Job const& job) {
            std::string path = job.payload.substr(9, job.payload.find('"', 9) - 9);
            auto file = intake.files().find(path);
            if (file == intake.files().end()) return;
            std::string contents = file->second.contents;
            worked_on.push_back(contents);
            if (after_work) after_work(path, contents);
        };
    }
    Contents worked_on;
    std::function<void(std::string const& path, std::string const& contents)> after_work;

    void pass_until(std::function<bool()> const& is_so) {
        for (int i = 0; i < 10'000 && !is_so(); i++) pass(1ms);
        REQUIRE(is_so());
    }
    bool is_folder_empty() const {
        return std::ranges::none_of(intake.files(), [](auto const& each) {
            return each.first.starts_with("/in/") && !each.first.starts_with("/in/done/");
        });
    }
};

enum class At { claiming, waiting, running, removing, stuck, keeping, kept, asked, problem };
/// Where the second file comes, and whether the first was told gone before.
enum class Comes { elsewhere, in_its_place, in_its_place_later };

// Brings /in/x into the state; what is written into it is "x".
void bring(NumberWorld& world, At state) {
    world.folder.done = {After::What::move, "done"};
    if (state == At::removing) world.folder.done = {After::What::remove, ""};
    if (state == At::keeping || state == At::kept) world.folder.done = {};
    if (state == At::asked) world.folder.duplicates = Duplicates::ask;
    world.is_paused = state == At::claiming || state == At::waiting;
    if (state == At::asked) world.intake.write("/in/first", "x");
    world.start();
    world.pass(3s);
    if (state == At::stuck) world.intake.set_move_error("not yet");
    if (state == At::problem) {
        world.intake.change("/in/x", [](auto& file) { file.is_readable = false; });
    } else {
        world.intake.write("/in/x", "x");
    }
    auto is_in = [&](char const* row) { return world.rows(row) == "/in/x"; };
    world.pass_until([&] {
        switch (state) {
        case At::claiming:
            return world.asked > 0;
        case At::waiting:
            return is_in("taken") && !world.ready.empty();
        case At::running:
            return !world.running.empty();
        case At::removing:
            return !world.intake.has("/in/x");
        case At::stuck:
        case At::keeping:
            return is_in("moving");
        case At::kept:
            return is_in("kept");
        case At::asked:
            return is_in("asked");
        case At::problem:
            return is_in("problem");
        }
        return false;
    });
    if (state == At::stuck) world.pass(1s);
}

void take_number(NumberWorld& world, Comes comes) {
    auto first = world.intake.files().find("/in/x");
    std::uint64_t number = first == world.intake.files().end() ? 0 : first->second.inode;
    if (number != 0) world.intake.erase("/in/x");
    if (comes == Comes::in_its_place_later) world.pass(3ms);
    std::string path = comes == Comes::elsewhere ? "/in/y" : "/in/x";
    world.intake.write(path, "yy");
    if (number != 0) CHECK(world.intake.files().at(path).inode == number);
}

/// What its jobs read of the two.
Contents wanted(At state) {
    bool is_before = state == At::claiming || state == At::waiting || state == At::problem;
    return is_before ? Contents{"yy"} : Contents{"x", "yy"};
}

}  // namespace

TEST_CASE("a file with the number of one that is gone is done once, whatever that one's state") {
    for (At state : {At::claiming, At::waiting, At::running, At::removing, At::stuck, At::keeping,
                     At::kept, At::asked, At::problem}) {
        for (Comes comes : {Comes::elsewhere, Comes::in_its_place, Comes::in_its_place_later}) {
            for (bool births : {true, false}) {
                for (unsigned seed = 1; seed <= 4; seed++) {
                    CAPTURE(int(state));
                    CAPTURE(int(comes));
                    CAPTURE(births);
                    CAPTURE(seed);
                    NumberWorld world(seed);
                    world.work = 20ms;
                    world.intake.set_births(births);
                    // A job that is at work has read its file; then that goes.
                    if (state == At::running) {
                        world.after_work = [&](auto const&, auto const& contents) {
                            if (contents == "x") take_number(world, comes);
                        };
                    }
                    bring(world, state);
                    if (state != At::running) take_number(world, comes);
                    world.pass(3s);
                    world.is_paused = false;
                    world.intake.set_move_error("");
                    world.pass(3min);
                    // Without births, and with nothing told in between, it may as well be the first
                    // one, changed by its job: what is done with that is done with it.
                    bool is_taken_for_it =
                        !births && comes == Comes::in_its_place &&
                        (state == At::running || state == At::stuck || state == At::keeping);
                    CHECK(world.worked_on == (is_taken_for_it ? Contents{"x"} : wanted(state)));
                    bool stays = state == At::keeping || state == At::kept;
                    if (!stays) CHECK(world.is_folder_empty());
                    for (char const* open : {"taken", "moving", "asked", "problem"}) {
                        CAPTURE(open);
                        CHECK(world.rows(open) == "");
                    }
                }
            }
        }
    }
}

TEST_CASE("the row of a file that its job took away says so, and leaves the next one alone") {
    for (auto what : {After::What::move, After::What::remove}) {
        NumberWorld world;
        world.folder.done = {what, what == After::What::move ? "done" : ""};
        world.after_work = [&](auto const&, auto const& contents) {
            if (contents == "x") take_number(world, Comes::in_its_place);
        };
        world.start();
        world.pass(1s);
        world.intake.write("/in/x", "x");
        world.pass(3s);
        CHECK(world.worked_on == Contents{"x", "yy"});
        CHECK(world.words_of("/in/x") == "done: it was not there any more");
    }
}

TEST_CASE("a file that is renamed while its claim or its move is under way is done once") {
    NumberWorld world;
    SUBCASE("claim") {
        world.is_paused = true;
        world.start();
        world.pass(1s);
        world.intake.write("/in/x", "x");
        world.pass_until([&] { return world.asked > 0; });
    }
    SUBCASE("move") {
        world.start();
        world.pass(1s);
        world.intake.set_move_error("not yet");
        world.intake.write("/in/x", "x");
        world.pass_until([&] { return world.rows("moving") == "/in/x"; });
        world.pass(1s);
    }
    world.intake.rename("/in/x", "/in/y");
    world.pass(3s);
    world.is_paused = false;
    world.intake.set_move_error("");
    world.pass(3min);
    CHECK(world.worked_on == Contents{"x"});
    CHECK(world.is_folder_empty());
}

TEST_CASE("a task that removes its input and makes it anew each time stops, and is a question") {
    NumberWorld world;
    world.folder.done = {};
    world.after_work = [&](auto const& path, auto const& contents) {
        world.intake.erase(path);
        world.intake.write(path, contents + "+");
    };
    world.start();
    world.pass(1s);
    world.intake.write("/in/x", "x");
    world.pass(1min);
    CHECK(world.disk.jobs.size() <= 6);
    CHECK(world.rows("asked") == "/in/x");
}

TEST_CASE("a row from before births were noted learns its file's, and does not lose it") {
    NumberWorld world;
    world.folder.done = {};
    world.start();
    world.intake.write("/in/x", "x");
    world.pass(3s);
    world.die();
    auto& row = world.disk.files.at(world.row_of("/in/x"));
    REQUIRE(row.birth_ns != 0);
    row.birth_ns = 0;
    world.start();
    world.pass(3s);
    CHECK(world.worked_on == Contents{"x"});
    world.intake.rename("/in/x", "/in/y");
    world.pass(3s);
    CHECK(world.worked_on == Contents{"x"});
    CHECK(world.rows("kept") == "/in/y");
    CHECK(row.birth_ns != 0);
}

TEST_CASE("numbers used again at random, by jobs that take their files away: each is done once") {
    for (unsigned seed = 1; seed <= 60; seed++) {
        CAPTURE(seed);
        NumberWorld world(seed);
        std::mt19937 random(seed);
        world.intake.set_births(seed % 2 == 0);
        if (seed % 3 != 0) world.folder.done = {After::What::remove, ""};
        world.workers = 1 + seed % 3;
        world.after_work = [&](std::string const& path, std::string const& contents) {
            if (random() % 3 == 0)
                world.intake.erase(path);
            else if (random() % 3 == 0)
                world.intake.rename(path, "/out/" + contents);
        };
        world.start();
        Contents made;
        for (int step = 0; step < 300; step++) {
            if (random() % 3 != 0) {
                made.push_back(std::to_string(made.size()));
                world.intake.write("/in/f" + made.back(), made.back());
            }
            if (random() % 100 == 0) world.die(), world.start();
            world.pass(Duration(random() % 12));
        }
        world.pass(10min);
        // A death in the middle of a job makes another run of it.
        for (std::string const& each : made) {
            CAPTURE(each);
            CHECK(std::ranges::count(world.worked_on, each) >= 1);
        }
        CHECK(world.is_folder_empty());
        CHECK(world.count(job::State::done) == made.size());
        CHECK(world.kernel.complaints().empty());
    }
}
