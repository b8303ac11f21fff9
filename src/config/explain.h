// config/explain.h: what `lares explain OPTION` prints, from the option rows.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "text/value.h"

namespace lares::config {

/// Every option called `name` ("startsecs", "program.startsecs", or "program" for the list of all
/// options of a section): meaning, type, default and range. Error::not_found names the nearest one.
Result<std::string> explain(std::string_view name);

/// The same rows: [{section, name, type, default, range, help, ours (bool)}].
Result<text::Value> explain_value(std::string_view name);

}  // namespace lares::config
