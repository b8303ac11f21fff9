// cli/keys.cc: `lares token` and `lares user`: who may ask, beside the accounts of the
// configuration.
//
// A token is printed alone on its line, so that a script can keep it: it is shown this once.

#include <algorithm>

#include "cli/fields.h"
#include "cli/password.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using text::Value;

std::string or_never(std::string time) { return time.empty() ? "never" : time; }

std::string tokens_table(text::Array const& tokens) {
    std::vector<std::vector<std::string>> rows{
        {"TOKEN", "ROLE", "CREATED", "EXPIRES", "LAST USED", "BY"}};
    for (Value const& token : tokens)
        rows.push_back({text_of(token, "name"), text_of(token, "role"), time_of(token, "created"),
                        or_never(time_of(token, "expires")), or_never(time_of(token, "last_used")),
                        text_of(token, "by")});
    return aligned(rows);
}

std::string users_table(text::Array const& users) {
    std::vector<std::vector<std::string>> rows{{"USER", "ROLE", "FROM", "LOGS IN WITH"}};
    for (Value const& user : users) {
        std::string with = switch_of(user, "has_password") ? "password" : "";
        if (switch_of(user, "has_token")) with += with.empty() ? "token" : ", token";
        bool const is_file = text_of(user, "source") == "file";
        rows.push_back({text_of(user, "name"), text_of(user, "role"),
                        is_file ? "configuration" : "lares user", with.empty() ? "nothing" : with});
    }
    return aligned(rows);
}

int list(Session& session, char const* method, std::string (*table)(text::Array const&),
         char const* none) {
    Result<Value> const answer = session.client.call(method, {});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    bool const is_empty = answer->array() == nullptr || answer->array()->empty();
    print(session.doors, is_empty ? none : table(*answer->array()));
    return exit_status::done;
}

int act(Session& session, char const* method, std::vector<Value> parameters,
        std::string const& done) {
    Result<Value> const answer = session.client.call(method, std::move(parameters));
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, text::Struct{{"done", true}});
    else
        print(session.doors, done);
    return exit_status::done;
}

int create_token(Session& session, std::string const& name) {
    auto const& request = session.request;
    Result<Value> const answer = session.client.call(
        "lares.token_create",
        {name, request.role.empty() ? "viewer" : request.role, request.expires});
    if (!answer) return fail_plainly(session, answer.error());
    if (request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    print(session.doors, text_of(*answer, "token"));
    std::string const expires = time_of(*answer, "expires");
    complain(session.doors, "token '" + name + "', " + text_of(*answer, "role") +
                                (expires.empty() ? "" : ", until " + expires) +
                                "; it is not shown again");
    return exit_status::done;
}

/// @param is_new  else the user must be there already
int set_user(Session& session, std::string const& name, bool with_password, bool is_new) {
    Result<Value> const users = session.client.call("lares.users", {});
    if (!users) return fail_plainly(session, users.error());
    std::string role = session.request.role;
    bool is_there = false;
    for (Value const& user : users->array() ? *users->array() : text::Array{})
        if (text_of(user, "name") == name) {
            is_there = true;
            if (role.empty()) role = text_of(user, "role");
        }
    if (is_new && is_there) return wrong_use(session, "there is a user '" + name + "' already");
    if (!is_new && !is_there) return wrong_use(session, "there is no user '" + name + "'");
    if (role.empty()) role = "viewer";
    std::string password;
    if (with_password) {
        Result<std::string> const given = read_password(session.doors);
        if (!given)
            return fail(session.doors, session.request, given.error(), exit_status::refused);
        password = *given;
    }
    return act(session, "lares.user_set", {name, role, password},
               "user '" + name + "' is " + (is_new ? "there" : "changed") + ", as " + role);
}

}  // namespace

int token(Session& session) {
    auto const& words = session.request.words;
    auto const& what = words.front();
    if (what == "list" && words.size() == 1)
        return list(session, "lares.tokens", tokens_table, "there is no token");
    if (what == "create" && words.size() == 2) return create_token(session, words[1]);
    if (what == "revoke" && words.size() == 2)
        return act(session, "lares.token_revoke", {words[1]}, words[1] + ": revoked");
    return wrong_use(session, "write 'lares token create NAME', 'revoke NAME' or 'list'");
}

int user(Session& session) {
    auto const& words = session.request.words;
    auto const& what = words.front();
    if (what == "list" && words.size() == 1)
        return list(session, "lares.users", users_table, "nobody has to log in here");
    if (words.size() != 2)
        return wrong_use(session,
                         "write 'lares user add NAME', 'password NAME', 'role NAME --role ROLE', "
                         "'remove NAME' or 'list'");
    if (what == "add") return set_user(session, words[1], /*with_password=*/true, /*is_new=*/true);
    if (what == "password")
        return set_user(session, words[1], /*with_password=*/true, /*is_new=*/false);
    if (what == "role" && !session.request.role.empty())
        return set_user(session, words[1], /*with_password=*/false, /*is_new=*/false);
    if (what == "remove")
        return act(session, "lares.user_remove", {words[1]}, words[1] + ": removed");
    return wrong_use(session,
                     "there are 'add', 'password', 'role' with --role, 'remove' and 'list'");
}

}  // namespace lares::cli
