// delivery/plain_text.h: a whole message as text, where length does not matter: in mails, and for
// commands.

#pragma once

#include <string>

#include "core/message.h"

namespace lares::deliver {

/// The text, the fields a line each ("host: press-2"), the link and the details, with an empty line
/// between what there is. Without the title and the tags. Ends with '\n' unless empty.
std::string plain_text(message::Message const&);

}  // namespace lares::deliver
