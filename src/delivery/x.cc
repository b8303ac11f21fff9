// delivery/x.cc: a message as posts on X: POST /2/tweets of its API v2, by OAuth 1.0a of a user or
// OAuth 2.
//
// X knows no key of ours, but refuses the same text within some hours: after a try that broke, that
// refusal says that it was taken. Each post costs money there, one with a URL more.

#include "delivery/fit.h"
#include "delivery/kinds.h"
#include "delivery/oauth1.h"
#include "delivery/oauth2.h"
#include "delivery/steps.h"
#include "delivery/web_answer.h"
#include "text/base64.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

class Account {
public:
    Account(Channel const& channel, Try const& attempt, ports::Post& post)
        : channel_(channel), attempt_(attempt), post_(post) {
        base_ = channel.url.empty() ? "https://api.x.com" : channel.url;
        while (base_.ends_with('/')) base_.pop_back();
    }

    Answer say(std::string const& text, std::string const& before) {
        Answer answer = try_once(text, before, Freshness::as_kept);
        bool const is_stale = status_ == 401 && by_refresh();
        if (is_stale) answer = try_once(text, before, Freshness::new_one);
        answer.refresh_token = rotated_;
        return answer;
    }

private:
    bool by_refresh() const {
        return channel_.consumer_key.empty() && !channel_.refresh_token.empty();
    }

    Answer try_once(std::string const& text, std::string const& before, Freshness freshness) {
        status_ = 0;
        ports::WebCall call{.url = base_ + "/2/tweets",
                            .headers = {{"Content-Type", "application/json"}},
                            .ca_file = channel_.ca_file,
                            .timeout = channel_.timeout};
        text::Struct body{{"text", text}};
        if (!before.empty())
            body.emplace_back("reply", text::Struct{{"in_reply_to_tweet_id", before}});
        call.body = text::to_json(body);
        auto const who = identify(call.url, freshness);
        if (!who) {
            Answer answer = blocked(who.error().what);
            if (who.error().kind == Error::Kind::io) answer.outcome = Outcome::later;
            return answer;
        }
        call.headers.emplace_back("Authorization", *who);
        return read(post_.call(call));
    }

    Result<std::string> identify(std::string const& url, Freshness freshness) {
        if (!channel_.consumer_key.empty()) {
            OAuth1 const keys{channel_.consumer_key, channel_.consumer_secret, channel_.token,
                              channel_.token_secret};
            OAuth1Call const signed_call{.method = "POST",
                                         .url = url,
                                         .query = {},
                                         .form = {},
                                         .nonce = text::encode_hex(post_.random_bytes(16)),
                                         .now = attempt_.now};
            return authorization(keys, signed_call, post_);
        }
        if (channel_.refresh_token.empty()) return "Bearer " + channel_.token;
        auto access =
            TRY(access_token(channel_, base_ + "/2/oauth2/token", freshness, attempt_, post_));
        if (!access.rotated.empty()) rotated_ = access.rotated;
        return "Bearer " + access.token;
    }

    Answer read(Result<ports::WebAnswer> const& said) {
        if (!said) return unanswered(said.error(), Repeat::is_safe);
        status_ = said->status;
        auto const object = object_in(*said);
        std::string why = text_at(object, "detail");
        if (why.empty()) why = text_at(object, "title");
        Answer answer = by_status(*said, why, attempt_.now);
        if (answer.outcome == Outcome::sent) {
            answer.provider = text_at(object, "data.id");
            answer.words.clear();
            if (answer.provider.empty()) {
                answer.outcome = Outcome::later;  // the same text again says whether it was taken
                answer.words = "201, but no word of the post: " + said->body.substr(0, 100);
            }
        }
        if (status_ == 429) answer.retry_after = reset(*said, answer.retry_after);
        if (status_ == 403) refine_forbidden(answer, why, text_at(object, "type"));
        return answer;
    }

    /// The later of those that are used up: of the quarter of an hour, of the day.
    Duration reset(ports::WebAnswer const& said, Duration least) const {
        for (auto const* each : {"x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"}) {
            std::string const name = each;
            bool const is_used_up =
                name == "x-rate-limit" || header(said, name + "-remaining") == "0";
            if (is_used_up)
                least = std::max(least, until(header(said, name + "-reset"), attempt_.now));
        }
        return least;
    }

    void refine_forbidden(Answer& answer, std::string const& why, std::string const& type) const {
        bool const is_double = why.find("duplicate content") != why.npos;
        if (is_double && attempt_.attempt > 1) {
            answer = {.outcome = Outcome::sent, .words = "taken at an earlier try"};
            return;
        }
        bool const is_ours = type.find("client-forbidden") != type.npos ||
                             type.find("client-not-enrolled") != type.npos ||
                             type.find("permissions") != type.npos ||
                             type.find("unsupported-authentication") != type.npos;
        answer.outcome = is_ours ? Outcome::blocked : Outcome::refused;
    }

    Channel const& channel_;
    Try const& attempt_;
    ports::Post& post_;
    std::string base_, rotated_;
    int status_ = 0;
};

/// The last post that has a name: one that was found taken at a second try has none.
std::string last_named(Done const& done, Message const& message) {
    for (auto at = done.rbegin(); at != done.rend(); ++at)
        if (*at != "?" && *at != refused_step) return *at;
    auto const names = names_in(message.in_reply_to);
    return names.empty() ? std::string() : names.back();
}

}  // namespace

Answer send_x(Channel const& channel, Message const& message, Try const& attempt,
              ports::Post& post) {
    if (channel.token.empty() && channel.refresh_token.empty())
        return blocked("there is no account; set 'token', or 'refresh_token' with 'client_id'");
    auto const texts = fit(message, budget_of(channel));
    if (!texts) return refused(texts.error().what);
    Account account(channel, attempt, post);
    bool is_over = false;
    Answer answer = in_steps(texts->size(), attempt, [&](std::size_t step, Done const& done) {
        if (is_over || (step > 0 && done.back() == refused_step)) return refused("");
        Answer one = account.say((*texts)[step].text, last_named(done, message));
        is_over = one.outcome == Outcome::refused;
        return one;
    });
    if (answer.outcome == Outcome::sent && !message.files.empty() && answer.words.empty())
        answer.words = "without its files, which are not sent to X";
    return answer;
}

}  // namespace lares::deliver
