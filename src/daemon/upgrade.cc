// daemon/upgrade.cc: making way for a daemon of another binary.
//
// The road is that of a crash: what is to outlive this daemon is kept anyway, so nothing is
// stopped, asked or saved before.

#include <fmt/core.h>

#include <memory>
#include <optional>

#include "daemon/daemon.h"

namespace lares::daemon {

void Daemon::ask_upgrade(std::string path, std::function<void(Result<>)> answer) {
    if (doors_.keeper == nullptr)
        return answer(
            Error{Error::Kind::unavailable,
                  "this daemon has no keeper above it ('lares up --no-keeper'), so nobody "
                  "could start the next one; use 'restart' of its service"});
    if (phase_ != Phase::running)
        return answer(Error{Error::Kind::conflict, "the daemon is stopping already"});
    auto found = std::make_shared<std::optional<Result<std::string>>>();
    doors_.worker.run([found, path, keeper = doors_.keeper] { *found = keeper->try_binary(path); },
                      [this, found, path, answer = std::move(answer)] {
                          Result<std::string>& version = **found;
                          if (!version) return answer(version.error());
                          log_.warning(fmt::format("making way for '{}'", *version));
                          // The answer has some milliseconds to be sent.
                          auto begun = doors_.keeper->upgrade(path);
                          if (!begun) log_.error(begun.error().what);
                          answer(std::move(begun));
                      });
}

}  // namespace lares::daemon
