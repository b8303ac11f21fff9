// control/faults.h: the faults' names, and how an answer says one.
//
// Codes and names are supervisord's (spec §4.2): clients compare the code, people read the text.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "control/house.h"
#include "text/value.h"
#include "text/xmlrpc.h"

namespace lares::control {

struct FaultName {
    Fault fault;
    std::string_view name;
};

/// Every fault, by code.
std::span<FaultName const> fault_names();

/// "BAD_NAME"
std::string_view name(Fault);

/// "BAD_NAME: nope", or the name alone when there is nothing to add. "OK" for a success.
std::string fault_text(Outcome const&);

/// What an operation gives back: a value, or an Outcome that is no success.
using Answer = std::variant<text::Value, Outcome>;

text::XmlRpcAnswer to_xmlrpc(Answer);

}  // namespace lares::control
