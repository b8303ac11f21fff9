// daemon/messages_letter.cc: the weekly letter: when it is due, and that it is written once.
//
// Its time is the key of its deliveries, and the mark that it was written is in their commit: a
// crash at any instruction writes it once. One that was due while no daemon ran is written at the
// start, unless it would be older than a week.

#include <fmt/core.h>

#include "core/schedule.h"
#include "daemon/letter_reading.h"
#include "daemon/messages.h"

namespace lares::daemon {

namespace {

constexpr std::string_view letter_mark = "messages/letter";
constexpr Duration week{7 * 86'400'000LL};

std::int64_t seconds(WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::shared_ptr<schedule::Zone const> zone_or_utc(ports::Zones& zones, std::string const& name) {
    auto found = zones.find(name);
    return found ? *found : std::make_shared<schedule::Zone const>();
}

}  // namespace

/// After the configuration and the mark were read.
void Messages::set_up_letter() {
    letter_at_.reset();
    if (!is_loaded_ || settings_->alerts.letter_to.empty()) return;
    auto const now = hands_.clock.wall();
    if (letter_done_ == WallTime{}) {  // the first one is of the first whole week
        letter_done_ = now;
        commit({ports::SetMark{std::string(letter_mark), std::to_string(seconds(now))}});
    }
    auto zone = zone_or_utc(hands_.zones, settings_->alerts.letter_timezone);
    auto due = schedule::next_due(settings_->alerts.letter_cron, *zone,
                                  seconds(std::max(letter_done_, now - week)));
    if (due) letter_at_ = WallTime(std::chrono::seconds(due->at));
}

void Messages::look_at_letter() {
    if (!letter_at_ || is_writing_letter_ || is_ending_ || !is_settled_) return;
    auto const now = hands_.clock.wall();
    if (now < *letter_at_) return;
    // Of several that were missed the newest says it all.
    auto zone = zone_or_utc(hands_.zones, settings_->alerts.letter_timezone);
    auto due = seconds(*letter_at_);
    auto missed = schedule::missed(settings_->alerts.letter_cron, *zone, due - 1, seconds(now), 1);
    if (!missed.newest.empty()) due = missed.newest.back().at;
    write_letter(WallTime(std::chrono::seconds(due)));
}

deliver::LetterContext Messages::letter_context(std::string const& language) const {
    deliver::LetterContext context{
        .language = language.empty() ? settings_->alerts.language : language,
        .host = hands_.host,
        .zone = *zone_or_utc(hands_.zones, settings_->alerts.letter_timezone),
        .overrides = own_words()};
    for (auto const& name : budgets_.names())
        context.spent.push_back(
            fmt::format("{}: {}", name, budgets_.find(name)->standing(hands_.clock.wall()).words));
    return context;
}

void Messages::write_letter(WallTime due) {
    is_writing_letter_ = true;
    letter_at_.reset();
    read_letter(hands_.store, due - week, due, [this, due](Result<letter::Letter> letter) {
        now_ = hands_.clock.now();
        if (letter) return put_letters(due, deliver::letter_words(*letter, letter_context({})));
        is_writing_letter_ = false;
        hands_.log.error("letter: " + letter.error().what + "; it is tried again in a minute");
        letter_at_ = hands_.clock.wall() + Duration(60'000);
    });
}

void Messages::put_letters(WallTime due, deliver::LetterWords const& words) {
    message::Message message{.title = words.title, .text = words.text, .html = words.html};
    message.language = settings_->alerts.language;
    Writes writes;
    std::string names;
    for (auto const& name : settings_->alerts.letter_to)
        names += (names.empty() ? "" : ", ") + name;
    auto event =
        hands_.journal.event({.kind = "message.given",
                              .subject = fmt::format("letter/{}", seconds(due)),
                              .words = fmt::format("the letter '{}' to {}", words.title, names)});
    std::vector<delivery::Delivery> rows;
    for (auto const& name : settings_->alerts.letter_to) {
        if (settings_->find_channel(name) == nullptr) continue;
        rows.push_back({.id = hands_.store.next_id(),
                        .channel = name,
                        .key = fmt::format("letter/{}", seconds(due)),
                        .message = message::to_json(message),
                        .created = hands_.clock.wall(),
                        .source = "letter",
                        .cause = event.id});
    }
    writes.push_back(ports::PutEvent{std::move(event)});
    writes.push_back(ports::SetMark{std::string(letter_mark), std::to_string(seconds(due))});
    put(std::move(rows), std::move(writes), ports::Commit::Kind::must,
        [this, due](Result<std::vector<delivery::Id>> const& done) {
            is_writing_letter_ = false;
            if (!done) hands_.log.error("letter: " + done.error().what);
            if (done) letter_done_ = due;
            set_up_letter();
        });
}

void Messages::letter(WallTime to, std::string language,
                      std::function<void(Result<control::LetterText>)> done) {
    if (!is_loaded_)
        return done(Error{Error::Kind::unavailable, "the database is not open; try again"});
    if (to == WallTime{}) to = hands_.clock.wall();
    read_letter(hands_.store, to - week, to,
                [this, to, language, done = std::move(done)](Result<letter::Letter> letter) {
                    if (!letter) return done(Error{letter.error().kind, letter.error().what});
                    auto words = deliver::letter_words(*letter, letter_context(language));
                    done(control::LetterText{.from = to - week,
                                             .to = to,
                                             .title = std::move(words.title),
                                             .text = std::move(words.text),
                                             .page = std::move(words.page)});
                });
}

}  // namespace lares::daemon
