// delivery/kinds_test.cc: SMS, Telegram and webhooks: exactly what is sent, and what each answer
// comes to.

#include "delivery/kinds.h"

#include <doctest/doctest.h>

#include "delivery/scripted_post_test.h"
#include "delivery/web_answer.h"
#include "delivery/webhook_body.h"
#include "text/query.h"

using namespace lares;
using namespace lares::deliver;
using channel::Channel;
using channel::Kind;
using channel::Shape;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

namespace {

Channel smsc() {
    return {
        .name = "sms", .kind = Kind::sms, .to = {"+380501"}, .user = "me", .password = "s3cret"};
}
Channel bot() { return {.name = "tg", .kind = Kind::telegram, .to = {"77"}, .token = "1:TOKEN"}; }
Channel hook(Shape shape = Shape::json) {
    Channel channel{.name = "hook", .kind = Kind::webhook, .url = "https://h.example/in"};
    channel.shape = shape;
    return channel;
}
Message hello() { return {.title = "web is down", .text = "<it> & so\n"}; }

Answer one(Channel const& channel, ScriptedPost& post, Try const& attempt = first()) {
    auto answer = send(channel, hello(), attempt, post);
    CHECK(answer.id == 17);
    CHECK(answer.attempt == attempt.attempt);
    return answer;
}

std::string form(ScriptedPost const& post, std::size_t number, std::string_view name) {
    return text::field(text::parse_query(post.calls.at(number).body), name);
}

}  // namespace

TEST_CASE("an SMS goes to smsc by POST over https, with its cost") {
    ScriptedPost post;
    post.answer(200, R"({"id":5,"cnt":2,"cost":"1.40","balance":"99.2"})");
    auto channel = smsc();
    channel.from = "Lares";
    auto const answer = one(channel, post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "5");
    CHECK(answer.cost_micros == 1'400'000);
    CHECK(answer.units == 2);
    REQUIRE(post.calls.size() == 1);
    CHECK(post.calls[0].method == "POST");
    CHECK(post.calls[0].url == "https://smsc.ua/sys/send.php");
    CHECK(form(post, 0, "login") == "me");
    CHECK(form(post, 0, "psw") == "s3cret");
    CHECK(form(post, 0, "phones") == "+380501");
    CHECK(form(post, 0, "mes") == "web is down\n<it> & so");
    CHECK(form(post, 0, "sender") == "Lares");
    CHECK(form(post, 0, "charset") == "utf-8");
    CHECK(form(post, 0, "fmt") == "3");
    CHECK(form(post, 0, "cost") == "3");
    CHECK(std::stol(form(post, 0, "id")) > 0);
}

TEST_CASE("smsc's numbers of errors are told apart") {
    struct Row {
        int code;
        Outcome outcome;
    };
    for (Row row : {Row{1, Outcome::refused}, Row{2, Outcome::blocked}, Row{3, Outcome::blocked},
                    Row{4, Outcome::blocked}, Row{5, Outcome::refused}, Row{6, Outcome::refused},
                    Row{7, Outcome::refused}, Row{8, Outcome::refused}, Row{9, Outcome::limited},
                    Row{99, Outcome::later}}) {
        CAPTURE(row.code);
        ScriptedPost post;
        std::string const code = std::to_string(row.code);
        post.answer(200, "{\"error\":\"no s3cret\",\"error_code\":" + code + "}");
        auto const answer = one(smsc(), post);
        CHECK(answer.outcome == row.outcome);
        CHECK(answer.words.find("s3cret") == std::string::npos);
        ScriptedPost old;
        old.answer(200, "7,-" + code);
        CHECK(one(smsc(), old).outcome == row.outcome);
    }
    ScriptedPost post;
    post.answer(200, "5,1,0.7,12.1");
    CHECK(one(smsc(), post).cost_micros == 700'000);
}

TEST_CASE("the second host of smsc is asked only when there is no way to the first") {
    ScriptedPost post;
    post.fail(Error::Kind::unavailable).answer(200, R"({"id":5,"cnt":1})");
    CHECK(one(smsc(), post).outcome == Outcome::sent);
    CHECK(post.calls[1].url == "https://www2.smsc.ua/sys/send.php");
    ScriptedPost broken;
    broken.fail(Error::Kind::io);
    CHECK(one(smsc(), broken).outcome == Outcome::later);
    CHECK(broken.calls.size() == 1);
    ScriptedPost dead;
    dead.fail(Error::Kind::unavailable).fail(Error::Kind::unavailable);
    CHECK(one(smsc(), dead).outcome == Outcome::blocked);
}

TEST_CASE("a second try asks smsc first whether it has the SMS, under the same number") {
    ScriptedPost lost, taken, other;
    lost.fail(Error::Kind::io);
    one(smsc(), lost);
    taken.answer(200, R"({"status":1,"last_date":"28.11.2026"})");
    auto const answer = one(smsc(), taken, again());
    CHECK(answer.outcome == Outcome::sent);
    CHECK(taken.calls.size() == 1);
    CHECK(taken.calls[0].url == "https://smsc.ua/sys/status.php");
    CHECK(form(taken, 0, "id") == form(lost, 0, "id"));
    CHECK(form(taken, 0, "phone") == "+380501");
    other.answer(200, R"({"error":"message not found","error_code":3})").answer(200, "5,1,0.7,1");
    CHECK(one(smsc(), other, again()).outcome == Outcome::sent);
    CHECK(other.calls.size() == 2);
}

TEST_CASE("a wrong number stops no other, and a later try leaves out who has it") {
    auto channel = smsc();
    channel.to = {"1", "2", "3"};
    ScriptedPost post;
    post.answer(200, "11,1,0.5,9").answer(200, "12,-7").answer(503, "");
    auto const answer = one(channel, post);
    CHECK(answer.outcome == Outcome::later);
    CHECK(answer.provider == "11 -");
    CHECK(answer.cost_micros == 500'000);
    ScriptedPost next;
    next.answer(200, R"({"error_code":3})").answer(200, "13,1,0.5,9");
    auto const end = one(channel, next, again(answer.provider));
    CHECK(end.outcome == Outcome::sent);
    CHECK(end.provider == "11 - 13");
    CHECK(form(next, 1, "phones") == "3");
}

TEST_CASE("a password never goes to smsc in the clear") {
    ScriptedPost post;
    auto channel = smsc();
    channel.url = "http://smsc.ua";
    CHECK(one(channel, post).outcome == Outcome::blocked);
    CHECK(post.calls.empty());
}

TEST_CASE("any gateway is called by templates, escaped for where they stand") {
    ScriptedPost post;
    post.answer(200, "OK id=1").answer(200, "ERR").fail(Error::Kind::io);
    auto channel = smsc();
    channel.shape_name = "generic";
    channel.url = "https://gw.example/send?to={{to}}";
    channel.body = R"({"text":"{{text}}","from":"{{from}}"})";
    channel.success = "OK";
    CHECK(one(channel, post).outcome == Outcome::sent);
    CHECK(post.calls[0].url == "https://gw.example/send?to=%2B380501");
    CHECK(post.calls[0].body == R"({"text":"web is down\n<it> & so","from":""})");
    CHECK(post.header(0, "Content-Type") == "application/json");
    CHECK(post.calls[0].user == "me");
    CHECK(one(channel, post).outcome == Outcome::refused);
    CHECK(one(channel, post).outcome == Outcome::unsure);
    CHECK_FALSE(can_repeat(channel));
    CHECK(can_repeat(smsc()));
    channel.body = "{{txt}}";
    auto const wrong = one(channel, post);
    CHECK(wrong.outcome == Outcome::blocked);
    CHECK(wrong.words == "'body': line 1, column 1: unknown name 'txt'; did you mean 'text'?");
}

TEST_CASE("a bot says it in the chat, and what it says is no HTML unless asked for") {
    ScriptedPost post;
    post.answer(200, R"({"ok":true,"result":{"message_id":321}})");
    auto const answer = one(bot(), post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "321");
    CHECK(post.calls[0].url == "https://api.telegram.org/bot1:TOKEN/sendMessage");
    auto const body = post.json(0);
    CHECK(text_at(body, "chat_id") == "77");
    CHECK(text_at(body, "text") == "web is down\n<it> & so");
    CHECK(body.find("parse_mode") == nullptr);
    auto channel = bot();
    channel.parse_mode = "HTML";
    post.answer(200, R"({"ok":true,"result":{"message_id":322}})");
    one(channel, post);
    CHECK(text_at(post.json(1), "text") == "<b>web is down</b>\n&lt;it&gt; &amp; so");
    CHECK(text_at(post.json(1), "parse_mode") == "HTML");
}

TEST_CASE("Telegram's answers are told apart, and no word holds the token") {
    struct Row {
        int status;
        std::string_view body;
        Outcome outcome;
        int seconds = 0;
    };
    for (Row const& row :
         {Row{429, R"({"ok":false,"description":"Too Many","parameters":{"retry_after":35}})",
              Outcome::limited, 35},
          Row{403, R"({"ok":false,"description":"bot was blocked by the user"})", Outcome::refused},
          Row{400, R"({"ok":false,"description":"chat not found"})", Outcome::refused},
          Row{401, R"({"ok":false,"description":"Unauthorized 1:TOKEN"})", Outcome::blocked},
          Row{404, R"({"ok":false,"description":"Not Found"})", Outcome::blocked},
          Row{502, "<html>", Outcome::later}, Row{200, R"({"ok":true,"res)", Outcome::unsure}}) {
        ScriptedPost post;
        post.answer(row.status, std::string(row.body));
        auto const answer = one(bot(), post);
        CAPTURE(row.body);
        CHECK(answer.outcome == row.outcome);
        CHECK(answer.retry_after == std::chrono::seconds(row.seconds));
        CHECK(answer.words.find("TOKEN") == std::string::npos);
    }
    ScriptedPost post;
    post.fail(Error::Kind::io, "reset by 1:TOKEN").fail(Error::Kind::unavailable);
    auto const answer = one(bot(), post);
    CHECK(answer.outcome == Outcome::unsure);
    CHECK(answer.words == "reset by ***");
    CHECK(one(bot(), post).outcome == Outcome::blocked);
}

TEST_CASE(
    "a thread on Telegram is replies, files follow, and a later try goes on where it stopped") {
    auto channel = bot();
    channel.length = 30;
    channel.threads = true;
    Message message = hello();
    message.text = "one two three four five\n";
    message.files = {{"a.log", "", "/x/a.log"}};
    ScriptedPost post;
    post.answer(200, R"({"result":{"message_id":1}})").answer(429, "{}", {{"retry-after", "7"}});
    auto const answer = send(channel, message, first(), post);
    CHECK(answer.outcome == Outcome::limited);
    CHECK(answer.retry_after == Duration(7000));
    CHECK(answer.provider == "1");
    CHECK(text_at(post.json(1), "reply_parameters.message_id") == "1");
    ScriptedPost next;
    next.answer(200, R"({"result":{"message_id":2}})")
        .answer(200, R"({"result":{"message_id":3}})");
    auto const end = send(channel, message, again(answer.provider), next);
    CHECK(end.outcome == Outcome::sent);
    CHECK(end.provider == "1 2 3");
    CHECK(next.calls[0].body == post.calls[1].body);
    CHECK(next.calls[1].url.ends_with("/sendDocument"));
    REQUIRE(next.calls[1].parts.size() == 2);
    CHECK(next.calls[1].parts[1].path == "/x/a.log");
    CHECK(next.is_done());
}

TEST_CASE("a webhook gets our JSON, its key, and a signature over time and body") {
    ScriptedPost post;
    post.answer(200, R"({"id":"abc"})");
    auto channel = hook();
    channel.secret = "shared";
    channel.headers = {{"X-House", "{{channel}}"}};
    auto const answer = one(channel, post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "abc");
    CHECK(post.calls[0].body ==
          R"({"title":"web is down","text":"<it> & so\n","severity":"info","language":"en",)"
          R"("channel":"hook","key":"lares-17-host","id":17,"attempt":1,)"
          R"("time":"2011-10-14T20:09:18.000Z"})");
    CHECK(post.header(0, "Idempotency-Key") == "lares-17-host");
    CHECK(post.header(0, "X-House") == "hook");
    CHECK(post.header(0, "Content-Type") == "application/json");
    auto const signed_part = "1318622958." + post.calls[0].body;
    ScriptedPost other;
    std::string hex;
    for (unsigned char c : other.hmac(ports::Post::Digest::sha256, "shared", signed_part)) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", c);
        hex += digits;
    }
    CHECK(post.header(0, "X-Lares-Signature") == "t=1318622958,v1=" + hex);
}

TEST_CASE("each shape is what its service wants") {
    ScriptedPost post;
    for (int i = 0; i < 6; ++i) post.answer(200, R"({"event_id":"$e","id":"9"})");
    one(hook(Shape::slack), post);
    CHECK(post.calls[0].body == R"({"text":"*web is down*\n&lt;it&gt; &amp; so"})");
    one(hook(Shape::discord), post);
    CHECK(post.calls[1].url == "https://h.example/in?wait=true");
    CHECK(post.calls[1].body ==
          R"({"content":"web is down\n<it> & so","allowed_mentions":{"parse":[]}})");
    auto matrix = hook(Shape::matrix);
    matrix.url = "https://m.example/";
    matrix.to = {"!r:m.example"};
    matrix.token = "syt";
    CHECK(one(matrix, post).provider == "$e");
    CHECK(post.calls[2].method == "PUT");
    CHECK(post.calls[2].url ==
          "https://m.example/_matrix/client/v3/rooms/%21r%3Am.example/send/m.room.message/"
          "lares-17-host");
    CHECK(post.header(2, "Authorization") == "Bearer syt");
    CHECK(text_at(post.json(2), "formatted_body") ==
          "<strong>web is down</strong><br>&lt;it&gt; &amp; so");
    auto ntfy = hook(Shape::ntfy);
    ntfy.to = {"ops"};
    one(ntfy, post);
    CHECK(post.calls[3].body ==
          R"({"topic":"ops","message":"<it> & so","priority":3,"title":"web is down"})");
    one(hook(Shape::form), post);
    CHECK(form(post, 4, "text") == "web is down\n<it> & so");
    CHECK(form(post, 4, "key") == "lares-17-host");
    one(hook(Shape::text), post);
    CHECK(post.calls[5].body == "web is down\n<it> & so");
    CHECK(post.header(5, "Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE("a webhook's answers are told apart") {
    struct Row {
        int status;
        Outcome outcome;
    };
    for (Row row :
         {Row{204, Outcome::sent}, Row{301, Outcome::refused}, Row{400, Outcome::refused},
          Row{401, Outcome::blocked}, Row{403, Outcome::blocked}, Row{404, Outcome::refused},
          Row{408, Outcome::later}, Row{410, Outcome::refused}, Row{429, Outcome::limited},
          Row{500, Outcome::later}, Row{503, Outcome::later}}) {
        CAPTURE(row.status);
        ScriptedPost post;
        post.answer(row.status, "", {{"location", "https://other.example/"}});
        CHECK(one(hook(), post).outcome == row.outcome);
    }
    ScriptedPost post;
    post.answer(307, "", {{"location", "https://other.example/"}})
        .fail(Error::Kind::io)
        .fail(Error::Kind::denied)
        .fail(Error::Kind::io);
    CHECK(one(hook(), post).words ==
          "307: it points elsewhere, which is not followed; set 'url' to 'https://other.example/' "
          "if that is meant");
    CHECK(one(hook(), post).outcome == Outcome::later);
    CHECK(one(hook(), post).outcome == Outcome::blocked);
    CHECK(one(hook(Shape::slack), post).outcome == Outcome::unsure);
}

TEST_CASE("Retry-After is seconds or a date, and each service's own words count too") {
    auto wait = [](Shape shape, std::string body, ports::Headers headers) {
        ScriptedPost post;
        post.answer(429, std::move(body), std::move(headers));
        auto channel = hook(shape);
        channel.to = {"!r:x"};
        return one(channel, post).retry_after.count();
    };
    CHECK(wait(Shape::json, "", {{"retry-after", "120"}}) == 120'000);
    CHECK(wait(Shape::json, "", {{"retry-after", "Fri, 14 Oct 2011 20:10:18 GMT"}}) == 60'000);
    CHECK(wait(Shape::json, "", {{"retry-after", "Fri, 14 Oct 2001 20:10:18 GMT"}}) == 0);
    CHECK(wait(Shape::json, "", {{"retry-after", "soon"}}) == 0);
    CHECK(wait(Shape::json, "", {{"retry-after", "99999999999999999999"}}) == 604'800'000);
    CHECK(wait(Shape::discord, R"({"retry_after":1.5})", {}) == 1'500);
    CHECK(wait(Shape::matrix, R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500})", {}) ==
          2'500);
}

TEST_CASE("a message's values cannot break out of a webhook's own body") {
    ScriptedPost post;
    post.answer(200, "");
    auto channel = hook();
    channel.body =
        R"({"t":"{{title}}","tags":[{{#tags}}"{{.}}",{{/tags}}"x"],"h":"{{field.host}}"})";
    Message message{.title = "a\",\"admin\":true,\"b\":\"", .tags = {"o\"ps"}};
    message.fields = {{"host", "p\\"}};
    send(channel, message, first(), post);
    CHECK(text_at(post.json(0), "t") == message.title);
    CHECK(post.json(0).find("admin") == nullptr);
    CHECK(text_at(post.json(0), "h") == "p\\");
}

TEST_CASE("every kind has a row, and says what is missing instead of sending") {
    CHECK(kinds().size() == 8);
    ScriptedPost post;
    for (auto const& row : kinds()) {
        if (row.kind == Kind::mail || row.kind == Kind::command) continue;
        Channel channel{.kind = row.kind};
        auto const answer = send(channel, hello(), first(), post);
        CAPTURE(channel::name(row.kind));
        CHECK((answer.outcome == Outcome::blocked || answer.outcome == Outcome::refused));
        CHECK(answer.words.find("set '") != std::string::npos);
    }
    CHECK(post.calls.empty());
}
