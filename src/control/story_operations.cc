// control/story_operations.cc: what the journal tells: why, trace, audit, at, diff.

#include <algorithm>

#include "base/limits.h"
#include "control/describe_work.h"
#include "control/names.h"
#include "control/operation_functions.h"
#include "control/trace.h"
#include "control/work_parts.h"
#include "core/audit.h"
#include "core/counted.h"
#include "core/moment.h"
#include "core/run_diff.h"
#include "core/story.h"

namespace lares::control {

namespace {

/// A due time or a file of this very moment may still be on its way.
constexpr Duration grace{10'000};
constexpr Duration audited{24 * 3'600'000};

WorkHouse& work(Call call) { return call.house().work(); }

text::Array lines_value(std::vector<std::string> const& lines) {
    return text::Array(lines.begin(), lines.end());
}

// ---- why

struct Answered {
    std::string subject, answer;
    bool runs = false;
    std::vector<queue::Reason> reasons;
};

void tell(Call call, Answered const& why) {
    auto lines = std::vector<std::string>{why.answer};
    for (auto const& reason : why.reasons) lines.push_back("  " + reason.words);
    call.answer(text::Struct{{"subject", why.subject},
                             {"runs", why.runs},
                             {"answer", why.answer},
                             {"reasons", reasons_value(why.reasons)},
                             {"lines", lines_value(lines)}});
}

std::string reasons_or(std::vector<queue::Reason> const& reasons, std::string otherwise) {
    if (reasons.empty()) return otherwise;
    std::string words = "waits: ";
    for (auto const& reason : reasons)
        words += (&reason == &reasons.front() ? "" : "; ") + reason.words;
    return words;
}

Answered why_job(Call call, job::Job const& job) {
    Answered why{.subject = "job/" + std::to_string(job.id)};
    auto begin = "job " + std::to_string(job.id) + " of '" + job.task + "' ";
    if (job.state == job::State::ready) {
        why.reasons = work(call).why(job.id);
        why.answer = begin + reasons_or(why.reasons, "starts now");
        return why;
    }
    if (job.state != job::State::running) {
        why.answer = begin + "has ended: " + std::string(job::name(job.state)) +
                     (job.why.empty() ? "" : ", " + job.why) + ", at " +
                     print_when(job.ended, offset_of(call.house()));
        return why;
    }
    why.runs = true;
    why.answer = begin + "runs: attempt " + std::to_string(job.attempts);
    for (auto const& running : work(call).running())
        if (running.id == job.id)
            why.answer += ", pid " + std::to_string(running.pid) + ", since " +
                          print_when(running.started, offset_of(call.house()));
    return why;
}

void tell_why_job(Call call, job::Id id) {
    ask_store(call, ports::JobAsked{id}, [call, id](ports::Found const& found) {
        if (found.jobs.empty()) return call.fail(missing("there is no job " + std::to_string(id)));
        tell(call, why_job(call, found.jobs.front()));
    });
}

void tell_why_task(Call call, std::string const& name) {
    Answered why{.subject = "task/" + name, .reasons = work(call).why_task(name)};
    auto info = work(call).task(name);
    std::string words = "task '" + name + "' ";
    why.runs = info && !info->running.empty();
    if (why.runs) words += "runs " + std::to_string(info->running.size()) + " of its jobs; ";
    if (info && info->depth.ready > 0)
        words +=
            "(" + counted(info->depth.ready, "job") + ") " + reasons_or(why.reasons, "starts now");
    else
        words += why.reasons.empty()
                     ? "has no job that waits"
                     : "has no job that waits; one that came now " + reasons_or(why.reasons, "");
    if (info && info->next)
        words += "; next due " + print_when(*info->next, offset_of(call.house())) +
                 (info->next_by.empty() ? "" : " by " + info->next_by);
    why.answer = words;
    tell(call, why);
}

void tell_why_folder(Call call, FolderInfo const& folder) {
    auto name = folder.folder ? folder.folder->name : "";
    Answered why{.subject = "folder/" + name};
    std::string words = "folder '" + name + "' ";
    words += folder.blocked.empty() ? "takes files in" : "takes nothing in: " + folder.blocked;
    if (!folder.trouble.empty()) words += "; " + folder.trouble;
    words += "; " + counted(folder.waiting, "file") +
             (folder.waiting == 1 ? " waits, " : " wait, ") + std::to_string(folder.taken) +
             (folder.taken == 1 ? " is worked on" : " are worked on");
    why.answer = words;
    for (auto const& [path, reason] : folder.reasons)
        why.reasons.push_back({.kind = "file", .words = path + ": " + reason});
    tell(call, why);
}

void tell_why_seen(Call call, ports::FileRow const& file) {
    if (file.state == "taken" && file.job != 0) return tell_why_job(call, file.job);
    std::string words = "file '" + file.path + "': " + file.state;
    if (!file.words.empty() && file.words != file.state) words += ", " + file.words;
    if (!file.destination.empty()) words += "; moved to '" + file.destination + "'";
    if (file.job != 0) words += "; job " + std::to_string(file.job);
    tell(call, {.subject = "file/" + file.path, .answer = std::move(words)});
}

/// A file that waits says why; one that was taken in has a row, also under the name it has now.
void tell_why_file(Call call, std::string const& path) {
    for (auto const& folder : work(call).folders())
        for (auto const& [waiting, reason] : folder.reasons)
            if (waiting == path)
                return tell(call, {.subject = "file/" + path,
                                   .answer = "file '" + path + "' waits: " + reason});
    ask_store(call, ports::FilesAsked{.path = path, .limit = 1},
              [call, path](ports::Found const& came) {
                  if (!came.files.empty()) return tell_why_seen(call, came.files.front());
                  ask_store(call, ports::FilesAsked{.destination = path, .limit = 1},
                            [call, path](ports::Found const& moved) {
                                if (!moved.files.empty())
                                    return tell_why_seen(call, moved.files.front());
                                call.fail(Fault::bad_arguments,
                                          "no folder has seen '" + text::clean_utf8(path) + "'");
                            });
              });
}

void tell_why_program(Call call, std::string const& name) {
    auto [group, process] = split_name(name);
    auto index = call.house().find(group, process);
    if (!index) return call.fail(missing("there is nothing called '" + name + "'"));
    auto info = call.house().info(*index);
    Answered why{.subject = "program/" + name,
                 .answer = "program " + full_name(info.group, info.name) + " is " +
                           std::string(supervise::name(info.state)) +
                           (info.why.empty() ? "" : ": " + info.why)};
    why.runs = info.pid != 0;
    if (!info.waits_for.empty())
        why.reasons.push_back({.kind = "needs", .words = "waits for " + info.waits_for});
    tell(call, why);
}

// ---- trace

text::Value line_value(story::Line const& line) {
    return text::Struct{{"depth", line.depth},       {"event", id_value(line.id)},
                        {"at", time_value(line.at)}, {"kind", line.kind},
                        {"subject", line.subject},   {"words", line.words},
                        {"asked", line.is_asked}};
}

// ---- audit

text::Value verdict_value(audit::Verdict const& verdict, bool is_cut, LocalOffset const& offset) {
    text::Array items;
    for (auto const& each : verdict.list)
        items.push_back(text::Struct{
            {"subject", each.subject}, {"since", time_value(each.since)}, {"words", each.words}});
    auto lines = audit::print(verdict, offset);
    if (is_cut) lines.emplace_back("only the newest were looked at; there are more");
    return text::Struct{{"unexplained", static_cast<std::int64_t>(verdict.list.size())},
                        {"items", std::move(items)},
                        {"jobs", static_cast<std::int64_t>(verdict.jobs)},
                        {"instants", static_cast<std::int64_t>(verdict.instants)},
                        {"files", static_cast<std::int64_t>(verdict.files)},
                        {"cut", is_cut},
                        {"lines", lines_value(lines)}};
}

bool is_full(std::size_t rows) { return rows >= limits::store_rows; }

audit::Verdict judge_all(Call call, ports::Found found, WallTime since, WallTime until) {
    audit::Facts facts;
    facts.jobs = std::move(found.jobs);
    facts.events = std::move(found.events);
    facts.files = std::move(found.files);
    std::erase_if(facts.events, [&](auto const& event) { return event.at > until; });
    // The end of its file, or its event, may still be on the way to the disk.
    for (auto const& job : facts.jobs)
        if (job::is_end(job.state) && job.ended > until) facts.live.push_back(job.id);
    for (auto const& job : facts.jobs)
        if (work(call).is_live(job.id)) facts.live.push_back(job.id);
    facts.due = work(call).due_between(since, until);
    return audit::judge(facts);
}

/// What was found at the first look, when this is the second.
using FirstLook = std::optional<std::vector<audit::Unexplained>>;

/// The disk is a little behind: a job whose end is decided has one there a moment later. So what
/// seems unexplained is looked at again when that is written, and only what is so both times
/// counts.
void look(Call call, WallTime since, WallTime until, FirstLook first) {
    std::vector<ports::Question> questions{
        ports::LiveJobs{},
        ports::JobsAsked{.state = "ended", .since = since, .limit = limits::store_rows},
        ports::EventsAsked{.kind_prefix = "trigger.", .since = since, .limit = limits::store_rows},
        ports::EventsAsked{.kind_prefix = "job.", .since = since, .limit = limits::store_rows},
        ports::FilesAsked{.state = "taken", .limit = limits::store_rows}};
    ask_store(call, std::move(questions),
              [call, since, until, first = std::move(first)](ports::Found found) {
                  bool is_cut = is_full(found.events.size()) || is_full(found.files.size());
                  auto verdict = judge_all(call, std::move(found), since, until);
                  if (!first && !verdict.list.empty())
                      return work(call).store().flush(
                          [call, since, until, list = std::move(verdict.list)] {
                              look(call, since, until, list);
                          });
                  if (first) audit::keep_both(verdict.list, *first);
                  call.answer(verdict_value(verdict, is_cut, offset_of(call.house())));
              });
}

// ---- at

text::Value program_value(moment::Program const& program) {
    return text::Struct{{"program", program.name},
                        {"state", program.state},
                        {"since", time_value(program.since)},
                        {"words", program.words}};
}

text::Value live_job_value(moment::LiveJob const& job) {
    return text::Struct{{"job", id_value(job.id)},
                        {"task", job.task},
                        {"running", job.is_running},
                        {"since", time_value(job.since)},
                        {"run", id_value(job.run)}};
}

text::Value condition_value(moment::Condition const& condition) {
    return text::Struct{{"kind", condition.kind},
                        {"subject", condition.subject},
                        {"since", time_value(condition.since)},
                        {"words", condition.words}};
}

text::Value picture_value(moment::Picture const& picture, LocalOffset const& offset) {
    return text::Struct{{"at", time_value(picture.at)},
                        {"daemon", picture.daemon_was_up},
                        {"revision", picture.revision},
                        {"programs", each_value(picture.programs, program_value)},
                        {"jobs", each_value(picture.jobs, live_job_value)},
                        {"conditions", each_value(picture.conditions, condition_value)},
                        {"cut", picture.is_cut},
                        {"lines", lines_value(moment::print(picture, offset))}};
}

std::vector<ports::Question> asked_of_moment(WallTime at) {
    std::vector<ports::Question> questions;
    for (auto const* kind : {"program.state", "task.", "config.applied", "daemon.", "maintenance.",
                             "circuit.", "store.", "expect."})
        questions.emplace_back(
            ports::EventsAsked{.kind_prefix = kind, .until = at, .limit = limits::store_rows / 2});
    questions.emplace_back(ports::JobsAsked{.until = at, .limit = limits::store_rows});
    questions.emplace_back(
        ports::RunsAsked{.kind = "job", .until = at, .limit = limits::store_rows});
    return questions;
}

// ---- diff

text::Value difference_value(journal::Difference const& each) {
    static constexpr char const* sorts[] = {"setting", "environment", "course"};
    return text::Struct{{"sort", sorts[static_cast<int>(each.sort)]},
                        {"field", each.field},
                        {"before", each.before},
                        {"after", each.after}};
}

}  // namespace

void lares_why(Call call, Parameters const& parameters) {
    auto subject = subject_of(call.house(), *parameters[0].text());
    if (auto id = story::job_of(subject)) return tell_why_job(call, id);
    auto slash = std::min(subject.find('/'), subject.size());
    auto sort = subject.substr(0, slash);
    auto name = subject.substr(std::min(slash + 1, subject.size()));
    for (auto const& folder : work(call).folders())
        if (folder.folder && ((sort == "folder" && folder.folder->name == name) ||
                              (sort == "file" && folder.folder->path == name)))
            return tell_why_folder(call, folder);
    if (sort == "file") return tell_why_file(call, name);
    if (sort == "task" && work(call).task(name)) return tell_why_task(call, name);
    tell_why_program(call, sort == "program" ? name : text::clean_utf8(subject));
}

void lares_trace(Call call, Parameters const& parameters) {
    trace(call.house(), subject_of(call.house(), *parameters[0].text()),
          [call](Result<Traced> traced) {
              if (!traced) return call.fail(outcome_of(traced.error()));
              auto lines = story::tell(traced->facts, traced->subject);
              auto printed = story::print(lines, offset_of(call.house()));
              if (traced->is_cut) printed.emplace_back("there is more; ask for a part of it");
              call.answer(text::Struct{{"subject", traced->subject},
                                       {"story", each_value(lines, line_value)},
                                       {"cut", traced->is_cut},
                                       {"lines", lines_value(printed)}});
          });
}

void lares_audit(Call call, Parameters const& parameters) {
    auto until = call.house().wall() - grace;
    text::Struct given{{"since", *parameters[0].text()}};
    Members members(given);
    auto since = members.take_time("since", call.house(), Toward::past);
    auto good = members.finish();
    if (!good) return call.fail(outcome_of(good.error()));
    if (since == WallTime{}) since = until - audited;
    look(call, since, until, std::nullopt);
}

void lares_at(Call call, Parameters const& parameters) {
    text::Struct given{{"time", parameters[0]}};
    Members members(given);
    auto at = members.take_time("time", call.house(), Toward::past);
    auto good = members.finish();
    if (good && at > call.house().wall())
        good = Error{Error::Kind::invalid, "that time has not come yet; see 'lares next'"};
    if (!good) return call.fail(outcome_of(good.error()));
    ask_store(call, asked_of_moment(at), [call, at](ports::Found found) {
        moment::Facts facts{.events = std::move(found.events),
                            .jobs = std::move(found.jobs),
                            .runs = std::move(found.runs)};
        facts.is_cut = is_full(facts.jobs.size()) || is_full(facts.runs.size()) ||
                       is_full(facts.events.size());
        call.answer(picture_value(moment::at(facts, at), offset_of(call.house())));
    });
}

void lares_run_diff(Call call, Parameters const& parameters) {
    auto before = id_parameter(call, parameters, 0, "run");
    if (!before) return;
    auto after = id_parameter(call, parameters, 1, "run");
    if (!after) return;
    std::vector<ports::Question> questions{ports::RunsAsked{.run = *before, .limit = 1},
                                           ports::RunsAsked{.run = *after, .limit = 1}};
    ask_store(call, std::move(questions),
              [call, before = *before, after = *after](ports::Found const& found) {
                  auto find = [&](std::uint64_t run) {
                      return std::ranges::find(found.runs, run, &ports::RunRow::run);
                  };
                  for (auto run : {before, after})
                      if (find(run) == found.runs.end())
                          return call.fail(missing("there is no run " + std::to_string(run)));
                  auto list = journal::differences(*find(before), *find(after));
                  call.answer(text::Struct{{"differences", each_value(list, difference_value)},
                                           {"lines", lines_value(journal::print(list))}});
              });
}

}  // namespace lares::control
