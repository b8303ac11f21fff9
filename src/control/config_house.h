// control/config_house.h: what the operations over configuration ask of the daemon.
//
// Apart from House because it is a subject of its own: reading files, comparing them with what
// runs, and making it so. Reading happens on a worker; every callback comes once, on the loop's
// thread, unless it says otherwise.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/changes.h"
#include "config/settings.h"
#include "control/house.h"
#include "core/plan.h"

namespace lares::control {

/// One process that the configuration last read has.
struct Configured {
    std::string group;
    int group_priority = 999;
    config::Program const* program = nullptr;  // until the next turn
    config::ProcessSettings process;
    bool in_use = false;           // its group runs
    std::string out_log, err_log;  // of the process that runs; "" when there is none
};

struct PlannedChange {
    plan::Action action = plan::Action::change;
    std::string name = {};     // "group:process"
    std::string program = {};  // section name
    std::string why = {};
    std::vector<std::string> lines = {};       // "path:4: command = cat"
    std::vector<std::string> dependants = {};  // up, need it, are not touched
};

/// One option that has another value. Values are as written; "(...)": words for a value that is not
/// written, or not shown because it may be a secret.
struct PlannedOption {
    std::string option = {}, before = {}, after = {};
    std::string place = {};  // "path:4", of the newer line; empty: in no file
};

/// A task, folder or channel, or [lares] itself, that becomes another.
struct PlannedWork {
    plan::Action action = plan::Action::change;  // add, change or remove
    std::string kind = {};                       // "task", "folder", "channel", "lares"
    std::string name = {};
    std::vector<PlannedOption> options = {};  // of changed ones
    /// Of tasks: the next runs by the clock, with jitter, as it is now and as it will be:
    /// "2026-11-29T02:00:00+01:00".
    std::vector<std::string> next_before = {}, next_after = {};
    std::string timezone = {};  // of the task
    std::size_t waiting = 0, running = 0;
    std::vector<std::string> notes = {};  // what becomes of what is there, as sentences
};

struct Planned {
    std::string fingerprint = {};  // empty when there are errors
    int revision = 0;              // that is applied; 0: none is kept
    std::vector<PlannedChange> changes = {};
    std::vector<PlannedWork> work = {};
    std::vector<std::string> warnings = {}, errors = {};
};

/// How one step of an update ended.
struct Applied {
    std::string group, name;
    plan::Action action = plan::Action::change;
    Outcome outcome;
};
using AppliedAnswer = std::function<void(Result<std::vector<Applied>>)>;

struct RevisionInfo {
    int revision = 0;
    std::int64_t when = 0;  // seconds since 1970
    std::string by, cause;
    int programs = 0;
    bool current = false;
};

/// The files beside what is applied.
struct Drift {
    std::vector<std::string> files = {};  // that differ, are new or are gone
    std::string trouble = {};             // why they could not be applied; empty: they could
};

class ConfigHouse {
public:
    virtual ~ConfigHouse() = default;

    /// Reads the files again; what runs is not touched. The Error is supervisord's words for the
    /// first mistake. add_group() and configured() speak of what was read last.
    virtual void read_configuration(std::function<void(Result<config::GroupChanges>)>) = 0;
    /// bad_name: the configuration last read has no such group; already_added.
    virtual Outcome add_group(std::string_view name) = 0;
    /// bad_name; still_running while a process of it is up or stopping.
    virtual Outcome remove_group(std::string_view name) = 0;
    /// In the order of process names.
    virtual std::vector<Configured> configured() const = 0;

    /// What an update would do; `path`: as if that file were the main one, "" for the real one.
    virtual void plan(std::string path, std::function<void(Planned)>) = 0;
    /// Does what the plan of this fingerprint says. conflict: the plan is another one by now.
    /// Answers when every step has come true or has failed.
    virtual void apply(std::string fingerprint, AppliedAnswer) = 0;
    /// Reads the files and makes what runs follow them: all, or the groups that `names` mean (names
    /// or globs of groups or programs). invalid: the files are faulty; not_found: a name means
    /// nothing; unavailable: the daemon is stopping. In each case nothing was done.
    virtual void update(std::vector<std::string> names, AppliedAnswer) = 0;
    /// Applies a configuration that was applied before; the files stay as they are.
    virtual void rollback(int revision, AppliedAnswer) = 0;
    virtual std::vector<RevisionInfo> history() const = 0;
    /// The texts of two revisions in the form of diff -u; `to` 0 is the files there are.
    virtual void diff(int from, int to, std::function<void(Result<std::string>)>) = 0;
    /// Stores a program in the managed folder and applies it. bad_arguments: it is faulty, alone or
    /// with everything else.
    virtual void put_program(std::string name, std::string text, std::function<void(Outcome)>) = 0;
    virtual void remove_program(std::string name, std::function<void(Outcome)>) = 0;
    virtual Drift drift() const = 0;
};

}  // namespace lares::control
