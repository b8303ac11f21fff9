// apps/capture/people.cc: X API 2 (users), Mastodon (accounts), AT protocol
// (app.bsky.actor.getProfile).

#include "apps/capture/people.h"

#include "apps/capture/phrases.h"
#include "text/json_value.h"
#include "text/query.h"
#include "text/value.h"

namespace lares::capture {

namespace {

std::string text_of(text::Value const* from, std::string_view name) {
    auto const* value = from == nullptr ? nullptr : from->find(name);
    return value != nullptr && value->text() ? *value->text() : std::string();
}
bool is_true(text::Value const* from, std::string_view name) {
    auto const* value = from == nullptr ? nullptr : from->find(name);
    return value != nullptr && value->boolean() && *value->boolean();
}

Result<Account> gone(By by, std::string const& who, std::string const& state) {
    if (by == By::id) return Account{who, "", state};
    if (state == "deleted") return fault(Error::Kind::not_found, Phrase::nobody, {who});
    return fault(Error::Kind::not_found, Phrase::is_in_state, {who, state});
}

Result<Account> x_account(By by, std::string const& who, text::Value const& answer) {
    if (auto const* data = answer.find("data"); data != nullptr)
        return Account{text_of(data, "id"), text_of(data, "username"),
                       is_true(data, "protected") ? "protected" : "active"};
    // X answers 200 also for who is not there, and says why among the errors.
    std::string words;
    if (auto const* errors = answer.find("errors");
        errors != nullptr && errors->array() && !errors->array()->empty())
        words = text_of(&errors->array()->front(), "detail") + " " +
                text_of(&errors->array()->front(), "title");
    bool const is_suspended =
        words.find("suspended") != words.npos || words.find("Forbidden") != words.npos;
    return gone(by, who, is_suspended ? "suspended" : "deleted");
}

Result<Account> mastodon_account(By by, std::string const& who, text::Value const& answer) {
    if (is_true(&answer, "suspended")) return gone(by, who, "suspended");
    return Account{text_of(&answer, "id"), text_of(&answer, "acct"),
                   is_true(&answer, "locked") ? "protected" : "active"};
}

Result<Account> bluesky_account(By by, std::string const& who, int status,
                                text::Value const& answer) {
    if (status == 200)
        return Account{text_of(&answer, "did"), text_of(&answer, "handle"), "active"};
    auto const error = text_of(&answer, "error");
    if (error == "AccountTakedown") return gone(by, who, "suspended");
    return gone(by, who, "deleted");
}

}  // namespace

Result<ports::WebCall> account_call(Directory const& of, By by, std::string const& who) {
    auto const name = text::encode_percent(who);
    ports::WebCall call{.method = "GET", .ca_file = of.ca_file};
    if (!of.token.empty()) call.headers.emplace_back("Authorization", "Bearer " + of.token);
    auto base = [&](std::string_view own) { return of.url.empty() ? std::string(own) : of.url; };
    if (of.service == "x") {
        call.url = base("https://api.x.com") + "/2/users/" +
                   (by == By::name ? "by/username/" : "") + name + "?user.fields=protected";
    } else if (of.service == "jetstream") {
        call.url =
            base("https://public.api.bsky.app") + "/xrpc/app.bsky.actor.getProfile?actor=" + name;
    } else if (of.service == "mastodon") {
        if (of.url.empty()) return fault(Error::Kind::invalid, Phrase::needs_server);
        call.url = of.url +
                   (by == By::name ? "/api/v1/accounts/lookup?acct=" : "/api/v1/accounts/") + name;
    } else {
        return fault(Error::Kind::invalid, Phrase::no_directory, {of.service});
    }
    return call;
}

Result<Account> read_account(std::string_view service, By by, std::string const& who,
                             ports::WebAnswer const& answer) {
    if (answer.status == 429 || answer.status >= 500)
        return fault(Error::Kind::unavailable, Phrase::service_answered,
                     {std::to_string(answer.status)});
    if (answer.status == 401 || answer.status == 403)
        return fault(Error::Kind::denied, Phrase::credential_refused,
                     {std::to_string(answer.status)});
    if (answer.status == 404 || answer.status == 410) return gone(by, who, "deleted");
    auto value = text::parse_json(answer.body);
    if (!value) return fault(value.error().kind, Phrase::answer_wrong, {value.error().what});
    Result<Account> account = service == "x" ? x_account(by, who, *value)
                              : service == "mastodon"
                                  ? mastodon_account(by, who, *value)
                                  : bluesky_account(by, who, answer.status, *value);
    if (account && account->id.empty()) return fault(Error::Kind::io, Phrase::answer_no_id);
    return account;
}

}  // namespace lares::capture
