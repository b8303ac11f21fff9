// delivery/mastodon.cc: a message as statuses: https://docs.joinmastodon.org/methods/statuses/.
//
// Its Idempotency-Key makes a second try safe for an hour. Files go first; one that is still being
// worked on there is asked for again at a later try, since nothing here sleeps.

#include "delivery/fit.h"
#include "delivery/kinds.h"
#include "delivery/mime.h"
#include "delivery/steps.h"
#include "delivery/web_answer.h"
#include "text/length.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

constexpr Duration media_wait{5'000};
constexpr std::size_t most_files = 4;

class House {
public:
    House(Channel const& channel, Message const& message, Try const& attempt, ports::Post& post)
        : channel_(channel), message_(message), attempt_(attempt), post_(post) {
        base_ = channel.url;
        while (base_.ends_with('/')) base_.pop_back();
    }

    Answer say(std::string const& text, std::size_t number, std::string const& before,
               text::Array const& media) {
        text::Struct body{{"status", text}, {"visibility", channel_.visibility}};
        auto const& language = message_.language.empty() ? channel_.language : message_.language;
        if (!language.empty()) body.emplace_back("language", language);
        if (!before.empty()) body.emplace_back("in_reply_to_id", before);
        if (!media.empty()) body.emplace_back("media_ids", media);
        auto call = call_of("POST", "/api/v1/statuses");
        call.headers.emplace_back("Content-Type", "application/json");
        call.headers.emplace_back("Idempotency-Key", attempt_.key + "-" + std::to_string(number));
        call.body = text::to_json(body);
        return read(post_.call(call));
    }

    Answer upload(message::Attachment const& file) {
        auto call = call_of("POST", "/api/v2/media");
        auto const type = file.type.empty() ? std::string(type_of(file.name)) : file.type;
        call.parts = {{.name = "file", .file_name = file.name, .type = type, .path = file.path},
                      {.name = "description", .body = file.name}};
        return read(post_.call(call));
    }

    /// Whether a file is ready to be shown; 206 says that it is not.
    Answer await(std::string const& media) {
        auto const said = post_.call(call_of("GET", "/api/v1/media/" + media));
        if (said && said->status == 206)
            return {.outcome = Outcome::later,
                    .retry_after = media_wait,
                    .words = "the file is still being worked on there"};
        return read(said);
    }

private:
    ports::WebCall call_of(std::string method, std::string const& path) const {
        return {.method = std::move(method),
                .url = base_ + path,
                .headers = {{"Authorization", "Bearer " + channel_.token}},
                .ca_file = channel_.ca_file,
                .timeout = channel_.timeout};
    }

    Answer read(Result<ports::WebAnswer> const& said) const {
        if (!said) return unanswered(said.error(), Repeat::is_safe);
        auto const object = object_in(*said);
        std::string const why = text_at(object, "error");
        Answer answer = by_status(*said, why, attempt_.now);
        if (answer.outcome == Outcome::sent) {
            answer.provider = text_at(object, "id");
            answer.words.clear();
            if (answer.provider.empty()) {
                answer.outcome = Outcome::later;
                answer.words = "200, but no word of the status: " + said->body.substr(0, 100);
            }
        }
        if (said->status == 429)
            if (auto const wait = until(header(*said, "x-ratelimit-reset"), attempt_.now);
                wait > answer.retry_after)
                answer.retry_after = wait;
        if (said->status == 422 && why.find("finished processing") != why.npos)
            answer.outcome = Outcome::later;
        return answer;
    }

    Channel const& channel_;
    Message const& message_;
    Try const& attempt_;
    ports::Post& post_;
    std::string base_;
};

/// "@anna@example.org " for each, which a direct status is for.
std::string mentions(Channel const& channel, Message const& message) {
    std::string row;
    for (auto const& each : message.to.empty() ? channel.to : message.to)
        row += (each.starts_with("@") ? "" : "@") + each + " ";
    return row;
}

}  // namespace

Answer send_mastodon(Channel const& channel, Message const& message, Try const& attempt,
                     ports::Post& post) {
    if (channel.url.empty() || channel.token.empty())
        return blocked("there is no account; set 'url' and 'token'");
    std::string const to = mentions(channel, message);
    Budget budget = budget_of(channel);
    std::size_t const used = text::length(budget.unit, to);
    if (budget.most != 0 && used >= budget.most)
        return refused("the recipients alone are too long");
    if (budget.most != 0) budget.most -= used;
    auto const texts = fit(message, budget);
    if (!texts) return refused(texts.error().what);
    House house(channel, message, attempt, post);
    std::size_t const files = std::min(message.files.size(), most_files), before = 2 * files;
    auto const last = names_in(message.in_reply_to);
    Answer answer =
        in_steps(before + texts->size(), attempt, [&](std::size_t step, Done const& done) {
            if (step < files) return house.upload(message.files[step]);
            if (step > 0 && step < before && done[step - files] == refused_step) return refused("");
            if (step < before) return house.await(done[step - files]);
            if (step > before && done.back() == refused_step) return refused("");
            text::Array media;
            for (std::size_t i = 0; step == before && i < files; ++i)
                if (done[files + i] != refused_step) media.emplace_back(done[files + i]);
            std::string const parent = step > before  ? done.back()
                                       : last.empty() ? ""
                                                      : last.back();
            return house.say(to + (*texts)[step - before].text, step - before, parent, media);
        });
    auto const done = names_in(answer.provider);
    bool const is_said = answer.outcome != Outcome::sent || done.back() != refused_step;
    if (!is_said) answer.outcome = Outcome::refused;
    answer.units = static_cast<std::int64_t>(texts->size());
    if (message.files.size() > files && answer.outcome == Outcome::sent)
        answer.words = "only the first 4 files went along";
    return answer;
}

}  // namespace lares::deliver
