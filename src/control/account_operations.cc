// control/account_operations.cc: users and tokens beside the configuration.
//
// A password is taken in clear and kept as a hash that is made elsewhere; a token is made here and
// shown once. Who may in by the configuration is listed too, and changed only there.

#include <algorithm>

#include "config/settings.h"
#include "control/backroom.h"
#include "control/describe_work.h"
#include "control/keys.h"
#include "control/operation_functions.h"
#include "control/work_parts.h"
#include "text/quantity.h"

namespace lares::control {

namespace {

constexpr std::size_t longest_password = 512;
/// Ten years: what is meant to last longer has no end.
constexpr Duration longest_token{std::chrono::hours(24 * 3'660)};

Keys* keys_of(Call call) {
    auto* room = call.backroom();
    if (room && room->keys) return room->keys;
    call.fail(Fault::failed, "this daemon keeps no users");
    return nullptr;
}

std::string role_text(Role role) { return std::string(config::role_name(role)); }

text::Value user_value(config::Account const& account, char const* source) {
    return text::Struct{{"name", account.name},
                        {"role", role_text(account.role)},
                        {"source", source},
                        {"has_password", !account.password.empty()},
                        {"has_token", !account.token.empty()}};
}

text::Value token_value(StoredToken const& token) {
    return text::Struct{{"name", token.name},
                        {"role", role_text(token.role)},
                        {"created", time_value(token.created)},
                        {"expires", time_value(token.expires)},
                        {"by", token.by},
                        {"last_used", time_value(token.used)}};
}

std::optional<Role> role_parameter(Call call, text::Value const& given) {
    auto role = config::parse_role(*given.text());
    if (role) return *role;
    call.fail(outcome_of(Error{Error::Kind::invalid, "role: " + role.error().what}));
    return std::nullopt;
}

std::function<void(Result<>)> settled(Call call) {
    return [call](Result<> const& done) {
        if (!done) return call.fail(outcome_of(done.error()));
        call.answer(true);
    };
}

/// When a token ends: "30d", or a time; empty: never.
std::optional<WallTime> expiry(Call call, std::string const& words) {
    if (words.empty() || words == "never") return WallTime{};
    auto now = call.house().wall();
    if (auto span = text::parse_duration(words)) {
        if (*span >= std::chrono::minutes(1) && *span <= longest_token) return now + *span;
        call.fail(Fault::bad_arguments, "expires: it must be 1 minute to ten years");
        return std::nullopt;
    }
    auto at = parse_when(words, now, offset_of(call.house()), Toward::future);
    if (at && *at > now && *at - now <= longest_token) return *at;
    call.fail(Fault::bad_arguments, "expires: write a span as '30d', or a time to come, not '" +
                                        text::clean_utf8(words.substr(0, 60)) + "'");
    return std::nullopt;
}

}  // namespace

void lares_users(Call call, Parameters const&) {
    auto const* keys = keys_of(call);
    if (!keys) return;
    text::Array list;
    for (auto const& account : call.house().settings().accounts)
        list.push_back(user_value(account, "file"));
    for (auto const& account : keys->users()) {
        bool is_hidden = call.backroom()->is_configured_user(account.name);
        if (!is_hidden) list.push_back(user_value(account, "store"));
    }
    std::ranges::sort(list, {}, [](text::Value const& user) { return *user.find("name")->text(); });
    call.answer(std::move(list));
}

void lares_user_set(Call call, Parameters const& parameters) {
    auto* keys = keys_of(call);
    if (!keys) return;
    config::Account account{.name = *parameters[0].text()};
    auto role = role_parameter(call, parameters[1]);
    if (!role) return;
    account.role = *role;
    auto const& password = *parameters[2].text();
    if (call.backroom()->is_configured_user(account.name))
        return call.fail(
            {Fault::failed,
             "user '" + account.name + "' stands in the configuration; change it there",
             Error::Kind::conflict});
    if (auto good = check_key_name(account.name); !good) return call.fail(outcome_of(good.error()));
    if (password.empty()) return keys->set_user(std::move(account), settled(call));
    if (password.size() < 8 || password.size() > longest_password)
        return call.fail(Fault::bad_arguments, "password: it must have 8 to 512 bytes");
    call.backroom()->hash_password(password,
                                   [call, keys, account](Result<std::string> hash) mutable {
                                       if (!hash) return call.fail(outcome_of(hash.error()));
                                       account.password = std::move(hash).take();
                                       keys->set_user(std::move(account), settled(call));
                                   });
}

void lares_user_remove(Call call, Parameters const& parameters) {
    auto* keys = keys_of(call);
    if (!keys) return;
    auto const& name = *parameters[0].text();
    bool is_kept =
        std::ranges::find(keys->users(), name, &config::Account::name) != keys->users().end();
    if (!is_kept && call.backroom()->is_configured_user(name))
        return call.fail({Fault::failed,
                          "user '" + name + "' stands in the configuration; remove it there",
                          Error::Kind::conflict});
    keys->remove_user(name, settled(call));
}

void lares_tokens(Call call, Parameters const&) {
    if (auto const* keys = keys_of(call)) call.answer(each_value(keys->tokens(), token_value));
}

void lares_token_create(Call call, Parameters const& parameters) {
    auto* keys = keys_of(call);
    if (!keys) return;
    StoredToken token{.name = *parameters[0].text()};
    auto role = role_parameter(call, parameters[1]);
    if (!role) return;
    auto expires = expiry(call, *parameters[2].text());
    if (!expires) return;
    token.role = *role;
    token.created = call.house().wall();
    token.expires = *expires;
    token.by = signed_by(call.caller());
    auto shown = text::Struct{{"name", token.name},
                              {"role", role_text(token.role)},
                              {"expires", time_value(token.expires)}};
    keys->create_token(std::move(token), [call, shown](Result<std::string> secret) mutable {
        if (!secret) return call.fail(outcome_of(secret.error()));
        shown.emplace_back("token", *secret);
        call.answer(std::move(shown));
    });
}

void lares_token_revoke(Call call, Parameters const& parameters) {
    if (auto* keys = keys_of(call)) keys->revoke_token(*parameters[0].text(), settled(call));
}

}  // namespace lares::control
