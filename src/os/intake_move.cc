// os/intake_move.cc: renames that never replace, and the long way between file systems.

#include "os/intake_move.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "base/sha256.h"
#include "os/durable_file.h"
#include "os/fd.h"
#include "os/file_facts.h"
#include "os/files.h"
#include "os/intake_tree.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

using Identity = ports::Intake::Identity;

/// Names "-1" to this are tried; then a person has some tidying to do.
constexpr int most_numbers = 100'000;
constexpr std::size_t piece_bytes = 1u << 20;

std::string folder_of(std::string const& path) {
    std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_there(std::string const& path, Identity identity) {
    FileFacts facts;
    return read_facts(AT_FDCWD, path.c_str(), facts) && is_that(facts, identity);
}
bool exists(std::string const& path) {
    struct stat found;
    return ::lstat(path.c_str(), &found) == 0;
}

Error failed(std::string_view call, std::string const& path) {
    Error error = system_error(call, path);
    if (errno == ENOSPC || errno == EROFS || errno == EDQUOT) error.kind = Error::Kind::unavailable;
    return error;
}

Result<> make_folder(std::string const& path) {
    if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return {};
    if (errno != ENOENT || path == "/" || path.empty()) return failed("make folder", path);
    TRY(make_folder(folder_of(path)));
    if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return {};
    return failed("make folder", path);
}

void sync_folder(std::string const& path) {
    Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) ::fsync(folder.get());
}

enum class Renamed { yes, taken, other_file_system };

/// Where renames cannot be told not to replace (NFS, vfat), the name is taken by an empty file or
/// folder first, which the rename may replace.
Result<Renamed> rename_onto_placeholder(std::string const& from, std::string const& to) {
    struct stat found;
    if (::lstat(from.c_str(), &found) != 0) return failed("rename", from);
    if (!S_ISDIR(found.st_mode) && ::link(from.c_str(), to.c_str()) == 0) {
        if (::unlink(from.c_str()) != 0) return failed("remove", from);
        return Renamed::yes;
    }
    if (errno == EEXIST) return Renamed::taken;
    if (errno == EXDEV) return Renamed::other_file_system;
    bool is_made = S_ISDIR(found.st_mode)
                       ? ::mkdir(to.c_str(), 0700) == 0
                       : bool(Fd(::open(to.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600)));
    if (!is_made && errno == EEXIST) return Renamed::taken;
    if (!is_made) return failed("create", to);
    if (::rename(from.c_str(), to.c_str()) == 0) return Renamed::yes;
    Error error = failed("rename", from);
    bool is_elsewhere = errno == EXDEV;
    ::remove(to.c_str());
    if (is_elsewhere) return Renamed::other_file_system;
    return error;
}

Result<Renamed> rename_to_free(std::string const& from, std::string const& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return Renamed::yes;
    }
    if (errno == EEXIST) return Renamed::taken;
    if (errno == EXDEV) return Renamed::other_file_system;
    if (errno == EINVAL || errno == ENOSYS) return rename_onto_placeholder(from, to);
    return failed("rename", from);
}

/// Under which of its names the file came to lie. It is looked for by its inode, because names
/// between may have gone meanwhile.
std::optional<std::string> find_in(std::string const& folder, Identity identity) {
    DIR* open = ::opendir(folder.c_str());
    if (!open) return std::nullopt;
    std::optional<std::string> found;
    while (dirent const* item = ::readdir(open)) {
        if (item->d_ino != identity.inode) continue;
        std::string path = folder + "/" + item->d_name;
        if (!is_there(path, identity)) continue;
        found = path;
        break;
    }
    ::closedir(open);
    return found;
}

/// The names of the long way, beside the target: from the identity, so that who does it again
/// finds them.
struct Traces {
    std::string copy, note;
    Traces(std::string const& to, Identity identity) {
        std::string base = folder_of(to) + "/.lares-" + std::to_string(identity.device) + "-" +
                           std::to_string(identity.inode);
        copy = base + ".part";
        note = base + ".to";
    }
};

/// What tells this file from a later one with its number: when it was born, or how it looks.
std::string birth_of(std::string const& path) {
    FileFacts facts;
    if (!read_facts(AT_FDCWD, path.c_str(), facts)) return {};
    auto in_seconds = [](std::int64_t time) {  // as notes of earlier releases have it
        return std::to_string(time / 1'000'000'000) + "." + std::to_string(time % 1'000'000'000);
    };
    if (facts.birth_ns != 0) return in_seconds(facts.birth_ns);
    if (S_ISDIR(facts.mode)) return "folder";
    return std::to_string(facts.size) + " " + in_seconds(facts.mtime_ns);
}

/// Size and time of contents: whether somebody wrote while it was copied.
std::string contents_of(std::string const& path) {
    struct stat found;
    if (::lstat(path.c_str(), &found) != 0) return {};
    return std::to_string(found.st_size) + " " + std::to_string(found.st_mtim.tv_sec) + "." +
           std::to_string(found.st_mtim.tv_nsec);
}

/// Gives the copy its name: noted before, so that a copy that is gone is known to have got it.
Result<std::string> publish(Traces const& traces, std::string const& to, std::string const& birth) {
    for (int number = 0; number < most_numbers; number++) {
        std::string path = numbered(to, number);
        if (exists(path)) continue;
        TRY(replace_durably(traces.note, birth + "\n" + path));
        Renamed renamed = TRY(rename_to_free(traces.copy, path));
        if (renamed == Renamed::yes) {
            sync_folder(folder_of(to));
            return path;
        }
    }
    return Error{Error::Kind::conflict, "'" + to + "' and all its numbered names are taken"};
}

/// The name that an earlier attempt gave the copy of this very source. When in doubt it did not:
/// a second copy is better than none.
std::optional<std::string> published(Traces const& traces, std::string const& from,
                                     Identity identity) {
    if (!exists(traces.note) || exists(traces.copy)) return std::nullopt;
    auto note = read_file(traces.note, 1u << 16);
    if (!note) return std::nullopt;
    std::size_t line = note->find('\n');
    if (line == std::string::npos) return std::nullopt;
    std::string path = note->substr(line + 1);
    if (!exists(path)) return std::nullopt;
    bool is_source = is_there(from, identity);
    if (is_source && birth_of(from) != note->substr(0, line)) return std::nullopt;
    return path;
}

Result<> copy_whole(std::string const& from, Traces const& traces) {
    for (int tries = 0; tries < 3; tries++) {
        std::string before = contents_of(from);
        TRY(remove_tree(traces.copy));
        TRY(copy_tree(from, traces.copy));
        if (contents_of(from) == before) return {};
    }
    TRY(remove_tree(traces.copy));
    return Error{Error::Kind::conflict, "'" + from + "' is written while it is moved"};
}

Result<std::string> move_far(std::string const& from, std::string const& to, Identity identity) {
    Traces traces(to, identity);
    auto path = published(traces, from, identity);
    if (!path) {
        std::string birth = birth_of(from);
        TRY(copy_whole(from, traces));
        path = TRY(publish(traces, to, birth));
    }
    if (is_there(from, identity)) TRY(remove_tree(from));
    sync_folder(folder_of(from));
    ::unlink(traces.note.c_str());
    return *path;
}

/// Nothing of that identity is at `from`: it was moved already, or somebody took it.
Result<std::string> move_done(std::string const& from, std::string const& to, Identity identity) {
    if (is_there(to, identity)) return to;
    if (auto path = find_in(folder_of(to), identity)) return *path;
    Traces traces(to, identity);
    if (published(traces, from, identity)) return move_far(from, to, identity);
    return Error{Error::Kind::not_found,
                 "'" + from + "' is not there any more, nor is it at '" + to + "'"};
}

}  // namespace

std::string numbered(std::string const& path, int number) {
    if (number == 0) return path;
    std::size_t name = path.rfind('/') + 1;
    std::size_t dot = path.rfind('.');
    if (dot == std::string::npos || dot <= name) dot = path.size();
    // The ending of "x.tar.gz" is both.
    if (dot >= name + 5 && path.compare(dot - 4, 4, ".tar") == 0) dot -= 4;
    return path.substr(0, dot) + "-" + std::to_string(number) + path.substr(dot);
}

Result<std::string> move_path(std::string const& from, std::string const& to, Identity identity) {
    if (identity.inode == 0) identity = identity_at(from);
    if (!is_there(from, identity)) return move_done(from, to, identity);
    TRY(make_folder(folder_of(to)));
    if (is_there(to, identity)) {
        // Both names are the file's: a move by link that did not come to its end.
        if (from != to && ::unlink(from.c_str()) != 0) return failed("remove", from);
        return to;
    }
    for (int number = 0; number < most_numbers; number++) {
        std::string path = numbered(to, number);
        switch (TRY(rename_to_free(from, path))) {
        case Renamed::yes:
            return path;
        case Renamed::taken:
            continue;
        case Renamed::other_file_system:
            return move_far(from, to, identity);
        }
    }
    return Error{Error::Kind::conflict, "'" + to + "' and all its numbered names are taken"};
}

Result<std::string> put_file(std::string const& path, std::string_view bytes) {
    auto folder = folder_of(path);
    struct stat owner;
    if (::stat(folder.c_str(), &owner) != 0) return failed("find folder", folder);
    // One life of the daemon writes one file of a name at a time: a lane does one after the other.
    auto hidden =
        folder + "/.lares-put-" + std::to_string(::getpid()) + "-" + sha256_hex(path).substr(0, 16);
    ::unlink(hidden.c_str());
    Fd file(::open(hidden.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640));
    if (!file) return failed("create", hidden);
    auto give_up = [&](std::string_view call) {
        Error error = failed(call, path);
        ::unlink(hidden.c_str());
        return error;
    };
    while (!bytes.empty()) {
        auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return give_up("write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    // Who cannot give files away is who the folder is for.
    if (::fchown(file.get(), owner.st_uid, owner.st_gid) != 0 && errno != EPERM)
        return give_up("give away");
    if (::fsync(file.get()) != 0) return give_up("sync");
    file = Fd();
    auto moved = move_path(hidden, path, identity_at(hidden));
    if (!moved) ::unlink(hidden.c_str());
    return moved;
}

Result<> remove_path(std::string const& path, Identity identity) {
    if (identity.inode == 0) identity = identity_at(path);
    if (!is_there(path, identity)) return {};
    return remove_tree(path);
}

namespace {

Result<> hash_file(std::string const& path, Sha256& sum) {
    Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat found;
    if (!file || ::fstat(file.get(), &found) != 0) return system_error("open", path);
    if (!S_ISREG(found.st_mode)) return {};  // reading a FIFO would wait for its writer
    std::vector<char> piece(piece_bytes);
    while (true) {
        ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read", path);
        if (got == 0) return {};
        sum.add({piece.data(), static_cast<std::size_t>(got)});
    }
}

}  // namespace

Result<std::string> hash_path(std::string const& path) {
    Sha256 sum;
    struct stat found;
    if (::lstat(path.c_str(), &found) != 0) return system_error("open", path);
    if (!S_ISDIR(found.st_mode)) {
        TRY(hash_file(path, sum));
        return sum.hex();
    }
    for (std::string const& each : TRY(files_below(path))) {
        sum.add(std::string_view(each).substr(path.size()));
        sum.add(std::string_view("\0", 1));
        Sha256 of_one;
        TRY(hash_file(each, of_one));
        sum.add(of_one.hex());
    }
    return sum.hex();
}

}  // namespace lares::os
