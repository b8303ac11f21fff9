// core/channel.h: a way to reach people, as a value: what a [channel:x] section says.
//
// config/ reads it, the daemon hands it to lares-deliver, delivery/ acts on it. Secrets stand in it
// resolved; whoever shows a channel leaves them out (is_secret in the option rows).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace lares::channel {

enum class Kind { mail, sms, telegram, mastodon, x, bluesky, webhook, command };
/// "mail", as `type =` has it.
std::string_view name(Kind);

enum class Tls {
    automatic,
    none,
    starttls,
    tls
};  // mail; automatic: by the port, else STARTTLS if offered
enum class Auth { automatic, none, plain, login, cram_md5, xoauth2 };
enum class Shape { json, slack, matrix, ntfy, discord, form, text };  // of a webhook's body

struct Rate {
    int count = 0;  // 0: no limit of ours
    Duration span{0};
    bool operator==(Rate const&) const = default;
};

struct Channel {
    std::string name;  // section name
    Kind kind = Kind::mail;
    /// Where: mail: "smtp://host:port", "smtps://host", "sendmail:/usr/sbin/sendmail"; the HTTP
    /// kinds: base URL (each has its service's own as default); webhook: the URL.
    std::string url;
    std::vector<std::string> to;  // addresses, phone numbers, chat ids, room ids
    std::string from;             // mail: mailbox "Name <a@b>"; sms: sender name
    std::string reply_to;
    // Credentials, resolved.
    std::string user, password, token;                        // basic, app password, bearer
    std::string consumer_key, consumer_secret, token_secret;  // OAuth 1.0a (x)
    std::string client_id, client_secret, refresh_token;      // OAuth 2 (x, mail xoauth2)
    std::string token_url;                                    // OAuth 2; empty: the service's
    std::string secret;                                       // webhook: HMAC key
    // Mail.
    Tls tls = Tls::automatic;
    Auth auth = Auth::automatic;
    std::string ca_file;  // PEM of authorities; empty: the system's
    std::string helo;     // empty: the host's name
    // HTTP kinds.
    std::string method = "POST";
    std::vector<std::pair<std::string, std::string>> headers;
    Shape shape = Shape::json;
    std::string body;     // template of a webhook's or SMS gateway's body; empty: by shape
    std::string success;  // generic: text that a good answer holds; empty: any 2xx
    std::string signature_header = "X-Lares-Signature";
    std::string visibility = "unlisted";  // mastodon
    std::string parse_mode;               // telegram: "HTML" or empty
    std::string shape_name;               // sms: "smsc" or "generic"
    // Command.
    std::vector<std::string> command;  // argv; {{title}} and the like expand within a word
    // Limits.
    int length = -1;       // of one message, in what the kind counts; -1: the service's, 0: none
    bool threads = false;  // a long one becomes several; else it is cut with an ellipsis
    Rate rate;
    int connections = 1;                                   // at once
    Duration first_wait{30'000}, longest_wait{3'600'000};  // between tries; doubles
    Duration timeout{30'000};                              // of one try
    Duration give_up{72 * 3'600'000LL};  // after this from its making a delivery has failed
    std::string language = "en";
    std::string budget;  // [budget:x] whose money it spends; empty: none
    bool operator==(Channel const&) const = default;
};

}  // namespace lares::channel
