// cli/reading.h: the sections of a configuration that a client looks at, and their values.
//
// Reads as little as it is told to: the main file, and its includes only when asked. What is wrong
// in them is not reported here; `lares check` does that.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/load.h"
#include "text/expand.h"
#include "text/ini.h"

namespace lares::cli {

/// `path` made absolute, "~" expanded; no ".." is resolved.
std::string absolute(std::string const& path, config::World const&);

class Reading {
public:
    /// `world` must outlive it.
    Reading(config::World const& world, std::string path);

    /// The Error is the file's that cannot be read.
    Result<> read_main();
    /// Adds the files of [include]; one that cannot be read is passed over, `lares check` tells.
    void read_includes();

    /// The first section called `name` or `name:x` that has `key`; null when there is none.
    text::IniSection const* find(std::string_view name, std::string_view key) const;
    /// A value, expanded; empty when absent. The Error says what cannot be expanded.
    Result<std::string> value(text::IniSection const* section, std::string_view key) const;
    /// As value(), empty also when it cannot be expanded: of what the words can do without.
    std::string text(std::string_view section, std::string_view key) const;

    text::Ini const& ini() const { return ini_; }
    bool is_faulty() const { return faulty_; }
    std::string const& path() const { return path_; }
    config::World const& world() const { return world_; }

private:
    std::string beside_main(std::string const& pattern) const;
    std::string const& file_of(text::Place const& place) const;

    config::World const& world_;
    std::string path_;
    text::Names outer_;
    text::Ini ini_;
    bool faulty_ = false;
};

}  // namespace lares::cli
