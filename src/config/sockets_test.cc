// config/sockets_test.cc: [socket:x] sections, and what is said of wrong ones.

#include "config/sockets.h"

#include <doctest/doctest.h>

#include "config/load.h"
#include "config/memory_world.h"

using namespace lares;
using namespace lares::config;

namespace {

Loaded read(std::string const& text) {
    MemoryFiles files{{"/etc/lares.conf", "[supervisord]\n" + text}};
    return load(memory_world(files), "/etc/lares.conf");
}

std::string first_error(std::string const& text) {
    auto loaded = read(text);
    for (auto const& found : loaded.found)
        if (found.severity == text::Severity::error)
            return found.what + (found.hint.empty() ? "" : "; " + found.hint);
    return "";
}

}  // namespace

TEST_CASE("a socket section says where to listen") {
    auto loaded = read(
        "[socket:web]\nlisten = tcp://127.0.0.1:8000\nbacklog = 64\n"
        "[socket:all]\nlisten = 8001\n[socket:six]\nlisten = [::1]:8002\n"
        "[socket:file]\nlisten = unix:///run/x.sock\nmode = 0660\n"
        "[program:p]\ncommand = /bin/p\nsockets = web, file\n");
    REQUIRE(loaded.settings);
    auto const& sockets = loaded.settings->sockets;
    REQUIRE(sockets.size() == 4);
    CHECK(sockets[0].host == "127.0.0.1");
    CHECK(sockets[0].port == 8000);
    CHECK(sockets[0].backlog == 64);
    CHECK(sockets[1].host.empty());
    CHECK(sockets[1].port == 8001);
    CHECK(sockets[2].host == "::1");
    CHECK(sockets[3].is_unix);
    CHECK(sockets[3].file == "/run/x.sock");
    CHECK(sockets[3].mode == 0660);
    CHECK(loaded.settings->find_program("p")->sockets == std::vector<std::string>{"web", "file"});
}

TEST_CASE("what is wrong with a socket is said with what to write") {
    CHECK(first_error("[socket:web]\nbacklog = 5\n") ==
          "[socket:web] needs a 'listen' line; such as listen = tcp://127.0.0.1:8000");
    CHECK(first_error("[socket:web]\nlisten = nowhere\n").starts_with("listen = nowhere: "));
    CHECK(first_error("[socket:web]\nlisten = unix://x.sock\n").find("absolute") !=
          std::string::npos);
    CHECK(first_error("[socket:web]\nlisten = 80\nmode = 0660\n") ==
          "mode is for unix sockets only; take it out");
    CHECK(first_error("[socket:web]\nlisten = 80\nlistn = 81\n").find("listn") !=
          std::string::npos);
    CHECK(first_error("[socket:a]\nlisten = 80\n[socket:b]\nlisten = 80\n") ==
          "[socket:b] has the name or address of [socket:a]");
    CHECK(first_error("[socket:web]\nlisten = 80\n[program:p]\ncommand = p\nsockets = wbe\n") ==
          "[program:p] names the unknown socket 'wbe'; did you mean 'web'?");
    CHECK(first_error("[program:p]\ncommand = p\nsockets = web\n") ==
          "[program:p] names the unknown socket 'web'; add a section [socket:web]");
    CHECK(first_error("[socket:web]\nlisten = 80\n[program:p]\ncommand = p\nsockets = web web\n") ==
          "[program:p] names a socket twice");
}

TEST_CASE("a FastCGI program's socket is called after its section and owned by its user") {
    auto loaded = read(
        "[fcgi-program:php]\ncommand = /bin/php\nsocket = unix:///run/php.sock\n"
        "socket_mode = 0777\nsocket_backlog = 7\n"
        "[fcgi-program:tcp]\ncommand = /bin/php\nsocket = tcp://localhost:9000\n");
    REQUIRE(loaded.settings);
    MemoryFiles files;
    auto world = memory_world(files);
    auto php = fastcgi_socket(world, *loaded.settings->find_program("php"));
    CHECK(php.name == "fcgi-program:php");
    CHECK(php.file == "/run/php.sock");
    CHECK(php.mode == 0777);
    CHECK(php.backlog == 7);
    auto tcp = fastcgi_socket(world, *loaded.settings->find_program("tcp"));
    CHECK(tcp.host == "localhost");
    CHECK(tcp.port == 9000);
}
