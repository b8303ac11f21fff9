// bench/supervise/writer.cc: writes so many bytes in lines of 100 to standard output, then sleeps.
//
// writer BYTES [LINES]: so many lines a write: 1 as a program that flushes each line, 655 (64 KB,
// without it) as one with a large buffer. When done it closes its output and waits to be ended.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    long long left = std::atoll(argv[1]) / 100;
    int at_once = argc > 2 ? std::atoi(argv[2]) : 655;
    if (at_once < 1 || at_once > 655) return 2;
    static char buffer[65'500];
    long long number = 0;
    while (left > 0) {
        int lines = static_cast<int>(left < at_once ? left : at_once);
        for (int i = 0; i < lines; ++i) {
            std::memset(buffer + i * 100, 'x', 99);
            int digits = std::snprintf(buffer + i * 100, 20, "%012lld", number++);
            buffer[i * 100 + digits] = ' ';
            buffer[i * 100 + 99] = '\n';
        }
        for (int done = 0; done < lines * 100;) {
            ssize_t n = write(1, buffer + done, static_cast<size_t>(lines * 100 - done));
            if (n <= 0) return 1;
            done += static_cast<int>(n);
        }
        left -= lines;
    }
    close(1);
    close(2);
    for (;;) pause();
}
