// daemon/listening.cc: sockets for programs: opened before they start, handed to each process.

#include <fmt/core.h>

#include <algorithm>

#include "config/processes.h"
#include "config/sockets.h"
#include "daemon/daemon.h"

namespace lares::daemon {

namespace {

bool is_fastcgi(config::Program const& program) {
    return program.kind == config::ProgramKind::fcgi_program;
}

}  // namespace

std::vector<Error> Daemon::open_sockets() {
    auto wanted = settings_->sockets;
    for (auto const& program : settings_->programs)
        if (is_fastcgi(program)) wanted.push_back(config::fastcgi_socket(doors_.world, program));
    look_at_sockets_ = true;
    return sockets_.set_wanted(wanted);
}

Result<> Daemon::hand_sockets(Unit const& unit, ports::SpawnRequest& request) {
    if (is_fastcgi(*unit.program)) {
        request.in_socket = TRY(sockets_.open(config::section_name(*unit.program)));
        request.stdin_pipe = false;
    }
    for (auto const& name : unit.program->sockets)
        request.sockets.emplace_back(TRY(sockets_.open(name)), name);
    return {};
}

// As supervisord: the socket of a [fcgi-program:x] is closed when its last process is gone, so that
// its clients are refused instead of waiting for nobody. One that starts again keeps it.
void Daemon::close_idle_sockets() {
    for (auto const& program : settings_->programs) {
        if (!is_fastcgi(program)) continue;
        bool used = std::ranges::any_of(units_, [&](auto const& unit) {
            if (unit->program != &program) return false;
            bool waits = unit->process.state == supervise::State::exited && unit->process.deadline;
            return unit->run || waits || supervise::is_up(unit->process.state) ||
                   unit->process.state == supervise::State::stopping;
        });
        if (!used) sockets_.close(config::section_name(program));
    }
}

}  // namespace lares::daemon
