// text/sms_size.h: how many parts of an SMS a text takes: 3GPP TS 23.038 and 23.040.
//
// GSM-7 has 128 characters and a few more that take two septets; one character outside makes the
// whole text UCS-2 (UTF-16). A text of several parts gives up some of each for the header.

#pragma once

#include <cstddef>
#include <string_view>

namespace lares::text {

/// Septets of a character in GSM-7: 1, or 2 behind the escape; 0: it is not in it.
int gsm7_septets(char32_t code);

struct SmsSize {
    bool is_gsm7 = true;
    std::size_t units = 0;  // septets, or UTF-16 units
    std::size_t parts = 0;  // 0 of an empty text
    bool operator==(SmsSize const&) const = default;
};
/// No part ends within an escaped character or a surrogate pair.
SmsSize sms_size(std::string_view text);

/// What surely fits into `parts`, in units.
std::size_t sms_room(bool is_gsm7, std::size_t parts);

}  // namespace lares::text
