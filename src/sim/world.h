// sim/world.h: a world without a kernel, to run the whole daemon in.
//
// Time is a number that jumps to the next thing due. Everything the ports offer is here, as slow
// and as unhelpful as the real thing may be; scripts say how programs behave. The same seed gives
// the same run, always, so that a failing seed is a bug report.

#pragma once

#include <functional>

#include "sim/clock.h"
#include "sim/folders.h"
#include "sim/intake.h"
#include "sim/kernel.h"
#include "sim/logs.h"
#include "sim/memory.h"
#include "sim/probes.h"
#include "sim/processes.h"
#include "sim/sockets.h"
#include "sim/store.h"
#include "sim/wire.h"
#include "sim/worker.h"
#include "sim/zones.h"

namespace lares::sim {

struct WorldSettings {
    unsigned seed = 1;
    /// Every fourth turn or so comes up to this late, as if the loop had been busy: what fell due
    /// in between is told in one turn.
    Duration late_at_most{0};
};

class World {
public:
    explicit World(WorldSettings settings = {});

    /// Who is told what happens, and called once all of it has been told.
    void connect(ports::Inbox& inbox, std::function<void()> turn);
    /// Lets `span` of virtual time pass. Stops, and complains, when time stands still because the
    /// daemon wants a turn again and again at one instant.
    void run_for(Duration span);
    /// The same, until `done` says so after a turn; false when `span` was over before.
    bool run_until(std::function<bool()> const& done, Duration span);
    /// kill -9 of the daemon; the next one is to be connected. Its keeper holds what it had.
    void crash();
    /// A signal to the daemon.
    void raise(int signal);

    Instant now() const { return kernel.time(); }
    int turns() const { return kernel.turn(); }
    /// What the daemon did that the ports do not allow, and what the world found amiss.
    std::vector<std::string> const& complaints() const { return kernel.complaints(); }
    /// The seed and the last twenty deeds, for the report of a failed run.
    std::string report() const;

    Kernel kernel;
    Clock clock{kernel};
    Logs logs{kernel};
    Processes processes{kernel, logs};
    Probes probes{kernel};
    Folders folders{kernel};
    Sockets sockets{kernel};
    Worker worker{kernel};
    Wire wire{kernel};
    Memory memory;
    Store store{kernel};
    Zones zones;
    Intake intake{kernel};

private:
    std::optional<Instant> next_turn_at() const;
    void turn(Instant at);

    WorldSettings settings_;
    ports::Inbox* inbox_ = nullptr;
    std::function<void()> turn_;
    int turns_at_once_ = 0;
};

}  // namespace lares::sim
