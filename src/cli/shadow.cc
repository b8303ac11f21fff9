// cli/shadow.cc: `lares shadow crontab FILE...`: what Lares would have run, against what cron did.
//
// Watches without acting, and needs no daemon: it reads the tables, and afterwards what cron wrote
// to the log of the system. Where both agree for a while, Lares can take over.

#include "cli/shadow.h"

#include "base/check.h"
#include "text/iso_time.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""s;

/// Cron starts what is due within a second; a loaded machine and clocks that are set need more.
constexpr std::int64_t tolerance = 60;

struct Window {
    std::optional<std::int64_t> from, until;
};

Result<std::optional<std::int64_t>> time_of(std::string const& text, std::string_view option,
                                            schedule::Zone const& zone) {
    if (text.empty()) return std::optional<std::int64_t>();
    auto time = text::parse_iso_time(text);
    if (!time) return std::move(time).error().during(std::string(option));
    return std::optional(time->offset ? time->local - *time->offset
                                      : schedule::instant_of(zone, time->local));
}

/// What the log covers, within what was asked for.
shadow::Facts facts_of(ShadowTables const& tables, ShadowLog const& log, Window const& window) {
    shadow::Facts facts{.lines = tables.lines, .ran = log.ran, .reboots = log.reboots};
    facts.tolerance = tolerance;
    facts.from = std::max(log.first, window.from.value_or(log.first));
    facts.until = std::min(log.last, window.until.value_or(log.last));
    return facts;
}

class Shadowing {
public:
    Shadowing(Doors const& doors, Request const& request,
              std::shared_ptr<schedule::Zone const> zone, Window window)
        : doors_(doors), request_(request), zone_(std::move(zone)), window_(window) {}

    /// Whether they agree.
    Result<bool> run() {
        std::vector<std::string> const files(request_.words.begin() + 1, request_.words.end());
        ShadowTables const tables = TRY(read_shadow_tables(doors_, request_, files));
        if (!request_.json)
            for (text::Diagnostic const& found : tables.found)
                doors_.err(text::format(found, tables.sources, "lares: "));
        bool good = TRY(look(tables, /*is_first=*/true));
        if (!request_.follow) return good;
        doors_.catch_interrupt();
        // A minute's runs are all in the log a tolerance after it.
        while (doors_.pause(60s)) good = TRY(look(tables, /*is_first=*/false)) && good;
        return good;
    }

private:
    Result<bool> look(ShadowTables const& tables, bool is_first) {
        ShadowLog const log = TRY(read_shadow_log(doors_, request_, *zone_));
        for (std::string const& complaint : log.complaints)
            if (is_first) complain(doors_, complaint);
        shadow::Facts facts = facts_of(tables, log, window_);
        // What is not over yet is looked at again.
        if (request_.follow) facts.until -= tolerance;
        if (facts.from > facts.until) {
            if (!is_first) return true;
            return Error{Error::Kind::invalid,
                         "the log covers " + text::print_iso_time(log.first, 0) + " to " +
                             text::print_iso_time(log.last, 0) + ", nothing of the time asked for"};
        }
        shadow::Report const report = shadow::compare(facts);
        if (report.is_cut)
            return Error{Error::Kind::invalid,
                         "more is due than can be compared at once; "
                         "choose a shorter time with --from and --to"};
        ShadowTelling const telling{tables, log, facts, *zone_, request_.all};
        tell(report, telling, is_first);
        window_.from = facts.until + 1;
        return agrees(report, telling);
    }

    void tell(shadow::Report const& report, ShadowTelling const& telling, bool is_first) {
        if (request_.json) return print_json(doors_, shadow_value(report, telling));
        std::string const text =
            is_first ? shadow_text(report, telling) : difference_lines(report, telling);
        if (!text.empty()) print(doors_, text);
    }

    Doors const& doors_;
    Request const& request_;
    std::shared_ptr<schedule::Zone const> zone_;
    Window window_;
};

Result<bool> shadow_crontab(Doors const& doors, Request const& request) {
    if (request.words.front() != "crontab")
        return Error{Error::Kind::invalid, "'" + request.words.front() +
                                               "' cannot be shadowed; there is 'crontab', as "
                                               "'lares shadow crontab /etc/crontab'"};
    if (request.words.size() < 2)
        return Error{Error::Kind::invalid, "which tables? as 'lares shadow crontab /etc/crontab'"};
    if (request.follow && request.syslog == "-")
        return Error{Error::Kind::invalid,
                     "--follow reads the log again and again; standard input "
                     "can be read once"};
    auto zone = doors.zones->find(request.timezone.value_or(""));
    if (!zone) return std::move(zone).error().during("--tz");
    Window const window{TRY(time_of(request.from, "--from", **zone)),
                        TRY(time_of(request.to, "--to", **zone))};
    return Shadowing(doors, request, *zone, window).run();
}

}  // namespace

int shadow_table(Doors const& doors, Request const& request) {
    CHECK(doors.zones != nullptr && doors.now && doors.read_lines);
    Result<bool> const good = shadow_crontab(doors, request);
    if (!good) return fail(doors, request, good.error(), exit_status::usage);
    return *good ? exit_status::done : exit_status::refused;
}

}  // namespace lares::cli
