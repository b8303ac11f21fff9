// control/operations.h: the one table of operations.
//
// Every face reads it: XML-RPC, later REST and the web page; so do system.listMethods, methodHelp
// and methodSignature, and the manual. An operation is written once, against House, and knows no
// face; it answers with bytes as they are, and whichever face writes them makes them fit for XML or
// JSON.
//
// To add one: its function in operation_functions.h and one of the *_operations.cc, its row here.

#pragma once

#include <span>
#include <string_view>

#include "control/operation.h"

namespace lares::control {

/// Sorted by name.
std::span<Operation const> operations();

/// Null when there is no such operation: also for names with other than two parts, or with '_' in
/// front, which never are in the table.
Operation const* find_operation(std::string_view name);

}  // namespace lares::control
