// cli/locate.cc: the few sections and options of a configuration that tell where its daemon
// listens.

#include "cli/locate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "text/expand.h"
#include "text/ini.h"

namespace lares::cli {
namespace {

using config::World;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

/// `path` made absolute, "~" expanded; no ".." is resolved.
std::string absolute(std::string const& path, World const& world) {
    if (path == "~" || path.starts_with("~/")) return world.home + path.substr(1);
    if (path.empty() || path[0] == '/') return path;
    return world.directory + (world.directory.ends_with('/') ? "" : "/") + path;
}

std::string directory_of(std::string const& path) {
    std::size_t const slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

text::Names environment_names(World const& world) {
    text::Names names;
    for (auto const& [key, value] : world.environment) names.own["ENV_" + key] = value;
    names.own["host_node_name"] = world.host_name;
    return names;
}

/// The sections that matter, with what their values may refer to.
class Reading {
public:
    Reading(World const& world, std::string path)
        : world_(world), path_(std::move(path)), outer_(environment_names(world)) {}

    /// The Error is the file's that cannot be read.
    Result<> read_main() {
        Result<std::string> bytes = world_.read_file(path_);
        if (!bytes) return std::move(bytes).error();
        faulty_ = text::has_errors(text::read_ini(ini_, path_, std::move(bytes).take()));
        return {};
    }

    /// Adds the files of [include]; one that cannot be read is passed over, `lares check` tells.
    void read_includes() {
        for (std::string const& pattern : text_words(text("include", "files")))
            for (std::string const& file : world_.glob(beside_main(pattern)))
                if (Result<std::string> bytes = world_.read_file(file))
                    (void)text::read_ini(ini_, file, std::move(bytes).take());
    }

    /// The first section called `name` or `name:x` that has `key`; null when there is none.
    text::IniSection const* find(std::string_view name, std::string_view key) const {
        for (text::IniSection const& section : ini_.sections)
            if (is_called(section.name, name) && section.find(key) != nullptr) return &section;
        return nullptr;
    }

    /// A value, expanded; empty when absent. The Error says what cannot be expanded.
    Result<std::string> value(text::IniSection const* section, std::string_view key) const {
        text::IniEntry const* entry = section == nullptr ? nullptr : section->find(key);
        if (entry == nullptr) return std::string();
        text::Names names;
        names.outer = &outer_;
        names.own["here"] = directory_of(file_of(entry->place));
        return text::expand(entry->value, names, section->name + "." + std::string(key));
    }

    /// As value(), empty also when it cannot be expanded: of what the words can do without.
    std::string text(std::string_view section, std::string_view key) const {
        Result<std::string> found = value(ini_.find(section), key);
        return found ? std::move(found).take() : std::string();
    }

    bool is_faulty() const { return faulty_; }
    std::string const& path() const { return path_; }
    World const& world() const { return world_; }

private:
    static bool is_called(std::string_view section, std::string_view name) {
        return section == name || (section.starts_with(name) && section[name.size()] == ':');
    }

    static std::vector<std::string> text_words(std::string const& text) {
        std::vector<std::string> words;
        std::size_t at = 0;
        while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string::npos) {
            std::size_t const end = std::min(text.find_first_of(" \t\r\n", at), text.size());
            words.push_back(text.substr(at, end - at));
            at = end;
        }
        return words;
    }

    std::string beside_main(std::string const& pattern) const {
        return pattern[0] == '/' ? pattern : directory_of(path_) + "/" + pattern;
    }

    std::string const& file_of(text::Place const& place) const {
        bool const known = place.file >= 0 && std::size_t(place.file) < ini_.sources.size();
        return known ? ini_.sources[std::size_t(place.file)].path : path_;
    }

    World const& world_;
    std::string path_;
    text::Names outer_;
    text::Ini ini_;
    bool faulty_ = false;
};

/// "9001", "*:9001", ":9001" and "host:9001" as a URL to connect to.
std::string url_of_port(std::string const& port) {
    std::size_t const colon = port.rfind(':');
    std::string const host = colon == std::string::npos ? "" : port.substr(0, colon);
    std::string const number = colon == std::string::npos ? port : port.substr(colon + 1);
    return "http://" + (host.empty() || host == "*" ? "localhost" : host) + ":" + number;
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
        found.server.url = url_of_port(TRY(reading.value(section, "port")));
    } else {
        return std::optional<Found>();
    }
    TRY(take_credentials(reading, section, found));
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
    bool const known =
        found.server.url.starts_with("unix://") || found.server.url.starts_with("http://");
    if (!known)
        return invalid("'" + request.server +
                       "' is no URL; write unix:///PATH or http://HOST:PORT");
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
