// control/rest_session.cc: logging in and out with a browser.
//
// The doorman has judged by then who asks: what a body of POST brought counts as a login. A session
// that a client brings along is never made better: a login makes a new one, and ends the old.

#include "control/rest_face.h"
#include "control/work_house.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

std::string_view kind_of(Caller::By by) {
    switch (by) {
    case Caller::By::open:
        return "open";
    case Caller::By::peer:
        return "peer";
    case Caller::By::login:
        return "login";
    case Caller::By::token:
        return "token";
    case Caller::By::session:
        return "session";
    }
    return "open";
}

std::string session_json(Caller const& caller) {
    return rest_json(text::Struct{{"name", caller.name.empty() ? caller.who : caller.name},
                                  {"role", std::string(config::role_name(caller.role))},
                                  {"kind", std::string(kind_of(caller.by))},
                                  {"expires", time_value(caller.until)}});
}

/// `value` empty: the cookie is taken away.
std::string cookie_text(std::string_view value, bool is_secure) {
    std::string text =
        "lares_session=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Strict";
    if (is_secure) text += "; Secure";
    text += "; Max-Age=" + std::to_string(value.empty() ? 0 : session_longest.count() / 1000);
    return text;
}

}  // namespace

void RestFace::session(Request const& request, Caller const& caller) {
    if (request.method == "POST") return begin_session(request, caller);
    bool is_secure = tools_.doorman.is_secure(request);
    if (request.method == "DELETE") {
        auto cookie = session_cookie(request);
        if (!cookie.empty()) tools_.keys.end_session(cookie);
        if (caller.by == Caller::By::session)
            tools_.house.work().note("session.end", "daemon", signed_by(caller), "logged out", {});
        return tools_.wire.reply(
            request.request,
            {.status = 204, .headers = {{"Set-Cookie", cookie_text("", is_secure)}}, .body = {}});
    }
    if (caller.role < Role::viewer)
        return problem(request.request, 401, "login", {{}, "nobody is logged in", {}});
    reply_json(request.request, 200, session_json(caller));
}

void RestFace::begin_session(Request const& request, Caller const& caller) {
    bool has_proved = caller.by == Caller::By::login || caller.by == Caller::By::token;
    if (!has_proved || caller.role < Role::viewer)
        return problem(request.request, 401, "login",
                       {{},
                        "a name and a password, or a token, are needed here",
                        "send {\"name\":...,\"password\":...} or {\"token\":...}"});
    auto brought = session_cookie(request);
    if (!brought.empty()) tools_.keys.end_session(brought);
    auto now = tools_.house.wall();
    auto cookie = tools_.keys.begin_session(caller, now);
    tools_.house.work().note("session.begin", "daemon", signed_by(caller), "logged in", {});
    auto seen = caller;
    seen.by = Caller::By::session;
    seen.until = now + session_longest;
    tools_.wire.reply(
        request.request,
        {.status = 200,
         .headers = {{"Content-Type", "application/json"},
                     {"Set-Cookie", cookie_text(cookie, tools_.doorman.is_secure(request))}},
         .body = session_json(seen)});
}

}  // namespace lares::control
