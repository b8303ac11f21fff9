// apps/capture/site.cc: which address is which view, and what an answer looks like.

#include "apps/capture/site.h"
#include "apps/capture/disk.h"
#include "apps/capture/phrases.h"

#include <algorithm>

namespace lares::capture {

struct Site::ViewRow {
    std::string_view path, section;
    Word title;
    View view;
};
struct Site::ActRow {
    std::string_view path;
    Rights least;
    Act act;
};
// clang-format off
Site::ViewRow const Site::views_[] = {
    {"/",         "/",         Word::overview, &Site::overview},
    {"/captures", "/captures", Word::captures, &Site::captures},
    {"/capture",  "/captures", Word::one_capture, &Site::capture},
    {"/posts",    "/posts",    Word::posts,    &Site::posts},
    {"/accounts", "/accounts", Word::accounts, &Site::accounts},
    {"/account",  "/accounts", Word::account,  &Site::account},
    {"/sets",     "/sets",     Word::sets,     &Site::sets},
    {"/set",      "/sets",     Word::one_set,  &Site::set},
    {"/jobs",     "/jobs",     Word::jobs,     &Site::jobs},
    {"/work",     "/work",     Word::work,     &Site::works},
};
Site::ActRow const Site::acts_[] = {
    {"/capture",        Rights::operators, &Site::save_capture},
    {"/capture/switch", Rights::operators, &Site::switch_capture},
    {"/capture/remove", Rights::admin,     &Site::remove_capture},
    {"/try",            Rights::operators, &Site::try_filter},
    {"/index",          Rights::operators, &Site::index_posts},
    {"/takedown",       Rights::admin,     &Site::take_down},
    {"/sets",           Rights::operators, &Site::change_set},
    {"/set",            Rights::operators, &Site::change_members},
    {"/set/remove",     Rights::admin,     &Site::remove_set},
    {"/accounts",       Rights::operators, &Site::add_accounts},
    {"/accounts/refresh", Rights::operators, &Site::refresh_accounts},
    {"/credentials",    Rights::admin,     &Site::keep_credential},
    {"/credentials/remove", Rights::admin, &Site::remove_credential},
    {"/exports",        Rights::operators, &Site::start_export},
    {"/exports/remove", Rights::operators, &Site::remove_file},
};
// clang-format on

namespace {

ports::HttpReply plain_reply(int status, std::string type, std::string body) {
    return {status, {{"Content-Type", std::move(type)}}, std::move(body)};
}

PageReply guarded(PageReply reply) {
    auto& headers = reply.head.headers;
    headers.emplace_back("Content-Security-Policy", page_policy());
    headers.emplace_back("X-Content-Type-Options", "nosniff");
    headers.emplace_back("Referrer-Policy", "same-origin");
    headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    bool const is_known = std::ranges::any_of(
        headers, [](auto const& each) { return each.first == "Cache-Control"; });
    if (!is_known) headers.emplace_back("Cache-Control", "no-store");
    return reply;
}

int status_of(Error::Kind kind) {
    switch (kind) {
    case Error::Kind::invalid:
        return 400;
    case Error::Kind::not_found:
        return 404;
    case Error::Kind::conflict:
        return 409;
    case Error::Kind::unavailable:
        return 503;
    case Error::Kind::denied:
        return 403;
    case Error::Kind::io:
        return 500;
    }
    return 500;
}

/// A place on this page, and nowhere else.
bool is_own_address(std::string_view text) {
    return text.starts_with('/') && text.size() < 2'000 && !text.starts_with("//") &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c != '\\' && c != '\x7F'; });
}

}  // namespace

Site::Site(App& app, Rights open, Transport transport)
    : app_(app),
      open_(open),
      transport_(transport),
      secret_(app.post.random_bytes(32)),
      sessions_({.path = app.home + "/sessions",
                 .hmac =
                     [&app](auto key, auto bytes) {
                         return app.post.hmac(ports::Post::Digest::sha256, key, bytes);
                     },
                 .random = [&app](std::size_t count) { return app.post.random_bytes(count); },
                 .now_ms = [&app] { return app.now().wall_ms; },
                 .log = app.log}),
      shut_file_(app.home + "/sign-in-asked"),
      is_shut_(open != Rights::none && disk::exists(shut_file_)),
      watch_(
          make_watch(app, open == Rights::none ? Sight::Asks::programs : Sight::Asks::users_too)),
      works_(make_works(app)) {}
Site::~Site() = default;

PageReply Site::shown(Request const& request, std::string const& title, Html const& body,
                      int status, std::string_view section) {
    bool const is_signed_in = request.visitor.rights != Rights::none;
    auto const sight = is_signed_in ? watch_->look() : Sight{};
    Frame frame{.tongue = request.tongue,
                .title = title,
                .visitor = request.visitor.name,
                .key = request.visitor.key,
                .here = request.http.method == "POST" ? "/" : request.http.target,
                .section = std::string(section),
                .is_open_to_all = request.visitor.name == "-"};
    if (!sight.trouble.empty())
        frame.warning =
            request.say(Word::sight_lost) + " " + in_tongue(request.tongue, sight.trouble);
    bool const follows = request.path == "/work" || request.path == "/capture";
    frame.is_live = follows && is_signed_in && status == 200 && request.was_busy;
    return {plain_reply(status, "text/html; charset=utf-8", page(frame, body)), ""};
}

PageReply Site::refused(Request const& request, Error const& error) {
    auto body = warning(in_tongue(request.tongue, without_hint(error.what)));
    if (request.visitor.rights != Rights::none)
        body += paragraph(link_to("/", request.say(Word::overview)));
    return shown(request, request.say(Word::refused), body, status_of(error.kind));
}

PageReply Site::plain_file(Request const& request) {
    bool const is_style = request.path == "/style.css";
    auto reply =
        plain_reply(200, is_style ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
                    std::string(is_style ? page_style() : page_script()));
    reply.headers.emplace_back("Cache-Control", "max-age=300");
    return {std::move(reply), ""};
}

PageReply Site::change_language(Request const& request) {
    auto const back = request.of("back");
    return {{303,
             {{"Location", is_own_address(back) ? back : "/"},
              {"Set-Cookie", std::string("lares_capture_language=") +
                                 (request.of("to") == "de" ? "de" : "en") +
                                 "; Path=/; SameSite=Strict; Max-Age=31536000"}},
             ""},
            ""};
}

PageReply Site::answer(ports::HttpRequested const& http) {
    Request request{.http = http, .path = {}, .query = {}, .fields = {}, .visitor = {}};
    auto const mark = std::min(http.target.find('?'), http.target.size());
    request.path = http.target.substr(0, mark);
    request.query = text::parse_query(
        std::string_view(http.target).substr(std::min(mark + 1, http.target.size())));
    if (cookie_of(http, "lares_capture_language") == "de") request.tongue = Tongue::german;
    bool const is_get = http.method == "GET" || http.method == "HEAD";
    if (is_get && (request.path == "/style.css" || request.path == "/page.js"))
        return guarded(plain_file(request));
    if (is_get && request.path == "/language") return guarded(change_language(request));
    if (!is_get && http.method != "POST")
        return guarded({plain_reply(405, "text/plain; charset=utf-8", "only GET and POST\n"), ""});
    request.visitor = visitor_of(http);
    // Asked first: what ends while a page is drawn is drawn as it was, and must be drawn again.
    request.was_busy = works_->is_busy();
    if (is_get) return guarded(get(request));
    request.fields = text::parse_query(http.body);
    return guarded(post(request));
}

PageReply Site::get(Request const& request) {
    if (request.visitor.rights == Rights::none) {
        auto const word = request.visitor.trouble.empty() ? Word::nobody_may : Word::daemon_away;
        return shown(request, request.say(Word::sign_in), sign_in_form(request, word), 401);
    }
    if (request.path == "/sign-in")
        return shown(request, request.say(Word::sign_in), sign_in_form(request, Word::nobody_may));
    auto const nothing = Error{Error::Kind::not_found, request.say(Word::not_found)};
    if (request.path == "/post") {
        auto json = raw_post(request);
        if (!json) return refused(request, json.error());
        return {plain_reply(200, "application/json; charset=utf-8", *json), ""};
    }
    if (request.path == "/export") {
        auto const name = request.of("file"), file = works_->path_of(name);
        if (file.empty()) return refused(request, nothing);
        return {{200,
                 {{"Content-Type", "application/octet-stream"},
                  {"Content-Disposition", "attachment; filename=\"" + name + "\""}},
                 ""},
                file};
    }
    for (auto const& row : views_) {
        if (row.path != request.path) continue;
        auto body = (this->*row.view)(request);
        if (!body) return refused(request, body.error());
        auto title = request.say(row.title);
        if (auto const name = request.of("name"); !name.empty()) title += ": " + name;
        return shown(request, title, *body, 200, row.section);
    }
    return refused(request, nothing);
}

PageReply Site::post(Request const& request) {
    if (request.path == "/sign-in") return sign_in(request);
    if (request.visitor.rights == Rights::none)
        return shown(request, request.say(Word::sign_in), sign_in_form(request, Word::nobody_may),
                     401);
    if (!is_own_form(request))
        return refused(request, {Error::Kind::denied, request.say(Word::refused_form)});
    if (request.path == "/sign-out") return sign_out(request);
    for (auto const& row : acts_) {
        if (row.path != request.path) continue;
        if (!request.may(row.least))
            return refused(request, {Error::Kind::denied, request.say(Word::not_allowed)});
        app_.log("page: '" + request.visitor.name + "' posts " + request.path);
        auto next = (this->*row.act)(request);
        if (!next) return refused(request, next.error());
        return {{303, {{"Location", *next}}, ""}, ""};
    }
    return refused(request, {Error::Kind::not_found, request.say(Word::not_found)});
}

}  // namespace lares::capture
