// os/region.h: a piece of memory that outlives us: a memory file that the keeper holds.
//
// What is stored in it is there for the successor as soon as the store instruction is done.

#pragma once

#include <cstddef>
#include <string>

#include "os/fd_store.h"

namespace lares::os {

class Region {
public:
    /// Makes `size` bytes of zeros kept under "region/NAME", or finds those of a predecessor. One
    /// of another size is replaced by zeros. Pages cost nothing until they are touched.
    static Result<Region> open(FdStore&, std::string const& name, std::size_t size);
    Region(Region&& other) noexcept;
    Region& operator=(Region&&) = delete;
    ~Region();

    void* data() const { return data_; }
    std::size_t size() const { return size_; }
    /// A predecessor's, not zeros.
    bool was_found() const { return was_found_; }

private:
    Region(void* data, std::size_t size, bool was_found)
        : data_(data), size_(size), was_found_(was_found) {}
    void* data_;
    std::size_t size_;
    bool was_found_;
};

}  // namespace lares::os
