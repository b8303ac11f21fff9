// cli/shadow_reading.cc: crontabs and logs as `lares shadow` reads them.

#include <algorithm>

#include "cli/reading.h"
#include "cli/shadow.h"
#include "config/bring_along.h"
#include "text/crontab.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using text::CronLogLine;
using text::find_variable;

/// Where cron's words usually go; the first that is there.
constexpr std::string_view usual_logs[] = {"/var/log/cron", "/var/log/cron.log", "/var/log/syslog",
                                           "/var/log/messages"};
constexpr std::int64_t a_day = 86'400;

// ---- tables

class TableReader {
public:
    TableReader(Doors const& doors, Request const& request) : doors_(doors), request_(request) {}

    Result<> read(std::string const& path) {
        auto text = doors_.world.read_file(path);
        if (!text) return std::move(text).error().during("read '" + path + "'");
        bool const is_system = request_.system || config::is_system_crontab(path);
        auto const form = is_system ? text::CrontabForm::system : text::CrontabForm::user;
        text::Crontab table = text::read_crontab(*text, form, int(tables_.sources.size()));
        tables_.sources.push_back({path, std::move(text).take()});
        std::ranges::move(table.found, std::back_inserter(tables_.found));
        std::string const owner =
            request_.of_user.empty() ? config::spool_user(path) : request_.of_user;
        for (text::CrontabEntry const& entry : table.entries)
            TRY(add(path, entry, is_system ? entry.user : owner));
        return {};
    }
    ShadowTables take() { return std::move(tables_); }

private:
    Result<> add(std::string const& path, text::CrontabEntry const& entry,
                 std::string const& user) {
        if (entry.is_quiet) {
            find(entry, text::Severity::warning, "'-' keeps this line out of cron's log",
                 "it cannot be watched");
            return {};
        }
        tables_.shown.push_back({path, entry.place.line, entry.schedule, user, entry.command});
        shadow::Line& line = tables_.lines.emplace_back();
        line.user = user;
        line.command = text::comparable_command(entry.command);
        line.zone = TRY(zone_of(entry));
        auto const delay = text::parse_integer(find_variable(entry.environment, "RANDOM_DELAY"));
        if (delay && *delay > 0) line.delay = std::min<std::int64_t>(*delay, 24 * 60) * 60;
        auto cron = text::parse_cron(entry.schedule);
        if (!cron) {
            find(entry, text::Severity::error,
                 "schedule '" + entry.schedule + "': " + cron.error().what, "");
            return {};
        }
        line.cron = cron->cron;
        for (std::string const& hint : cron->hints)
            find(entry, text::Severity::warning, "schedule '" + entry.schedule + "': " + hint, "");
        return {};
    }

    Result<std::shared_ptr<schedule::Zone const>> zone_of(text::CrontabEntry const& entry) {
        std::string const name(find_variable(entry.environment, "CRON_TZ"));
        auto zone = doors_.zones->find(name.empty() ? request_.timezone.value_or("") : name);
        if (!zone)
            return std::move(zone).error().during(name.empty() ? "--tz" : "CRON_TZ = " + name);
        return zone;
    }

    void find(text::CrontabEntry const& entry, text::Severity severity, std::string what,
              std::string hint) {
        tables_.found.push_back(
            {severity, entry.place, std::move(what), std::move(hint), std::string()});
    }

    Doors const& doors_;
    Request const& request_;
    ShadowTables tables_;
};

// ---- logs

class LogReader {
public:
    LogReader(Doors const& doors, schedule::Zone const& zone) : doors_(doors), zone_(zone) {}

    void read(std::string const& path) {
        text::CronLogReader reader;
        before_ = 0;
        auto const done = doors_.read_lines(path, [&](std::string_view line) {
            if (auto const said = reader.read(line)) add(*said);
        });
        if (auto const said = reader.finish()) add(*said);
        if (done)
            log_.files.push_back(path);
        else
            log_.complaints.push_back(done.error().what);
    }
    ShadowLog take() {
        std::ranges::stable_sort(log_.changes, {}, &ShadowLog::Change::at);
        return std::move(log_);
    }

private:
    void add(CronLogLine const& said) {
        std::int64_t const at = instant_of(said.time);
        log_.first = log_.first == 0 ? at : std::min(log_.first, at);
        log_.last = std::max(log_.last, at);
        switch (said.kind) {
        case CronLogLine::Kind::other:
            return;
        case CronLogLine::Kind::command:
            log_.ran.push_back(
                {at, said.user, text::comparable_command(said.command), said.is_cut, said.pid});
            return;
        case CronLogLine::Kind::reboot:
            log_.reboots.push_back(at);
            return;
        case CronLogLine::Kind::table:
            log_.changes.push_back({at, said.user + ": " + said.command});
            return;
        }
    }

    /// A local time that comes twice is its second pass when the log would go back otherwise.
    std::int64_t instant_of(text::LogTime const& time) {
        if (time.offset) return before_ = time.local - *time.offset;
        std::int64_t const now = doors_.now() + a_day;
        std::int64_t const local = text::with_year(time, now + schedule::offset_at(zone_, now));
        std::int64_t at = schedule::instant_of(zone_, local);
        std::int64_t const second = local - schedule::offset_at(zone_, at + 3 * 3600);
        bool const is_twice = second > at && second + schedule::offset_at(zone_, second) == local;
        if (is_twice && at < before_ - 60 && second >= before_ - 60) at = second;
        return before_ = at;
    }

    Doors const& doors_;
    schedule::Zone const& zone_;
    ShadowLog log_;
    std::int64_t before_ = 0;
};

/// A log and what logrotate made of it: ".1", ".2.gz", "-20261128", "-20261128.gz".
std::vector<std::string> with_rotated(Doors const& doors, std::string const& path) {
    std::vector<std::string> files;
    for (std::string const& other : doors.world.glob(path + "*")) {
        auto const rest = std::string_view(other).substr(path.size());
        bool const is_rotated = rest.size() > 1 && (rest[0] == '.' || rest[0] == '-') &&
                                rest[1] >= '0' && rest[1] <= '9';
        if (rest.empty() || is_rotated) files.push_back(other);
    }
    return files;
}

std::vector<std::string> logs_of(Doors const& doors, Request const& request) {
    if (request.syslog == "-") return {"-"};
    if (!request.syslog.empty()) {
        std::string const pattern = absolute(request.syslog, doors.world);
        bool const is_pattern = pattern.find_first_of("*?[") != std::string::npos;
        return is_pattern ? doors.world.glob(pattern) : with_rotated(doors, pattern);
    }
    for (std::string_view const usual : usual_logs)
        if (doors.look_at(std::string(usual)).exists)
            return with_rotated(doors, std::string(usual));
    return {};
}

}  // namespace

Result<ShadowTables> read_shadow_tables(Doors const& doors, Request const& request,
                                        std::vector<std::string> const& files) {
    TableReader reader(doors, request);
    for (std::string const& file : files) TRY(reader.read(absolute(file, doors.world)));
    return reader.take();
}

Result<ShadowLog> read_shadow_log(Doors const& doors, Request const& request,
                                  schedule::Zone const& zone) {
    std::vector<std::string> const files = logs_of(doors, request);
    LogReader reader(doors, zone);
    for (std::string const& file : files) reader.read(file);
    ShadowLog log = reader.take();
    if (log.first != 0) return log;
    std::string what = "no log with cron's words: ";
    if (!log.complaints.empty())
        what += log.complaints.front();
    else if (!request.syslog.empty())
        what += "'" + request.syslog + "' " +
                (files.empty() ? "is not there" : "has no line with a time");
    else
        what += "looked for /var/log/cron, cron.log, syslog and messages";
    return Error{Error::Kind::not_found,
                 what +
                     "; name it with --syslog FILE, or, of a journal: journalctl -t CRON -t CROND "
                     "-o short-iso | lares shadow crontab FILE --syslog -"};
}

}  // namespace lares::cli
