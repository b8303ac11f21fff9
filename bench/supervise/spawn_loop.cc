// bench/supervise/spawn_loop.cc: the bare loop we are measured against: posix_spawn, N times, with
// the three pipes that any supervisor gives a program.
//
// spawn_loop N PROGRAM [ARG...]: prints the seconds from the first posix_spawn to the last one's
// return; glibc's returns once the child has called exec. Then it kills and reaps what it made.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

extern char** environ;

static double now() {
    timespec at{};
    clock_gettime(CLOCK_MONOTONIC, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int count = std::atoi(argv[1]);
    std::vector<pid_t> children;
    double begin = now();
    for (int i = 0; i < count; ++i) {
        int ends[3][2];
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        for (int stream = 0; stream < 3; ++stream) {
            if (pipe2(ends[stream], O_CLOEXEC) != 0) return 1;
            posix_spawn_file_actions_adddup2(&actions, ends[stream][stream == 0 ? 0 : 1], stream);
        }
        pid_t child = 0;
        if (posix_spawn(&child, argv[2], &actions, nullptr, argv + 2, environ) != 0) return 1;
        posix_spawn_file_actions_destroy(&actions);
        for (int stream = 0; stream < 3; ++stream) close(ends[stream][stream == 0 ? 0 : 1]);
        children.push_back(child);
    }
    std::printf("%.6f\n", now() - begin);
    for (pid_t child : children) kill(child, SIGKILL);
    for (pid_t child : children) waitpid(child, nullptr, 0);
}
