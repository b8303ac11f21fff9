// text/environment.h: lists of variables, from `environment=` and from environment files.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lares::text {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// `KEY=value,KEY2="a, b"` by POSIX shlex rules as in supervisord 4.4 (spec §1.6): a bare word is
/// letters, digits and _/.+-():, anything else needs quotes; pairs may be on several lines; a
/// trailing comma is fine; a key given again replaces; a '#' outside quotes begins a comment.
/// Unlike supervisord, which skips it unseen, a stray token between pairs ("A=b c") is an error
/// that names it. Fails with "Unexpected end of key/value pairs in value '...'" where supervisord
/// does.
Result<Variables> parse_environment(std::string_view text);

/// An environment file: a line each of KEY=value, "export KEY=value", blank or "# comment"; values
/// may be quoted ('literal', "with \n \" \\ escapes"). No expansion, no command. As systemd's
/// EnvironmentFile and docker's --env-file where the two agree. The Error says "line 3: ...".
Result<Variables> parse_environment_file(std::string_view text);

}  // namespace lares::text
