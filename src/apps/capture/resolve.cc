// apps/capture/resolve.cc: redirects, step by step.

#include "apps/capture/resolve.h"

#include <algorithm>

#include "apps/capture/urls.h"
#include "delivery/web_answer.h"
#include "text/json.h"

namespace lares::capture {

namespace {

constexpr std::int64_t hour_ms = 3'600'000, most_tries = 5;
/// Of one header and of all of one step: who shortens links may put anything there.
constexpr std::size_t header_most = 2'000, headers_most = 8'000;

Result<ports::WebAnswer> look(ports::Links& links, std::string const& url) {
    auto answer = TRY(links.look("HEAD", url));
    // Many servers answer HEAD wrongly, not only with the 405 that says so.
    if (answer.status >= 400 && answer.status != 429) return links.look("GET", url);
    return answer;
}

bool points_on(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

ports::Headers bounded(ports::Headers const& headers) {
    ports::Headers out;
    std::size_t bytes = 0;
    for (auto const& [name, value] : headers) {
        bytes += name.size() + std::min(value.size(), header_most);
        if (bytes > headers_most) break;
        out.emplace_back(name, value.substr(0, header_most));
    }
    return out;
}

}  // namespace

Resolved resolve_link(ports::Links& links, std::string const& start) {
    Resolved out;
    auto ended = [&](Resolved::State state, std::string words) {
        out.state = state;
        out.words = std::move(words);
        return out;
    };
    std::string url = redirected(start, start);
    if (url.empty()) return ended(Resolved::State::refused, "it is no http or https URL");
    for (;;) {
        auto const answer = look(links, url);
        if (!answer) {
            auto const kind = answer.error().kind;
            bool const is_final = kind == Error::Kind::denied || kind == Error::Kind::invalid;
            return ended(is_final ? Resolved::State::refused : Resolved::State::later,
                         answer.error().what);
        }
        out.steps.push_back({answer->status, url, bounded(answer->headers)});
        if (answer->status == 429 || answer->status >= 500)
            return ended(Resolved::State::later, "it answers " + std::to_string(answer->status));
        if (!points_on(answer->status)) return out;
        auto next = redirected(url, deliver::header(*answer, "location"));
        if (next.empty())
            return ended(Resolved::State::refused, "it leads to no http or https URL");
        bool const is_circle =
            std::ranges::any_of(out.steps, [&](LinkStep const& step) { return step.url == next; });
        if (is_circle) return ended(Resolved::State::refused, "it leads in a circle");
        if (out.steps.size() >= most_steps)
            return ended(Resolved::State::refused,
                         "it leads on after " + std::to_string(most_steps) + " steps");
        url = std::move(next);
    }
}

std::string print_chain(std::vector<LinkStep> const& steps) {
    std::string out = "[";
    for (auto const& step : steps) {
        out += out.size() > 1 ? ",{\"status\":" : "{\"status\":";
        text::append_json(out += std::to_string(step.status) + ",\"url\":", step.url);
        out += ",\"headers\":{";
        bool is_first = true;
        for (auto const& [name, value] : step.headers) {
            if (!is_first) out += ',';
            is_first = false;
            text::append_json(out, name);
            text::append_json(out += ':', value);
        }
        out += "}}";
    }
    return out + "]";
}

std::int64_t retry_link_after_ms(std::int64_t tries) {
    if (tries < 1 || tries >= most_tries) return 0;
    return hour_ms << 2 * (tries - 1);
}

}  // namespace lares::capture
