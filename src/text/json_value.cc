// text/json_value.cc: Boost.JSON's event parser, with two sorts of listener: one builds a Value,
// one builds nothing.
//
// The only file that includes Boost.JSON. The event parser checks grammar, UTF-8, depth and size;
// no document of its own is made in between.

#include "text/json_value.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <boost/json/basic_parser_impl.hpp>

#include "text/python.h"

namespace lares::text {

namespace {

namespace json = boost::json;
using Code = json::error_code;

/// Beyond this many members a name is looked up by hash: objects from outside may have millions.
constexpr std::size_t many_members = 16;

/// JSON has no infinity to write one down again.
bool is_finite(double number, Code& code) {
    if (!std::isfinite(number)) code = json::error::exponent_overflow;
    return std::isfinite(number);
}

/// One array or object under way.
struct Open {
    Value value;
    std::string name;  // of the member that comes
    std::unordered_map<std::string, std::size_t> places;
};

/// What Boost's basic_parser tells, made into a Value.
struct Builder {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    Value root;
    std::vector<Open> open;
    std::string part;  // of a text or name that comes in pieces

    bool put(Value value) {
        if (open.empty()) {
            root = std::move(value);
        } else if (auto* list = std::get_if<Array>(&open.back().value.held)) {
            list->push_back(std::move(value));
        } else {
            put_member(open.back(), std::move(value));
        }
        return true;
    }

    static void put_member(Open& object, Value value) {
        auto& members = std::get<Struct>(object.value.held);
        auto known = members.end();
        if (members.size() < many_members) {
            known = std::ranges::find(members, object.name, &Struct::value_type::first);
        } else {
            if (object.places.empty())
                for (std::size_t i = 0; i < members.size(); ++i)
                    object.places.emplace(members[i].first, i);
            auto [place, is_new] = object.places.try_emplace(object.name, members.size());
            if (!is_new) known = members.begin() + static_cast<std::ptrdiff_t>(place->second);
        }
        if (known != members.end())
            known->second = std::move(value);
        else
            members.emplace_back(std::move(object.name), std::move(value));
        object.name.clear();
    }

    bool begin(Value value) {
        open.push_back({std::move(value), {}, {}});
        return true;
    }

    bool end() {
        Value value = std::move(open.back().value);
        open.pop_back();
        return put(std::move(value));
    }

    std::string take_part(json::string_view last) {
        part.append(last.data(), last.size());
        return std::exchange(part, {});
    }

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_array_begin(Code&) { return begin(Array{}); }
    bool on_array_end(std::size_t, Code&) { return end(); }
    bool on_object_begin(Code&) { return begin(Struct{}); }
    bool on_object_end(std::size_t, Code&) { return end(); }
    bool on_string_part(json::string_view piece, std::size_t, Code&) { return add(piece); }
    bool on_string(json::string_view piece, std::size_t, Code&) { return put(take_part(piece)); }
    bool on_key_part(json::string_view piece, std::size_t, Code&) { return add(piece); }
    bool on_key(json::string_view piece, std::size_t, Code&) {
        open.back().name = take_part(piece);
        return true;
    }
    bool on_number_part(json::string_view, Code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, Code&) { return put(number); }
    bool on_uint64(std::uint64_t number, json::string_view, Code&) {
        return put(static_cast<double>(number));
    }
    bool on_double(double number, json::string_view, Code& code) {
        return is_finite(number, code) && put(number);
    }
    bool on_bool(bool yes, Code&) { return put(yes); }
    bool on_null(Code&) { return put(std::string()); }
    bool on_comment_part(json::string_view, Code&) { return true; }
    bool on_comment(json::string_view, Code&) { return true; }

private:
    bool add(json::string_view piece) {
        part.append(piece.data(), piece.size());
        return true;
    }
};

/// Listens and keeps nothing.
struct Looker {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t, Code&) { return true; }
    bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
    bool on_string(json::string_view, std::size_t, Code&) { return true; }
    bool on_key_part(json::string_view, std::size_t, Code&) { return true; }
    bool on_key(json::string_view, std::size_t, Code&) { return true; }
    bool on_number_part(json::string_view, Code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
    bool on_double(double number, json::string_view, Code& code) { return is_finite(number, code); }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(json::string_view, Code&) { return true; }
    bool on_comment(json::string_view, Code&) { return true; }
};

json::parse_options options_of(JsonLimits const& limits) {
    json::parse_options options;
    options.max_depth = limits.depth;
    return options;
}

std::string in_words(Code const& code, JsonLimits const& limits) {
    using Kind = json::error;
    if (code == Kind::too_deep) return "nested more than " + std::to_string(limits.depth) + " deep";
    if (code == Kind::incomplete) return "it ends too early";
    if (code == Kind::extra_data) return "something follows the value";
    return code.message();
}

/// Bytes read when it failed; the whole size and no code when it did not.
template <class Parser>
std::size_t run(Parser& parser, std::string_view text, Code& code) {
    std::size_t read = parser.write_some(/*more=*/false, text.data(), text.size(), code);
    if (!code && read < text.size()) code = json::error::extra_data;
    return read;
}

Value sorted(Value const& value) {
    if (auto const* list = value.array()) {
        Array all;
        all.reserve(list->size());
        for (auto const& one : *list) all.push_back(sorted(one));
        return all;
    }
    auto const* members = value.members();
    if (!members) return value;
    Struct all;
    all.reserve(members->size());
    for (auto const& [name, one] : *members) all.emplace_back(name, sorted(one));
    std::ranges::stable_sort(all, {}, &Struct::value_type::first);
    return all;
}

}  // namespace

Result<Value> parse_json(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.bytes)
        return Error{Error::Kind::invalid, std::to_string(text.size()) +
                                               " bytes of JSON are more than the " +
                                               std::to_string(limits.bytes) + " allowed"};
    json::basic_parser<Builder> parser(options_of(limits));
    Code code;
    std::size_t read = run(parser, text, code);
    if (!code) return std::move(parser.handler().root);
    return Error{Error::Kind::invalid,
                 "no JSON at byte " + std::to_string(read + 1) + ": " + in_words(code, limits)};
}

bool is_json_object(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.bytes) return false;
    std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos || text[first] != '{') return false;
    json::basic_parser<Looker> parser(options_of(limits));
    Code code;
    run(parser, text, code);
    return !code;
}

std::string canonical_json(Value const& value) { return to_json(sorted(value)); }

}  // namespace lares::text
