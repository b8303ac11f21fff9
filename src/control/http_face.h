// control/http_face.h: the table of operations over HTTP: XML-RPC, the log streams, the plain pages
// and a life sign.
//
// Routes and their answers are supervisord's (spec §4.1, §4.5), but that nothing is done on a GET.
// It keeps what is under way: which request waits for which call. It lives as long as the daemon;
// at a restart it is given the new servers with serve(), for its callbacks may still be on their
// way.

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/settings.h"
#include "control/backroom.h"
#include "control/desk.h"
#include "control/doorman.h"
#include "control/guarded_wire.h"
#include "control/house.h"
#include "control/http_work.h"
#include "control/keys.h"
#include "control/live.h"
#include "control/log_stream.h"
#include "control/rest_face.h"
#include "control/usage_meter.h"
#include "ports/wire.h"

namespace lares::control {

struct PageAction;

class Face {
public:
    /// The daemon counts as started now. Nobody is served before serve().
    Face(House&, ports::Wire&, DoorTools);
    Face(Face const&) = delete;
    Face& operator=(Face const&) = delete;

    /// The daemon listens at these from now on, numbered from `first` as in HttpRequested::server;
    /// a request of another is told that it has gone. What is under way goes on.
    void serve(std::vector<config::HttpServer> const& servers,
               std::vector<config::Account> const& accounts, int first) {
        doorman_.serve(servers, accounts, first);
    }

    /// The set of processes, or their logs, are not what they were (restart, scaling): streams
    /// follow.
    void logs_changed() {
        streams_.logs_changed();
        live_.logs_changed();
    }
    /// A program changed its state.
    void programs_changed() { live_.programs_changed(); }
    /// An event of the journal, as it happens.
    void event_seen(ports::EventRow const& event) { live_.event_seen(event); }
    /// Sends what changed; and when it wants to be called again at the latest.
    void end_turn(Instant now) {
        now_ = now;
        live_.end_turn(now);
    }
    std::optional<Instant> deadline() const { return live_.deadline(); }
    /// Requests that wait for the daemon to get somewhere.
    std::size_t waiting() const { return calls_.size() + rest_.waiting(); }

    void on(ports::HttpRequested);
    void on(ports::HttpRefused const&);
    void on(ports::StreamDrained const&);
    void on(ports::HttpClosed const&);

private:
    using Then = std::function<void(Answer)>;

    void route(ports::HttpRequested const&, Caller const&);
    void begin(ports::RequestId, std::string_view method, text::Array parameters, Caller const&,
               Then);
    void call(ports::HttpRequested const&, Caller const&);
    void tail_main_log(ports::RequestId);
    void tail_process_log(ports::RequestId, std::string_view rest);
    void say(ports::RequestId, int status, std::string words);

    // http_pages.cc
    bool route_page(ports::HttpRequested const&, std::string_view path, Caller const&);
    void show_status(ports::HttpRequested const&, Caller const&);
    void act(ports::HttpRequested const&, Caller const&);
    void refuse_get(ports::RequestId, std::string_view action, std::string_view process);
    void show_tail(ports::HttpRequested const&, Caller const&);
    void show_letter(ports::HttpRequested const&, Caller const&);

    // http_open.cc: what needs no login, and numbers for machines.
    bool route_open(ports::HttpRequested const&, std::string_view path, Caller const&);
    void show_public(ports::HttpRequested const&, bool as_json);
    void show_calendar(ports::HttpRequested const&, Caller const&);
    void show_metrics(ports::RequestId);
    void tell_metrics(ports::RequestId, UsageMeter::Measured const&,
                      Result<ports::Found> const& counts);

    House& house_;
    GuardedWire wire_;
    Keys keys_;
    UsageMeter usage_;
    Backroom backroom_;
    Desk desk_;
    Streams streams_;
    Doorman doorman_;
    WorkFace work_;
    Live live_;
    RestFace rest_;
    Instant now_{};
    std::unordered_set<ports::RequestId> open_;           // of these files, answered later
    std::unordered_map<ports::RequestId, Ticket> calls_;  // that wait
};

}  // namespace lares::control
