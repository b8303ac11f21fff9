// daemon/messages_digest.cc: what a channel gathers: messages wait as deliveries of their own, and
// at the digest's time one delivery takes the place of them all.
//
// Each is in the store from its making on, with the digest's time as its not_before. The digest
// and the end of what it gathers are one commit: kill -9 at any instruction leaves either all of
// them waiting or all of them gathered. One by itself goes out as it is.

#include <fmt/core.h>

#include <algorithm>

#include "core/local_time.h"
#include "daemon/messages.h"

namespace lares::daemon {

using delivery::Delivery;

namespace {

/// Of one message in a digest: title, and text.
constexpr std::size_t most_title = 200, most_text = 1'000;
/// Texts of all of them together: beyond it only titles are given.
constexpr std::size_t most_texts = 200'000;

alert::Severity severity_of(std::string_view word) {
    using alert::Severity;
    for (auto severity : {Severity::warning, Severity::error, Severity::critical})
        if (alert::name(severity) == word) return severity;
    return Severity::info;
}

/// Whole characters.
std::string cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) most -= 1;
    return std::string(text.substr(0, most)) + "…";
}

std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        if (end > 0) out.append("    ").append(text.substr(0, end)).append("\n");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace

std::optional<WallTime> Messages::digest_time(std::string_view name,
                                              message::Message const& message,
                                              Delivery const& row) const {
    auto const* channel = settings_->find_channel(name);
    if (channel == nullptr || !channel->digest.is_on()) return std::nullopt;
    bool goes_at_once = severity_of(message.severity) >= channel->digest.at_once ||
                        row.source == "digest" || row.source == "letter" || row.source == "test" ||
                        !message.files.empty() || !message.to.empty() || row.attempts > 0;
    if (goes_at_once) return std::nullopt;
    auto found = hands_.zones.find(channel->timezone);
    auto const zone = found ? **found : schedule::Zone{};
    auto const now = std::max(hands_.clock.wall(), row.not_before);
    auto const day = local_day(zone, now);
    if (channel->digest.at_minute >= 0) {
        auto at = instant_at(zone, day, channel->digest.at_minute);
        return at > now ? at : instant_at(zone, day + 1, channel->digest.at_minute);
    }
    // Full hours and the like, as clocks there show them.
    auto const every = channel->digest.every;
    auto const offset = Duration(
        1'000LL * schedule::offset_at(zone, now.time_since_epoch() / std::chrono::seconds(1)));
    auto const local = now.time_since_epoch() + offset;
    return now + (every - local % every);
}

/// Called as a delivery is taken up; whether it is one of a digest is seen by its state alone.
void Messages::note_for_digest(Delivery const& row, message::Message const& message) {
    if (row.state != delivery::State::waiting || !digest_time(row.channel, message, row)) return;
    digests_[row.channel][row.id] = {.due = row.not_before,
                                     .created = row.created,
                                     .title = cut(message.title, most_title),
                                     .text = cut(message.text, most_text),
                                     .link = message.link,
                                     .severity = message.severity};
}

std::optional<WallTime> Messages::next_digest() const {
    std::optional<WallTime> earliest;
    for (auto const& [channel, waiting] : digests_)
        for (auto const& [id, each] : waiting)
            if (!earliest || each.due < *earliest) earliest = each.due;
    return earliest;
}

void Messages::look_at_digests() {
    if (!is_settled_ || is_ending_) return;
    auto const now = hands_.clock.wall();
    for (auto& [channel, waiting] : digests_) {
        std::vector<delivery::Id> due;
        for (auto const& [id, each] : waiting)
            if (each.due <= now) due.push_back(id);
        // One by itself needs no other form: the outbox sends it, now that its time has come.
        if (due.size() > 1) gather(channel, due);
        for (auto id : due) waiting.erase(id);
    }
    std::erase_if(digests_, [](auto const& each) { return each.second.empty(); });
}

void Messages::gather(std::string const& channel, std::vector<delivery::Id> const& ids) {
    auto const now = hands_.clock.wall();
    auto const* settings = settings_->find_channel(channel);
    auto const language = settings == nullptr ? std::string("en") : settings->channel.language;
    auto zone = hands_.zones.find(settings == nullptr ? std::string() : settings->timezone);
    auto const& waiting = digests_.at(channel);
    auto const digest = hands_.store.next_id();
    Writes writes;
    message::Message message;
    auto gravest = alert::Severity::info;
    std::size_t count = 0, texts = 0;
    for (auto id : ids) {
        auto change =
            outbox_.drop(id, fmt::format("in digest {}", digest), now, delivery::State::gathered);
        if (!change) continue;
        auto const& each = waiting.at(id);
        gravest = std::max(gravest, severity_of(each.severity));
        message.text += fmt::format(
            "- {}  {}\n", clock_words(zone ? **zone : schedule::Zone{}, each.created, now),
            each.title);
        if (texts + each.text.size() <= most_texts) message.text += indented(each.text);
        texts += each.text.size();
        if (!each.link.empty()) message.text += "    " + each.link + "\n";
        count += 1;
        add_change(*change, writes);
    }
    if (count == 0) return;
    message.title =
        words::say("digest.title", language,
                   {{"count", std::to_string(count)}, {"channel", channel}}, own_words());
    message.language = language;
    message.severity = alert::name(gravest);
    put({{.id = digest,
          .channel = channel,
          .message = message::to_json(message),
          .created = now,
          .source = "digest"}},
        std::move(writes), ports::Commit::Kind::must,
        [this](Result<std::vector<delivery::Id>> const& done) {
            if (!done) hands_.log.error("digest: " + done.error().what);
        });
}

}  // namespace lares::daemon
