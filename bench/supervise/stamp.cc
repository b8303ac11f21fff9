// bench/supervise/stamp.cc: tells when its main began, then sleeps: the program that is supervised.
//
// argv[1] is the path of a datagram socket; it sends "<monotonic nanoseconds> <pid>" there.

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (argc < 2) return 2;
    char text[64];
    int length = std::snprintf(text, sizeof text, "%lld %d",
                               static_cast<long long>(now.tv_sec) * 1'000'000'000 + now.tv_nsec,
                               static_cast<int>(getpid()));
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, argv[1], sizeof to.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    sendto(fd, text, static_cast<size_t>(length), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
    close(fd);
    for (;;) pause();
}
