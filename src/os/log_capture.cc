// os/log_capture.cc: looking for the two tokens.

#include "os/log_capture.h"

#include <algorithm>
#include <utility>

namespace lares::os {

namespace {

constexpr std::string_view begin_token = "<!--XSUPERVISOR:BEGIN-->";
constexpr std::string_view end_token = "<!--XSUPERVISOR:END-->";
/// Beyond its most, so that a long text is not moved for each chunk of it.
constexpr std::size_t slack_bytes = 64u << 10;

/// The longest end of `bytes` that may be the beginning of `token`.
std::size_t partial_size(std::string_view bytes, std::string_view token) {
    std::size_t size = std::min(bytes.size(), token.size() - 1);
    while (size > 0 && bytes.substr(bytes.size() - size) != token.substr(0, size)) --size;
    return size;
}

}  // namespace

void Capture::write(std::string_view chunk, std::string& plain,
                    std::vector<std::string>& captured) {
    std::string joined;
    if (!partial_.empty()) chunk = joined = std::exchange(partial_, {}).append(chunk);
    while (true) {
        std::string_view token = inside_ ? end_token : begin_token;
        std::size_t at = chunk.find(token);
        if (at == chunk.npos) break;
        put(chunk.substr(0, at), plain);
        if (inside_) captured.push_back(take_text());
        inside_ = !inside_;
        chunk.remove_prefix(at + token.size());
    }
    std::size_t waiting = partial_size(chunk, inside_ ? end_token : begin_token);
    put(chunk.substr(0, chunk.size() - waiting), plain);
    partial_ = chunk.substr(chunk.size() - waiting);
}

void Capture::finish(std::string& plain) {
    if (std::exchange(inside_, false)) plain.append(take_text());
    plain.append(std::exchange(partial_, {}));
}

void Capture::put(std::string_view bytes, std::string& plain) {
    if (inside_) return keep(bytes);
    plain.append(bytes);
}

void Capture::keep(std::string_view bytes) {
    text_.append(bytes);
    if (text_.size() > 2 * most_ + slack_bytes) text_.erase(0, text_.size() - most_);
}

std::string Capture::take_text() {
    std::string text = std::exchange(text_, {});
    if (text.size() > most_) text.erase(0, text.size() - most_);
    return text;
}

std::string Capture::save(std::size_t most) const {
    if (is_clean()) return {};
    // Which token is meant, then how long its beginning is, tell the two apart.
    std::string out{inside_ ? 'I' : 'O', static_cast<char>(partial_.size())};
    out.append(partial_);
    std::size_t room = std::min(most - std::min(most, out.size()), most_);
    return out.append(std::string_view(text_).substr(text_.size() - std::min(text_.size(), room)));
}

void Capture::restore(std::string_view saved) {
    *this = Capture(most_);
    if (saved.size() < 2) return;
    inside_ = saved[0] == 'I';
    partial_ = saved.substr(2, static_cast<std::size_t>(saved[1]));
    text_ = saved.substr(2 + partial_.size());
}

}  // namespace lares::os
