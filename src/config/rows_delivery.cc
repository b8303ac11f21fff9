// config/rows_delivery.cc: the rows of [channel:x], [budget:x] and, for messages, of [lares].

#include "config/kinds_delivery.h"
#include "config/rows.h"

namespace lares::config {

namespace {

using channel::Channel;

template <class Kind, auto... Path>
constexpr auto way = slot_of<ChannelSettings, Kind, &ChannelSettings::channel, Path...>;
template <class Kind, auto... Path>
constexpr auto policy = slot_of<ChannelSettings, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto budget = slot_of<BudgetSettings, Kind, Path...>;
template <class Kind, auto... Path>
constexpr auto alerts = slot_of<AlertSettings, Kind, Path...>;

constexpr long long longest = longest_span.count();
constexpr long long day = 86'400'000;

// clang-format off
constexpr Row<ChannelSettings> channel_table[] = {
    //  name              field                                            default      range     help
    {"type",             way<ChannelKind, &Channel::kind>,                "(required)", {},       "what kind of way it is", ours},
    {"url",              way<Text, &Channel::url>,                        "(the service's)", {},  "the server: smtp://host:587, smtps://host or sendmail:/usr/sbin/sendmail of mail, the instance of Mastodon, the address of a webhook", ours},
    {"to",               way<Recipients, &Channel::to>,                   "",           {},       "recipients: addresses, phone numbers, chats or rooms", ours},
    {"from",             way<Text, &Channel::from>,                       "",           {},       "mail: the sender, such as Lares <lares@example.org>; sms: the sender's name", ours},
    {"reply_to",         way<Text, &Channel::reply_to>,                   "",           {},       "mail: where answers go", ours},
    {"user",             way<Text, &Channel::user>,                       "",           {},       "the name to log in with; none: no login", ours},
    {"password",         way<Secret, &Channel::password>,                 "",           {},       "its password, or where it lies", ours},
    {"token",            way<Secret, &Channel::token>,                    "",           {},       "the token of a bot or an application, or where it lies", ours},
    {"consumer_key",     way<Secret, &Channel::consumer_key>,             "",           {},       "X with OAuth 1.0a: key of the application", ours},
    {"consumer_secret",  way<Secret, &Channel::consumer_secret>,          "",           {},       "its secret", ours},
    {"token_secret",     way<Secret, &Channel::token_secret>,             "",           {},       "the secret of token", ours},
    {"client_id",        way<Text, &Channel::client_id>,                  "",           {},       "OAuth 2: the application", ours},
    {"client_secret",    way<Secret, &Channel::client_secret>,            "",           {},       "its secret, or where it lies", ours},
    {"refresh_token",    way<Secret, &Channel::refresh_token>,            "",           {},       "OAuth 2: the token that gives new ones", ours},
    {"token_url",        way<Text, &Channel::token_url>,                  "(the service's)", {},  "OAuth 2: where new tokens are got", ours},
    {"secret",           way<Secret, &Channel::secret>,                   "",           {},       "webhook: the key of the signature, or where it lies; none: no signature", ours},
    {"signature_header", way<Text, &Channel::signature_header>,           "X-Lares-Signature", {}, "webhook: header of the signature", ours},
    {"tls",              way<TlsMode, &Channel::tls>,                     "auto",       {},       "mail: auto speaks TLS by smtps:// and otherwise STARTTLS where it is offered; starttls insists on it", ours},
    {"auth",             way<AuthMode, &Channel::auth>,                   "auto",       {},       "mail: how to log in", ours},
    {"ca_file",          way<AbsolutePath, &Channel::ca_file>,            "(the system's)", {},   "PEM file of the authorities whose certificates are trusted", ours},
    {"helo",             way<Text, &Channel::helo>,                       "(the host's name)", {}, "mail: the name to say in EHLO", ours},
    {"method",           way<WebMethod, &Channel::method>,                "POST",       {},       "webhook and generic sms: the HTTP method", ours},
    {"headers",          way<HeaderLines, &Channel::headers>,             "",           {},       "more headers of the request", ours},
    {"shape",            way<WebhookShape, &Channel::shape>,              "json",       {},       "webhook: whose form the body has", ours},
    {"body",             way<Text, &Channel::body>,                       "(by shape)", {},       "the body as a template", ours | raw},
    {"success",          way<Text, &Channel::success>,                    "",           {},       "generic sms: what a good answer holds; nothing: any 2xx", ours},
    {"gateway",          way<Gateway, &Channel::shape_name>,              "smsc",       {},       "sms: whose form is spoken", ours},
    {"visibility",       way<Visibility, &Channel::visibility>,           "unlisted",   {},       "mastodon: who sees it", ours},
    {"format",           way<ParseMode, &Channel::parse_mode>,            "plain",      {},       "telegram: HTML makes the title bold", ours},
    {"command",          way<Arguments, &Channel::command>,               "",           {},       "command: the program and its arguments, with {{title}} and the like; the text is its standard input", ours | raw},
    {"length",           way<Integer, &Channel::length>,                  "(the service's)", {0, 1'000'000}, "the longest message; 0 without end", ours},
    {"threads",          way<Boolean, &Channel::threads>,                 "false",      {},       "a longer one becomes several; otherwise it is cut", ours},
    {"rate",             way<ChannelRate, &Channel::rate>,                "off",        {},       "the most messages in a time", ours},
    {"connections",      way<Integer, &Channel::connections>,             "1",          {1, 16},  "messages under way at once", ours},
    {"retry_backoff",    way<ChannelBackoff>,                             "30s..1h",    {},       "wait before a try is repeated: doubles from the first to the second", ours},
    {"timeout",          way<Span, &Channel::timeout>,                    "30s",        {1'000, 600'000}, "how long one try may take", ours},
    {"give_up",          way<Span, &Channel::give_up>,                    "72h",        {60'000, longest}, "age at which a message that does not get through has failed", ours},
    {"language",         way<Language, &Channel::language>,               "en",         {},       "of our own words", ours},
    {"budget",           way<Name, &Channel::budget>,                     "",           {},       "the [budget:x] that its messages spend from", ours},
    {"quiet",            policy<Closed, &ChannelSettings::quiet>,         "",           {},       "hours in which only what is critical goes out; the rest waits until they are over", ours},
    {"timezone",         policy<ZoneName, &ChannelSettings::timezone>,    "(the machine's)", {},  "time zone of quiet and digest", ours},
    {"digest",           policy<DigestRule, &ChannelSettings::digest>,    "off",        {},       "gathers what it has to say in one message, every 1h or daily 07:00", ours},
    {"digest_unless",    policy<SeverityName, &ChannelSettings::digest, &Digest::at_once>, "error", {}, "what is as grave, or graver, goes out by itself", ours},
};

constexpr Row<BudgetSettings> budget_table[] = {
    {"limit",            budget<BudgetLimitOf>,                           "(required)", {},       "how much may be spent in each hour, day, week or month", ours},
    {"timezone",         budget<ZoneName, &BudgetSettings::timezone>,     "(the machine's)", {},  "time zone in which periods begin", ours},
    {"prices",           budget<PriceLines, &BudgetSettings::prices>,     "",           {},       "what things cost, by name, some from a date on; without a currency each counts one", ours},
    {"thresholds",       budget<PercentList, &BudgetSettings::thresholds>, "80%, 100%", {},       "shares at which notify is told, once in a period", ours | share},
    {"notify",           budget<NotifyLines, &BudgetSettings::notify>,    "(that of [lares])", {}, "who is told", ours},
    {"hard",             budget<Boolean, &BudgetSettings::hard>,          "true",       {},       "at the limit nothing more is spent; otherwise it is only told", ours},
};

constexpr Row<AlertSettings> alert_table[] = {
    {"notify",           alerts<NotifyLines, &AlertSettings::notify>,     "",           {},       "who is told of what, of all that has no notify of its own", ours},
    {"group_wait",       alerts<Span, &AlertSettings::group_wait>,        "30s",        {0, day}, "how long a first message waits for others of the same cause", ours},
    {"group_interval",   alerts<Span, &AlertSettings::group_interval>,    "5m",         {0, day}, "time between messages about more of the same", ours},
    {"notify_repeat",    alerts<Span, &AlertSettings::repeat>,            "4h",         {0, longest}, "time after which what is still wrong is told again; 0 never", ours},
    {"flap_count",       alerts<Integer, &AlertSettings::flap_count>,     "5",          {0, 1'000}, "how often the same may begin within flap_span before it is told as one that comes and goes; 0 never", ours},
    {"flap_span",        alerts<Span, &AlertSettings::flap_span>,         "1h",         {1'000, longest}, "the time in which they are counted", ours},
    {"flap_quiet",       alerts<Span, &AlertSettings::flap_quiet>,        "30m",        {1'000, longest}, "time without change after which it counts as settled", ours},
    {"language",         alerts<Language, &AlertSettings::language>,      "en",         {},       "language of letters and of what Lares says where no channel says another", ours},
    {"page_url",         alerts<Text, &AlertSettings::page_url>,          "",           {},       "where people reach the page, such as https://lares.example.org; messages link to it", ours},
    {"heartbeat_url",    alerts<Text, &AlertSettings::heartbeat_url>,     "",           {},       "an address that is asked for while all is well, for a watcher elsewhere", ours},
    {"heartbeat_every",  alerts<Span, &AlertSettings::heartbeat_every>,   "1m",         {10'000, day}, "how often", ours},
    {"letter_to",        alerts<Words, &AlertSettings::letter_to>,        "",           {},       "channels that get the weekly letter", ours},
    {"letter_at",        alerts<Text, &AlertSettings::letter_at>,         "0 7 * * Mon", {},      "when it is written, as cron has it", ours},
    {"letter_timezone",  alerts<ZoneName, &AlertSettings::letter_timezone>, "(the machine's)", {}, "in which time zone", ours},
    {"templates",        alerts<AbsolutePath, &AlertSettings::templates>, "(our own words)", {},       "a directory of texts of yours, NAME.en.txt and NAME.de.txt, instead of our own words", ours},
    {"keep_messages",    alerts<Span, &AlertSettings::keep_messages>,     "90d",        {3'600'000, longest}, "age at which messages that have ended are forgotten", ours},
};
// clang-format on

}  // namespace

std::span<Row<ChannelSettings> const> channel_rows() { return channel_table; }
std::span<Row<BudgetSettings> const> budget_rows() { return budget_table; }
std::span<Row<AlertSettings> const> alert_rows() { return alert_table; }

}  // namespace lares::config
