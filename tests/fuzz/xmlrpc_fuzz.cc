// tests/fuzz/xmlrpc_fuzz.cc: any bytes as a call and as an answer.
//
// Nothing may crash; what was read and written again reads back the same.

#include <cmath>
#include <cstdlib>
#include <string>

#include "text/xmlrpc.h"

using namespace lares;
using namespace lares::text;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// True when writing keeps it: no integer beyond 32 bits, no byte that XML has not, no NaN.
bool is_kept(Value const& value) {
    if (auto const* text = value.text()) return clean_utf8(*text) == *text;
    if (auto const* number = value.integer()) return *number == static_cast<std::int32_t>(*number);
    if (auto const* number = std::get_if<double>(&value.held)) return !std::isnan(*number);
    if (auto const* items = value.array()) {
        for (auto const& item : *items)
            if (!is_kept(item)) return false;
    }
    if (auto const* members = value.members()) {
        for (auto const& [name, item] : *members)
            if (!is_kept(name) || !is_kept(item)) return false;
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string_view xml(reinterpret_cast<char const*>(data), size);
    if (auto call = parse_call(xml)) {
        bool kept = is_kept(call->method);
        for (auto const& param : call->params) kept = kept && is_kept(param);
        auto again = parse_call(write_call(*call));
        require(again.ok());
        require(!kept || (again->method == call->method && again->params == call->params));
    }
    if (auto answer = parse_answer(xml)) {
        auto again = parse_answer(write_answer(*answer));
        require(again.ok());
        auto const* value = std::get_if<Value>(&*answer);
        require(!value || !is_kept(*value) || std::get<Value>(*again) == *value);
        if (value) require(!to_json(*value).empty());
    }
    return 0;
}
