// control/hook.cc: the three ways to know a secret.

#include "control/hook.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/constant_time.h"
#include "control/hmac.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/json_read.h"
#include "text/query.h"

namespace lares::control {

namespace {

using Kind = HookVerdict::Kind;

/// How far a dated call may be from our clock.
constexpr std::chrono::seconds tolerance{300};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string_view query_of(std::string_view target) {
    auto mark = target.find('?');
    return mark == target.npos ? std::string_view() : target.substr(mark + 1);
}

std::string secret_given(ports::HttpRequested const& request) {
    auto header = header_of(request, "x-lares-secret");
    if (!header.empty()) return std::string(header);
    constexpr std::string_view bearer = "bearer ";
    if (lower(std::string_view(request.authorization).substr(0, bearer.size())) == bearer)
        return std::string(trim(std::string_view(request.authorization).substr(bearer.size())));
    return text::field(text::parse_query(query_of(request.target)), "secret");
}

/// What a call carries as proof: its date when it has one, and a signature.
struct Signed {
    std::string stamp;      // "" : not dated
    std::string signature;  // bytes
};

std::optional<std::string> signature_bytes(std::string_view text) {
    if (text.starts_with("sha256=")) text.remove_prefix(7);
    if (text.size() == 64)
        if (auto bytes = text::decode_hex(text)) return bytes;
    return decode_base64(text);
}

/// "t=1773136800,v1=5257a8…", other parts ignored.
std::optional<Signed> read_parts(std::string_view header) {
    Signed found;
    while (!header.empty()) {
        auto end = std::min(header.find(','), header.size());
        auto part = trim(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        if (part.starts_with("t=")) found.stamp = part.substr(2);
        if (!part.starts_with("v1=") || !found.signature.empty()) continue;
        auto bytes = signature_bytes(part.substr(3));
        if (!bytes) return std::nullopt;
        found.signature = std::move(*bytes);
    }
    if (found.stamp.empty() || found.signature.empty()) return std::nullopt;
    return found;
}

std::optional<Signed> read_signature(std::string_view header, std::string_view stamp) {
    header = trim(header);
    if (header.starts_with("t=")) return read_parts(header);
    auto bytes = signature_bytes(header);
    if (!bytes || bytes->empty()) return std::nullopt;
    return Signed{std::string(trim(stamp)), std::move(*bytes)};
}

bool is_recent(std::string_view stamp, WallTime now) {
    std::int64_t seconds = 0;
    auto [end, status] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
    if (status != std::errc() || end != stamp.data() + stamp.size()) return false;
    auto ours = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return seconds > ours - tolerance.count() && seconds < ours + tolerance.count();
}

/// Looks as "TIMESTAMP.rest" does. Without a date such a body is what a dated call signed: an
/// eavesdropper could send it again, with the date moved from the header into the body.
bool looks_dated(std::string_view body) {
    auto digits = body.find_first_not_of("0123456789");
    return digits != 0 && digits != body.npos && body[digits] == '.';
}

HookVerdict judge_signature(std::string const& secret, std::string_view header,
                            std::string_view stamp, ports::HttpRequested const& request,
                            WallTime now, Hash const& sha256) {
    auto given = read_signature(header, stamp);
    bool dated = given && !given->stamp.empty();
    auto before = dated ? given->stamp + "." : std::string();
    auto wanted =
        text::decode_hex(hmac_sha256_hex(sha256, secret, before, request.body)).value_or("");
    if (!given) return {Kind::refused, "it has no signature that can be read", {}};
    bool fits = equal_in_constant_time(wanted, given->signature);
    if (!fits) return {Kind::refused, "its signature is wrong", {}};
    if (!dated && looks_dated(request.body))
        return {Kind::refused, "its signature could be one of a dated call", {}};
    if (!dated) return {Kind::good, {}, {}};
    if (!is_recent(given->stamp, now))
        return {Kind::refused, "its time is more than 5 min from ours", {}};
    return {Kind::good, {}, "signed " + hmac_sha256_hex(sha256, secret, given->signature)};
}

HookVerdict judge_secret(std::string const& secret, ports::HttpRequested const& request,
                         Hash const& sha256) {
    auto given = secret_given(request);
    // Of equal length, whatever was sent.
    bool fits = equal_in_constant_time(sha256(secret), sha256(given));
    if (given.empty()) return {Kind::refused, "it has no secret", {}};
    if (!fits) return {Kind::refused, "its secret is wrong", {}};
    return {Kind::good, {}, {}};
}

HookVerdict judge_proof(config::HookTrigger const& hook, ports::HttpRequested const& request,
                        WallTime now, Hash const& sha256) {
    switch (hook.check) {
    case config::HookTrigger::Check::secret:
        return judge_secret(hook.secret, request, sha256);
    case config::HookTrigger::Check::github:
        return judge_signature(hook.secret, header_of(request, "x-hub-signature-256"), {}, request,
                               now, sha256);
    case config::HookTrigger::Check::hmac:
        return judge_signature(hook.secret, header_of(request, lower(hook.header)),
                               header_of(request, "x-lares-timestamp"), request, now, sha256);
    }
    return {};
}

std::string form_payload(std::string_view body) {
    std::string json = "{";
    for (auto const& [name, value] : text::parse_query(body)) {
        if (json.size() > 1) json += ',';
        text::append_json(json, name);
        json += ':';
        text::append_json(json, value);
    }
    return json + "}";
}

}  // namespace

std::string_view header_of(ports::HttpRequested const& request, std::string_view name) {
    auto found = std::ranges::find(
        request.headers, name, [](auto const& header) { return std::string_view(header.first); });
    return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

HookVerdict judge_hook(config::HookTrigger const* hook, ports::HttpRequested const& request,
                       WallTime now, Hash const& sha256) {
    static config::HookTrigger const nobody{.path = "/", .secret = "x"};
    auto verdict = judge_proof(hook ? *hook : nobody, request, now, sha256);
    if (!hook) return {Kind::refused, "there is no such hook", {}};
    if (hook->secret.empty()) return {Kind::refused, "the hook has no secret yet", {}};
    if (verdict.kind != Kind::good) return verdict;
    if (static_cast<std::int64_t>(request.body.size()) > hook->max_bytes)
        return {Kind::too_large,
                "its body has " + std::to_string(request.body.size()) + " bytes; it may have " +
                    std::to_string(hook->max_bytes),
                {}};
    for (auto const* name : {"idempotency-key", "x-github-delivery"}) {
        auto key = header_of(request, name);
        if (!key.empty() && key.size() <= 512) return {Kind::good, {}, std::string(key)};
    }
    return verdict;
}

std::string hook_payload(std::string_view content_type, std::string_view body) {
    auto type = lower(content_type.substr(0, content_type.find(';')));
    if (trim(type) == "application/x-www-form-urlencoded") return form_payload(body);
    auto json = text::trim_json(body);
    if (json.empty()) return "{}";
    if (text::begins_json_object(json) && text::check_json(json)) return std::string(json);
    std::string payload = "{\"body\":";
    text::append_json(payload, body);
    return payload + "}";
}

}  // namespace lares::control
