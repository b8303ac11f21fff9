// control/openapi.cc: rows to paths, signatures to schemas.

#include "control/openapi.h"

#include <algorithm>

#include "base/version.h"
#include "control/operations.h"
#include "control/rest_parameters.h"
#include "control/rest_routes.h"
#include "control/shapes.h"
#include "control/signature.h"

namespace lares::control {

namespace {

using text::Array;
using text::Struct;
using text::Value;

Value type_schema(std::string_view types) {
    auto one = [](std::string_view type) -> Value {
        if (type == "int") return Struct{{"type", "integer"}};
        if (type == "struct") return Struct{{"type", "object"}};
        return Struct{{"type", std::string(type)}};
    };
    if (types.find('/') == types.npos) return one(types);
    Array any;
    while (!types.empty()) {
        auto slash = std::min(types.find('/'), types.size());
        any.push_back(one(types.substr(0, slash)));
        types.remove_prefix(std::min(slash + 1, types.size()));
    }
    return Struct{{"anyOf", std::move(any)}};
}

Value json_content(Value schema, char const* type = "application/json") {
    return Struct{{type, Struct{{"schema", std::move(schema)}}}};
}

Value problem_response() {
    return Struct{{"description", "a problem"},
                  {"content", json_content(Struct{{"$ref", "#/components/schemas/Problem"}},
                                           "application/problem+json")}};
}

void add_parameter(Array& list, std::string_view in, std::string_view name, Value schema) {
    list.push_back(Struct{{"name", std::string(name)},
                          {"in", std::string(in)},
                          {"required", in == "path"},
                          {"schema", std::move(schema)}});
}

Array parameters_of_route(RestRoute const& route) {
    Array list;
    std::string_view path = route.path;
    for (auto at = path.find('{'); at != path.npos; at = path.find('{', at + 1))
        add_parameter(list, "path", path.substr(at + 1, path.find('}', at) - at - 1),
                      Struct{{"type", "string"}});
    for (auto const& [name, type] : typed_words(route.query))
        add_parameter(list, "query", name, type_schema(type));
    if (route.shape == Shape::list || route.shape == Shape::processes)
        for (auto const& [name, type] : typed_words(window_fields))
            add_parameter(list, "query", name, type_schema(type));
    if (route.guard != Guard::none && route.method != "GET")
        add_parameter(list, "header", "If-Match", Struct{{"type", "string"}});
    if (route.method != "GET")
        add_parameter(list, "header", "Idempotency-Key", Struct{{"type", "string"}});
    return list;
}

/// The members of the body that the row takes; nothing when it takes none.
Struct body_schema(RestRoute const& route, Operation const& operation) {
    Struct members;
    Array required;
    auto words = typed_words(route.parameters);
    auto parameters = parameters_of(operation.signature);
    for (std::size_t i = 0; i < words.size() && i < parameters.size(); ++i) {
        auto word = words[i].first;
        if (!word.starts_with('.')) continue;
        members.emplace_back(std::string(word.substr(1)), type_schema(parameters[i].type));
        if (!parameters[i].optional) required.emplace_back(std::string(word.substr(1)));
    }
    if (members.empty()) return {};
    Struct schema{
        {"type", "object"}, {"properties", std::move(members)}, {"additionalProperties", false}};
    if (!required.empty()) schema.emplace_back("required", std::move(required));
    return schema;
}

Struct own_body(RestRoute const& route) {
    if (route.path.starts_with("call/")) return {{"type", Array{"array", "object"}}};
    if (route.method == "POST") return {{"type", "object"}};
    return {};
}

std::string identifier_of(RestRoute const& route) {
    std::string id(route.method);
    for (char c : route.path) {
        bool is_plain = (c >= 'a' && c <= 'z') || c == '-' || c == '.';
        id += is_plain ? c : '_';
    }
    return id;
}

Value operation_of(RestRoute const& route) {
    auto const* operation = route.operation.empty() ? nullptr : find_operation(route.operation);
    auto help = route.help.empty() && operation ? operation->help : route.help;
    Struct success{{"description", "done"}};
    bool is_stream = route.path == "stream";
    if (is_stream)
        success.emplace_back("content",
                             json_content(Struct{{"type", "string"}}, "text/event-stream"));
    else if (!route.answer.empty())
        success.emplace_back("content", json_content(schema_of(route.answer)));
    Struct entry{{"operationId", identifier_of(route)},
                 {"summary", std::string(help)},
                 {"parameters", parameters_of_route(route)},
                 {"responses", Struct{{std::to_string(route.status), std::move(success)},
                                      {"default", problem_response()}}}};
    if (operation) {
        entry.emplace_back("x-operation", std::string(operation->name));
        entry.emplace_back("x-role", std::string(config::role_name(operation->role)));
    }
    auto body = operation ? body_schema(route, *operation) : own_body(route);
    if (route.method == "PUT" && !operation)
        entry.emplace_back("requestBody",
                           Struct{{"content", json_content(Struct{}, "application/octet-stream")}});
    else if (!body.empty())
        entry.emplace_back("requestBody", Struct{{"content", json_content(std::move(body))}});
    return entry;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c + ('a' - 'A'));
    return out;
}

/// Paths in the order of the rows; a row of a path that was there joins it.
Struct paths() {
    Struct all;
    for (auto const& route : rest_routes()) {
        auto path = "/" + std::string(route.path);
        auto found = std::ranges::find(all, path, &Struct::value_type::first);
        if (found == all.end()) found = all.insert(all.end(), {path, Struct{}});
        std::get<Struct>(found->second.held).emplace_back(lower(route.method), operation_of(route));
    }
    return all;
}

/// Every operation, for POST /call/NAME, with its parameters by name.
Value call_schemas() {
    Struct all;
    for (auto const& operation : operations()) {
        Struct members;
        Array required;
        for (auto const& each : parameters_of(operation.signature)) {
            if (each.name.empty()) continue;
            members.emplace_back(std::string(each.name), type_schema(each.type));
            if (!each.optional) required.emplace_back(std::string(each.name));
        }
        Struct schema{{"type", "object"},
                      {"description", std::string(operation.help)},
                      {"properties", std::move(members)},
                      {"x-role", std::string(config::role_name(operation.role))}};
        if (!required.empty()) schema.emplace_back("required", std::move(required));
        all.emplace_back(std::string(operation.name), std::move(schema));
    }
    return all;
}

}  // namespace

std::string openapi_document() {
    Struct schemas;
    for (auto const& [name, shape, words] : named_shapes()) {
        auto schema = schema_of(shape);
        std::get<Struct>(schema.held).emplace_back("description", std::string(words));
        schemas.emplace_back(std::string(name), std::move(schema));
    }
    Struct security{
        {"basic", Struct{{"type", "http"}, {"scheme", "basic"}}},
        {"token", Struct{{"type", "http"}, {"scheme", "bearer"}}},
        {"session", Struct{{"type", "apiKey"}, {"in", "cookie"}, {"name", "lares_session"}}}};
    return text::to_json(
        Struct{{"openapi", "3.1.0"},
               {"info", Struct{{"title", "Lares"}, {"version", std::string(version())}}},
               {"servers", Array{Struct{{"url", "/api/v1"}}}},
               {"security", Array{Struct{{"basic", Array{}}}, Struct{{"token", Array{}}},
                                  Struct{{"session", Array{}}}, Struct{}}},
               {"paths", paths()},
               {"components",
                Struct{{"schemas", std::move(schemas)}, {"securitySchemes", std::move(security)}}},
               {"x-operations", call_schemas()}});
}

}  // namespace lares::control
