// cli/manual.cc: rows as roff. Commands and options are tagged paragraphs; the pages of
// supervisord's names show their help as it is.

#include "cli/manual.h"

#include "cli/classic.h"
#include "cli/help.h"
#include "cli/rows.h"

namespace lares::cli {
namespace {

/// Text that roff takes as it is: no request at the start of a line, no escape, plain dashes.
std::string plain(std::string_view text) {
    std::string out;
    bool at_start = true;
    for (char const c : text) {
        if (at_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        at_start = c == '\n';
    }
    return out;
}

std::string head(std::string_view name, std::string_view version, std::string_view what) {
    std::string upper(name);
    for (char& c : upper) c = char(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return ".TH " + upper + " 1 \"\" \"lares " + plain(version) + "\"\n.SH NAME\n" + plain(name) +
           " \\- " + plain(what) + "\n";
}

std::string option_paragraph(OptionRow const& row) {
    std::string names;
    for (std::string const& name : names_of(row)) names += (names.empty() ? "" : ", ") + name;
    std::string text = ".TP\n.B " + plain(names);
    if (!row.value.empty()) text += " \\fI" + plain(row.value) + "\\fR";
    return text + "\n" + plain(row.help) + "\n";
}

std::string command_section(CommandRow const& row) {
    std::string text =
        ".SS " + plain(row.name) + " " + plain(row.usage) + "\n" + plain(row.help) + ".\n";
    if (!row.more.empty()) text += plain(row.more) + "\n";
    for (OptionRow const& option : row.options) text += option_paragraph(option);
    return text;
}

std::string lares_page(std::string_view version) {
    std::string text =
        head("lares", version, "keep a server's programs up, and steer them") +
        ".SH SYNOPSIS\n.B lares\n\\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIWORD\\fR...]\n"
        ".SH COMMANDS\n";
    for (CommandRow const& row : command_rows()) text += command_section(row);
    text += ".SH OPTIONS OF EVERY COMMAND\n";
    for (OptionRow const& row : common_options()) text += option_paragraph(row);
    return text +
           ".SH EXIT STATUS\n0 done, 1 refused or failed, 2 wrong usage, 3 no Lares is listening.\n"
           ".SH SEE ALSO\n.BR supervisord (1),\n.BR supervisorctl (1)\n";
}

std::string classic_page(std::string_view name, std::string_view version, std::string_view what,
                         std::string const& help) {
    return head(name, version, what) +
           ".SH DESCRIPTION\nThis is \\fBlares\\fR under the name of "
           "a program that it replaces. Words, streams and exit codes are those of supervisor " +
           plain(classic::version) + ".\n.SH USAGE\n.nf\n" + plain(help) +
           ".fi\n.SH SEE ALSO\n.BR lares (1)\n";
}

}  // namespace

std::vector<std::string_view> manual_names() { return {"lares", "supervisord", "supervisorctl"}; }

Result<std::string> manual_page(std::string_view name, std::string_view version) {
    if (name == "lares") return lares_page(version);
    if (name == "supervisord")
        return classic_page(name, version, "run programs and keep them up",
                            classic::supervisord_help("supervisord"));
    if (name == "supervisorctl")
        return classic_page(name, version, "control programs from the command line",
                            classic::supervisorctl_help("supervisorctl"));
    return Error{Error::Kind::invalid, "no manual page is called '" + std::string(name) +
                                           "'; there are 'lares', 'supervisord' and "
                                           "'supervisorctl'"};
}

}  // namespace lares::cli
