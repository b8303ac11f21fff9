// daemon/hot_folders_random_test.cc: a folder whose writers, notifications and daemon misbehave at
// random, by seed; whatever happens, each file is done exactly once.

#include <doctest/doctest.h>

#include <random>

#include "daemon/hot_folders_world_test.h"

using namespace lares;
using namespace lares::daemon::testing;
using After = config::Folder::After;
using Duplicates = config::Folder::Duplicates;

TEST_CASE("deaths, overflows and slow writers at random: each file is done exactly once") {
    for (unsigned seed = 1; seed <= 60; seed++) {
        CAPTURE(seed);
        FolderWorld world(seed);
        std::mt19937 random(seed);
        world.folder.settle = Duration(seed % 3 * 700);
        world.folder.duplicates = seed % 4 == 0 ? Duplicates::ignore : Duplicates::run;
        if (seed % 5 == 0) world.folder.done = {};
        if (seed % 7 == 0) world.folder.done = {After::What::remove, ""};
        world.workers = 1 + seed % 3;
        world.queue_max = 4 + seed % 10;
        world.start();
        int made = 0;
        std::vector<std::string> open;
        for (int step = 0; step < 200; step++) {
            switch (random() % 12) {
            case 0:
            case 1:
            case 2:
            case 3:
                made++;
                world.intake.write("/in/f" + std::to_string(made), "c" + std::to_string(made));
                break;
            case 4:
                made++;
                world.intake.write("/in/f" + std::to_string(made) + ".part",
                                   "c" + std::to_string(made));
                world.intake.rename("/in/f" + std::to_string(made) + ".part",
                                    "/in/f" + std::to_string(made));
                break;
            case 5:
                made++;
                open.push_back("/in/f" + std::to_string(made));
                world.intake.open(open.back());
                world.intake.append(open.back(), "c" + std::to_string(made));
                break;
            case 6:
                if (open.empty()) break;
                world.intake.close(open.back());
                open.pop_back();
                break;
            case 7:
                world.intake.overflow();
                break;
            case 8:
                world.intake.mend();
                break;
            case 9:
                if (random() % 3 == 0) world.die(), world.start();
                break;
            default:
                break;
            }
            world.pass(Duration(random() % 60));
        }
        for (auto const& path : open) world.intake.close(path);
        world.intake.mend();
        world.pass(10min);
        CHECK(world.count(job::State::done) == static_cast<std::size_t>(made));
        CHECK(world.count(job::State::done) == world.disk.jobs.size());
        CHECK(world.rows("taken") == "");
        CHECK(world.rows("moving") == "");
        CHECK(world.kernel.complaints().empty());
    }
}
