// cli/trouble.cc: the words for a daemon that cannot be asked.

#include "cli/trouble.h"

#include <fmt/core.h>

#include "text/quantity.h"

namespace lares::cli {
namespace {

std::string up_command(Found const& found) {
    return found.config.empty() ? "lares up -c FILE" : "lares up -c " + found.config;
}

std::string configuration_line(Found const& found) {
    if (found.config.empty()) return "";
    return fmt::format("    the socket is named by {}; was the daemon started with another -c?\n",
                       found.config);
}

/// What the pidfile lets us know of the daemon that should be there.
std::string pid_line(Found const& found, Scene const& scene) {
    if (!scene.pid) return "";
    return fmt::format("    its pidfile {} says pid {}, which is {}\n", found.pidfile, *scene.pid,
                       scene.is_alive ? "alive" : "not alive: the daemon died or was killed");
}

std::string missing_socket(Found const& found, Scene const& scene) {
    std::string text = fmt::format("no Lares is listening: there is no socket {}\n", found.socket);
    text += configuration_line(found) + pid_line(found, scene);
    if (scene.is_alive)
        return text + "    it listens elsewhere, or its socket was removed: then restart it\n";
    return text + fmt::format("    is it running? start it with: {}\n", up_command(found));
}

std::string stale_socket(Found const& found, Scene const& scene) {
    std::string text =
        fmt::format("no Lares is listening: nobody answers on the socket {}\n", found.socket);
    text += pid_line(found, scene);
    if (scene.is_alive) return text + "    it may be starting or ending; try again in a moment\n";
    return text +
           fmt::format("    the socket is left over from a daemon that died; start it with: {}\n",
                       up_command(found));
}

std::string no_answer(Error const& error, Found const& found, Scene const& scene) {
    if (found.socket.empty())
        return fmt::format("no Lares is listening on {}: {}\n{}", found.server.url, error.what,
                           pid_line(found, scene));
    if (!scene.socket.exists) return missing_socket(found, scene);
    if (!scene.socket.is_socket)
        return fmt::format("no Lares is listening: {} is not a socket\n", found.socket);
    return stale_socket(found, scene);
}

std::string no_permission(Found const& found, Scene const& scene) {
    return fmt::format(
        "{} may not use the socket {} (owner {}, group {}, mode {:04o})\n"
        "    try it with sudo, or set chmod and chown in [unix_http_server]\n",
        scene.user, found.socket, scene.socket.owner, scene.socket.group, scene.socket.mode);
}

std::string denied(Error const& error, Found const& found, Scene const& scene) {
    bool const by_file = !found.socket.empty() && scene.socket.exists && !scene.socket.may_use;
    if (by_file) return no_permission(found, scene);
    return error.what +
           "\n    give them with -u and -p, or as username and password in [supervisorctl]\n";
}

}  // namespace

Scene survey(Found const& found, Doors const& doors) {
    Scene scene{.user = doors.user};
    if (!found.socket.empty()) scene.socket = doors.look_at(found.socket);
    if (found.pidfile.empty()) return scene;
    Result<std::string> const bytes = doors.world.read_file(found.pidfile);
    if (!bytes) return scene;
    Result<long long> const pid = text::parse_integer(*bytes);
    if (!pid || *pid <= 0) return scene;
    scene.pid = *pid;
    scene.is_alive = doors.is_alive(*pid);
    return scene;
}

std::string words(Error const& error, Found const& found, Scene const& scene) {
    switch (error.kind) {
    case Error::Kind::unavailable:
        return no_answer(error, found, scene);
    case Error::Kind::denied:
        return denied(error, found, scene);
    case Error::Kind::invalid:
    case Error::Kind::not_found:
    case Error::Kind::conflict:
    case Error::Kind::io:
        return error.what + "\n";
    }
    return error.what + "\n";
}

int exit_status_of(Error const& error) {
    return error.kind == Error::Kind::unavailable ? exit_status::nobody : exit_status::refused;
}

}  // namespace lares::cli
