// delivery/webhook.cc: a message as one HTTP exchange with whatever listens.
//
// Each carries our key as Idempotency-Key and, with a secret, a signature. Slack, Discord and ntfy
// look at neither: there a break on the way stays unsure.

#include <algorithm>

#include "delivery/generic_call.h"
#include "delivery/kinds.h"
#include "delivery/message_values.h"
#include "delivery/steps.h"
#include "delivery/web_answer.h"
#include "delivery/webhook_body.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using channel::Shape;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

bool has_recipients(Shape shape) { return shape == Shape::matrix || shape == Shape::ntfy; }

/// "https://h/a?b" with "?c" or "/d" added to its path.
std::string with_path(std::string url, std::string const& path) {
    if (path.empty()) return url;
    if (path[0] == '?') {
        bool const has_query = url.find('?') != url.npos;
        return url + (has_query ? "&" + path.substr(1) : path);
    }
    while (url.ends_with('/')) url.pop_back();
    return url + path;
}

/// What Matrix and Discord say in the body of a 429.
Duration wait_in(text::Value const& object) {
    std::string const milliseconds = text_at(object, "retry_after_ms");
    if (!milliseconds.empty()) return seconds(milliseconds) / 1000;
    return seconds(text_at(object, "retry_after"));
}

Answer read(Channel const& channel, Result<ports::WebAnswer> const& said, Try const& attempt) {
    if (!said)
        return unanswered(said.error(), can_repeat(channel) ? Repeat::is_safe : Repeat::may_double);
    Answer answer = generic_answer(channel, *said, attempt);
    auto const object = object_in(*said);
    if (channel.shape == Shape::matrix) {
        if (answer.outcome == Outcome::sent) answer.provider = text_at(object, "event_id");
        // Of this room only; M_UNKNOWN_TOKEN (401) is of the channel.
        if (said->status == 403) answer.outcome = Outcome::refused;
    }
    if (answer.outcome == Outcome::sent) answer.words.clear();
    if (answer.outcome == Outcome::limited)
        answer.retry_after = std::max(answer.retry_after, wait_in(object));
    return answer;
}

Answer send_to(Channel const& channel, Message const& message, Try const& attempt,
               std::string const& recipient, ports::Post& post) {
    auto call = generic_call(channel, values_of(channel, message, attempt));
    if (!call) return blocked(call.error().what);
    if (channel.body.empty()) {
        auto const hook = hook_of(channel, message, attempt, recipient);
        if (!hook) return refused(hook.error().what);
        call->body = hook->body;
        call->url = with_path(call->url, hook->path);
        if (!hook->method.empty()) call->method = hook->method;
        if (!has_header(*call, "Content-Type"))
            call->headers.emplace_back("Content-Type", hook->content_type);
    }
    call->headers.emplace_back("Idempotency-Key", attempt.key);
    if (!channel.secret.empty())
        call->headers.emplace_back(channel.signature_header,
                                   signature(channel.secret, call->body, attempt.now, post));
    return read(channel, post.call(*call), attempt);
}

}  // namespace

Answer send_webhook(Channel const& channel, Message const& message, Try const& attempt,
                    ports::Post& post) {
    if (channel.url.empty()) return blocked("there is nobody to call; set 'url'");
    if (!has_recipients(channel.shape)) return send_to(channel, message, attempt, "", post);
    auto const& all = message.to.empty() ? channel.to : message.to;
    if (all.empty()) return refused("there is no room or topic to send it to; set 'to'");
    return in_steps(all.size(), attempt, [&](std::size_t step, Done const&) {
        Answer answer = send_to(channel, message, attempt, all[step], post);
        if (answer.outcome == Outcome::refused) answer.words = all[step] + ": " + answer.words;
        return answer;
    });
}

}  // namespace lares::deliver
