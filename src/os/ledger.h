// os/ledger.h: ports::Memory on a file: what is appended is there for the next daemon.
//
// The enemy is kill -9: a record is safe once write() has returned, for the page cache does not die
// with us. A power cut is no enemy, since nothing that is kept outlives the machine's start:
// records of another boot are forgotten. The bytes stand in docs/formats/ledger.md.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "os/fd.h"
#include "ports/memory.h"

namespace lares::os {

class Ledger final : public ports::Memory {
public:
    /// Opens, or makes, "ledger" in `directory`, which is ours alone until we end: a second daemon
    /// there keeps nothing, and trouble() says so.
    /// @param boot  names this start of the machine (boot_id()).
    Ledger(std::string directory, std::string boot);
    ~Ledger() override = default;

    void keep(std::string_view key, std::string_view record) override;
    void drop(std::string_view key) override;
    std::vector<std::pair<std::string, std::string>> take_left() override;
    std::string trouble() const override { return trouble_; }

    std::int64_t file_bytes() const { return file_bytes_; }

private:
    struct Kept {
        std::string record;
        std::uint64_t order;  // of its first keep
    };

    Result<> lock();
    Result<> open();
    bool read(std::string_view bytes);
    void take_record(std::string_view payload);
    Result<> rewrite();
    void append(std::uint8_t kind, std::string_view key, std::string_view record);
    void fail(Error const&);
    void mend();
    std::vector<std::pair<std::string_view, Kept const*>> in_order() const;

    std::string directory_, path_, boot_;
    Fd lock_, file_;
    bool is_ours_ = false;  // the lock is held
    std::unordered_map<std::string, Kept> kept_;
    std::vector<std::pair<std::string, std::string>> left_;
    std::uint64_t next_order_ = 0;
    std::int64_t file_bytes_ = 0, live_bytes_ = 0;
    std::string trouble_;
    std::chrono::steady_clock::time_point next_try_{};
    std::string buffer_;  // the record being written
};

/// /proc/sys/kernel/random/boot_id; empty when it cannot be read.
std::string boot_id();

}  // namespace lares::os
