// config/servers.cc: where the daemon listens, and who may come in (spec §1.8).

#include "config/servers.h"

#include <utility>

#include "text/python.h"

namespace lares::config {

namespace {

constexpr std::string_view unix_prefix = "unix_http_server";
constexpr std::string_view inet_prefix = "inet_http_server";

void check_login(SectionReader& reader) {
    bool has_user = reader.find("username") != nullptr;
    bool has_password = reader.find("password") != nullptr;
    if (has_user == has_password) return;
    reader.error(reader.place_of(has_user ? "username" : "password"),
                 {"[" + reader.name() + "] has a " + (has_user ? "username" : "password") +
                      " without a " + (has_user ? "password" : "username"),
                  "give both or none",
                  "Section [" + reader.name() +
                      "] contains incomplete authentication: If a username or a password is "
                      "specified, both the username and password must be specified"});
}

void require(SectionReader& reader, std::string const& option, std::string const& example) {
    if (reader.find(option)) return;
    reader.error(reader.place(), {"[" + reader.name() + "] has no " + option, "such as " + example,
                                  "section [" + reader.name() + "] has no " + option + " value"});
}

void finish_file(SectionReader& reader, HttpServer& server) {
    auto const& world = reader.context().world;
    std::string path = expand_home(world, text::python::strip(server.file));
    if (path.empty() && reader.find("file"))
        reader.error(reader.place_of("file"), {"file = : must be the path of the socket"});
    server.file = path.empty() ? "" : absolute_path(path, world.directory);
}

void finish_owner(SectionReader& reader, HttpServer& server) {
    if (!reader.find("chown")) return;
    auto owner = parse_owner(reader.context().world, server.chown);
    if (!owner) {
        reader.error(reader.place_of("chown"),
                     {"chown = " + shown(server.chown) + ": no such user or group", "",
                      "Invalid sockchown value " + server.chown});
        return;
    }
    server.chown_uid = owner->uid;
    server.chown_gid = owner->gid;
}

/// A PEM file that TLS needs: there, and with the right kind of block in it. Whether key and
/// certificate belong together is seen when the server opens.
void check_pem(SectionReader& reader, std::string const& option, std::string const& path,
               std::string const& block) {
    if (path.empty()) return;
    auto text = reader.context().world.read_file(path);
    if (!text)
        return reader.error(reader.place_of(option),
                            {option + " = " + shown(path) + ": " + text.error().what});
    bool has_block = text->find("-----BEGIN ") != text->npos && text->find(block) != text->npos;
    if (has_block) return;
    reader.error(reader.place_of(option), {option + " = " + shown(path) + ": there is no '" +
                                           block + "' in this file, which must be PEM text"});
}

void finish_tls(SectionReader& reader, HttpServer& server) {
    if (server.certificate.empty()) {
        for (std::string option : {"key", "client_ca"})
            if (reader.find(option))
                reader.error(reader.place_of(option),
                             {"[" + reader.name() + "] has a " + option + " without a certificate",
                              "give certificate = FILE.pem, which makes this an https server"});
        return;
    }
    if (server.key.empty()) server.key = server.certificate;
    check_pem(reader, "certificate", server.certificate, "CERTIFICATE-----");
    check_pem(reader, reader.find("key") ? "key" : "certificate", server.key, "PRIVATE KEY-----");
    check_pem(reader, "client_ca", server.client_ca, "CERTIFICATE-----");
}

HttpServer read_unix(Context& context, text::IniSection const& section) {
    SectionReader reader(context, section);
    reader.set_classic([](auto option, auto value, std::string const& words) {
        return option == "chmod" ? "Invalid chmod value " + std::string(value) : words;
    });
    HttpServer server{.section = section.name, .is_unix = true};
    require(reader, "file", "file=/run/supervisor.sock");
    reader.read(unix_server_rows(), server);
    reader.report_unknown(/*section_is_ours=*/false);
    finish_file(reader, server);
    check_login(reader);
    finish_owner(reader, server);
    return server;
}

HttpServer read_inet(Context& context, text::IniSection const& section) {
    SectionReader reader(context, section);
    HttpServer server{.section = section.name, .is_unix = false};
    reader.read(inet_server_rows(), server);
    reader.report_unknown(/*section_is_ours=*/false);
    check_login(reader);
    for (auto& host : server.hosts) host = text::python::lower(host);
    finish_tls(reader, server);
    require(reader, "port", "port=127.0.0.1:9001");
    // The row has put the text of `port` into host; none when it could not be expanded.
    std::string text = std::exchange(server.host, "");
    auto const* entry = reader.find("port");
    if (!entry || (text.empty() && !entry->value.empty())) return server;
    auto address = parse_address(text);
    if (!address) {
        reader.error(reader.place_of("port"),
                     {"port = " + shown(text) + ": must be PORT, HOST:PORT or *:PORT, 1 to 65535",
                      "", address.error().what});
        return server;
    }
    server.host = address->host;
    server.port = address->port;
    return server;
}

}  // namespace

bool is_server_section(std::string_view name) {
    return name.starts_with(unix_prefix) || name.starts_with(inet_prefix);
}

std::vector<HttpServer> read_servers(Context& context) {
    std::vector<HttpServer> servers;
    for (auto const& section : context.ini.sections)
        if (section.name.starts_with(inet_prefix)) servers.push_back(read_inet(context, section));
    for (auto const& section : context.ini.sections)
        if (section.name.starts_with(unix_prefix)) servers.push_back(read_unix(context, section));
    return servers;
}

}  // namespace lares::config
