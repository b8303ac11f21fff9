// control/shapes.h: what answers look like, in a small language, for the document for machines.
//
// "{jobs:[Job] more:boolean}" is a struct of a list and a boolean. Words: string, int, number,
// boolean, json (an object, or null), any; a name is one of the shapes below. Members that are
// named are always there; others may come. Pure.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "text/value.h"

namespace lares::control {

struct NamedShape {
    std::string_view name, shape, words;
};
std::span<NamedShape const> named_shapes();

/// As JSON Schema (2020-12); names become references to "#/components/schemas/NAME".
text::Value schema_of(std::string_view shape);

}  // namespace lares::control
