// os/command.cc: the search for a command, and spawnerr's words.

#include "os/command.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "os/system_error.h"

namespace lares::os {

namespace {

using Kind = ports::SpawnFailure::Kind;
using ports::SpawnFailure;
using ports::SpawnRequest;

/// What supervisord searches when it has no PATH.
constexpr std::string_view default_path = "/bin:/usr/bin:/usr/local/bin";

std::string join(std::string_view directory, std::string_view name) {
    std::string path(directory);
    if (!path.empty() && path.back() != '/') path += '/';
    return path += name;
}

/// The path under which we see what the process will see as `file` in its directory.
std::string seen_from_here(std::string const& file, std::string const& directory) {
    return file.starts_with('/') ? file : join(directory, file);
}

std::optional<std::string> search(std::string_view name, std::string_view path,
                                  std::string const& directory) {
    while (true) {
        std::size_t end = path.find(':');
        std::string candidate = join(path.substr(0, end), name);
        struct stat found;
        if (::stat(seen_from_here(candidate, directory).c_str(), &found) == 0) return candidate;
        if (end == std::string_view::npos) return {};
        path.remove_prefix(end + 1);
    }
}

std::optional<SpawnFailure> check(std::string const& file, std::string const& directory) {
    std::string path = seen_from_here(file, directory);
    struct stat found;
    if (::stat(path.c_str(), &found) != 0) {
        return SpawnFailure{Kind::not_found, "can't find command " + quoted(file)};
    }
    if (S_ISDIR(found.st_mode)) {
        return SpawnFailure{Kind::not_executable, "command at " + quoted(file) + " is a directory"};
    }
    if (!(found.st_mode & 0111)) {
        return SpawnFailure{Kind::not_executable,
                            "command at " + quoted(file) + " is not executable"};
    }
    if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0) {
        return SpawnFailure{Kind::not_executable, "no permission to run command " + quoted(file)};
    }
    return {};
}

std::string const& name_of(SpawnRequest const& request) {
    bool has_name = !request.name.empty() || request.argv.empty();
    return has_name ? request.name : request.argv[0];
}

std::string resource_name(int resource) {
    // clang-format off
    constexpr struct { int resource; char const* name; } rows[] = {
        {RLIMIT_AS,      "RLIMIT_AS"},      {RLIMIT_CORE,   "RLIMIT_CORE"},
        {RLIMIT_CPU,     "RLIMIT_CPU"},     {RLIMIT_DATA,   "RLIMIT_DATA"},
        {RLIMIT_FSIZE,   "RLIMIT_FSIZE"},   {RLIMIT_LOCKS,  "RLIMIT_LOCKS"},
        {RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK"}, {RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE"},
        {RLIMIT_NICE,    "RLIMIT_NICE"},    {RLIMIT_NOFILE, "RLIMIT_NOFILE"},
        {RLIMIT_NPROC,   "RLIMIT_NPROC"},   {RLIMIT_RSS,    "RLIMIT_RSS"},
        {RLIMIT_RTPRIO,  "RLIMIT_RTPRIO"},  {RLIMIT_RTTIME, "RLIMIT_RTTIME"},
        {RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING"}, {RLIMIT_STACK, "RLIMIT_STACK"},
    };
    // clang-format on
    for (auto const& row : rows) {
        if (row.resource == resource) return row.name;
    }
    return "limit " + std::to_string(resource);
}

std::string limit_words(ports::Limit const& limit) {
    auto value = [](std::int64_t n) {
        return n < 0 ? std::string("unlimited") : std::to_string(n);
    };
    return resource_name(limit.resource) + " to " + value(limit.soft) + ":" + value(limit.hard);
}

std::string list(std::vector<int> const& numbers) {
    std::string out;
    for (int number : numbers) out += (out.empty() ? "" : ",") + std::to_string(number);
    return out;
}

std::string chdir_hint(int error) {
    if (error == ENOENT) return " (create it, or change directory=)";
    if (error == ENOTDIR) return " (it is not a directory; change directory=)";
    if (error == EACCES) return " (its user may not enter it)";
    return "";
}

SpawnFailure setup(std::string words) { return {Kind::setup, std::move(words)}; }

/// Words of a step that only a privileged daemon may take.
SpawnFailure privileged(std::string words, int error) {
    words += ": " + errno_name(error);
    bool refused = error == EPERM || error == EACCES;
    return setup(refused ? words + " (only root may)" : words);
}

SpawnFailure setuid_failure(SpawnRequest const& request, int error) {
    std::string words = "couldn't setuid to " + std::to_string(request.user->uid) + ": ";
    if (error == EPERM && ::geteuid() != 0) {
        return setup(
            words + "Can't drop privilege as nonroot user (run lares as root, or leave out user=)");
    }
    if (error == EAGAIN) {
        return {Kind::refused, words + "EAGAIN (the user has too many processes)"};
    }
    return setup(words + errno_name(error));
}

SpawnFailure exec_failure(SpawnRequest const& request, std::string const& file, int error) {
    std::string words = "couldn't exec " + file + ": " + errno_name(error);
    switch (error) {
    case EAGAIN:  // the user has as many processes as RLIMIT_NPROC lets it have
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return fork_failure(request, error);
    case ETXTBSY:
        return {Kind::refused, words + " (it is being written)"};
    case EACCES:
    case EPERM:
        return {Kind::not_executable, "no permission to run command " + quoted(file)};
    case ENOENT:
        if (::access(seen_from_here(file, request.directory).c_str(), F_OK) == 0) {
            return {Kind::not_executable, words + " (the interpreter it names is missing)"};
        }
        return {Kind::not_found, "can't find command " + quoted(file)};
    case ENOEXEC:
        return {Kind::not_executable, words + " (a script needs a first line like #!/bin/sh)"};
    case E2BIG:
        return setup(words + " (arguments and environment are too long)");
    default:
        return setup(words);
    }
}

}  // namespace

Command find_command(SpawnRequest const& request) {
    if (request.argv.empty() || request.argv[0].empty()) {
        return {{}, setup("command is empty")};
    }
    std::string const& name = request.argv[0];
    if (name.find('/') != std::string::npos) return {name, check(name, request.directory)};
    std::string_view path = request.path.empty() ? default_path : std::string_view(request.path);
    auto found = search(name, path, request.directory);
    if (!found) return {name, SpawnFailure{Kind::not_found, "can't find command " + quoted(name)}};
    return {*found, check(*found, request.directory)};
}

SpawnFailure pipe_failure(SpawnRequest const& request, int error) {
    if (error == EMFILE || error == ENFILE) {
        return {Kind::refused, "too many open files to spawn " + quoted(name_of(request))};
    }
    return {Kind::refused, "unknown error making dispatchers for " + quoted(name_of(request)) +
                               ": " + errno_name(error)};
}

SpawnFailure fork_failure(SpawnRequest const& request, int error) {
    std::string name = quoted(name_of(request));
    if (error == EMFILE || error == ENFILE) return pipe_failure(request, error);
    if (error == EAGAIN) {
        return {Kind::refused, "Too many processes in process table to spawn " + name};
    }
    if (error == ENOMEM) return {Kind::refused, "not enough memory to spawn " + name};
    return {Kind::refused, "unknown error during fork for " + name + ": " + errno_name(error)};
}

SpawnFailure child_failure(SpawnRequest const& request, std::string const& file,
                           ChildReport const& report) {
    int error = report.error;
    switch (report.step) {
    case ChildStep::none:
    case ChildStep::descriptors:
        return pipe_failure(request, error);
    case ChildStep::group:
        return setup("couldn't make a process group: " + errno_name(error));
    case ChildStep::cgroup:
        return setup("couldn't enter the cgroup: " + errno_name(error));
    case ChildStep::limit:
        return privileged("couldn't set " + limit_words(request.limits[report.index]), error);
    case ChildStep::nice:
        return privileged("couldn't set nice to " + std::to_string(*request.nice), error);
    case ChildStep::oom_score_adj:
        return privileged("couldn't set oom_score_adj to " + std::to_string(*request.oom_score_adj),
                          error);
    case ChildStep::affinity:
        return setup("couldn't bind to the processors " + list(request.cpu_affinity) + ": " +
                     errno_name(error) + " (see lscpu for those there are)");
    case ChildStep::groups:
    case ChildStep::gid:
    case ChildStep::uid:
        return setuid_failure(request, error);
    case ChildStep::directory:
        return setup("couldn't chdir to " + request.directory + ": " + errno_name(error) +
                     chdir_hint(error));
    case ChildStep::exec:
        return exec_failure(request, file, error);
    }
    return setup("couldn't be set up: " + errno_name(error));
}

}  // namespace lares::os
