// control/operation.cc: finding a row by its name, by halves, for every call does it.

#include "control/operation.h"

#include <algorithm>

namespace lares::control {

Operation const* find_operation(std::span<Operation const> rows, std::string_view name) {
    auto row = std::ranges::lower_bound(rows, name, {}, &Operation::name);
    return row == rows.end() || row->name != name ? nullptr : &*row;
}

}  // namespace lares::control
