// control/public_status.cc: what strangers are told.

#include "control/public_status.h"

#include <algorithm>
#include <map>

#include "control/pages.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

struct Count {
    int all = 0, up = 0, coming = 0;
};

Health health_of(Count const& count) {
    if (count.up == count.all) return Health::well;
    return count.up + count.coming > 0 ? Health::ailing : Health::down;
}

Health health_of(TaskInfo const& info) {
    if (info.last_end != WallTime{} && info.last_state == job::State::dead) return Health::down;
    return info.is_late ? Health::ailing : Health::well;
}

std::string_view name_of(Health health) {
    switch (health) {
    case Health::well:
        return "well";
    case Health::ailing:
        return "ailing";
    case Health::down:
        return "down";
    }
    return "down";
}

Health worst(std::vector<PublicItem> const& items) {
    Health found = Health::well;
    for (auto const& item : items) found = std::max(found, item.health);
    return found;
}

struct Words {
    std::string_view title, all_well, some_ailing, some_down, well, ailing, down, as_of;
};
constexpr Words english{"Status",
                        "Everything is well",
                        "Something is not quite well",
                        "Something does not work",
                        "well",
                        "not quite well",
                        "does not work",
                        "As of"};
constexpr Words german{"Status",
                       "Alles in Ordnung",
                       "Etwas ist nicht ganz in Ordnung",
                       "Etwas funktioniert nicht",
                       "in Ordnung",
                       "nicht ganz in Ordnung",
                       "funktioniert nicht",
                       "Stand"};

std::string_view word_of(Words const& words, Health health) {
    switch (health) {
    case Health::well:
        return words.well;
    case Health::ailing:
        return words.ailing;
    case Health::down:
        return words.down;
    }
    return words.down;
}

std::string_view headline_of(Words const& words, Health health) {
    switch (health) {
    case Health::well:
        return words.all_well;
    case Health::ailing:
        return words.some_ailing;
    case Health::down:
        return words.some_down;
    }
    return words.some_down;
}

}  // namespace

std::vector<PublicItem> public_items(House const& house, std::vector<TaskInfo> const& tasks) {
    std::map<std::string, Count> programs;
    for (auto index : house.by_name()) {
        auto info = house.info(index);
        if (!info.is_public) continue;
        auto& count = programs[info.program];
        count.all += 1;
        if (info.state == supervise::State::running) count.up += 1;
        if (info.state == supervise::State::starting) count.coming += 1;
    }
    std::vector<PublicItem> items;
    for (auto const& [name, count] : programs) items.push_back({name, health_of(count)});
    for (auto const& info : tasks)
        if (info.task && info.task->is_public) items.push_back({info.task->name, health_of(info)});
    return items;
}

text::Value public_value(std::vector<PublicItem> const& items, WallTime at) {
    text::Array list;
    for (auto const& item : items)
        list.push_back(
            text::Struct{{"name", item.name}, {"status", std::string(name_of(item.health))}});
    return text::Struct{{"status", std::string(name_of(worst(items)))},
                        {"items", std::move(list)},
                        {"at", time_value(at)}};
}

std::string public_page(std::vector<PublicItem> const& items, std::string_view language,
                        std::string_view when) {
    bool is_german = language == "de";
    auto const& words = is_german ? german : english;
    auto all = worst(items);
    std::string page = "<!doctype html>\n<html lang=\"";
    page.append(is_german ? "de" : "en")
        .append(
            "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
            "content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"60\"><title>")
        .append(words.title)
        .append(
            "</title><link rel=\"stylesheet\" href=\"/status.css\"></head><body><main><h1 "
            "class=\"")
        .append(name_of(all))
        .append("\">")
        .append(headline_of(words, all))
        .append("</h1><ul>\n");
    for (auto const& item : items)
        page.append("<li class=\"")
            .append(name_of(item.health))
            .append("\"><span>")
            .append(escape_html(item.name))
            .append("</span> <strong>")
            .append(word_of(words, item.health))
            .append("</strong></li>\n");
    return page.append("</ul><p>")
        .append(words.as_of)
        .append(" ")
        .append(escape_html(when))
        .append("</p></main></body></html>\n");
}

std::string_view public_style() {
    return R"(:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem}
main{max-width:40rem;margin:auto}
h1{font-size:1.4rem;padding:.75rem 1rem;border-left:.5rem solid}
ul{list-style:none;padding:0}
li{display:flex;justify-content:space-between;gap:1rem;padding:.5rem 0;border-bottom:1px solid #8884}
li span{overflow-wrap:anywhere}
.well{border-left-color:#1a7f37}.ailing{border-left-color:#b35900}.down{border-left-color:#c1121f}
p{opacity:.8;font-size:.9rem}
)";
}

}  // namespace lares::control
