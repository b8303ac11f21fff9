// store/writing.cc: each kind of write as SQL.
//
// A `must` may be written twice: its transaction failed, as far as we know, and is tried again. So
// each of its writes has the same effect the second time.

#include "store/writing.h"

#include <algorithm>

#include "base/overloaded.h"
#include "store/dialect.h"
#include "store/rows.h"

namespace lares::store {

namespace {

using ports::Commit;
using ports::Committed;

/// What one write came to: nothing to say, left out (kept in `conflicts`), or a refusal of the
/// whole commit.
using Step = Result<std::optional<Error>>;

/// The SQL that does not change, made once.
struct Sentences {
    std::string set_job, start_job, put_run, end_run, put_file, put_delivery, set_delivery;
};

Sentences const& sentences() {
    static Sentences const all = [] {
        Columns const& jobs = job_columns();
        Columns const& runs = run_columns();
        Columns const& files = file_columns();
        Columns const& deliveries = delivery_columns();
        return Sentences{
            "update jobs set " + jobs.changes +
                " where id = :id and (run = :expected or :expected_too = 0)",
            "update jobs set state = :state, attempts = :attempts, run = :run"
            " where id = :id and (run = :expected or :expected_too = 0)",
            // Numbers of runs may begin anew after the machine's start: history is not written
            // over.
            dialect::insert_or_replace("runs", runs.names, runs.values, "run", "runs.ended = 0"),
            "update runs set " + runs.changes +
                ", pid = coalesce(nullif(:pid, 0), pid), log = coalesce(nullif(:log, ''), log)"
                " where run = :run",
            dialect::insert_or_replace("files", files.names, files.values, "id"),
            dialect::insert_or_leave("deliveries", deliveries.names, deliveries.values),
            "update deliveries set " + deliveries.changes + " where id = :id",
        };
    }();
    return all;
}

class Applying {
public:
    Applying(Database& database, Commit const& commit, Care care, Inserts& inserts)
        : database_(database), commit_(commit), care_(care), inserts_(inserts) {}

    Result<Applied> run() {
        bool can_undo = care_ == Care::may_undo && needs_undo();
        bool has_written = false;
        if (can_undo) TRY(plain("savepoint one"));
        for (ports::Write const& write : commit_.writes) {
            std::optional<Error> refusal = TRY(
                std::visit([this](auto const& each) -> Step { return this->write(each); }, write));
            if (must_be_careful_) return Applied();
            if (!refusal) {
                has_written = true;
                continue;
            }
            if (has_written && !can_undo) return Applied();
            if (can_undo) TRY(plain("rollback to one"));
            if (can_undo) TRY(plain("release one"));
            return Applied(Verdict(std::move(*refusal)));
        }
        if (can_undo) TRY(plain("release one"));
        return Applied(Verdict(std::move(committed_)));
    }

private:
    /// What Inserts say of a row.
    Step gathered(Result<bool> written) {
        if (!TRY(std::move(written))) must_be_careful_ = true;
        return std::optional<Error>();
    }

    bool is_ask() const { return commit_.kind == Commit::Kind::ask; }

    /// Whether a write may refuse the commit when others of it are done already.
    bool needs_undo() const {
        if (commit_.writes.size() < 2) return false;
        if (is_ask()) return true;
        return !commit_.may_conflict &&
               std::any_of(commit_.writes.begin() + 1, commit_.writes.end(), [](auto const& each) {
                   auto const* job = std::get_if<ports::PutJob>(&each);
                   auto const* delivery = std::get_if<ports::PutDelivery>(&each);
                   return (job != nullptr && !job->job.once.empty()) ||
                          (delivery != nullptr && !delivery->delivery.key.empty());
               });
    }
    Result<> plain(std::string_view sql) {
        Statement* statement = TRY(database_.statement(sql, ""));
        TRY(statement->run());
        return {};
    }

    Step write(ports::PutJob const& put) {
        if (care_ == Care::none && put.job.once.empty()) return gathered(inserts_.put(put.job));
        if (TRY(inserts_.put_now(put.job))) return std::optional<Error>();
        return left_out(put.job);
    }

    /// Who was there before it?
    Step left_out(job::Job const& job) {
        job::Id holder = 0;
        if (!job.once.empty()) holder = TRY(holder_of(job.once));
        // The second time: it was written the first time.
        if (holder == job.id || (holder == 0 && !is_ask())) return std::optional<Error>();
        if (holder == 0) {
            return std::optional(Error{Error::Kind::conflict,
                                       "job " + std::to_string(job.id) + " is there already"});
        }
        if (!commit_.may_conflict) {
            return std::optional(
                Error{Error::Kind::conflict,
                      "'" + job.once + "' has job " + std::to_string(holder) + " already"});
        }
        committed_.conflicts.emplace_back(job.id, holder);
        return std::optional<Error>();
    }

    /// "job/17" of the job that has just been left out for another: it was never there. Likewise
    /// "delivery/17".
    bool is_of_left_out(std::string_view subject) const {
        if (committed_.conflicts.empty()) return false;
        bool is_job = subject.starts_with("job/");
        if (!is_job && !subject.starts_with("delivery/")) return false;
        auto const& [id, holder] = committed_.conflicts.back();
        return holder != 0 && subject.substr(subject.find('/') + 1) == std::to_string(id);
    }

    Result<job::Id> holder_of(std::string const& once) {
        Statement* find = TRY(
            database_.statement("select id from jobs where once = :once and once <> ''", "t", "n"));
        find->set(0, once);
        bool found = TRY(find->next());
        auto id = static_cast<job::Id>(found ? find->number(0) : 0);
        find->reset();
        return id;
    }

    Step write(ports::SetJob const& set) {
        TRY(gathered(inserts_.write_jobs()));
        if (must_be_careful_) return std::optional<Error>();
        bool is_start = set.changes == ports::SetJob::Changes::start;
        static std::string const letters = job_columns().changing_letters + "nnn";
        Statement* update = TRY(is_start ? database_.statement(sentences().start_job, "tnnnnn")
                                         : database_.statement(sentences().set_job, letters));
        ChangeBinder binder(*update);
        if (is_start) {
            binder.put(set.job.state);
            binder.put(set.job.attempts);
            binder.put(set.job.run);
        } else {
            job_fields(binder, set.job);
        }
        binder.put(set.job.id);
        binder.put(set.expect_run);
        binder.put(set.expect_run);
        if (TRY(update->run()) == 1) return std::optional<Error>();
        if (!is_ask()) {
            committed_.conflicts.emplace_back(set.job.id, job::Id{0});
            return std::optional<Error>();
        }
        std::string words = "job " + std::to_string(set.job.id) + " is not there";
        if (set.expect_run != 0)
            words += ", or its run is not " + std::to_string(set.expect_run) + " any more";
        return std::optional(Error{Error::Kind::conflict, std::move(words)});
    }

    Step write(ports::PutRun const& put) { return put_whole(put.run); }

    Step put_whole(ports::RunRow const& run) {
        Statement* insert = TRY(database_.statement(sentences().put_run, run_columns().letters));
        Binder binder(*insert);
        run_fields(binder, run);
        if (TRY(insert->run()) == 1 || !is_ask()) return std::optional<Error>();
        return std::optional(
            Error{Error::Kind::conflict, "run " + std::to_string(run.run) + " has ended already"});
    }

    Step write(ports::EndRun const& end) {
        Columns const& columns = run_columns();
        Statement* update =
            TRY(database_.statement(sentences().end_run, columns.changing_letters + "ntn"));
        ChangeBinder binder(*update);
        run_fields(binder, end.run);
        binder.put(end.run.pid);
        binder.put(end.run.log);
        binder.put(end.run.run);
        if (TRY(update->run()) == 1) return std::optional<Error>();
        // It began while nothing could be written, and its beginning was lost: better late.
        return put_whole(end.run);
    }

    Step write(ports::PutEvent const& put) {
        if (is_of_left_out(put.event.subject)) return std::optional<Error>();
        if (care_ == Care::none) return gathered(inserts_.put(put.event));
        if (TRY(inserts_.put_now(put.event)) || !is_ask()) return std::optional<Error>();
        return std::optional(Error{Error::Kind::conflict,
                                   "event " + std::to_string(put.event.id) + " is there already"});
    }

    Step write(ports::PutFile const& put) {
        Statement* insert = TRY(database_.statement(sentences().put_file, file_columns().letters));
        Binder binder(*insert);
        file_fields(binder, put.file);
        TRY(insert->run());
        return std::optional<Error>();
    }

    Step write(ports::PutDelivery const& put) {
        Columns const& columns = delivery_columns();
        Statement* insert = TRY(database_.statement(sentences().put_delivery, columns.letters));
        Binder binder(*insert);
        delivery_fields(binder, put.delivery);
        if (TRY(insert->run()) == 1) return std::optional<Error>();
        Statement* find = TRY(database_.statement(
            "select id from deliveries where channel = :channel and unique_key = :key"
            " and unique_key <> ''",
            "tt", "n"));
        find->set(0, put.delivery.channel);
        find->set(1, put.delivery.key);
        bool found = TRY(find->next());
        auto holder = static_cast<delivery::Id>(found ? find->number(0) : 0);
        find->reset();
        if (holder == put.delivery.id || (holder == 0 && !is_ask())) return std::optional<Error>();
        std::string words =
            holder == 0
                ? "delivery " + std::to_string(put.delivery.id) + " is there already"
                : "'" + put.delivery.key + "' has delivery " + std::to_string(holder) + " already";
        if (holder == 0 || !commit_.may_conflict)
            return std::optional(Error{Error::Kind::conflict, std::move(words)});
        committed_.conflicts.emplace_back(put.delivery.id, holder);
        return std::optional<Error>();
    }

    Step write(ports::SetDelivery const& set) {
        Columns const& columns = delivery_columns();
        Statement* update =
            TRY(database_.statement(sentences().set_delivery, columns.changing_letters + "n"));
        ChangeBinder binder(*update);
        delivery_fields(binder, set.delivery);
        binder.put(set.delivery.id);
        TRY(update->run());
        return std::optional<Error>();
    }

    Step write(ports::PutAlert const& put) {
        static std::string const sql = dialect::insert_or_replace("alerts", alert_columns().names,
                                                                  alert_columns().values, "id");
        Statement* insert = TRY(database_.statement(sql, alert_columns().letters));
        Binder binder(*insert);
        alert_fields(binder, put.alert);
        TRY(insert->run());
        return std::optional<Error>();
    }

    Step write(ports::PutMember const& put) {
        static std::string const sql =
            dialect::insert_or_replace("alert_members", member_columns().names,
                                       member_columns().values, "alert, subject, kind");
        Statement* insert = TRY(database_.statement(sql, member_columns().letters));
        Binder binder(*insert);
        member_fields(binder, put.member);
        TRY(insert->run());
        return std::optional<Error>();
    }

    Step write(ports::DropMembers const& drop) {
        Statement* remove =
            TRY(database_.statement("delete from alert_members where alert = :alert", "n"));
        remove->set(0, static_cast<std::int64_t>(drop.alert));
        TRY(remove->run());
        return std::optional<Error>();
    }

    Step write(ports::SetMark const& mark) {
        static std::string const sql =
            dialect::insert_or_replace("marks", "name, value", ":name, :value", "name");
        Statement* insert = TRY(database_.statement(sql, "tt"));
        insert->set(0, mark.key);
        insert->set(1, mark.value);
        TRY(insert->run());
        return std::optional<Error>();
    }

    Step write(ports::DropMark const& mark) {
        Statement* drop = TRY(database_.statement("delete from marks where name = :name", "t"));
        drop->set(0, mark.key);
        TRY(drop->run());
        return std::optional<Error>();
    }

    Database& database_;
    Commit const& commit_;
    Care care_;
    Inserts& inserts_;
    bool must_be_careful_ = false;
    Committed committed_;
};

}  // namespace

void give_numbers(ports::Commit& commit, Sequence& ids) {
    for (ports::Write& write : commit.writes) {
        if (auto* event = std::get_if<ports::PutEvent>(&write); event && event->event.id == 0)
            event->event.id = ids.fetch_add(1);
        if (auto* file = std::get_if<ports::PutFile>(&write); file && file->file.id == 0)
            file->file.id = ids.fetch_add(1);
    }
}

Result<Applied> apply(Database& database, ports::Commit const& commit, Care care,
                      Inserts& inserts) {
    return Applying(database, commit, care, inserts).run();
}

}  // namespace lares::store
