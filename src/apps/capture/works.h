// apps/capture/works.h: what the page began and need not wait for: exports, dry runs, indexing,
// takedowns, questions about accounts; how far each is, and what came of it.
//
// Each runs on a thread beside the page, over a database connection of its own, by the function of
// the command line. Files go to the home's folder "exports"; the list of what was begun is this
// process's alone, the files last.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/capture/app.h"
#include "base/result.h"

namespace lares::capture {

struct Work {
    std::int64_t number = 0;
    std::string kind, capture, who;  // kind: "export", "try", "index", "takedown", "add", "refresh"
    std::string file;                // the name of what it makes; empty: nothing
    std::string draft;               // of a dry run: the definition that was tried, as JSON
    std::int64_t began_ms = 0;
    enum class State { running, finished, failed } state = State::running;
    Progress progress;
    std::string words;  // what it said, or why it failed
};

struct Order {
    std::string kind, capture, who;
    std::string suffix;                                 // of the file it makes; empty: none
    enum class Files { one, many } files = Files::one;  // many: as export --split numbers them
    std::string draft{};
    /// @param output  where the file is to be, or what its parts are called by.
    std::function<Result<>(App&, std::string const& output)> run;
};

class Works {
public:
    virtual ~Works() = default;
    /// conflict: two are under way already, or the folder is full.
    virtual Result<std::int64_t> begin(Order) = 0;
    /// Newest first, the last hundred.
    virtual std::vector<Work> all() = 0;
    std::optional<Work> find(std::int64_t number);
    virtual bool is_busy() = 0;
    /// How many files more there may be.
    virtual std::size_t room() = 0;

    struct File {
        std::string name;
        std::int64_t bytes = 0;
    };
    /// Those that are whole, newest first.
    virtual std::vector<File> files() = 0;
    /// Empty: there is none that is called so.
    virtual std::string path_of(std::string const& file) = 0;
    virtual Result<> remove(std::string const& file) = 0;
};

/// Files that a process left half made are removed.
std::unique_ptr<Works> make_works(App&);

}  // namespace lares::capture
