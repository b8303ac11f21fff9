// control/doorman.h: who is let in to the HTTP servers, before anything is looked up for them.
//
// Judges where a request came from (control/origin.h) and who asks (control/access.h), has slow
// hashes checked on a worker and remembers what was right, answers refusals later each time, and
// logs them below flood rate. What gets in goes to `admit` with what it may.
//
// Calls of hooks (/hook/...) pass by: they prove themselves (control/hook.h).
//
// A verified password is remembered as a digest keyed with a random salt, so that a client with one
// connection a call does not cost a slow hash each time; nothing clear is kept.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "config/settings.h"
#include "control/access.h"
#include "control/flood.h"
#include "control/house.h"
#include "ports/wire.h"

namespace lares::control {

/// What the doorman needs of the world.
struct DoorTools {
    Hashes hashes;
    /// Whether a password fits a hash of crypt(3): computed elsewhere, answered on this thread.
    std::function<void(std::string password, std::string hash, std::function<void(bool)>)>
        check_password;
    std::function<void(std::string const&)> log;  // a line for the daemon's log
    std::string machine_name;
    std::string salt;  // random: unknown to everyone
};

class Doorman {
public:
    using Admit = std::function<void(ports::HttpRequested const&, Caller)>;

    Doorman(House& house, ports::Wire& wire, DoorTools tools, Admit admit)
        : house_(house), wire_(wire), tools_(std::move(tools)), admit_(std::move(admit)) {}

    /// The servers there are from now on, numbered from `first`, and who may log in.
    void serve(std::vector<config::HttpServer> const& servers,
               std::vector<config::Account> const& accounts, int first);

    void on(ports::HttpRequested);
    void closed(ports::RequestId);
    /// Logs a refusal, unless one of its kind was logged a moment ago.
    void note(std::string_view kind, std::string words);
    /// How much later to answer this peer's wrong secret; it counts as a failure.
    Duration hold_after_failure(ports::Peer const&);
    Hash const& sha256() const { return tools_.hashes.sha256; }

private:
    struct Waiting {
        ports::HttpRequested request;
        Verdict verdict;  // its own: who sends the same password may be another peer
    };
    /// One check under way, and all who wait for it.
    struct Check {
        std::string address;
        std::string hash;
        std::vector<Waiting> waiting;
    };

    config::HttpServer const* server_of(ports::HttpRequested const&) const;
    void judge(ports::HttpRequested, config::HttpServer const&);
    void check(ports::HttpRequested, Verdict);
    bool has_room_for(std::string const& address) const;
    void checked(std::string const& key, bool fits);
    void settle(ports::HttpRequested const&, Verdict const&, bool fits);
    void let_in(ports::HttpRequested const&, Caller);
    void refuse_login(ports::HttpRequested const&, bool was_tried);
    void say(ports::HttpRequested const&, int status, std::string words);

    House& house_;
    ports::Wire& wire_;
    DoorTools tools_;
    Admit admit_;
    std::vector<config::HttpServer> servers_;
    std::vector<config::Account> accounts_;
    int first_server_ = 0;
    std::map<std::string, Check> checks_;    // by what is checked
    std::unordered_set<std::string> known_;  // checked passwords that were right
    FloodGate gate_;
    Slowdown slowdown_;
};

/// "127.0.0.1", or "pid 4711": from where a peer asks, for the journal.
std::string origin_of(ports::Peer const&);

/// "127.0.0.1", or "uid 1000": who a peer is, for limits and messages.
std::string address_of(ports::Peer const&);

}  // namespace lares::control
