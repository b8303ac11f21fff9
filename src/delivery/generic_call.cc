// delivery/generic_call.cc: templates filled, each for its place.

#include "delivery/generic_call.h"

#include <algorithm>

#include "delivery/message_values.h"
#include "delivery/web_answer.h"
#include "text/template.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using text::Target;

/// Which of the credentials the templates name themselves.
struct Named {
    bool has_user = false, has_token = false;
};

Result<std::string> fill(std::string const& source, text::Struct const& values, Target target,
                         std::string_view what, Named& named) {
    auto const made = text::Template::parse(source);
    if (!made) return Error(made.error()).during("'" + std::string(what) + "'");
    for (auto const& each : made->names()) {
        named.has_user = named.has_user || each == "user" || each == "password";
        named.has_token = named.has_token || each == "token";
    }
    auto filled = made->fill(values, target);
    if (!filled) return std::move(filled).error().during("'" + std::string(what) + "'");
    return filled;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

}  // namespace

bool has_header(ports::WebCall const& call, std::string_view name) {
    return std::ranges::any_of(call.headers, [&](auto const& each) {
        return each.first.size() == name.size() && same_ignoring_case(each.first, name);
    });
}

Result<ports::WebCall> generic_call(Channel const& channel, text::Struct const& values) {
    Named named;
    ports::WebCall call{
        .method = channel.method, .ca_file = channel.ca_file, .timeout = channel.timeout};
    call.url = TRY(fill(channel.url, values, Target::url, "url", named));
    for (auto const& [name, value] : channel.headers) {
        std::string filled = TRY(fill(value, values, Target::none, "headers", named));
        std::ranges::replace_if(filled, [](char c) { return c >= 0 && c < ' '; }, ' ');
        call.headers.emplace_back(name, std::move(filled));
    }
    if (!channel.body.empty()) {
        Target const target = target_of(channel.body);
        call.body = TRY(fill(channel.body, values, target, "body", named));
        if (!has_header(call, "Content-Type"))
            call.headers.emplace_back("Content-Type", content_type_of(target));
    }
    if (!channel.user.empty() && !named.has_user) {
        call.user = channel.user;
        call.password = channel.password;
    }
    if (!channel.token.empty() && !named.has_token && !has_header(call, "Authorization"))
        call.headers.emplace_back("Authorization", "Bearer " + channel.token);
    return call;
}

delivery::Answer generic_answer(Channel const& channel, ports::WebAnswer const& said,
                                Try const& attempt) {
    auto const object = object_in(said);
    std::string why;
    for (auto const* path : {"error.message", "error", "message", "description", "detail"})
        if (why.empty()) why = text_at(object, path);
    bool const is_good = said.status >= 200 && said.status < 300;
    if (is_good) why.clear();
    if (is_good && said.body.find(channel.success) == said.body.npos)
        return refused(std::to_string(said.status) + ", but the answer does not hold '" +
                       channel.success + "': " + said.body.substr(0, 200));
    auto answer = by_status(said, why, attempt.now);
    for (auto const* path : {"id", "message_id", "message.id"})
        if (is_good && answer.provider.empty()) answer.provider = text_at(object, path);
    std::erase_if(answer.provider, [](char c) { return c <= ' ' && c >= 0; });
    return answer;
}

}  // namespace lares::deliver
