// config/reader.h: one section read by its rows: values found, expanded, put into their fields.
//
// What is wrong goes to the Report in two voices: ours, with place and hint, and supervisord's,
// which differs from section to section in what it puts around a value's own words.

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/report.h"
#include "config/rows.h"
#include "config/world.h"
#include "text/expand.h"
#include "text/ini.h"

namespace lares::config {

/// What all of one load() shares.
struct Context {
    World const& world;
    text::Ini ini;
    std::string here;  // the main file's directory
    Report report;
    text::Names names;  // ENV_X and host_node_name: known everywhere
    std::vector<std::string> notes;
    IncludeAuto include_auto = IncludeAuto::off;
};

/// How one row is seen without its field.
struct RowView {
    std::string_view name;
    KindWords const& words;
    Range const& range;
    unsigned traits;
};

/// A name that other sections or other programs have for something: what to write here.
struct Elsewhere {
    std::string_view option, hint;
};

/// One section of the files while it is read.
class SectionReader {
public:
    /// The words supervisord puts around those of a value: (option, value, its words) to the line.
    using Classic = std::function<std::string(std::string_view option, std::string_view value,
                                              std::string const& words)>;

    SectionReader(Context& context, text::IniSection const& section);

    std::string const& name() const { return section_.name; }
    text::Place place() const { return section_.place; }
    /// The file that first introduced the section.
    std::string const& file() const;

    text::IniEntry const* find(std::string_view option) const { return section_.find(option); }
    /// Where to point at for an option: its entry, else the section.
    text::Place place_of(std::string_view option) const;

    /// More names for expansions, such as program_name.
    void know(std::string name, std::variant<std::string, long> value);
    void set_classic(Classic classic) { classic_ = std::move(classic); }
    /// Errors count as warnings: for sections supervisord itself does not look at.
    void only_warn() { severity_ = text::Severity::warning; }

    /// Reads all options of `rows` that the section has into `owner`; `only` those with this trait.
    template <class Owner>
    void read(std::span<Row<Owner> const> rows, Owner& owner, unsigned only = 0) {
        for (auto const& row : rows) {
            if ((row.traits & only) != only) continue;
            known_.push_back(row.name);
            auto const* entry = find(row.name);
            if (!entry) continue;
            RowView view{row.name, row.slot.words, row.range, row.traits};
            auto value = value_of(*entry, view);
            if (!value) continue;
            std::string remark;
            Reading reading{context_.world,           row.name, row.slot.words.unit, row.range,
                            (row.traits & ours) != 0, remark};
            report(*entry, view, *value, row.slot.read(reading, *value, owner), remark);
        }
    }

    /// Counts the options of `rows` as known: another reads them.
    template <class Owner>
    void know_rows(std::span<Row<Owner> const> rows) {
        for (auto const& row : rows) known_.push_back(row.name);
    }

    /// Says which options none of the rows read; the nearest spelling is the hint, or what is said
    /// of the name in `elsewhere`. In sections of ours they are errors.
    void report_unknown(bool section_is_ours, std::span<Elsewhere const> elsewhere = {});

    void error(text::Place place, Finding finding);
    void warning(text::Place place, Finding finding);
    /// supervisord's line for `words` about `option`, as this section has it.
    std::string classic(std::string_view option, std::string_view value,
                        std::string const& words) const;
    /// The error of an expansion, in both voices.
    void report_expansion(std::string_view option, std::string_view value, Error const&);

    /// `text` of an entry with %(here)s, which is another in each file, replaced.
    std::string with_here(text::IniEntry const&) const;
    /// Texts with an expansion of rows that vary: they are read for each process, later.
    text::Variables take_varying() { return std::move(varying_); }

    Context& context() { return context_; }

private:
    std::optional<std::string> value_of(text::IniEntry const&, RowView const&);
    void report(text::IniEntry const&, RowView const&, std::string const& value,
                Result<> const& done, std::string const& remark);

    Context& context_;
    text::IniSection const& section_;
    text::Names names_;
    text::Severity severity_ = text::Severity::error;
    Classic classic_;
    std::vector<std::string_view> known_;
    text::Variables varying_;
};

/// An Owner with every default of `rows` in place. `world` makes relative ones absolute.
template <class Owner>
void read_defaults(World const& world, std::span<Row<Owner> const> rows, Owner& owner) {
    for (auto const& row : rows) {
        if (!is_value(row.fallback)) continue;
        std::string remark;
        Reading reading{world, row.name, row.slot.words.unit, row.range, true, remark};
        // A test reads every default; the Result says nothing new here.
        (void)row.slot.read(reading, row.fallback, owner).ok();
    }
}

/// `text` with %(here)s replaced by `here`, so that it can be expanded elsewhere later.
std::string settle_here(std::string_view text, std::string_view here);

}  // namespace lares::config
