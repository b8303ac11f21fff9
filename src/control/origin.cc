// control/origin.cc: judging who made a browser ask.

#include "control/origin.h"

#include <algorithm>

#include "text/python.h"
#include "text/value.h"

namespace lares::control {

namespace {

bool is_ip_address(std::string_view name) {
    bool has_colon = name.find(':') != name.npos;
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        bool is_hex = (c >= 'a' && c <= 'f') || c == ':' || c == '%';
        return (c >= '0' && c <= '9') || c == '.' || (has_colon && is_hex);
    });
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

/// The machine's own name, whole or without its domain.
bool is_machine(std::string_view name, std::string machine) {
    machine = text::python::lower(machine);
    return !machine.empty() && (name == machine || name == machine.substr(0, machine.find('.')));
}

bool is_own_name(config::HttpServer const& server, std::string_view name,
                 std::string_view machine_name) {
    return is_ip_address(name) || name == "localhost" || name.ends_with(".localhost") ||
           name == text::python::lower(server.host) ||
           is_machine(name, std::string(machine_name)) ||
           std::ranges::find(server.hosts, name) != server.hosts.end();
}

/// "example.org:9001" for "https://example.org:9001".
std::string_view authority_of(std::string_view origin) {
    auto begin = origin.find("://");
    return begin == origin.npos ? std::string_view() : origin.substr(begin + 3);
}

bool is_same_origin(config::HttpServer const& server, ports::HttpRequested const& request) {
    std::string authority = text::python::lower(authority_of(request.origin));
    if (authority.empty()) return false;
    return authority == text::python::lower(request.host) ||
           std::ranges::find(server.hosts, host_name_of(authority)) != server.hosts.end();
}

bool looks_like_a_browser(ports::HttpRequested const& request) {
    return !request.origin.empty() || !request.fetch_site.empty() ||
           request.user_agent.starts_with("Mozilla/");
}

}  // namespace

std::string host_name_of(std::string_view host) {
    std::string name = text::python::lower(host);
    if (name.starts_with('[')) return name.substr(1, name.find(']') - 1);
    name.resize(std::min(name.find(':'), name.size()));
    if (name.ends_with('.')) name.pop_back();
    return name;
}

std::optional<std::string> refusal_of_origin(config::HttpServer const& server,
                                             ports::HttpRequested const& request, bool is_open,
                                             std::string_view machine_name) {
    if (server.is_unix) return {};  // no page reaches a unix socket
    bool changes = request.method != "GET" && request.method != "HEAD";
    if (changes && !request.origin.empty() && !is_same_origin(server, request))
        return "a page of '" + text::clean_utf8(request.origin) + "' may not ask here";
    bool is_foreign = request.fetch_site == "cross-site" || request.fetch_site == "same-site";
    if (changes && request.origin.empty() && is_foreign)
        return "a page of another site may not ask here";
    bool looks_at_name = is_open && (is_loopback(server.host) || looks_like_a_browser(request));
    std::string name = host_name_of(request.host);
    if (!looks_at_name || name.empty() || is_own_name(server, name, machine_name)) return {};
    return "this server does not know itself as '" + text::clean_utf8(name) +
           "'; if it is, write hosts = " + text::clean_utf8(name) + " in [" + server.section + "]";
}

}  // namespace lares::control
