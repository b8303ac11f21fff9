// cli/upgrade.cc: `lares upgrade`: another binary takes over from the running daemon, and programs
// go on; and `lares hash-password`.

#include <fmt/core.h>

#include <utility>

#include "cli/password.h"
#include "cli/reading.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr Duration upgrade_limit = 10s;
constexpr Duration look_every = 20ms;

/// The daemon as it answers: who it is.
struct Who {
    std::int64_t pid = 0;
    std::string version;
};

Result<Who> look(Session& session) {
    api::Status const status = TRY(session.client.status({"no-such-process:x"}));
    std::string const commit = status.commit.empty() ? "" : " (" + status.commit + ")";
    return Who{status.pid, status.version + commit};
}

/// How long it took until another process answered; the Error when none did.
struct Successor {
    Who who;
    Duration waited{0};
};
Result<Successor> wait_for_other(Session& session, std::int64_t pid) {
    for (Duration waited{0}; waited < upgrade_limit; waited += look_every) {
        Result<Who> const now = look(session);
        if (now && now->pid != pid) return Successor{*now, waited};
        // Nobody answers for a moment; anything else is no matter of waiting.
        if (!now && now.error().kind == Error::Kind::denied) return now.error();
        if (!session.doors.pause(look_every))
            return Error{Error::Kind::conflict, "no longer waiting for the new daemon"};
    }
    return Error{Error::Kind::conflict,
                 fmt::format("no other daemon answered within {} s; pid {} may still be the one",
                             upgrade_limit.count() / 1000, pid)};
}

int tell(Session const& session, Who const& before, Successor const& after) {
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"before", before.version},
                                               {"after", after.who.version},
                                               {"pid", after.who.pid},
                                               {"ms", std::int64_t(after.waited.count())}});
    } else {
        print(session.doors,
              fmt::format("{} -> {}, pid {} -> {}, after {} ms", before.version, after.who.version,
                          before.pid, after.who.pid, after.waited.count()));
    }
    return exit_status::done;
}

}  // namespace

int upgrade(Session& session) {
    std::string path;
    if (!session.request.words.empty())
        path = absolute(session.request.words.front(), session.doors.world);
    Result<Who> const before = look(session);
    if (!before) return fail(session, before.error());
    Result<text::Value> const asked = session.client.call("lares.upgrade", {path});
    if (!asked) return fail(session, asked.error());
    Result<Successor> const after = wait_for_other(session, before->pid);
    if (!after) return fail(session.doors, session.request, after.error(), exit_status::refused);
    return tell(session, *before, *after);
}

int hash_password(Doors const& doors, Request const& request) {
    Result<std::string> const password = read_password(doors);
    if (!password) return fail(doors, request, password.error(), exit_status::refused);
    Result<std::string> const hash = doors.hash_password(*password);
    if (!hash) return fail(doors, request, hash.error(), exit_status::refused);
    if (request.json) {
        print_json(doors, text::Struct{{"hash", *hash}});
    } else {
        print(doors, *hash);
    }
    return exit_status::done;
}

}  // namespace lares::cli
