// text/json_fields.h: a struct as a JSON object, both ways, from one listing of its fields.
//
//     template <class Each> void each_field(Each& each, Message& m) { each("title", m.title); … }
//
// Written: only what differs from a fresh struct. Read: unknown members are left out, so that an
// older Lares reads a newer one's; a known one of another type is an Error that names it.

#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "text/json_value.h"
#include "text/value.h"

namespace lares::text {

namespace fields {

/// Whether each_field() knows it.
struct Nobody {
    template <class T>
    void operator()(std::string_view, T&) {}
};
template <class T>
concept Listed = requires(Nobody each, T& value) { each_field(each, value); };

inline Result<> wrong(std::string_view expected) {
    return Error{Error::Kind::invalid, "must be " + std::string(expected)};
}

inline Value write(std::string const& text) { return text; }
inline Value write(bool yes) { return yes; }
template <std::integral T>
Value write(T number) {
    return static_cast<std::int64_t>(number);
}
template <class T>
    requires std::is_enum_v<T>
Value write(T each) {
    return static_cast<std::int64_t>(each);
}
inline Value write(Duration span) { return static_cast<std::int64_t>(span.count()); }
inline Value write(std::pair<std::string, std::string> const& pair) {
    return Array{pair.first, pair.second};
}
template <Listed T>
Value write(T const& each);
template <class T>
Value write(std::vector<T> const& list) {
    Array array;
    for (auto const& each : list) array.push_back(write(each));
    return array;
}

inline Result<> read(Value const& value, std::string& slot) {
    if (!value.text()) return wrong("a text");
    slot = *value.text();
    return {};
}
inline Result<> read(Value const& value, bool& slot) {
    if (!value.boolean()) return wrong("true or false");
    slot = *value.boolean();
    return {};
}
template <class T>
    requires(std::integral<T> || std::is_enum_v<T>)
Result<> read(Value const& value, T& slot) {
    if (!value.integer()) return wrong("a whole number");
    slot = static_cast<T>(*value.integer());
    return {};
}
inline Result<> read(Value const& value, Duration& slot) {
    if (!value.integer()) return wrong("a whole number of milliseconds");
    slot = Duration(*value.integer());
    return {};
}
inline Result<> read(Value const& value, std::pair<std::string, std::string>& slot) {
    auto const* array = value.array();
    if (array == nullptr || array->size() != 2) return wrong("an array of two texts");
    TRY(read((*array)[0], slot.first));
    return read((*array)[1], slot.second);
}
template <Listed T>
Result<> read(Value const&, T& slot);
template <class T>
Result<> read(Value const& value, std::vector<T>& slot) {
    auto const* array = value.array();
    if (array == nullptr) return wrong("an array");
    slot.clear();
    for (auto const& each : *array) {
        T item{};
        TRY(read(each, item));
        slot.push_back(std::move(item));
    }
    return {};
}

struct Writer {
    Struct members;
    template <class T>
    void operator()(std::string_view name, T const& value) {
        members.emplace_back(std::string(name), write(value));
    }
};
struct Reader {
    Value const& object;
    Result<> result;
    template <class T>
    void operator()(std::string_view name, T& slot) {
        if (!result) return;
        auto const* value = object.find(name);
        if (value == nullptr) return;
        auto got = read(*value, slot);
        if (!got) result = std::move(got).error().during("'" + std::string(name) + "'");
    }
};

template <Listed T>
Value write(T const& each) {
    Writer all, fresh;
    T copy = each, empty{};
    each_field(all, copy);
    each_field(fresh, empty);
    Struct members;
    for (std::size_t i = 0; i < all.members.size(); ++i)
        if (!(all.members[i].second == fresh.members[i].second))
            members.push_back(std::move(all.members[i]));
    return members;
}
template <Listed T>
Result<> read(Value const& value, T& slot) {
    if (!value.members()) return wrong("an object");
    Reader reader{value, {}};
    each_field(reader, slot);
    return std::move(reader.result);
}

}  // namespace fields

/// One line of JSON.
template <class T>
std::string print_fields(T const& value) {
    return to_json(fields::write(value));
}
template <class T>
Result<T> parse_fields(std::string_view json, JsonLimits limits = {}) {
    auto value = TRY(parse_json(json, limits));
    T read{};
    TRY(fields::read(value, read));
    return read;
}

}  // namespace lares::text
