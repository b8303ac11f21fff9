// config/tables.cc: from patterns to files to sections (config/bring_along.h) to tasks.

#include "config/tables.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "config/bring_along.h"
#include "text/glob.h"

namespace lares::config {

namespace {

class TablesReader {
public:
    TablesReader(ProgramWorld const& world, TaskDraft const& defaults, Settings const& settings,
                 ReadWork work)
        : world_(world),
          context_(world.context),
          defaults_(defaults),
          settings_(settings),
          work_(work) {
        for (auto const& read : work.tasks) names_.insert(read.task.name);
        for (auto const& program : settings.programs) names_.insert(program.name);
    }

    void read() {
        for (auto const& path : files_of("crontab", settings_.crontab)) read_crontab(path);
        for (auto const& path : files_of("incrontab", settings_.incrontab)) read_incrontab(path);
    }

private:
    void warn(text::Place place, std::string what, std::string hint = {}) {
        context_.report.warning(place, {std::move(what), std::move(hint)});
    }

    text::Place place_of(std::string_view section_name) const {
        auto const* section = context_.ini.find(section_name);
        if (!section) return {};
        auto const* entry = section->find("files");
        return entry ? entry->place : section->place;
    }

    /// Each file once, in the order of the patterns.
    std::vector<std::string> files_of(std::string_view section, CrontabFiles const& files) {
        std::vector<std::string> paths;
        for (std::string_view written : files.files) {
            // As of environment_file: a '-' in front means that it may be absent.
            bool may_be_absent = written.starts_with('-');
            std::string pattern(written.substr(may_be_absent ? 1 : 0));
            bool is_pattern = text::is_glob(pattern);
            auto matches =
                is_pattern ? context_.world.glob(pattern) : std::vector<std::string>{pattern};
            for (auto& path : matches) {
                bool is_left_out = is_pattern && is_passed_over(path);
                if (is_left_out || std::ranges::find(paths, path) != paths.end()) continue;
                if (may_be_absent) optional_.insert(path);
                paths.push_back(std::move(path));
            }
            // That a pattern matches nothing yet is usual: a spool that is still empty.
        }
        if (paths.size() > static_cast<std::size_t>(limits::config_files)) {
            warn(place_of(section), "more than " + std::to_string(limits::config_files) +
                                        " files; the others are passed over");
            paths.resize(static_cast<std::size_t>(limits::config_files));
        }
        return paths;
    }

    /// The text of a file as a source for places; none when it cannot be read.
    std::optional<Table> open(std::string_view section, std::string const& path) {
        auto text = context_.world.read_file(path);
        if (!text) {
            bool is_absent = text.error().kind == Error::Kind::not_found;
            if (is_absent && optional_.contains(path)) return std::nullopt;
            warn(place_of(section),
                 "'" + path + "' cannot be read (" + text.error().what + "); going on without it");
            return std::nullopt;
        }
        text_ = std::move(text).take();
        context_.ini.sources.push_back({path, text_});
        return Table{.path = path,
                     .text = text_,
                     .file = static_cast<int>(context_.ini.sources.size()) - 1,
                     .user = spool_user(path)};
    }

    void read_crontab(std::string const& path) {
        auto table = open("crontab", path);
        if (!table) return;
        bool is_system = settings_.crontab.system.value_or(is_system_crontab(path));
        take(bring_crontab(*table, is_system, names_, settings_.crontab.mail_channel));
    }

    void read_incrontab(std::string const& path) {
        auto table = open("incrontab", path);
        if (table) take(bring_incrontab(context_.world, *table, names_));
    }

    void take(Brought brought) {
        for (auto& found : brought.found) {
            bool is_lost = found.severity == text::Severity::error;
            warn(found.place, found.what + (is_lost ? "; this line is passed over" : ""),
                 found.hint);
        }
        bool has_lost_task = false;  // then the folder behind it goes as well
        for (auto const& section : brought.sections) {
            bool is_folder = section.name.starts_with("folder:");
            if (is_folder && has_lost_task) continue;
            has_lost_task = !(is_folder ? take_folder(section) : take_task(section));
        }
    }

    /// What `read` finds wrong is not an error of the configuration. False when it was an error.
    template <class Read>
    bool read_apart(Read read) {
        Report apart;
        std::swap(context_.report, apart);
        read();
        std::swap(context_.report, apart);
        bool is_good = !text::has_errors(apart.found());
        for (auto& found : apart.take()) {
            bool is_error = found.severity == text::Severity::error;
            warn(found.place, found.what + (is_error ? "; this line is passed over" : ""),
                 found.hint);
        }
        return is_good;
    }

    bool take_task(SectionText const& text) {
        auto const& section = work_.made.emplace_back(as_section(text));
        std::optional<ReadTask> task;
        bool is_good = read_apart([&] { task = read_task(world_, defaults_, section); });
        if (!is_good || !task) return false;
        task->task.origin = text.origin;
        work_.tasks.push_back(std::move(*task));
        return true;
    }

    bool take_folder(SectionText const& text) {
        auto const& section = work_.made.emplace_back(as_section(text));
        std::optional<ReadFolder> folder;
        bool is_good = read_apart([&] { folder = read_folder(context_, section); });
        if (!is_good || !folder) return false;
        auto const& path = folder->folder.path;
        auto same = std::ranges::find_if(
            work_.folders, [&](ReadFolder const& read) { return read.folder.path == path; });
        if (same != work_.folders.end()) {
            warn(text.place, "'" + path + "' is [folder:" + same->folder.name +
                                 "]'s; this line is passed over");
            std::erase_if(work_.tasks, [&](ReadTask const& read) {
                return read.task.name == folder->folder.task;
            });
            return false;
        }
        work_.folders.push_back(std::move(*folder));
        return true;
    }

    ProgramWorld const& world_;
    Context& context_;
    TaskDraft const& defaults_;
    Settings const& settings_;
    ReadWork work_;
    std::set<std::string> names_;
    std::set<std::string> optional_;  // files that may be absent
    std::string text_;                // of the table under way
};

}  // namespace

void read_tables(ProgramWorld const& world, TaskDraft const& defaults, Settings const& settings,
                 ReadWork work) {
    TablesReader(world, defaults, settings, work).read();
}

}  // namespace lares::config
