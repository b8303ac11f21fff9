// control/openapi.h: the document that tells machines what /api/v1 is: printed from the rows of the
// routes and of the operations, so that it cannot be behind them.

#pragma once

#include <string>

namespace lares::control {

/// OpenAPI 3.1 as JSON.
std::string openapi_document();

}  // namespace lares::control
