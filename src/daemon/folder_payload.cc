// daemon/folder_payload.cc: JSON by hand, because it is five members.

#include "daemon/folder_payload.h"

#include "base/sha256.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/utf8.h"

namespace lares::daemon {

namespace {

bool is_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        text::Character next = text::read_character(bytes, at);
        if (next.fault != text::Character::Fault::none) return false;
        at += next.length;
    }
    return true;
}

void add_text(std::string& json, std::string_view name, std::string_view value) {
    json += json.empty() ? "{" : ",";
    text::append_json(json, name);
    json += ':';
    text::append_json(json, value);
}

void add_number(std::string& json, std::string_view name, std::int64_t value) {
    json += ',';
    text::append_json(json, name);
    json += ':' + std::to_string(value);
}

template <class Value>
void add_list(std::string& json, std::string_view name, settle::Claim const& claim, Value value) {
    json += ',';
    text::append_json(json, name);
    json += ":[";
    for (auto const& member : claim.members) {
        if (&member != &claim.members[0]) json += ',';
        text::append_json(json, value(member.path));
    }
    json += ']';
}

}  // namespace

std::string folder_payload(std::string_view folder, settle::Claim const& claim,
                           std::string_view hash) {
    settle::Seen const& first = claim.members[0];
    std::string json;
    add_text(json, "file", first.path);
    add_text(json, "name", std::string_view(first.path).substr(first.path.rfind('/') + 1));
    add_text(json, "folder", folder);
    std::int64_t size = 0;
    bool is_text = true;
    for (auto const& member : claim.members) {
        size += member.size;
        is_text = is_text && is_utf8(member.path);
    }
    add_number(json, "size", size);
    if (first.is_folder) add_number(json, "count", first.files);
    if (!hash.empty()) add_text(json, "sha256", hash);
    bool is_set = claim.members.size() > 1;
    if (is_set) add_list(json, "files", claim, [](std::string const& path) { return path; });
    if (!is_text) add_text(json, "path_base64", text::encode_base64(first.path));
    if (!is_text && is_set) add_list(json, "files_base64", claim, text::encode_base64);
    return json + "}";
}

std::string folder_once(std::string_view folder, settle::Claim const& claim) {
    std::string facts(folder);
    for (auto const& each : claim.members) {
        facts += '\0' + each.path + '\0';
        for (std::int64_t number : {static_cast<std::int64_t>(each.identity.device),
                                    static_cast<std::int64_t>(each.identity.inode), each.size,
                                    each.mtime_ns, each.ctime_ns, each.files, each.newest_ns}) {
            facts += std::to_string(number) + ' ';
        }
    }
    return "file:" + std::string(folder) + ":" + sha256_hex(facts).substr(0, 32);
}

}  // namespace lares::daemon
