// os/memory.cc: malloc_trim(3) and madvise(2) on our own code.

#include "os/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

// Set by the linker: where the program begins, and where its code ends.
extern "C" char __executable_start;  // NOLINT(bugprone-reserved-identifier)
extern "C" char etext;

namespace lares::os {

void return_unused_memory() {
    ::malloc_trim(0);
    auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto first = reinterpret_cast<std::uintptr_t>(&__executable_start) & ~(page - 1);
    auto last = reinterpret_cast<std::uintptr_t>(&etext) & ~(page - 1);
    // The segments before the last are read-only and backed by the file: nothing can be lost.
    auto* begin = reinterpret_cast<void*>(first);
    ::madvise(begin, last - first, MADV_RANDOM);
    ::madvise(begin, last - first, MADV_DONTNEED);
}

}  // namespace lares::os
