// bin/receipts.h: the file in which lares-deliver writes down each answer before it says it, for a
// daemon that is killed between a mail's acceptance and its own note of it.
//
// Lines of JSON (docs/formats/deliver.md), appended. While a lares-deliver lives it holds the file
// locked (flock): who gets the lock knows that nothing more will come, and may empty it.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::bin {

class Receipts {
public:
    /// Writes nothing down.
    Receipts() = default;
    /// conflict: another process holds it. A torn last line, of a machine that lost its power, is
    /// closed by an end of line.
    static Result<Receipts> open(std::string const& path);
    ~Receipts();
    Receipts(Receipts&&) noexcept;
    Receipts& operator=(Receipts&&) noexcept;

    /// Returns when `lines` are on the disk.
    Result<> append(std::string_view lines);

private:
    int file_ = -1;
};

}  // namespace lares::bin
