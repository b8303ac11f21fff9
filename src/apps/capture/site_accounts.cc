// apps/capture/site_accounts.cc: asking a service about accounts, and the credentials it is asked
// with. A token comes in by a form and goes nowhere but into the database and to its own service.

#include <algorithm>
#include <utility>

#include "apps/capture/phrases.h"
#include "apps/capture/site.h"

namespace lares::capture {

namespace {

constexpr std::size_t most_names = 100, longest_name = 255, longest_url = 500,
                      longest_token = 4'000;

/// Those whose accounts can be asked about (people.h).
std::vector<std::string> directories() { return {"mastodon", "jetstream", "x"}; }

/// "ann, @ben\r\ncleo" as three; empty: too many, or one that would be taken for an option.
Arguments names_in(std::string const& text) {
    Arguments out;
    std::string name;
    for (char const c : text + ",") {
        bool const is_between = c == ',' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
        if (!is_between) {
            name += c;
            continue;
        }
        if (name.starts_with('-') || name.size() > longest_name) return {};
        if (!name.empty()) out.push_back(std::exchange(name, {}));
    }
    return out.size() > most_names ? Arguments{} : out;
}

bool is_web_address(std::string const& url) {
    bool const is_fit = url.size() < longest_url && url.find_first_of(" \t\r\n@") == url.npos;
    return is_fit && (url.starts_with("https://") || url.starts_with("http://"));
}

}  // namespace

/// The options of `account add` and `refresh`. Each is given, also when it is empty, so that no
/// name can bring another.
Result<Arguments> Site::directory_of(Request const& request) {
    auto const service = request.in("service"), credential = request.in("credential"),
               url = request.in("url");
    auto const known = directories();
    if (std::ranges::find(known, service) == known.end())
        return fault(Error::Kind::invalid, Phrase::no_directory, {service});
    if (service == "mastodon" && url.empty())
        return fault(Error::Kind::invalid, Phrase::needs_server);
    if (!url.empty() && !is_web_address(url))
        return fault(Error::Kind::invalid, Phrase::account_url, {url.substr(0, 200)});
    if (!credential.empty()) {
        // A token goes to its own service, and elsewhere by an administrator's word alone.
        auto* database = TRY(app_.database());
        TRY(database->token_of(credential));
        auto const rows = TRY(
            database->rows("select service from credentials where name = :n", {credential}, "t"));
        auto const of = rows.empty() ? std::string() : text_in(rows[0], 0);
        if (of != service && accounts_of(of) != service)
            return fault(Error::Kind::denied, Phrase::credential_of, {credential, service});
        if (!url.empty() && !request.may(Rights::admin))
            return Error{Error::Kind::denied, request.say(Word::admins_only)};
    }
    return Arguments{"--credential=" + credential, "--url=" + url, "--ca-file=", service};
}

Result<std::string> Site::ask_about_accounts(Request const& request, std::string const& kind,
                                             Arguments arguments) {
    // The web client is one for all threads; and no service likes to be asked by two at once.
    for (auto const& each : works_->all())
        if (each.state == Work::State::running && (each.kind == "add" || each.kind == "refresh"))
            return fault(Error::Kind::conflict, Phrase::busy_asking);
    arguments.insert(arguments.begin(), kind);
    TRY(works_->begin({.kind = kind,
                       .capture = request.in("service"),
                       .who = request.visitor.name,
                       .suffix = {},
                       .run = [arguments](App& app, std::string const&) {
                           return account_command(app, arguments);
                       }}));
    return std::string("/work");
}

Result<std::string> Site::add_accounts(Request const& request) {
    auto arguments = TRY(directory_of(request));
    auto const names = names_in(request.in("names"));
    if (names.empty()) return fault(Error::Kind::invalid, Phrase::account_names);
    arguments.insert(arguments.end(), names.begin(), names.end());
    return ask_about_accounts(request, "add", std::move(arguments));
}

Result<std::string> Site::refresh_accounts(Request const& request) {
    return ask_about_accounts(request, "refresh", TRY(directory_of(request)));
}

Result<std::string> Site::keep_credential(Request const& request) {
    auto const name = request.in("name"), service = request.in("service"),
               token = request.in("token");
    bool const is_line = !token.empty() && token.size() <= longest_token &&
                         std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7F'; });
    if (!is_line) return fault(Error::Kind::invalid, Phrase::bad_token);
    auto beside = app_.beside();
    beside->read_line = [&token] { return Result<std::string>(token); };
    TRY(credential_command(*beside, {"set", name, service}));
    return std::string("/accounts");
}

Result<std::string> Site::remove_credential(Request const& request) {
    TRY(credential_command(app_, {"remove", request.in("name")}));
    return std::string("/accounts");
}

Result<Html> Site::account_forms(Request const& request) {
    if (!request.may(Rights::operators)) return Html{};
    auto* database = TRY(app_.database());
    std::vector<std::string> credentials = {""};
    for (auto const& row :
         TRY(database->rows("select name from credentials order by name", {}, "t")))
        credentials.push_back(text_in(row, 0));
    Field const service{"service", request.say(Word::service), "mastodon", Field::Kind::text,
                        directories()};
    Field const server{.name = "url",
                       .label = request.say(Word::server),
                       .value = {},
                       .help = request.say(Word::server_help)};
    Field const credential{"credential", request.say(Word::credential), "", Field::Kind::text,
                           credentials};
    auto body = heading(request.say(Word::add_accounts)) +
                paragraph(plain_text(request.say(Word::add_accounts_help))) +
                form("/accounts", request.say(Word::add), request.key(),
                     {service,
                      {.name = "names",
                       .label = request.say(Word::names),
                       .value = {},
                       .kind = Field::Kind::area,
                       .help = request.say(Word::names_help)},
                      server,
                      credential});
    body += heading(request.say(Word::kind_refresh)) +
            paragraph(plain_text(request.say(Word::refresh_help))) +
            form("/accounts/refresh", request.say(Word::refresh), request.key(),
                 {service, server, credential});
    return body + TRY(credentials_of(request));
}

/// Names alone: no token is read for a page.
Result<Html> Site::credentials_of(Request const& request) {
    if (!request.may(Rights::admin)) return Html{};
    auto* database = TRY(app_.database());
    auto const captures = TRY(database->captures());
    std::vector<std::vector<Html>> rows;
    for (auto const& row :
         TRY(database->rows("select name, service from credentials order by name", {}, "tt"))) {
        Html used;
        for (auto const& each : captures)
            if (each.credential == text_in(row, 0))
                used += link_to(address("/capture", {{"name", each.name}}), each.name) + Html{" "};
        bool const is_used = !used.text.empty();
        rows.push_back({plain_text(text_in(row, 0)), plain_text(text_in(row, 1)), used,
                        is_used
                            ? Html{}
                            : form("/credentials/remove", request.say(Word::remove), request.key(),
                                   {{"name", "", text_in(row, 0), Field::Kind::hidden}})});
    }
    auto body = heading(request.say(Word::credentials)) +
                paragraph(plain_text(request.say(Word::credentials_help)));
    auto const tongue = request.tongue;
    if (!rows.empty())
        body += table(say(tongue, Word::credentials),
                      {say(tongue, Word::name), say(tongue, Word::service),
                       say(tongue, Word::used_by), say(tongue, Word::remove)},
                      rows);
    return body + form("/credentials", request.say(Word::save), request.key(),
                       {{"name", request.say(Word::name), ""},
                        {"service",
                         request.say(Word::service),
                         "x",
                         Field::Kind::text,
                         {"x", "mastodon", "generic"}},
                        {"token", request.say(Word::token), "", Field::Kind::secret}});
}

}  // namespace lares::capture
