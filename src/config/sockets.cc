// config/sockets.cc: listening sockets that programs share.

#include "config/sockets.h"

#include <algorithm>

#include "config/processes.h"
#include "text/nearest.h"

namespace lares::config {

namespace {

constexpr std::string_view prefix = "socket:";
constexpr std::string_view unix_scheme = "unix://";
constexpr std::string_view tcp_scheme = "tcp://";
/// As many as a process can be handed (os/child.h).
constexpr std::size_t most_sockets = 16;

std::optional<Socket> read_socket(Context& context, text::IniSection const& section) {
    SectionReader reader(context, section);
    auto name = parse_name(std::string_view(section.name).substr(prefix.size()));
    if (!name) {
        reader.error(section.place,
                     {"the name in [" + section.name + "] must have no space, ':' or '/'"});
        return std::nullopt;
    }
    reader.know("socket_name", *name);
    SocketDraft draft;
    reader.read(socket_rows(), draft);
    reader.report_unknown(/*section_is_ours=*/true);
    if (!reader.find("listen")) {
        reader.error(section.place, {"[" + section.name + "] needs a 'listen' line",
                                     "such as listen = tcp://127.0.0.1:8000"});
        return std::nullopt;
    }
    auto socket = parse_listen(draft.listen);
    if (!socket) {
        reader.error(reader.place_of("listen"),
                     {"listen = " + shown(draft.listen) + ": " + socket.error().what,
                      "write tcp://HOST:PORT, HOST:PORT or unix:///PATH"});
        return std::nullopt;
    }
    socket->name = *name;
    socket->place = section.place;
    socket->backlog = draft.backlog;
    socket->mode = draft.mode.value_or(socket->mode);
    for (std::string_view option : {"owner", "mode"})
        if (!socket->is_unix && reader.find(option))
            reader.error(reader.place_of(option),
                         {std::string(option) + " is for unix sockets only", "take it out"});
    if (draft.owner.empty()) return *socket;
    auto owner = parse_owner(context.world, draft.owner);
    if (!owner) {
        reader.error(reader.place_of("owner"),
                     {"owner = " + shown(draft.owner) + ": no such user or group"});
        return std::nullopt;
    }
    socket->uid = owner->uid;
    socket->gid = owner->gid;
    return *socket;
}

void check_program(Context& context, Settings const& settings, Program const& program) {
    if (program.sockets.empty()) return;
    auto const* section = context.ini.find(section_name(program));
    if (!section) return;
    SectionReader reader(context, *section);
    auto place = reader.place_of("sockets");
    std::vector<std::string_view> names;
    for (auto const& socket : settings.sockets) names.push_back(socket.name);
    for (auto const& name : program.sockets) {
        if (std::ranges::find(names, name) != names.end()) continue;
        reader.error(place, {"[" + section->name + "] names the unknown socket '" + name + "'",
                             names.empty() ? "add a section [socket:" + name + "]"
                                           : did_you_mean(text::nearest(name, names))});
    }
    auto sorted = program.sockets;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
        reader.error(place, {"[" + section->name + "] names a socket twice"});
    if (program.sockets.size() > most_sockets)
        reader.error(place, {"sockets: at most " + std::to_string(most_sockets) +
                             " can be handed to one program"});
}

}  // namespace

Result<Socket> parse_listen(std::string_view text) {
    Socket socket;
    if (text.starts_with(unix_scheme)) {
        socket.is_unix = true;
        socket.file = text.substr(unix_scheme.size());
        if (socket.file.starts_with('/') && !socket.file.ends_with('/')) return socket;
        return Error{Error::Kind::invalid, "the path must be absolute"};
    }
    if (text.starts_with(tcp_scheme)) text.remove_prefix(tcp_scheme.size());
    auto address = parse_address(text);
    if (!address) return Error{Error::Kind::invalid, "no address"};
    socket.host = address->host;
    socket.port = address->port;
    return socket;
}

std::vector<Socket> read_sockets(Context& context) {
    std::vector<Socket> sockets;
    for (auto const& section : context.ini.sections) {
        if (!section.name.starts_with(prefix)) continue;
        auto socket = read_socket(context, section);
        if (!socket) continue;
        auto same = std::ranges::find_if(sockets, [&](Socket const& other) {
            return other.name == socket->name || other.same_address(*socket);
        });
        if (same != sockets.end())
            context.report.error(section.place,
                                 {"[" + section.name + "] has the name or address of [" +
                                  std::string(prefix) + same->name + "]"});
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

void check_sockets(Context& context, Settings const& settings) {
    for (auto const& program : settings.programs) check_program(context, settings, program);
}

Socket fastcgi_socket(World const& world, Program const& program) {
    Socket socket{.name = section_name(program)};
    if (auto where = parse_fastcgi_socket(program.socket)) {
        socket.is_unix = where->is_unix;
        socket.file = where->path;
        socket.host = where->host;
        socket.port = where->port;
    }
    socket.backlog = program.socket_backlog;
    socket.mode = program.socket_mode.value_or(socket.mode);
    auto owner = parse_owner(world, program.socket_owner);
    if (!program.socket_owner.empty() && owner) {
        socket.uid = owner->uid;
        socket.gid = owner->gid;
    } else if (program.user) {
        socket.uid = program.user->uid;
        socket.gid = program.user->gid;
    }
    return socket;
}

}  // namespace lares::config
