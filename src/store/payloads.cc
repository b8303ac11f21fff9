// store/payloads.cc: written beside, synchronised, renamed; read and compared with its name.

#include "store/payloads.h"

#include <algorithm>

#include "base/limits.h"
#include "store/disk.h"

namespace lares::store {

namespace {

constexpr std::string_view scheme = "sha256:";
constexpr std::size_t digits = 64;

}  // namespace

Result<std::string> Payloads::path(std::string_view name) const {
    // It comes from a row, but ends in a path: nothing but what we name ourselves.
    bool is_ours = name.size() == scheme.size() + digits && name.starts_with(scheme) &&
                   std::all_of(name.begin() + scheme.size(), name.end(), [](char each) {
                       return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f');
                   });
    if (is_ours) return folder_ + "/" + std::string(name.substr(scheme.size()));
    return Error{Error::Kind::invalid, "'" + std::string(name) +
                                           "' is no payload; 'sha256:' and 64 hexadecimal digits "
                                           "were expected"};
}

Result<std::string> Payloads::write(std::string_view payload) const {
    if (payload.size() > limits::payload_bytes) {
        return Error{Error::Kind::invalid, "a payload of " + std::to_string(payload.size()) +
                                               " bytes: the most are " +
                                               std::to_string(limits::payload_bytes)};
    }
    TRY(make_private_folder(folder_));
    std::string hash = sha256_(payload);
    std::string name = std::string(scheme) + hash;
    std::string file = TRY(path(name));
    // The same bytes may be there, or what a power cut or a fault left of them.
    if (Result<std::string> there = read(name); there) {
        TRY(touch(file));
        return name;
    }
    std::string part = file + ".part";
    Result<> written = write_whole(part, payload);
    if (written) written = put_in_place(part, file);
    if (written) return name;
    remove_file(part);
    return std::move(written).error().during("payload");
}

Result<std::string> Payloads::read(std::string_view name) const {
    std::string file = TRY(path(name));
    std::string bytes = TRY(read_whole(file, limits::payload_bytes));
    if (sha256_(bytes) == name.substr(scheme.size())) return bytes;
    return Error{Error::Kind::io,
                 "payload '" + file + "' is damaged: its content is not what its name says"};
}

Result<> Payloads::remove(std::string_view name, WallTime before) const {
    std::string file = TRY(path(name));
    if (is_written_since(file, before)) return {};
    remove_file(file);
    return {};
}

}  // namespace lares::store
