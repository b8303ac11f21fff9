// config/bring_along.cc: crontabs and Procfiles line by line.

#include "config/bring_along.h"

#include <algorithm>

#include "config/paths.h"
#include "config/values.h"
#include "config/work_values.h"
#include "text/crontab.h"
#include "text/placeholders.h"
#include "text/procfile.h"
#include "text/python.h"
#include "text/quantity.h"
#include "text/words.h"

namespace lares::config {

namespace {

using text::CrontabEntry;
using text::find_variable;

/// cron starts any number of copies; here there is a number, far beyond what is meant.
constexpr std::string_view copies = "parallel 100";
constexpr std::string_view cron_shell = "/bin/sh", cron_path = "/usr/bin:/bin";

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// What a command line calls: "backup" of "/usr/bin/backup --all", passing over variables and cd.
std::string first_word(std::string_view command) {
    auto words = split_spaces(command);
    for (auto const& word : words)
        if (word.find('=') == std::string::npos) return name_part(base_name(word)).substr(0, 24);
    return "x";
}

std::string unused_name(std::string const& wanted, std::set<std::string>& names) {
    std::string name = wanted;
    for (int number = 2; !names.insert(name).second; ++number)
        name = wanted + "-" + std::to_string(number);
    return name;
}

/// Variables that cron itself reads and that mean nothing to the command.
bool is_cron_own(std::string_view name) {
    for (std::string_view known : {"MAILTO", "MAILFROM", "CRON_TZ", "RANDOM_DELAY", "SHELL", "PATH",
                                   "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"})
        if (name == known) return true;
    return false;
}

/// One crontab on its way.
class CrontabBringer {
public:
    CrontabBringer(Table const& table, std::set<std::string>& names,
                   std::string const& mail_channel)
        : table_(table), names_(names), mail_channel_(mail_channel) {}

    Brought bring(bool is_system) {
        auto form = is_system ? text::CrontabForm::system : text::CrontabForm::user;
        auto read = text::read_crontab(table_.text, form, table_.file);
        brought_.found = std::move(read.found);
        for (auto const& entry : read.entries) bring(entry);
        return std::move(brought_);
    }

private:
    void warn(text::Place place, std::string what, std::string hint = {}) {
        brought_.found.push_back(
            {text::Severity::warning, place, std::move(what), std::move(hint), std::string()});
    }

    void bring(CrontabEntry const& entry) {
        auto const& user = entry.user.empty() ? table_.user : entry.user;
        std::string name = name_part(base_name(table_.path)) + "." + first_word(entry.command) +
                           "-" + short_hash(user + "\n" + entry.command + "\n" + entry.input);
        SectionText section;
        section.name = "task:" + unused_name(name, names_);
        section.place = entry.place;
        section.origin = table_.path + ":" + std::to_string(entry.place.line);
        section.notes.push_back(section.origin);
        section.add("command",
                    escape_value(text::escape_placeholders(text::python::strip(entry.command))));
        section.add("shell", "true");
        auto shell = find_variable(entry.environment, "SHELL");
        if (!shell.empty() && shell != cron_shell)
            section.add("shell_program", escape_value(shell));
        if (!entry.input.empty()) section.add("input", escape_value(print_escaped(entry.input)));
        add_schedule(section, entry);
        add_user(section, entry, user);
        section.add("overlap", std::string(copies));
        section.add("catchup", "none");
        add_mail(section, entry);
        brought_.sections.push_back(std::move(section));
    }

    void add_schedule(SectionText& section, CrontabEntry const& entry) {
        section.add("schedule", escape_value(entry.schedule));
        auto zone = find_variable(entry.environment, "CRON_TZ");
        if (!zone.empty()) section.add("timezone", escape_value(zone));
        auto delay = find_variable(entry.environment, "RANDOM_DELAY");
        if (delay.empty()) return;
        auto minutes = text::parse_integer(delay);
        if (minutes && *minutes >= 0 && *minutes <= 24 * 60)
            section.add("jitter", std::to_string(*minutes) + "m");
        else
            warn(entry.place, "RANDOM_DELAY = " + std::string(delay) +
                                  " is no number of minutes "
                                  "up to a day; left out");
    }

    void add_user(SectionText& section, CrontabEntry const& entry, std::string const& user) {
        if (!user.empty()) {
            section.add("user", escape_value(user));
            section.add("user_environment", "true");
            section.add("clear_environment", "true");
        }
        auto home = find_variable(entry.environment, "HOME");
        section.add("directory", home.empty() ? "~" + escape_value(user) : escape_value(home));
        auto shell = find_variable(entry.environment, "SHELL");
        auto path = find_variable(entry.environment, "PATH");
        std::string environment = print_variable("SHELL", shell.empty() ? cron_shell : shell) +
                                  "," + print_variable("PATH", path.empty() ? cron_path : path);
        for (auto const& [name, value] : entry.environment) {
            if (is_cron_own(name)) continue;
            if (is_variable_name(name))
                environment.append(",").append(print_variable(name, value));
            else if (odd_names_.insert(name).second)
                warn(entry.place, "the variable '" + name +
                                      "' has no name that can be handed "
                                      "down; left out");
        }
        section.add("environment", environment);
    }

    /// As cron: an empty MAILTO is nobody. Without one cron writes to the owner, which is a local
    /// mailbox that hardly anybody has: here the channel's own recipients are told.
    void add_mail(SectionText& section, CrontabEntry const& entry) {
        auto mail =
            std::ranges::find(entry.environment, "MAILTO", &text::Variables::value_type::first);
        bool is_set = mail != entry.environment.end();
        if (is_set && text::python::strip(mail->second).empty()) return;
        if (mail_channel_.empty()) return is_set ? mention_mail(entry, mail->second) : void();
        section.add("mail_channel", escape_value(mail_channel_));
        if (is_set) section.add("mail_to", escape_value(mail->second));
    }

    /// Once a table: it is the same for all its lines.
    void mention_mail(CrontabEntry const& entry, std::string const& mail) {
        if (std::exchange(has_mentioned_mail_, true)) return;
        warn(entry.place,
             "MAILTO = " + mail + ": nothing is mailed; output is kept in the log of each run",
             "write mail_channel = NAME, which mails it through [channel:NAME] of type = mail: in "
             "[crontab] for tables that stay, in each task of imported ones");
    }

    Table const& table_;
    std::set<std::string>& names_;
    std::string const& mail_channel_;
    Brought brought_;
    std::set<std::string> odd_names_;
    bool has_mentioned_mail_ = false;
};

}  // namespace

Brought bring_crontab(Table const& table, bool is_system, std::set<std::string>& names,
                      std::string const& mail_channel) {
    return CrontabBringer(table, names, mail_channel).bring(is_system);
}

Brought bring_procfile(Table const& table, std::set<std::string>& names) {
    // Foreman's: the first process gets 5000, each further one a hundred more.
    constexpr int first_port = 5000, ports_apart = 100;
    auto read = text::read_procfile(table.text, table.file);
    Brought brought{.sections = {}, .found = std::move(read.found)};
    std::string directory(directory_of(table.path));
    int port = first_port;
    for (auto const& entry : read.entries) {
        SectionText section;
        section.name = "program:" + unused_name(name_part(entry.name), names);
        section.place = entry.place;
        section.origin = table.path + ":" + std::to_string(entry.place.line);
        section.notes.push_back(section.origin);
        section.add("command",
                    escape_program_value(text::join_words({"/bin/sh", "-c", entry.command})));
        section.add("directory", escape_program_value(directory));
        section.add("environment_file", "-" + escape_program_value(directory + "/.env"));
        section.add("environment", "PORT=" + std::to_string(port));
        section.add("stopasgroup", "true");
        section.add("autorestart", "true");
        brought.sections.push_back(std::move(section));
        port += ports_apart;
    }
    return brought;
}

std::string spool_user(std::string_view path) {
    bool is_spool =
        path.find("/spool/cron/") != path.npos || path.find("/spool/incron/") != path.npos;
    return is_spool ? std::string(base_name(path)) : std::string();
}

bool is_system_crontab(std::string_view path) {
    return path == "/etc/crontab" || path.starts_with("/etc/cron.d/");
}

bool is_passed_over(std::string_view path) {
    auto name = base_name(path);
    if (name.empty() || name.starts_with('.') || name.starts_with('#') || name.ends_with('~'))
        return true;
    for (std::string_view ending : {".rpmsave", ".rpmorig", ".rpmnew", ".dpkg-old", ".dpkg-dist",
                                    ".dpkg-new", ".dpkg-tmp", ".swp", ".bak"})
        if (name.ends_with(ending)) return true;
    return false;
}

}  // namespace lares::config
