// apps/capture/commands_links.cc: links: where the shortened URLs of indexed posts lead.

#include "apps/capture/app.h"
#include "apps/capture/job.h"
#include "apps/capture/resolve.h"
#include "apps/capture/whole_number.h"

namespace lares::capture {

namespace {

/// Of one run, unless it was said otherwise.
constexpr std::int64_t most_links = 1'000;

struct Due {
    std::string url, expanded;
    std::int64_t tries;
};

Result<> note(App& app, Due const& link, Resolved const& found, std::int64_t took_ms) {
    auto const now = app.now().wall_ms;
    auto const again = retry_link_after_ms(link.tries + 1);
    std::string state = "done";
    if (found.state == Resolved::State::refused) state = "refused";
    if (found.state == Resolved::State::later) state = again > 0 ? "due" : "failed";
    auto const* last = found.steps.empty() ? nullptr : &found.steps.back();
    auto* database = TRY(app.database());
    TRY(database->run(
        "update links set state = :s, status = :c, final = :f, chain = :h, tries = tries + 1, "
        "checked = :t, due = :d, took = :m, words = :w where url = :u",
        {state, last == nullptr ? 0 : last->status, last == nullptr ? std::string() : last->url,
         print_chain(found.steps), now, state == "due" ? now + again : 0, took_ms, found.words,
         link.url}));
    return {};
}

Result<> resolve_due(App& app, std::int64_t most, Job& job) {
    auto* database = TRY(app.database());
    for (std::int64_t done = 0; done < most; ++done) {
        if (app.wait(Duration(0))) return Error{Error::Kind::conflict, "told to stop"};
        // One at a time: another run that goes on beside this one takes other ones.
        std::vector<Due> next;
        auto taken = database->together([&]() -> Result<> {
            auto const now = app.now().wall_ms;
            for (auto const& row : TRY(database->rows(
                     "select url, expanded, tries from links where state = 'due' and due <= :t "
                     "order by due, url limit 1",
                     {now}, "ttn")))
                next.push_back({text_in(row, 0), text_in(row, 1), number_in(row, 2)});
            if (next.empty()) return {};
            // Whoever dies over it leaves it for later.
            TRY(database->run("update links set due = :t where url = :u",
                              {now + retry_link_after_ms(1), next[0].url}));
            return {};
        });
        TRY(std::move(taken));
        if (next.empty()) return {};
        auto const& link = next[0];
        auto const began = app.now().tick;
        auto const found =
            resolve_link(app.links, link.expanded.empty() ? link.url : link.expanded);
        TRY(note(app, link, found, (app.now().tick - began).count()));
        ++job.posts;
        if (found.state != Resolved::State::done) TRY(job.error(link.url, found.words));
        TRY(job.beat());
    }
    return {};
}

Result<> run(App& app, Arguments arguments) {
    auto const most_text = TRY(take_option(arguments, "most"));
    auto const most = most_text.empty() ? most_links : whole_number(most_text).value_or(0);
    if (most < 1) return wrong_usage("--most: must be a whole number from 1");
    for (;;) {
        auto const address = TRY(take_option(arguments, "allow"));
        if (address.empty()) break;
        app.allow_address(address);
    }
    if (arguments.size() != 1) return wrong_usage("links run takes --most and --allow at most");
    auto job = TRY(Job::begin(app, "links", "links"));
    auto done = resolve_due(app, most, job);
    TRY(job.end(done ? "" : done.error().what));
    app.say(std::to_string(job.posts) + " links looked at, " + std::to_string(job.errors) +
            " without an end");
    return done;
}

Result<> list(App& app, std::string const& state) {
    auto* database = TRY(app.database());
    return database->each(
        "select url, state, status, final, words from links where state = :s or :t = '' order by "
        "url",
        {state, state}, "ttntt", [&](Row const& row) {
            app.say(text_in(row, 0) + "\t" + text_in(row, 1) + "\t" +
                    std::to_string(number_in(row, 2)) + "\t" + text_in(row, 3) +
                    (text_in(row, 4).empty() ? "" : "\t" + text_in(row, 4)));
            return true;
        });
}

Result<> show(App& app, std::string const& url) {
    auto* database = TRY(app.database());
    auto const found = TRY(database->rows("select chain from links where url = :u", {url}, "t"));
    if (found.empty())
        return Error{Error::Kind::not_found, "no indexed post has the link '" + url + "'"};
    app.say(text_in(found[0], 0));
    return {};
}

}  // namespace

Result<> links_command(App& app, Arguments const& arguments) {
    auto const verb = arguments.empty() ? std::string() : arguments[0];
    if (verb == "run") return run(app, arguments);
    if (verb == "list" && arguments.size() <= 2)
        return list(app, arguments.size() == 2 ? arguments[1] : "");
    if (verb == "show" && arguments.size() == 2) return show(app, arguments[1]);
    if (verb == "again" && arguments.size() == 1) {
        auto* database = TRY(app.database());
        auto const count = TRY(database->run(
            "update links set state = 'due', due = 0, tries = 0 where state in ('failed', 'due')"));
        app.say(std::to_string(count) + " links will be tried again");
        return {};
    }
    return wrong_usage("links: expected run, list [STATE], show URL or again");
}

}  // namespace lares::capture
