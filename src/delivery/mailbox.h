// delivery/mailbox.h: an address of mail with the name that stands before it (RFC 5322, 3.4).
//
// Pure. Takes what people write: "a@b", "Name <a@b>", "\"Name, Inc.\" <a@b>". ASCII addresses only:
// a server that takes others (SMTPUTF8) cannot be relied upon. The name may be any UTF-8.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::deliver {

struct Mailbox {
    std::string name;     // as people read it; may be empty
    std::string address;  // "a@b"; or "root", for a server that knows what is meant
    bool operator==(Mailbox const&) const = default;
};

/// Of one address: RFC 5321, 4.5.3.1.
inline constexpr std::size_t address_bytes = 254;

/// invalid: the words quote it and say what is wrong.
Result<Mailbox> parse_mailbox(std::string_view text);
/// Each of them; two with one address become the first.
Result<std::vector<Mailbox>> parse_mailboxes(std::vector<std::string> const& texts);

/// What follows the last '@'; empty: nothing does.
std::string_view domain_of(std::string_view address);

}  // namespace lares::deliver
