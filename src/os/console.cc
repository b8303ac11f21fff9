// os/console.cc: terminal size, pauses, and facts of files, straight from the kernel.

#include "os/console.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/process_tree.h"

namespace lares::os {

namespace {

std::string user_name(uid_t uid) {
    passwd* entry = ::getpwuid(uid);
    return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

std::string group_name(gid_t gid) {
    group* entry = ::getgrgid(gid);
    return entry != nullptr ? entry->gr_name : std::to_string(gid);
}

/// The signals that end a pause, as a descriptor: opened by catch_interrupt(), then kept for the
/// rest of this short process.
int interrupt_fd(bool open) {
    static int fd = -1;
    if (!open || fd >= 0) return fd;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    fd = ::signalfd(-1, &set, SFD_CLOEXEC);
    return fd;
}

}  // namespace

Console look_at_console() {
    Console console;
    console.is_tty = ::isatty(STDOUT_FILENO) == 1;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        console.columns = size.ws_col;
        console.rows = size.ws_row;
    }
    return console;
}

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void catch_interrupt() { (void)interrupt_fd(true); }

bool pause_for(Duration span) {
    pollfd wait{.fd = interrupt_fd(false), .events = POLLIN, .revents = 0};
    int ready = ::poll(&wait, 1, static_cast<int>(span.count()));
    return ready <= 0;
}

FileFacts look_at_file(std::string const& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) return {};
    return {.exists = true,
            .is_socket = S_ISSOCK(facts.st_mode),
            .may_use = ::access(path.c_str(), W_OK) == 0,
            .owner = user_name(facts.st_uid),
            .group = group_name(facts.st_gid),
            .mode = static_cast<unsigned>(facts.st_mode & 07777)};
}

bool process_exists(std::int64_t pid) {
    if (pid <= 0 || (::kill(static_cast<pid_t>(pid), 0) != 0 && errno != EPERM)) return false;
    auto facts = find_process(static_cast<int>(pid));
    return !facts || !facts->is_zombie;
}

std::string own_user_name() { return user_name(::geteuid()); }

std::string program_directory() {
    char path[4096];
    ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0) return "";
    std::string_view whole(path, static_cast<std::size_t>(length));
    return std::string(whole.substr(0, whole.rfind('/')));
}

}  // namespace lares::os
