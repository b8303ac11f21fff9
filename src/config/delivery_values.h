// config/delivery_values.h: what channels and notify say, from text to values.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/delivery_settings.h"

namespace lares::config {

/// "ops: failure, late", "mail then 10min sms then 30min phone: fatal"; without ':' all kinds.
Result<Notify> parse_notify(std::string_view line);
std::string print_notify(Notify const&);

/// By commas; one within quotes or <...> belongs to the recipient.
std::vector<std::string> split_recipients(std::string_view line);

/// "Name: value".
Result<std::pair<std::string, std::string>> parse_header(std::string_view line);

}  // namespace lares::config
