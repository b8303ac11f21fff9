// core/states_doc.h: the machine of core/supervise.h as a page for people (docs/states.md).
//
// Printed from the table of edges that step() checks itself against, so that it cannot be wrong.

#pragma once

#include <string>

namespace lares::supervise {

/// The page, whole: the states with their numbers, and each edge with its reason, as Markdown
/// tables.
std::string edges_as_markdown();

}  // namespace lares::supervise
