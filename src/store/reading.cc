// store/reading.cc: conditions are collected as they are asked for; each set of them is one
// statement, which is kept.

#include "store/reading.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/overloaded.h"
#include "store/rows.h"

namespace lares::store {

namespace {

using Value = std::variant<std::int64_t, std::string>;

// As the partial indexes have them: the planner takes one only when it sees its condition.
constexpr std::string_view is_live = "ended = 0";
constexpr std::string_view is_ended = "ended <> 0";
constexpr std::string_view is_not_done = "ended <> 0 and state <> 'done'";
constexpr std::string_view is_on_its_way = "state in ('waiting', 'sending')";

/// "select … where a = ? and b < ?", with the values that belong to it.
class Asking {
public:
    Asking(std::string_view columns, std::string_view letters, std::string_view table)
        : letters_(letters),
          sql_("select " + std::string(columns) + " from " + std::string(table)) {}

    void where(std::string_view condition) {
        sql_ += (has_condition_ ? " and " : " where ") + std::string(condition);
        has_condition_ = true;
    }
    void where(std::string_view column, std::string_view comparison, Value value) {
        where(std::string(column) + ' ' + std::string(comparison) + ' ' + parameter());
        values_.push_back(std::move(value));
    }
    void if_given(std::string_view column, std::string const& value) {
        if (!value.empty()) where(column, "=", value);
    }
    void if_given(std::string_view column, std::string_view comparison, std::uint64_t number) {
        if (number != 0) where(column, comparison, static_cast<std::int64_t>(number));
    }
    void between(std::string_view column, WallTime since, WallTime until) {
        if (since != WallTime{}) where(column, ">=", stored(since));
        if (until != WallTime{}) where(column, "<", stored(until));
    }
    void begins_with(std::string_view column, std::string const& prefix) {
        if (prefix.empty()) return;
        where(column, ">=", prefix);
        if (std::string end = after_prefix(prefix); !end.empty()) where(column, "<", end);
    }
    void one_of(std::string_view column, std::vector<job::Id> const& ids) {
        std::string list;
        for (job::Id id : ids) {
            list += (list.empty() ? "" : ", ") + parameter();
            values_.emplace_back(static_cast<std::int64_t>(id));
        }
        // The second says to the planner that the partial index holds all of them.
        where(std::string(column) + " in (" + list + ") and " + std::string(column) + " <> 0");
    }
    void order(std::string_view order) { sql_ += " order by " + std::string(order); }
    void limit(std::size_t most) {
        sql_ += " limit " + parameter();
        values_.emplace_back(static_cast<std::int64_t>(std::min(most, limits::store_rows)));
    }

    template <class Row>
    Result<> read(Database& database, Row&& row) {
        std::string parameters;
        for (Value const& value : values_) parameters += value.index() == 0 ? 'n' : 't';
        Statement* statement = TRY(database.statement(sql_, parameters, letters_));
        for (std::size_t i = 0; i < values_.size(); ++i)
            std::visit([&](auto const& value) { statement->set(i, value); }, values_[i]);
        while (TRY(statement->next())) row(*statement);
        return {};
    }

private:
    std::string parameter() { return ":p" + std::to_string(values_.size()); }

    std::string letters_, sql_;
    bool has_condition_ = false;
    std::vector<Value> values_;
};

/// The rows of a table by the names of the columns.
Asking asking(Columns const& columns, std::string_view table) {
    return {columns.names, columns.letters, table};
}

void where_state(Asking& ask, std::string const& state) {
    if (state.empty()) return;
    if (state == "live") return ask.where(is_live);
    if (state == "ended") return ask.where(is_ended);
    ask.where("state", "=", state);
    if (state == "ready" || state == "running") return ask.where(is_live);
    if (state != "done") ask.where(is_not_done);
}

class Answering {
public:
    Answering(Database& database, ports::Found& found) : database_(database), found_(found) {}

    Result<> operator()(ports::LiveJobs const&) {
        Asking ask = asking(job_columns(), "jobs");
        ask.where(is_live);
        ask.order("id");
        return jobs(ask);
    }
    Result<> operator()(ports::JobsAsked const& asked) {
        Asking ask = asking(job_columns(), "jobs");
        ask.if_given("task", asked.task);
        where_state(ask, asked.state);
        ask.if_given("source", asked.source);
        if (!asked.once.empty()) {
            ask.if_given("once", asked.once);
            ask.where("once <> ''");
        }
        ask.if_given("payload_file", asked.payload_file);
        if (!asked.payload_file.empty()) ask.where("payload_file <> ''");
        ask.if_given("id", "<", asked.before);
        ask.between("created", asked.since, asked.until);
        ask.order("id desc");
        ask.limit(asked.limit);
        return jobs(ask);
    }
    Result<> operator()(ports::JobAsked const& asked) {
        Asking ask = asking(job_columns(), "jobs");
        ask.where("id", "=", static_cast<std::int64_t>(asked.id));
        return jobs(ask);
    }
    Result<> operator()(ports::RunsAsked const& asked) {
        Asking ask = asking(run_columns(), "runs");
        ask.if_given("kind", asked.kind);
        ask.if_given("subject", asked.subject);
        ask.if_given("outcome", asked.outcome);
        ask.if_given("job", "=", asked.job);
        if (asked.job != 0) ask.where("job <> 0");
        ask.if_given("run", "=", asked.run);
        ask.if_given("run", "<", asked.before);
        if (asked.only_open) ask.where("ended = 0");
        ask.between("started", asked.since, asked.until);
        ask.order("run desc");
        ask.limit(asked.limit);
        return ask.read(database_,
                        [&](Statement const& row) { found_.runs.push_back(read_run(row)); });
    }
    Result<> operator()(ports::EventsAsked const& asked) {
        Asking ask = asking(event_columns(), "events");
        ask.if_given("subject", asked.subject);
        ask.begins_with("subject", asked.subject_prefix);
        ask.begins_with("kind", asked.kind_prefix);
        ask.if_given("id", "=", asked.id);
        if (!asked.causes.empty()) ask.one_of("cause", asked.causes);
        ask.if_given("id", "<", asked.before);
        ask.if_given("id", ">", asked.after);
        ask.between("at", asked.since, asked.until);
        ask.order(asked.oldest_first ? "id" : "id desc");
        ask.limit(asked.limit);
        return ask.read(database_,
                        [&](Statement const& row) { found_.events.push_back(read_event(row)); });
    }
    Result<> operator()(ports::FilesAsked const& asked) {
        Asking ask = asking(file_columns(), "files");
        ask.if_given("folder", asked.folder);
        ask.if_given("path", asked.path);
        ask.if_given("destination", asked.destination);
        ask.if_given("state", asked.state);
        ask.if_given("job", "=", asked.job);
        if (asked.job != 0) ask.where("job <> 0");
        ask.if_given("id", "=", asked.id);
        ask.if_given("id", "<", asked.before);
        ask.order("id desc");
        ask.limit(asked.limit);
        return ask.read(database_,
                        [&](Statement const& row) { found_.files.push_back(read_file(row)); });
    }
    Result<> operator()(ports::MarksAsked const& asked) {
        Asking ask("name, value", "tt", "marks");
        ask.begins_with("name", asked.prefix);
        ask.order("name");
        return ask.read(database_, [&](Statement const& row) {
            found_.marks.emplace_back(row.text(0), row.text(1));
        });
    }
    Result<> operator()(ports::LiveDeliveries const& asked) {
        Asking ask = asking(delivery_columns(), "deliveries");
        ask.where(is_on_its_way);
        ask.if_given("channel", asked.channel);
        ask.if_given("id", ">", asked.after);
        ask.order("id");
        ask.limit(asked.limit);
        return deliveries(ask);
    }
    Result<> operator()(ports::DeliveriesAsked const& asked) {
        Asking ask = asking(delivery_columns(), "deliveries");
        ask.if_given("channel", asked.channel);
        if (asked.state == "live")
            ask.where(is_on_its_way);
        else if (asked.state == "ended")
            ask.where("not " + std::string(is_on_its_way));
        else
            ask.if_given("state", asked.state);
        ask.if_given("source", asked.source);
        ask.if_given("id", "=", asked.id);
        ask.if_given("id", "<", asked.before);
        ask.if_given("cause", "=", asked.cause);
        if (asked.cause != 0) ask.where("cause <> 0");
        ask.between("created", asked.since, asked.until);
        ask.order("id desc");
        ask.limit(asked.limit);
        return deliveries(ask);
    }
    Result<> operator()(ports::AlertsAsked const& asked) {
        Asking ask = asking(alert_columns(), "alerts");
        ask.if_given("subject", asked.subject);
        if (asked.state == "open")
            ask.where("ended = 0");
        else if (asked.state == "ended")
            ask.where("ended <> 0");
        else
            ask.if_given("state", asked.state);
        ask.if_given("id", "=", asked.id);
        ask.if_given("id", "<", asked.before);
        bool is_loading = asked.open_or_since != WallTime{};
        if (is_loading)
            ask.where("(ended = 0 or ended >= " + std::to_string(stored(asked.open_or_since)) +
                      ")");
        ask.order(is_loading ? "id" : "id desc");
        if (!is_loading) ask.limit(asked.limit);
        std::size_t begin = found_.alerts.size();
        TRY(ask.read(database_,
                     [&](Statement const& row) { found_.alerts.push_back(read_alert(row)); }));
        if (!is_loading && !asked.with_members) return {};
        for (std::size_t i = begin; i < found_.alerts.size(); ++i) {
            Asking members = asking(member_columns(), "alert_members");
            members.where("alert", "=", static_cast<std::int64_t>(found_.alerts[i].id));
            members.order("subject, kind");
            TRY(members.read(database_, [&](Statement const& row) {
                found_.members.push_back(read_member(row));
            }));
        }
        return {};
    }
    Result<> operator()(ports::CountsAsked const&) {
        Asking ask("task, state, count(*)", "ttn", "jobs group by task, state");
        ask.order("task, state");
        return ask.read(database_, [&](Statement const& row) {
            found_.counts.push_back({row.text(0), row.text(1), row.number(2)});
        });
    }

private:
    Result<> deliveries(Asking& ask) {
        return ask.read(database_, [&](Statement const& row) {
            found_.deliveries.push_back(read_delivery(row));
        });
    }
    Result<> jobs(Asking& ask) {
        return ask.read(database_,
                        [&](Statement const& row) { found_.jobs.push_back(read_job(row)); });
    }

    Database& database_;
    ports::Found& found_;
};

}  // namespace

Result<> answer(Database& database, ports::Question const& question, ports::Found& found) {
    return std::visit(Answering(database, found), question);
}

std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
    return prefix;
}

}  // namespace lares::store
