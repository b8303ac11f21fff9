// bench/queue/exec_loop.cc: the bare loop that `protocol = exec` is measured against: fork, exec
// and wait, N times, so many at once.
//
//   exec_loop N AT_ONCE [sync=FILE] PROGRAM [ARG...]: prints the seconds it took, and the CPU
// seconds with those of the programs. With a file it writes 8 KB there and waits for the disk
// before each: the least that a queue can do that notes what it starts before it does. Without
// PROGRAM it is the program: it ends at once.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

static double now() {
    timespec at{};
    clock_gettime(CLOCK_MONOTONIC, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

static double cpu() {
    double all = 0;
    for (int whom : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage used{};
        getrusage(whom, &used);
        for (timeval const& t : {used.ru_utime, used.ru_stime})
            all += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    }
    return all;
}

int main(int count, char** words) {
    if (count < 4) return 0;
    int left = std::atoi(words[1]), at_once = std::atoi(words[2]), running = 0, file = -1;
    char** program = words + 3;
    if (std::strncmp(*program, "sync=", 5) == 0) {
        file = open(*program++ + 5, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (file < 0 || *program == nullptr) return 1;
    }
    static char const block[8'192] = {};
    double begin = now();
    while (left > 0 || running > 0) {
        if (left > 0 && running < at_once) {
            if (file >= 0 && (write(file, block, sizeof block) < 0 || fdatasync(file) != 0))
                return 1;
            pid_t child = fork();
            if (child < 0) return 1;
            if (child == 0) {
                execv(*program, program);
                _exit(127);
            }
            --left, ++running;
            continue;
        }
        int status = 0;
        if (wait(&status) < 0 || status != 0) return 1;
        --running;
    }
    std::printf("%.6f %.6f\n", now() - begin, cpu());
}
