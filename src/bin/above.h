// bin/above.h: the keeper above this daemon, or none, and what is held by it.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bin/invocation.h"
#include "cli/request.h"
#include "net/listener_store.h"
#include "os/keeper_link.h"
#include "ports/keeper.h"
#include "ports/processes.h"

namespace lares::bin {

/// Where this process was before it took the daemon's folder and umask: a later daemon begins
/// there, so that relative paths of the same command line mean the same.
struct Origin {
    os::Fd directory;
    unsigned umask;
};
Origin own_origin();

struct Above {
    std::unique_ptr<os::KeeperLink> link;  // null: there is no keeper
    os::NoFdStore nothing;

    os::FdStore& store() { return link ? static_cast<os::FdStore&>(*link) : nothing; }
};

/// Forks and lets the parent become the keeper, unless one has started this process already.
/// Before any thread exists. Fails when no process can be made or the keeper does not answer.
Result<std::unique_ptr<Above>> find_keeper(cli::UpRequest const& request,
                                           Invocation const& invocation, bool background,
                                           ports::Limit const& files, Origin const& origin);

/// Upgrades, by the keeper's hand.
class Upgrades final : public ports::Keeper {
public:
    /// @param end_soon  ends this process as abruptly as kill -9 would, once its log is written and
    ///     answers under way had time to be sent.
    Upgrades(os::KeeperLink& link, std::function<void()> end_soon)
        : link_(link), end_soon_(std::move(end_soon)) {}
    Result<std::string> try_binary(std::string const& path) override;
    Result<> upgrade(std::string const& path) override;

private:
    os::KeeperLink& link_;
    std::function<void()> end_soon_;
};

/// The HTTP servers' sockets among what is held.
class Listeners final : public net::ListenerStore {
public:
    explicit Listeners(os::FdStore& store) : store_(store) {}
    void keep(std::string const& name, int fd) override;
    void drop(std::string const& name) override;
    Found take(std::string const& prefix) override;

private:
    os::FdStore& store_;
};

}  // namespace lares::bin
