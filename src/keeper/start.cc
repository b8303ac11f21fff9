// keeper/start.cc: fork and exec, in both directions.

#include "keeper/start.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace lares::keeper {

namespace {

constexpr char const* variable = "LARES_KEEPER";
constexpr char const* own_binary = "/proc/self/exe";
constexpr int cannot_execute = 127;
/// Of the keeper's arguments: name, link, daemon, ground, two limits; the daemon's follow.
constexpr int own_arguments = 6;

::rlimit limit_of(long long soft, long long hard) {
    auto value = [](long long number) {
        return number < 0 ? RLIM_INFINITY : static_cast<rlim_t>(number);
    };
    return {value(soft), value(hard)};
}

/// For its many descriptors, and for nobody it starts.
void raise_own_limit() {
    rlimit files;
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

void leave_terminal() {
    int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd : {0, 1, 2}) ::dup2(null, fd);
    if (null > 2) ::close(null);
}

/// Executes the same file again, even one that was replaced or removed on the disk meanwhile.
class RealStarter final : public Starter {
public:
    RealStarter(char** arguments, bool background, rlimit files)
        : arguments_(arguments), background_(background), files_(files) {
        works_ = ::open(own_binary, O_RDONLY | O_CLOEXEC);
    }

    int start(int link, bool with_next) override {
        int binary = with_next ? next_ : works_;
        char value[64];
        std::snprintf(value, sizeof value, "%d %d %s", link, static_cast<int>(::getpid()),
                      background_ ? "background" : "foreground");
        pid_t pid = ::fork();
        if (pid != 0) return pid;
        ::setenv(variable, value, 1);
        ::fcntl(link, F_SETFD, 0);
        ::setrlimit(RLIMIT_NOFILE, &files_);
        ::syscall(SYS_execveat, binary, "", arguments_, environ, AT_EMPTY_PATH);
        ::_exit(cannot_execute);
    }

    void choose_next(std::string const& path) override {
        if (next_ >= 0) ::close(next_);
        next_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    }

    void next_works() override {
        if (works_ >= 0) ::close(works_);
        works_ = next_;
        next_ = -1;
    }

private:
    char** arguments_;
    bool background_;
    rlimit files_;
    int works_ = -1, next_ = -1;
};

[[noreturn]] void become_keeper(Plan const& plan, int link, int daemon) {
    std::string own[own_arguments] = {
        keeper_name,
        std::to_string(link),
        std::to_string(daemon),
        plan.background ? "background" : "foreground",
        std::to_string(plan.files_soft),
        std::to_string(plan.files_hard),
    };
    std::vector<char*> arguments;
    for (auto& text : own) arguments.push_back(text.data());
    for (auto const* at = plan.arguments; *at != nullptr; at++)
        arguments.push_back(const_cast<char*>(*at));
    arguments.push_back(nullptr);
    ::umask(plan.mask);
    // Where it cannot go back, relative paths of the command line are the next daemon's trouble.
    if (plan.directory >= 0 && ::fchdir(plan.directory) != 0) (void)0;
    ::fcntl(link, F_SETFD, 0);
    ::execve(own_binary, arguments.data(), environ);
    ::_exit(cannot_execute);  // the daemon notices the end of its link, and goes on without
}

}  // namespace

int begin_below_keeper(Plan const& plan) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    // Before the fork, so that the daemon's children are ours when it dies.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::fflush(nullptr);  // or both of us would print what is buffered
    pid_t daemon = ::fork();
    if (daemon < 0) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
        ::close(ends[0]);
        ::close(ends[1]);
        return -1;
    }
    if (daemon == 0) {
        ::close(ends[0]);
        return ends[1];
    }
    become_keeper(plan, ends[0], daemon);
}

int keeper_main(int argc, char** argv) {
    if (argc <= own_arguments) {
        std::fputs(
            "lares: started as 'lares-keeper', which is a name that only lares itself uses; "
            "run 'lares up'\n",
            stderr);
        return 2;
    }
    int link = std::atoi(argv[1]);
    int daemon = std::atoi(argv[2]);
    bool background = std::strcmp(argv[3], "background") == 0;
    auto files = limit_of(std::atoll(argv[4]), std::atoll(argv[5]));
    ::prctl(PR_SET_NAME, keeper_name);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    ::fcntl(link, F_SETFD, FD_CLOEXEC);
    if (background) leave_terminal();
    RealStarter starter(argv + own_arguments, background, files);
    raise_own_limit();
    return Keeper(starter, link, daemon).run();
}

std::optional<Inherited> take_inherited() {
    char const* value = std::getenv(variable);
    if (value == nullptr) return {};
    int link = -1, keeper = 0;
    char ground[16] = "";
    bool read = std::sscanf(value, "%d %d %15s", &link, &keeper, ground) == 3;
    ::unsetenv(variable);
    struct stat found{};
    // Left over in somebody's environment, it names a process that is not above us.
    if (!read || keeper != ::getppid() || ::fstat(link, &found) != 0 || !S_ISSOCK(found.st_mode))
        return {};
    ::fcntl(link, F_SETFD, FD_CLOEXEC);
    return Inherited{link, std::strcmp(ground, "background") == 0};
}

}  // namespace lares::keeper
