// config/folders.cc: one [folder:x] section, from its rows to a Folder.

#include <algorithm>

#include "config/processes.h"
#include "config/tasks.h"

namespace lares::config {

namespace {

constexpr Elsewhere elsewhere[] = {
    {"directory", "write path"},
    {"folder", "write path"},
    {"command", "write task = NAME, and the command into [task:NAME]"},
    {"success", "write done"},
    {"error", "write failed"},
    {"pattern", "write match"},
    {"patterns", "write match"},
    {"files", "write match"},
    {"exclude", "write ignore"},
};

class FolderReader {
public:
    FolderReader(Context& context, text::IniSection const& section)
        : section_(section), reader_(context, section) {
        reader_.set_classic([](auto, auto, auto const&) { return std::string(); });
    }

    std::optional<ReadFolder> read() {
        auto name =
            parse_name(std::string_view(reader_.name()).substr(reader_.name().find(':') + 1));
        if (!name || name->empty()) {
            reader_.error(reader_.place(), {"the name in [" + reader_.name() +
                                            "] must be there and have no space, ':' or '/'"});
            return std::nullopt;
        }
        folder_.name = *name;
        folder_.place = section_.place;
        folder_.file = reader_.file();
        reader_.know("folder_name", *name);
        for (auto const& [known, value] : comment_signs()) reader_.know(known, value);
        read_defaults(reader_.context().world, folder_rows(), folder_);
        reader_.read(folder_rows(), folder_);
        reader_.report_unknown(/*section_is_ours=*/true, elsewhere);
        check_required();
        check_set();
        for (auto& expect : folder_.expects) check_expect(expect);
        settle_disposal("done", folder_.done);
        settle_disposal("failed", folder_.failed);
        return ReadFolder{std::move(folder_), &section_};
    }

private:
    void error(std::string_view option, std::string what, std::string hint = {}) {
        reader_.error(reader_.place_of(option), {std::move(what), std::move(hint)});
    }

    void check_required() {
        if (!reader_.find("path"))
            error("path", "[" + reader_.name() + "] needs a 'path' line",
                  "such as path = /srv/incoming");
        if (!reader_.find("task"))
            error("task", "[" + reader_.name() + "] needs a 'task' line",
                  "the task that gets a job for each file");
        if (folder_.path == "/")
            error("path", "path = /: the whole system is no hot folder");
        else if (!folder_.path.empty() && !reader_.context().world.is_directory(folder_.path))
            reader_.warning(reader_.place_of("path"),
                            {"path = " + shown(folder_.path) + ": there is no such folder yet"});
    }

    void check_set() {
        bool is_set = folder_.unit == Folder::Unit::set;
        if (!is_set) {
            for (std::string_view option : {"set", "set_timeout"})
                if (reader_.find(option))
                    reader_.warning(reader_.place_of(option),
                                    {std::string(option) + " does nothing without unit = set"});
            return;
        }
        if (folder_.set.size() < 2)
            error("set", "unit = set needs two patterns at least", "such as set = *.pdf, *.xml");
        for (auto const& pattern : folder_.set)
            if (std::ranges::count(pattern, '*') != 1)
                error("set", "set: '" + pattern + "' must have one '*'",
                      "it stands for what the names of one set have in common");
    }

    void check_expect(Expect& expect) {
        if (expect.kind == Expect::Kind::by) expect.kind = Expect::Kind::files;
        bool fits = expect.kind == Expect::Kind::files || expect.kind == Expect::Kind::every;
        if (!fits)
            error("expect", "expect = " + shown(expect.text) + ": is for tasks",
                  "of a folder write by 06:00, by 06:00 at least 3, or every 1h");
    }

    /// Relative ones lie in the folder.
    void settle_disposal(std::string_view option, Folder::After& after) {
        if (after.what != Folder::After::What::move || folder_.path.empty()) return;
        after.directory = absolute_path(after.directory, folder_.path);
        if (after.directory == folder_.path)
            error(option,
                  std::string(option) +
                      " = move: to the folder itself would bring the "
                      "files back for ever",
                  "name another folder, such as move:done");
        else if (folder_.path.starts_with(after.directory + "/"))
            error(option,
                  "[" + reader_.name() + "] lies in its own " + std::string(option) + " folder, '" +
                      after.directory + "'",
                  "name a folder inside or beside it");
    }

    text::IniSection const& section_;
    SectionReader reader_;
    Folder folder_;
};

}  // namespace

std::optional<ReadFolder> read_folder(Context& context, text::IniSection const& section) {
    return FolderReader(context, section).read();
}

}  // namespace lares::config
