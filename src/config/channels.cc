// config/channels.cc: the sections of messages, and what they say of each other.

#include "config/channels.h"

#include <algorithm>
#include <array>

#include "config/processes.h"
#include "config/values.h"
#include "core/words.h"
#include "text/cron.h"
#include "text/nearest.h"

namespace lares::config {

namespace {

using channel::Channel;
using channel::Kind;

/// More ways to reach people than this are a mistake.
constexpr std::size_t most_channels = 200;

/// Which options a kind reads besides those that all have, and which of them it cannot do without.
struct KindOptions {
    Kind kind;
    std::array<std::string_view, 3> required;
    std::string_view others;  // by spaces
};
// clang-format off
constexpr KindOptions kind_options[] = {
    {Kind::mail,     {"url", "to", "from"},  "reply_to user password tls auth ca_file helo token client_id client_secret refresh_token token_url"},
    {Kind::sms,      {"to", "", ""},         "gateway url from user password token headers method body success ca_file"},
    {Kind::telegram, {"token", "to", ""},    "url format ca_file"},
    {Kind::mastodon, {"url", "token", ""},   "visibility to ca_file"},
    {Kind::x,        {"", "", ""},           "url token token_secret consumer_key consumer_secret client_id client_secret refresh_token token_url ca_file"},
    {Kind::bluesky,  {"user", "password", ""}, "url ca_file"},
    {Kind::webhook,  {"url", "", ""},        "to token user password method headers shape body secret signature_header success ca_file"},
    {Kind::command,  {"command", "", ""},    "to from"},
};
// clang-format on
/// What every kind has.
constexpr std::string_view common =
    "type length threads rate connections retry_backoff timeout give_up language budget quiet "
    "timezone digest digest_unless";

constexpr Elsewhere elsewhere[] = {
    {"host", "write url = smtp://HOST:PORT"},
    {"server", "write url = smtp://HOST:PORT"},
    {"port", "write url = smtp://HOST:PORT"},
    {"email", "write to"},
    {"recipient", "write to"},
    {"recipients", "write to"},
    {"sender", "write from"},
    {"username", "write user"},
    {"starttls", "write tls = starttls"},
    {"ssl", "write url = smtps://HOST"},
    {"chat_id", "write to"},
    {"bot_token", "write token"},
    {"phones", "write to"},
    {"webhook_url", "write url"},
};

bool has_word(std::string_view list, std::string_view word) {
    for (std::size_t at = list.find(word); at != list.npos; at = list.find(word, at + 1)) {
        bool begins = at == 0 || list[at - 1] == ' ';
        bool ends = at + word.size() == list.size() || list[at + word.size()] == ' ';
        if (begins && ends) return true;
    }
    return false;
}

KindOptions const& options_of(Kind kind) {
    return *std::ranges::find(kind_options, kind, &KindOptions::kind);
}

/// "channel", its name and what is wrong with it: for both kinds of sections.
std::optional<std::string> section_name_of(SectionReader& reader) {
    std::string_view title = reader.name();
    auto name = parse_name(title.substr(title.find(':') + 1));
    if (name && !name->empty()) return *name;
    reader.error(reader.place(), {"the name in [" + reader.name() +
                                  "] must be there and have no space, ':' or '/'"});
    return std::nullopt;
}

class ChannelReader {
public:
    ChannelReader(Context& context, text::IniSection const& section) : reader_(context, section) {
        reader_.set_classic([](auto, auto, auto const&) { return std::string(); });
    }

    std::optional<ChannelSettings> read() {
        auto name = section_name_of(reader_);
        if (!name) return std::nullopt;
        settings_.channel.name = *name;
        settings_.place = reader_.place();
        settings_.file = reader_.file();
        reader_.know("channel_name", *name);
        read_defaults(reader_.context().world, channel_rows(), settings_);
        if (!reader_.find("length")) settings_.channel.length = -1;
        reader_.read(channel_rows(), settings_);
        reader_.report_unknown(/*section_is_ours=*/true, elsewhere);
        if (!reader_.find("type")) {
            reader_.error(reader_.place(),
                          {"[" + reader_.name() + "] needs a 'type' line", "such as type = mail"});
            return std::nullopt;
        }
        if (channel::name(settings_.channel.kind) != reader_.find("type")->value)
            return std::nullopt;
        check_kind();
        check_url();
        if (settings_.channel.kind == Kind::x) check_x();
        return std::move(settings_);
    }

private:
    void error(std::string_view option, std::string what, std::string hint = {}) {
        reader_.error(reader_.place_of(option), {std::move(what), std::move(hint)});
    }

    void check_kind() {
        auto const& known = options_of(settings_.channel.kind);
        std::string kind(channel::name(settings_.channel.kind));
        for (auto option : known.required)
            if (!option.empty() && !reader_.find(option))
                error(option, "[" + reader_.name() + "] needs a '" + std::string(option) +
                                  "' line, as every type = " + kind);
        for (auto const& row : channel_rows()) {
            bool is_its = has_word(common, row.name) || has_word(known.others, row.name) ||
                          std::ranges::find(known.required, row.name) != known.required.end();
            if (!is_its && reader_.find(row.name))
                reader_.warning(reader_.place_of(row.name),
                                {std::string(row.name) + " does nothing with type = " + kind});
        }
        auto const& channel = settings_.channel;
        if (channel.kind == Kind::sms && channel.shape_name == "generic" && channel.url.empty())
            error("url", "gateway = generic needs a 'url' line");
        if (channel.kind == Kind::mail && channel.user.empty() != channel.password.empty() &&
            channel.auth != channel::Auth::xoauth2)
            error(channel.user.empty() ? "password" : "user",
                  "a login needs both user and password");
    }

    void check_url() {
        auto const& url = settings_.channel.url;
        if (url.empty()) return;
        auto begins = [&](std::initializer_list<std::string_view> schemes) {
            return std::ranges::any_of(schemes, [&](auto each) { return url.starts_with(each); });
        };
        bool is_mail = settings_.channel.kind == Kind::mail;
        if (is_mail && !begins({"smtp://", "smtps://", "sendmail:/"}))
            error("url", "url = " + shown(url) + ": is no mail server",
                  "write smtp://host:587, smtps://host, or sendmail:/usr/sbin/sendmail");
        else if (!is_mail && !begins({"http://", "https://"}))
            error("url", "url = " + shown(url) + ": must begin with https:// or http://");
        else if (!is_mail && url.starts_with("http://") && holds_secret() && !is_loopback(url))
            reader_.warning(
                reader_.place_of("url"),
                {"url = " + shown(url) + ": its secrets travel in clear", "write https://"});
    }

    bool holds_secret() const {
        auto const& c = settings_.channel;
        return !c.password.empty() || !c.token.empty() || !c.consumer_secret.empty();
    }

    static bool is_loopback(std::string_view url) {
        auto host = url.substr(url.find("//") + 2);
        return host.starts_with("127.") || host.starts_with("localhost") ||
               host.starts_with("[::1]");
    }

    void check_x() {
        auto const& c = settings_.channel;
        bool is_one = !c.consumer_key.empty() && !c.consumer_secret.empty() && !c.token.empty() &&
                      !c.token_secret.empty();
        bool is_two = c.consumer_key.empty() && (!c.token.empty() || !c.refresh_token.empty());
        if (!is_one && !is_two)
            error("token",
                  "type = x needs consumer_key, consumer_secret, token and token_secret (OAuth "
                  "1.0a), or token or refresh_token (OAuth 2)");
    }

    SectionReader reader_;
    ChannelSettings settings_;
};

std::optional<BudgetSettings> read_budget(Context& context, text::IniSection const& section) {
    SectionReader reader(context, section);
    reader.set_classic([](auto, auto, auto const&) { return std::string(); });
    auto name = section_name_of(reader);
    if (!name) return std::nullopt;
    BudgetSettings budget{.name = *name, .place = section.place, .file = reader.file()};
    read_defaults(context.world, budget_rows(), budget);
    reader.read(budget_rows(), budget);
    reader.report_unknown(/*section_is_ours=*/true);
    if (!reader.find("limit")) {
        reader.error(section.place, {"[" + section.name + "] needs a 'limit' line",
                                     "such as limit = 50 EUR/month"});
        return std::nullopt;
    }
    std::ranges::sort(budget.thresholds);
    auto is_part = [&](std::int64_t micros) {
        return budget.currency.empty() && micros % 1'000'000 != 0;
    };
    if (is_part(budget.limit_micros))
        reader.error(reader.place_of("limit"),
                     {"a limit without a currency counts whole things", "write 50 EUR/month"});
    for (auto const& price : budget.prices)
        if (is_part(price.micros))
            reader.error(
                reader.place_of("prices"),
                {"the price of " + price.name + " must be whole, as the limit has no currency",
                 "write limit = 50 EUR/month"});
    return budget;
}

/// What one section's values name of others.
class Names {
public:
    Names(Context& context, Settings const& settings) : context_(context), settings_(settings) {}

    void check(text::Place place, std::string const& where, std::vector<Notify> const& notify) {
        for (auto const& line : notify)
            for (auto const& step : line.ladder) check_channel(place, where, step.channel);
    }
    void check_channel(text::Place place, std::string const& where, std::string const& name) {
        for (auto const& each : settings_.channels)
            if (each.channel.name == name) return;
        std::vector<std::string_view> names;
        for (auto const& each : settings_.channels) names.push_back(each.channel.name);
        auto nearest = text::nearest(name, names);
        context_.report.error(
            place, {where + " names the channel '" + name + "', which is not there",
                    nearest.empty() ? "write a [channel:" + name + "]" : did_you_mean(nearest)});
    }

    /// A channel for output: what is sent has a subject, a body and addresses.
    void check_mail_channel(text::Place place, std::string const& where, std::string const& name) {
        if (name.empty()) return;
        auto same = [&](ChannelSettings const& each) { return each.channel.name == name; };
        auto found = std::ranges::find_if(settings_.channels, same);
        if (found == settings_.channels.end()) return check_channel(place, where, name);
        if (found->channel.kind == Kind::mail) return;
        context_.report.error(place, {where + " names the channel '" + name + "' of type " +
                                          std::string(channel::name(found->channel.kind)) +
                                          ": output is sent by mail",
                                      "name a channel with type = mail"});
    }

private:
    Context& context_;
    Settings const& settings_;
};

/// Where the output of runs is to be mailed. What tables bring is checked where it was said.
void check_mail_channels(Context& context, Settings const& settings, Names& names) {
    for (auto const& each : settings.tasks)
        if (each.origin.starts_with('['))
            names.check_mail_channel(each.place, "[task:" + each.name + "] mail_channel",
                                     each.mail_channel);
    auto const* section = context.ini.find("crontab");
    auto const* entry = section ? section->find("mail_channel") : nullptr;
    if (entry)
        names.check_mail_channel(entry->place, "[crontab] mail_channel",
                                 settings.crontab.mail_channel);
}

/// NAME.en.txt and NAME.de.txt of the directory that `templates` names; each is checked here, so
/// that a mistake is seen before something is on fire.
void read_own_words(Context& context, text::Place place, AlertSettings& alerts) {
    if (!context.world.is_directory(alerts.templates))
        return context.report.error(
            place, {"templates = " + shown(alerts.templates) + ": there is no such directory"});
    for (auto const& path : context.world.glob(alerts.templates + "/*.txt")) {
        auto file = path.substr(path.find_last_of('/') + 1);
        auto name = file.substr(0, file.size() - 4);
        auto dot = name.find_last_of('.');
        auto language = dot == name.npos ? std::string() : name.substr(dot + 1);
        if (language != "en" && language != "de") {
            context.report.error(place, {path + ": its name must end with .en.txt or .de.txt"});
            continue;
        }
        auto text = context.world.read_file(path);
        if (text && text->ends_with('\n')) text->pop_back();
        auto good = text ? words::check_override(name.substr(0, dot), *text)
                         : Result<>(Error{text.error().kind, text.error().what});
        if (!good)
            context.report.error(place, {path + ": " + good.error().what});
        else
            alerts.own_words[name] = std::move(*text);
    }
}

void read_alert_settings(Context& context, Settings& settings) {
    auto& alerts = settings.alerts;
    read_defaults(context.world, alert_rows(), alerts);
    auto const* section = context.ini.find("lares");
    text::Place place;
    if (section != nullptr) {
        place = section->place;
        SectionReader reader(context, *section);
        reader.set_classic([](auto, auto, auto const&) { return std::string(); });
        reader.read(alert_rows(), alerts);
        Names names(context, settings);
        names.check(reader.place_of("notify"), "notify", alerts.notify);
        if (!alerts.templates.empty())
            read_own_words(context, reader.place_of("templates"), alerts);
        for (auto const& each : alerts.letter_to)
            names.check_channel(reader.place_of("letter_to"), "letter_to", each);
        place = reader.place_of("letter_at");
        for (auto const& url : {alerts.page_url, alerts.heartbeat_url})
            if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://"))
                reader.error(
                    reader.place_of(&url == &alerts.page_url ? "page_url" : "heartbeat_url"),
                    {shown(url) + ": must begin with https:// or http://"});
    }
    auto cron = text::parse_cron(alerts.letter_at, context.world.host_name);
    if (cron)
        alerts.letter_cron = cron->cron;
    else
        context.report.error(place,
                             {"letter_at = " + shown(alerts.letter_at) + ": " + cron.error().what});
}

}  // namespace

void read_delivery(Context& context, Settings& settings) {
    for (auto const& section : context.ini.sections) {
        if (section.name.starts_with("channel:")) {
            if (auto read = ChannelReader(context, section).read())
                settings.channels.push_back(std::move(*read));
        } else if (section.name.starts_with("budget:")) {
            if (auto read = read_budget(context, section))
                settings.budgets.push_back(std::move(*read));
        }
    }
    if (settings.channels.size() > most_channels) {
        context.report.error(
            {}, {std::to_string(settings.channels.size()) + " channels are more than the " +
                 std::to_string(most_channels) + " one daemon has"});
        return;
    }
    read_alert_settings(context, settings);
    Names names(context, settings);
    for (auto const& each : settings.budgets)
        names.check(each.place, "[budget:" + each.name + "] notify", each.notify);
    for (auto const& each : settings.programs)
        names.check(each.place, "[" + section_name(each) + "] notify", each.notify);
    for (auto const& each : settings.groups)
        names.check(each.place, "[group:" + each.name + "] notify", each.notify);
    for (auto const& each : settings.tasks)
        names.check(each.place, "[task:" + each.name + "] notify", each.how.notify);
    for (auto const& each : settings.folders)
        names.check(each.place, "[folder:" + each.name + "] notify", each.notify);
    check_mail_channels(context, settings, names);
    for (auto const& each : settings.channels) {
        auto const& name = each.channel.budget;
        bool is_there = name.empty() || std::ranges::any_of(settings.budgets, [&](auto const& b) {
                            return b.name == name;
                        });
        if (!is_there)
            context.report.error(each.place, {"[channel:" + each.channel.name + "] budget = " +
                                              name + ": there is no [budget:" + name + "]"});
    }
}

}  // namespace lares::config
