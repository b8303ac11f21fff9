// os/region.cc: memory files, mapped.

#include "os/region.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "os/system_error.h"

namespace lares::os {

Result<Region> Region::open(FdStore& store, std::string const& name, std::size_t size) {
    Fd file = store.take("region/" + name);
    struct stat found{};
    bool was_found =
        file && ::fstat(file.get(), &found) == 0 && found.st_size == static_cast<off_t>(size);
    if (!was_found) {
        file.reset(::memfd_create(name.c_str(), MFD_CLOEXEC));
        if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0)
            return system_error("make a memory file for", name, errno);
        TRY(store.keep("region/" + name, file.get()));
    }
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (data == MAP_FAILED) return system_error("map the memory file for", name, errno);
    return Region(data, size, was_found);
}

Region::Region(Region&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(other.size_),
      was_found_(other.was_found_) {}

Region::~Region() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace lares::os
