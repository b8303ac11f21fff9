// control/keys.cc: the file of users and tokens, and the table of sessions.

#include "control/keys.h"

#include <algorithm>

#include "base/constant_time.h"
#include "control/access.h"
#include "control/work_parts.h"
#include "text/json_read.h"

namespace lares::control {

namespace {

std::string text_of(text::Value const& value, std::string_view name) {
    auto const* found = value.find(name);
    return found && found->text() ? *found->text() : std::string();
}

WallTime time_of(text::Value const& value, std::string_view name) {
    auto const* found = value.find(name);
    return found && found->integer() ? WallTime(std::chrono::seconds(*found->integer()))
                                     : WallTime{};
}

std::int64_t seconds_of(WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

text::Array const* list_of(text::Value const& value, std::string_view name) {
    auto const* found = value.find(name);
    return found ? found->array() : nullptr;
}

Result<config::Account> read_user(text::Value const& value) {
    config::Account user{.name = text_of(value, "name"), .password = text_of(value, "password")};
    TRY(check_key_name(user.name));
    user.role = TRY(config::parse_role(text_of(value, "role")));
    if (!config::is_crypt_hash(user.password))
        return Error{Error::Kind::invalid, "user '" + user.name + "' has no hash"};
    return user;
}

Result<StoredToken> read_token(text::Value const& value) {
    StoredToken token{.name = text_of(value, "name"),
                      .digest = text_of(value, "sha256"),
                      .created = time_of(value, "created"),
                      .expires = time_of(value, "expires"),
                      .by = text_of(value, "by")};
    TRY(check_key_name(token.name));
    token.role = TRY(config::parse_role(text_of(value, "role")));
    if (token.digest.size() < 32)
        return Error{Error::Kind::invalid, "token '" + token.name + "' has no digest"};
    return token;
}

auto by_name(auto& list, std::string_view name) {
    return std::ranges::find_if(list, [&](auto const& each) { return each.name == name; });
}

Error nobody(std::string_view what, std::string_view name) {
    return {Error::Kind::not_found,
            "there is no " + std::string(what) + " '" + text::clean_utf8(name) + "' here"};
}

}  // namespace

Result<> check_key_name(std::string_view name) {
    bool fits = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == '@';
    });
    if (fits) return {};
    return Error{Error::Kind::invalid,
                 "a name has 1 to 64 letters, digits and '-', '_', '.', '@', not '" +
                     text::clean_utf8(name.substr(0, 80)) + "'"};
}

Result<> Keys::load(std::string_view given) {
    if (given.empty()) return {};
    is_broken_ = true;
    auto document = TRY(text::read_json(given));
    auto const* users = list_of(document, "users");
    auto const* tokens = list_of(document, "tokens");
    if (!users || !tokens)
        return Error{Error::Kind::invalid, "it has no lists of users and tokens"};
    std::vector<config::Account> read_users;
    std::vector<StoredToken> read_tokens;
    for (auto const& each : *users) read_users.push_back(TRY(read_user(each)));
    for (auto const& each : *tokens) read_tokens.push_back(TRY(read_token(each)));
    users_ = std::move(read_users);
    tokens_ = std::move(read_tokens);
    is_broken_ = false;
    return {};
}

std::string Keys::text() const {
    text::Array users, tokens;
    for (auto const& user : users_)
        users.push_back(text::Struct{{"name", user.name},
                                     {"role", std::string(config::role_name(user.role))},
                                     {"password", user.password}});
    for (auto const& token : tokens_)
        tokens.push_back(text::Struct{{"name", token.name},
                                      {"role", std::string(config::role_name(token.role))},
                                      {"sha256", token.digest},
                                      {"created", seconds_of(token.created)},
                                      {"expires", seconds_of(token.expires)},
                                      {"by", token.by}});
    return text::to_json(text::Struct{{"users", std::move(users)}, {"tokens", std::move(tokens)}},
                         1) +
           "\n";
}

/// What is in force at once is what the disk will have. When it cannot be written, what was given
/// is taken back by who gave it; what was taken away stays so until the next daemon.
void Keys::keep(std::function<void(Result<>)> done) {
    if (changed_) changed_();
    if (!tools_.write)
        return done(Error{Error::Kind::unavailable, "nothing can be kept: no state directory"});
    tools_.write(text(), std::move(done));
}

void Keys::set_user(config::Account user, std::function<void(Result<>)> done) {
    if (is_broken_)
        return done(Error{Error::Kind::unavailable, "the file of users could not be read"});
    if (auto good = check_key_name(user.name); !good) return done(good.error());
    auto found = by_name(users_, user.name);
    if (found == users_.end() && user.password.empty())
        return done(Error{Error::Kind::invalid, "a new user needs a password"});
    if (found == users_.end() && users_.size() >= most_users)
        return done(Error{Error::Kind::conflict, "there are too many users"});
    if (found != users_.end() && user.password.empty()) user.password = found->password;
    std::optional<config::Account> before;
    if (found != users_.end()) before = *found;
    put_user(user);
    keep([this, user, before = std::move(before), done = std::move(done)](Result<> const& kept) {
        auto here = by_name(users_, user.name);
        bool is_ours = here != users_.end() && *here == user;
        if (!kept && is_ours) {
            if (before)
                put_user(*before);
            else
                users_.erase(here), end_sessions_of(user.name);
            if (changed_) changed_();
        }
        done(kept);
    });
}

void Keys::put_user(config::Account user) {
    end_sessions_of(user.name);
    auto found = by_name(users_, user.name);
    if (found != users_.end())
        *found = std::move(user);
    else
        users_.push_back(std::move(user));
    std::ranges::sort(users_, {}, &config::Account::name);
}

void Keys::remove_user(std::string_view name, std::function<void(Result<>)> done) {
    auto found = by_name(users_, name);
    if (found == users_.end()) return done(nobody("user", name));
    end_sessions_of(name);
    users_.erase(found);
    keep(std::move(done));
}

std::string Keys::new_secret() {
    // Two halves: one alone of them being weak gives nothing away.
    return tools_.sha256(tools_.random() + std::to_string(++secrets_));
}

void Keys::create_token(StoredToken token, std::function<void(Result<std::string>)> done) {
    if (is_broken_)
        return done(Error{Error::Kind::unavailable, "the file of tokens could not be read"});
    if (auto good = check_key_name(token.name); !good) return done(good.error());
    if (by_name(tokens_, token.name) != tokens_.end())
        return done(Error{Error::Kind::conflict,
                          "there is a token '" + token.name + "' already; revoke it first"});
    if (tokens_.size() >= most_tokens)
        return done(Error{Error::Kind::conflict, "there are too many tokens"});
    // The prefix is for people and for scanners that look for secrets in the wrong place.
    auto secret = "lares_" + new_secret();
    token.digest = tools_.sha256(secret);
    auto digest = token.digest;
    tokens_.push_back(std::move(token));
    std::ranges::sort(tokens_, {}, &StoredToken::name);
    keep([this, secret, digest, done = std::move(done)](Result<> const& kept) {
        if (kept) return done(secret);
        std::erase_if(tokens_, [&](auto const& each) { return each.digest == digest; });
        if (changed_) changed_();
        done(kept.error());
    });
}

void Keys::revoke_token(std::string_view name, std::function<void(Result<>)> done) {
    auto found = by_name(tokens_, name);
    if (found == tokens_.end()) return done(nobody("token", name));
    end_sessions_of(name);
    tokens_.erase(found);
    keep(std::move(done));
}

std::optional<Caller> Keys::find_token(std::string_view token, WallTime now) {
    if (token.empty() || tokens_.empty()) return std::nullopt;
    auto digest = tools_.sha256(token);
    StoredToken* found = nullptr;
    for (auto& each : tokens_)
        if (equal_in_constant_time(each.digest, digest)) found = &each;
    if (!found || (found->expires != WallTime{} && found->expires <= now)) return std::nullopt;
    found->used = now;
    return Caller{.role = found->role,
                  .who = "token '" + found->name + "'",
                  .by = Caller::By::token,
                  .name = found->name,
                  .until = found->expires};
}

bool Keys::is_over(Session const& session, WallTime now) const {
    // A clock that was set back makes no session last longer.
    return now - session.used > session_idle || now - session.begun > session_longest ||
           now < session.begun;
}

std::string Keys::begin_session(Caller const& caller, WallTime now) {
    std::erase_if(sessions_, [&](auto const& each) { return is_over(each.second, now); });
    if (sessions_.size() >= most_sessions)
        sessions_.erase(std::ranges::min_element(
            sessions_, {}, [](auto const& each) { return each.second.used; }));
    auto cookie = new_secret();
    Session session{.caller = caller, .begun = now, .used = now};
    session.caller.by = Caller::By::session;
    session.caller.until = now + session_longest;
    sessions_.emplace(tools_.sha256(cookie), std::move(session));
    return cookie;
}

std::optional<Caller> Keys::find_session(std::string_view cookie, WallTime now) {
    if (cookie.empty() || sessions_.empty()) return std::nullopt;
    auto found = sessions_.find(tools_.sha256(cookie));
    if (found == sessions_.end()) return std::nullopt;
    if (is_over(found->second, now)) return sessions_.erase(found), std::nullopt;
    found->second.used = std::max(found->second.used, now);
    return found->second.caller;
}

void Keys::end_session(std::string_view cookie) {
    auto node = sessions_.extract(tools_.sha256(cookie));
    if (!node.empty() && ended_) ended_(node.mapped().caller.name);
}

void Keys::end_sessions_of(std::string_view name) {
    std::erase_if(sessions_, [&](auto const& each) {
        return name.empty() || each.second.caller.name == name;
    });
    if (ended_) ended_(name);
}

}  // namespace lares::control
