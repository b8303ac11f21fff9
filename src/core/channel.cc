// core/channel.cc: the names of kinds, as they are configured, stored and shown.

#include "core/channel.h"

namespace lares::channel {

std::string_view name(Kind kind) {
    switch (kind) {
    case Kind::mail:
        return "mail";
    case Kind::sms:
        return "sms";
    case Kind::telegram:
        return "telegram";
    case Kind::mastodon:
        return "mastodon";
    case Kind::x:
        return "x";
    case Kind::bluesky:
        return "bluesky";
    case Kind::webhook:
        return "webhook";
    case Kind::command:
        return "command";
    }
    return "unknown";
}

}  // namespace lares::channel
