// cli/locate.cc: the few sections and options of a configuration that tell where its daemon
// listens.

#include "cli/locate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/reading.h"

namespace lares::cli {
namespace {

using config::World;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

/// "9001", "*:9001", ":9001" and "host:9001" as a URL to connect to.
std::string url_of_port(std::string const& port, bool is_tls) {
    std::size_t const colon = port.rfind(':');
    std::string const host = colon == std::string::npos ? "" : port.substr(0, colon);
    std::string const number = colon == std::string::npos ? port : port.substr(colon + 1);
    return (is_tls ? "https://" : "http://") + (host.empty() || host == "*" ? "localhost" : host) +
           ":" + number;
}

bool is_hashed(std::string const& password) { return password.starts_with("{SHA}"); }

/// Credentials of `section`, or of [supervisorctl] where that has none a client could send.
Result<> take_credentials(Reading const& reading, text::IniSection const* section, Found& found) {
    found.server.username = TRY(reading.value(section, "username"));
    found.server.password = TRY(reading.value(section, "password"));
    bool const wanted = !found.server.username.empty();
    if (wanted && !is_hashed(found.server.password)) return {};
    std::string username = reading.text("supervisorctl", "username");
    if (username.empty()) return {};
    found.server.username = std::move(username);
    found.server.password = reading.text("supervisorctl", "password");
    return {};
}

std::string socket_of(std::string const& url) {
    constexpr std::string_view scheme = "unix://";
    return url.starts_with(scheme) ? url.substr(scheme.size()) : std::string();
}

/// The server that the files read so far name; none when they name none.
Result<std::optional<Found>> server_in(Reading const& reading) {
    Found found;
    text::IniSection const* section = reading.find("unix_http_server", "file");
    if (section != nullptr) {
        found.server.url =
            "unix://" + absolute(TRY(reading.value(section, "file")), reading.world());
    } else if ((section = reading.find("supervisorctl", "serverurl")) != nullptr) {
        found.server.url = TRY(reading.value(section, "serverurl"));
    } else if ((section = reading.find("inet_http_server", "port")) != nullptr) {
        found.server.url = url_of_port(TRY(reading.value(section, "port")),
                                       !TRY(reading.value(section, "certificate")).empty());
    } else {
        return std::optional<Found>();
    }
    TRY(take_credentials(reading, section, found));
    if (auto cafile = reading.text("supervisorctl", "cafile"); !cafile.empty())
        found.server.cafile = absolute(cafile, reading.world());
    found.config = reading.path();
    found.pidfile = absolute(reading.text("supervisord", "pidfile"), reading.world());
    found.socket = socket_of(found.server.url);
    return std::optional(std::move(found));
}

Result<Found> locate_in(std::string const& path, World const& world) {
    Reading reading(world, path);
    if (Result<> read = reading.read_main(); !read)
        return invalid("cannot read " + path + ": " + read.error().what);
    std::optional<Found> found = TRY(server_in(reading));
    if (!found) {
        reading.read_includes();
        found = TRY(server_in(reading));
    }
    if (found) return *std::move(found);
    if (reading.is_faulty())
        return invalid(path + " is faulty and names no server; see: lares check " + path);
    return invalid(path +
                   " has no [unix_http_server], so its daemon cannot be asked; add one with" +
                   " 'file = PATH', or give --server URL");
}

Result<Found> locate_given(Request const& request, World const& world) {
    Found found;
    found.server.url = request.server;
    if (found.server.url.starts_with("/")) found.server.url.insert(0, "unix://");
    bool const known = found.server.url.starts_with("unix://") ||
                       found.server.url.starts_with("http://") ||
                       found.server.url.starts_with("https://");
    if (!known)
        return invalid("'" + request.server +
                       "' is no URL; write unix:///PATH, http://HOST:PORT or https://HOST:PORT");
    found.socket = absolute(socket_of(found.server.url), world);
    return found;
}

std::string joined(std::vector<std::string> const& words) {
    std::string text;
    for (std::string const& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

Result<std::string> find_config(std::string const& given, World const& world,
                                std::string const& program_directory) {
    if (!given.empty()) return absolute(given, world);
    std::vector<std::string> const paths =
        config::default_paths(program_directory, world.directory);
    for (std::string const& path : paths)
        if (world.read_file(path)) return path;
    return invalid("no configuration found at " + joined(paths) + "; give -c FILE");
}

Result<Found> locate(Request const& request, World const& world,
                     std::string const& program_directory) {
    Result<Found> found = [&]() -> Result<Found> {
        if (!request.server.empty()) return locate_given(request, world);
        return locate_in(TRY(find_config(request.config, world, program_directory)), world);
    }();
    if (found && !request.username.empty()) {
        found->server.username = request.username;
        found->server.password = request.password;
    }
    return found;
}

}  // namespace lares::cli
