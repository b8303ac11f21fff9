// control/http_acknowledge.cc: the link in a message by which its reader says "I have it".
//
// Whoever holds the message may: its token stands for that. A GET only asks, because mail servers
// and messengers follow links before people do; the button's POST acts.

#include <utility>

#include "control/http_work.h"
#include "control/message_house.h"
#include "control/pages.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

constexpr std::string_view prefix = "/ack/";

std::string ask_page(job::Id id, std::string_view target, std::string_view words) {
    return form_page("Alert " + std::to_string(id), words, target, "I have it in hand");
}

}  // namespace

void WorkFace::acknowledge(Request const& request, std::string_view path) {
    auto rest = path.substr(prefix.size());
    auto slash = rest.find('/');
    auto id = id_of(rest.substr(0, slash));
    auto token = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
    if (!id || !house_.messages().is_acknowledge_token(*id, token)) {
        doorman_.note("ack", "refused a link of an alert from " + address_of(request.peer));
        auto reply = page_reply(404, words_page("There is nothing here",
                                                "This link is not, or no longer, one of ours."));
        reply.hold = doorman_.hold_after_failure(request.peer);
        return wire_.reply(request.request, std::move(reply));
    }
    std::string words = "It is over, or somebody ended it.";
    bool is_open = false;
    for (auto const& info : house_.messages().open_alerts())
        if (info.row.id == *id) {
            is_open = true;
            words = info.row.who.empty()
                        ? info.row.subject + ": " + std::to_string(info.members.size()) +
                              " problems. Nobody is told of it again while somebody has it in hand."
                        : info.row.who + " has it in hand already.";
        }
    if (request.method != "POST" || !is_open)
        return wire_.reply(
            request.request,
            page_reply(200, is_open ? ask_page(*id, path, words)
                                    : words_page("Alert " + std::to_string(*id), words)));
    auto who = "the link of its message, from " + address_of(request.peer);
    house_.messages().acknowledge(
        *id, who, Duration(0), [this, request = request.request, id = *id](Result<> const& done) {
            wire_.reply(request,
                        page_reply(done ? 200 : 503,
                                   words_page("Alert " + std::to_string(id),
                                              done ? "Thank you. It is noted that you have it in "
                                                     "hand, and nobody is woken for it."
                                                   : done.error().what)));
        });
}

}  // namespace lares::control
