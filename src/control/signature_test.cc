// control/signature_test.cc: parameters bent to signatures, or refused.

#include "control/signature.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::control;
using text::Array;

namespace {

/// The parameters as JSON, or the words of the fault.
std::string fit(std::string_view signature, Array given) {
    auto fitted = fit_parameters("x.y", signature, std::move(given));
    if (auto const* outcome = std::get_if<Outcome>(&fitted)) {
        CHECK(outcome->fault == Fault::incorrect_parameters);
        return outcome->extra;
    }
    return text::to_json(std::get<Array>(fitted));
}

}  // namespace

TEST_CASE("parameters of the right types pass as they are") {
    CHECK(fit("string", {}) == "[]");
    CHECK(fit("boolean string int boolean", {"a", 5, true}) == R"(["a",5,true])");
    CHECK(fit("array array struct", {Array{1}, text::Struct{{"k", 2}}}) == R"([[1],{"k":2}])");
}

TEST_CASE("missing parameters get their defaults, where they have one") {
    CHECK(fit("boolean string boolean=true", {"a"}) == R"(["a",true])");
    CHECK(fit("array array= boolean=true boolean=false", {}) == "[[],true,false]");
    CHECK(fit("string string=x int=7", {}) == R"(["x",7])");
}

TEST_CASE("too few or too many parameters are refused with the numbers") {
    CHECK(fit("string", {1}) == "x.y takes 0 parameters, 1 given");
    CHECK(fit("string string", {}) == "x.y takes 1 parameter, 0 given");
    CHECK(fit("boolean string boolean=true", {}) == "x.y takes 1 to 2 parameters, 0 given");
    CHECK(fit("boolean string boolean=true", {"a", true, true}) ==
          "x.y takes 1 to 2 parameters, 3 given");
}

TEST_CASE("case 56: an int or an untyped word does for a boolean") {
    CHECK(fit("string boolean", {1}) == "[true]");
    CHECK(fit("string boolean", {0}) == "[false]");
    CHECK(fit("string boolean", {-3}) == "[true]");
    CHECK(fit("string boolean", {"1"}) == "[true]");
    CHECK(fit("string boolean", {"true"}) == "[true]");
    CHECK(fit("string boolean", {"0"}) == "[false]");
    CHECK(fit("string boolean", {"false"}) == "[false]");
    CHECK(fit("string boolean", {"maybe"}) == "parameter 1 of x.y must be a boolean");
    CHECK(fit("string boolean", {1.0}) == "parameter 1 of x.y must be a boolean");
}

TEST_CASE("case 56: untyped digits do for an int") {
    CHECK(fit("string int", {"-12"}) == "[-12]");
    CHECK(fit("string int", {"12x"}) == "parameter 1 of x.y must be an int");
    CHECK(fit("string int", {""}) == "parameter 1 of x.y must be an int");
    CHECK(fit("string int", {"99999999999999999999"}) == "parameter 1 of x.y must be an int");
    CHECK(fit("string int", {true}) == "parameter 1 of x.y must be an int");
}

TEST_CASE("nothing else does for a string or an array") {
    CHECK(fit("string string", {5}) == "parameter 1 of x.y must be a string");
    CHECK(fit("string string string", {"a", Array{}}) == "parameter 2 of x.y must be a string");
    CHECK(fit("string array", {"a"}) == "parameter 1 of x.y must be an array");
    CHECK(fit("string struct", {text::Value(Array{})}) == "parameter 1 of x.y must be a struct");
}

TEST_CASE("a parameter of two types takes either, as it is") {
    CHECK(fit("boolean string/int", {"TERM"}) == R"(["TERM"])");
    CHECK(fit("boolean string/int", {15}) == "[15]");
    CHECK(fit("boolean string/int", {true}) == "parameter 1 of x.y must be a string/int");
}

TEST_CASE("a signature is told without defaults and second types") {
    CHECK(signature_types("boolean string boolean=true") ==
          std::vector<std::string>{"boolean", "string", "boolean"});
    CHECK(signature_types("boolean string/int") == std::vector<std::string>{"boolean", "string"});
    CHECK(signature_types("string") == std::vector<std::string>{"string"});
}
