// text/cron.h: cron expressions: five fields (or six with seconds), @names, L, W, #, H.
//
// The grammar is Vixie cron's (crontab(5), POSIX), stricter where it is silent about a mistake: a
// reversed range, 5/15 and days that no month has are refused or warned of, with what was probably
// meant (spec/triggers.md §5). When it is due: core/schedule.h.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::text {

/// Bit n of a field stands for its value n. 48 bytes: 100,000 of them are held at once.
struct Cron {
    std::uint64_t seconds = 1;  // second 0 alone when the expression has no seconds
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    std::uint32_t days = 0;     // bits 1 to 31
    std::uint16_t months = 0;   // bits 1 to 12
    std::uint8_t weekdays = 0;  // bits 0 (Sunday) to 6
    bool has_seconds = false;
    bool day_star = false;  // the text of the field begins with '*': the days are ANDed
    bool weekday_star = false;
    bool is_wildcard = false;        // '*' in minute or hour: follows the clock (Vixie)
    bool is_reboot = false;          // @reboot: never due by the clock
    std::uint32_t last_days = 0;     // L-n: bit n: n days before the last of the month
    std::uint32_t near_days = 0;     // nW: bit n; bit 0: LW
    std::uint8_t last_weekdays = 0;  // nL: the last such weekday of the month
    std::uint64_t nth_weekdays = 0;  // n#k: bit 8 * n + k
    bool operator==(Cron const&) const = default;
};

struct CronRead {
    Cron cron;
    /// Things that are legal and probably not meant: "never fires: no 30 February", "ANDed".
    std::vector<std::string> hints;
};

/// `hash_words`: what H hashes, usually host and task. The Error's words say what was found, what
/// was expected and what to write instead.
Result<CronRead> parse_cron(std::string_view expression, std::string_view hash_words = {});

/// In words for people: "at 06:00 on Monday to Friday"; falls back to the fields.
std::string describe_cron(Cron const&);

}  // namespace lares::text
