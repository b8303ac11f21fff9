// config/state_directory_test.cc: which folder a configuration's state goes to.

#include "config/state_directory.h"

#include <doctest/doctest.h>

#include "config/memory_world.h"

using namespace lares::config;

namespace {

std::string directory(lares::text::Variables environment, bool is_root = false) {
    World world = memory_world({});
    world.environment = std::move(environment);
    world.home = "/home/web";
    world.is_root = is_root;
    return default_state_directory(world, "/etc/lares/web.conf");
}

}  // namespace

TEST_CASE("systemd's folder comes first, then root's, then that of the user's home") {
    CHECK(directory({{"STATE_DIRECTORY", "/s:/t"}}, true) == "/s/etc-lares-web.conf");
    CHECK(directory({}, true) == "/var/lib/lares/etc-lares-web.conf");
    CHECK(directory({{"XDG_STATE_HOME", "/x"}}) == "/x/lares/etc-lares-web.conf");
    CHECK(directory({}) == "/home/web/.local/state/lares/etc-lares-web.conf");
    CHECK(directory({{"STATE_DIRECTORY", ""}}, true) == "/var/lib/lares/etc-lares-web.conf");
}

TEST_CASE("no two paths share a folder, and no name is too long for a file system") {
    CHECK(folder_name_of("/a-b/c") != folder_name_of("/a/b-c"));
    CHECK(folder_name_of("/a%2Db") != folder_name_of("/a-b"));
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "/folder";
    CHECK(folder_name_of(deep + "/x").size() < 256);
    CHECK(folder_name_of("/1" + deep) != folder_name_of("/2" + deep));
}

TEST_CASE("a folder that is named is taken as it is, seen from where the daemon starts") {
    auto loaded = load(
        memory_world({{"/etc/l.conf", "[supervisord]\n[lares]\nstate_directory = state/of web\n"}}),
        "/etc/l.conf");
    REQUIRE(loaded.settings);
    CHECK(loaded.settings->daemon.state_directory == "/start/state/of web");
}

TEST_CASE("what a program does not say about its remembering and its orphans, [lares] says") {
    auto loaded = load(memory_world({{"/etc/l.conf",
                                      "[supervisord]\n[lares]\nremember = yes\non_orphan = stop\n"
                                      "[program:a]\ncommand = a\n"
                                      "[program:b]\ncommand = b\nremember = no\n"
                                      "on_orphan = ignore\n"}}),
                       "/etc/l.conf");
    REQUIRE(loaded.settings);
    CHECK(loaded.settings->find_program("a")->remember);
    CHECK(loaded.settings->find_program("a")->on_orphan == OnOrphan::stop);
    CHECK_FALSE(loaded.settings->find_program("b")->remember);
    CHECK(loaded.settings->find_program("b")->on_orphan == OnOrphan::ignore);
}
