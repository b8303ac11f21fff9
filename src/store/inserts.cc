// store/inserts.cc: chunks of rows, and the SQL of each size of chunk.

#include "store/inserts.h"

#include <array>
#include <bit>
#include <string>
#include <string_view>

#include "store/dialect.h"

namespace lares::store {

namespace {

/// Rows of the largest chunk; the rest goes in chunks of half as many, and so on. More gain
/// nothing.
constexpr std::size_t largest = 8;
constexpr std::size_t sizes = std::bit_width(largest);  // 1, 2, 4, 8

/// An insert of some rows, with its parameters' letters.
struct Sentence {
    std::string sql, letters;
};

/// ":id, :task, …), (:id_1, :task_1, …": each parameter with a name of its own.
std::string values_of(std::string_view of_one, std::size_t rows) {
    std::string values(of_one);
    for (std::size_t row = 1; row < rows; ++row) {
        std::string const number = "_" + std::to_string(row);
        values += "), (";
        for (char c : of_one) {
            if (c == ',') values += number;
            values += c;
        }
        values += number;
    }
    return values;
}

std::array<Sentence, sizes> sentences_for(std::string_view table, Columns const& columns) {
    std::array<Sentence, sizes> made;
    for (std::size_t size = 0; size < sizes; ++size) {
        std::size_t rows = std::size_t{1} << size;
        made[size].sql =
            dialect::insert_or_leave(table, columns.names, values_of(columns.values, rows));
        for (std::size_t row = 0; row < rows; ++row) made[size].letters += columns.letters;
    }
    return made;
}

Sentence const& sentence_for(job::Job const&, std::size_t size) {
    static auto const all = sentences_for("jobs", job_columns());
    return all[size];
}
Sentence const& sentence_for(ports::EventRow const&, std::size_t size) {
    static auto const all = sentences_for("events", event_columns());
    return all[size];
}

void bind(Binder& binder, job::Job const& job) { job_fields(binder, job); }
void bind(Binder& binder, ports::EventRow const& event) { event_fields(binder, event); }

}  // namespace

Result<bool> Inserts::put(job::Job const& job) { return add(jobs_, job); }
Result<bool> Inserts::put(ports::EventRow const& event) { return add(events_, event); }
Result<bool> Inserts::put_now(job::Job const& job) {
    auto const* row = &job;
    return write(&row, 1);
}
Result<bool> Inserts::put_now(ports::EventRow const& event) {
    auto const* row = &event;
    return write(&row, 1);
}
Result<bool> Inserts::write_jobs() { return write(jobs_); }

Result<bool> Inserts::write_all() {
    if (!TRY(write(jobs_))) return false;
    return write(events_);
}

template <class Row>
Result<bool> Inserts::add(std::vector<Row const*>& rows, Row const& row) {
    rows.push_back(&row);
    return rows.size() < largest ? Result<bool>(true) : write(rows);
}

template <class Row>
Result<bool> Inserts::write(std::vector<Row const*>& rows) {
    std::size_t at = 0;
    while (at < rows.size()) {
        std::size_t count = std::bit_floor(rows.size() - at);
        if (!TRY(write(rows.data() + at, count))) return false;
        at += count;
    }
    rows.clear();
    return true;
}

template <class Row>
Result<bool> Inserts::write(Row const* const* from, std::size_t count) {
    Sentence const& sentence = sentence_for(**from, std::bit_width(count) - 1);
    Statement* insert = TRY(database_.statement(sentence.sql, sentence.letters));
    Binder binder(*insert);
    for (std::size_t row = 0; row < count; ++row) bind(binder, *from[row]);
    return TRY(insert->run()) == static_cast<std::int64_t>(count);
}

}  // namespace lares::store
