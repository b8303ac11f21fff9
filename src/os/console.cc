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
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>

#include "os/fd.h"
#include "os/process_tree.h"
#include "os/system_error.h"

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

/// False at an interrupt.
bool wait_for_input() {
    pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                     {.fd = interrupt_fd(false), .events = POLLIN, .revents = 0}};
    while (::poll(wait, std::size(wait), -1) < 0)
        if (errno != EINTR) return false;
    return wait[1].revents == 0;
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

int interrupt_descriptor() { return interrupt_fd(false); }

bool take_interrupt() {
    pollfd wait{.fd = interrupt_fd(false), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 0) <= 0) return false;
    signalfd_siginfo info;
    return ::read(wait.fd, &info, sizeof info) == sizeof info;
}

bool input_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

std::optional<std::string> read_line() {
    static std::string held;
    for (;;) {
        std::size_t const end = held.find('\n');
        if (end != std::string::npos) {
            std::string line = held.substr(0, end);
            held.erase(0, end + 1);
            return line;
        }
        if (!wait_for_input()) return std::nullopt;
        char piece[4096];
        ssize_t const count = ::read(STDIN_FILENO, piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        // A last line may lack its end.
        if (count <= 0 && held.empty()) return std::nullopt;
        if (count <= 0) return std::exchange(held, {});
        held.append(piece, static_cast<std::size_t>(count));
    }
}

std::optional<std::string> read_secret(std::string_view prompt) {
    termios before{};
    bool const quiet = ::tcgetattr(STDIN_FILENO, &before) == 0;
    // First the silence, then the prompt: who sees the prompt may type at once.
    if (quiet) {
        termios wanted = before;
        wanted.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &wanted);
    }
    write_all(quiet ? STDIN_FILENO : STDERR_FILENO, prompt);
    auto line = read_line();
    if (quiet) {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        write_all(STDIN_FILENO, "\n");
    }
    return line;
}

std::function<void()> begin_beside(std::function<void(int until)> work) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return [] {};
    // Closing the writing end makes the reading end readable.
    auto reading = std::make_shared<Fd>(ends[0]);
    auto writing = std::make_shared<Fd>(ends[1]);
    auto thread =
        std::make_shared<std::jthread>([work = std::move(work), reading] { work(reading->get()); });
    return [thread, writing]() mutable {
        writing->reset();
        if (thread->joinable()) thread->join();
    };
}

Result<> write_private_file(std::string const& path, std::string_view text) {
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return system_error("open", path);
    write_all(file.get(), text);
    return {};
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
