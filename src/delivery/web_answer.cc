// delivery/web_answer.cc: statuses, dates and error objects read leniently.

#include "delivery/web_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "delivery/mail_answer.h"
#include "text/iso_time.h"
#include "text/json_value.h"
#include "text/placeholders.h"

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Outcome;
using ports::WebAnswer;

constexpr Duration longest_wait{7 * 24 * 3'600'000LL};

Duration bounded(Duration wait) { return std::clamp(wait, Duration(0), longest_wait); }

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t number = 0;
    auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate) as ISO; empty: it is none.
std::string iso_of_date(std::string_view date) {
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (date.size() != 29 || !date.ends_with(" GMT")) return {};
    auto const month = std::ranges::find(months, date.substr(8, 3)) - months.begin() + 1;
    if (month > 12) return {};
    std::string const number = (month < 10 ? "0" : "") + std::to_string(month);
    return std::string(date.substr(12, 4)) + "-" + number + "-" + std::string(date.substr(5, 2)) +
           "T" + std::string(date.substr(17, 8)) + "Z";
}

std::string_view phrase(int status) {
    switch (status) {
    case 400:
        return " bad request";
    case 401:
        return " unauthorized";
    case 402:
        return " payment required";
    case 403:
        return " forbidden";
    case 404:
        return " not found";
    case 410:
        return " gone";
    case 413:
        return " too large";
    case 422:
        return " unprocessable";
    case 429:
        return " too many requests";
    case 500:
        return " internal error";
    case 502:
        return " bad gateway";
    case 503:
        return " unavailable";
    case 504:
        return " gateway timed out";
    default:
        return "";
    }
}

}  // namespace

std::string_view header(WebAnswer const& answer, std::string_view name) {
    for (auto const& [each, value] : answer.headers)
        if (each == name) return value;
    return {};
}

text::Value object_in(WebAnswer const& answer) {
    auto body = text::parse_json(answer.body, {.bytes = 1u << 20});
    if (!body || body->members() == nullptr) return text::Struct{};
    return std::move(body).take();
}

std::string text_at(text::Value const& value, std::string_view path) {
    text::Value const* at = &value;
    while (at != nullptr && !path.empty()) {
        auto const dot = path.find('.');
        at = at->find(path.substr(0, dot));
        path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
    }
    if (at == nullptr || at->array() != nullptr || at->members() != nullptr) return {};
    return text::argument_text(*at);
}

Duration seconds(std::string_view text) {
    double number = 0;
    auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end == text.data() || !(number > 0)) return Duration(0);
    return Duration(static_cast<std::int64_t>(std::min(number, 1e6) * 1000));
}

Duration until(std::string_view time, WallTime now) {
    std::optional<std::int64_t> at = whole(time);
    if (!at) {
        auto const iso = text::parse_iso_time(time);
        if (!iso) return Duration(0);
        at = iso->local - iso->offset.value_or(0);
    }
    // A number that no calendar reaches must not overflow.
    if (*at < 0 || *at > 253'402'300'799) return Duration(0);
    return bounded(WallTime(Duration(*at * 1000)) - now);
}

Duration retry_after(WebAnswer const& answer, WallTime now) {
    auto const value = header(answer, "retry-after");
    if (value.empty()) return Duration(0);
    if (auto const wait = seconds(value); wait.count() > 0 && iso_of_date(value).empty())
        return bounded(wait);
    return until(iso_of_date(value), now);
}

std::string status_words(int status, std::string_view why) {
    std::string words = std::to_string(status) + std::string(phrase(status));
    if (!why.empty()) words += ": " + std::string(why);
    return words_of_peer(words);
}

Answer refused(std::string words) {
    return {.outcome = Outcome::refused, .words = words_of_peer(words)};
}
Answer blocked(std::string words) {
    return {.outcome = Outcome::blocked, .words = words_of_peer(words)};
}

Answer unanswered(Error const& error, Repeat repeat) {
    Answer answer{.words = words_of_peer(error.what)};
    switch (error.kind) {
    case Error::Kind::unavailable:
    case Error::Kind::denied:
    case Error::Kind::invalid:
    case Error::Kind::not_found:
        answer.outcome = Outcome::blocked;
        return answer;
    case Error::Kind::conflict:
    case Error::Kind::io:
        answer.outcome = repeat == Repeat::is_safe ? Outcome::later : Outcome::unsure;
        return answer;
    }
    return answer;
}

Answer by_status(WebAnswer const& said, std::string_view why, WallTime now) {
    int const status = said.status;
    Answer answer{.outcome = Outcome::refused, .words = status_words(status, why)};
    if (status >= 200 && status < 300) {
        answer.outcome = Outcome::sent;
        return answer;
    }
    answer.retry_after = retry_after(said, now);
    if (status >= 300 && status < 400)
        answer.words =
            status_words(status, "it points elsewhere, which is not followed; set 'url' to '" +
                                     std::string(header(said, "location")) + "' if that is meant");
    else if (status == 401 || status == 402 || status == 403 || status == 407)
        answer.outcome = Outcome::blocked;
    else if (status == 429)
        answer.outcome = Outcome::limited;
    else if (status == 408 || status == 425 || status >= 500)
        answer.outcome = Outcome::later;
    return answer;
}

}  // namespace lares::deliver
