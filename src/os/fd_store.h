// os/fd_store.h: descriptors held by the process above us, so that our death closes none of them.
//
// Names: "run/ID/out", "run/ID/err", "run/ID/in", "run/ID/notify", "run/ID/notify_pipe",
// "run/ID/progress" (pipes, sockets and files of a run), "listen/KEY" (the HTTP servers' sockets),
// "socket/NAME" ([socket:x]), "region/NAME" (os/region.h), "staging/read", "staging/write" (the log
// side's pipe).

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace lares::os {

/// May be called by any thread. What keep() has returned for, a successor gets.
class FdStore {
public:
    virtual ~FdStore() = default;
    /// True when a predecessor died and we were started in its place.
    virtual bool is_successor() const = 0;
    /// A duplicate is held until drop(); replaces one of the same name. The caller keeps `fd`.
    virtual Result<> keep(std::string const& name, int fd) = 0;
    virtual void drop(std::string const& name) = 0;
    /// What a predecessor kept under this name, closed at exec, and only once; empty when there is
    /// none. It stays held: keep() is not needed again.
    virtual Fd take(std::string const& name) = 0;
    /// Names that a predecessor kept and nobody has taken yet.
    virtual std::vector<std::string> untaken(std::string const& prefix) const = 0;
};

/// Holds nothing: `lares up --no-keeper`, and tests.
class NoFdStore final : public FdStore {
public:
    bool is_successor() const override { return false; }
    Result<> keep(std::string const&, int) override { return {}; }
    void drop(std::string const&) override {}
    Fd take(std::string const&) override { return {}; }
    std::vector<std::string> untaken(std::string const&) const override { return {}; }
};

}  // namespace lares::os
