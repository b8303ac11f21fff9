// control/http_work.h: jobs over HTTP with JSON: for programs that put many, for workers on other
// machines, and for hooks that strangers' servers call.
//
// The fast road into the queue: from the request to WorkHouse::put nothing is copied but the
// payload, and nothing is looked up that is not needed. Failures are application/problem+json (RFC
// 9457) with the field that is wrong and a hint. What is under way is bounded here, for a body
// leaves the wire's own bounds once it is whole.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "control/doorman.h"
#include "control/flood.h"
#include "control/hook.h"
#include "control/house.h"
#include "control/job_input.h"
#include "control/operation.h"
#include "control/work_house.h"
#include "ports/wire.h"

namespace lares::control {

class WorkFace {
public:
    WorkFace(House& house, ports::Wire& wire, Doorman& doorman)
        : house_(house), wire_(wire), doorman_(doorman) {}

    /// True when the path is a hook's: then it is, or will be, answered.
    bool route_hook(ports::HttpRequested const&, std::string_view path);
    /// What stands behind "/api/v1/": jobs that are put, and what workers say.
    void route_api(ports::HttpRequested const&, std::string_view rest, Caller const&);
    void closed(ports::RequestId);

private:
    using Request = ports::HttpRequested;
    /// Counted until the house has answered, also when the client is gone: its jobs are still
    /// there.
    struct UnderWay {
        std::size_t bytes = 0;
        bool is_gone = false;
    };

    void route_task(Request const&, std::string_view rest, Caller const&);
    void route_job(Request const&, std::string_view rest, Caller const&);
    void put_one(Request const&, std::string task, Caller const&);
    void put_many(Request const&, Caller const&);
    void claim(Request const&, std::string task);
    void heartbeat(Request const&, job::Id);
    void finish(Request const&, job::Id);
    void call_hook(Request const&, std::string_view path);
    void acknowledge(Request const&, std::string_view path);  // http_acknowledge.cc
    void refuse_hook(Request const&, std::string_view path, HookVerdict const&,
                     config::Task const*);

    bool may(Request const&, Caller const&, Role needed, std::string_view what);
    /// False, and answered, when too much is under way already.
    bool begin(Request const&);
    /// False when the client has gone.
    bool end(ports::RequestId);
    void send(ports::RequestId, int status, std::string json);
    void problem(ports::RequestId, int status, JobFault const&);
    void problem(ports::RequestId, Error const&, int conflict_status);
    void put(Request const&, std::vector<NewJob>, std::string who,
             std::function<void(ports::RequestId, std::vector<PutOutcome> const&)>);
    Done answer_done(ports::RequestId);

    House& house_;
    ports::Wire& wire_;
    Doorman& doorman_;
    std::unordered_map<ports::RequestId, UnderWay> open_;
    std::size_t bytes_ = 0;  // of the bodies under way
    FloodGate journal_gate_;
};

}  // namespace lares::control
