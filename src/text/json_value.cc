// text/json_value.cc: Boost.JSON's values into ours.

#include "text/json_value.h"

#include <boost/json.hpp>

#include <string>

namespace lares::text {

namespace {

Value value_of(boost::json::value const& json) {
    switch (json.kind()) {
    case boost::json::kind::null:
        return "";
    case boost::json::kind::bool_:
        return json.get_bool();
    case boost::json::kind::int64:
        return json.get_int64();
    case boost::json::kind::uint64:
        return static_cast<double>(json.get_uint64());
    case boost::json::kind::double_:
        return json.get_double();
    case boost::json::kind::string:
        return std::string(json.get_string());
    case boost::json::kind::array: {
        Array array;
        for (auto const& each : json.get_array()) array.push_back(value_of(each));
        return array;
    }
    case boost::json::kind::object: {
        Struct members;
        for (auto const& each : json.get_object())
            members.emplace_back(std::string(each.key()), value_of(each.value()));
        return members;
    }
    }
    return "";
}

}  // namespace

Result<Value> parse_json(std::string_view text) {
    boost::json::error_code error;
    auto json = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    if (error) return Error{Error::Kind::invalid, "not JSON: " + error.message()};
    return value_of(json);
}

bool is_json_object(std::string_view text) {
    auto value = parse_json(text);
    return value && value->members() != nullptr;
}

}  // namespace lares::text
