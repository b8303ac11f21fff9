// os/users.cc: getpwnam_r and its kin.

#include "os/users.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace lares::os {

namespace {

/// An entry with more members than this fits is taken for absent.
constexpr std::size_t most_bytes = 1u << 20;

std::optional<unsigned> number_in(std::string const& text) {
    unsigned number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? std::optional(number) : std::nullopt;
}

/// Calls one of the get...._r functions with a buffer that grows until the entry fits.
template <class Entry, class Call>
bool look_up(Entry& entry, std::string& buffer, Call call) {
    for (std::size_t size = 1024; size <= most_bytes; size *= 4) {
        buffer.resize(size);
        Entry* found = nullptr;
        int error = call(&entry, buffer.data(), buffer.size(), &found);
        if (error != ERANGE) return error == 0 && found;
    }
    return false;
}

}  // namespace

std::optional<User> find_user(std::string const& name_or_uid) {
    passwd entry;
    std::string buffer;
    bool found = look_up(entry, buffer,
                         [&](auto... rest) { return ::getpwnam_r(name_or_uid.c_str(), rest...); });
    if (!found) {
        auto uid = number_in(name_or_uid);
        if (!uid) return {};
        found = look_up(entry, buffer, [&](auto... rest) { return ::getpwuid_r(*uid, rest...); });
    }
    if (!found) return {};
    return User{entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell};
}

std::optional<unsigned> find_group(std::string const& name_or_gid) {
    group entry;
    std::string buffer;
    bool found = look_up(entry, buffer,
                         [&](auto... rest) { return ::getgrnam_r(name_or_gid.c_str(), rest...); });
    if (!found) {
        auto gid = number_in(name_or_gid);
        if (!gid) return {};
        found = look_up(entry, buffer, [&](auto... rest) { return ::getgrgid_r(*gid, rest...); });
    }
    if (!found) return {};
    return entry.gr_gid;
}

std::vector<unsigned> groups_of(std::string const& user, unsigned gid) {
    int count = 32;
    std::vector<unsigned> groups(static_cast<std::size_t>(count));
    while (::getgrouplist(user.c_str(), gid, groups.data(), &count) < 0) {
        if (count <= static_cast<int>(groups.size())) return {gid};  // the lookup itself failed
        groups.resize(static_cast<std::size_t>(count));
    }
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

}  // namespace lares::os
