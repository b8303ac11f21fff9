// delivery/mail_login.cc: whose token it is, and what a failure means.

#include "delivery/mail_login.h"

#include "delivery/mail_answer.h"

namespace lares::deliver {

Result<Access> bearer_of(channel::Channel const& channel, Try const& attempt, ports::Post& post) {
    bool wants = channel.auth == channel::Auth::xoauth2 || channel.auth == channel::Auth::automatic;
    if (!wants) return Access{};
    if (channel.refresh_token.empty()) return Access{.token = channel.token, .rotated = {}};
    if (channel.token_url.empty())
        return Error{Error::Kind::invalid,
                     "there is a refresh token but no 'token_url' to give it to"};
    return access_token(channel, {}, Freshness::as_kept, attempt, post);
}

delivery::Answer login_answer(Error const& error) {
    return {.outcome = delivery::Outcome::blocked, .words = words_of_peer(error.what)};
}

}  // namespace lares::deliver
