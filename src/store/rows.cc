// store/rows.cc: names and letters of the columns, and rows from what was found.

#include "store/rows.h"

#include <array>
#include <charconv>

namespace lares::store {

namespace {

class Lister {
public:
    explicit Lister(Columns& columns) : columns_(columns) {}

    template <class Value>
    void fixed(std::string_view name, Value const&) {
        add(columns_.names, name);
        add(columns_.values, ":" + std::string(name));
        columns_.letters += letter<Value>();
    }
    template <class Value>
    void changing(std::string_view name, Value const& value) {
        fixed(name, value);
        add(columns_.changes, std::string(name) + " = :" + std::string(name));
        columns_.changing_letters += letter<Value>();
    }

private:
    template <class Value>
    static char letter() {
        constexpr bool is_number = std::is_same_v<Value, WallTime> ||
                                   std::is_same_v<Value, Duration> || std::is_integral_v<Value>;
        return is_number ? 'n' : 't';
    }
    static void add(std::string& list, std::string_view word) {
        if (!list.empty()) list += ", ";
        list += word;
    }

    Columns& columns_;
};

job::State state_of(std::string_view word) {
    using enum job::State;
    for (job::State each : {ready, running, done, dead, parked, cancelled, skipped})
        if (job::name(each) == word) return each;
    // Of a newer Lares, or written by hand: something that nobody starts.
    return parked;
}

delivery::State delivery_state_of(std::string_view word) {
    using enum delivery::State;
    for (delivery::State each :
         {waiting, sending, sent, failed, expired, dropped, gathered, unsure})
        if (delivery::name(each) == word) return each;
    return unsure;  // of a newer Lares: something that nobody sends
}

std::vector<job::Id> ids_of(std::string_view text) {
    std::vector<job::Id> ids;
    char const* at = text.data();
    char const* end = at + text.size();
    while (at < end) {
        job::Id id = 0;
        auto [rest, fault] = std::from_chars(at, end, id);
        if (fault != std::errc()) break;
        ids.push_back(id);
        at = rest + 1;
    }
    return ids;
}

class Taker {
public:
    explicit Taker(Statement const& statement) : statement_(statement) {}

    template <class Value>
    void fixed(std::string_view, Value& value) {
        take(value);
    }
    template <class Value>
    void changing(std::string_view, Value& value) {
        take(value);
    }

private:
    template <class Value>
    void take(Value& value) {
        std::size_t column = column_++;
        if constexpr (std::is_same_v<Value, WallTime>)
            value = WallTime(Duration(statement_.number(column)));
        else if constexpr (std::is_same_v<Value, Duration>)
            value = Duration(statement_.number(column));
        else if constexpr (std::is_same_v<Value, job::State>)
            value = state_of(statement_.text(column));
        else if constexpr (std::is_same_v<Value, delivery::State>)
            value = delivery_state_of(statement_.text(column));
        else if constexpr (std::is_same_v<Value, std::vector<job::Id>>)
            value = ids_of(statement_.text(column));
        else if constexpr (std::is_integral_v<Value>)
            value = static_cast<Value>(statement_.number(column));
        else
            value = statement_.text(column);
    }

    Statement const& statement_;
    std::size_t column_ = 0;
};

}  // namespace

Columns const& job_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        job::Job row;
        job_fields(lister, row);
        return made;
    }();
    return columns;
}

Columns const& run_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        ports::RunRow row;
        run_fields(lister, row);
        return made;
    }();
    return columns;
}

Columns const& event_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        ports::EventRow row;
        event_fields(lister, row);
        return made;
    }();
    return columns;
}

Columns const& file_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        ports::FileRow row;
        file_fields(lister, row);
        return made;
    }();
    return columns;
}

Columns const& delivery_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        delivery::Delivery row;
        delivery_fields(lister, row);
        return made;
    }();
    return columns;
}

Columns const& alert_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        ports::AlertRecord row;
        alert_fields(lister, row);
        return made;
    }();
    return columns;
}

Columns const& member_columns() {
    static Columns const columns = [] {
        Columns made;
        Lister lister(made);
        ports::MemberRecord row;
        member_fields(lister, row);
        return made;
    }();
    return columns;
}

std::int64_t stored(WallTime time) { return time.time_since_epoch().count(); }

std::string stored(std::vector<job::Id> const& ids) {
    std::string text;
    for (job::Id id : ids) {
        if (!text.empty()) text += ' ';
        text += std::to_string(id);
    }
    return text;
}

job::Job read_job(Statement const& statement) {
    job::Job job;
    Taker taker(statement);
    job_fields(taker, job);
    return job;
}

ports::RunRow read_run(Statement const& statement) {
    ports::RunRow run;
    Taker taker(statement);
    run_fields(taker, run);
    return run;
}

ports::EventRow read_event(Statement const& statement) {
    ports::EventRow event;
    Taker taker(statement);
    event_fields(taker, event);
    return event;
}

delivery::Delivery read_delivery(Statement const& statement) {
    delivery::Delivery delivery;
    Taker taker(statement);
    delivery_fields(taker, delivery);
    return delivery;
}

ports::AlertRecord read_alert(Statement const& statement) {
    ports::AlertRecord alert;
    Taker taker(statement);
    alert_fields(taker, alert);
    return alert;
}

ports::MemberRecord read_member(Statement const& statement) {
    ports::MemberRecord member;
    Taker taker(statement);
    member_fields(taker, member);
    return member;
}

ports::FileRow read_file(Statement const& statement) {
    ports::FileRow file;
    Taker taker(statement);
    file_fields(taker, file);
    return file;
}

}  // namespace lares::store
