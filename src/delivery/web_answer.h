// delivery/web_answer.h: what an HTTP service said, as an outcome: what most of them mean by it.
//
// Pure. Each kind overrides what its service means otherwise. RFC 9110 for statuses and
// Retry-After.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "core/delivery.h"
#include "ports/post.h"
#include "text/value.h"

namespace lares::deliver {

/// Whether a second try of the same message does no harm.
enum class Repeat { is_safe, may_double };

/// Empty when there is none. `name` in lower case.
std::string_view header(ports::WebAnswer const&, std::string_view name);
/// The body's object; an empty one when it is none.
text::Value object_in(ports::WebAnswer const&);
/// The text or number at "error.message" within; empty when there is none.
std::string text_at(text::Value const&, std::string_view path);

/// Of Retry-After, in seconds or as a date; 0: not said. At most a week.
Duration retry_after(ports::WebAnswer const&, WallTime now);
/// Until a time as an epoch's seconds ("1318622958") or as ISO says it; 0: past or no time.
Duration until(std::string_view time, WallTime now);
/// "1.5" seconds.
Duration seconds(std::string_view text);

/// No answer came: no connection, a wrong URL and a distrusted certificate are blocked; what broke
/// on the way is later, or unsure where a second try may double it.
delivery::Answer unanswered(Error const&, Repeat);
/// By the status alone: 2xx sent; 401, 402, 403, 407 blocked; 429 limited; 408, 425, 5xx later;
/// all else, redirections too, refused. `why`: what the service said of it.
delivery::Answer by_status(ports::WebAnswer const&, std::string_view why, WallTime now);
delivery::Answer refused(std::string words);
delivery::Answer blocked(std::string words);

/// "429 too many requests: why".
std::string status_words(int status, std::string_view why);

}  // namespace lares::deliver
