// store/payloads.h: payloads too large for a row, as files beside the database.
//
// Named by their content, so that the same payload is one file however many jobs have it, and a
// damaged one is found out when it is read. The row names it; it is written before the row and
// removed after the last row that names it is gone.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lares::store {

class Payloads {
public:
    using Hash = std::function<std::string(std::string_view)>;  // sha256 in 64 hex digits

    /// `folder`: made when the first one is written, mode 0700.
    Payloads(std::string folder, Hash sha256)
        : folder_(std::move(folder)), sha256_(std::move(sha256)) {}

    /// Gives the name for job::Job::payload_file: "sha256:" and 64 hex digits. On the disk when it
    /// returns. invalid: larger than limits::payload_bytes.
    Result<std::string> write(std::string_view payload) const;
    /// io: what is there is not what was written. not_found, invalid: no such file; no such name.
    Result<std::string> read(std::string_view name) const;
    /// Of Pruned::payload_files. One that was written again after `before` stays: a job that is not
    /// committed yet may be about to name it. An hour is plenty.
    Result<> remove(std::string_view name, WallTime before) const;

private:
    Result<std::string> path(std::string_view name) const;

    std::string folder_;
    Hash sha256_;
};

}  // namespace lares::store
