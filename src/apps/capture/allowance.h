// apps/capture/allowance.h: how much a service still lets a credential ask, as its answers say,
// shared by every job that uses the credential.
//
// What is left is kept in the database, so that jobs in different processes count against one
// number: each call is counted before it is made, and corrected by what the answer's headers say.
// What headers mean is pure. Sources: X (x-rate-limit-…), Mastodon (X-RateLimit-…, an ISO time),
// Bluesky (RateLimit-…), RFC 9110 (Retry-After).

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "apps/capture/app.h"
#include "apps/capture/database.h"
#include "base/result.h"
#include "ports/post.h"

namespace lares::capture {

struct Allowance {
    std::int64_t remaining = -1;  // calls; -1: not said
    std::int64_t until_ms = 0;    // when it begins anew; 0: not said
};
/// What an answer's headers say, and a refusal (429, 420) says by itself.
/// @param refusals  in a row before this one: each doubles the wait that nobody named, from 60 s.
Allowance allowance_in(ports::WebAnswer const&, std::int64_t now_ms, std::int64_t refusals);

/// Counts one call. 0: it may be made now; else the milliseconds until it may be asked again.
Result<std::int64_t> reserve_call(Database&, std::string const& name, std::int64_t now_ms);
Result<> note_answer(Database&, std::string const& name, ports::WebAnswer const&,
                     std::int64_t now_ms);

/// Of a service's calls of one kind: "x CREDENTIAL tweets"; without a credential the host's.
std::string allowance_name(std::string const& url, std::string const& credential,
                           std::string const& kind);

/// A call that waits for its allowance, and is tried again when the line breaks or the service has
/// trouble, as often as `tries`.
/// @param beat  called at least every 10 s while it waits.
/// Errors: conflict when it was told to stop; otherwise those of Post::call() or the last answer.
Result<ports::WebAnswer> ask_politely(App&, std::string const& allowance, ports::WebCall const&,
                                      std::function<Result<>()> const& beat, int tries = 4);

}  // namespace lares::capture
