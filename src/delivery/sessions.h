// delivery/sessions.h: logins that last: access tokens of OAuth 2, sessions of Bluesky.
//
// Services allow few logins (Bluesky 300 a day), so one program keeps what it got from one message
// to the next; nothing is written down. For several threads: who holds a session holds back those
// who want the same, not others.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"

namespace lares::deliver {

struct Session {
    std::string token, refresh_token, name;  // name: who it is for (a DID)
    WallTime expires{};                      // epoch: not known
};

class Sessions {
public:
    class Held {
    public:
        Session& operator*() { return *session_; }
        Session* operator->() { return session_.get(); }

    private:
        friend class Sessions;
        std::shared_ptr<Session> session_;
        std::shared_ptr<std::mutex> mutex_;
        std::unique_lock<std::mutex> lock_;
    };
    /// The session of that name, an empty one at first; waits until nobody else holds it. The name
    /// says the credentials too (hashed), so that others begin anew.
    Held hold(std::string const& name);

private:
    struct Entry {
        std::shared_ptr<Session> session = std::make_shared<Session>();
        std::shared_ptr<std::mutex> mutex = std::make_shared<std::mutex>();
    };
    static constexpr std::size_t most = 1'000;  // beyond, all begin anew
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

/// A name for hold(): of the channel and its credentials, unreadable.
std::string session_name(std::string const& channel, std::string const& credentials);

}  // namespace lares::deliver
