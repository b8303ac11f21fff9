// store/rows.h: the columns of each table and the fields of each row, said once.
//
// A visitor is called for each column in the order of the table: fixed() for what is written when
// the row is made and never again, changing() for the rest. From these lists come the SQL of
// inserts, updates and questions, the binding of what is written and the reading of what is found.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/time.h"
#include "core/delivery.h"
#include "core/job.h"
#include "ports/store.h"
#include "store/sql.h"

namespace lares::store {

template <class Visitor, class Row>  // job::Job, or a constant one; likewise below
void job_fields(Visitor& visit, Row& job) {
    visit.fixed("id", job.id);
    visit.fixed("task", job.task);
    visit.fixed("payload", job.payload);
    visit.fixed("payload_file", job.payload_file);
    visit.fixed("unique_key", job.key);
    visit.fixed("once", job.once);
    visit.fixed("created", job.created);
    visit.fixed("source", job.source);
    visit.fixed("cause", job.cause);
    visit.changing("priority", job.priority);
    visit.changing("not_before", job.not_before);
    visit.changing("due", job.due);
    visit.changing("ended", job.ended);
    visit.changing("after_jobs", job.after);
    visit.changing("state", job.state);
    visit.changing("attempts", job.attempts);
    visit.changing("errors", job.errors);
    visit.changing("crashes", job.crashes);
    visit.changing("run", job.run);
    visit.changing("token", job.token);
    visit.changing("why", job.why);
    visit.changing("result", job.result);
}

template <class Visitor, class Row>
void run_fields(Visitor& visit, Row& run) {
    visit.fixed("run", run.run);
    visit.fixed("kind", run.kind);
    visit.fixed("subject", run.subject);
    visit.fixed("job", run.job);
    visit.fixed("attempt", run.attempt);
    visit.fixed("command", run.command);
    visit.fixed("environment", run.environment);
    visit.fixed("directory", run.directory);
    visit.fixed("run_user", run.user);
    visit.fixed("revision", run.revision);
    visit.fixed("pid", run.pid);
    visit.fixed("node", run.node);
    visit.fixed("started", run.started);
    visit.fixed("log", run.log);
    visit.changing("ended", run.ended);
    visit.changing("outcome", run.outcome);
    visit.changing("code", run.code);
    visit.changing("end_signal", run.signal);
    visit.changing("wall", run.wall);
    visit.changing("cpu", run.cpu);
    visit.changing("peak_memory_bytes", run.peak_memory_bytes);
    visit.changing("read_bytes", run.read_bytes);
    visit.changing("written_bytes", run.written_bytes);
    visit.changing("words", run.words);
}

template <class Visitor, class Row>
void event_fields(Visitor& visit, Row& event) {
    visit.fixed("id", event.id);
    visit.fixed("at", event.at);
    visit.fixed("kind", event.kind);
    visit.fixed("subject", event.subject);
    visit.fixed("cause", event.cause);
    visit.fixed("who", event.who);
    visit.fixed("words", event.words);
    visit.fixed("data", event.data);
}

template <class Visitor, class Row>
void file_fields(Visitor& visit, Row& file) {
    visit.fixed("id", file.id);
    visit.fixed("folder", file.folder);
    visit.fixed("path", file.path);
    visit.fixed("device", file.device);
    visit.fixed("inode", file.inode);
    visit.fixed("size", file.size);
    visit.fixed("mtime_ns", file.mtime_ns);
    visit.fixed("hash", file.hash);
    visit.fixed("state", file.state);
    visit.fixed("job", file.job);
    visit.fixed("seen", file.seen);
    visit.fixed("ended", file.ended);
    visit.fixed("destination", file.destination);
    visit.fixed("words", file.words);
    visit.fixed("birth_ns", file.birth_ns);
}

template <class Visitor, class Row>
void delivery_fields(Visitor& visit, Row& delivery) {
    visit.fixed("id", delivery.id);
    visit.fixed("channel", delivery.channel);
    visit.fixed("thread", delivery.thread);
    visit.fixed("unique_key", delivery.key);
    visit.fixed("message", delivery.message);
    visit.fixed("created", delivery.created);
    visit.fixed("expires", delivery.expires);
    visit.fixed("source", delivery.source);
    visit.fixed("cause", delivery.cause);
    visit.changing("not_before", delivery.not_before);
    visit.changing("ended", delivery.ended);
    visit.changing("state", delivery.state);
    visit.changing("attempts", delivery.attempts);
    visit.changing("provider", delivery.provider);
    visit.changing("words", delivery.words);
}

template <class Visitor, class Row>
void alert_fields(Visitor& visit, Row& alert) {
    visit.fixed("id", alert.id);
    visit.fixed("subject", alert.subject);
    visit.fixed("state", alert.state);
    visit.fixed("severity", alert.severity);
    visit.fixed("opened", alert.opened);
    visit.fixed("ended", alert.ended);
    visit.fixed("record", alert.record);
}

template <class Visitor, class Row>
void member_fields(Visitor& visit, Row& member) {
    visit.fixed("alert", member.alert);
    visit.fixed("subject", member.subject);
    visit.fixed("kind", member.kind);
    visit.fixed("record", member.record);
}

/// The columns of a table as SQL wants them.
struct Columns {
    std::string names;             // "id, task, …"
    std::string values;            // ":id, :task, …"
    std::string letters;           // a letter each, as Database::statement wants them
    std::string changes;           // "priority = :priority, …": those that may change
    std::string changing_letters;  // theirs
};

Columns const& job_columns();
Columns const& run_columns();
Columns const& event_columns();
Columns const& file_columns();
Columns const& delivery_columns();
Columns const& alert_columns();
Columns const& member_columns();

std::int64_t stored(WallTime time);
std::string stored(std::vector<job::Id> const& ids);  // "812 813"

/// Sets the parameters of a statement, one after the other.
class Binder {
public:
    explicit Binder(Statement& statement, std::size_t from = 0)
        : statement_(statement), place_(from) {}

    template <class Value>
    void fixed(std::string_view, Value const& value) {
        put(value);
    }
    template <class Value>
    void changing(std::string_view, Value const& value) {
        put(value);
    }
    template <class Value>
    void put(Value const& value) {
        if constexpr (std::is_same_v<Value, WallTime>)
            statement_.set(place_++, stored(value));
        else if constexpr (std::is_same_v<Value, Duration>)
            statement_.set(place_++, std::int64_t{value.count()});
        else if constexpr (std::is_same_v<Value, job::State>)
            statement_.set(place_++, job::name(value));
        else if constexpr (std::is_same_v<Value, delivery::State>)
            statement_.set(place_++, delivery::name(value));
        else if constexpr (std::is_same_v<Value, std::vector<job::Id>>)
            statement_.set(place_++, stored(value));
        else if constexpr (std::is_integral_v<Value>)
            statement_.set(place_++, static_cast<std::int64_t>(value));
        else
            statement_.set(place_++, std::string_view(value));
    }

private:
    Statement& statement_;
    std::size_t place_;
};

/// Binds only what may change.
class ChangeBinder : public Binder {
public:
    using Binder::Binder;
    template <class Value>
    void fixed(std::string_view, Value const&) {}
};

/// The rows that a statement of these columns gives.
job::Job read_job(Statement const&);
ports::RunRow read_run(Statement const&);
ports::EventRow read_event(Statement const&);
ports::FileRow read_file(Statement const&);
delivery::Delivery read_delivery(Statement const&);
ports::AlertRecord read_alert(Statement const&);
ports::MemberRecord read_member(Statement const&);

}  // namespace lares::store
