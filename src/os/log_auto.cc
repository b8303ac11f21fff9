// os/log_auto.cc: making and deleting AUTO logs.

#include "os/log_auto.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

constexpr std::string_view letters =
    "abcdefghijklmnopqrstuvwxyz0123456789_";  // as mkstemp of Python

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

Result<std::string> random_word() {
    std::array<unsigned char, 8> bytes;
    if (::getrandom(bytes.data(), bytes.size(), 0) != std::ssize(bytes)) {
        return system_error("getrandom");
    }
    std::string word;
    for (unsigned char byte : bytes) word += letters[byte % letters.size()];
    return word;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// `\S+\.log` at the beginning of `text`.
bool begins_with_log_name(std::string_view text) {
    for (std::size_t i = 0; i < text.size() && !is_space(text[i]); ++i) {
        if (i > 0 && text.substr(i).starts_with(".log")) return true;
    }
    return false;
}

}  // namespace

Result<std::string> make_auto_log(AutoLog const& log) {
    std::string prefix = log.folder + "/" + log.process + "-" + std::string(log.stream) + "---" +
                         log.identifier + "-";
    for (int attempt = 0; attempt < 100; ++attempt) {
        std::string path = prefix + TRY(random_word()) + ".log";
        Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (fd) return path;
        if (errno != EEXIST) return system_error("cannot make the log", path);
    }
    return Error{Error::Kind::conflict, "cannot make a log '" + prefix + "*.log': names are taken"};
}

bool is_auto_log(std::string_view name, std::string_view identifier) {
    std::string middle = "---" + std::string(identifier) + "-";
    for (auto at = name.find(middle, 1); at != std::string_view::npos;
         at = name.find(middle, at + 1)) {
        if (begins_with_log_name(name.substr(at + middle.size()))) return true;
    }
    return false;
}

Result<int> delete_auto_logs(std::string const& path, std::string_view identifier) {
    std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    if (!folder) return system_error("cannot read the folder", path);
    int deleted = 0;
    int fd = ::dirfd(folder.get());
    while (dirent const* entry = ::readdir(folder.get())) {
        if (!is_auto_log(entry->d_name, identifier)) continue;
        struct stat now{};
        if (::fstatat(fd, entry->d_name, &now, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISREG(now.st_mode) && ::unlinkat(fd, entry->d_name, 0) == 0) ++deleted;
    }
    return deleted;
}

}  // namespace lares::os
