// bin/lares_capture.cc: the program `lares-capture`: public streams into archives that can be
// trusted.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <set>

#include "apps/capture/app.h"
#include "capture_serve.h"
#include "net/client/links.h"
#include "net/client/post.h"
#include "net/client/stream.h"
#include "net/http_client.h"
#include "os/fd.h"

namespace {

using namespace lares;

/// TERM and INT end what is under way by becoming readable; a peer that hangs up is an Error.
os::Fd block_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return os::Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

capture::Moment now() {
    using namespace std::chrono;
    auto wall = duration_cast<Duration>(system_clock::now().time_since_epoch());
    auto tick = duration_cast<Duration>(steady_clock::now().time_since_epoch());
    return {Instant(tick), wall.count()};
}

void complain(std::string const& words) {
    std::fprintf(stderr, "lares-capture: %s\n", words.c_str());
}

std::string from_environment(char const* name, char const* otherwise) {
    char const* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

std::string own_path() {
    char path[4096];
    auto size = ::readlink("/proc/self/exe", path, sizeof path);
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : "lares-capture";
}

}  // namespace

int main(int argc, char** argv) {
    auto const signals = block_signals();
    net::ClientLibrary library;
    auto streams = net::make_streams();
    auto post = net::make_post();
    auto http = net::make_http_client();
    std::set<std::string> allowed;
    auto links =
        net::make_links([&](std::string const& address) { return allowed.contains(address); });
    capture::App app{.home = from_environment("LARES_CAPTURE_HOME", "/var/lib/lares-capture"),
                     .lares = from_environment("LARES_CAPTURE_DAEMON", "unix:///run/lares.sock"),
                     .program = own_path(),
                     .streams = *streams,
                     .post = *post,
                     .http = *http,
                     .links = *links,
                     .allow_address = [&](std::string const& each) { allowed.insert(each); },
                     .now = now,
                     .until = signals.get(),
                     .log = complain};
    app.wait = [&](Duration time) {
        pollfd ready{signals.get(), POLLIN, 0};
        return ::poll(&ready, 1, static_cast<int>(time.count())) > 0;
    };
    app.print = [](std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); };
    app.read_line = []() -> Result<std::string> {
        std::string line;
        std::getline(std::cin, line);
        return line;
    };
    app.serve = [&](capture::PageListen const& listen, capture::PageAnswer const& answer) {
        return capture::serve_page(listen, answer, signals.get(), complain);
    };
    int status = capture::run_command_line(app, {argv + 1, argv + argc}, complain);
    if (std::fflush(stdout) != 0 && status == 0) status = 1;
    return status;
}
