// control/json_work.h: jobs as JSON over HTTP, with whole numbers and the payload as the object it
// is.
//
// Apart from describe_work.h because XML-RPC has 32 bits and no null, and JSON has neither limit.
// Pure.

#pragma once

#include <string>
#include <vector>

#include "control/job_input.h"
#include "control/work_house.h"

namespace lares::control {

std::string put_json(PutOutcome const&);
/// {"jobs":3,"first":812,"last":814,"duplicates":[{"line":2,"job":7}]}
std::string batch_json(std::vector<PutOutcome> const&, std::vector<std::size_t> const& lines);
/// {"jobs":[{"job":812,"token":3,"lease_seconds":60,...}]}
std::string leases_json(std::vector<Lease> const&);

}  // namespace lares::control
