// delivery/mail_answer.h: what a mail server or a sendmail program said, as an outcome.
//
// Pure.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/delivery.h"
#include "ports/post.h"

namespace lares::deliver {

/// Replies of the 4xx class are later, 5xx refused; what the server says of the channel itself
/// (421, a login that it wants or does not take) is blocked. Recipients who were refused for good
/// beside others who got it are named in a `sent`; if some are to be tried again it is `later`,
/// with the others in `provider`.
delivery::Answer server_answer(Result<ports::MailAnswer> const&,
                               std::vector<std::string> const& recipients);
/// Exit codes of sysexits.h: 0 sent; 75 and faults of the machine later; what is wrong with the
/// recipient or the mail refused; what is wrong with the program blocked.
delivery::Answer sendmail_answer(Result<ports::CommandAnswer> const&);

/// Those who have it already, in what an earlier answer's `provider` said ("has: a@b c@d").
std::vector<std::string> recipients_in(std::string_view resume);
/// The same text for both lists together; empty for nobody.
std::string resume_after(std::vector<std::string> before, std::vector<std::string> const& now);

/// One line of at most 500 bytes for people.
std::string words_of_peer(std::string_view said);

}  // namespace lares::deliver
