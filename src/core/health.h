// core/health.h: when to ask a program whether it is well, and what its answers mean.
//
// One machine serves readiness (ask until the first yes) and liveness (ask for ever; so many noes
// in a row are an illness). Pure; the daemon sends the probe and feeds the answer. Words and
// defaults follow Kubernetes' probes (period, timeout, failure threshold), which people know.

#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"

namespace lares::health {

enum class Purpose { readiness, liveness };

struct Plan {
    Purpose purpose = Purpose::readiness;
    Duration first{0};         // after the spawn (readiness) or after RUNNING (liveness)
    Duration every{1000};      // from the start of one probe to the start of the next
    Duration timeout{1000};    // a probe without answer by then has failed
    int failures_allowed = 3;  // liveness: this many in a row are an illness; readiness: ignored
    bool operator==(Plan const&) const = default;
};

struct Watch {
    bool active = false;
    bool asking = false;   // a probe is under way
    int failures = 0;      // in a row
    std::string last_why;  // of the last failure
    std::optional<Instant> deadline;
    Instant asked_at{};
};

struct Begin {};
struct End {};
struct Answer {
    bool ok;
    std::string why;
};
struct DeadlinePassed {};
using Event = std::variant<Begin, End, Answer, DeadlinePassed>;

struct Ask {};      // send one probe
struct Abandon {};  // stop the probe under way: it took too long, or nobody needs the answer
struct Ready {};
struct Ill {
    std::string why;  // "3 probes failed, last: connection refused"
};
using Action = std::variant<Ask, Abandon, Ready, Ill>;

struct Step {
    Watch next;
    std::vector<Action> actions;
};

/// Total and pure, as supervise::step. An answer after End or after its time-out changes nothing;
/// one to an abandoned probe must not be handed over while a later probe is under way (ProbeId
/// tells). Begin starts anew, whatever was. After Ill a liveness watch counts from 0 and asks on.
/// Two probes start at least 10 ms apart, and a time-out is at least as long.
Step step(Watch const&, Plan const&, Event const&, Instant now);

}  // namespace lares::health
