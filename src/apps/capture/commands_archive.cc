// apps/capture/commands_archive.cc: stream, verify, bag, files: the archive's commands.

#include "apps/capture/app.h"
#include "apps/capture/disk.h"
#include "apps/capture/matcher.h"
#include "apps/capture/phrases.h"
#include "apps/capture/reading.h"
#include "apps/capture/rules.h"
#include "apps/capture/verify.h"

namespace lares::capture {

namespace {

Result<> told(App& app, Verified const& report) {
    for (auto const& each : report.mended) app.say("mended: " + each);
    for (auto const& each : report.faults) app.say("fault: " + each);
    app.say(std::to_string(report.files) + " files, " + std::to_string(report.messages) +
            " messages, " + std::to_string(report.gaps) + " gaps, " +
            std::to_string(report.missed) + " messages kept back by the services, " +
            std::to_string(report.faults.size()) + " faults");
    if (report.faults.empty()) return {};
    return Error{Error::Kind::conflict, "the archive has faults"};
}

}  // namespace

Result<> stream_command(App& app, Arguments const& arguments) {
    if (arguments.size() != 1) return wrong_usage("stream needs the name of one capture");
    auto* database = TRY(app.database());
    auto const definition = TRY(database->capture(arguments[0]));
    auto const token = TRY(database->token_of(definition.credential));
    auto const plan = TRY(make_plan(definition, app.archive, token));
    if (plan.form == Form::timelines)
        return Error{Error::Kind::invalid, "'" + plan.name + "' has timelines, no stream: see '" +
                                               "lares-capture timelines run " + plan.name + "'"};
    // Days may pass: nothing of the database is held meanwhile.
    app.database_held.reset();
    Doors doors{.streams = app.streams,
                .now = app.now,
                .wait = app.wait,
                .until = app.until,
                .log = app.log};
    if (plan.has_rules)
        doors.prepare = [&app](Plan const& of) { return bring_rules(of, app.post); };
    auto const report = TRY(run_session(plan, app.locks(), doors));
    app.log("ended: " + std::to_string(report.received) + " messages received, " +
            std::to_string(report.written) + " written, " + std::to_string(report.doubles) +
            " sent twice, " + std::to_string(report.connections) + " connections");
    return {};
}

Result<> verify_command(App& app, Arguments const& given) {
    auto arguments = given;
    auto const bag = TRY(take_option(arguments, "bag"));
    if (!bag.empty()) return told(app, TRY(verify_bag(bag)));
    auto const mend = take_flag(arguments, "repair") ? Mend::yes : Mend::no;
    if (arguments.size() > 1) return wrong_usage("verify takes one name at most");
    return told(app, TRY(verify(app.archive, arguments.empty() ? "" : arguments[0], mend)));
}

Result<> bag_command(App& app, Arguments const& arguments) {
    if (arguments.size() != 2) return wrong_usage("bag needs a name and a folder");
    TRY(make_bag(app.archive, arguments[0], arguments[1], app.now().wall_ms / 1000));
    app.say("bag '" + arguments[1] + "' made");
    return {};
}

Result<> files_command(App& app, Arguments const& arguments) {
    auto sources = arguments.empty() ? disk::folders_in(app.archive) : arguments;
    for (auto const& source : sources)
        for (auto const& file : disk::files_below(source_folder(app.archive, source))) {
            if (!file.ends_with(".json")) continue;
            auto const text = TRY(disk::read_all(source_folder(app.archive, source) + "/" + file));
            auto side = TRY(parse_sidecar(text));
            app.say(source + "/" + file.substr(0, file.size() - 5) + "\t" +
                    std::to_string(side.messages) + " messages\t" +
                    std::to_string(side.gaps.size()) + " gaps\t" + std::to_string(side.missed) +
                    " missed\t" + side.state);
        }
    return {};
}

Result<> try_command(App& app, Arguments const& arguments) {
    if (arguments.size() < 2) return wrong_usage("try needs a name and files");
    auto* database = TRY(app.database());
    auto const definition = TRY(database->capture(arguments[0]));
    return try_definition(app, definition, {arguments.begin() + 1, arguments.end()});
}

namespace {

/// In what language an archive file is, by its sidecar; of any other file as the capture says.
Result<Language> language_of(std::string const& file, Language const& otherwise) {
    if (!disk::exists(file + ".json")) return otherwise;
    auto const text = TRY(disk::read_all(file + ".json"));
    auto const side = parse_sidecar(text);
    return side ? parse_language(side->dialect) : otherwise;
}

}  // namespace

Result<> try_definition(App& app, Definition const& definition,
                        std::vector<std::string> const& files) {
    auto const plan = TRY(make_plan(definition, app.archive, ""));
    Matcher matcher(plan.filter);
    std::vector<std::int64_t> by_phrase(plan.filter.phrases.size());
    std::int64_t posts = 0, matched = 0, people = 0, places = 0;
    Progress reach{.of_files = std::ssize(files)};
    for (auto const& file : files) {
        reach.posts = posts;
        if (!app.goes_on(reach)) return fault(Error::Kind::unavailable, Phrase::stopped);
        ++reach.files;
        auto const language = TRY(language_of(file, plan.language));
        DialectReader reader(language);
        TRY(read_messages(file, [&](std::string_view message) {
            auto const& facts = reader.read(message);
            if (facts.kind != Kind::post && facts.kind != Kind::edit) return true;
            ++posts;
            auto match = matcher.match(facts);
            matched += match ? 1 : 0;
            if (match.by == Match::By::words) ++by_phrase[match.phrase];
            people += match.by == Match::By::people ? 1 : 0;
            places += match.by == Match::By::places ? 1 : 0;
            return true;
        }));
    }
    app.say(phrase(Phrase::would_match, {std::to_string(matched), std::to_string(posts)}));
    if (people > 0) app.say(phrase(Phrase::by_people, {std::to_string(people)}));
    if (places > 0) app.say(phrase(Phrase::by_places, {std::to_string(places)}));
    for (std::size_t i = 0; i < by_phrase.size(); ++i) {
        std::string words;
        for (auto const& term : plan.filter.phrases[i]) words += (words.empty() ? "" : " ") + term;
        app.say(phrase(Phrase::by_phrase, {std::to_string(by_phrase[i]), words}));
    }
    return {};
}

}  // namespace lares::capture
