// config/kinds_delivery.h: the kinds of values that only channels, notify and budgets have.

#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "config/delivery_values.h"
#include "config/kinds_work.h"

namespace lares::config {

struct ChannelKind {
    static constexpr KindWords words{
        "mail, sms, telegram, mastodon, x, bluesky, webhook or command"};
    static Result<> read(Reading const&, std::string_view text, channel::Kind& slot) {
        using Kind = channel::Kind;
        slot = TRY(choose<Kind>(text, {{"mail", Kind::mail},
                                       {"sms", Kind::sms},
                                       {"telegram", Kind::telegram},
                                       {"mastodon", Kind::mastodon},
                                       {"x", Kind::x},
                                       {"bluesky", Kind::bluesky},
                                       {"webhook", Kind::webhook},
                                       {"command", Kind::command}}));
        return {};
    }
};

/// "200MB": a limit of the kernel's; "200MB restart": ours.
struct MemoryMost {
    static constexpr KindWords words{"a size such as 200MB, and restart behind it or nothing",
                                     Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, Program& slot) {
        slot.cgroup.memory_max = slot.memory_watch.most = 0;
        if (text.empty()) return {};
        auto space = text.find_last_of(" \t");
        bool is_ours = space != text.npos && text.substr(space + 1) == "restart";
        auto& most = is_ours ? slot.memory_watch.most : slot.cgroup.memory_max;
        auto size = is_ours ? text.substr(0, text.find_last_not_of(" \t", space) + 1) : text;
        auto good = Size::read(reading, size, most);
        if (!good && space != text.npos)
            return Error{Error::Kind::invalid,
                         "found '" + std::string(text) + "', expected " + std::string(words.type)};
        TRY(std::move(good));
        if (most < 0 || (is_ours && most == 0))
            return Error{Error::Kind::invalid, "a size above 0 is needed"};
        return {};
    }
};

struct TlsMode {
    static constexpr KindWords words{"auto, none, starttls or tls"};
    static Result<> read(Reading const&, std::string_view text, channel::Tls& slot) {
        using channel::Tls;
        slot = TRY(choose<Tls>(text, {{"auto", Tls::automatic},
                                      {"none", Tls::none},
                                      {"starttls", Tls::starttls},
                                      {"tls", Tls::tls}}));
        return {};
    }
};

struct AuthMode {
    static constexpr KindWords words{"auto, none, plain, login, cram-md5 or xoauth2"};
    static Result<> read(Reading const&, std::string_view text, channel::Auth& slot) {
        using channel::Auth;
        slot = TRY(choose<Auth>(text, {{"auto", Auth::automatic},
                                       {"none", Auth::none},
                                       {"plain", Auth::plain},
                                       {"login", Auth::login},
                                       {"cram-md5", Auth::cram_md5},
                                       {"xoauth2", Auth::xoauth2}}));
        return {};
    }
};

struct WebhookShape {
    static constexpr KindWords words{"json, slack, matrix, ntfy, discord, form or text"};
    static Result<> read(Reading const&, std::string_view text, channel::Shape& slot) {
        using channel::Shape;
        slot = TRY(choose<Shape>(text, {{"json", Shape::json},
                                        {"slack", Shape::slack},
                                        {"matrix", Shape::matrix},
                                        {"ntfy", Shape::ntfy},
                                        {"discord", Shape::discord},
                                        {"form", Shape::form},
                                        {"text", Shape::text}}));
        return {};
    }
};

struct Visibility {
    static constexpr KindWords words{"public, unlisted, private or direct"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(choose<std::string>(text, {{"public", "public"},
                                              {"unlisted", "unlisted"},
                                              {"private", "private"},
                                              {"direct", "direct"}}));
        return {};
    }
};

struct Gateway {
    static constexpr KindWords words{"smsc or generic"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(choose<std::string>(text, {{"smsc", "smsc"}, {"generic", "generic"}}));
        return {};
    }
};

struct ParseMode {
    static constexpr KindWords words{"HTML or plain"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(choose<std::string>(text, {{"HTML", "HTML"}, {"plain", ""}}));
        return {};
    }
};

struct Language {
    static constexpr KindWords words{"en or de"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(choose<std::string>(text, {{"en", "en"}, {"de", "de"}}));
        return {};
    }
};

struct WebMethod {
    static constexpr KindWords words{"POST, PUT, PATCH or GET"};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(choose<std::string>(
            text, {{"POST", "POST"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}, {"GET", "GET"}}));
        return {};
    }
};

struct ChannelRate {
    static constexpr KindWords words{"how many in which time, such as 30/min", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, channel::Rate& slot) {
        auto rate = TRY(parse_rate(text));
        slot = {rate.count, rate.span};
        return {};
    }
};

struct ChannelBackoff {
    static constexpr KindWords words{"a duration, or two such as 30s..1h", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, channel::Channel& slot) {
        std::tie(slot.first_wait, slot.longest_wait) = TRY(parse_backoff(text));
        if (slot.first_wait < Duration(100))
            return Error{Error::Kind::invalid, "a wait is 100ms at least"};
        return {};
    }
};

struct HeaderLines {
    static constexpr KindWords words{"headers such as X-Key: value, one a line", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text,
                         std::vector<std::pair<std::string, std::string>>& slot) {
        return read_lines(text, slot, parse_header);
    }
};

/// Addresses and numbers, which may hold spaces: between commas or line ends.
struct Recipients {
    static constexpr KindWords words{"recipients between commas"};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot) {
        slot.clear();
        for (auto const& line : split_lines(text))
            for (auto const& each : split_recipients(line)) slot.push_back(each);
        return {};
    }
};

struct Arguments {
    static constexpr KindWords words{"a program and its arguments", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot) {
        slot = TRY(text::split_words(text));
        if (slot.empty()) return Error{Error::Kind::invalid, "names no program"};
        return {};
    }
};

struct NotifyLines {
    static constexpr KindWords words{
        "channels and kinds such as ops: failure, late, one a line; then 10min CHANNEL goes on",
        Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<Notify>& slot) {
        return read_lines(text, slot, parse_notify);
    }
};

struct DigestRule {
    static constexpr KindWords words{"off, every 1h, or daily 07:00", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, Digest& slot) {
        slot.every = Duration(0);
        slot.at_minute = -1;
        if (text.empty() || text == "off") return {};
        auto space = text.find(' ');
        auto word = text.substr(0, space);
        auto rest = space == text.npos ? std::string_view() : text.substr(space + 1);
        if (word == "daily") {
            slot.at_minute = TRY(parse_time_of_day(rest));
            return {};
        }
        if (word != "every")
            return Error{Error::Kind::invalid, "write off, every 1h, or daily 07:00"};
        slot.every = TRY(text::parse_duration(rest));
        if (slot.every < Duration(60'000) || slot.every > Duration(7 * 86'400'000LL))
            return Error{Error::Kind::invalid, "a digest comes every 1m to every 7d"};
        return {};
    }
};

struct SeverityName {
    static constexpr KindWords words{"info, warning, error or critical"};
    static Result<> read(Reading const&, std::string_view text, alert::Severity& slot) {
        slot = TRY(choose<alert::Severity>(text, {{"info", alert::Severity::info},
                                                  {"warning", alert::Severity::warning},
                                                  {"error", alert::Severity::error},
                                                  {"critical", alert::Severity::critical}}));
        return {};
    }
};

struct BudgetLimitOf {
    static constexpr KindWords words{"an amount and a period, such as 50 USD/month or 1000/day",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, BudgetSettings& slot) {
        auto limit = TRY(parse_budget_limit(text));
        slot.limit_micros = limit.micros;
        slot.currency = limit.currency;
        slot.period = limit.period;
        return {};
    }
};

struct PriceLines {
    static constexpr KindWords words{"prices such as post = 0.015 from 2027-01-31, one a line",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text,
                         std::vector<BudgetSettings::Price>& slot) {
        return read_lines(text, slot, parse_price);
    }
};

struct PercentList {
    static constexpr KindWords words{"shares such as 50%, 80%, 100%", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<int>& slot) {
        slot.clear();
        for (auto const& each : split_commas(text)) {
            int share = TRY(parse_percent(each));
            if (share < 1 || share > 1'000)
                return Error{Error::Kind::invalid, "a share is from 1% to 1000%"};
            slot.push_back(share);
        }
        return {};
    }
};

}  // namespace lares::config
