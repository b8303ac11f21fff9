// config/values.cc: values of supervisord's own options, with its words for what it refuses.

#include "config/values.h"

#include <algorithm>

#include "base/signals.h"
#include "config/paths.h"
#include "core/event_types.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::config {

namespace {

using text::python::lower;
using text::python::repr;
using text::python::strip;

constexpr int highest_port = 65535;
constexpr int highest_exit_code = 255;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::string upper(std::string_view text) {
    std::string out;
    for (char c : text) out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    return out;
}

constexpr std::string_view blanks = " \t\r\n";

std::vector<std::string> split_at_any(std::string_view text, std::string_view separators) {
    std::vector<std::string> items;
    for (std::size_t at = text.find_first_not_of(separators); at < text.size();) {
        std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        items.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return items;
}

bool is_whole_number(std::string_view text) { return text::parse_integer(text).ok(); }

}  // namespace

Result<std::string> parse_name(std::string_view text) {
    std::string_view name = strip(text);
    for (char c : std::string_view(" :/"))
        if (name.find(c) != name.npos)
            return invalid("Invalid name: " + repr(name) +
                           " because of character: " + repr(std::string_view(&c, 1)));
    return std::string(name);
}

Result<Duration> parse_seconds(std::string_view text) {
    auto seconds = text::parse_integer(text);
    if (!seconds) {
        std::string_view rest = strip(text);
        bool has_unit = !rest.empty() && std::string_view("smhdn").find(rest.back()) != rest.npos;
        auto duration = text::parse_duration(text);
        if (has_unit && duration) return *duration;
        return std::move(seconds).error();
    }
    long long bounded = std::clamp<long long>(*seconds, -1, longest_span.count() / 1000);
    return Duration(bounded * 1000);
}

Result<supervise::Restart> parse_restart(std::string_view text) {
    if (lower(text) == "unexpected") return supervise::Restart::unexpected;
    if (auto yes = text::parse_boolean(text))
        return *yes ? supervise::Restart::always : supervise::Restart::never;
    return invalid("invalid 'autorestart' value " + repr(text));
}

Result<std::vector<int>> parse_exit_codes(std::string_view text) {
    std::vector<int> codes;
    for (auto const& item : split_commas(text)) {
        auto code = text::parse_integer(item);
        if (!code || *code < 0 || *code > highest_exit_code)
            return invalid("not a valid list of exit codes: " + repr(text));
        codes.push_back(static_cast<int>(*code));
    }
    return codes;
}

Result<std::string> parse_log_level(std::string_view text) {
    static constexpr std::string_view levels[] = {"critical", "error", "warn",   "info",
                                                  "debug",    "trace", "blather"};
    std::string level = lower(text);
    if (std::ranges::find(levels, level) != std::end(levels)) return level;
    return invalid("bad logging level name " + repr(text));
}

Result<User> parse_user(World const& world, std::string_view text) {
    if (auto user = world.find_user(std::string(text))) return *user;
    std::string kind = is_whole_number(text) ? "id" : "name";
    return invalid("Invalid user " + kind + " " + std::string(text));
}

Result<Owner> parse_owner(World const& world, std::string_view text) {
    std::size_t colon = std::min(text.find(':'), text.size());
    Owner owner;
    owner.uid = TRY(parse_user(world, text.substr(0, colon))).uid;
    if (colon == text.size()) return owner;
    auto group = world.find_group(std::string(text.substr(colon + 1)));
    if (!group) return invalid("Invalid group name " + std::string(text.substr(colon + 1)));
    owner.gid = *group;
    return owner;
}

Result<Address> parse_address(std::string_view text) {
    std::size_t colon = text.rfind(':');
    bool has_host = colon != text.npos;
    std::string_view port_text = has_host ? text.substr(colon + 1) : text;
    auto port = text::parse_integer(port_text);
    // supervisord's words for the two cases differ, and end in a space here.
    if (!port && has_host) return std::move(port).error();
    if (!port || *port < 1 || *port > highest_port)
        return invalid("not a valid port number: " + repr(port_text) + " ");
    std::string host = has_host ? lower(strip(text.substr(0, colon))) : "";
    if (host == "*") host.clear();
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return Address{host, static_cast<int>(*port)};
}

Result<std::string> parse_file_path(World const& world, std::string_view text,
                                    std::string_view base) {
    std::string path = expand_home(world, text);
    if (path.empty()) return invalid("The path is empty");
    auto directory = directory_of(path);
    if (!directory.empty() && !world.is_directory(absolute_path(directory, world.directory)))
        return invalid("The directory named as part of the path " + std::string(text) +
                       " does not exist");
    return absolute_path(path, base);
}

Result<std::string> parse_directory(World const& world, std::string_view text) {
    std::string path = expand_home(world, text);
    std::string absolute = absolute_path(path, world.directory);
    if (path.empty() || !world.is_directory(absolute))
        return invalid(std::string(text) + " is not an existing directory");
    return absolute;
}

LogTarget parse_log_target(std::string_view text) {
    using Kind = LogTarget::Kind;
    std::string word = lower(text);
    if (word.empty() || word == "none" || word == "off") return {Kind::none, ""};
    if (word == "auto") return {Kind::automatic, ""};
    if (word == "syslog") return {Kind::syslog, ""};
    if (word == "journald") return {Kind::journald, ""};
    return {Kind::file, std::string(text)};
}

std::vector<std::string> split_commas(std::string_view text) {
    std::vector<std::string> items;
    if (text.empty()) return items;
    for (std::size_t at = 0; at <= text.size();) {
        std::size_t end = std::min(text.find(',', at), text.size());
        items.emplace_back(strip(text.substr(at, end - at)));
        at = end + 1;
    }
    return items;
}

std::vector<std::string> split_spaces(std::string_view text) { return split_at_any(text, blanks); }

std::vector<std::string> split_list(std::string_view text) {
    return split_at_any(text, ", \t\r\n");
}

Result<std::vector<std::string>> parse_events(std::string_view text) {
    std::vector<std::string> wanted;
    for (auto const& item : split_commas(text)) {
        std::string name = upper(item);
        if (events::mask_of(name) == 0) return invalid("Unknown event type " + name);
        if (std::ranges::find(wanted, name) == wanted.end()) wanted.push_back(name);
    }
    return wanted;
}

std::vector<std::string_view> event_types() {
    std::vector<std::string_view> types;
    for (auto const& each : events::names()) types.push_back(each.name);
    return types;
}

Result<FastCgiSocket> parse_fastcgi_socket(std::string_view text) {
    Error bad = invalid("('Bad socket format %s', " + repr(text) + ")");
    FastCgiSocket socket;
    if (text.starts_with("unix://")) {
        socket.is_unix = true;
        socket.path = std::string(text.substr(7));
        if (!socket.path.starts_with('/'))
            return invalid("('Unix socket path %s is not an absolute path', " + repr(socket.path) +
                           ")");
        return socket;
    }
    if (!text.starts_with("tcp://")) return bad;
    text.remove_prefix(6);
    std::size_t colon = text.rfind(':');
    if (colon == text.npos || colon == 0) return bad;
    auto port = text::parse_integer(text.substr(colon + 1));
    if (!port) return bad;
    if (*port < 1) return invalid(std::to_string(*port) + " is below lower bound (1)");
    if (*port > highest_port)
        return invalid(std::to_string(*port) + " is above upper bound (65535)");
    socket.host = std::string(text.substr(0, colon));
    socket.port = static_cast<int>(*port);
    return socket;
}

}  // namespace lares::config
