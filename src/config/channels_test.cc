// config/channels_test.cc: channels, budgets and notify, from text to settings and to errors.

#include <doctest/doctest.h>

#include <algorithm>

#include "config/delivery_values.h"
#include "config/load.h"
#include "config/memory_world.h"

using namespace lares;
using namespace lares::config;

namespace {

Loaded load_text(std::string const& text) {
    MemoryFiles files{{"/etc/lares.conf", "[supervisord]\n" + text}, {"/etc/secret", "hush\n"}};
    return load(memory_world(std::move(files)), "/etc/lares.conf");
}

std::string words_of(Loaded const& loaded) {
    std::string all;
    for (auto const& found : loaded.found)
        all += found.what + (found.hint.empty() ? "" : " (" + found.hint + ")") + "\n";
    return all;
}

/// The first complaint about `text`.
std::string complaint(std::string const& text) {
    auto words = words_of(load_text(text));
    return words.substr(0, words.find('\n'));
}

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr char const* mail =
    "[channel:ops]\ntype=mail\nurl=smtp://mail.example.org:587\nfrom=Lares <l@example.org>\n"
    "to=Anna Smith <anna@example.org>, \"Doe, Jo\" <jo@example.org>\n";

}  // namespace

TEST_CASE("a channel of mail is read with its secret from where it lies") {
    auto loaded = load_text(std::string(mail) +
                            "user=lares\npassword=file:/etc/secret\ntls=starttls\nauth=cram-md5\n"
                            "rate=30/min\nquiet=22:00-06:00\ntimezone=UTC\nlanguage=de\n");
    CAPTURE(words_of(loaded));
    REQUIRE(loaded.settings);
    auto const* settings = loaded.settings->find_channel("ops");
    REQUIRE(settings != nullptr);
    auto const& channel = settings->channel;
    CHECK(channel.kind == channel::Kind::mail);
    CHECK(channel.to == std::vector<std::string>{"Anna Smith <anna@example.org>",
                                                 "\"Doe, Jo\" <jo@example.org>"});
    CHECK(channel.password == "hush");
    CHECK(channel.tls == channel::Tls::starttls);
    CHECK(channel.auth == channel::Auth::cram_md5);
    CHECK(channel.rate == channel::Rate{30, Duration(60'000)});
    CHECK(channel.length == -1);
    CHECK(settings->quiet.size() == 1);
    CHECK(loaded.settings->find_channel("sms") == nullptr);
}

TEST_CASE("each kind says what it cannot do without, and what it does nothing with") {
    CHECK(has(complaint("[channel:x]\nurl=https://a\n"), "needs a 'type' line"));
    CHECK(has(complaint("[channel:x]\ntype=pigeon\n"), "mail, sms, telegram"));
    CHECK(has(complaint("[channel:x]\ntype=mail\nurl=smtp://a\nto=b@c\n"), "needs a 'from' line"));
    CHECK(has(complaint("[channel:x]\ntype=telegram\ntoken=t\n"), "needs a 'to' line"));
    CHECK(has(complaint("[channel:x]\ntype=mastodon\nurl=https://a\n"), "needs a 'token' line"));
    CHECK(has(complaint("[channel:x]\ntype=webhook\n"), "needs a 'url' line"));
    CHECK(has(complaint("[channel:x]\ntype=command\n"), "needs a 'command' line"));
    CHECK(has(complaint("[channel:x]\ntype=sms\nto=1\ngateway=generic\n"), "needs a 'url' line"));
    CHECK(has(complaint("[channel:x]\ntype=x\ntoken=t\nconsumer_key=k\n"), "OAuth 1.0a"));
    CHECK(has(complaint(std::string(mail) + "user=u\n"), "needs both user and password"));
    CHECK(has(complaint(std::string(mail) + "visibility=public\n"),
              "visibility does nothing with type = mail"));
    CHECK(has(complaint(std::string(mail) + "host=a\n"), "write url = smtp://HOST:PORT"));
    CHECK(has(complaint("[channel:x]\ntype=mail\nurl=mail.example.org\nfrom=a@b\nto=c@d\n"),
              "is no mail server"));
    CHECK(has(complaint("[channel:x]\ntype=webhook\nurl=ftp://a\n"), "must begin with https://"));
    CHECK(has(complaint("[channel:x]\ntype=mastodon\nurl=http://a.org\ntoken=t\n"),
              "secrets travel in clear"));
    CHECK(complaint("[channel:x]\ntype=mastodon\nurl=http://127.0.0.1:1\ntoken=t\n").empty());
}

TEST_CASE("notify names channels that are there, one after the other, and kinds that there are") {
    auto loaded = load_text(std::string(mail) +
                            "[channel:phone]\ntype=command\ncommand=/usr/bin/call {{title}}\n"
                            "[lares]\nnotify = ops\n"
                            "[program:db]\ncommand=cat\n"
                            "notify = ops then 10min phone: fatal, exit\n    phone: all\n"
                            "[task:t]\ncommand=cat\nnotify = phone: failure\n");
    CAPTURE(words_of(loaded));
    REQUIRE(loaded.settings);
    auto const& settings = *loaded.settings;
    REQUIRE(settings.alerts.notify.size() == 1);
    CHECK(settings.alerts.notify[0].kinds.empty());
    auto const& lines = settings.programs[0].notify;
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].ladder ==
          std::vector<Notify::Step>{{Duration(0), "ops"}, {Duration(600'000), "phone"}});
    CHECK(lines[0].kinds == std::vector<std::string>{"fatal", "exit"});
    CHECK(print_notify(lines[0]) == "ops then 10m phone: fatal, exit");
    CHECK(settings.tasks[0].how.notify.size() == 1);
    CHECK(settings.find_channel("phone")->channel.command ==
          std::vector<std::string>{"/usr/bin/call", "{{title}}"});

    CHECK(has(complaint("[lares]\nnotify=ops\n"), "names the channel 'ops', which is not there"));
    CHECK(has(complaint(std::string(mail) + "[program:db]\ncommand=cat\nnotify=obs\n"),
              "did you mean 'ops'"));
    CHECK(has(complaint(std::string(mail) + "[lares]\nnotify=ops: failures\n"),
              "did you mean 'failure'"));
    for (auto const* bad : {"ops then", "ops then 10min", "ops phone", "ops then x phone", ": late",
                            "ops:", "ops then 99d ops"})
        CHECK(has(complaint(std::string(mail) + "[lares]\nnotify=" + bad + "\n"), "notify"));
}

TEST_CASE("a budget has a limit in a time, prices with dates, and thresholds") {
    auto loaded = load_text(
        "[budget:x]\nlimit = 50 USD/month\nprices = post = 0.015\n    post = 0.02 from 2027-02-28\n"
        "thresholds = 90%, 50%\ntimezone = UTC\n[budget:n]\nlimit = 1000/day\n");
    CAPTURE(words_of(loaded));
    REQUIRE(loaded.settings);
    auto const& budget = loaded.settings->budgets[0];
    CHECK(budget.limit_micros == 50'000'000);
    CHECK(budget.currency == "USD");
    CHECK(budget.period == BudgetSettings::Period::month);
    REQUIRE(budget.prices.size() == 2);
    CHECK(budget.prices[0] == BudgetSettings::Price{"post", 15'000, 0});
    CHECK(budget.prices[1] == BudgetSettings::Price{"post", 20'000, 20'877});
    CHECK(budget.thresholds == std::vector<int>{50, 90});
    CHECK(loaded.settings->budgets[1].limit_micros == 1'000'000'000);
    for (auto const* bad : {"limit = 50", "limit = 50 dollars/month", "limit = x/day",
                            "limit = 1/year", "limit = -1/day", "limit = 1.1234567/day", ""})
        CHECK(has(complaint(std::string("[budget:x]\n") + bad + "\n"), "limit"));
    for (auto const* bad :
         {"post", "post = 1 from", "post = 1 from 2027-02-30", "post = 1 until x"})
        CHECK(
            has(complaint(std::string("[budget:x]\nlimit=1/day\nprices=") + bad + "\n"), "prices"));
    CHECK(has(complaint(std::string(mail) + "budget=money\n"), "there is no [budget:money]"));
}

TEST_CASE("amounts are written and read back exactly") {
    for (std::int64_t micros :
         {0LL, 1LL, 15'000LL, 999'999LL, 1'000'000LL, 1'000'000'000'000'000LL}) {
        CAPTURE(micros);
        auto read = parse_amount(print_amount(micros));
        REQUIRE(read);
        CHECK(*read == micros);
    }
    CHECK(print_amount(-1'500'000) == "-1.5");
}

TEST_CASE("the letter's clock and the addresses people follow are checked") {
    CHECK(has(complaint("[lares]\nletter_at = 61 * * * *\n"), "letter_at"));
    CHECK(has(complaint("[lares]\nletter_to = ops\n"), "letter_to names the channel 'ops'"));
    CHECK(has(complaint("[lares]\npage_url = lares.example.org\n"), "must begin with https://"));
    CHECK(has(complaint("[lares]\nheartbeat_url = x\n"), "must begin with https://"));
}

TEST_CASE("a channel gathers every so often or at a time of the day, but not what is grave") {
    auto loaded = load_text(std::string(mail) + "digest = daily 07:30\ndigest_unless = critical\n");
    CAPTURE(words_of(loaded));
    REQUIRE(loaded.settings);
    auto const& digest = loaded.settings->channels[0].digest;
    CHECK(digest.at_minute == 450);
    CHECK(digest.at_once == alert::Severity::critical);
    CHECK(load_text(std::string(mail) + "digest = every 2h\n").settings->channels[0].digest.every ==
          std::chrono::hours(2));
    CHECK_FALSE(
        load_text(std::string(mail) + "digest = off\n").settings->channels[0].digest.is_on());
    for (auto const* bad : {"hourly", "every", "every 5s", "every 30d", "daily", "daily 25:00"})
        CHECK(has(complaint(std::string(mail) + "digest = " + bad + "\n"), "digest"));
}

TEST_CASE("memory_max is a limit of the kernel, or with restart one that we look at") {
    auto const* program = "[program:x]\ncommand = /bin/cat\nmemory_max = ";
    auto kernel = load_text(std::string(program) + "200MB\n");
    CHECK(kernel.settings->programs[0].cgroup.memory_max == 200 << 20);
    CHECK(kernel.settings->programs[0].memory_watch.most == 0);
    auto ours = load_text(std::string(program) + "200MB restart\n");
    CHECK(ours.settings->programs[0].cgroup.memory_max == 0);
    CHECK(ours.settings->programs[0].memory_watch.most == 200 << 20);
    for (auto const* bad : {"much", "restart", "0 restart", "200MB stop", "200MB 300MB restart"})
        CHECK(has(complaint(std::string(program) + bad + "\n"), "memory_max"));
    CHECK(has(
        complaint(std::string(program) + "20MB restartt\n"),
        "found '20MB restartt', expected a size such as 200MB, and restart behind it or nothing"));
    CHECK(has(complaint("[task:x]\ncommand = /bin/cat\nmemory_max = 1MB restart\n"),
              "a run of a task is not restarted"));
}

TEST_CASE("a count has no fractions") {
    CHECK(has(complaint("[budget:x]\nlimit = 1.5/day\n"), "counts whole things"));
    CHECK(has(complaint("[budget:x]\nlimit = 5/day\nprices = post = 0.5\n"), "must be whole"));
}
