// bench/folder/files.cc: eight writers that make many files in a folder, as people's programs do.
//
//   files FOLDER SHARED FILES [MICROSECONDS BETWEEN TWO OF A WRITER] [FIRST]
//
// SHARED (see queue/ok_lines.cc) is a file of 64-bit numbers behind those of the worker: the
// instant each file was complete (CLOCK_MONOTONIC, ns), at FILES' own places. By its number a file
// is written at once, renamed in, written slowly, or has a second writer who opens it before the
// first one has closed it: complete is it when the last has.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t writers = 8;

std::int64_t nanoseconds() {
    timespec at{};
    ::clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

void pause(long microseconds) {
    if (microseconds > 0) std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
}

int open_for_writing(std::string const& path, int more = 0) {
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | more, 0644);
    if (file < 0) std::abort();
    return file;
}

void write(int file) {
    if (::write(file, "some text\n", 10) != 10) std::abort();
}

/// The instant it was complete: taken just before, so that nothing is counted too short.
std::int64_t make(std::string const& folder, std::size_t number) {
    std::string path = folder + "/f" + std::to_string(number) + ".txt";
    bool renames = number % 4 == 1;
    std::string at = renames ? path + ".part" : path;
    int file = open_for_writing(at);
    write(file);
    if (number % 4 == 2) {
        pause(3'000);
        write(file);
    }
    if (number % 4 == 3) {
        int second = open_for_writing(at, O_APPEND);
        ::close(file);
        pause(1'000);
        write(second);
        file = second;
    }
    auto complete = nanoseconds();
    ::close(file);
    if (!renames) return complete;
    complete = nanoseconds();
    ::rename(at.c_str(), path.c_str());
    return complete;
}

}  // namespace

int main(int count, char** words) {
    if (count < 4) return 2;
    std::string folder = words[1];
    auto files = static_cast<std::size_t>(std::atol(words[3]));
    long between = count > 4 ? std::atol(words[4]) : 0;
    auto first = static_cast<std::size_t>(count > 5 ? std::atol(words[5]) : 0);
    int shared = ::open(words[2], O_RDWR | O_CLOEXEC);
    struct stat about{};
    if (shared < 0 || ::fstat(shared, &about) != 0) return 3;
    auto size = static_cast<std::size_t>(about.st_size);
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (memory == MAP_FAILED || size / 8 < first + files) return 3;
    auto* complete = static_cast<std::int64_t*>(memory);
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < writers; ++i)
        all.emplace_back([&, i] {
            for (std::size_t file = first + i; file < first + files; file += writers) {
                complete[file] = make(folder, file);
                pause(between);
            }
        });
    for (auto& each : all) each.join();
    return 0;
}
