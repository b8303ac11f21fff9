// text/value.h: what an operation takes and gives: the value types of XML-RPC.
//
// One type for all faces of the operation table (XML-RPC now, REST with JSON later), so that an
// operation is written once.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lares::text {

struct Value;
using Array = std::vector<Value>;
/// Members in the order given; clients of supervisord see them in that order.
using Struct = std::vector<std::pair<std::string, Value>>;

struct Value {
    std::variant<std::string, std::int64_t, bool, double, Array, Struct> held;

    Value() = default;
    Value(std::string text) : held(std::move(text)) {}
    Value(char const* text) : held(std::string(text)) {}
    Value(std::int64_t number) : held(number) {}
    Value(int number) : held(std::int64_t(number)) {}
    Value(bool yes) : held(yes) {}
    Value(double number) : held(number) {}
    Value(Array array) : held(std::move(array)) {}
    Value(Struct members) : held(std::move(members)) {}

    std::string const* text() const { return std::get_if<std::string>(&held); }
    std::int64_t const* integer() const { return std::get_if<std::int64_t>(&held); }
    bool const* boolean() const { return std::get_if<bool>(&held); }
    Array const* array() const { return std::get_if<Array>(&held); }
    Struct const* members() const { return std::get_if<Struct>(&held); }
    /// The member called `name` of a struct; null when there is none or this is no struct.
    Value const* find(std::string_view name) const;

    bool operator==(Value const&) const = default;
};

/// JSON text of a value: UTF-8 (undecodable bytes become U+FFFD), doubles printed shortly, integers
/// exactly. `indent` 0 gives one line.
std::string to_json(Value const&, int indent = 0);

/// Bytes made fit for XML and JSON: not-UTF-8 becomes U+FFFD; control characters that XML 1.0
/// cannot hold become U+FFFD too (supervisord answers 500 for both: spec §11.5).
std::string clean_utf8(std::string_view bytes);

}  // namespace lares::text
