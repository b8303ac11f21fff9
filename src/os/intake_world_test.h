// os/intake_world_test.h: a hot folder in a temporary place, an intake, and what it told.

#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "os/intake.h"
#include "os/temporary_test.h"

namespace lares::os::testing {

using namespace std::chrono_literals;

inline constexpr ports::FolderId in{1};

/// What the intake said lies there, as a daemon would know it.
struct Told : ports::Inbox {
    void push(ports::Event event) override {
        if (auto* trouble = std::get_if<ports::FolderTrouble>(&event)) {
            troubles.push_back(*trouble);
            return;
        }
        auto seen = std::get<ports::FolderSeen>(std::move(event));
        pieces++;
        largest = std::max(largest, seen.entries.size());
        overflowed |= seen.overflowed;
        if (seen.whole && !in_whole) named.clear();
        in_whole = seen.whole && seen.more;
        for (auto& entry : seen.entries) {
            sightings++;
            named.insert(entry.path);
            closed += entry.closed, moved += entry.moved_in;
            there[entry.path] = entry;
        }
        for (auto& path : seen.gone) {
            there.erase(path);
            gone.push_back(path);
        }
        if (!seen.whole || seen.more) return;
        wholes++;
        std::erase_if(there, [&](auto const& each) { return !named.contains(each.first); });
    }
    std::map<std::string, ports::FolderEntry> there;
    std::vector<std::string> gone;
    std::vector<ports::FolderTrouble> troubles;
    std::set<std::string> named;
    bool in_whole = false, overflowed = false;
    int wholes = 0, pieces = 0, closed = 0, moved = 0, sightings = 0;
    std::size_t largest = 0;
};

struct IntakeWorld {
    explicit IntakeWorld(Intake::FileSystem file_system = unnotified_file_system)
        : intake(loop, told, std::move(file_system)) {
        folder.make_directory("in");
    }
    Temporary folder;
    Loop loop;
    Told told;
    Intake intake;

    std::string path(std::string const& name) const { return folder.path("in/" + name); }
    void write(std::string const& name, std::string const& text = "text") {
        folder.write("in/" + name, text);
    }
    void watch(ports::FolderSpec spec = {}) {
        if (spec.path.empty()) spec.path = folder.path("in");
        int before = told.wholes;
        intake.watch(in, std::move(spec));
        CHECK(until([&] { return told.wholes > before; }));
    }
    /// Runs the loop until it is so; false after `patience`.
    bool until(std::function<bool()> const& is_so, Duration patience = 10s) {
        bool late = false;
        TimerId limit = loop.at(Loop::now() + patience, [&] { late = true; });
        loop.before_sleep([&] {
            if (late || is_so()) loop.stop();
        });
        loop.post([] {});
        loop.run();
        loop.before_sleep({});
        loop.cancel(limit);
        return !late;
    }
    ports::FolderEntry const* entry(std::string const& name) const {
        auto at = told.there.find(path(name));
        return at == told.there.end() ? nullptr : &at->second;
    }
    bool has(std::string const& name) const { return entry(name) != nullptr; }
    bool sees(std::string const& name) {
        return until([&] { return has(name); });
    }
    Result<std::string> moved(std::string const& from, std::string const& to,
                              ports::Intake::Identity identity) {
        std::optional<Result<std::string>> result;
        intake.move(from, to, identity, [&](auto given) { result = std::move(given); });
        CHECK(until([&] { return result.has_value(); }));
        return std::move(*result);
    }
};

inline ports::Intake::Identity identity_of(std::string const& path) {
    struct stat found{};
    REQUIRE(::lstat(path.c_str(), &found) == 0);
    return {found.st_dev, found.st_ino};
}

/// A test that this machine does not let us do says so.
inline void skipped(std::string const& why) { MESSAGE("skipped: ", why); }

inline bool is_at(std::string const& path) {
    struct stat found;
    return ::lstat(path.c_str(), &found) == 0;
}

}  // namespace lares::os::testing
