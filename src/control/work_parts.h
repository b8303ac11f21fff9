// control/work_parts.h: numbers, times and failures of jobs and the journal as values, and back.
//
// XML-RPC's integers have 32 bits, ours 64: a number of a job or a run that does not fit goes out
// as its digits in text, and comes back as either. Times are seconds since 1970 as a double, to the
// millisecond; 0 is never.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "control/desk.h"
#include "core/when.h"
#include "ports/store.h"

namespace lares::control {

/// An int, or text of digits when it is none of 32 bits.
text::Value id_value(std::uint64_t);
/// None for what is no number from 1 on.
std::optional<std::uint64_t> id_of(text::Value const&);
std::optional<std::uint64_t> id_of(std::string_view digits);

/// Of bytes and the like: an int, or a double when it is none of 32 bits.
text::Value number_value(std::int64_t);
text::Value time_value(WallTime);
text::Value seconds_value(Duration);

/// The Error of a WorkHouse or a Store as a fault: BAD_ARGUMENTS for what was asked wrongly or is
/// not there, FAILED otherwise; its words as they are.
Outcome outcome_of(Error const&);

/// BAD_ARGUMENTS because there is no such thing, in words.
Outcome missing(std::string words);

/// The zone of the daemon's people.
LocalOffset offset_of(House const&);

/// The number that parameter `at` of a call is; else the call has failed.
std::optional<std::uint64_t> id_parameter(Call, text::Array const& parameters, std::size_t at,
                                          char const* what);

/// For what ends as done or not: answers true, or the fault.
std::function<void(Result<>)> settle(Call);

using Then = std::function<void(ports::Found)>;
/// Asks the store; a failure is the call's.
void ask_store(Call, ports::Question, Then);
void ask_store(Call, std::vector<ports::Question>, Then);

/// Members of a struct of filters or options, taken one by one; what is left over was misspelt.
class Members {
public:
    explicit Members(text::Struct const& members) : members_(members), used_(members.size()) {}

    /// Null when there is none.
    text::Value const* take(std::string_view name);
    std::string take_text(std::string_view name);
    std::size_t take_count(std::string_view name, std::size_t otherwise, std::size_t most);
    std::uint64_t take_id(std::string_view name);
    bool take_switch(std::string_view name);
    /// As parse_when reads it, or a number of seconds since 1970.
    WallTime take_time(std::string_view name, House const&, Toward);
    /// The first thing that was wrong: a value of another type, or a member nobody asked for (with
    /// the nearest name there is).
    Result<> finish() const;

private:
    void wrong(std::string_view name, char const* what);

    text::Struct const& members_;
    std::vector<bool> used_;
    std::vector<std::string_view> known_;
    std::string trouble_;
};

}  // namespace lares::control
