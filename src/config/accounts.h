// config/accounts.h: [user:x] sections: who may log in, how, and with which role.

#pragma once

#include <vector>

#include "config/reader.h"
#include "config/roles.h"

namespace lares::config {

/// Every [user:x] section, in order.
std::vector<Account> read_accounts(Context&);

}  // namespace lares::config
