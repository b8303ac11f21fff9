// control/signature.h: what an operation takes, checked and made uniform before it runs.
//
// A signature is a text in the table of operations: "boolean string boolean=true" gives a boolean
// and takes a string and, if told, a boolean. Types are string, int, boolean, array, struct;
// "string/int" takes either. Pure.

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

/// All parameters that `signature` names, in its types, defaults filled in; or the fault
/// INCORRECT_PARAMETERS in words. Tolerant where supervisord's clients are loose (spec §4.1, §7):
/// an int, or an untyped "0", "1", "true", "false", for a boolean; untyped digits for an int.
std::variant<text::Array, Outcome> fit_parameters(std::string_view method,
                                                  std::string_view signature, text::Array given);

}  // namespace lares::control
