// control/http_face.h: the table of operations over HTTP: XML-RPC, the log streams, and a life
// sign.
//
// Routes and their answers are supervisord's (spec §4.1, §4.5) as far as they are there: no pages
// yet. It keeps what is under way: which request waits for which call. It lives as long as the
// daemon; at a restart it is given the new servers with serve(), for its callbacks may still be on
// their way.

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/settings.h"
#include "control/access.h"
#include "control/desk.h"
#include "control/house.h"
#include "control/log_stream.h"
#include "ports/wire.h"

namespace lares::control {

class Face {
public:
    /// `servers`: as numbered in HttpRequested::server; copied. The daemon counts as started now.
    Face(House&, ports::Wire&, std::vector<config::HttpServer> const& servers, Sha1);
    Face(Face const&) = delete;
    Face& operator=(Face const&) = delete;

    /// The daemon listens at these from now on. What is under way goes on.
    /// `first`: the number of the first of them; a request of another is told that it has gone.
    void serve(std::vector<config::HttpServer> const& servers, int first) {
        servers_ = servers;
        first_server_ = first;
    }

    /// The set of processes, or their logs, are not what they were (restart, scaling): streams
    /// follow.
    void logs_changed() { streams_.logs_changed(); }
    /// Requests that wait for the daemon to get somewhere.
    std::size_t waiting() const { return calls_.size(); }

    void on(ports::HttpRequested);
    void on(ports::StreamDrained const&);
    void on(ports::HttpClosed const&);

private:
    bool admit(ports::HttpRequested const&);
    void route(ports::HttpRequested const&);
    void call(ports::HttpRequested const&);
    void tail_main_log(ports::RequestId);
    void tail_process_log(ports::RequestId, std::string_view rest);
    void say(ports::RequestId, int status, std::string words);

    House& house_;
    ports::Wire& wire_;
    std::vector<config::HttpServer> servers_;
    int first_server_ = 0;
    Sha1 sha1_;
    Desk desk_;
    Streams streams_;
    std::unordered_map<ports::RequestId, Ticket> calls_;  // that wait
};

/// "g:p" for "g%3Ap"; a '%' without two digits after it stays as it is.
std::string decode_percent(std::string_view text);

}  // namespace lares::control
