// os/daemonize_test.cc: detaching, the pidfile and our own limits: what is done once, at the start.

#include "os/daemonize.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "os/pidfile.h"
#include "os/resource_limits.h"
#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

namespace {

/// Runs `what` in a process of its own and gives its exit status.
int status_of(std::function<int()> const& what) {
    std::fflush(nullptr);  // or the child would print what is buffered once more
    pid_t child = ::fork();
    if (child == 0) ::_exit(what());
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string text(std::string const& path) {
    auto bytes = read_file(path, 4096);
    return bytes ? *bytes : "";
}

/// Root may, unless a container took that from it.
bool may_raise_hard_limits() {
    return status_of([] {
               ::rlimit limit;
               ::getrlimit(RLIMIT_NOFILE, &limit);
               limit.rlim_max++;
               return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : 1;
           }) == 0;
}

bool is_null(int fd) {
    struct stat found, null;
    ::fstat(fd, &found);
    ::stat("/dev/null", &null);
    return found.st_rdev == null.st_rdev && S_ISCHR(found.st_mode);
}

}  // namespace

TEST_CASE("the parent returns with 0 when the daemon has begun, which leads its own session") {
    Temporary folder;
    int status = status_of([&] {
        auto detachment = Detachment::begin();
        if (!detachment) return 9;
        bool right = ::getsid(0) == ::getpid();
        if (!detachment->finish()) return 8;
        right = right && is_null(0) && is_null(1) && is_null(2);
        folder.write("found", right ? "right" : "wrong");
        return 7;  // the daemon's own end, which the parent does not wait for
    });
    CHECK(status == 0);
    while (text(folder.path("found")).empty()) ::usleep(1000);
    CHECK(text(folder.path("found")) == "right");
}

TEST_CASE("the parent ends as the daemon did that failed to begin") {
    CHECK(status_of([=] { return Detachment::begin() ? 2 : 9; }) == 2);
    CHECK(status_of([=] {
              if (Detachment::begin()) ::raise(SIGKILL);
              return 9;
          }) == 1);
}

TEST_CASE("a pidfile is written and removed") {
    Temporary folder;
    std::string path = folder.path("pid");
    REQUIRE(write_pidfile(path, 4711).ok());
    CHECK(text(path) == "4711\n");
    REQUIRE(write_pidfile(path, 12).ok());
    CHECK(text(path) == "12\n");
    CHECK(remove_pidfile(path, 12));
    CHECK(!is_directory(path));
    CHECK(!remove_pidfile(path, 12));
    auto refused = write_pidfile(folder.path("no/pid"), 1);
    REQUIRE(!refused.ok());
    CHECK(refused.error().kind == Error::Kind::not_found);
}

TEST_CASE("another daemon's pidfile, a device or a link is not removed") {
    Temporary folder;
    folder.write("pid", "99\n");
    CHECK(!remove_pidfile(folder.path("pid"), 12));
    CHECK(text(folder.path("pid")) == "99\n");
    CHECK(write_pidfile("/dev/null", 12).ok());
    CHECK(!remove_pidfile("/dev/null", 12));
    CHECK(::access("/dev/null", F_OK) == 0);
    REQUIRE(::symlink(folder.path("pid").c_str(), folder.path("link").c_str()) == 0);
    CHECK(!remove_pidfile(folder.path("link"), 99));
}

TEST_CASE("limits that are high enough stay, lower ones are raised and noted") {
    CHECK(status_of([=] {
              ::rlimit files{100, 1000};
              ::setrlimit(RLIMIT_NOFILE, &files);
              auto raised = raise_limits(50, 1);
              if (!raised || !raised->notes.empty() || raised->files_for_children.soft != 100)
                  return 1;
              raised = raise_limits(200, 1);
              if (!raised || raised->files_for_children.soft != 200) return 2;
              if (raised->notes.at(0) != "Increased RLIMIT_NOFILE limit to 200") return 3;
              if (raised->files_for_children.hard != 1000) return 4;
              if (allow_open_files(500) != 500 || allow_open_files(5000) != 1000) return 5;
              if (allow_open_files(10) != 1000) return 6;
              ::getrlimit(RLIMIT_NOFILE, &files);
              return files.rlim_cur == 1000 && files.rlim_max == 1000 ? 0 : 7;
          }) == 0);
}

TEST_CASE("a hard limit is raised by root and refused to others, in supervisord's words") {
    bool raises = may_raise_hard_limits();
    CHECK(status_of([=] {
              ::rlimit files{100, 150};
              ::setrlimit(RLIMIT_NOFILE, &files);
              if (raises) {
                  auto raised = raise_limits(200, 1);
                  if (!raised || raised->files_for_children.hard != 200) return 1;
                  if (::geteuid() == 0 && ::setuid(54'323) != 0) return 2;
              }
              auto refused = raise_limits(300, 1);
              if (refused || refused.error().kind != Error::Kind::denied) return 3;
              return refused.error().what.starts_with(
                         "The minimum number of file descriptors required to run this process is "
                         "300 as "
                         "per the \"minfds\" command-line argument or config file setting. The "
                         "current "
                         "environment will only allow you to open ")
                         ? 0
                         : 4;
          }) == 0);
}
