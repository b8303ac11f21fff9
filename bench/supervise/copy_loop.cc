// bench/supervise/copy_loop.cc: the plainest way from a pipe to a file: read and write, 128 KB at
// most.
//
// copy_loop FILE: from standard input until its end.

#include <fcntl.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    static char buffer[131'072];
    for (;;) {
        ssize_t got = read(0, buffer, sizeof buffer);
        if (got <= 0) return 0;
        for (ssize_t done = 0; done < got;) {
            ssize_t n = write(out, buffer + done, static_cast<size_t>(got - done));
            if (n <= 0) return 1;
            done += n;
        }
    }
}
