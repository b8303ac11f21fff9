// bin/database.cc: store's tools in the words of the command line.

#include "bin/database.h"

#include <fmt/core.h>

#include "store/past.h"
#include "store/tools.h"

namespace lares::bin {

namespace {

Result<std::string> check(std::string const& path) {
    auto report = TRY(store::check(path, store::Depth::full));
    auto words = store::print(report);
    if (!report.faults.empty()) return Error{Error::Kind::invalid, std::move(words)};
    return words;
}

Result<std::string> back_up(std::string const& path, std::string const& to) {
    TRY(store::backup(path, to));
    return fmt::format("'{}' is a copy of '{}' now\n", to, path);
}

Result<std::string> vacuum(std::string const& path) {
    auto done = TRY(store::vacuum(path));
    return fmt::format("'{}' had {} bytes and has {} now\n", path, done.bytes_before,
                       done.bytes_after);
}

Result<simulate::Past> past(std::string const& path, std::int64_t since) {
    return store::read_past(path, since);
}

}  // namespace

cli::DatabaseTools database_tools() {
    return {.check = check, .backup = back_up, .vacuum = vacuum, .past = past};
}

}  // namespace lares::bin
