// delivery/sms.cc: an SMS through smsc.ua and its sisters, or through any gateway with HTTP.
//
// Source of the former: https://smsc.ua/api/http/ (send.php and status.php with fmt=3, error codes
// 1 to 9; www2 is its second host). Each number is a call of its own, so that one wrong number
// stops no other; our number of it makes a second try safe: status.php knows it.

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/sha256.h"
#include "delivery/fit.h"
#include "delivery/generic_call.h"
#include "delivery/kinds.h"
#include "delivery/message_values.h"
#include "delivery/steps.h"
#include "delivery/web_answer.h"
#include "text/links.h"
#include "text/query.h"
#include "text/sms_size.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;

constexpr std::string_view usual_url = "https://smsc.ua";
constexpr Duration repeat_wait{60'000};  // code 9: the same again within a minute
constexpr int not_found = 3;             // of status.php

std::string form(text::Fields const& fields) {
    std::string body;
    for (auto const& [name, value] : fields)
        body += (body.empty() ? "" : "&") + name + "=" + text::encode_percent(value);
    return body;
}

/// "1.40" in millionths; 0: no number.
std::int64_t micros(std::string_view price) {
    double value = 0;
    auto const [end, code] = std::from_chars(price.data(), price.data() + price.size(), value);
    bool const is_price = code == std::errc() && value > 0 && value < 1e6;
    return is_price ? static_cast<std::int64_t>(value * 1e6 + 0.5) : 0;
}

/// One SMS to one number.
struct Sms {
    std::string number, text;
    std::string id;  // ours, of 31 bits
};

Sms make_sms(std::string number, std::string text, Try const& attempt, std::size_t step) {
    std::string const hash =
        sha256_hex(attempt.key + "\n" + number + "\n" + std::to_string(step)).substr(0, 8);
    auto const id = std::stoul(hash, nullptr, 16) & 0x7FFFFFFF;
    return {std::move(number), std::move(text), std::to_string(std::max(id, 1ul))};
}

/// What smsc said, in either of its forms.
struct Said {
    std::string id, words;
    int error = 0;
    std::int64_t count = 0, cost_micros = 0;
};

/// "id,count,cost,balance" or "id,-code" (fmt=1), which it gives in spite of fmt=3 at times.
std::optional<Said> read_commas(std::string_view body) {
    std::vector<std::string> parts(1);
    for (char c : body) {
        if (c == ',')
            parts.emplace_back();
        else if (c > ' ')
            parts.back() += c;
    }
    auto number = [&](std::size_t i) {
        int value = 0;
        if (i < parts.size())
            std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), value);
        return value;
    };
    if (parts.size() == 2 && number(1) < 0) return Said{parts[0], "", -number(1)};
    if (parts.size() == 4 && number(1) > 0)
        return Said{parts[0], "", 0, number(1), micros(parts[2])};
    return {};
}

std::optional<Said> read_answer(ports::WebAnswer const& answer) {
    auto const object = object_in(answer);
    std::string const code = text_at(object, "error_code");
    Said said{text_at(object, "id"), text_at(object, "error")};
    auto number = [](std::string const& text) {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    };
    said.error = static_cast<int>(number(code));
    said.count = number(text_at(object, "cnt"));
    said.cost_micros = micros(text_at(object, "cost"));
    if (said.error != 0 || !said.id.empty() || !text_at(object, "status").empty()) return said;
    return read_commas(answer.body.substr(0, 200));
}

struct Code {
    int code;
    Outcome outcome;
    std::string_view words;
};
// clang-format off
constexpr Code codes[] = {
    {1, Outcome::refused, "wrong parameters"},
    {2, Outcome::blocked, "login or password refused"},
    {3, Outcome::blocked, "no money on the account"},
    {4, Outcome::blocked, "our address is blocked for a while after many errors"},
    {5, Outcome::refused, "wrong date"},
    {6, Outcome::refused, "the text or the sender is forbidden"},
    {7, Outcome::refused, "wrong number"},
    {8, Outcome::refused, "it cannot be delivered to this number"},
    {9, Outcome::limited, "the same message again within a minute"},
};
// clang-format on

Answer of_code(Said const& said, int attempt) {
    for (Code const& row : codes) {
        if (row.code != said.error) continue;
        Answer answer{.outcome = row.outcome,
                      .words = "error " + std::to_string(row.code) + ": " +
                               (said.words.empty() ? std::string(row.words) : said.words)};
        if (row.code == 9) answer.retry_after = repeat_wait;
        if (row.code == 9 && attempt > 1) {
            answer.outcome = Outcome::sent;
            answer.words = "taken at an earlier try";
        }
        return answer;
    }
    return {.outcome = Outcome::later,
            .words = "unknown error " + std::to_string(said.error) + " " + said.words};
}

class Smsc {
public:
    Smsc(Channel const& channel, Try const& attempt, ports::Post& post)
        : channel_(channel),
          attempt_(attempt),
          post_(post),
          base_(channel.url.empty() ? std::string(usual_url) : channel.url) {
        while (base_.ends_with('/')) base_.pop_back();
    }

    Answer send(Sms const& sms) {
        if (attempt_.attempt > 1)
            if (auto const known = ask(sms)) return *known;
        auto fields = login();
        fields.insert(fields.end(), {{"phones", sms.number},
                                     {"mes", sms.text},
                                     {"id", sms.id},
                                     {"charset", "utf-8"},
                                     {"cost", "3"}});
        if (!channel_.from.empty()) fields.emplace_back("sender", channel_.from);
        auto const answer = call("/sys/send.php", fields);
        if (!answer) return unanswered(answer.error(), Repeat::is_safe);
        if (answer->status != 200) return by_status(*answer, "", attempt_.now);
        auto const said = read_answer(*answer);
        if (!said)  // whether it was taken, the next try asks
            return {.outcome = Outcome::later,
                    .words = "no answer of smsc: " + answer->body.substr(0, 100)};
        if (said->error != 0) return of_code(*said, attempt_.attempt);
        return {.outcome = Outcome::sent,
                .provider = said->id.empty() ? sms.id : said->id,
                .cost_micros = said->cost_micros,
                .units = std::max<std::int64_t>(said->count, 1)};
    }

private:
    /// Whether an earlier try was taken; none: it was not.
    std::optional<Answer> ask(Sms const& sms) {
        auto fields = login();
        fields.insert(fields.end(), {{"phone", sms.number}, {"id", sms.id}});
        auto const answer = call("/sys/status.php", fields);
        if (!answer) return unanswered(answer.error(), Repeat::is_safe);
        if (answer->status != 200) return by_status(*answer, "", attempt_.now);
        std::string const status = text_at(object_in(*answer), "status");
        if (status == "-3") return {};
        if (!status.empty())
            return Answer{
                .outcome = Outcome::sent, .provider = sms.id, .words = "taken at an earlier try"};
        auto const said = read_answer(*answer);
        if (said && said->error == not_found) return {};
        if (said && said->error != 0) return of_code(*said, 1);
        return Answer{.outcome = Outcome::later,
                      .words = "no answer of smsc: " + answer->body.substr(0, 100)};
    }

    text::Fields login() const {
        if (!channel_.token.empty()) return {{"apikey", channel_.token}, {"fmt", "3"}};
        return {{"login", channel_.user}, {"psw", channel_.password}, {"fmt", "3"}};
    }

    /// At the second host when there is no way to the first.
    Result<ports::WebAnswer> call(std::string const& path, text::Fields const& fields) {
        ports::WebCall call{.url = base_ + path,
                            .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                            .body = form(fields),
                            .ca_file = channel_.ca_file,
                            .timeout = channel_.timeout};
        auto answer = post_.call(call);
        bool const has_second =
            text::has_public_host(base_) && base_.find("://www2.") == base_.npos;
        if (answer || answer.error().kind != Error::Kind::unavailable || !has_second) return answer;
        call.url.insert(call.url.find("://") + 3, "www2.");
        return post_.call(call);
    }

    Channel const& channel_;
    Try const& attempt_;
    ports::Post& post_;
    std::string base_;
};

Answer send_generic(Channel const& channel, Message const& message, Sms const& sms,
                    Try const& attempt, ports::Post& post) {
    auto values = values_of(channel, message, attempt);
    for (auto& [name, value] : values) {
        if (name == "to") value = sms.number;
        if (name == "text") value = sms.text;
    }
    Channel with = channel;
    if (with.body.empty() && with.method == "POST")
        with.body = "to={{to}}&text={{text}}{{#from}}&from={{from}}{{/from}}";
    auto const call = generic_call(with, values);
    if (!call) return blocked(call.error().what);
    auto const said = post.call(*call);
    if (!said) return unanswered(said.error(), Repeat::may_double);
    auto answer = generic_answer(channel, *said, attempt);
    answer.units = static_cast<std::int64_t>(text::sms_size(sms.text).parts);
    return answer;
}

bool is_in_the_open(std::string_view url) {
    auto const host = url.substr(std::min<std::size_t>(url.size(), 7));
    return url.starts_with("http://") && !host.starts_with("127.") &&
           !host.starts_with("localhost") && !host.starts_with("[::1]");
}

}  // namespace

Answer send_sms(Channel const& channel, Message const& message, Try const& attempt,
                ports::Post& post) {
    auto const& numbers = message.to.empty() ? channel.to : message.to;
    if (numbers.empty()) return refused("there is no number to send it to; set 'to'");
    bool const is_smsc = channel.shape_name.empty() || channel.shape_name == "smsc";
    if (is_smsc && is_in_the_open(channel.url))
        return blocked("the password would go over the line in the clear; 'url' must be https");
    if (!is_smsc && channel.url.empty()) return blocked("there is no gateway; set 'url'");
    auto const texts = fit(message, budget_of(channel));
    if (!texts) return refused(texts.error().what);
    Smsc smsc(channel, attempt, post);
    return in_steps(
        numbers.size() * texts->size(), attempt, [&](std::size_t step, Done const& done) {
            std::size_t const part = step % texts->size();
            if (part > 0 && done.back() == refused_step) return refused("");
            Sms const sms =
                make_sms(numbers[step / texts->size()], (*texts)[part].text, attempt, step);
            Answer answer =
                is_smsc ? smsc.send(sms) : send_generic(channel, message, sms, attempt, post);
            if (answer.outcome == Outcome::refused) answer.words = sms.number + ": " + answer.words;
            return answer;
        });
}

}  // namespace lares::deliver
