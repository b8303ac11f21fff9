// daemon/messages_tokens.cc: refresh tokens that a service exchanged (OAuth 2).
//
// The configured one is good once; what came for it is kept in a file of ours, 0600 in the state
// directory, and not in the database, of which people make copies. It is written before the
// receipts that hold it are removed. A person who writes another token into the configuration is
// believed: what was kept belongs to the hash of the one it came for.

#include <fmt/core.h>

#include "daemon/messages.h"

namespace lares::daemon {

namespace {

constexpr std::size_t most_token = 16u << 10;

std::string path_of(std::string const& directory, std::string const& channel) {
    return directory + "/outbox/token-" + channel;
}

}  // namespace

void Messages::load_tokens(std::function<void()> then) {
    auto kept = std::make_shared<std::map<std::string, std::string>>();
    if (settings_ != nullptr)
        for (auto const& each : settings_->channels)
            if (!each.channel.refresh_token.empty()) (*kept)[each.channel.name];
    if (kept->empty() || !hands_.read_tail) return then();
    hands_.worker.run(
        [kept, read = hands_.read_tail, directory = state_directory_] {
            for (auto& [channel, text] : *kept)
                if (auto found = read(path_of(directory, channel), most_token))
                    text = std::move(*found);
        },
        [this, kept, then = std::move(then)] {
            for (auto const& [channel, text] : *kept) {
                auto end = text.find('\n');
                if (end == text.npos || tokens_.contains(channel)) continue;
                tokens_[channel] = {text.substr(0, end), text.substr(end + 1)};
            }
            then();
        });
}

std::string Messages::token_of(channel::Channel const& channel) const {
    auto kept = tokens_.find(channel.name);
    bool is_its = kept != tokens_.end() && hands_.sha256 &&
                  kept->second.configured == hands_.sha256(channel.refresh_token);
    return is_its ? kept->second.token : channel.refresh_token;
}

void Messages::keep_token(std::string const& name, std::string const& token) {
    auto const* channel = settings_->find_channel(name);
    if (channel == nullptr || token.empty() || !hands_.sha256) return;
    auto& kept = tokens_[name];
    kept = {hands_.sha256(channel->channel.refresh_token), token};
    if (!hands_.write_file) return;
    auto done = std::make_shared<Result<>>();
    hands_.worker.run(
        [done, path = path_of(state_directory_, name), write = hands_.write_file,
         text = kept.configured + "\n" + kept.token] { *done = write(path, text); },
        [this, done, name] {
            if (*done) return;
            hands_.log.error(fmt::format(
                "channel '{}': its new refresh token cannot be kept: {}; after a restart nobody "
                "may get in",
                name, done->error().what));
        });
}

}  // namespace lares::daemon
