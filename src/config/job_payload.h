// config/job_payload.h: whether a payload is one that a task takes, and the unique key it gives.
//
// Pure. Here and not in daemon/, because `lares simulate` asks the same of jobs that have not come.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/settings.h"
#include "text/value.h"

namespace lares::config {

/// Whether the task takes a payload's member of that name.
bool takes(Task const&, std::string_view key);
/// Whether its command has {{placeholders}}.
bool has_placeholders(Task const&);
/// invalid: too large, or no object.
Result<text::Struct> payload_members(Task const&, std::string_view payload);
/// The payload as it is stored: an object with the task's defaults in it. invalid: no object, too
/// large, a key that the task does not take, or one missing that its command names.
Result<std::string> checked_payload(Task const&, std::string_view payload);
/// The job's unique key, from the task's `unique`.
Result<std::string> key_of(Task const&, std::string_view payload);

}  // namespace lares::config
