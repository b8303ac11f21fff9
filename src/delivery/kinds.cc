// delivery/kinds.cc: the table of kinds, and the one door to them.

#include "delivery/kinds.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using channel::Kind;
using channel::Shape;
using delivery::Answer;

// clang-format off
constexpr std::array<KindRow, 8> rows{{
    {Kind::mail,     "characters",                                 0, true},
    {Kind::sms,      "parts of an SMS (160 or 70 characters)",     3, true},
    {Kind::telegram, "UTF-16 units",                            4096, false},
    {Kind::mastodon, "graphemes, a URL 23",                      500, true},
    {Kind::x,        "weighted characters, a URL 23",            280, true},
    {Kind::bluesky,  "graphemes",                                300, true},
    {Kind::webhook,  "characters",                                 0, true},
    {Kind::command,  "characters",                                 0, false},
}};
// clang-format on

Answer send_by_kind(Channel const& channel, message::Message const& message, Try const& attempt,
                    ports::Post& post) {
    switch (channel.kind) {
    case Kind::mail:
        return send_mail(channel, message, attempt, post);
    case Kind::sms:
        return send_sms(channel, message, attempt, post);
    case Kind::telegram:
        return send_telegram(channel, message, attempt, post);
    case Kind::mastodon:
        return send_mastodon(channel, message, attempt, post);
    case Kind::x:
        return send_x(channel, message, attempt, post);
    case Kind::bluesky:
        return send_bluesky(channel, message, attempt, post);
    case Kind::webhook:
        return send_webhook(channel, message, attempt, post);
    case Kind::command:
        return send_command(channel, message, attempt, post);
    }
    return {};
}

/// Services and libraries repeat what they were given; words are stored and shown.
void hide_secrets(Channel const& channel, std::string& words) {
    constexpr std::size_t least = 4;  // shorter ones are words like any
    for (auto const* secret :
         {&channel.password, &channel.token, &channel.consumer_key, &channel.consumer_secret,
          &channel.token_secret, &channel.client_secret, &channel.refresh_token, &channel.secret}) {
        if (secret->size() < least) continue;
        for (auto at = words.find(*secret); at != words.npos; at = words.find(*secret, at + 3))
            words.replace(at, secret->size(), "***");
    }
}

}  // namespace

std::span<KindRow const> kinds() { return rows; }

KindRow const& row_of(Kind kind) {
    auto const found = std::ranges::find(rows, kind, &KindRow::kind);
    CHECK(found != rows.end());
    return *found;
}

bool can_repeat(Channel const& channel) {
    if (channel.kind == Kind::sms)
        return channel.shape_name.empty() || channel.shape_name == "smsc";
    if (channel.kind == Kind::webhook)
        return channel.shape != Shape::slack && channel.shape != Shape::discord &&
               channel.shape != Shape::ntfy;
    return row_of(channel.kind).can_repeat;
}

Answer send(Channel const& channel, message::Message const& message, Try const& attempt,
            ports::Post& post) {
    Answer answer = send_by_kind(channel, message, attempt, post);
    hide_secrets(channel, answer.words);
    answer.id = attempt.id;
    answer.attempt = attempt.attempt;
    return answer;
}

}  // namespace lares::deliver
