// control/rest_face.h: /api/v1: requests to operations by the rows of control/rest_routes.h, and
// answers to JSON.
//
// What a request is under way for is kept here: which call, which answer is to be kept for an
// Idempotency-Key. Jobs, workers and hooks have their own fast road (control/http_work.h).

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "control/desk.h"
#include "control/doorman.h"
#include "control/http_work.h"
#include "control/keys.h"
#include "control/replays.h"
#include "control/rest_json.h"
#include "control/rest_parameters.h"
#include "ports/wire.h"

namespace lares::control {

class Live;

struct RestTools {
    House& house;
    ports::Wire& wire;
    Desk& desk;
    Doorman& doorman;
    WorkFace& work;
    Keys& keys;
    Live& live;
};

class RestFace {
public:
    explicit RestFace(RestTools tools) : tools_(tools) {}
    RestFace(RestFace const&) = delete;
    RestFace& operator=(RestFace const&) = delete;

    /// True when the path is below /api/v1: then it is, or will be, answered.
    bool route(ports::HttpRequested const&, std::string_view path, Caller const&);
    void closed(ports::RequestId);
    std::size_t waiting() const { return open_.size(); }

private:
    using Request = ports::HttpRequested;
    /// What is answered later.
    struct UnderWay {
        Ticket ticket{};
        std::string replay;    // key of what is to be kept; empty: nothing
        bool is_gone = false;  // the client; it goes on for the sake of `replay`
    };
    /// What the answer needs of the request.
    struct Asked {
        ports::RequestId id{};
        RestRoute const* route = nullptr;
        Captured captured;
        text::Fields query;
        std::string path, none_match, replay;
        bool is_secure = false;
    };

    void dispatch(Request const&, RouteFound, Caller const&);
    void dispatch_own(Request const&, RouteFound const&, Caller const&);
    bool admit(Request const&, RouteFound const&, Caller const&, Asked&);
    bool begin_replay(Request const&, Caller const&, Asked&);
    bool is_unchanged(Request const&, Asked const&);
    void run(Request const&, Asked, Caller const&);
    void begin(Asked const&, std::string_view operation, text::Array, Caller const&,
               std::function<void(Answer)>);
    void call(Request const&, RouteFound const&, Caller const&);
    void tell(Asked const&, Answer);
    std::variant<std::string, Outcome> body_of(Asked const&, text::Value, ports::HttpReply&);
    std::string guard_tag(Guard, Captured const&) const;

    // rest_drop.cc
    void drop(Request const&, RouteFound const&, Caller const&);

    // rest_session.cc
    void session(Request const&, Caller const&);
    void begin_session(Request const&, Caller const&);

    void send(Asked const&, ports::HttpReply);
    void reply_json(ports::RequestId, int status, std::string json);
    void problem(Asked const&, int status, std::string json);
    void problem(ports::RequestId, int status, std::string_view kind, JobFault const&);

    RestTools tools_;
    Replays replays_;
    std::unordered_map<ports::RequestId, UnderWay> open_;
    std::string document_;  // openapi.json, once it was asked for
};

}  // namespace lares::control
