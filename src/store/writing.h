// store/writing.h: one commit's writes, on a connection that is in a transaction.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "ports/store.h"
#include "store/inserts.h"
#include "store/sql.h"

namespace lares::store {

/// Numbers that were never given out before, from any thread. One node only: several will each
/// reserve a block of a thousand in a row of `meta`, in a transaction, and give out from it.
using Sequence = std::atomic<std::uint64_t>;

/// What became of a commit: written, or refused by what is there already. That is an answer and not
/// a failure: the transaction goes on, without it.
using Verdict = Result<ports::Committed>;

/// Numbers the events and files that have none, once: a commit that is tried again keeps them.
void give_numbers(ports::Commit&, Sequence&);

/// Whether a commit can be taken back without its whole transaction. That costs each of its pages a
/// copy, and is hardly ever needed: so first without. New rows are gathered then, too.
enum class Care { none, may_undo };
/// Nothing: it was refused when something of it was written already. Without Care::may_undo alone,
/// and then the transaction must go.
using Applied = std::optional<Verdict>;

/// An Error is one of the database: the transaction is lost, and everything in it. The commit stays
/// as it is until `inserts` has written all.
Result<Applied> apply(Database&, ports::Commit const&, Care, Inserts& inserts);

}  // namespace lares::store
