// apps/capture/sessions.cc: a line a session: digest, begun, used, what is sealed in hexadecimal.

#include "apps/capture/sessions.h"

#include <algorithm>
#include <sstream>

#include "apps/capture/disk.h"
#include "apps/capture/whole_number.h"
#include "base/constant_time.h"
#include "base/sha256.h"
#include "text/base64.h"

namespace lares::capture {

namespace {

constexpr std::string_view first_line = "lares-capture sessions 1";
constexpr std::size_t block = 32, digest_digits = 64;
/// An authorization is less than 2,000 bytes.
constexpr std::size_t most_file_bytes = Sessions::most * 4'000;

}  // namespace

Sessions::Sessions(SessionTools tools) : tools_(std::move(tools)) {
    if (!disk::exists(tools_.path)) return;
    auto const text = disk::read_all(tools_.path, most_file_bytes);
    if (text)
        read(*text);
    else
        tools_.log("sessions are begun anew: " + text.error().what);
    forget_old();
}

Sessions::~Sessions() {
    if (!is_kept_) keep();
}

void Sessions::read(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::string line;
    if (!std::getline(lines, line) || line != first_line)
        return tools_.log("'" + tools_.path + "' is no file of sessions: they are begun anew");
    while (held_.size() < most && std::getline(lines, line)) {
        std::istringstream words(line);
        std::string digest, begun, used, sealed;
        words >> digest >> begun >> used >> sealed;
        auto const begun_ms = whole_number(begun), used_ms = whole_number(used);
        auto const bytes = text::decode_hex(sealed);
        bool const is_whole =
            digest.size() == digest_digits && begun_ms && used_ms && bytes && bytes->size() > block;
        if (is_whole) held_[digest] = {*begun_ms, *used_ms, *bytes};
    }
}

std::string Sessions::stream_over(std::string_view cookie, std::string bytes) const {
    std::string pad;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i % block == 0) pad = tools_.hmac(cookie, "seal " + std::to_string(i / block));
        bytes[i] = static_cast<char>(bytes[i] ^ pad[i % block]);
    }
    return bytes;
}

std::string Sessions::proof_of(std::string_view cookie, std::string_view sealed) const {
    return tools_.hmac(cookie, "proof " + std::string(sealed));
}

std::string Sessions::key_of(std::string_view cookie) const {
    return text::encode_hex(tools_.hmac(cookie, "form")).substr(0, 32);
}

bool Sessions::is_over(Session const& session) const {
    auto const now = tools_.now_ms();
    // A clock that was put back makes no session longer than one that was just used.
    bool const is_of_the_future = session.used > now + idle_ms || session.begun > now + longest_ms;
    return is_of_the_future || now - session.used > idle_ms || now - session.begun > longest_ms;
}

void Sessions::forget_old() {
    auto const before = held_.size();
    std::erase_if(held_, [&](auto const& each) { return is_over(each.second); });
    if (held_.size() != before) is_kept_ = false;
}

std::string Sessions::begin(std::string_view authorization) {
    forget_old();
    if (held_.size() >= most)
        held_.erase(
            std::ranges::min_element(held_, {}, [](auto const& each) { return each.second.used; }));
    auto const cookie = text::encode_hex(tools_.random(block));
    auto const sealed = stream_over(cookie, std::string(authorization));
    auto const now = tools_.now_ms();
    held_[sha256_hex(cookie)] = {now, now, proof_of(cookie, sealed) + sealed};
    keep();
    return cookie;
}

std::string Sessions::find(std::string_view cookie) {
    auto const found = held_.find(sha256_hex(cookie));
    if (found == held_.end()) return {};
    auto& session = found->second;
    auto const sealed = std::string_view(session.sealed).substr(block);
    bool const is_good = equal_in_constant_time(std::string_view(session.sealed).substr(0, block),
                                                proof_of(cookie, sealed));
    if (!is_good || is_over(session)) {
        held_.erase(found);
        keep();
        return {};
    }
    session.used = tools_.now_ms();
    is_kept_ = false;
    auto authorization = stream_over(cookie, std::string(sealed));
    if (session.used - kept_at_ >= kept_every_ms || session.used < kept_at_) keep();
    return authorization;
}

void Sessions::end(std::string_view cookie) {
    if (held_.erase(sha256_hex(cookie)) > 0) keep();
}

void Sessions::keep() {
    std::string text(first_line);
    text += '\n';
    for (auto const& [digest, session] : held_)
        text += digest + " " + std::to_string(session.begun) + " " + std::to_string(session.used) +
                " " + text::encode_hex(session.sealed) + "\n";
    kept_at_ = tools_.now_ms();
    auto kept = disk::replace(tools_.path, text, disk::Readers::owner);
    is_kept_ = kept.ok();
    if (!kept) tools_.log("sessions end with this page: " + kept.error().what);
}

}  // namespace lares::capture
