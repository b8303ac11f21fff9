// apps/capture/database.cc: the tables as numbered steps, and questions to them.

#include "apps/capture/database.h"

#include <array>

#include "apps/capture/phrases.h"
#include "store/schema.h"
#include "text/nearest.h"

namespace lares::capture {

namespace {

// clang-format off
// As in the daemon's tables: numbers are 64 bits, times milliseconds since 1970, nothing is NULL.
store::Migration const step_1{1, "tables", {
    "create table captures (name text primary key, definition text not null, changed integer not null)",
    // What was put into Lares as a program, and from which definition.
    "create table programs (name text primary key, digest text not null)",
    "create table credentials (name text primary key, service text not null, token text not null)",
    "create table accounts (service text not null, id text not null, name text not null, "
        "state text not null, since integer not null, checked integer not null, primary key (service, id))",
    "create index accounts_by_name on accounts (service, name collate nocase)",
    "create table account_history (service text not null, id text not null, at integer not null, "
        "what text not null, was text not null)",
    "create index history_of on account_history (service, id, at)",
    "create table sets (name text primary key, owner text not null, notes text not null)",
    "create table members (set_name text not null, service text not null, id text not null, "
        "primary key (set_name, service, id))",
    "create table items (service text not null, id text not null, account text not null, at integer not null, "
        "body text not null, json text not null, source text not null, removed integer not null, "
        "primary key (service, id))",
    "create index items_by_account on items (service, account, at)",
    "create index items_by_time on items (at)",
    "create index items_by_source on items (source, at)",
    "create virtual table found using fts5 (body, service unindexed, id unindexed)",
    "create table removals (service text not null, id text not null, at integer not null, "
        "policy text not null, sha256 text not null, primary key (service, id))",
    "create table indexed (file text primary key, messages integer not null)",
}};
store::Migration const step_2{2, "timelines and links", {
    // What a service lets a credential ask yet; its calls of one kind share a row.
    "create table allowances (name text primary key, remaining integer not null, until integer not null, "
        "refusals integer not null)",
    // A stretch of an account's posts, from its newest (top) down to what was had before (floor).
    "create table fills (id integer primary key, capture text not null, account text not null, "
        "top text not null, low text not null, floor text not null, next text not null, state text not null, "
        "words text not null, posts integer not null, began integer not null, changed integer not null)",
    "create index fills_of on fills (capture, account)",
    "create table jobs (id integer primary key, capture text not null, kind text not null, began integer not null, "
        "beat integer not null, ended integer not null, accounts integer not null, posts integer not null, "
        "errors integer not null, words text not null)",
    "create index jobs_of on jobs (capture, began)",
    "create table job_errors (job integer not null, at integer not null, account text not null, words text not null)",
    "create index errors_of on job_errors (job)",
    "create table links (url text primary key, item text not null, expanded text not null, state text not null, "
        "status integer not null, final text not null, chain text not null, tries integer not null, "
        "checked integer not null, due integer not null, took integer not null, words text not null)",
    "create index links_due on links (state, due)",
}};
// Posts in the order of their time: `place` is the time, then the order they came in (places.h). What
// is newest among millions is read from the end of a table or of a word's list, with no sorting. The
// charts' sums are kept as posts come and go (count_day; a trigger would make SQLite flush the full
// text at each post).
store::Migration const step_3{3, "posts by their time", {
    "create table posts_by_place (place integer primary key, service text not null, id text not null, "
        "account text not null, at integer not null, body text not null, json text not null, source text not null, "
        "removed integer not null, unique (service, id))",
    "insert into posts_by_place select case when at <= 0 then rowid - 4611686018427387904 else at * 2097152 + "
        "row_number() over (partition by at order by rowid) - 1 end, service, id, account, at, body, json, source, "
        "removed from items order by at, rowid",
    "drop table items",
    "alter table posts_by_place rename to items",
    "create index items_by_account on items (service, account)",
    "create index items_by_source on items (source)",
    // The text is in `items` alone.
    "drop table found",
    "create virtual table found using fts5 (body, content = 'items', content_rowid = 'place')",
    "insert into found (found) values ('rebuild')",
    "create table days (source text not null, day integer not null, posts integer not null, "
        "primary key (source, day)) without rowid",
    "insert into days select source, at / 86400000, count(*) from items group by source, at / 86400000",
    // As lists of accounts show them.
    "create index accounts_in_order on accounts (lower(name) || ' ' || service || ' ' || id)",
    // Of a post that is in the database when its removal is carried out: whose it is.
    "alter table removals add column source text not null default ''",
    "update removals set source = coalesce((select source from items i where i.service = removals.service and "
        "i.id = removals.id), '')",
    "create index removals_of on removals (source, policy, at)",
}};
// clang-format on

std::string letters_of(std::vector<Cell> const& parameters) {
    std::string out;
    for (auto const& each : parameters)
        out += std::holds_alternative<std::int64_t>(each) ? 'n' : 't';
    return out;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(std::string const& path) {
    auto database = TRY(store::Database::open(path, {.kind = store::Access::Kind::create}));
    TRY(database->execute(std::string("pragma journal_mode = wal")));
    TRY(database->execute("pragma synchronous = full"));
    static std::array const steps = {step_1, step_2, step_3};
    // Two that start at once: the second waits, and finds the tables made.
    TRY(store::migrate(*database, steps));
    return std::unique_ptr<Database>(new Database(std::move(database)));
}

Result<> Database::each(std::string_view sql, std::vector<Cell> const& parameters,
                        std::string_view columns, std::function<bool(Row const&)> const& take) {
    auto* statement = TRY(database_->statement(sql, letters_of(parameters), columns));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (auto const* number = std::get_if<std::int64_t>(&parameters[i]))
            statement->set(i, *number);
        else
            statement->set(i, std::string_view(std::get<std::string>(parameters[i])));
    }
    Row row(columns.size());
    for (;;) {
        if (!TRY(statement->next())) return {};
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i] == 'n')
                row[i] = statement->number(i);
            else
                row[i] = statement->text(i);
        }
        if (!take(row)) break;
    }
    statement->reset();
    return {};
}

Result<std::vector<Row>> Database::rows(std::string_view sql, std::vector<Cell> const& parameters,
                                        std::string_view columns) {
    std::vector<Row> out;
    TRY(each(sql, parameters, columns, [&](Row const& row) {
        out.push_back(row);
        return true;
    }));
    return out;
}

Result<std::int64_t> Database::run(std::string_view sql, std::vector<Cell> const& parameters) {
    auto* statement = TRY(database_->statement(sql, letters_of(parameters)));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (auto const* number = std::get_if<std::int64_t>(&parameters[i]))
            statement->set(i, *number);
        else
            statement->set(i, std::string_view(std::get<std::string>(parameters[i])));
    }
    return statement->run();
}

Result<std::int64_t> Database::add(std::string_view sql, std::vector<Cell> const& parameters) {
    TRY(run(sql, parameters));
    return database_->number_of("select last_insert_rowid()");
}

Result<> Database::together(std::function<Result<>()> const& work) {
    TRY(database_->execute("begin immediate"));
    auto done = work();
    if (done) done = database_->execute("commit");
    if (!done) (void)database_->execute("rollback");
    return done;
}

Result<std::vector<Definition>> Database::captures() {
    std::vector<Definition> out;
    for (auto const& row : TRY(rows("select definition from captures order by name", {}, "t")))
        out.push_back(TRY(parse_definition(text_in(row, 0))));
    return out;
}

Result<Definition> Database::capture(std::string const& name) {
    auto found = TRY(rows("select definition from captures where name = :n", {name}, "t"));
    if (!found.empty()) return parse_definition(text_in(found[0], 0));
    auto const all = TRY(rows("select name from captures", {}, "t"));
    std::vector<std::string_view> names;
    for (auto const& row : all) names.push_back(text_in(row, 0));
    auto near = text::nearest(name, names);
    if (near.empty()) return fault(Error::Kind::not_found, Phrase::no_capture, {name});
    return fault(Error::Kind::not_found, Phrase::near_capture, {name, near});
}

Result<std::string> Database::token_of(std::string const& credential) {
    if (credential.empty()) return std::string();
    auto found = TRY(rows("select token from credentials where name = :n", {credential}, "t"));
    if (found.empty()) return fault(Error::Kind::not_found, Phrase::no_credential, {credential});
    return text_in(found[0], 0);
}

Result<> check_definition(Definition const& definition, std::vector<Definition> const& others) {
    auto const plan = TRY(make_plan(definition, "/", ""));
    int const most = streams_per_credential(plan.service);
    if (definition.active != "yes" || most == 0 || definition.credential.empty()) return {};
    int count = 1;
    for (auto const& other : others) {
        bool const shares = other.name != definition.name && other.active == "yes" &&
                            other.credential == definition.credential &&
                            streams_per_credential(other.service) > 0;
        if (shares && ++count > most)
            return fault(Error::Kind::conflict, Phrase::credential_in_use,
                         {definition.credential, other.name, std::to_string(most)});
    }
    return {};
}

}  // namespace lares::capture
