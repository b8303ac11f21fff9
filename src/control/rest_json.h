// control/rest_json.h: answers of operations as the JSON of /api/v1.
//
// Operations give values as XML-RPC has them: a large number as its digits, JSON as text. Here both
// become what they mean. Pure.

#pragma once

#include <string>
#include <string_view>

#include "control/faults.h"
#include "control/job_input.h"
#include "text/value.h"

namespace lares::control {

void append_rest_json(std::string& out, text::Value const&, std::string_view member = {});
std::string rest_json(text::Value const&);

/// Which HTTP status a failure is.
int status_of(Error::Kind);
int status_of(Outcome const&);

/// "{"type":"urn:lares:problem:bad-name","title":...,"status":404,"detail":...,"fault":10}"
std::string problem_of(Outcome const&, std::string_view field, std::string_view hint);

/// RFC 9457; of a failure that is none of an operation's. `kind` goes into the type.
std::string problem_of(int status, std::string_view kind, JobFault const&);

std::string_view title_of(int status);

/// A strong validator of a text, with its quotes.
std::string etag_of(std::string_view text);
/// Whether a list of If-Match or If-None-Match has this tag, or is "*".
bool has_tag(std::string_view list, std::string_view tag);

}  // namespace lares::control
