// config/bring_incrontab.cc: incron's lines as hot folders.
//
// incron tells of events; a folder tells of files that came and are complete. Lines that ask for
// the latter (IN_CLOSE_WRITE, IN_MOVED_TO) are one; lines about deleting, reading or attributes
// have no counterpart and are passed over, with words.

#include "config/bring_along.h"
#include "config/work_values.h"
#include "text/incrontab.h"
#include "text/placeholders.h"
#include "text/words.h"

namespace lares::config {

namespace {

constexpr std::uint32_t close_write = 0x8, moved_to = 0x80, create = 0x100, modify = 0x2;
constexpr std::uint32_t flags = 0xff000000;  // IN_ONLYDIR and the like: no events
constexpr std::uint32_t one_shot = 0x80000000;

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

class IncrontabBringer {
public:
    IncrontabBringer(World const& world, Table const& table, std::set<std::string>& names)
        : world_(world), table_(table), names_(names) {}

    Brought bring() {
        auto read = text::read_incrontab(table_.text, table_.file);
        brought_.found = std::move(read.found);
        for (auto const& entry : read.entries) bring(entry);
        return std::move(brought_);
    }

private:
    void report(text::Severity severity, text::Place place, std::string what, std::string hint) {
        brought_.found.push_back({severity, place, std::move(what), std::move(hint), {}});
    }

    /// False when the line cannot be a folder.
    bool check(text::IncrontabEntry const& entry) {
        auto events = entry.mask & ~flags;
        auto usable = events & (close_write | moved_to | create | modify);
        if (usable == 0) {
            report(text::Severity::error, entry.place,
                   text::print_mask(events) + ": a folder tells of files that came, not of this",
                   "such as IN_CLOSE_WRITE,IN_MOVED_TO");
            return false;
        }
        if (entry.path.find_first_of("*?[") != std::string::npos) {
            report(text::Severity::error, entry.place,
                   "'" + entry.path + "' is a pattern: a folder is one path",
                   "write a [folder:x] for each, or one above them with recursive = true");
            return false;
        }
        if (!world_.is_directory(entry.path) && world_.read_file(entry.path)) {
            report(text::Severity::error, entry.place,
                   "'" + entry.path + "' is one file, and no folder to watch",
                   "a program restarts with watch_restart when a file changes");
            return false;
        }
        warn_of_difference(entry, events);
        return true;
    }

    void warn_of_difference(text::IncrontabEntry const& entry, std::uint32_t events) {
        auto others = events & ~(close_write | moved_to);
        if (others != 0)
            report(text::Severity::warning, entry.place,
                   text::print_mask(others) +
                       ": not told of by itself; the task runs when the "
                       "file is complete",
                   "");
        if (entry.mask & one_shot)
            report(text::Severity::warning, entry.place, "IN_ONESHOT: the folder stays watched",
                   "");
    }

    void bring(text::IncrontabEntry const& entry) {
        if (!check(entry)) return;
        bool is_moved_alone = (entry.mask & (close_write | create | modify)) == 0;
        auto words = text::incron_words(text::escape_placeholders(entry.command),
                                        {.path = text::escape_placeholders(entry.path),
                                         .name = "{{name}}",
                                         .flags = is_moved_alone ? "IN_MOVED_TO" : "IN_CLOSE_WRITE",
                                         .numbers = is_moved_alone ? "128" : "8"});
        if (!words) return report(text::Severity::error, entry.place, words.error().what, "");
        std::string name = name_part(base_name(table_.path)) + "." +
                           name_part(base_name(entry.path)) + "-" +
                           short_hash(entry.path + "\n" + entry.command);
        std::string unused = name;
        for (int number = 2; !names_.insert(unused).second; ++number)
            unused = name + "-" + std::to_string(number);
        add_task(entry, unused, *words);
        add_folder(entry, unused);
    }

    SectionText section_of(text::IncrontabEntry const& entry, std::string name) const {
        SectionText section;
        section.name = std::move(name);
        section.place = entry.place;
        section.origin = table_.path + ":" + std::to_string(entry.place.line);
        return section;
    }

    void add_task(text::IncrontabEntry const& entry, std::string const& name,
                  std::vector<std::string> const& words) {
        auto section = section_of(entry, "task:" + name);
        section.notes.push_back(section.origin);
        section.add("command", escape_value(text::join_words(words)));
        if (!table_.user.empty()) {
            section.add("user", escape_value(table_.user));
            section.add("user_environment", "true");
        }
        // incron begins one for each event; those of a loop are the folder's to keep out.
        section.add("overlap", "parallel 100");
        brought_.sections.push_back(std::move(section));
    }

    void add_folder(text::IncrontabEntry const& entry, std::string const& name) {
        auto section = section_of(entry, "folder:" + name);
        section.add("path", escape_value(entry.path));
        section.add("task", name);
        if (entry.is_recursive) section.add("recursive", "true");
        section.add("settle", "0s");
        section.add("check_open", "false");
        brought_.sections.push_back(std::move(section));
    }

    World const& world_;
    Table const& table_;
    std::set<std::string>& names_;
    Brought brought_;
};

}  // namespace

Brought bring_incrontab(World const& world, Table const& table, std::set<std::string>& names) {
    return IncrontabBringer(world, table, names).bring();
}

}  // namespace lares::config
