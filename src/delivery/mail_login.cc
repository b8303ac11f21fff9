// delivery/mail_login.cc: one call for a token.

#include "delivery/mail_login.h"

#include "delivery/mail_answer.h"
#include "text/json_value.h"
#include "text/query.h"

namespace lares::deliver {

namespace {

using channel::Channel;

/// What the service answered, as a token or the reason why there is none.
Result<std::string> token_in(ports::WebAnswer const& answer) {
    auto body = text::parse_json(answer.body);
    auto member = [&](std::string_view name) {
        auto const* value = body ? body->find(name) : nullptr;
        return value && value->text() ? *value->text() : std::string();
    };
    auto token = member("access_token");
    if (answer.status == 200 && !token.empty()) return token;
    auto why = member("error_description").empty() ? member("error") : member("error_description");
    return Error{Error::Kind::denied, "answered " + std::to_string(answer.status) +
                                          (why.empty() ? " without a token" : ": " + why)};
}

}  // namespace

Result<std::string> bearer_of(Channel const& channel, ports::Post& post) {
    bool wants = channel.auth == channel::Auth::xoauth2 || channel.auth == channel::Auth::automatic;
    if (!wants) return std::string();
    if (channel.refresh_token.empty()) return channel.token;
    if (channel.token_url.empty())
        return Error{Error::Kind::invalid,
                     "there is a refresh token but no 'token_url' to give it to"};
    ports::WebCall call;
    call.url = channel.token_url;
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                    {"Accept", "application/json"}};
    call.body =
        "grant_type=refresh_token&refresh_token=" + text::encode_percent(channel.refresh_token) +
        "&client_id=" + text::encode_percent(channel.client_id);
    if (!channel.client_secret.empty())
        call.body += "&client_secret=" + text::encode_percent(channel.client_secret);
    call.timeout = channel.timeout;
    auto answer = post.call(call);
    auto token = answer ? token_in(*answer) : Result<std::string>(answer.error());
    if (!token) return std::move(token).error().during("a token from " + channel.token_url);
    return token;
}

delivery::Answer login_answer(Error const& error) {
    return {.outcome = delivery::Outcome::blocked, .words = words_of_peer(error.what)};
}

}  // namespace lares::deliver
