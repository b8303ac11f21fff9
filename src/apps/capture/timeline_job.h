// apps/capture/timeline_job.h: one round through the accounts of a capture of timelines.
//
// For each account first what is new since the last round, then what earlier rounds left open. Each
// page is archived, made to last, and only then noted (apps/capture/fills.h): whatever stops the
// round, the next one goes on at that page, and leaves out what of it the archive has already.

#pragma once

#include <string>

#include "apps/capture/app.h"
#include "apps/capture/definition.h"
#include "apps/capture/job.h"
#include "base/result.h"

namespace lares::capture {

/// @param only  one account's id; empty: all.
/// Errors: conflict when the capture's round is running already, or it was told to stop; denied:
/// the credential is refused; io: the archive. Trouble with one account is the job's, not an error.
Result<> run_timelines(App&, Plan const&, std::string const& only, Job&);

}  // namespace lares::capture
