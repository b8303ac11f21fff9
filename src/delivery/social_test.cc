// delivery/social_test.cc: Mastodon, X and Bluesky: exactly what is sent, and what each answer
// comes to.

#include <doctest/doctest.h>

#include "delivery/bluesky_record.h"
#include "delivery/kinds.h"
#include "delivery/oauth1.h"
#include "delivery/scripted_post_test.h"
#include "delivery/sessions.h"
#include "delivery/web_answer.h"
#include "text/query.h"

using namespace lares;
using namespace lares::deliver;
using channel::Channel;
using channel::Kind;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

namespace {

Channel mastodon() {
    return {.name = "m", .kind = Kind::mastodon, .url = "https://m.example/", .token = "tok-1"};
}
Channel x() {
    return {.name = "x",
            .kind = Kind::x,
            .token = "tok-1",
            .consumer_key = "ck",
            .consumer_secret = "cs",
            .token_secret = "ts"};
}
Channel x_oauth2() {
    return {.name = "x",
            .kind = Kind::x,
            .client_id = "cid",
            .client_secret = "csec",
            .refresh_token = "r-1"};
}
Channel bluesky() {
    return {.name = "b", .kind = Kind::bluesky, .user = "me.example", .password = "app-pass"};
}
Message hello() { return {.title = "web is down", .text = "so\n", .tags = {"ops"}}; }

Message long_one() {
    Message message = hello();
    for (int i = 0; i < 32; ++i) message.text += "word" + std::to_string(i) + " ";
    return message;
}
Channel in_threads(Channel channel) {
    channel.length = 100;
    channel.threads = true;
    return channel;
}

constexpr std::string_view session_json =
    R"({"accessJwt":"acc-1","refreshJwt":"ref-1","did":"did:plc:me"})";
std::string made(int number) {
    return R"({"uri":"at://did:plc:me/app.bsky.feed.post/k)" + std::to_string(number) +
           R"(","cid":"c)" + std::to_string(number) + "\"}";
}

}  // namespace

TEST_CASE("OAuth 1.0a signs as X's public example does") {
    OAuth1 const keys{"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                      "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                      "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"};
    OAuth1Call const call{.method = "POST",
                          .url = "https://api.twitter.com/1.1/statuses/update.json",
                          .query = {{"include_entities", "true"}},
                          .form = {{"status", "Hello Ladies + Gentlemen, a signed OAuth request!"}},
                          .nonce = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
                          .now = WallTime(Duration(1318622958000))};
    CHECK(base_string(keys, call).size() == 452);
    ScriptedPost post;
    auto const header = authorization(keys, call, post);
    CHECK(header.starts_with("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", "));
    CHECK(header.ends_with("oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""));
}

TEST_CASE("a status goes to Mastodon with its key, visibility and language") {
    ScriptedPost post;
    post.answer(200, R"({"id":"900"})");
    auto const answer = send(mastodon(), hello(), first(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "900");
    CHECK(post.calls[0].url == "https://m.example/api/v1/statuses");
    CHECK(post.header(0, "Authorization") == "Bearer tok-1");
    CHECK(post.header(0, "Idempotency-Key") == "lares-17-host-0");
    CHECK(post.calls[0].body ==
          R"({"status":"web is down\nso\n#ops","visibility":"unlisted","language":"en"})");
    auto channel = mastodon();
    channel.visibility = "direct";
    channel.to = {"anna@x.example", "@ben"};
    post.answer(200, R"({"id":"901"})");
    Message reply = hello();
    reply.in_reply_to = "800 801";
    send(channel, reply, first(), post);
    CHECK(text_at(post.json(1), "status").starts_with("@anna@x.example @ben web is down"));
    CHECK(text_at(post.json(1), "in_reply_to_id") == "801");
}

TEST_CASE("Mastodon's answers are told apart") {
    struct Row {
        int status;
        std::string_view body;
        Outcome outcome;
        ports::Headers headers = {};
        std::int64_t wait = 0;
    };
    for (Row const& row :
         {Row{422, R"({"error":"Validation failed: Text too long"})", Outcome::refused},
          Row{401, R"({"error":"The access token is invalid"})", Outcome::blocked},
          Row{429,
              R"({"error":"Too many"})",
              Outcome::limited,
              {{"x-ratelimit-reset", "2011-10-14T20:14:18.123456Z"}},
              300'000},
          Row{503, "", Outcome::later}, Row{200, "{\"id\"", Outcome::later},
          Row{404, R"({"error":"Record not found"})", Outcome::refused}}) {
        CAPTURE(row.body);
        ScriptedPost post;
        post.answer(row.status, std::string(row.body), row.headers);
        auto const answer = send(mastodon(), hello(), first(), post);
        CHECK(answer.outcome == row.outcome);
        CHECK(answer.retry_after.count() == row.wait);
    }
    ScriptedPost post;
    post.fail(Error::Kind::io);
    CHECK(send(mastodon(), hello(), first(), post).outcome == Outcome::later);
}

TEST_CASE("a thread on Mastodon hangs together and goes on with the same keys") {
    auto const channel = in_threads(mastodon());
    ScriptedPost post;
    post.answer(200, R"({"id":"1"})").answer(503, "");
    auto const answer = send(channel, long_one(), first(), post);
    CHECK(answer.outcome == Outcome::later);
    CHECK(answer.provider == "1");
    CHECK(text_at(post.json(0), "status").ends_with("(1/3)"));
    CHECK(text_at(post.json(1), "in_reply_to_id") == "1");
    ScriptedPost next;
    next.answer(200, R"({"id":"2"})").answer(200, R"({"id":"3"})");
    auto const end = send(channel, long_one(), again(answer.provider), next);
    CHECK(end.provider == "1 2 3");
    CHECK(end.units == 3);
    CHECK(next.header(0, "Idempotency-Key") == "lares-17-host-1");
    CHECK(next.calls[0].body == post.calls[1].body);
    CHECK(text_at(next.json(1), "in_reply_to_id") == "2");
}

TEST_CASE("a file goes to Mastodon first, and one that is worked on is asked for later") {
    Message message = hello();
    message.files = {{"a.png", "image/png", "/x/a.png"}};
    ScriptedPost post;
    post.answer(202, R"({"id":"m1","url":null})").answer(206, "");
    auto const answer = send(mastodon(), message, first(), post);
    CHECK(answer.outcome == Outcome::later);
    CHECK(answer.retry_after == Duration(5000));
    CHECK(answer.provider == "m1");
    CHECK(post.calls[0].url == "https://m.example/api/v2/media");
    CHECK(post.calls[0].parts.at(0).path == "/x/a.png");
    ScriptedPost next;
    next.answer(200, R"({"id":"m1"})").answer(200, R"({"id":"900"})");
    auto const end = send(mastodon(), message, again(answer.provider), next);
    CHECK(end.outcome == Outcome::sent);
    CHECK(next.calls[0].method == "GET");
    CHECK(next.calls[0].url == "https://m.example/api/v1/media/m1");
    CHECK(next.calls[1].body.find(R"("media_ids":["m1"])") != std::string::npos);
}

TEST_CASE("a file that Mastodon refuses does not keep the words from being said") {
    Message message = hello();
    message.files = {{"a.bin", "", "/x/a.bin"}};
    ScriptedPost post;
    post.answer(422, R"({"error":"File type not supported"})").answer(200, R"({"id":"900"})");
    auto const answer = send(mastodon(), message, first(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.words.find("File type not supported") != std::string::npos);
    CHECK(post.json(1).find("media_ids") == nullptr);
}

TEST_CASE("a post goes to X signed by OAuth 1.0a, its JSON no part of the signature") {
    ScriptedPost post;
    post.answer(201, R"({"data":{"id":"500","text":"x"}})");
    auto const answer = send(x(), hello(), first(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "500");
    CHECK(post.calls[0].url == "https://api.x.com/2/tweets");
    CHECK(post.calls[0].body == R"({"text":"web is down\nso\n#ops"})");
    auto const who = post.header(0, "Authorization");
    CHECK(who.starts_with("OAuth oauth_consumer_key=\"ck\", oauth_nonce=\"5a5a"));
    CHECK(who.find("oauth_timestamp=\"1318622958\"") != std::string::npos);
}

TEST_CASE("X's answers are told apart, and a double of our own retry is taken as sent") {
    std::string const twice =
        R"({"detail":"You are not allowed to create a Tweet with duplicate content.","status":403})";
    struct Row {
        int status;
        std::string body;
        Outcome outcome;
        ports::Headers headers = {};
        std::int64_t wait = 0;
    };
    for (Row const& row :
         {Row{403, twice, Outcome::refused},
          Row{403, R"({"type":"https://api.twitter.com/2/problems/client-forbidden"})",
              Outcome::blocked},
          Row{401, R"({"title":"Unauthorized"})", Outcome::blocked},
          Row{402, R"({"title":"CreditsDepleted"})", Outcome::blocked},
          Row{429, "{}", Outcome::limited, {{"x-rate-limit-reset", "1318623058"}}, 100'000},
          Row{429,
              "{}",
              Outcome::limited,
              {{"x-rate-limit-reset", "1318623058"},
               {"x-user-limit-24hour-remaining", "0"},
               {"x-user-limit-24hour-reset", "1318626558"}},
              3'600'000},
          Row{500, "", Outcome::later}, Row{201, "{", Outcome::later}}) {
        CAPTURE(row.body);
        ScriptedPost post;
        post.answer(row.status, row.body, row.headers);
        auto const answer = send(x(), hello(), first(), post);
        CHECK(answer.outcome == row.outcome);
        CHECK(answer.retry_after.count() == row.wait);
    }
    ScriptedPost post;
    post.answer(403, twice);
    CHECK(send(x(), hello(), again(), post).outcome == Outcome::sent);
}

TEST_CASE("a thread on X goes on below the last post that has a name") {
    auto const channel = in_threads(x());
    ScriptedPost post;
    post.answer(201, R"({"data":{"id":"1"}})")
        .answer(403, R"({"detail":"duplicate content."})")
        .answer(201, R"({"data":{"id":"3"}})");
    auto const answer = send(channel, long_one(), again(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "1 ? 3");
    CHECK(text_at(post.json(1), "reply.in_reply_to_tweet_id") == "1");
    CHECK(text_at(post.json(2), "reply.in_reply_to_tweet_id") == "1");
}

TEST_CASE("X's files are left out with a word") {
    Message message = hello();
    message.files = {{"a.png", "", "/x/a.png"}};
    ScriptedPost post;
    post.answer(201, R"({"data":{"id":"500"}})");
    CHECK(send(x(), message, first(), post).words == "without its files, which are not sent to X");
}

TEST_CASE("OAuth 2 asks for a token once, keeps it, and gives the new refresh token back") {
    Sessions sessions;
    Try attempt = first();
    attempt.sessions = &sessions;
    ScriptedPost post;
    post.answer(200, R"({"access_token":"a-1","refresh_token":"r-2","expires_in":7200})")
        .answer(201, R"({"data":{"id":"1"}})")
        .answer(201, R"({"data":{"id":"2"}})")
        .answer(201, R"({"data":{"id":"3"}})");
    auto const answer = send(x_oauth2(), hello(), attempt, post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.refresh_token == "r-2");
    CHECK(post.calls[0].url == "https://api.x.com/2/oauth2/token");
    CHECK(post.calls[0].user == "cid");
    CHECK(post.calls[0].password == "csec");
    CHECK(post.calls[0].body == "grant_type=refresh_token&refresh_token=r-1&client_id=cid");
    CHECK(post.header(1, "Authorization") == "Bearer a-1");
    CHECK(send(x_oauth2(), hello(), attempt, post).refresh_token == "r-2");
    auto channel = x_oauth2();
    channel.refresh_token = "r-2";
    CHECK(send(channel, hello(), attempt, post).refresh_token.empty());
    CHECK(post.calls.size() == 4);
}

TEST_CASE("a token that is not taken any more is renewed once, one that ends too") {
    Sessions sessions;
    Try attempt = first();
    attempt.sessions = &sessions;
    ScriptedPost post;
    post.answer(200, R"({"access_token":"a-1","refresh_token":"r-2","expires_in":7200})")
        .answer(401, "{}")
        .answer(200, R"({"access_token":"a-2","refresh_token":"r-3","expires_in":7200})")
        .answer(201, R"({"data":{"id":"1"}})");
    auto const answer = send(x_oauth2(), hello(), attempt, post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.refresh_token == "r-3");
    CHECK(post.calls[2].body.find("refresh_token=r-2&") != std::string::npos);
    attempt.now += Duration(7'150'000);
    post.answer(200, R"({"access_token":"a-3","refresh_token":"r-4"})")
        .answer(201, R"({"data":{"id":"2"}})");
    CHECK(send(x_oauth2(), hello(), attempt, post).refresh_token == "r-4");
}

TEST_CASE("the new refresh token comes back though the post itself failed") {
    ScriptedPost post;
    post.answer(200, R"({"access_token":"a-1","refresh_token":"r-2"})").fail(Error::Kind::io);
    auto const answer = send(x_oauth2(), hello(), first(), post);
    CHECK(answer.outcome == Outcome::later);
    CHECK(answer.refresh_token == "r-2");
    ScriptedPost none;
    none.answer(400, R"({"error":"invalid_request","error_description":"refresh-1 was invalid"})");
    auto channel = x_oauth2();
    channel.refresh_token = "refresh-1";
    auto const no = send(channel, hello(), first(), none);
    CHECK(no.outcome == Outcome::blocked);
    CHECK(no.words ==
          "no token from 'https://api.x.com/2/oauth2/token': 400 bad request: *** was invalid");
}

TEST_CASE("a post goes to Bluesky with a key of ours, links and tags by their bytes") {
    ScriptedPost post;
    post.answer(200, std::string(session_json)).answer(200, made(1));
    Message message{.text = "休 https://a.example/x", .tags = {"休講"}};
    auto const answer = send(bluesky(), message, first(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "at://did:plc:me/app.bsky.feed.post/k1,c1");
    CHECK(post.calls[0].url == "https://bsky.social/xrpc/com.atproto.server.createSession");
    CHECK(post.calls[0].body == R"({"identifier":"me.example","password":"app-pass"})");
    CHECK(post.header(1, "Authorization") == "Bearer acc-1");
    auto const body = post.json(1);
    CHECK(text_at(body, "repo") == "did:plc:me");
    CHECK(text_at(body, "rkey") == record_key("lares-17-host", 0));
    CHECK(text_at(body, "record.createdAt") == "2011-10-14T20:09:18.000Z");
    CHECK(text::to_json(*body.find("record")->find("facets")) ==
          R"([{"index":{"byteStart":4,"byteEnd":23},"features":[{"$type":)"
          R"("app.bsky.richtext.facet#link","uri":"https://a.example/x"}]},)"
          R"({"index":{"byteStart":24,"byteEnd":31},"features":[{"$type":)"
          R"("app.bsky.richtext.facet#tag","tag":"休講"}]}])");
}

TEST_CASE("a key of a record is a TID, the same for the same, of the past") {
    auto const key = record_key("lares-17-host", 0);
    CHECK(key.size() == 13);
    CHECK(key.find_first_not_of("234567abcdefghijklmnopqrstuvwxyz") == key.npos);
    CHECK(key == record_key("lares-17-host", 0));
    CHECK(key != record_key("lares-17-host", 1));
    CHECK(key != record_key("lares-18-host", 0));
    CHECK(key > "3jr");  // TIDs sort by their time: after 2022
    CHECK(key < "3ki");  // and before 2024
}

TEST_CASE("a second try on Bluesky finds the first instead of saying it twice") {
    ScriptedPost post;
    std::string const there = R"({"uri":"at://did:plc:me/app.bsky.feed.post/k1","cid":"c1",)"
                              R"("value":{"text":"cut otherwise then"}})";
    post.answer(200, std::string(session_json)).answer(200, there);
    auto const answer = send(bluesky(), hello(), again(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "at://did:plc:me/app.bsky.feed.post/k1,c1");
    CHECK(post.calls[1].url ==
          "https://bsky.social/xrpc/com.atproto.repo.getRecord?repo=did%3Aplc%3Ame&collection="
          "app.bsky.feed.post&rkey=" +
              record_key("lares-17-host", 0));
    ScriptedPost odd;  // the server has it, and says 500 to a second one
    odd.answer(200, std::string(session_json)).answer(500, "{}").answer(200, there);
    CHECK(send(bluesky(), hello(), first(), odd).outcome == Outcome::sent);
    ScriptedPost none;
    none.answer(200, std::string(session_json)).answer(500, "{}").answer(400, "{}");
    CHECK(send(bluesky(), hello(), first(), none).outcome == Outcome::later);
}

TEST_CASE("a session of Bluesky is kept, refreshed when it ends, and begun anew at last") {
    Sessions sessions;
    Try attempt = first();
    attempt.sessions = &sessions;
    std::string const expired = R"({"error":"ExpiredToken","message":"Token has expired"})";
    ScriptedPost post;
    post.answer(200, std::string(session_json)).answer(200, made(1)).answer(200, made(2));
    send(bluesky(), hello(), attempt, post);
    send(bluesky(), hello(), attempt, post);
    CHECK(post.calls.size() == 3);
    post.answer(400, expired)
        .answer(200, R"({"accessJwt":"acc-2","refreshJwt":"ref-2","did":"did:plc:me"})")
        .answer(200, made(3));
    CHECK(send(bluesky(), hello(), attempt, post).outcome == Outcome::sent);
    CHECK(post.calls[4].url.ends_with("com.atproto.server.refreshSession"));
    CHECK(post.header(4, "Authorization") == "Bearer ref-1");
    CHECK(post.header(5, "Authorization") == "Bearer acc-2");
    post.answer(400, expired)
        .answer(400, expired)
        .answer(200, std::string(session_json))
        .answer(200, made(4));
    CHECK(send(bluesky(), hello(), attempt, post).outcome == Outcome::sent);
    CHECK(post.is_done());
}

TEST_CASE("Bluesky's answers are told apart") {
    struct Row {
        int status;
        std::string body;
        Outcome outcome;
        std::int64_t wait = 0;
    };
    ports::Headers const reset{{"ratelimit-reset", "1318623258"}};
    for (Row const& row :
         {Row{401, R"({"error":"AuthenticationRequired","message":"Invalid"})", Outcome::blocked},
          Row{429, R"({"error":"RateLimitExceeded"})", Outcome::limited, 300'000},
          Row{503, "", Outcome::later}}) {
        ScriptedPost post;
        post.answer(row.status, row.body, reset);
        auto const answer = send(bluesky(), hello(), first(), post);
        CHECK(answer.outcome == row.outcome);
        CHECK(answer.words.starts_with("login: "));
        if (row.wait > 0) CHECK(answer.retry_after.count() == row.wait);
    }
    ScriptedPost post;
    post.answer(200, std::string(session_json))
        .answer(400, R"({"error":"InvalidRequest","message":"text too long"})");
    auto const answer = send(bluesky(), hello(), first(), post);
    CHECK(answer.outcome == Outcome::refused);
    CHECK(answer.words == "400 bad request: InvalidRequest, text too long");
}

TEST_CASE("a thread on Bluesky has its first post as root, the one before as parent") {
    auto const channel = in_threads(bluesky());
    ScriptedPost post;
    post.answer(200, std::string(session_json))
        .answer(200, made(1))
        .answer(200, made(2))
        .answer(200, made(3));
    auto const answer = send(channel, long_one(), first(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.units == 3);
    auto const last = post.json(3);
    CHECK(text_at(last, "record.reply.root.cid") == "c1");
    CHECK(text_at(last, "record.reply.parent.cid") == "c2");
    CHECK(text_at(last, "record.reply.parent.uri") == "at://did:plc:me/app.bsky.feed.post/k2");
}
