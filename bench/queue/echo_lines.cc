// bench/queue/echo_lines.cc: a worker that answers each line of its input with that line.

#include <unistd.h>

#include <cstdio>

int main() {
    static char line[64 << 10];
    while (std::fgets(line, sizeof line, stdin)) {
        std::fputs(line, stdout);
        // As a careful worker does: it says nothing late, and writes once for all that it had.
        if (std::fflush(stdout) != 0) return 1;
    }
    return 0;
}
