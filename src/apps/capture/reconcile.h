// apps/capture/reconcile.h: Lares' programs brought to what is active here.
//
// What is wanted stands in the database, whoever edited it and whether or not the daemon was up;
// what runs, Lares says. Each difference becomes one call of its API. The command `keep`, the page
// and everything else that edits goes through this one function.

#pragma once

#include "api/reports.h"
#include "apps/capture/app.h"
#include "base/result.h"

namespace lares::capture {

/// How often it is looked whether Lares runs what is active here, when nothing is edited.
inline constexpr Duration look_again{10'000};

/// "capture-NAME".
std::string program_name(std::string const& capture);

/// One comparison of what is active here with what Lares has; gives what Lares says then. Two
/// processes of one home do it one after the other.
Result<api::Status> bring_programs(App&);

}  // namespace lares::capture
