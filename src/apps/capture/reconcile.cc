// apps/capture/reconcile.cc: what runs against what is wanted.

#include "apps/capture/reconcile.h"

#include <algorithm>
#include <optional>

#include "api/client.h"
#include "apps/capture/disk.h"
#include "base/sha256.h"

namespace lares::capture {

namespace {

/// For another process's round; a daemon that answers is done in milliseconds.
constexpr Duration turn_patience{10'000}, turn_pause{50};

Result<disk::Lock> take_turn(App& app) {
    TRY(disk::make_folders(app.locks()));
    for (Duration waited{0};; waited += turn_pause) {
        auto lock = disk::Lock::take(app.locks() + "/programs", "programs");
        bool const is_held = !lock && lock.error().kind == Error::Kind::conflict;
        if (!is_held || waited >= turn_patience || app.wait(turn_pause)) return lock;
    }
}

/// The digest makes Lares start it again when what it captures was edited.
std::string program_text(App const& app, Definition const& definition, std::string const& digest) {
    return app.own_command("stream " + definition.name) +
           "\nautostart = true\nautorestart = true\nstartsecs = 1\nstopwaitsecs = 30\n" +
           "environment = LARES_CAPTURE_DEFINITION=\"" + digest + "\"\n";
}

class Round {
public:
    Round(App& app, Database& database, api::Client& client, api::Status const& status)
        : app_(app), database_(database), client_(client), status_(status) {}

    Result<> remove(std::string const& name) {
        if (runs(name)) TRY(client_.call("lares.remove_program", {program_name(name)}));
        TRY(database_.run("delete from programs where name = :n", {name}));
        app_.log("program '" + program_name(name) + "' removed");
        has_changed_ = true;
        return {};
    }
    Result<> put(Definition const& definition, std::string const& digest) {
        auto const name = program_name(definition.name);
        TRY(client_.call("lares.put_program", {name, program_text(app_, definition, digest)}));
        TRY(database_.run(
            "insert into programs values (:n, :d) on conflict (name) do update set digest = "
            "excluded.digest",
            {definition.name, digest}));
        app_.log("program '" + name + "' put");
        has_changed_ = true;
        return {};
    }
    bool has_changed() const { return has_changed_; }
    bool runs(std::string const& capture) const {
        return std::ranges::any_of(status_.processes, [&](auto const& each) {
            return each.group == program_name(capture);
        });
    }

private:
    App& app_;
    Database& database_;
    api::Client& client_;
    api::Status const& status_;
    bool has_changed_ = false;
};

}  // namespace

std::string program_name(std::string const& capture) { return "capture-" + capture; }

Result<api::Status> bring_programs(App& app) {
    auto const turn = TRY(take_turn(app));
    auto* database = TRY(app.database());
    auto all = TRY(database->captures());
    // Timelines are tasks: they are done and over, and no programs.
    std::erase_if(all, [](auto const& each) {
        return !accounts_of(each.service).empty() || each.active != "yes";
    });
    auto const put = TRY(database->rows("select name, digest from programs", {}, "tt"));
    api::Client client(app.http, {.url = app.lares}, app.until);
    auto asked = client.status({});
    if (!asked) return Error{asked.error().kind, "'" + app.lares + "': " + asked.error().what};
    auto status = std::move(asked).take();
    Round round(app, *database, client, status);
    // One that is refused stands in nobody's way; the first is told.
    Result<> told;
    auto keep = [&](Result<> done) {
        if (told && !done) told = std::move(done);
    };
    for (auto const& row : put)
        if (std::ranges::find(all, text_in(row, 0), &Definition::name) == all.end())
            keep(round.remove(text_in(row, 0)));
    for (auto const& each : all) {
        auto const digest = sha256_hex(print_definition(each)).substr(0, 16);
        bool const is_put = std::ranges::any_of(put, [&](auto const& row) {
            return text_in(row, 0) == each.name && text_in(row, 1) == digest;
        });
        if (!is_put || !round.runs(each.name)) keep(round.put(each, digest));
    }
    TRY(std::move(told));
    if (round.has_changed()) return client.status({});
    return status;
}

}  // namespace lares::capture
