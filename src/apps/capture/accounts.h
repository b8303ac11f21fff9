// apps/capture/accounts.h: what is known of accounts, kept with what was known before.

#pragma once

#include <cstdint>
#include <string>

#include "apps/capture/database.h"
#include "apps/capture/people.h"

namespace lares::capture {

/// What is known now; a name or state that differs goes to the history. An empty name: the one that
/// was known.
Result<> store_account(Database&, std::int64_t now_ms, std::string const& service, Account const&);

}  // namespace lares::capture
