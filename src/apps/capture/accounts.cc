// apps/capture/accounts.cc: the tables accounts and account_history.

#include "apps/capture/accounts.h"

namespace lares::capture {

Result<> store_account(Database& database, std::int64_t now_ms, std::string const& service,
                       Account const& account) {
    auto note = [&](std::string const& what, std::string const& was) -> Result<> {
        TRY(database.run("insert into account_history values (:s, :i, :t, :w, :b)",
                         {service, account.id, now_ms, what, was}));
        return {};
    };
    auto const known =
        TRY(database.rows("select name, state from accounts where service = :s and id = :i",
                          {service, account.id}, "tt"));
    if (known.empty()) {
        TRY(database.run("insert into accounts values (:s, :i, :n, :e, :t, :c)",
                         {service, account.id, account.name, account.state, now_ms, now_ms}));
        return {};
    }
    auto const &was_name = text_in(known[0], 0), &was_state = text_in(known[0], 1);
    auto const& name = account.name.empty() ? was_name : account.name;
    if (name != was_name) TRY(note("name", was_name));
    if (account.state != was_state) {
        TRY(note("state", was_state));
        TRY(database.run("update accounts set since = :t where service = :s and id = :i",
                         {now_ms, service, account.id}));
    }
    TRY(database.run(
        "update accounts set name = :n, state = :e, checked = :t where service = :s and id = :i",
        {name, account.state, now_ms, service, account.id}));
    return {};
}

}  // namespace lares::capture
