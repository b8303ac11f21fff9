// delivery/telegram.cc: a message through a bot of Telegram: https://core.telegram.org/bots/api.
//
// The token is part of the URL; send() takes it out of all words. Telegram knows no second try:
// what broke on the way stays unsure.

#include "delivery/fit.h"
#include "delivery/kinds.h"
#include "delivery/mime.h"
#include "delivery/steps.h"
#include "delivery/web_answer.h"
#include "text/template.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

std::string method_url(Channel const& channel, std::string_view method) {
    std::string base = channel.url.empty() ? "https://api.telegram.org" : channel.url;
    while (base.ends_with('/')) base.pop_back();
    return base + "/bot" + channel.token + "/" + std::string(method);
}

std::string html(Fitted const& fitted) {
    auto const title = std::string_view(fitted.text).substr(0, fitted.title_bytes);
    auto const rest = std::string_view(fitted.text).substr(fitted.title_bytes);
    std::string made;
    if (!title.empty()) made = "<b>" + text::escape(title, text::Target::html) + "</b>";
    return made + text::escape(rest, text::Target::html);
}

/// Codes: 403 the person blocked the bot; 400 no such chat; 401 and 404 no such bot.
Answer read_answer(Result<ports::WebAnswer> const& said, Try const& attempt) {
    if (!said) return unanswered(said.error(), Repeat::may_double);
    auto const object = object_in(*said);
    std::string const name = text_at(object, "result.message_id");
    std::string const why = text_at(object, "description");
    Answer answer = by_status(*said, why, attempt.now);
    if (answer.outcome == Outcome::sent) {
        answer.words.clear();
        answer.provider = name;
        if (name.empty()) {
            answer.outcome = Outcome::unsure;
            answer.words = "200, but no word of the message: " + said->body.substr(0, 100);
        }
        return answer;
    }
    Duration const wait = seconds(text_at(object, "parameters.retry_after"));
    if (wait.count() > 0) answer.retry_after = wait;
    if (said->status == 403) answer.outcome = Outcome::refused;
    if (said->status == 404) answer.outcome = Outcome::blocked;
    std::string const moved = text_at(object, "parameters.migrate_to_chat_id");
    if (!moved.empty()) answer.words += "; the chat is now '" + moved + "': change 'to'";
    return answer;
}

class Bot {
public:
    Bot(Channel const& channel, Message const& message, Try const& attempt, ports::Post& post)
        : channel_(channel), message_(message), attempt_(attempt), post_(post) {}

    Answer say(std::string const& chat, Fitted const& fitted, std::string const& before) {
        bool const is_html = channel_.parse_mode == "HTML";
        text::Struct body{{"chat_id", chat},
                          {"text", is_html ? html(fitted) : fitted.text},
                          {"link_preview_options", text::Struct{{"is_disabled", true}}}};
        if (is_html) body.emplace_back("parse_mode", "HTML");
        if (message_.severity == "info") body.emplace_back("disable_notification", true);
        if (auto const number = as_number(before); number > 0)
            body.emplace_back(
                "reply_parameters",
                text::Struct{{"message_id", number}, {"allow_sending_without_reply", true}});
        ports::WebCall call = call_of("sendMessage");
        call.headers = {{"Content-Type", "application/json"}};
        call.body = text::to_json(body);
        return read_answer(post_.call(call), attempt_);
    }

    Answer attach(std::string const& chat, message::Attachment const& file) {
        ports::WebCall call = call_of("sendDocument");
        auto const type = file.type.empty() ? std::string(type_of(file.name)) : file.type;
        call.parts = {
            {.name = "chat_id", .body = chat},
            {.name = "document", .file_name = file.name, .type = type, .path = file.path}};
        return read_answer(post_.call(call), attempt_);
    }

private:
    static std::int64_t as_number(std::string const& text) {
        bool const is_number =
            !text.empty() && text.size() < 18 && text.find_first_not_of("0123456789") == text.npos;
        return is_number ? std::stoll(text) : 0;
    }
    ports::WebCall call_of(std::string_view method) const {
        return {.url = method_url(channel_, method),
                .ca_file = channel_.ca_file,
                .timeout = channel_.timeout};
    }

    Channel const& channel_;
    Message const& message_;
    Try const& attempt_;
    ports::Post& post_;
};

/// Of what this continues, in this chat: one name is for all, as many as chats are for each.
std::string continued(Message const& message, std::size_t chat, std::size_t chats) {
    auto const names = names_in(message.in_reply_to);
    if (names.empty()) return {};
    return names.size() >= chats ? names[chat * (names.size() / chats)] : names.front();
}

}  // namespace

Answer send_telegram(Channel const& channel, Message const& message, Try const& attempt,
                     ports::Post& post) {
    if (channel.token.empty()) return blocked("there is no bot; set 'token'");
    auto const& chats = message.to.empty() ? channel.to : message.to;
    if (chats.empty()) return refused("there is no chat to send it to; set 'to'");
    auto const texts = fit(message, budget_of(channel));
    if (!texts) return refused(texts.error().what);
    Bot bot(channel, message, attempt, post);
    std::size_t const each = texts->size() + message.files.size();
    return in_steps(chats.size() * each, attempt, [&](std::size_t step, Done const& done) {
        std::string const& chat = chats[step / each];
        std::size_t const part = step % each;
        if (part > 0 && done.back() == refused_step) return refused("");
        Answer answer =
            part >= texts->size()
                ? bot.attach(chat, message.files[part - texts->size()])
                : bot.say(chat, (*texts)[part],
                          part > 0 ? done.back() : continued(message, step / each, chats.size()));
        if (answer.outcome == Outcome::refused) answer.words = "chat " + chat + ": " + answer.words;
        return answer;
    });
}

}  // namespace lares::deliver
