// delivery/oauth2.cc: one call for a token, and what is kept of its answer.

#include "delivery/oauth2.h"

#include "delivery/sessions.h"
#include "delivery/web_answer.h"
#include "text/query.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using text::encode_percent;

/// Before its end, so that no token runs out on the way.
constexpr Duration early{60'000};

ports::WebCall call_for(Channel const& channel, std::string const& url,
                        std::string const& refresh_token) {
    ports::WebCall call{.url = url,
                        .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                    {"Accept", "application/json"}},
                        .ca_file = channel.ca_file,
                        .timeout = channel.timeout};
    call.body = "grant_type=refresh_token&refresh_token=" + encode_percent(refresh_token) +
                "&client_id=" + encode_percent(channel.client_id);
    if (!channel.client_secret.empty()) {  // a confidential client (RFC 6749, 2.3.1)
        call.user = encode_percent(channel.client_id);
        call.password = encode_percent(channel.client_secret);
    }
    return call;
}

Result<> refresh(Channel const& channel, std::string const& url, Session& session, WallTime now,
                 ports::Post& post) {
    auto const answer = TRY(post.call(call_for(channel, url, session.refresh_token)));
    auto const object = object_in(answer);
    std::string const token = text_at(object, "access_token");
    if (answer.status != 200 || token.empty()) {
        std::string why = text_at(object, "error_description");
        if (why.empty()) why = text_at(object, "error");
        bool const is_trouble = answer.status >= 500 || answer.status == 429;
        return Error{is_trouble ? Error::Kind::unavailable : Error::Kind::denied,
                     "no token from '" + url + "': " + status_words(answer.status, why)};
    }
    session.token = token;
    Duration const lasts = seconds(text_at(object, "expires_in"));
    session.expires = lasts.count() > 0 ? now + lasts : WallTime{};
    std::string const rotated = text_at(object, "refresh_token");
    if (!rotated.empty()) session.refresh_token = rotated;
    return {};
}

bool is_fresh(Session const& session, WallTime now) {
    return !session.token.empty() &&
           (session.expires == WallTime{} || session.expires > now + early);
}

}  // namespace

Result<Access> access_token(Channel const& channel, std::string const& usual_url,
                            Freshness freshness, Try const& attempt, ports::Post& post) {
    Sessions own;
    auto& sessions = attempt.sessions == nullptr ? own : *attempt.sessions;
    std::string const& given = channel.refresh_token;
    auto session = sessions.hold(session_name(channel.name, given));
    if (session->refresh_token.empty()) session->refresh_token = given;
    if (freshness == Freshness::new_one || !is_fresh(*session, attempt.now)) {
        auto const& url = channel.token_url.empty() ? usual_url : channel.token_url;
        TRY(refresh(channel, url, *session, attempt.now, post));
    }
    Access access{session->token, session->refresh_token == given ? "" : session->refresh_token};
    // Whoever is given the new one finds this session by it.
    if (!access.rotated.empty())
        *sessions.hold(session_name(channel.name, access.rotated)) = *session;
    return access;
}

}  // namespace lares::deliver
