// config/needs.h: whether depends_on goes round in a circle.
//
// Asked of a whole configuration, so that `lares check`, the start and a reload all refuse the same
// thing in the same words, before anything is stopped for it.

#pragma once

#include <vector>

#include "config/settings.h"
#include "text/diagnostic.h"

namespace lares::config {

/// One error, placed at a program of the circle ("a needs b needs a"); empty when there is none.
/// Needs that name nothing are not its business.
std::vector<text::Diagnostic> check_needs(Settings const&);

}  // namespace lares::config
