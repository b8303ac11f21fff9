// control/keys.h: users and tokens that are kept beside the configuration, and the sessions of who
// logged in with a browser.
//
// Users and tokens live in one file of the state directory ("access"), read before anything
// listens: whoever may in must be known from the first request on, also when the database cannot be
// opened. Passwords are there as hashes of crypt(3), tokens as SHA-256 of 256 random bits; what a
// client holds is shown once. Sessions are in memory only and end with the daemon.
//
// Everything answers at once but what is to be kept: that is answered when it is on the disk.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/roles.h"
#include "control/operation.h"

namespace lares::control {

struct StoredToken {
    std::string name;
    std::string digest;  // SHA-256 in hexadecimal
    Role role = Role::viewer;
    WallTime created{};
    WallTime expires{};  // epoch: never
    std::string by;      // who made it
    WallTime used{};     // since the daemon started; epoch: not yet
};

struct KeyTools {
    std::function<std::string(std::string_view)> sha256;  // in hexadecimal
    std::function<std::string()> random;                  // 32 bytes
    /// Keeps the text durably; calls back on this thread. Empty: nothing can be kept.
    std::function<void(std::string text, std::function<void(Result<>)>)> write;
};

/// How long a session lasts without a request, and at most.
inline constexpr Duration session_idle{3'600'000};
inline constexpr Duration session_longest{12 * 3'600'000};

class Keys {
public:
    static constexpr std::size_t most_users = 1'000;
    static constexpr std::size_t most_tokens = 1'000;
    static constexpr std::size_t most_sessions = 1'000;

    explicit Keys(KeyTools tools) : tools_(std::move(tools)) {}

    /// What was kept; empty: nothing. When it cannot be read nobody of it may in, and the Error
    /// says so: is_broken() then, and whoever asks by network must log in all the same.
    Result<> load(std::string_view text);
    bool is_broken() const { return is_broken_; }
    /// Called when users or tokens are not what they were.
    void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
    /// Called with the name of an account or token whose sessions were ended; "": of all.
    void on_end(std::function<void(std::string_view name)> ended) { ended_ = std::move(ended); }

    std::vector<config::Account> const& users() const { return users_; }
    /// Inserts or replaces; an empty hash keeps the one there is (invalid when there is none). What
    /// cannot be written changes nothing; so it is with tokens.
    void set_user(config::Account, std::function<void(Result<>)>);
    void remove_user(std::string_view name, std::function<void(Result<>)>);

    std::vector<StoredToken> const& tokens() const { return tokens_; }
    /// Gives the token itself, which nobody can tell afterwards. conflict: there is one of that
    /// name.
    void create_token(StoredToken, std::function<void(Result<std::string>)>);
    void revoke_token(std::string_view name, std::function<void(Result<>)>);
    /// Whose this token is; none when nobody's, or its time is over.
    std::optional<Caller> find_token(std::string_view token, WallTime now);

    /// A new session for who has just proved to be `caller`: the value of its cookie. Whatever
    /// cookie the client brought is not taken over.
    std::string begin_session(Caller const&, WallTime now);
    /// The caller of a session that lasts; it lasts on from now.
    std::optional<Caller> find_session(std::string_view cookie, WallTime now);
    void end_session(std::string_view cookie);
    /// Sessions of an account or token; all when empty.
    void end_sessions_of(std::string_view name);
    std::size_t session_count() const { return sessions_.size(); }

private:
    struct Session {
        Caller caller;
        WallTime begun{}, used{};
    };

    std::string new_secret();
    void put_user(config::Account);
    std::string text() const;
    void keep(std::function<void(Result<>)> done);
    bool is_over(Session const&, WallTime now) const;

    KeyTools tools_;
    std::function<void()> changed_;
    std::function<void(std::string_view)> ended_;
    std::vector<config::Account> users_;
    std::vector<StoredToken> tokens_;
    std::map<std::string, Session, std::less<>> sessions_;  // by digest of the cookie
    std::uint64_t secrets_ = 0;
    bool is_broken_ = false;
};

/// A name that users and tokens may have: 1 to 64 letters, digits and "-_.@"; the Error in words.
Result<> check_key_name(std::string_view name);

}  // namespace lares::control
