// apps/capture/definition.cc: the rows, and what each service wants.

#include "apps/capture/definition.h"
#include "apps/capture/phrases.h"
#include "apps/capture/whole_number.h"

#include "text/json_value.h"
#include "text/nearest.h"
#include "text/query.h"
#include "text/value.h"

namespace lares::capture {

namespace {

#define FIELD(path) [](Definition& d) -> std::string& { return d.path; }
// clang-format off
constexpr DefinitionRow rows[] = {
    {"name",         FIELD(name),             "what the folder, the files and the program are called"},
    {"service",      FIELD(service),          "jetstream, mastodon, x, x-sample, generic, file; bluesky-timelines, mastodon-timelines, x-timelines"},
    {"active",       FIELD(active),           "yes: it runs as a program of Lares"},
    {"words",        FIELD(filter.words),     "words and \"phrases\"; comma is OR, space is AND"},
    {"people",       FIELD(filter.people),    "stable ids, with commas between"},
    {"places",       FIELD(filter.places),    "west,south,east,north in degrees, four numbers a place"},
    {"languages",    FIELD(filter.languages), "codes as de, pt-BR; narrows what the others find"},
    {"credential",   FIELD(credential),       "the name of a stored credential"},
    {"set",          FIELD(set),              "of timelines: a set of accounts, besides people"},
    {"back",         FIELD(back),             "of timelines: days to go back at first; empty: as far as the service gives"},
    {"url",          FIELD(url),              "of the stream; services have their own; of 'file' a path"},
    {"form",         FIELD(form),             "lines, sse or websocket; of a known service as it speaks"},
    {"dialect",      FIELD(dialect),          "jetstream, mastodon, x, twitter, or 'lines id=a.b time=c …'"},
    {"cursor",       FIELD(cursor),           "name of the query parameter, or 'header NAME', that begins again"},
    {"rewind",       FIELD(rewind),           "how much earlier to begin again, in the cursor's units"},
    {"stall",        FIELD(stall),            "seconds of silence after which to connect again; 90"},
    {"ca_file",      FIELD(ca_file),          "PEM of the authorities to trust instead of the system's"},
    {"format",       FIELD(format),           "gzip, zstd or plain"},
    {"level",        FIELD(level),            "of packing: gzip 1 to 9, zstd 1 to 19"},
    {"rotate",       FIELD(rotate),           "seconds until the next file, also when nothing comes"},
    {"rotate_bytes", FIELD(rotate_bytes),     "bytes of messages until the next file"},
    {"flush",        FIELD(flush),            "seconds after which a message can be read back after any crash"},
    {"takedown",     FIELD(takedown),         "what to do when a post's removal comes: keep, mark or remove"},
};

struct Service {
    std::string_view name, url, form, dialect, cursor, rewind, bearer;
    int streams_per_credential;
    Ceilings ceilings;
    bool has_rules, is_filtered_here;
    std::string_view accounts;
};
// Ceilings of X: rules of 512 characters, 1,000 of them at its highest open level; 400, 5,000 and 25
// are those of its older API, which archives were made under.
constexpr Service services[] = {
    {"jetstream", "wss://jetstream2.us-east.bsky.network/subscribe?wantedCollections=app.bsky.feed.post",
     "websocket", "jetstream", "cursor", "5000000", "no", 0, own_ceilings, false, true, ""},
    {"mastodon", "", "sse", "mastodon", "", "0", "yes", 0, own_ceilings, false, true, ""},
    {"x", "https://api.x.com/2/tweets/search/stream?tweet.fields=created_at,author_id,lang,geo,entities,"
     "in_reply_to_user_id,referenced_tweets,public_metrics,note_tweet&expansions=author_id,geo.place_id&"
     "user.fields=username,public_metrics", "lines", "x", "", "0", "yes", 1,
     {.phrases = 400, .phrase_bytes = 60, .people = 5000, .places = 25}, true, false, ""},
    {"x-sample", "https://api.x.com/2/tweets/sample/stream?tweet.fields=created_at,author_id,lang,geo,"
     "entities&expansions=author_id&user.fields=username", "lines", "x", "", "0", "yes", 1, own_ceilings,
     false, true, ""},
    {"generic", "", "lines", "lines", "", "0", "yes", 0, own_ceilings, false, true, ""},
    {"file", "", "file", "lines", "", "0", "no", 0, own_ceilings, false, true, ""},
    {"bluesky-timelines", "https://public.api.bsky.app", "timelines", "jetstream", "", "0", "yes", 0, own_ceilings,
     false, true, "jetstream"},
    {"mastodon-timelines", "", "timelines", "mastodon", "", "0", "yes", 0, own_ceilings, false, true, "mastodon"},
    {"x-timelines", "https://api.x.com", "timelines", "x", "", "0", "yes", 0, own_ceilings, false, true, "x"},
};
// clang-format on
#undef FIELD

Service const* find_service(std::string_view name) {
    for (auto const& each : services)
        if (each.name == name) return &each;
    return nullptr;
}

Error wrong(std::string_view option, std::string_view found, std::string const& expected) {
    return fault(Error::Kind::invalid, Phrase::must_be, {option, found, expected});
}

Result<std::int64_t> number(std::string_view option, std::string_view text, std::int64_t least,
                            std::int64_t most) {
    auto const value = whole_number(text);
    if (!value || *value < least || *value > most)
        return wrong(option, text,
                     phrase(Phrase::whole_number, {std::to_string(least), std::to_string(most)}));
    return *value;
}

Result<Form> form_of(std::string_view text) {
    if (text == "lines") return Form::lines;
    if (text == "sse") return Form::sse;
    if (text == "websocket") return Form::websocket;
    if (text == "file") return Form::file;
    if (text == "timelines") return Form::timelines;
    return wrong("form", text, phrase(Phrase::forms));
}

Result<WriterSettings> writer_of(Definition const& from, std::string const& archive,
                                 std::string const& dialect) {
    WriterSettings out{.archive = archive, .source = from.name, .dialect = dialect};
    if (from.format == "zstd")
        out.format = Format::zstd;
    else if (from.format == "plain")
        out.format = Format::plain;
    else if (from.format != "gzip")
        return wrong("format", from.format, phrase(Phrase::formats));
    out.level =
        static_cast<int>(TRY(number("level", from.level, 1, out.format == Format::gzip ? 9 : 19)));
    out.rotation.rotate_after = std::chrono::seconds(TRY(number("rotate", from.rotate, 1, 86'400)));
    out.rotation.rotate_bytes =
        TRY(number("rotate_bytes", from.rotate_bytes, 1'000, std::int64_t(1) << 40));
    out.rotation.flush_every = std::chrono::seconds(TRY(number("flush", from.flush, 0, 3'600)));
    return out;
}

Result<> set_cursor(Plan& plan, std::string const& cursor) {
    if (cursor.starts_with("header "))
        plan.cursor_header = cursor.substr(7);
    else
        plan.cursor_parameter = cursor;
    if ((plan.cursor_parameter + plan.cursor_header).find_first_of("&=?# \r\n:") !=
        std::string::npos)
        return wrong("cursor", cursor, phrase(Phrase::cursors));
    return {};
}

std::string or_else(std::string const& first, std::string_view second) {
    return first.empty() ? std::string(second) : first;
}

Result<> plan_timelines(Plan& plan, Definition const& from) {
    auto const& filter = plan.filter;
    if (plan.form != Form::timelines)
        return fault(Error::Kind::invalid, Phrase::form_left_out, {"form", from.form});
    if (!filter.phrases.empty() || !filter.places.empty() || !filter.languages.empty())
        return fault(Error::Kind::invalid, Phrase::timelines_whole);
    if (filter.people.empty() && from.set.empty())
        return fault(Error::Kind::invalid, Phrase::needs_accounts, {from.service});
    plan.set = from.set;
    if (!from.back.empty())
        plan.back = std::chrono::hours(24) * TRY(number("back", from.back, 1, 36'500));
    while (plan.url.ends_with('/')) plan.url.pop_back();
    return {};
}

}  // namespace

std::span<DefinitionRow const> definition_rows() { return rows; }

Result<> set_option(Definition& definition, std::string_view assignment) {
    auto equals = assignment.find('=');
    if (equals == assignment.npos)
        return Error{Error::Kind::invalid,
                     "'" + std::string(assignment) + "': expected name=value"};
    auto name = assignment.substr(0, equals);
    std::vector<std::string_view> names;
    for (auto const& row : rows) {
        names.push_back(row.name);
        if (row.name != name) continue;
        row.field(definition) = assignment.substr(equals + 1);
        return {};
    }
    auto near = text::nearest(name, names);
    return Error{Error::Kind::invalid,
                 "unknown option '" + std::string(name) + "'" +
                     (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?")};
}

std::string print_definition(Definition const& definition) {
    Definition copy = definition, usual;
    text::Struct out;
    for (auto const& row : rows)
        if (row.field(copy) != row.field(usual))
            out.emplace_back(std::string(row.name), row.field(copy));
    return text::to_json(out);
}

Result<Definition> parse_definition(std::string_view json) {
    auto value = TRY(text::parse_json(json, {.bytes = 4u << 20}));
    if (value.members() == nullptr)
        return Error{Error::Kind::invalid, "a definition must be an object"};
    Definition out;
    for (auto const& [name, member] : *value.members())
        if (member.text() != nullptr) TRY(set_option(out, name + "=" + *member.text()));
    return out;
}

Result<Plan> make_plan(Definition const& from, std::string const& archive,
                       std::string const& token) {
    TRY(check_source_name(from.name));
    auto const* service = find_service(from.service);
    if (service == nullptr) return wrong("service", from.service, service_names());
    Plan plan{.name = from.name, .service = from.service, .credential = from.credential};
    plan.filter = TRY(parse_filter(from.filter));
    TRY(check_ceilings(plan.filter, service->ceilings, service->name));
    plan.has_rules = service->has_rules;
    plan.is_filtered_here = service->is_filtered_here;
    if (plan.has_rules && plan.filter.phrases.empty() && plan.filter.people.empty() &&
        plan.filter.places.empty())
        return fault(Error::Kind::invalid, Phrase::needs_rules, {from.service});
    plan.language = TRY(parse_language(or_else(from.dialect, service->dialect)));
    plan.form = TRY(form_of(or_else(from.form, service->form)));
    plan.url = or_else(from.url, service->url);
    if (plan.url.empty()) return fault(Error::Kind::invalid, Phrase::needs_url, {from.service});
    if (plan.form == Form::websocket && !plan.url.starts_with("ws://") &&
        !plan.url.starts_with("wss://"))
        return wrong("url", plan.url, phrase(Phrase::of_websocket));
    if (!service->accounts.empty())
        TRY(plan_timelines(plan, from));
    else if (plan.form == Form::timelines)
        return wrong("form", from.form, phrase(Phrase::forms));
    else if (!from.set.empty() || !from.back.empty())
        return fault(Error::Kind::invalid, Phrase::only_timelines);
    TRY(set_cursor(plan, or_else(from.cursor, service->cursor)));
    plan.rewind =
        TRY(number("rewind", or_else(from.rewind, service->rewind), 0, std::int64_t(1) << 50));
    plan.stall = std::chrono::seconds(TRY(number("stall", or_else(from.stall, "90"), 1, 86'400)));
    plan.ca_file = from.ca_file;
    if (service->bearer == "yes" && !token.empty())
        plan.headers.emplace_back("Authorization", "Bearer " + token);
    plan.writer = TRY(writer_of(from, archive, print_language(plan.language)));
    if (from.takedown != "keep" && from.takedown != "mark" && from.takedown != "remove")
        return wrong("takedown", from.takedown, phrase(Phrase::removals));
    if (from.active != "yes" && from.active != "no")
        return wrong("active", from.active, phrase(Phrase::yes_or_no));
    return plan;
}

std::string_view accounts_of(std::string_view name) {
    auto const* service = find_service(name);
    return service == nullptr ? "" : service->accounts;
}

std::string service_names() {
    std::string out;
    for (auto const& each : services) out.append(out.empty() ? "" : ", ").append(each.name);
    return out;
}

int streams_per_credential(std::string_view name) {
    auto const* service = find_service(name);
    return service == nullptr ? 0 : service->streams_per_credential;
}

}  // namespace lares::capture
