// apps/capture/site_work.cc: timeline jobs with their errors, and what the page itself began.

#include "apps/capture/site.h"

#include "apps/capture/phrases.h"

namespace lares::capture {

namespace {

Word word_of(std::string const& kind) {
    if (kind == "export") return Word::kind_export;
    if (kind == "index") return Word::kind_index;
    if (kind == "add") return Word::kind_add;
    if (kind == "refresh") return Word::kind_refresh;
    return kind == "try" ? Word::kind_try : Word::kind_takedown;
}

}  // namespace

Result<Html> Site::jobs(Request const& request) {
    auto* database = TRY(app_.database());
    auto const tongue = request.tongue;
    std::vector<std::vector<Html>> rows;
    for (auto const& row : TRY(database->rows("select capture, kind, began, beat, ended, posts, "
                                              "errors, words, id from jobs order by "
                                              "id desc limit 100",
                                              {}, "ttnnnnntn"))) {
        Html errors = number_cell(number_in(row, 6));
        for (auto const& error : TRY(database->rows(
                 "select account, words from job_errors where job = :j order by at limit 20",
                 {number_in(row, 8)}, "tt")))
            errors += Html{"<br>"} +
                      plain_text(text_in(error, 0) + ": " + in_tongue(tongue, text_in(error, 1)));
        if (auto const& words = text_in(row, 7); !words.empty())
            errors += Html{"<br>"} + plain_text(in_tongue(tongue, words));
        bool const is_running = number_in(row, 4) == 0;
        auto ended = is_running ? badge(request.say(Word::running)) +
                                      plain_text(" " + request.say(Word::beat) + " ") +
                                      time_cell(number_in(row, 3))
                                : time_cell(number_in(row, 4));
        rows.push_back({plain_text(text_in(row, 0)), plain_text(text_in(row, 1)),
                        time_cell(number_in(row, 2)), ended, number_cell(number_in(row, 5)),
                        errors});
    }
    if (rows.empty()) return blank(request.say(Word::no_jobs), request.say(Word::no_jobs_next));
    return table(say(tongue, Word::jobs),
                 {say(tongue, Word::one_capture), say(tongue, Word::work), say(tongue, Word::began),
                  say(tongue, Word::ended), say(tongue, Word::posts), say(tongue, Word::errors)},
                 rows);
}

Html Site::work_state(Request const& request, Work const& work) {
    auto const words = in_tongue(request.tongue, work.words);
    switch (work.state) {
    case Work::State::running: {
        auto const& at = work.progress;
        bool const asks = work.kind == "add" || work.kind == "refresh";
        auto reach =
            std::to_string(at.posts) + " " + request.say(asks ? Word::accounts : Word::posts);
        if (at.of_files > 0)
            reach += ", " + request.say(Word::file) + " " + std::to_string(at.files) + " " +
                     request.say(Word::of) + " " + std::to_string(at.of_files);
        return badge(request.say(Word::running)) + plain_text(" " + reach);
    }
    case Work::State::failed:
        if (words.find('\n') != words.npos)
            return badge(request.say(Word::failed), "bad") +
                   preformatted(words, request.say(Word::failed));
        return badge(request.say(Word::failed), "bad") + plain_text(" " + words);
    case Work::State::finished:
        if (work.kind == "try") return preformatted(words, request.say(Word::dry_run));
        if (work.kind == "add" || work.kind == "refresh")
            return badge(request.say(Word::finished), "good") +
                   preformatted(words, request.say(Word::accounts));
        return badge(request.say(Word::finished), "good") + plain_text(" " + words);
    }
    return {};
}

Result<Html> Site::works(Request const& request) {
    auto const tongue = request.tongue;
    std::vector<std::vector<Html>> rows, files;
    for (auto const& each : works_->all())
        rows.push_back({plain_text(request.say(word_of(each.kind))), plain_text(each.capture),
                        time_cell(each.began_ms), plain_text(each.who), work_state(request, each)});
    Html body{"<div id=\"live\">"};
    if (rows.empty())
        body += blank(request.say(Word::no_work), request.say(Word::no_work_next));
    else
        body +=
            table(say(tongue, Word::work),
                  {say(tongue, Word::work), say(tongue, Word::one_capture),
                   say(tongue, Word::began), say(tongue, Word::by), say(tongue, Word::progress)},
                  rows);
    for (auto const& each : works_->files()) {
        files.push_back({link_to(address("/export", {{"file", each.name}}), each.name),
                         plain_text(bytes_words(each.bytes))});
        if (request.may(Rights::operators))
            files.back().push_back(form("/exports/remove", request.say(Word::remove), request.key(),
                                        {{"file", "", each.name, Field::Kind::hidden}}));
    }
    std::vector<std::string_view> head = {say(tongue, Word::file), say(tongue, Word::size)};
    if (request.may(Rights::operators)) head.push_back(say(tongue, Word::remove));
    if (!files.empty())
        body += heading(request.say(Word::ready_files)) +
                table(say(tongue, Word::ready_files), head, files);
    return body + Html{"</div>\n"};
}

}  // namespace lares::capture
