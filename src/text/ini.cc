// text/ini.cc: ConfigParser's reading of lines, step for step, because its quirks decide what a
// file means.
//
// A line is judged in this order: comment, blank, continuation (indented more than the line that
// holds the key), section, option. A comment inside a continuation vanishes; a blank line inside
// one stays as an empty line.

#include "text/ini.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/limits.h"
#include "text/python.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

struct Line {
    int number = 0;
    std::string_view text;  // without its end
    bool ended = false;     // false for a last line without '\n'
};

/// Lines as Python's universal newlines give them: LF, CRLF or CR.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    bool next(Line& line) {
        if (rest_.empty()) return false;
        std::size_t end = rest_.find_first_of("\r\n");
        line = {line.number + 1, rest_.substr(0, end), end != nowhere};
        if (end != nowhere) end += rest_.substr(end).starts_with("\r\n") ? 2 : 1;
        rest_.remove_prefix(std::min(end, rest_.size()));
        return true;
    }

private:
    std::string_view rest_;
};

/// Where a comment begins; nowhere when the line has none.
///
/// As in Python, both signs are looked for in step, and the search ends with the first step that
/// finds a comment: in "a;b ;c #d" the '#' of the first step hides the ';' of the second.
std::size_t find_comment(std::string_view line) {
    std::string_view bare = python::strip_left(line);
    if (bare.starts_with(';') || bare.starts_with('#')) return 0;
    std::array<std::size_t, 2> from = {0, 0};  // where the search for each sign goes on
    while (from[0] != nowhere || from[1] != nowhere) {
        std::size_t found = nowhere;
        for (std::size_t i = 0; i < 2; ++i) {
            std::size_t at = from[i] == nowhere ? nowhere : line.find(";#"[i], from[i]);
            from[i] = at == nowhere ? nowhere : at + 1;
            if (at != nowhere && python::space_before(line, at) != 0) found = std::min(found, at);
        }
        if (found != nowhere) return found;
    }
    return nowhere;
}

/// The quote that is open after `text`, by a shell's rules; 0 when none is.
char open_quote(std::string_view text, char open) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '\\' && open != '\'') {
            ++at;
        } else if (c == open) {
            open = 0;
        } else if (open == 0 && (c == '\'' || c == '"')) {
            open = c;
        }
    }
    return open;
}

std::string hexadecimal(unsigned char byte) {
    static constexpr char digits[] = "0123456789abcdef";
    return {'0', 'x', digits[byte >> 4], digits[byte & 0xF]};
}

/// Python's UnicodeDecodeError. It decodes 8 KB at a time and counts from the start of such a
/// piece; what the end of the file cuts off is a piece of its own.
std::string codec_words(std::string_view text, std::size_t at, Character const& c) {
    constexpr std::size_t piece = 8192;
    bool is_cut = c.fault == Character::Fault::cut;
    std::size_t position = is_cut ? 0 : at % piece;
    std::string words = "'utf-8' codec can't decode byte";
    if (c.length == 1) {
        words.append(" ").append(hexadecimal(static_cast<unsigned char>(text[at])));
        words.append(" in position ").append(std::to_string(position));
    } else {
        words.append("s in position ").append(std::to_string(position)).append("-");
        words.append(std::to_string(position + c.length - 1));
    }
    if (is_cut) return words + ": unexpected end of data";
    return words + (c.fault == Character::Fault::start ? ": invalid start byte"
                                                       : ": invalid continuation byte");
}

IniEntry const* find_entry(std::vector<IniEntry> const& entries, std::string_view key) {
    auto entry = std::ranges::find(entries, key, &IniEntry::key);
    return entry == entries.end() ? nullptr : &*entry;
}

/// Puts `entry` where its key stands already, or at the end; returns its index.
std::size_t put_entry(std::vector<IniEntry>& entries, IniEntry entry) {
    IniEntry const* known = find_entry(entries, entry.key);
    if (!known) {
        entries.push_back(std::move(entry));
        return entries.size() - 1;
    }
    auto index = static_cast<std::size_t>(known - entries.data());
    entries[index] = std::move(entry);
    return index;
}

/// Gives each section what [DEFAULT] says and it does not say itself.
void inherit_defaults(Ini& ini) {
    if (ini.defaults.entries.empty()) return;
    for (auto& section : ini.sections) {
        std::erase_if(section.entries, &IniEntry::is_inherited);
        for (IniEntry entry : ini.defaults.entries) {
            entry.is_inherited = true;
            if (!section.find(entry.key)) section.entries.push_back(std::move(entry));
        }
    }
}

/// Reads one file into an Ini.
class Reader {
public:
    Reader(Ini& ini, int file, std::string_view path)
        : ini_(ini), file_(file), path_(path), old_sections_(ini.sections.size()) {}

    void read(std::string_view text) {
        find_encoding_faults(text);
        Line line;
        for (Lines lines(text); lines.next(line);) read_line(line);
        end_entry();
    }

    void warn_of_mark() {
        report({Severity::warning,
                {file_, 1, 0},
                "a byte order mark, ignored",
                "supervisord refuses this file; save it as UTF-8 without a mark",
                ""});
    }

    std::vector<Diagnostic> done() {
        if (!classic_.empty()) found_[first_misread_].classic = classic_;
        return std::move(found_);
    }

private:
    // ---- what is wrong

    /// @returns false when there were too many already, and this one is dropped.
    bool report(Diagnostic diagnostic) {
        if (found_.size() >= limits::config_errors) return false;
        found_.push_back(std::move(diagnostic));
        return true;
    }

    Place place_of(Line const& line, std::string_view part) const {
        return {file_, line.number, static_cast<int>(part.data() - line.text.data()) + 1};
    }

    /// One error a line is enough.
    void find_encoding_faults(std::string_view text) {
        Line line;
        for (Lines lines(text); lines.next(line);) {
            for (std::size_t at = 0; at < line.text.size();) {
                // The line's end cannot be part of a sequence, but the text's end can cut one.
                std::size_t from = static_cast<std::size_t>(line.text.data() - text.data()) + at;
                Character c = read_character(text, from);
                at += c.length;
                if (c.fault == Character::Fault::none) continue;
                report_encoding(line, text, from, c);
                break;
            }
        }
    }

    void report_encoding(Line const& line, std::string_view text, std::size_t at,
                         Character const& c) {
        std::string classic = is_decoded_ ? codec_words(text, at, c) : "";
        is_decoded_ = false;
        report({Severity::error, place_of(line, text.substr(at)),
                "byte " + hexadecimal(static_cast<unsigned char>(text[at])) + " is not UTF-8",
                "save the file as UTF-8", std::move(classic)});
    }

    void report_no_section(Line const& line, std::string_view kept) {
        if (has_no_section_) return;  // once a file: the rest of the lines says nothing new
        has_no_section_ = true;
        report({Severity::error, place_of(line, kept), "a line before the first [section]",
                "write a section, such as [supervisord], above it",
                "File contains no section headers.\nfile: " + python::repr(path_) +
                    ", line: " + std::to_string(line.number) + "\n" + shown(line)});
    }

    /// supervisord lists all such lines in one message; it goes with the first of them.
    void report_misread(Line const& line, std::string_view kept, std::string what) {
        std::string number = std::to_string(line.number);
        std::string head = "Source contains parsing errors: " + python::repr(path_);
        std::string tail = "\n\t[line " + std::string(number.size() < 2 ? 1 : 0, ' ') + number +
                           "]: " + shown(line);
        std::size_t index = found_.size();
        if (!report({Severity::error, place_of(line, kept), std::move(what),
                     "write option = value, or indent it to continue the option above",
                     head + tail}))
            return;
        if (classic_.empty()) {
            first_misread_ = index;
            classic_ = std::move(head);
        }
        classic_.append(tail);
    }

    static std::string shown(Line const& line) {
        return python::repr(std::string(line.text) + (line.ended ? "\n" : ""));
    }

    // ---- lines

    void read_line(Line const& line) {
        std::size_t comment = find_comment(line.text);
        std::string_view kept = python::strip(line.text.substr(0, comment));
        if (kept.empty()) {
            if (comment == nowhere && entry_) entry().value.push_back('\n');
            return;
        }
        std::string_view indentation = line.text.substr(
            0, static_cast<std::size_t>(python::strip_left(line.text).data() - line.text.data()));
        std::size_t indent = count_characters(indentation);
        if (may_continue_ && indent > indent_) return read_continuation(line, kept, comment);
        indent_ = indent;
        std::size_t close = kept.rfind(']');
        if (kept[0] == '[' && close != nowhere && close >= 2) {
            return read_header(line, kept, close);
        }
        if (!section_) return report_no_section(line, kept);
        read_option(line, kept, comment);
    }

    void read_header(Line const& line, std::string_view kept, std::size_t close) {
        end_entry();
        may_continue_ = false;
        section_ = section_named(std::string(kept.substr(1, close - 1)), place_of(line, kept));
        if (close + 1 < kept.size())
            report({Severity::warning, place_of(line, python::strip_left(kept.substr(close + 1))),
                    "text after the section's name, ignored", "", ""});
    }

    void read_option(Line const& line, std::string_view kept, std::size_t comment) {
        std::size_t sign = kept.find_first_of("=:");
        std::string_view key = python::strip_right(kept.substr(0, sign));
        if (sign == nowhere || key.empty()) {
            end_entry();  // what continues this line belongs to nothing
            if (sign != nowhere) may_continue_ = false;
            return report_misread(line, kept,
                                  sign == nowhere ? "no '=' in this line"
                                                  : "no option's name before the '" +
                                                        std::string(1, kept[sign]) + "'");
        }
        if (key[0] == '[')
            report({Severity::warning, place_of(line, kept), "read as an option, not as a section",
                    "is a ']' missing?", ""});
        std::string_view value = python::strip_left(kept.substr(sign + 1));
        begin_entry(
            {python::lower(key), std::string(value), place_of(line, key), place_of(line, value)});
        check_quote(line, value, comment);
    }

    void read_continuation(Line const& line, std::string_view kept, std::size_t comment) {
        if (!entry_) return;
        entry().value.append(1, '\n').append(kept);
        check_quote(line, kept, comment);
    }

    /// supervisord knows no quotes here: ` ;` inside them cuts the value, seldom on purpose.
    void check_quote(Line const& line, std::string_view piece, std::size_t comment) {
        quote_ = open_quote(piece, quote_);
        if (quote_ == 0 || comment == nowhere || has_warned_of_quote_) return;
        has_warned_of_quote_ = true;
        std::string_view cut = line.text.substr(comment);
        report({Severity::warning, place_of(line, cut),
                std::string("a comment begins here, inside an open ") + quote_,
                "quotes do not protect '" + std::string(1, cut[0]) +
                    "' after a space; remove the space",
                ""});
    }

    // ---- sections and entries

    std::size_t section_named(std::string name, Place place) {
        if (name == "DEFAULT") {
            if (ini_.defaults.name.empty()) ini_.defaults = {std::move(name), place, {}};
            return of_defaults;
        }
        if (auto known = seen_.find(name); known != seen_.end()) return known->second;
        auto old = std::find_if(ini_.sections.begin(), ini_.sections.begin() + old_sections_,
                                [&](IniSection const& section) { return section.name == name; });
        auto index = static_cast<std::size_t>(old - ini_.sections.begin());
        if (index == old_sections_) {
            index = ini_.sections.size();
            ini_.sections.push_back({name, place, {}});
        }
        seen_.emplace(std::move(name), index);
        return index;
    }

    std::vector<IniEntry>& entries() {
        return *section_ == of_defaults ? ini_.defaults.entries : ini_.sections[*section_].entries;
    }

    IniEntry& entry() { return entries()[*entry_]; }

    void begin_entry(IniEntry entry) {
        end_entry();
        entry_ = put_entry(entries(), std::move(entry));
        may_continue_ = true;
    }

    void end_entry() {
        if (entry_) entry().value.resize(python::strip_right(entry().value).size());
        entry_.reset();
        quote_ = 0;
        has_warned_of_quote_ = false;
    }

    static constexpr std::size_t of_defaults = nowhere;

    Ini& ini_;
    int file_;
    std::string_view path_;
    std::size_t old_sections_;  // those of earlier files, which seen_ does not hold
    std::unordered_map<std::string, std::size_t> seen_;
    std::vector<Diagnostic> found_;

    std::optional<std::size_t> section_;
    std::optional<std::size_t> entry_;  // none after a faulty line: its continuation is dropped
    bool may_continue_ = false;
    std::size_t indent_ = 0;
    char quote_ = 0;
    bool has_warned_of_quote_ = false;

    bool is_decoded_ = true;  // until the first fault
    bool has_no_section_ = false;
    std::string classic_;
    std::size_t first_misread_ = 0;
};

}  // namespace

IniEntry const* IniSection::find(std::string_view key) const { return find_entry(entries, key); }

IniSection const* Ini::find(std::string_view name) const {
    auto section = std::ranges::find(sections, name, &IniSection::name);
    return section == sections.end() ? nullptr : &*section;
}

std::vector<Diagnostic> read_ini(Ini& ini, std::string path, std::string text) {
    auto file = static_cast<int>(ini.sources.size());
    bool has_mark = text.starts_with("\xEF\xBB\xBF");
    if (has_mark) text.erase(0, 3);
    ini.sources.push_back({std::move(path), std::move(text)});
    Source const& source = ini.sources.back();
    if (source.text.size() > limits::config_bytes)
        return {{Severity::error, {file, 0, 0}, "larger than 16 MB", "is it a configuration?", ""}};
    Reader reader(ini, file, source.path);
    if (has_mark) reader.warn_of_mark();
    reader.read(source.text);
    inherit_defaults(ini);
    return reader.done();
}

}  // namespace lares::text
