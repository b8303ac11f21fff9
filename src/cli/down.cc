// cli/down.cc: `lares down`: ask the daemon to end, and wait until it has.

#include <fmt/core.h>

#include <algorithm>

#include "cli/session.h"
#include "cli/trouble.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// From the socket's end to the process's: it only has to remove its files.
constexpr Duration end_limit = 10s;
constexpr Duration look_every = 100ms;

bool is_still_up(api::Process const& process) {
    return process.pid != 0 || process.state_name == "STOPPING";
}

std::string waiting_line(api::Status const& status) {
    std::string names;
    for (api::Process const& process : status.processes)
        if (is_still_up(process)) names += (names.empty() ? "" : ", ") + process.full_name();
    return names.empty() ? "waiting for the daemon to end" : "waiting for " + names + " to stop";
}

/// One line on a terminal that is written over; nothing elsewhere.
class ProgressLine {
public:
    explicit ProgressLine(Doors const& doors) : doors_(doors), shown_(doors.terminal().is_tty) {}
    ~ProgressLine() { show(""); }
    ProgressLine(ProgressLine const&) = delete;
    ProgressLine& operator=(ProgressLine const&) = delete;

    void show(std::string const& text) {
        if (!shown_ || text == last_) return;
        int const columns = doors_.terminal().columns - 1;
        doors_.out("\r" + fitted(text, std::size_t(std::max(columns, 1))) + "\x1b[K");
        last_ = text;
    }

private:
    Doors const& doors_;
    bool shown_;
    std::string last_;
};

/// Waits until nobody answers any more. The Error is anything else that keeps us from asking.
Result<> wait_for_silence(Session& session) {
    ProgressLine line(session.doors);
    while (true) {
        Result<api::Status> const status = session.client.status({});
        if (!status && status.error().kind == Error::Kind::unavailable) return {};
        if (!status) return status.error();
        line.show(waiting_line(*status));
        if (!session.doors.pause(look_every))
            return Error{Error::Kind::conflict, "no longer waiting; the daemon is still ending"};
    }
}

/// True when the process has gone within end_limit. Of a server reached by network we know only its
/// silence.
bool wait_for_end(Session const& session, std::int64_t pid) {
    if (session.found.socket.empty() || pid <= 0) return true;
    for (Duration waited{0}; waited < end_limit; waited += look_every) {
        if (!session.doors.is_alive(pid)) return true;
        if (!session.doors.pause(look_every)) return false;
    }
    return !session.doors.is_alive(pid);
}

int report(Session const& session, std::int64_t pid, bool gone) {
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"pid", pid}, {"gone", gone}});
    } else {
        print(session.doors,
              fmt::format("the daemon (pid {}) {}", pid, gone ? "has ended" : "is ending"));
    }
    return exit_status::done;
}

}  // namespace

int down(Session& session) {
    Result<api::Status> const before = session.client.status({});
    if (!before) return fail(session, before.error());
    std::int64_t const pid = before->pid;
    Result<> const asked = session.client.shutdown();
    // A conflict: someone else has asked already. We wait all the same.
    bool const already = !asked && asked.error().kind == Error::Kind::conflict;
    if (!asked && !already) return fail(session, asked.error());
    if (session.request.no_wait) return report(session, pid, false);
    if (Result<> const silent = wait_for_silence(session); !silent)
        return fail(session, silent.error());
    if (wait_for_end(session, pid)) return report(session, pid, true);
    return fail(session.doors, session.request,
                {Error::Kind::conflict,
                 fmt::format("the daemon no longer answers, but pid {} has not ended", pid)},
                exit_status::refused);
}

}  // namespace lares::cli
