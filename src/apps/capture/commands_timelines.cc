// apps/capture/commands_timelines.cc: timelines: run, show, jobs, and the tasks that run them.

#include <algorithm>
#include <cstdlib>

#include "apps/capture/allowance.h"
#include "apps/capture/app.h"
#include "apps/capture/disk.h"
#include "apps/capture/job.h"
#include "apps/capture/phrases.h"
#include "apps/capture/post_sink.h"
#include "apps/capture/rehydrate.h"
#include "apps/capture/timeline_job.h"
#include "apps/capture/verify.h"

namespace lares::capture {

namespace {

Result<Plan> plan_of(App& app, std::string const& name) {
    auto* database = TRY(app.database());
    auto const definition = TRY(database->capture(name));
    auto const token = TRY(database->token_of(definition.credential));
    auto plan = TRY(make_plan(definition, app.archive, token));
    if (plan.form != Form::timelines)
        return Error{Error::Kind::invalid, "'" + plan.name + "' is a stream, not timelines"};
    return plan;
}

/// Of the source's files, which one job at a time writes.
Result<disk::Lock> lock_source(App& app, Plan const& plan, std::string const& what) {
    TRY(disk::make_folders(source_folder(app.archive, plan.name)));
    auto taken = disk::Lock::take(lock_path(app.archive, plan.name), what);
    if (!taken && taken.error().kind == Error::Kind::conflict)
        return fault(Error::Kind::conflict, Phrase::is_mended, {plan.name});
    return taken;
}

Result<> run(App& app, Arguments arguments) {
    auto const only = TRY(take_option(arguments, "account"));
    if (arguments.size() != 2) return wrong_usage("timelines run needs the name of one capture");
    auto const plan = TRY(plan_of(app, arguments[1]));
    auto const lock = TRY(lock_source(app, plan, "timelines"));
    auto job = TRY(Job::begin(app, plan.name, "timelines"));
    auto done = run_timelines(app, plan, only, job);
    // What stopped it is told, whatever it was.
    TRY(job.end(done ? "" : done.error().what));
    app.say(std::to_string(job.posts) + " posts of " + std::to_string(job.accounts) +
            " accounts, " + std::to_string(job.errors) + " errors");
    return done;
}

std::string mark_words(std::string const& mark) { return mark.empty() ? "the beginning" : mark; }

Result<> show(App& app, std::string const& name) {
    auto* database = TRY(app.database());
    TRY(database->capture(name));
    for (auto const& row : TRY(database->rows(
             "select account, top, low, floor, state, words, posts from fills where capture = :c "
             "order by account, id desc",
             {name}, "ttttttn"))) {
        auto line = text_in(row, 0) + "\t" + std::to_string(number_in(row, 6)) + " posts from " +
                    text_in(row, 1) + " down to " + text_in(row, 2);
        if (text_in(row, 4) == "open")
            line += "\tmissing yet: down to " + mark_words(text_in(row, 3));
        if (text_in(row, 4) == "gap") line += "\tgap below: " + text_in(row, 5);
        app.say(line);
    }
    return {};
}

Result<> jobs(App& app, std::string const& name) {
    auto* database = TRY(app.database());
    for (auto const& row : TRY(database->rows(
             "select id, kind, began, beat, ended, accounts, posts, errors, words, capture from "
             "jobs where capture = :c or :d = '' order by id desc limit 50",
             {name, name}, "ntnnnnnntt"))) {
        bool const is_running = number_in(row, 4) == 0;
        app.say(print_utc(number_in(row, 2) / 1000) + "\t" + text_in(row, 9) + "\t" +
                text_in(row, 1) + "\t" +
                (is_running ? "running, last sign of life " + print_utc(number_in(row, 3) / 1000)
                            : "ended " + print_utc(number_in(row, 4) / 1000)) +
                "\t" + std::to_string(number_in(row, 6)) + " posts, " +
                std::to_string(number_in(row, 7)) + " errors" +
                (text_in(row, 8).empty() ? "" : "\t" + text_in(row, 8)));
        for (auto const& error :
             TRY(database->rows("select account, words from job_errors where job = :j order by at",
                                {number_in(row, 0)}, "tt")))
            app.say("\t" + text_in(error, 0) + ": " + text_in(error, 1));
    }
    return {};
}

/// Sections for Lares' configuration: each active capture of timelines at its times.
Result<> tasks(App& app, Arguments arguments) {
    auto const schedule = TRY(take_option(arguments, "schedule"));
    if (arguments.size() != 1) return wrong_usage("timelines tasks takes --schedule at most");
    if (schedule.find_first_of("\r\n;") != std::string::npos)
        return wrong_usage("--schedule: must be one line as cron has it");
    auto* database = TRY(app.database());
    for (auto const& each : TRY(database->captures())) {
        if (each.active != "yes" || accounts_of(each.service).empty()) continue;
        app.print("[task:capture-" + each.name + "]\n" +
                  app.own_command("timelines run " + each.name) + "\nschedule = " +
                  (schedule.empty() ? "H */6 * * *" : schedule) + "\noverlap = skip\n\n");
    }
    return {};
}

}  // namespace

Result<> timelines_command(App& app, Arguments const& arguments) {
    auto const verb = arguments.empty() ? std::string() : arguments[0];
    if (verb == "run") return run(app, arguments);
    if (verb == "tasks") return tasks(app, arguments);
    if (verb == "show" && arguments.size() == 2) return show(app, arguments[1]);
    if (verb == "jobs" && arguments.size() <= 2)
        return jobs(app, arguments.size() == 2 ? arguments[1] : "");
    return wrong_usage("timelines: expected run NAME, show NAME, jobs [NAME] or tasks");
}

namespace {

/// A list of ids, and how far it was worked off: lines of "IDS.progress" beside it.
struct IdList {
    std::string path;
    std::vector<std::string> ids;
    std::size_t done = 0;

    std::string progress() const { return path + ".progress"; }
};

Result<IdList> read_ids(std::string const& path) {
    IdList out{.path = path};
    std::string line;
    auto end_line = [&] {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (!line.empty()) out.ids.push_back(std::move(line));
        line.clear();
    };
    for (char c : TRY(disk::read_all(path, 1u << 30))) {
        if (c == '\n')
            end_line();
        else
            line += c;
    }
    end_line();  // the last one may end without a line's end
    // The progress of another list under this name is none of this one's.
    if (disk::exists(out.progress())) {
        auto const text = TRY(disk::read_all(out.progress()));
        auto const space = text.find(' ');
        if (space != text.npos && text.substr(space + 1) == TRY(disk::digest(path)))
            out.done =
                std::min<std::size_t>(std::strtoull(text.c_str(), nullptr, 10), out.ids.size());
    }
    return out;
}

Result<> rehydrate(App& app, Plan const& plan, IdList& list, std::string const& not_found,
                   Job& job) {
    auto const sink = TRY(PostSink::open(app, plan));
    auto const digest = TRY(disk::digest(list.path));
    if (list.done == 0) TRY(disk::remove(not_found));
    auto missing = TRY(disk::open_to_append(not_found));
    Result<> done;
    while (done && list.done < list.ids.size()) {
        auto const begin = list.ids.begin() + static_cast<std::ptrdiff_t>(list.done);
        auto const count = std::min(ids_a_call(plan.service), list.ids.size() - list.done);
        std::vector<std::string> const ids(begin, begin + static_cast<std::ptrdiff_t>(count));
        auto const call = posts_call(plan, ids);
        auto answer = ask_politely(app, allowance_name(call.url, plan.credential, "posts"), call,
                                   [&] { return job.beat(); });
        auto found =
            answer ? read_posts(plan.service, ids, *answer) : Result<FoundPosts>(answer.error());
        if (!found) {
            done = std::move(found).error();
            break;
        }
        for (auto const& message : found->messages)
            if (TRY(sink->add(message))) ++job.posts;
        TRY(sink->settle());
        for (auto const& [id, why] : found->not_found)
            TRY(disk::write_all(missing.get(), id + "\t" + why + "\n", not_found));
        TRY(disk::synchronise(missing.get(), not_found));
        job.errors += static_cast<std::int64_t>(found->not_found.size());
        list.done += count;
        TRY(disk::replace(list.progress(), std::to_string(list.done) + " " + digest));
        TRY(sink->tend());
        TRY(job.beat());
    }
    TRY(sink->close());
    if (done) TRY(disk::remove(list.progress()));
    return done;
}

}  // namespace

Result<> rehydrate_command(App& app, Arguments const& given) {
    auto arguments = given;
    auto not_found = TRY(take_option(arguments, "not-found"));
    if (arguments.size() != 2)
        return wrong_usage("rehydrate needs the name of a capture of timelines and a file of ids");
    auto const plan = TRY(plan_of(app, arguments[0]));
    auto list = TRY(read_ids(arguments[1]));
    if (not_found.empty()) not_found = list.path + ".notfound";
    auto const lock = TRY(lock_source(app, plan, "rehydrate"));
    auto job = TRY(Job::begin(app, plan.name, "rehydrate"));
    auto done = rehydrate(app, plan, list, not_found, job);
    TRY(job.end(done ? "" : done.error().what));
    app.say(std::to_string(list.done) + " of " + std::to_string(list.ids.size()) +
            " ids: " + std::to_string(job.posts) + " posts, " + std::to_string(job.errors) +
            " not found, listed in '" + not_found + "'");
    return done;
}

}  // namespace lares::capture
