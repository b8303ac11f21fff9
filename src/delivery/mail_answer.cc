// delivery/mail_answer.cc: replies and exit codes, row by row.

#include "delivery/mail_answer.h"

#include <algorithm>

#include "delivery/mail_text.h"

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Outcome;

constexpr std::string_view resume_mark = "has:";
constexpr std::size_t peer_bytes = 500;

// clang-format off
/// Codes that mean something else than their class.
constexpr struct { int code; Outcome outcome; } replies[] = {
    {421, Outcome::blocked},  // shutting down, or too many connections
    {454, Outcome::blocked},  // no login or no TLS for now
    {530, Outcome::blocked},  // login or TLS wanted
    {534, Outcome::blocked},  // a stronger login wanted
    {535, Outcome::blocked},  // login refused
    {538, Outcome::blocked},  // login only over TLS
};
constexpr struct { int code; Outcome outcome; std::string_view words; } exits[] = {
    {64, Outcome::blocked, "it does not know these arguments"},
    {65, Outcome::refused, "the mail is faulty"},
    {67, Outcome::refused, "the recipient is unknown"},
    {68, Outcome::refused, "the recipient's host is unknown"},
    {69, Outcome::later,   "a service is unavailable"},
    {70, Outcome::later,   "an internal fault"},
    {71, Outcome::later,   "a fault of the system"},
    {72, Outcome::blocked, "a file of the system is missing"},
    {73, Outcome::later,   "a file cannot be made"},
    {74, Outcome::later,   "a file cannot be read or written"},
    {75, Outcome::later,   "try again"},
    {76, Outcome::later,   "a fault of the protocol"},
    {77, Outcome::blocked, "no permission"},
    {78, Outcome::blocked, "its configuration is faulty"},
};
// clang-format on

Outcome outcome_of(int code) {
    for (auto const& row : replies)
        if (row.code == code) return row.outcome;
    if (code >= 200 && code < 300) return Outcome::sent;
    return code >= 500 && code < 600 ? Outcome::refused : Outcome::later;
}

int code_of(std::string_view reply) {
    int code = 0;
    for (std::size_t i = 0; i < 3 && i < reply.size(); ++i)
        if (reply[i] >= '0' && reply[i] <= '9') code = code * 10 + (reply[i] - '0');
    return code;
}

std::string named(ports::MailAnswer const& answer) {
    std::string words;
    for (auto const& [address, reply] : answer.refused)
        words += (words.empty() ? "" : "; ") + address + ": " + reply;
    return words;
}

/// Some recipients, or all, were not taken.
Answer with_refusals(ports::MailAnswer const& answer, std::vector<std::string> const& recipients) {
    bool all = answer.refused.size() >= recipients.size();
    auto waits = [](auto const& each) {
        return outcome_of(code_of(each.second)) != Outcome::refused;
    };
    bool again = std::any_of(answer.refused.begin(), answer.refused.end(), waits);
    Answer result;
    result.words = words_of_peer((all ? "" : answer.words + "; but not for ") + named(answer));
    result.outcome = again ? Outcome::later : all ? Outcome::refused : Outcome::sent;
    if (again) {
        // Those who are refused for good are not asked for again: nothing changes for them.
        std::vector<std::string> done;
        for (auto const& address : recipients) {
            bool is_waiting =
                std::any_of(answer.refused.begin(), answer.refused.end(),
                            [&](auto const& each) { return each.first == address && waits(each); });
            if (!is_waiting) done.push_back(address);
        }
        result.provider = resume_after({}, done);
    }
    return result;
}

Answer failure(Error const& error) {
    bool after_data = error.kind == Error::Kind::io;
    return {.outcome = after_data ? Outcome::unsure : Outcome::blocked,
            .words = words_of_peer(error.what)};
}

}  // namespace

Answer server_answer(Result<ports::MailAnswer> const& result,
                     std::vector<std::string> const& recipients) {
    if (!result) return failure(result.error());
    auto outcome = outcome_of(result->code);
    bool taken = outcome == Outcome::sent;
    bool nobody = result->refused.size() >= recipients.size();
    if (!result->refused.empty() && (taken || (nobody && outcome != Outcome::blocked)))
        return with_refusals(*result, recipients);
    return {.outcome = outcome, .words = words_of_peer(result->words)};
}

Answer sendmail_answer(Result<ports::CommandAnswer> const& result) {
    if (!result) return failure(result.error());
    std::string said = result->output.empty() ? "" : ": " + words_of_peer(result->output);
    if (result->signal != 0)
        return {.outcome = Outcome::unsure,
                .words = "sendmail ended by signal " + std::to_string(result->signal) + said};
    if (result->code == 0) return {.outcome = Outcome::sent, .words = "sendmail took it" + said};
    std::string words = "sendmail ended with " + std::to_string(result->code);
    for (auto const& row : exits)
        if (row.code == result->code)
            return {.outcome = row.outcome,
                    .words = words + " (" + std::string(row.words) + ")" + said};
    return {.outcome = Outcome::later, .words = words + said};
}

std::vector<std::string> recipients_in(std::string_view resume) {
    std::vector<std::string> list;
    if (!resume.starts_with(resume_mark)) return list;
    resume.remove_prefix(resume_mark.size());
    while (!resume.empty()) {
        auto end = std::min(resume.find(' '), resume.size());
        if (end > 0) list.emplace_back(resume.substr(0, end));
        resume.remove_prefix(std::min(end + 1, resume.size()));
    }
    return list;
}

std::string resume_after(std::vector<std::string> before, std::vector<std::string> const& now) {
    before.insert(before.end(), now.begin(), now.end());
    if (before.empty()) return {};
    std::string out(resume_mark);
    for (auto const& address : before) out += " " + address;
    return out;
}

std::string words_of_peer(std::string_view said) {
    std::string line = one_line(said.substr(0, 4 * peer_bytes));
    if (line.size() <= peer_bytes) return line;
    std::size_t end = peer_bytes;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    return line.substr(0, end) + "…";
}

}  // namespace lares::deliver
