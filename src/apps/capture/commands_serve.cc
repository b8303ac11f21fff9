// apps/capture/commands_serve.cc: serve: the page, until TERM.

#include "apps/capture/app.h"
#include "apps/capture/site.h"
#include "apps/capture/whole_number.h"

namespace lares::capture {

namespace {

Result<PageListen> read_listen(std::string const& text) {
    PageListen out;
    if (text.empty()) return out;
    auto const colon = text.rfind(':');
    auto const wrong =
        wrong_usage("--listen = '" + text + "': must be HOST:PORT, as 127.0.0.1:8642");
    if (colon == std::string::npos) return wrong;
    out.host = text.substr(0, colon);
    if (out.host.starts_with('[') && out.host.ends_with(']'))
        out.host = out.host.substr(1, out.host.size() - 2);
    auto const port = whole_number(std::string_view(text).substr(colon + 1));
    if (!port || *port < 0 || *port > 65'535) return wrong;
    out.port = static_cast<int>(*port);
    return out;
}

}  // namespace

Result<> serve_command(App& app, Arguments const& given) {
    auto arguments = given;
    auto const listen_text = TRY(take_option(arguments, "listen"));
    auto listen = TRY(read_listen(listen_text));
    listen.certificate = TRY(take_option(arguments, "certificate"));
    listen.key = TRY(take_option(arguments, "key"));
    auto const open_text = TRY(take_option(arguments, "open"));
    if (!arguments.empty()) return wrong_usage("serve: unknown argument '" + arguments[0] + "'");
    auto open = Rights::none;
    if (open_text == "viewer")
        open = Rights::viewer;
    else if (open_text == "operator")
        open = Rights::operators;
    else if (!open_text.empty())
        return wrong_usage("--open: must be viewer or operator");
    bool const is_here =
        listen.host == "127.0.0.1" || listen.host == "::1" || listen.host == "localhost";
    if (open != Rights::none && !is_here)
        return wrong_usage(
            "--open is for a page that only this machine sees: --listen 127.0.0.1:PORT");
    if (listen.certificate.empty() != listen.key.empty())
        return wrong_usage("--certificate and --key go together");
    TRY(app.database());
    Site site(app, open,
              listen.certificate.empty() ? Site::Transport::plain : Site::Transport::tls);
    return app.serve(listen,
                     [&](ports::HttpRequested const& request) { return site.answer(request); });
}

}  // namespace lares::capture
