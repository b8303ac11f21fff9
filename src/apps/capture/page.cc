// apps/capture/page.cc: the pieces of a page.

#include "apps/capture/page.h"

#include <algorithm>

#include "text/query.h"
#include "text/template.h"
#include "text/value.h"

namespace lares::capture {

std::string escaped_html(std::string_view raw) {
    return text::escape(text::clean_utf8(raw), text::Target::html);
}

Html plain_text(std::string_view text) { return {escaped_html(text)}; }
Html heading(std::string_view text) { return {"<h2>" + escaped_html(text) + "</h2>\n"}; }
Html paragraph(Html const& html) { return {"<p>" + html.text + "</p>\n"}; }

Html warning(std::string_view text) {
    return {"<p class=\"warning\" role=\"status\">" + escaped_html(text) + "</p>\n"};
}

Html blank(std::string_view what, std::string_view next) {
    Html out{"<div class=\"blank\"><p>" + escaped_html(what) + "</p>"};
    if (!next.empty()) out.text += "<p>" + escaped_html(next) + "</p>";
    return out += {"</div>\n"};
}

Html badge(std::string_view text, std::string_view tone) {
    return {"<span class=\"badge " + std::string(tone) + "\">" + escaped_html(text) + "</span>"};
}

std::string address(std::string_view path,
                    std::vector<std::pair<std::string, std::string>> const& query) {
    std::string out(path);
    for (auto const& [name, value] : query)
        if (!value.empty())
            out +=
                (out.find('?') == out.npos ? "?" : "&") + name + "=" + text::encode_percent(value);
    return out;
}

Html link_to(std::string const& address, std::string_view text) {
    return {"<a href=\"" + escaped_html(address) + "\">" + escaped_html(text) + "</a>"};
}

Html preformatted(std::string_view text, std::string_view label) {
    return {"<pre tabindex=\"0\" role=\"region\" aria-label=\"" + escaped_html(label) + "\">" +
            escaped_html(text) + "</pre>\n"};
}

Html table(std::string_view label, std::vector<std::string_view> const& head,
           std::vector<std::vector<Html>> const& rows) {
    Html out{"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" +
             escaped_html(label) +
             "\"><table role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"};
    for (auto const& each : head)
        out.text += "<th role=\"columnheader\" scope=\"col\">" + escaped_html(each) + "</th>";
    out.text += "</tr></thead><tbody role=\"rowgroup\">\n";
    // On a phone the cells stand below each other, each with its heading; what is drawn so is no
    // table to a browser unless the roles say it.
    for (auto const& row : rows) {
        out.text += "<tr role=\"row\">";
        for (std::size_t i = 0; i < row.size(); ++i)
            out.text += row[i].text.empty() ? std::string("<td role=\"cell\" class=\"none\"></td>")
                                            : "<td role=\"cell\" data-head=\"" +
                                                  escaped_html(i < head.size() ? head[i] : "") +
                                                  "\"><div>" + row[i].text + "</div></td>";
        out.text += "</tr>\n";
    }
    out.text += "</tbody></table></div>\n";
    return out;
}

Html bars(std::vector<std::pair<std::string, std::int64_t>> const& values,
          std::string_view description) {
    if (values.empty()) return {};
    std::int64_t highest = 1;
    for (auto const& [label, value] : values) highest = std::max(highest, value);
    auto const count = static_cast<std::int64_t>(values.size());
    Html out{"<svg class=\"bars\" role=\"img\" aria-label=\"" + escaped_html(description) +
             "\" preserveAspectRatio=\"none\" viewBox=\"0 0 " + std::to_string(count * 10) +
             " 100\">\n"};
    for (std::int64_t i = 0; i < count; ++i) {
        auto const& [label, value] = values[static_cast<std::size_t>(i)];
        // At least one in a hundred, so that something is told from nothing.
        auto const height = value == 0 ? 0 : std::max<std::int64_t>(1, value * 100 / highest);
        out.text += "<rect x=\"" + std::to_string(i * 10 + 1) + "\" y=\"" +
                    std::to_string(100 - height) + "\" width=\"8\" height=\"" +
                    std::to_string(height) + "\"><title>" + escaped_html(label) + ": " +
                    std::to_string(value) + "</title></rect>\n";
    }
    out.text += "</svg>\n";
    return out;
}

Html fold(std::string_view summary, Html const& inside) {
    return {"<details><summary>" + escaped_html(summary) + "</summary>\n" + inside.text +
            "</details>\n"};
}

namespace {

std::string_view type_of(Field::Kind kind) {
    switch (kind) {
    case Field::Kind::text:
    case Field::Kind::area:
        return "text";
    case Field::Kind::secret:
        return "password";
    case Field::Kind::hidden:
        return "hidden";
    case Field::Kind::date:
        return "date";
    case Field::Kind::number:
        return "number";
    }
    return "text";
}

std::string control(Field const& field) {
    auto const name = " name=\"" + escaped_html(field.name) + "\"";
    if (!field.choices.empty()) {
        std::string out = "<select" + name + ">";
        bool const is_among = std::ranges::find(field.choices, field.value) != field.choices.end();
        if (!is_among && !field.value.empty())
            out += "<option selected>" + escaped_html(field.value) + "</option>";
        for (auto const& each : field.choices)
            out += std::string("<option") + (each == field.value ? " selected" : "") + ">" +
                   escaped_html(each) + "</option>";
        return out + "</select>";
    }
    if (field.kind == Field::Kind::area)
        // A browser drops the first end of a line after the tag.
        return "<textarea rows=\"3\"" + name + ">\n" + escaped_html(field.value) + "</textarea>";
    return "<input type=\"" + std::string(type_of(field.kind)) + "\"" + name + " value=\"" +
           escaped_html(field.value) + "\"" +
           (field.kind == Field::Kind::secret ? " autocomplete=\"off\"" : "") +
           (field.kind == Field::Kind::number ? " min=\"1\"" : "") + ">";
}

Html all_of(std::vector<Field> const& fields) {
    Html out;
    for (auto const& each : fields) out += labelled(each);
    return out;
}

}  // namespace

Html labelled(Field const& field) {
    if (field.kind == Field::Kind::hidden) return {control(field)};
    Html out{"<label" + std::string(field.kind == Field::Kind::area ? " class=\"long\"" : "") +
             "><span>" + escaped_html(field.label) + "</span>" + control(field)};
    if (!field.help.empty()) out.text += "<small>" + escaped_html(field.help) + "</small>";
    return out += {"</label>\n"};
}

Html form(std::string const& action, std::vector<Button> const& buttons, std::string const& key,
          Html const& fields) {
    Html out{"<form method=\"post\" action=\"" + escaped_html(action) + "\">"};
    out.text += control({.name = "key", .label = {}, .value = key, .kind = Field::Kind::hidden});
    out += fields;
    for (auto const& each : buttons) {
        out.text += "<button";
        if (!each.action.empty()) out.text += " formaction=\"" + escaped_html(each.action) + "\"";
        out.text += ">" + escaped_html(each.text) + "</button>";
    }
    return out += {"</form>\n"};
}

Html form(std::string const& action, std::string_view button, std::string const& key,
          std::vector<Field> const& fields) {
    return form(action, {{std::string(button)}}, key, all_of(fields));
}

Html search_form(std::string const& action, std::string_view button,
                 std::vector<Field> const& fields) {
    return {"<form method=\"get\" action=\"" + escaped_html(action) + "\" role=\"search\">" +
            all_of(fields).text + "<button>" + escaped_html(button) + "</button></form>\n"};
}

namespace {

std::string navigation(Frame const& frame) {
    static constexpr std::pair<std::string_view, Word> views[] = {
        {"/", Word::overview},         {"/captures", Word::captures}, {"/posts", Word::posts},
        {"/accounts", Word::accounts}, {"/sets", Word::sets},         {"/jobs", Word::jobs},
        {"/work", Word::work},
    };
    std::string out =
        "<nav aria-label=\"" + escaped_html(say(frame.tongue, Word::sections)) + "\">";
    for (auto const& [path, word] : views) {
        out += "<a href=\"" + std::string(path) + "\"";
        if (path == frame.section) out += " aria-current=\"page\"";
        out += ">" + escaped_html(say(frame.tongue, word)) + "</a>\n";
    }
    return out + "</nav>";
}

}  // namespace

std::string page(Frame const& frame, Html const& body) {
    auto const tongue = frame.tongue;
    std::string_view const own = tongue == Tongue::german ? "de" : "en",
                           other = tongue == Tongue::german ? "en" : "de";
    std::string out = "<!doctype html>\n<html lang=\"" + std::string(own) +
                      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                      "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" "
                      "content=\"light dark\">"
                      "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" "
                      "href=\"/style.css\">";
    if (frame.is_live) out += "<script src=\"/page.js\" defer></script>";
    out += "<title>" + escaped_html(frame.title) +
           " · lares-capture</title></head><body><a class=\"skip\" href=\"#main\">" +
           escaped_html(say(tongue, Word::skip)) +
           "</a><header><span class=\"brand\">lares-capture</span>";
    if (!frame.visitor.empty()) out += navigation(frame);
    out += "<div class=\"me\">" +
           link_to(address("/language", {{"to", std::string(other)}, {"back", frame.here}}),
                   say(tongue, Word::language))
               .text;
    if (frame.is_open_to_all)
        out += link_to("/sign-in", say(tongue, Word::sign_in)).text;
    else if (!frame.visitor.empty())
        out += "<span>" + escaped_html(frame.visitor) + "</span> " +
               form("/sign-out", say(tongue, Word::sign_out), frame.key, {}).text;
    out += "</div></header><main id=\"main\"" + std::string(frame.is_live ? " data-live" : "") +
           "><h1>" + escaped_html(frame.title) + "</h1>\n";
    if (!frame.warning.empty()) out += warning(frame.warning).text;
    return out + body.text + "</main></body></html>\n";
}

std::string_view page_policy() {
    return "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
           "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}

std::string_view page_script() {
    return R"(// Draws again what is under way, until it is over. Without it one loads the page again.
"use strict";
async function again() {
    const answer = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const old = document.getElementById("live"), next = fresh.getElementById("live");
    if (answer.ok && old && next && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(next));
    return !answer.ok || fresh.querySelector("main[data-live]") !== null;
}
async function follow() {
    let goes = true;
    while (goes) {
        await new Promise((done) => setTimeout(done, document.hidden ? 10000 : 1000));
        goes = await again().catch(() => true);
    }
}
follow();
)";
}

std::string_view page_style() {
    return R"(:root{color-scheme:light dark;--ink:#1b1f24;--dim:#56606b;--paper:#fff;--soft:#f2f4f6;--line:#cdd4db;--mark:#0b5cad;--bad:#a4161a;--good:#1a6b34}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--dim:#a4afba;--paper:#14181c;--soft:#1e242a;--line:#3a434d;--mark:#7db8f2;--bad:#ff9a9a;--good:#7fd49a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
.skip{position:absolute;left:-100vw}.skip:focus{left:.5rem;top:.5rem;background:var(--paper);padding:.5rem;z-index:1}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;padding:.4rem 1rem;background:var(--soft);border-bottom:1px solid var(--line)}
.brand{font-weight:700}
nav,.me{display:flex;flex-wrap:wrap;gap:.25rem .9rem;align-items:center}.me{margin-left:auto}
a{color:var(--mark)}nav a{padding:.4rem 0;text-decoration:none}nav a:hover{text-decoration:underline}
nav a[aria-current]{font-weight:700;color:var(--ink);box-shadow:0 2px 0 var(--mark)}
main{max-width:72rem;margin:0 auto;padding:0 1rem 3rem}
h1{font-size:1.5rem;margin:1rem 0 .75rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .7rem;border-bottom:1px solid var(--line);overflow-wrap:normal}
th{font-size:.85rem;color:var(--dim);background:var(--soft);white-space:nowrap}tbody tr:last-child td{border-bottom:0}
td form{margin:0}
@media (max-width:40rem){thead{display:none}table,tbody,tr,td{display:block}
tr{border-bottom:1px solid var(--line);padding:.4rem 0}tbody tr:last-child{border-bottom:0}td{border:0;padding:.1rem .7rem;display:grid;grid-template-columns:6.5rem 1fr;gap:.5rem}
td::before{content:attr(data-head);color:var(--dim);font-size:.85rem}td.none{display:none}td>div{min-width:0;overflow-wrap:anywhere}td .number{white-space:normal}}
time,.number{white-space:nowrap;font-variant-numeric:tabular-nums}
pre{overflow-x:auto;background:var(--soft);padding:.75rem;white-space:pre-wrap;border-radius:.4rem;margin:.5rem 0}
form{display:flex;flex-wrap:wrap;gap:.6rem .8rem;align-items:end;margin:.5rem 0}
.me form{margin:0}.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
label{display:flex;flex-direction:column;gap:.15rem;width:12rem;max-width:100%}label.long{width:100%}
label span{font-size:.85rem;font-weight:600}small{color:var(--dim);font-size:.8rem;line-height:1.3}
input,select,textarea,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.3rem;padding:.35rem .55rem;max-width:100%;width:100%}
button{background:var(--soft);cursor:pointer;min-height:2.4rem;width:auto}button:hover{border-color:var(--mark)}
details{margin:.5rem 0;width:100%}summary{cursor:pointer;padding:.35rem 0;color:var(--mark)}
details[open]>summary{margin-bottom:.5rem}.fields{display:flex;flex-wrap:wrap;gap:.8rem;align-items:start;width:100%}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
.bars{display:block;width:100%;height:7rem;background:var(--soft);border-radius:.4rem}.bars rect{fill:var(--mark)}
.range{display:flex;justify-content:space-between;color:var(--dim);font-size:.85rem;margin:.2rem 0 0;gap:0 .5rem;flex-wrap:wrap}.range span{white-space:nowrap}
.badge{display:inline-block;padding:0 .5rem;border:1px solid var(--line);border-radius:1rem;font-size:.85rem;white-space:nowrap}
.good{color:var(--good);border-color:currentColor}.bad{color:var(--bad);border-color:currentColor}
.warning{border-left:.3rem solid var(--bad);background:var(--soft);padding:.5rem .75rem}
.blank{border:1px dashed var(--line);border-radius:.4rem;padding:.25rem 1rem;color:var(--dim)}
.figures{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;padding:0;margin:1rem 0;list-style:none}.figures b{display:block;font-size:1.4rem}
)";
}

}  // namespace lares::capture
