// os/resource_limits.cc: getrlimit and setrlimit.

#include "os/resource_limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace lares::os {

namespace {

struct Wanted {
    int resource;
    std::int64_t least;
    char const* name;
    char const* thing;  // "file descriptors"
    char const* does;   // "file descriptors required to run this process"
    char const* option;
    char const* unit;  // what the hint names
};

std::int64_t value(rlim_t limit) {
    return limit == RLIM_INFINITY ? -1 : static_cast<std::int64_t>(limit);
}

std::string refusal(Wanted const& wanted, std::int64_t hard) {
    return std::string("The minimum number of ") + wanted.does + " is " +
           std::to_string(wanted.least) + " as per the \"" + wanted.option +
           "\" command-line argument or config file setting. The current environment will only "
           "allow you to open " +
           std::to_string(hard) + " " + wanted.thing + ".  Either raise the number of usable " +
           wanted.thing + " in your environment (see README.rst) or lower the " + wanted.option +
           " setting in the config file to allow the " + wanted.unit + " to start.";
}

Result<> raise(Wanted const& wanted, std::vector<std::string>& notes) {
    rlimit limit;
    ::getrlimit(static_cast<__rlimit_resource_t>(wanted.resource), &limit);
    auto least = static_cast<rlim_t>(std::max<std::int64_t>(wanted.least, 0));
    if (limit.rlim_cur >= least) return {};  // RLIM_INFINITY is the largest number there is
    rlimit raised{least, std::max(limit.rlim_max, least)};
    if (::setrlimit(static_cast<__rlimit_resource_t>(wanted.resource), &raised) != 0) {
        return Error{Error::Kind::denied, refusal(wanted, value(limit.rlim_max))};
    }
    notes.push_back("Increased " + std::string(wanted.name) + " limit to " +
                    std::to_string(wanted.least));
    return {};
}

}  // namespace

Result<RaisedLimits> raise_limits(std::int64_t minfds, std::int64_t minprocs) {
    RaisedLimits raised{};
    // clang-format off
    TRY(raise({RLIMIT_NOFILE, minfds, "RLIMIT_NOFILE", "file descriptors",
               "file descriptors required to run this process", "minfds", "process"}, raised.notes));
    TRY(raise({RLIMIT_NPROC, minprocs, "RLIMIT_NPROC", "processes",
               "available processes required to run this program", "minprocs", "program"}, raised.notes));
    // clang-format on
    rlimit files;
    ::getrlimit(RLIMIT_NOFILE, &files);
    raised.files_for_children = {RLIMIT_NOFILE, value(files.rlim_cur), value(files.rlim_max)};
    return raised;
}

std::int64_t allow_open_files(std::int64_t wanted) {
    rlimit limit;
    ::getrlimit(RLIMIT_NOFILE, &limit);
    auto asked = std::min(static_cast<rlim_t>(std::max<std::int64_t>(wanted, 0)), limit.rlim_max);
    if (asked > limit.rlim_cur) {
        rlimit raised{asked, limit.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return value(limit.rlim_cur);
}

}  // namespace lares::os
