// text/cron_field.h: one field of a cron expression: a list of values, ranges, steps and letters.
//
// Of use to text/cron_parse.cc only. Grammar: crontab(5) of Vixie cron and cronie ('~'), Quartz's
// L, W and #, Jenkins' H.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::text {

enum class CronField { second, minute, hour, day, month, weekday };

struct CronFieldRead {
    std::uint64_t values = 0;
    bool star = false;               // the text begins with '*'
    int star_step = 1;               // of a field that is just '*/n'
    std::uint32_t last_days = 0;     // as in Cron
    std::uint32_t near_days = 0;     // as in Cron
    std::uint8_t last_weekdays = 0;  // as in Cron
    std::uint64_t nth_weekdays = 0;  // as in Cron
};

/// "minute", "day of month".
std::string_view field_name(CronField);
/// 0 and 59 of minutes; weekdays go from 0 to 7.
int field_low(CronField);
int field_high(CronField);

/// `hash`: what H and '~' choose by. Weekday 7 comes back as 0.
Result<CronFieldRead> parse_cron_field(CronField, std::string_view text, std::uint64_t hash);

/// A value in the words of its field: "Monday", "January", "5".
std::string value_words(CronField, int value);

}  // namespace lares::text
