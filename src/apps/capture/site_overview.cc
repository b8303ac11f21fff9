// apps/capture/site_overview.cc: the first view: what there is, what runs, how much came a day.

#include <algorithm>

#include "apps/capture/find_posts.h"
#include "apps/capture/gaps.h"
#include "apps/capture/places.h"
#include "apps/capture/site.h"
#include "apps/capture/verify.h"

namespace lares::capture {

namespace {

constexpr std::int64_t day_ms = 86'400'000, chart_days = 30;
/// Of one account, for a chart.
constexpr std::int64_t most_in_chart = 100'000;

std::string span_words(std::int64_t seconds) {
    auto const days = seconds / 86'400, hours = seconds / 3'600 % 24, minutes = seconds / 60 % 60;
    if (days > 0) return std::to_string(days) + " d " + std::to_string(hours) + " h";
    if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
    if (minutes > 0) return std::to_string(minutes) + " min";
    return std::to_string(seconds) + " s";
}

std::string_view tone_of(std::string const& state) {
    if (state == "RUNNING") return "good";
    return state == "BACKOFF" || state == "FATAL" || state == "EXITED" ? "bad" : "";
}

Html figure(std::int64_t number, std::string_view words) {
    return {"<li><b>" + std::to_string(number) + "</b>" + escaped_html(words) + "</li>"};
}

}  // namespace

std::string time_words(std::int64_t ms) {
    if (ms == 0) return "";
    auto words = print_utc(ms / 1000);
    std::ranges::replace(words, 'T', ' ');
    if (words.ends_with('Z')) words.pop_back();
    return words;
}
Html time_cell(std::int64_t ms) {
    if (ms == 0) return {};
    return {"<time datetime=\"" + print_utc(ms / 1000) + "\">" + time_words(ms) + "</time>"};
}
Html number_cell(std::int64_t value) {
    return {"<span class=\"number\">" + std::to_string(value) + "</span>"};
}
Html many_cell(std::int64_t value) {
    if (value <= most_counted) return number_cell(value);
    return {"<span class=\"number\">&gt; " + std::to_string(most_counted) + "</span>"};
}
std::string bytes_words(std::int64_t bytes) {
    if (bytes < 10'000) return std::to_string(bytes) + " B";
    if (bytes < 10'000'000) return std::to_string(bytes / 1'000) + " kB";
    return std::to_string(bytes / 1'000'000) + " MB";
}

Html Site::state_of(Request const& request, Definition const& definition, Sight const& sight) {
    if (!accounts_of(definition.service).empty()) return plain_text(request.say(Word::as_task));
    auto const found = sight.programs.find(definition.name);
    if (found == sight.programs.end()) return plain_text(request.say(Word::not_running));
    auto const& program = found->second;
    auto out = badge(program.state_name, tone_of(program.state_name));
    if (program.state_name == "RUNNING")
        return out + Html{" "} +
               plain_text(request.say(Word::up_time) + " " + span_words(program.uptime_seconds) +
                          ", " + request.say(Word::since) + " ") +
               time_cell(sight.at_ms - program.uptime_seconds * 1000);
    return out + plain_text(" " + (program.why.empty() ? program.description : program.why));
}

/// Of one capture, or of all.
Result<Site::Days> Site::days_of_captures(std::string const& name) {
    auto* database = TRY(app_.database());
    Days out;
    for (auto const& row : TRY(database->rows(
             "select day, sum(posts) from days where (:a = '' or source = :b) and day > :d group "
             "by day",
             {name, name, app_.now().wall_ms / day_ms - chart_days}, "nn")))
        out.posts[number_in(row, 0)] = number_in(row, 1);
    return out;
}

/// Nobody's sums are kept: they are counted, up to a bound.
Result<Site::Days> Site::days_of_account(std::string const& service, std::string const& id) {
    auto* database = TRY(app_.database());
    auto const first = places_of((app_.now().wall_ms / day_ms - chart_days + 1) * day_ms).first;
    Days out;
    std::int64_t counted = 0, day = 0;
    TRY(
        database->each("select place from items where service = :s and account = :a and place >= "
                       ":p order by place desc",
                       {service, id, first}, "n", [&](Row const& row) {
                           day = time_of_place(number_in(row, 0)) / day_ms;
                           ++out.posts[day];
                           return ++counted < most_in_chart;
                       }));
    if (counted == most_in_chart) out.whole_from = day + 1;
    return out;
}

Result<Html> Site::per_day(Request const& request, Days const& days) {
    auto const first = app_.now().wall_ms / day_ms - chart_days + 1;
    std::vector<std::pair<std::string, std::int64_t>> values;
    for (std::int64_t day = first; day < first + chart_days; ++day)
        values.emplace_back(print_utc(day * day_ms / 1000).substr(0, 10), 0);
    std::int64_t total = 0, highest = 0;
    for (auto const& [day, posts] : days.posts) {
        auto const place = day - first;
        if (place < 0 || place >= chart_days) continue;
        values[static_cast<std::size_t>(place)].second = posts;
        total += posts;
        highest = std::max(highest, posts);
    }
    auto const words = request.say(Word::per_day) + ": " + std::to_string(total) + " " +
                       request.say(Word::total) + ", " + request.say(Word::highest) + " " +
                       std::to_string(highest);
    Html note;
    if (days.whole_from > 0)
        note = paragraph(plain_text(request.say(Word::counted_from) + " " +
                                    print_utc(days.whole_from * day_ms / 1000).substr(0, 10)));
    return heading(request.say(Word::per_day)) + note + bars(values, words) +
           Html{"<p class=\"range\"><span>" + values.front().first + "</span><span>" +
                escaped_html(words.substr(words.find(':') + 2)) + "</span><span>" +
                values.back().first + "</span></p>\n"};
}

Result<Html> Site::overview(Request const& request) {
    auto* database = TRY(app_.database());
    auto const counts = TRY(database->rows(
        "select (select coalesce(sum(posts), 0) from days), (select count(*) from accounts), "
        "(select count(*) from captures)",
        {}, "nnn"));
    Html body = paragraph(plain_text(request.say(Word::about)));
    body += Html{"<ul class=\"figures\">"};
    body += figure(number_in(counts[0], 2), request.say(Word::captures));
    body += figure(number_in(counts[0], 0), request.say(Word::posts_indexed));
    body += figure(number_in(counts[0], 1), request.say(Word::accounts));
    body += Html{"</ul>\n"};
    body += TRY(list_of_captures(request));
    if (number_in(counts[0], 2) == 0) return body;
    auto const days = TRY(days_of_captures(""));
    body += TRY(per_day(request, days));
    body += heading(request.say(Word::newest));
    return body + post_rows(request, TRY(find_posts(*database, {.most = 10})).rows);
}

Result<Html> Site::list_of_captures(Request const& request) {
    auto* database = TRY(app_.database());
    auto const sight = watch_->look();
    std::vector<std::vector<Html>> rows;
    for (auto const& each : TRY(database->captures())) {
        auto const gaps = GapBook::read(gap_path(app_.archive, each.name));
        bool const is_active = each.active == "yes";
        rows.push_back({link_to(address("/capture", {{"name", each.name}}), each.name),
                        plain_text(each.service),
                        badge(request.say(is_active ? Word::active : Word::inactive)),
                        state_of(request, each, sight),
                        number_cell(gaps ? static_cast<std::int64_t>(gaps->size()) : 0)});
    }
    if (rows.empty()) {
        auto next = Word::no_captures_next;
        if (!request.may(Rights::operators) || request.path != "/captures")
            next = Word::no_captures_viewer;
        return blank(request.say(Word::no_captures), request.say(next));
    }
    return table(request.say(Word::captures),
                 {say(request.tongue, Word::name), say(request.tongue, Word::service),
                  say(request.tongue, Word::state), say(request.tongue, Word::running_state),
                  say(request.tongue, Word::gaps)},
                 rows);
}

Result<Html> Site::captures(Request const& request) {
    auto body = TRY(list_of_captures(request));
    if (!request.may(Rights::operators)) return body;
    body += heading(request.say(Word::new_capture));
    auto const tongue = request.tongue;
    auto label = [&](char const* name) { return std::string(option_label(tongue, name)); };
    return body + form("/capture", request.say(Word::save), request.key(),
                       {{"name", request.say(Word::name), ""},
                        {"option_service",
                         label("service"),
                         "jetstream",
                         Field::Kind::text,
                         {"jetstream", "mastodon", "x", "x-sample", "generic", "bluesky-timelines",
                          "mastodon-timelines", "x-timelines"}},
                        {"option_url", label("url"), ""},
                        {"option_words",
                         label("words"),
                         "",
                         Field::Kind::area,
                         {},
                         std::string(option_help(tongue, "words",
                                                 "words and \"phrases\"; comma is OR, space is "
                                                 "AND"))}});
}

}  // namespace lares::capture
