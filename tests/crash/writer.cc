// writer.cc: a program that writes numbered lines and keeps books that its supervisor cannot touch.
//
//     crash_writer NAME FOLDER MILLISECONDS
//
// Lines are "NAME PID STREAM NUMBER filler", streams o and e (standard output and error), numbered
// from 0 for each run. FOLDER/NAME.PID is a mapped file of four numbers: begun and done of either
// stream; a line counts as begun before its first byte is written and as done after its last. USR1
// ends it with status 7; TERM and KILL as they do. Some lines are written in two halves, some in
// bursts.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

struct Book {
    std::uint64_t volatile begun, done;
};

Book* open_books(char const* name, char const* folder) {
    char path[512];
    std::snprintf(path, sizeof path, "%s/%s.%d", folder, name, static_cast<int>(getpid()));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, 2 * sizeof(Book)) != 0) _exit(90);
    void* books = mmap(nullptr, 2 * sizeof(Book), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (books == MAP_FAILED) _exit(91);
    return static_cast<Book*>(books);
}

void write_all(int fd, char const* bytes, std::size_t size) {
    while (size > 0) {
        auto written = write(fd, bytes, size);
        if (written < 0) _exit(92);  // a closed pipe: the books show that nobody meant it
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
}

void write_line(int stream, Book& book, char const* name, unsigned random) {
    char line[400];
    auto size = static_cast<std::size_t>(
        std::snprintf(line, sizeof line, "%s %d %c %llu ", name, static_cast<int>(getpid()),
                      stream == 0 ? 'o' : 'e', static_cast<unsigned long long>(book.begun)));
    std::size_t filler = random % 200;
    std::memset(line + size, 'x', filler);
    size += filler;
    line[size++] = '\n';
    book.begun = book.begun + 1;
    std::size_t first = random % 7 == 0 ? size / 2 : size;
    write_all(stream + 1, line, first);
    write_all(stream + 1, line + first, size - first);
    book.done = book.done + 1;
}

void pause_for(long milliseconds) {
    timespec span{milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&span, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 93;
    std::signal(SIGUSR1, [](int) { _exit(7); });
    Book* books = open_books(argv[1], argv[2]);
    long milliseconds = std::atol(argv[3]);
    std::uint32_t random = static_cast<std::uint32_t>(getpid());
    while (true) {
        random = random * 1664525u + 1013904223u;
        unsigned count = (random >> 28) == 0 ? 100 : 1;
        for (unsigned i = 0; i < count; ++i) {
            random = random * 1664525u + 1013904223u;
            int stream = (random >> 16) % 3 == 0 ? 1 : 0;
            write_line(stream, books[stream], argv[1], random >> 8);
        }
        pause_for(milliseconds);
    }
}
