// config/groups.cc: [group:x] sections and the groups that programs imply.
//
// supervisord reads group members first, then the other programs, event listeners and FastCGI
// programs; of two groups with one name it runs the first in (priority, name) order and forgets the
// other without a word. So do we, with words.

#include "config/groups.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "base/limits.h"
#include "config/processes.h"
#include "config/programs.h"
#include "text/nearest.h"

namespace lares::config {

namespace {

struct KindRow {
    ProgramKind kind;
    std::string_view prefix;
};
/// In supervisord's order.
constexpr KindRow kinds[] = {{ProgramKind::program, "program:"},
                             {ProgramKind::eventlistener, "eventlistener:"},
                             {ProgramKind::fcgi_program, "fcgi-program:"}};

/// A group while its names are checked; `programs` are indices.
struct Draft {
    Group group;
    std::vector<std::size_t> programs;
};

class GroupReader {
public:
    GroupReader(Context& context, Settings& settings)
        : context_(context),
          settings_(settings),
          defaults_(program_defaults(context.world)),
          world_{context, settings.daemon, defaults_} {
        for (auto const& section : context.ini.sections) sections_[section.name] = &section;
    }

    void read() {
        for (auto const& section : context_.ini.sections)
            if (section.name.starts_with("group:")) read_group(section);
        for (auto const& row : kinds)
            for (auto const& section : context_.ini.sections)
                if (section.name.starts_with(row.prefix) && !read_.contains(&section))
                    read_alone(section, row.kind);
        check_total();
        order();
        drop_doubles();
        for (auto const& draft : drafts_) check_process_names(draft);
        hand_over();
        check_needs();
    }

private:
    // ---- reading

    void read_group(text::IniSection const& section) {
        SectionReader reader(context_, section);
        auto name = parse_name(std::string_view(section.name).substr(6));
        if (!name) {
            reader.error(section.place,
                         {"the name in [" + section.name + "] must have no space, ':' or '/'", "",
                          name.error().what});
            return;
        }
        Draft draft{.group = {.name = *name, .implied = false, .place = section.place}};
        reader.read(group_rows(), draft.group);
        reader.report_unknown(/*section_is_ours=*/false);
        for (auto const& member : std::exchange(draft.group.programs, {}))
            read_member(reader, draft, member);
        drafts_.push_back(std::move(draft));
    }

    void read_member(SectionReader& reader, Draft& draft, std::string const& name) {
        auto program = sections_.find("program:" + name);
        auto fastcgi = sections_.find("fcgi-program:" + name);
        bool is_program = program != sections_.end(), is_fastcgi = fastcgi != sections_.end();
        std::string title = "[" + reader.name() + "]";
        if (!is_program && !is_fastcgi) {
            reader.error(reader.place_of("programs"),
                         {title + " names the unknown program '" + name + "'",
                          did_you_mean(text::nearest(name, program_names())),
                          title + " names unknown program or fcgi-program " + name});
            return;
        }
        if (is_program && is_fastcgi) {
            read_.try_emplace(program->second, std::nullopt);
            read_.try_emplace(fastcgi->second, std::nullopt);
            reader.error(
                reader.place_of("programs"),
                {title + ": '" + name + "' is a program and a fcgi-program", "rename one of them",
                 title + " name " + name + " is ambiguous (exists as program and fcgi-program)"});
            return;
        }
        auto const& section = *(is_program ? program : fastcgi)->second;
        auto kind = is_program ? ProgramKind::program : ProgramKind::fcgi_program;
        auto index = read_once(section, kind, draft.group.name, /*in_group=*/true);
        if (!index) return;
        if (std::ranges::find(draft.programs, *index) == draft.programs.end()) {
            draft.programs.push_back(*index);
        } else {
            reader.warning(reader.place_of("programs"), {title + " names '" + name + "' twice"});
        }
    }

    void read_alone(text::IniSection const& section, ProgramKind kind) {
        auto index = read_once(section, kind, name_of_section(section), /*in_group=*/false);
        if (!index) return;
        auto const& read = programs_[*index];
        drafts_.push_back({.group = {.name = read.program.name,
                                     .priority = read.group_priority,
                                     .implied = true,
                                     .place = section.place},
                           .programs = {*index}});
    }

    /// Index of the program of `section`, read now or when another group named it.
    std::optional<std::size_t> read_once(text::IniSection const& section, ProgramKind kind,
                                         std::string const& group, bool in_group) {
        auto [known, is_new] = read_.try_emplace(&section, std::nullopt);
        if (!is_new) return known->second;
        auto program = read_program(world_, section, kind, group, in_group);
        if (!program) return std::nullopt;
        programs_.push_back(std::move(*program));
        known->second = programs_.size() - 1;
        return known->second;
    }

    std::vector<std::string_view> program_names() const {
        std::vector<std::string_view> names;
        for (auto const& [name, section] : sections_)
            for (std::string_view prefix : {"program:", "fcgi-program:"})
                if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
        return names;
    }

    // ---- checks over all

    void check_total() {
        std::size_t total = 0;
        for (auto const& read : programs_) total += static_cast<std::size_t>(read.program.numprocs);
        if (total <= std::size_t(limits::processes)) return;
        context_.report.error({}, {std::to_string(total) + " processes are more than the " +
                                   std::to_string(limits::processes) + " one daemon runs"});
    }

    void order() {
        std::ranges::stable_sort(drafts_, [](Draft const& one, Draft const& other) {
            return std::tie(one.group.priority, one.group.name) <
                   std::tie(other.group.priority, other.group.name);
        });
    }

    void drop_doubles() {
        std::unordered_map<std::string, text::Place> seen;
        std::erase_if(drafts_, [&](Draft const& draft) {
            auto [first, is_new] = seen.try_emplace(draft.group.name, draft.group.place);
            if (is_new) return false;
            context_.report.warning(draft.group.place,
                                    {"another section makes a group '" + draft.group.name +
                                         "' that comes first; what this one makes does not run",
                                     "rename one of them"});
            return true;
        });
    }

    void check_process_names(Draft const& draft) {
        std::unordered_set<std::string> seen;
        for (std::size_t index : draft.programs) {
            auto const& read = programs_[index];
            for (auto const& name : names_in_group(read, draft.group.name)) {
                if (seen.insert(name).second) continue;
                context_.report.error(read.program.place,
                                      {"the process name '" + name + "' comes twice in group '" +
                                           draft.group.name + "'",
                                       "set process_name"});
                break;
            }
        }
    }

    /// The names were made for the first group that has the program; another may give others.
    std::vector<std::string> names_in_group(ReadProgram const& read, std::string const& group) {
        if (read.program.process_name.find("%(group_name)") == std::string::npos)
            return read.process_names;
        auto made = make_processes(context_.world, context_.names, context_.here,
                                   log_base(settings_.daemon, context_.world), read.program, group,
                                   read.program.numprocs);
        std::vector<std::string> names;
        names.reserve(made.processes.size());
        for (auto const& process : made.processes) names.push_back(process.name);
        return names;
    }

    void hand_over() {
        std::vector<bool> runs(programs_.size(), false);
        for (auto& draft : drafts_) {
            for (std::size_t index : draft.programs) {
                runs[index] = true;
                draft.group.programs.push_back(programs_[index].program.name);
            }
            settings_.groups.push_back(std::move(draft.group));
        }
        std::unordered_set<std::string> names;
        settings_.programs.reserve(programs_.size());
        for (std::size_t i = 0; i < programs_.size(); ++i) {
            if (!runs[i]) continue;
            auto& program = programs_[i].program;
            if (!names.insert(program.name).second)
                context_.report.error(
                    program.place,
                    {"two sections are called '" + program.name + "'", "rename one of them"});
            settings_.programs.push_back(std::move(program));
        }
    }

    void check_needs() {
        std::unordered_set<std::string_view> names;
        for (auto const& program : settings_.programs) names.insert(program.name);
        for (auto const& group : settings_.groups) names.insert(group.name);
        for (auto const& program : settings_.programs)
            for (auto const& need : program.depends_on) check_need(program, need, names);
    }

    void check_need(Program const& program, std::string const& need,
                    std::unordered_set<std::string_view> const& names) {
        if (names.contains(need) && need != program.name) return;
        auto const* section = sections_.at(section_name(program));
        SectionReader reader(context_, *section);
        std::string title = "[" + reader.name() + "]";
        std::string hint =
            did_you_mean(text::nearest(need, std::vector(names.begin(), names.end())));
        Finding finding{title + " depends on the unknown program or group '" + need + "'", hint};
        if (need == program.name) finding = {title + " depends on itself"};
        reader.error(reader.place_of("depends_on"), std::move(finding));
    }

    Context& context_;
    Settings& settings_;
    ProgramDraft defaults_;
    ProgramWorld world_;
    std::unordered_map<std::string_view, text::IniSection const*> sections_;
    std::unordered_map<text::IniSection const*, std::optional<std::size_t>> read_;
    std::vector<ReadProgram> programs_;
    std::vector<Draft> drafts_;
};

}  // namespace

void read_groups(Context& context, Settings& settings) { GroupReader(context, settings).read(); }

}  // namespace lares::config
