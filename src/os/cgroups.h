// os/cgroups.h: control groups, version 2: limits for a process and all its descendants.
//
// Each process that asks gets one directory below our own cgroup. Controllers that version 1 still
// holds, or that our parent did not delegate, cannot be had; missing() says so in words that a
// person can act on. Source: the kernel's admin-guide/cgroup-v2.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"
#include "ports/processes.h"

namespace lares::os {

/// Our own directory in the cgroup v2 hierarchy, from the texts of /proc/self/cgroup and
/// /proc/self/mountinfo; none when no such hierarchy is mounted, or we are not in what is mounted.
std::optional<std::string> find_own_cgroup(std::string_view self_cgroup,
                                           std::string_view mountinfo);

/// One file of a cgroup's directory and what is written into it.
struct CgroupSetting {
    char const* controller;
    char const* file;
    std::string value;
    bool is_default;  // nothing was asked: only to undo what an earlier run left there
};
std::vector<CgroupSetting> cgroup_settings(ports::CgroupLimits const&);

class Cgroups {
public:
    /// Discovers where we are. Changes nothing until a process asks for a cgroup.
    Cgroups();
    /// Works below the given directory.
    explicit Cgroups(std::string own);

    /// Why limits cannot be had; empty when memory, cpu and pids can be limited.
    std::string missing() const;

    /// Makes (or takes over) the directory of `limits` and sets it up.
    /// @returns the open directory, for CLONE_INTO_CGROUP.
    Result<Fd> prepare(ports::CgroupLimits const& limits);
    /// Removes the directory. Left-behind processes keep it: then remove_left() tries again.
    void remove(std::string const& name);
    void remove_left();

    /// Sends a signal to every process in the cgroup and below. not_found when there is none.
    Result<> signal(std::string const& name, int number) const;
    std::string directory_of(std::string const& name) const;

private:
    Result<> enable(std::vector<std::string> const& controllers);
    Result<> step_aside();

    std::string own_;  // empty: no cgroup v2
    std::vector<std::string> left_;
};

}  // namespace lares::os
