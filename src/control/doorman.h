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
#include "control/keys.h"
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
    /// Computes a hash of crypt(3) elsewhere, answered on this thread.
    std::function<void(std::string password, std::function<void(Result<std::string>)>)>
        hash_password = {};
    std::function<std::string()> random = {};  // 32 bytes that nobody can guess
    /// The file of users and tokens (control/keys.h) as it was found, and how it is kept.
    std::string access = {};
    std::function<void(std::string text, std::function<void(Result<>)>)> write_access = {};
};

class Doorman {
public:
    using Admit = std::function<void(ports::HttpRequested const&, Caller)>;

    Doorman(House& house, ports::Wire& wire, DoorTools tools, Keys& keys, Admit admit);

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
    DoorTools const& tools() const { return tools_; }
    /// Whether the client's own connection is encrypted, as far as can be known.
    bool is_secure(ports::HttpRequested const&) const;
    /// Those of the configuration.
    std::vector<config::Account> const& configured() const { return configured_; }

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
    bool judge_keys(ports::HttpRequested const&);
    void join_accounts();
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
    Keys& keys_;
    Admit admit_;
    std::vector<config::HttpServer> servers_;
    std::vector<config::Account> configured_;
    std::vector<config::Account> accounts_;  // those and the kept ones
    int first_server_ = 0;
    std::map<std::string, Check> checks_;    // by what is checked
    std::unordered_set<std::string> known_;  // checked passwords that were right
    FloodGate gate_;
    Slowdown slowdown_;
    RateGate strangers_{10, 100};
};

/// The value of the cookie "lares_session"; empty when there is none.
std::string session_cookie(ports::HttpRequested const&);

/// Paths that need no login: whoever is behind them decides what to show whom.
bool is_for_everyone(std::string_view path);

/// "127.0.0.1", or "pid 4711": from where a peer asks, for the journal.
std::string origin_of(ports::Peer const&);

/// "127.0.0.1", or "uid 1000": who a peer is, for limits and messages.
std::string address_of(ports::Peer const&);

}  // namespace lares::control
