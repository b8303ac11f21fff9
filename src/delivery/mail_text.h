// delivery/mail_text.h: how text travels in a mail: encoded words (RFC 2047), folded header lines
// (RFC 5322, 2.2.3), quoted-printable and base64 (RFC 2045), file names (RFC 2231).
//
// Pure. Whatever bytes come in, what goes out is ASCII, has CR and LF only as ends of lines, and
// keeps to the lengths: 76 columns where a break is possible, 998 where it is not.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "delivery/mailbox.h"

namespace lares::deliver {

/// The same as one line: valid UTF-8, each run of control characters a space.
std::string one_line(std::string_view text);

/// "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=", one or more; none splits a character. `first`: columns left for
/// the first of them; the others have a line each.
std::vector<std::string> encoded_words(std::string_view text, std::size_t first);

/// One header with its end: words as they are where ASCII will do, else encoded.
std::string text_header(std::string_view name, std::string_view text);
/// "To: A <a@b>,\r\n =?UTF-8?…?= <c@d>\r\n"; empty when there is nobody.
std::string address_header(std::string_view name, std::vector<Mailbox> const&);
/// Tokens that must stay whole, with spaces or folds between them.
std::string token_header(std::string_view name, std::vector<std::string> const& tokens);
/// ";\r\n filename=\"a.txt\"" or, where that will not do, "…*0*=UTF-8''…": with any name.
std::string parameter(std::string_view name, std::string_view value);

/// Lines end with CRLF, the last too; at most 76 columns.
std::string quoted_printable(std::string_view text);
/// Lines of 76 columns, each ended with CRLF.
std::string base64_lines(std::string_view bytes);

/// "Sat, 28 Nov 2026 03:41:40 +0000".
std::string mail_date(WallTime);

}  // namespace lares::deliver
