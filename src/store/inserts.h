// store/inserts.h: rows that are new, written several by one statement.
//
// A statement's own cost (its cursors, its end) is a fourth of what it takes to insert a small row.
// New jobs and events are most of what is written, and nothing in the same transaction asks for
// them: they may come a little later than what stands before them, in chunks.

#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "core/job.h"
#include "ports/store.h"
#include "store/rows.h"
#include "store/sql.h"

namespace lares::store {

/// The new rows of one transaction. Each stays where it is, unchanged, until write_all().
///
/// Where several are written, false means that one of them was there already, and nobody knows
/// which: the transaction must go, and be done again row by row.
class Inserts {
public:
    explicit Inserts(Database& database) : database_(database) {}

    /// One whose `once` is empty: it can only be there already when the same commit is.
    Result<bool> put(job::Job const&);
    Result<bool> put(ports::EventRow const&);

    /// This one alone, and at once; false: it was left out for one that is there.
    Result<bool> put_now(job::Job const&);
    Result<bool> put_now(ports::EventRow const&);

    /// Before anything that changes a job or asks for one.
    Result<bool> write_jobs();
    /// Before the transaction's end, and before rows are removed.
    Result<bool> write_all();

private:
    template <class Row>
    Result<bool> add(std::vector<Row const*>& rows, Row const&);
    template <class Row>
    Result<bool> write(std::vector<Row const*>& rows);
    template <class Row>
    Result<bool> write(Row const* const* from, std::size_t count);

    Database& database_;
    std::vector<job::Job const*> jobs_;
    std::vector<ports::EventRow const*> events_;
};

}  // namespace lares::store
