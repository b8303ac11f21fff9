// os/zones.cc: finds zone files by name, and which of them is the machine's own.

#include "os/zones.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>
#include <vector>

#include "os/files.h"
#include "os/tzif.h"
#include "text/nearest.h"

namespace lares::os {

namespace {

using schedule::Zone;
using ZonePointer = std::shared_ptr<Zone const>;

/// The largest zone file has some 4 KB.
constexpr std::size_t file_bytes = 256u << 10;
/// Longest name of a zone: "America/Argentina/ComodRivadavia" has 32.
constexpr std::size_t name_bytes = 100;

bool is_name(std::string_view name) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
    return !name.empty() && name.size() <= name_bytes && name.front() != '/' &&
           name.back() != '/' && name.find_first_not_of(allowed) == name.npos &&
           name.find("//") == name.npos;
}

/// Names of all zones below a directory; the older of equal files too.
std::vector<std::string> names_in(std::string const& directory) {
    namespace fs = std::filesystem;
    std::vector<std::string> names;
    std::error_code error;
    fs::recursive_directory_iterator entry(directory, error), end;
    while (!error && entry != end) {
        std::string name = entry->path().string().substr(directory.size() + 1);
        // Zones begin with a capital; beside them lie tables, and copies in posix/ and right/.
        bool const capital = name[0] >= 'A' && name[0] <= 'Z';
        if (!capital)
            entry.disable_recursion_pending();
        else if (!entry->is_directory(error))
            names.push_back(std::move(name));
        entry.increment(error);
    }
    std::ranges::sort(names);
    return names;
}

std::string lowered(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return small;
}

/// "Europe/Berlin" for "berlin", "europe/berlin" and "Europe/Berlim".
std::string meant_by(std::string_view name, std::vector<std::string> const& known) {
    std::string wanted = lowered(name);
    std::ranges::replace(wanted, ' ', '_');
    for (std::string const& one : known)
        if (lowered(one).substr(one.rfind('/') + 1) == wanted) return one;
    return std::string(text::nearest(wanted, {known.begin(), known.end()}));
}

class SystemZones final : public ports::Zones {
public:
    explicit SystemZones(ZoneSources sources) : sources_(std::move(sources)) {}

    Result<ZonePointer> find(std::string const& name) override {
        std::string const key = name == "local" ? "" : name;
        auto known = zones_.find(key);
        if (known != zones_.end()) return known->second;
        auto zone = std::make_shared<Zone const>(TRY(read(key)));
        zones_.emplace(key, zone);
        return ZonePointer(zone);
    }

    bool reload() override {
        bool changed = false;
        for (auto& [name, zone] : zones_) {
            // While tzdata is unpacked a file may be missing: the old rules hold.
            Result<Zone> now = read(name);
            if (!now || *now == *zone) continue;
            zone = std::make_shared<Zone const>(std::move(now).take());
            changed = true;
        }
        return changed;
    }

    std::vector<std::string> files() const override {
        std::vector<std::string> paths;
        for (auto const& [name, zone] : zones_) {
            if (name.empty()) {
                paths.push_back(sources_.localtime);
                paths.push_back(sources_.timezone);
            }
            if (is_name(zone->name)) paths.push_back(path_of(zone->name));
        }
        std::ranges::sort(paths);
        paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
        return paths;
    }

private:
    std::string path_of(std::string_view name) const {
        return sources_.directory + "/" + std::string(name);
    }

    Result<Zone> read(std::string const& name) const {
        if (name.empty()) return read_local();
        if (name == "UTC") return Zone{};
        return read_named(name);
    }

    Result<Zone> read_named(std::string const& name) const {
        if (!is_name(name)) return unknown(name);
        Result<std::string> bytes = read_file(path_of(name), file_bytes);
        if (!bytes && (bytes.error().kind == Error::Kind::not_found || is_directory(path_of(name))))
            return unknown(name);
        if (!bytes) return std::move(bytes).error().during("time zone '" + name + "'");
        Result<Zone> zone = parse_tzif(*bytes);
        if (!zone) return std::move(zone).error().during("time zone '" + name + "'");
        zone->name = name;
        return zone;
    }

    Error unknown(std::string const& name) const {
        if (!is_directory(sources_.directory))
            return {Error::Kind::unavailable,
                    "time zone '" + name + "': there are no zone files in " + sources_.directory +
                        "; install the package 'tzdata'"};
        std::string words = "no time zone is called '" + name + "'";
        std::string const meant = meant_by(name, names_in(sources_.directory));
        words += meant.empty() ? "; expected a name as 'Europe/Berlin'"
                               : "; did you mean '" + meant + "'?";
        return {Error::Kind::not_found, std::move(words)};
    }

    /// The machine's own: TZ, else /etc/localtime, else /etc/timezone, else UTC.
    Result<Zone> read_local() const {
        if (sources_.tz) return read_variable(*sources_.tz);
        std::string const name = linked_name();
        if (!name.empty())
            if (Result<Zone> zone = read(name)) return zone;
        Result<std::string> const bytes = read_file(sources_.localtime, file_bytes);
        std::string const written = written_name();
        if (!bytes) return written.empty() ? Result<Zone>(Zone{}) : read(written);
        Result<Zone> zone = parse_tzif(*bytes);
        if (!zone) return std::move(zone).error().during(sources_.localtime);
        zone->name = "local";
        // A copy instead of a link: /etc/timezone may still tell what it is a copy of.
        if (Result<Zone> named = written.empty() ? unknown(written) : read(written)) {
            std::string const copied = std::exchange(named->name, "local");
            if (*named == *zone) zone->name = copied;
        }
        return zone;
    }

    Result<Zone> read_variable(std::string_view value) const {
        if (value.starts_with(':')) value.remove_prefix(1);
        if (value.empty()) return Zone{};
        std::string const text(value);
        if (value.front() == '/') {
            Result<Zone> zone = parse_tzif(TRY(read_file(text, file_bytes)));
            if (!zone) return std::move(zone).error().during("TZ=" + text);
            zone->name = "local";
            return zone;
        }
        Result<Zone> named = read(text);
        if (named) return named;
        Result<Zone> rule = parse_posix_zone(value);
        if (!rule) return std::move(named).error().during("TZ=" + text);
        rule->name = text;
        return rule;
    }

    /// What /etc/localtime is a link to, as a name; empty when it is none.
    std::string linked_name() const {
        std::error_code error;
        std::string const target =
            std::filesystem::read_symlink(sources_.localtime, error).string();
        constexpr std::string_view folder = "zoneinfo/";
        std::size_t const at = target.rfind(folder);
        if (error || at == target.npos) return "";
        std::string const name = target.substr(at + folder.size());
        return is_name(name) ? name : "";
    }

    std::string written_name() const {
        Result<std::string> const text = read_file(sources_.timezone, file_bytes);
        if (!text) return "";
        std::string const name = text->substr(0, text->find_first_of(" \t\r\n"));
        return is_name(name) ? name : "";
    }

    ZoneSources sources_;
    std::map<std::string, ZonePointer> zones_;
};

}  // namespace

ZoneSources machine_zones() {
    ZoneSources sources;
    if (char const* directory = std::getenv("TZDIR"); directory != nullptr && *directory == '/')
        sources.directory = directory;
    if (char const* tz = std::getenv("TZ")) sources.tz = tz;
    return sources;
}

std::unique_ptr<ports::Zones> make_zones(ZoneSources sources) {
    return std::make_unique<SystemZones>(std::move(sources));
}

}  // namespace lares::os
