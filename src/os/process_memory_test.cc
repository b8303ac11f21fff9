// os/process_memory_test.cc: our own tree, measured.

#include "os/process_memory.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

using namespace lares;

TEST_CASE("the memory of a process is that of its children as well") {
    auto before = os::memory_of_tree(getpid());
    REQUIRE(before);
    CHECK(*before > 0);
    int ready[2], hold[2];
    REQUIRE(pipe(ready) == 0);
    REQUIRE(pipe(hold) == 0);
    constexpr std::size_t bytes = 64u << 20;
    pid_t child = fork();
    if (child == 0) {
        std::vector<char> held(bytes);
        std::memset(held.data(), 1, held.size());
        char byte = held[bytes / 2];
        (void)!write(ready[1], &byte, 1);
        close(hold[1]);
        (void)!read(hold[0], &byte, 1);
        _exit(0);
    }
    char byte;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    auto with = os::memory_of_tree(getpid());
    close(hold[1]);
    close(hold[0]);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    REQUIRE(with);
    CHECK(*with - *before > static_cast<std::int64_t>(bytes));
    CHECK_FALSE(os::memory_of_tree(child));
}
