// control/work_parts.cc: the shared steps of the operations over work.

#include "control/work_parts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "control/work_house.h"
#include "text/nearest.h"

namespace lares::control {

namespace {

bool fits(std::int64_t number) {
    return number >= std::numeric_limits<std::int32_t>::min() &&
           number <= std::numeric_limits<std::int32_t>::max();
}

}  // namespace

text::Value id_value(std::uint64_t id) {
    if (id <= std::numeric_limits<std::int32_t>::max()) return static_cast<std::int64_t>(id);
    return std::to_string(id);
}

std::optional<std::uint64_t> id_of(std::string_view digits) {
    std::uint64_t id = 0;
    auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (status != std::errc() || end != digits.data() + digits.size() || id == 0)
        return std::nullopt;
    return id;
}

std::optional<std::uint64_t> id_of(text::Value const& value) {
    if (auto const* number = value.integer())
        return *number > 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
    if (auto const* digits = value.text()) return id_of(std::string_view(*digits));
    return std::nullopt;
}

text::Value number_value(std::int64_t number) {
    if (fits(number)) return number;
    return static_cast<double>(number);
}

text::Value time_value(WallTime at) {
    return static_cast<double>(at.time_since_epoch().count()) / 1000;
}

text::Value seconds_value(Duration span) { return static_cast<double>(span.count()) / 1000; }

Outcome outcome_of(Error const& error) {
    switch (error.kind) {
    case Error::Kind::invalid:
    case Error::Kind::not_found:
        return {Fault::bad_arguments, error.what, error.kind};
    case Error::Kind::conflict:
    case Error::Kind::unavailable:
    case Error::Kind::denied:
    case Error::Kind::io:
        return {Fault::failed, error.what, error.kind};
    }
    return {Fault::failed, error.what};
}

Outcome missing(std::string words) {
    return {Fault::bad_arguments, std::move(words), Error::Kind::not_found};
}

LocalOffset offset_of(House const& house) {
    return [&house](WallTime at) { return house.local_offset_seconds(at); };
}

std::optional<std::uint64_t> id_parameter(Call call, text::Array const& parameters, std::size_t at,
                                          char const* what) {
    auto id = id_of(parameters[at]);
    if (!id)
        call.fail(Fault::bad_arguments,
                  std::string("the number of a ") + what + " must be 1 or more");
    return id;
}

std::function<void(Result<>)> settle(Call call) {
    return [call](Result<> const& result) {
        if (result) return call.answer(true);
        call.fail(outcome_of(result.error()));
    };
}

void ask_store(Call call, ports::Question question, Then then) {
    call.house().work().store().read(std::move(question),
                                     [call, then = std::move(then)](Result<ports::Found> found) {
                                         if (!found) return call.fail(outcome_of(found.error()));
                                         then(std::move(found).take());
                                     });
}

void ask_store(Call call, std::vector<ports::Question> questions, Then then) {
    call.house().work().store().read_all(
        std::move(questions), [call, then = std::move(then)](Result<ports::Found> found) {
            if (!found) return call.fail(outcome_of(found.error()));
            then(std::move(found).take());
        });
}

text::Value const* Members::take(std::string_view name) {
    known_.push_back(name);
    text::Value const* found = nullptr;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        if (members_[i].first != name) continue;
        used_[i] = true;
        found = &members_[i].second;
    }
    return found;
}

void Members::wrong(std::string_view name, char const* what) {
    if (trouble_.empty()) trouble_ = "'" + std::string(name) + "' must be " + what;
}

std::string Members::take_text(std::string_view name) {
    auto const* value = take(name);
    if (!value) return {};
    if (auto const* words = value->text()) return *words;
    if (auto const* number = value->integer()) return std::to_string(*number);
    return wrong(name, "text"), std::string();
}

std::size_t Members::take_count(std::string_view name, std::size_t otherwise, std::size_t most) {
    auto const* value = take(name);
    if (!value) return otherwise;
    auto count = id_of(*value);
    if (!count) return wrong(name, "a number from 1 on"), otherwise;
    return static_cast<std::size_t>(std::min<std::uint64_t>(*count, most));
}

std::uint64_t Members::take_id(std::string_view name) {
    auto const* value = take(name);
    if (!value) return 0;
    if (value->integer() && *value->integer() == 0) return 0;
    auto id = id_of(*value);
    if (!id) wrong(name, "a number");
    return id.value_or(0);
}

bool Members::take_switch(std::string_view name) {
    auto const* value = take(name);
    if (!value) return false;
    if (auto const* yes = value->boolean()) return *yes;
    if (auto const* number = value->integer()) return *number != 0;
    return wrong(name, "a boolean"), false;
}

WallTime Members::take_time(std::string_view name, House const& house, Toward toward) {
    auto const* value = take(name);
    if (!value) return {};
    auto const* given = std::get_if<double>(&value->held);
    if (given || value->integer()) {
        double number = given ? *given : static_cast<double>(*value->integer());
        if (std::isfinite(number) && number >= 0 && number < 1e11)
            return WallTime(Duration(std::llround(number * 1000)));
        return wrong(name, "seconds since 1970"), WallTime();
    }
    auto const* words = value->text();
    if (!words) return wrong(name, "a time"), WallTime();
    if (words->empty()) return {};
    auto at = parse_when(*words, house.wall(), offset_of(house), toward);
    if (!at && trouble_.empty()) trouble_ = std::string(name) + ": " + at.error().what;
    return at ? *at : WallTime();
}

Result<> Members::finish() const {
    if (!trouble_.empty()) return Error{Error::Kind::invalid, trouble_};
    auto unused = std::ranges::find(used_, false);
    if (unused == used_.end()) return {};
    auto const& name = members_[static_cast<std::size_t>(unused - used_.begin())].first;
    std::string words = "there is no '" + text::clean_utf8(name.substr(0, 60)) + "' here";
    auto near = text::nearest(name, known_);
    if (!near.empty()) words += ", did you mean '" + std::string(near) + "'?";
    return Error{Error::Kind::invalid, words};
}

}  // namespace lares::control
