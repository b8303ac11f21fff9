// os/intake_scan.cc: openat, fstatat, and a lease asked for and given back.

#include "os/intake_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "os/fd.h"
#include "os/file_facts.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

/// Folders within folders: a path is at most 4,096 bytes.
constexpr int most_depth = 128;
/// Files of a sub-folder that are asked for writers, one by one.
constexpr std::int64_t most_asked = 10'000;

/// Unfinished downloads and uploads, editors' copies, what desktops leave lying.
constexpr std::array<std::string_view, 14> unfinished = {
    "*~",         "*.part", "*.partial",   "*.filepart", "*.tmp", "*.temp",    "*.crdownload",
    "*.download", "*.swp",  "*.uploading", "~$*",        "#*#",   "Thumbs.db", "desktop.ini"};

struct CloseDirectory {
    void operator()(DIR* open) const { ::closedir(open); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory read_directory(Fd folder) {
    Directory open(::fdopendir(folder.get()));
    if (open) folder.release();
    return open;
}

void fill(FileFacts const& found, ports::FolderEntry& entry) {
    entry.device = found.device;
    entry.inode = found.inode;
    entry.birth_ns = found.birth_ns;
    entry.size = found.size;
    entry.mtime_ns = found.mtime_ns;
    entry.ctime_ns = found.ctime_ns;
    entry.is_folder = S_ISDIR(found.mode);
    entry.is_special = !S_ISDIR(found.mode) && !S_ISREG(found.mode);
}

bool matches(std::string const& glob, std::string const& name, int flags = 0) {
    return ::fnmatch(glob.c_str(), name.c_str(), flags) == 0;
}

/// Whether the glob is for such names: "*.tmp" is for what "*.tmp" ignores, "*" is not.
bool asks_for(std::string glob, std::string const& ignored) {
    std::ranges::replace_if(glob, [](char c) { return c == '*' || c == '?'; }, 'x');
    return matches(ignored, glob, FNM_CASEFOLD);
}

Fd open_below(int folder, char const* name, int flags) {
    return Fd(::openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
}

/// The folder in which `path` lies, reached from the root of the spec without any link.
Fd open_parent(std::string const& root, std::string const& path) {
    Fd top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::size_t slash = path.rfind('/');
    if (!top || slash == std::string::npos || slash <= root.size()) return top;
    std::string rest = path.substr(root.size() + 1, slash - root.size() - 1);
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    return Fd(static_cast<int>(::syscall(SYS_openat2, top.get(), rest.c_str(), &how, sizeof how)));
}

/// The sums of a sub-folder that is one thing.
struct Sums {
    ports::FolderEntry& entry;
    bool ask_writers;
    std::int64_t asked = 0;
    bool can_tell = true;

    void add(int folder, int depth) {
        Directory open = read_directory(Fd(::fcntl(folder, F_DUPFD_CLOEXEC, 0)));
        if (!open) return;
        ::rewinddir(open.get());
        while (dirent const* item = ::readdir(open.get())) {
            std::string_view name = item->d_name;
            if (name != "." && name != "..") add_item(folder, item->d_name, depth);
        }
    }
    void add_item(int folder, char const* name, int depth) {
        FileFacts found;
        if (!read_facts(folder, name, found)) return;
        entry.newest_ns = std::max(entry.newest_ns, found.mtime_ns);
        if (S_ISDIR(found.mode)) {
            Fd below = open_below(folder, name, O_RDONLY | O_DIRECTORY);
            if (!below || depth >= most_depth) {
                entry.is_readable = entry.is_readable && below;
                return;
            }
            return add(below.get(), depth + 1);
        }
        entry.files++;
        entry.size += found.size;
        if (ask_writers && S_ISREG(found.mode) && !entry.is_open) ask(folder, name);
    }
    void ask(int folder, char const* name) {
        if (++asked > most_asked) return;
        Writers writers = Writers::unknown;
        if (Fd file = open_below(folder, name, O_RDONLY)) writers = writers_of(file.get());
        if (writers == Writers::some) entry.is_open = true;
        if (writers == Writers::unknown) can_tell = false;
    }
};

void look_into_folder(int parent, char const* name, bool ask_writers, ports::FolderEntry& entry) {
    Fd folder = open_below(parent, name, O_RDONLY | O_DIRECTORY);
    entry.is_readable = bool(folder);
    entry.size = 0;
    entry.newest_ns = entry.mtime_ns;
    if (!folder) return;
    Sums sums{entry, ask_writers};
    sums.add(folder.get(), 0);
    entry.looked = ask_writers;
    entry.can_tell_open = ask_writers && (sums.can_tell || entry.is_open);
}

/// What opening tells of a regular file: whether we may read it, and whether somebody writes.
void look_into_file(int parent, char const* name, ports::FolderEntry& entry) {
    Fd file = open_below(parent, name, O_RDONLY);
    entry.looked = true;
    if (!file) {
        entry.is_readable = errno != EACCES && errno != EPERM;
        // EAGAIN: somebody holds a write lease, as a file server does for a client that writes.
        entry.is_open = entry.can_tell_open = errno == EAGAIN || errno == ETXTBSY;
        return;
    }
    // Of the open file: a network file system asks its server then.
    FileFacts found;
    if (read_facts(file.get(), found)) fill(found, entry);
    Writers writers = writers_of(file.get());
    entry.is_open = writers == Writers::some;
    entry.can_tell_open = writers != Writers::unknown;
}

bool look_in(int parent, char const* name, ports::FolderSpec const& spec, bool ask_writers,
             ports::FolderEntry& entry) {
    FileFacts found;
    if (!read_facts(parent, name, found)) return false;
    fill(found, entry);
    if (S_ISDIR(found.mode)) {
        if (!spec.wants_folders) return false;
        look_into_folder(parent, name, ask_writers, entry);
    } else if (S_ISREG(found.mode)) {
        if (spec.wants_folders) return false;
        if (ask_writers) look_into_file(parent, name, entry);
    } else {
        entry.looked = ask_writers;
    }
    return true;
}

void each_folder(Fd folder, std::string const& path, int depth,
                 std::function<void(std::string const&)> const& tell) {
    tell(path);
    Directory open = read_directory(std::move(folder));
    if (!open || depth >= most_depth) return;
    while (dirent const* item = ::readdir(open.get())) {
        std::string name = item->d_name;
        bool may_be_folder = item->d_type == DT_DIR || item->d_type == DT_UNKNOWN;
        if (!may_be_folder || name == "." || name == "..") continue;
        Fd below = open_below(::dirfd(open.get()), name.c_str(), O_RDONLY | O_DIRECTORY);
        if (below) each_folder(std::move(below), path + "/" + name, depth + 1, tell);
    }
}

class Walk {
public:
    Walk(ports::FolderSpec const& spec, NameRules const& rules, ScanHands const& hands)
        : spec_(spec), rules_(rules), hands_(hands) {}

    void go(Fd folder, std::string const& path, int depth) {
        if (hands_.enter) hands_.enter(path);
        struct stat found;
        if (depth == 0 && ::fstat(folder.get(), &found) == 0) device_ = found.st_dev;
        Directory open = read_directory(std::move(folder));
        if (!open) return fail("read", path);
        while (true) {
            errno = 0;
            dirent const* item = ::readdir(open.get());
            if (!item && errno != 0) fail("read", path);
            if (!item) return;
            std::string name = item->d_name;
            if (name != "." && name != "..") take(::dirfd(open.get()), path, name, item, depth);
        }
    }
    void fail(std::string_view call, std::string const& path) {
        if (done_.is_whole) done_.trouble = system_error(call, path).what;
        done_.is_whole = false;
    }
    Scanned done() { return std::move(done_); }

private:
    void take(int folder, std::string const& at, std::string const& name, dirent const* item,
              int depth) {
        std::string path = at + "/" + name;
        if (item->d_type == DT_DIR || item->d_type == DT_UNKNOWN) {
            struct stat found;
            if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return;
            if (S_ISDIR(found.st_mode)) return take_folder(folder, path, name, found, depth);
        }
        if (spec_.wants_folders || !rules_.accepts(name)) return;
        ports::FolderEntry entry;
        entry.path = std::move(path);
        if (!look_in(folder, name.c_str(), spec_, /*ask_writers=*/false, entry)) return;
        hands_.tell(std::move(entry));
    }
    void take_folder(int folder, std::string const& path, std::string const& name,
                     struct stat const& found, int depth) {
        if (std::ranges::find(spec_.excluded, path) != spec_.excluded.end()) return;
        if (spec_.wants_folders) {
            if (!rules_.accepts(name)) return;
            if (hands_.enter) for_each_folder(spec_, path, hands_.enter);
            ports::FolderEntry entry;
            entry.path = path;
            if (look_in(folder, name.c_str(), spec_, /*ask_writers=*/false, entry)) {
                hands_.tell(std::move(entry));
            }
            return;
        }
        if (!spec_.recursive || !rules_.enters(name) || depth >= most_depth) return;
        if (device_ != 0 && found.st_dev != device_) return;
        Fd below = open_below(folder, name.c_str(), O_RDONLY | O_DIRECTORY);
        if (below) return go(std::move(below), path, depth + 1);
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) fail("read", path);
    }

    ports::FolderSpec const& spec_;
    NameRules const& rules_;
    ScanHands const& hands_;
    dev_t device_ = 0;
    Scanned done_;
};

}  // namespace

std::vector<std::string_view> ignored_by_default() {
    std::vector<std::string_view> all{".*"};
    all.insert(all.end(), unfinished.begin(), unfinished.end());
    return all;
}

NameRules::NameRules(ports::FolderSpec const& spec) : match_(spec.match), ignore_(spec.ignore) {
    for (std::string_view each : unfinished) {
        std::string glob(each);
        bool is_wanted = std::ranges::any_of(
            match_, [&](std::string const& match) { return asks_for(match, glob); });
        if (!is_wanted) ignore_.push_back(std::move(glob));
    }
}

bool NameRules::accepts(std::string const& name) const {
    auto matches_name = [&](std::string const& glob) { return matches(glob, name); };
    bool is_matched = std::ranges::any_of(
        match_, [&](std::string const& glob) { return matches(glob, name, FNM_PERIOD); });
    if (!match_.empty() && !is_matched) return false;
    if (match_.empty() && name.starts_with('.')) return false;
    return std::ranges::none_of(ignore_, matches_name);
}

bool NameRules::enters(std::string const& name) const {
    if (name.starts_with('.')) return false;
    return std::ranges::none_of(ignore_,
                                [&](std::string const& glob) { return matches(glob, name); });
}

Writers writers_of(int fd) {
    // A writer who opens it in this instant waits for us, and we are told by a signal: one that
    // is ignored unless somebody asked for it, instead of SIGIO, which would end us.
    ::fcntl(fd, F_SETSIG, SIGURG);
    if (::fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        ::fcntl(fd, F_SETLEASE, F_UNLCK);
        return Writers::none;
    }
    return errno == EAGAIN ? Writers::some : Writers::unknown;
}

Scanned scan(ports::FolderSpec const& spec, NameRules const& rules, std::string const& folder,
             ScanHands const& hands) {
    Walk walk(spec, rules, hands);
    Fd open;
    if (folder == spec.path) {
        open.reset(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    } else if (Fd parent = open_parent(spec.path, folder)) {
        open = open_below(parent.get(), folder.substr(folder.rfind('/') + 1).c_str(),
                          O_RDONLY | O_DIRECTORY);
    }
    if (!open) {
        walk.fail("open", folder);
    } else {
        walk.go(std::move(open), folder, 0);
    }
    return walk.done();
}

bool look_at(ports::FolderSpec const& spec, std::string const& path, bool ask_writers,
             ports::FolderEntry& entry) {
    Fd parent = open_parent(spec.path, path);
    if (!parent) return false;
    entry.path = path;
    return look_in(parent.get(), path.substr(path.rfind('/') + 1).c_str(), spec, ask_writers,
                   entry);
}

void for_each_folder(ports::FolderSpec const& spec, std::string const& folder,
                     std::function<void(std::string const&)> const& tell) {
    Fd parent = open_parent(spec.path, folder);
    if (!parent) return;
    Fd open = open_below(parent.get(), folder.substr(folder.rfind('/') + 1).c_str(),
                         O_RDONLY | O_DIRECTORY);
    if (open) each_folder(std::move(open), folder, 0, tell);
}

Result<std::string> unnotified_file_system(std::string const& path) {
    struct statfs found;
    if (::statfs(path.c_str(), &found) != 0) return system_error("open", path);
    struct stat is;
    if (::stat(path.c_str(), &is) != 0) return system_error("open", path);
    if (!S_ISDIR(is.st_mode)) return Error{Error::Kind::invalid, "'" + path + "' is no folder"};
    // clang-format off
    // Numbers of linux/magic.h and of the file systems' own sources, as statfs(2) lists them. What
    // others do there is not told here. overlay is not among them: what comes through it is told.
    switch (static_cast<std::uint32_t>(found.f_type)) {
    case 0x6969:     return std::string("nfs");
    case 0x517b:     return std::string("smb");
    case 0xff534d42: return std::string("cifs");
    case 0xfe534d42: return std::string("smb2");
    case 0x65735546: return std::string("fuse");
    case 0x01021997: return std::string("9p");
    case 0x5346414f: return std::string("afs");
    case 0x73757245: return std::string("coda");
    case 0x564c:     return std::string("ncp");
    case 0x00c36400: return std::string("ceph");
    case 0x0bd00bd0: return std::string("lustre");
    case 0x47504653: return std::string("gpfs");
    case 0x7461636f: return std::string("ocfs2");
    case 0x01161970: return std::string("gfs2");
    case 0xaad7aaea: return std::string("panfs");
    case 0x786f4256: return std::string("vboxsf");
    case 0xbacbacbc: return std::string("vmhgfs");
    case 0x9fa0:     return std::string("proc");
    case 0x62656572: return std::string("sysfs");
    default:         return std::string();
    }
    // clang-format on
}

}  // namespace lares::os
