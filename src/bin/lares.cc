// bin/lares.cc: the program `lares`: chooses the implementations and hands them to the command
// line.

#include <unistd.h>

#include <ctime>

#include "base/version.h"
#include "bin/database.h"
#include "bin/up.h"
#include "bin/world.h"
#include "cli/main.h"
#include "keeper/start.h"
#include "net/http_client.h"
#include "os/console.h"
#include "os/line_editor.h"
#include "os/lines.h"
#include "os/password.h"
#include "os/screen.h"
#include "os/zones.h"

namespace {

using namespace lares;

cli::FileLook look_at(std::string const& path) {
    auto facts = os::look_at_file(path);
    return {facts.exists, facts.is_socket, facts.may_use, facts.owner, facts.group, facts.mode};
}

cli::Terminal terminal() {
    auto console = os::look_at_console();
    return {console.is_tty, console.columns, console.rows};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 0 && argv[0] == std::string_view(keeper::keeper_name))
        return keeper::keeper_main(argc, argv);
    auto inherited = keeper::take_inherited();
    auto http = net::make_http_client();
    auto zones = os::make_zones(os::machine_zones());
    cli::Doors doors{
        .http = *http,
        .world = bin::real_world(),
        .program_directory = os::program_directory(),
        .user = os::own_user_name(),
        .version = std::string(version()),
        .commit = std::string(commit()),
        .out = [](std::string_view text) { os::write_all(STDOUT_FILENO, text); },
        .err = [](std::string_view text) { os::write_all(STDERR_FILENO, text); },
        .terminal = terminal,
        .pause = os::pause_for,
        .catch_interrupt = os::catch_interrupt,
        .look_at = look_at,
        .is_alive = os::process_exists,
        .up = [&](cli::UpRequest const& request) { return bin::up(request, {argv, inherited}); },
        .keyboard = {.is_tty = os::input_is_terminal,
                     .read_line = os::read_line,
                     .read_secret = os::read_secret,
                     .interrupts = os::interrupt_descriptor,
                     .take_interrupt = os::take_interrupt,
                     .open_editor = os::open_line_editor,
                     .write_file = os::write_private_file},
        .hash_password = os::hash_password,
        .beside = os::begin_beside,
        .zones = zones.get(),
        // The one clock of a command that needs no loop.
        .now = [] { return std::int64_t(std::time(nullptr)); },
        .database = lares::bin::database_tools(),
        .read_lines = os::each_line,
        .open_screen = os::open_screen,
    };
    return cli::run(argc, argv, doors);
}
