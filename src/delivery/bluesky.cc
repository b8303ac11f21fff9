// delivery/bluesky.cc: a message as posts on Bluesky, or on another server of AT Protocol.
//
// Each post has a key of ours, so that a second try finds the first. A server that has it already
// answers createRecord with 500 today (bluesky-social/atproto#3718), which is why trouble is
// followed by a look whether it is there. Logins are few (300 a day): sessions are kept and
// refreshed.

#include <algorithm>
#include <optional>

#include "delivery/bluesky_record.h"
#include "delivery/fit.h"
#include "delivery/kinds.h"
#include "delivery/message_values.h"
#include "delivery/sessions.h"
#include "delivery/steps.h"
#include "delivery/web_answer.h"
#include "text/query.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

constexpr std::string_view collection = "app.bsky.feed.post";

struct Reply {
    Reference root, parent;
};

class Server {
public:
    Server(Channel const& channel, Message const& message, Try const& attempt, ports::Post& post)
        : channel_(channel), message_(message), attempt_(attempt), post_(post) {
        base_ = channel.url.empty() ? "https://bsky.social" : channel.url;
        while (base_.ends_with('/')) base_.pop_back();
        auto& sessions = attempt.sessions == nullptr ? own_sessions_ : *attempt.sessions;
        session_.emplace(sessions.hold(
            session_name(channel.name, base_ + "\n" + channel.user + "\n" + channel.password)));
    }

    Answer say(std::string const& text, std::size_t number, Reply const& reply) {
        if (session().token.empty())
            if (auto const trouble = log_in()) return *trouble;
        std::string const key = record_key(attempt_.key, number);
        if (attempt_.attempt > 1)
            if (auto const there = find(key)) return *there;
        auto said = create(key, text, reply);
        if (said && is_stale(*said)) {
            if (auto const trouble = renew()) return *trouble;
            said = create(key, text, reply);
        }
        Answer answer = read(said);
        bool const may_be_there =
            said && (said->status >= 500 || said->status == 409 ||
                     text_at(object_in(*said), "message").find("exist") != std::string::npos);
        if (may_be_there)
            if (auto const there = find(key)) return *there;
        return answer;
    }

private:
    Session& session() { return **session_; }

    ports::WebCall call_of(std::string method, std::string const& path, std::string const& bearer) {
        ports::WebCall call{.method = std::move(method),
                            .url = base_ + "/xrpc/" + path,
                            .ca_file = channel_.ca_file,
                            .timeout = channel_.timeout};
        if (!bearer.empty()) call.headers.emplace_back("Authorization", "Bearer " + bearer);
        return call;
    }

    ports::WebCall post_json(std::string const& path, std::string const& bearer,
                             text::Struct const& body) {
        auto call = call_of("POST", path, bearer);
        call.headers.emplace_back("Content-Type", "application/json");
        call.body = text::to_json(body);
        return call;
    }

    static bool is_stale(ports::WebAnswer const& said) {
        auto const error = text_at(object_in(said), "error");
        return error == "ExpiredToken" || error == "InvalidToken" || said.status == 401;
    }

    /// none: there is a session now.
    std::optional<Answer> log_in() {
        return begin(post_.call(
            post_json("com.atproto.server.createSession", "",
                      {{"identifier", channel_.user}, {"password", channel_.password}})));
    }

    std::optional<Answer> renew() {
        std::string const old = session().refresh_token;
        session() = {};
        if (!old.empty()) {
            auto const trouble =
                begin(post_.call(call_of("POST", "com.atproto.server.refreshSession", old)));
            if (!trouble || trouble->outcome == Outcome::limited) return trouble;
        }
        return log_in();
    }

    std::optional<Answer> begin(Result<ports::WebAnswer> const& said) {
        if (!said) return unanswered(said.error(), Repeat::is_safe);
        auto const object = object_in(*said);
        Session fresh{.token = text_at(object, "accessJwt"),
                      .refresh_token = text_at(object, "refreshJwt"),
                      .name = text_at(object, "did")};
        if (said->status == 200 && !fresh.token.empty() && !fresh.name.empty()) {
            session() = fresh;
            return {};
        }
        Answer answer = read(said);
        answer.words = "login: " + answer.words;
        bool const is_passing =
            answer.outcome == Outcome::limited || answer.outcome == Outcome::later;
        if (!is_passing) answer.outcome = Outcome::blocked;
        return answer;
    }

    Result<ports::WebAnswer> create(std::string const& key, std::string const& text,
                                    Reply const& reply) {
        auto const& language = message_.language.empty() ? channel_.language : message_.language;
        text::Struct record{{"$type", std::string(collection)},
                            {"text", text},
                            {"createdAt", iso_with_milliseconds(attempt_.now)}};
        if (!language.empty()) record.emplace_back("langs", text::Array{language});
        if (auto found = facets(text); !found.empty()) record.emplace_back("facets", found);
        if (!reply.parent.uri.empty())
            record.emplace_back("reply", text::Struct{{"root", reference_of(reply.root)},
                                                      {"parent", reference_of(reply.parent)}});
        return post_.call(post_json("com.atproto.repo.createRecord", session().token,
                                    {{"repo", session().name},
                                     {"collection", std::string(collection)},
                                     {"rkey", key},
                                     {"record", std::move(record)}}));
    }

    /// What became of an earlier try, whatever its words were then: the key is of this delivery
    /// alone. None: nothing is there, or nobody says.
    std::optional<Answer> find(std::string const& key) {
        auto const said = post_.call(
            call_of("GET",
                    "com.atproto.repo.getRecord?repo=" + text::encode_percent(session().name) +
                        "&collection=" + std::string(collection) + "&rkey=" + key,
                    ""));
        if (!said || said->status != 200) return {};
        auto const object = object_in(*said);
        if (text_at(object, "uri").empty()) return {};
        return Answer{.outcome = Outcome::sent,
                      .provider = text_at(object, "uri") + "," + text_at(object, "cid"),
                      .words = "taken at an earlier try"};
    }

    Answer read(Result<ports::WebAnswer> const& said) {
        if (!said) return unanswered(said.error(), Repeat::is_safe);
        auto const object = object_in(*said);
        std::string const error = text_at(object, "error");
        std::string const message = text_at(object, "message");
        Answer answer =
            by_status(*said, message.empty() ? error : error + ", " + message, attempt_.now);
        if (answer.outcome == Outcome::sent) {
            answer.provider = text_at(object, "uri") + "," + text_at(object, "cid");
            answer.words.clear();
            if (parse_reference(answer.provider).uri.empty()) {
                answer = {.outcome = Outcome::later,
                          .words = "200, but no word of the post: " + said->body.substr(0, 100)};
            }
        }
        if (said->status == 429)
            answer.retry_after =
                std::max(answer.retry_after, until(header(*said, "ratelimit-reset"), attempt_.now));
        if (error == "AccountTakedown" || error == "AuthFactorTokenRequired" ||
            error == "ExpiredToken" || error == "InvalidToken")
            answer.outcome = Outcome::blocked;
        return answer;
    }

    Channel const& channel_;
    Message const& message_;
    Try const& attempt_;
    ports::Post& post_;
    std::string base_;
    Sessions own_sessions_;
    std::optional<Sessions::Held> session_;
};

/// The first post of a thread is its root, the one before the parent.
Reply reply_to(Done const& done, Message const& message) {
    auto const before = names_in(message.in_reply_to);
    std::string const root = !before.empty() ? before.front() : done.empty() ? "" : done.front();
    std::string const parent = !done.empty() ? done.back() : before.empty() ? "" : before.back();
    return {parse_reference(root), parse_reference(parent)};
}

}  // namespace

Answer send_bluesky(Channel const& channel, Message const& message, Try const& attempt,
                    ports::Post& post) {
    if (channel.user.empty() || channel.password.empty())
        return blocked("there is no account; set 'user' and 'password' (an app password)");
    auto const texts = fit(message, budget_of(channel));
    if (!texts) return refused(texts.error().what);
    Server server(channel, message, attempt, post);
    Answer answer = in_steps(texts->size(), attempt, [&](std::size_t step, Done const& done) {
        if (step > 0 && done.back() == refused_step) return refused("");
        return server.say((*texts)[step].text, step, reply_to(done, message));
    });
    if (answer.outcome == Outcome::sent && !message.files.empty() && answer.words.empty())
        answer.words = "without its files, which are not sent to Bluesky";
    return answer;
}

}  // namespace lares::deliver
