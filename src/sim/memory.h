// sim/memory.h: what the daemon keeps, in a map that its death does not reach.

#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "ports/memory.h"

namespace lares::sim {

class Memory final : public ports::Memory {
public:
    std::map<std::string, std::string, std::less<>> const& kept() const { return kept_; }
    /// While it is full nothing changes.
    void set_full(bool full) { full_ = full; }
    /// The next daemon may take what this one left.
    void crash() { taken_ = false; }
    /// The machine was started again.
    void forget() { kept_.clear(); }

    void keep(std::string_view key, std::string_view record) override {
        if (!full_) kept_.insert_or_assign(std::string(key), std::string(record));
    }
    void drop(std::string_view key) override {
        auto known = kept_.find(key);
        if (!full_ && known != kept_.end()) kept_.erase(known);
    }
    std::vector<std::pair<std::string, std::string>> take_left() override {
        if (std::exchange(taken_, true)) return {};
        return {kept_.begin(), kept_.end()};
    }
    std::string trouble() const override { return full_ ? "the disk is full" : ""; }

private:
    std::map<std::string, std::string, std::less<>> kept_;
    bool full_ = false, taken_ = false;
};

}  // namespace lares::sim
