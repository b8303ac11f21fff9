// control/signature.h: what an operation takes, checked and made uniform before it runs.
//
// A signature is a text in the table of operations: "boolean name:string wait:boolean=true" gives a
// boolean and takes a string and, if told, a boolean. Types are string, int, boolean, array,
// struct; "string/int" takes either. Names are for faces that have them (JSON); XML-RPC goes by
// order. Pure.

#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "control/house.h"
#include "text/value.h"

namespace lares::control {

/// The types as system.methodSignature tells them: what is given, then what is taken.
std::vector<std::string> signature_types(std::string_view signature);

struct Parameter {
    std::string_view name;  // empty: it can only be given by its place
    std::string_view type;  // "string/int"
    std::string_view fallback;
    bool optional = false;
};
/// What is taken, in order.
std::vector<Parameter> parameters_of(std::string_view signature);
text::Value default_of(Parameter const&);

/// Parameters given by name, put in order, with the defaults of those left out; or what is missing
/// or not known. fit_parameters() checks their types.
std::variant<text::Array, Outcome> parameters_by_name(std::string_view method,
                                                      std::string_view signature,
                                                      text::Struct const& given);

/// All parameters that `signature` names, in its types, defaults filled in; or the fault
/// INCORRECT_PARAMETERS in words. Tolerant where supervisord's clients are loose (spec §4.1, §7):
/// an int, or an untyped "0", "1", "true", "false", for a boolean; untyped digits for an int.
std::variant<text::Array, Outcome> fit_parameters(std::string_view method,
                                                  std::string_view signature, text::Array given);

}  // namespace lares::control
