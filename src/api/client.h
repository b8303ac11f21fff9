// api/client.h: a running Lares, as its clients see it: one function a request.
//
// Speaks XML-RPC (POST /RPC2) and the endless log streams through ports::HttpClient; knows no
// socket itself, so that tests script the answers. An Error's kind says who is at fault:
// unavailable: nobody listens there (or left during the answer); denied: no permission on the
// socket, or the password; not_found, invalid, conflict: the daemon refused; io: all else.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/reports.h"
#include "base/result.h"
#include "base/time.h"
#include "ports/http_client.h"
#include "text/value.h"
#include "text/xmlrpc.h"

namespace lares::api {

// The clients of this room name these without knowing ports/.
using ports::HttpAnswer;
using ports::HttpCall;
using ports::HttpClient;

/// Where a daemon listens and who asks; an empty username sends no credentials.
struct Server {
    std::string url;  // "unix:///run/lares.sock", "http://host:port", "https://host:port"
    std::string username;
    std::string password;
    std::string cafile;  // https: PEM file of authorities; empty: the system's
    bool operator==(Server const&) const = default;
};

/// The server answered, but not with XML-RPC or a log: 401, 404, 500.
struct HttpRefusal {
    int status = 0;
    std::string body;
};
/// An answer before anybody has judged it, for those who must tell faults from refusals. Of a log
/// that was followed to its end the value is true.
using Reply = std::variant<text::Value, text::XmlRpcFault, HttpRefusal, Error>;

/// Whether an answer comes at once or when the work is done.
enum class Wait { no, yes };
/// All at once, or one by one, each when the one before is RUNNING again.
enum class Manner { together, rolling };
enum class Stream { out, err };

/// Patterns are control's: `name`, `group:name`, `group:*`, globs, `all`; an empty list means all.
using Patterns = std::vector<std::string>;

class Client {
public:
    /// `http` must outlive the client.
    /// @param until  a descriptor: once it can be read, whatever is under way ends with an Error
    ///               (conflict), "interrupted"; -1: none.
    Client(HttpClient& http, Server server, int until = -1)
        : http_(http), server_(std::move(server)), until_(until) {}

    Server const& server() const { return server_; }

    /// The answer as it was sent, for printing; status() reads it.
    Result<text::Value> status_value(Patterns const&);
    Result<Status> status(Patterns const&);

    /// These give a value that read_outcomes() reads: an entry a process, and one for each pattern
    /// that matches nothing (code::bad_name).
    Result<text::Value> start(Patterns const&, Wait);
    Result<text::Value> stop(Patterns const&, Wait);
    Result<text::Value> restart(Patterns const&, Wait, Manner);
    /// @param signal  a name or a number, as text.
    Result<text::Value> signal(Patterns const&, std::string const& signal);

    /// Changes how many processes `program` (a section's name) has.
    Result<> scale(std::string const& program, std::int64_t count);
    Result<std::string> version();
    Result<std::int64_t> daemon_pid();
    /// Asked, not done: the daemon stops everything afterwards and then ends.
    Result<> shutdown();

    /// The last `bytes` of a process's log ("name" or "group:name").
    Result<LogPiece> tail(std::string const& name, Stream, std::int64_t bytes);
    /// The last `bytes` of the daemon's own log.
    Result<std::string> tail_main(std::int64_t bytes);

    /// The last 1,024 bytes of a log (or all, if shorter), then what is added, until `take` returns
    /// false or the daemon ends.
    Result<> follow(std::string const& name, Stream,
                    std::function<bool(std::string_view)> const& take);
    Result<> follow_main(std::function<bool(std::string_view)> const& take);

    /// Any other method, for those who know its shape.
    /// @param limit  for the whole exchange; 0: none, for what takes as long as a program does.
    Result<text::Value> call(std::string const& method, std::vector<text::Value> params,
                             Duration limit = answer_limit);

    /// Posts to a route that answers with JSON, and gives what it answered. A problem (RFC 9457) is
    /// an Error in its words.
    Result<text::Value> post(std::string const& target, std::string const& content_type,
                             std::string body, Duration limit = answer_limit);

    /// Gets from such a route, likewise.
    Result<text::Value> get(std::string const& target, Duration limit = answer_limit);

    /// As call(), with everything but the answer's words left to the caller.
    Reply exchange(std::string const& method, std::vector<text::Value> params, Duration limit);
    /// As follow(), likewise.
    Reply follow_raw(std::string const& name, Stream,
                     std::function<bool(std::string_view)> const& take);
    Reply follow_main_raw(std::function<bool(std::string_view)> const& take);

    /// A daemon that lives answers from memory; one that is silent for so long hangs.
    static constexpr Duration answer_limit{30'000};

private:
    Reply follow_path(std::string target, std::function<bool(std::string_view)> const& take);
    Result<text::Value> json_answer(HttpCall const&);
    /// The value, or in words why there is none.
    Result<text::Value> judge(Reply) const;
    HttpCall prepare(std::string method, std::string target) const;
    Error words_for(Error error) const;
    Error words_for_status(HttpRefusal const&) const;

    HttpClient& http_;
    Server server_;
    int until_;
};

}  // namespace lares::api
