// store/reading.h: a question as SQL, and its rows.

#pragma once

#include "base/result.h"
#include "ports/store.h"
#include "store/sql.h"

namespace lares::store {

/// Adds what is found to `found`. Within a transaction: several see the same moment.
Result<> answer(Database&, ports::Question const&, ports::Found& found);

/// The first text that is greater than every text which begins with `prefix`; empty: none is.
std::string after_prefix(std::string prefix);

}  // namespace lares::store
