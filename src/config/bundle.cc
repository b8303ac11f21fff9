// config/bundle.cc: recording, replaying, and a file of counted records.

#include "config/bundle.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "config/state_directory.h"

namespace lares::config {

namespace {

constexpr std::string_view first_line = "lares revision 1\n";

void put(std::string& out, std::string_view name, std::string_view bytes) {
    out.append(name).append(" ").append(std::to_string(bytes.size())).append("\n");
    out.append(bytes).append("\n");
}

void put_contents(std::string& out, Bundle const& bundle) {
    put(out, "main", bundle.main);
    for (auto const& [option, text] : bundle.overrides) {
        put(out, "option", option);
        put(out, "value", text);
    }
    for (auto const& [path, text] : bundle.files) {
        put(out, "file", path);
        put(out, "text", text);
    }
    for (auto const& [pattern, paths] : bundle.globs) {
        put(out, "pattern", pattern);
        for (auto const& path : paths) put(out, "match", path);
    }
}

Error broken(std::string what) { return {Error::Kind::invalid, "not a revision: " + what}; }

Result<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return broken("'" + std::string(text.substr(0, 20)) + "' is no number");
    return number;
}

struct Record {
    std::string_view name, bytes;
};

/// Takes the next record off `rest`.
Result<Record> take_record(std::string_view& rest) {
    auto line_end = rest.find('\n');
    auto space = rest.find(' ');
    if (line_end == rest.npos || space == rest.npos || space > line_end)
        return broken("a record without a length");
    auto length =
        static_cast<std::size_t>(TRY(number_in(rest.substr(space + 1, line_end - space - 1))));
    Record record{rest.substr(0, space), {}};
    rest.remove_prefix(line_end + 1);
    if (length >= rest.size() || rest[length] != '\n') return broken("it ends too early");
    record.bytes = rest.substr(0, length);
    rest.remove_prefix(length + 1);
    return record;
}

/// Puts records into a bundle; some belong to the one before.
class Filler {
public:
    explicit Filler(Bundle& bundle) : bundle_(bundle) {}

    Result<> put(Record const& record) {
        std::string text(record.bytes);
        if (record.name == "main") return bundle_.main = text, Result<>{};
        if (record.name == "by") return bundle_.by = text, Result<>{};
        if (record.name == "cause") return bundle_.cause = text, Result<>{};
        if (record.name == "option") return bundle_.overrides.emplace_back(text, ""), Result<>{};
        if (record.name == "file") return path_ = text, bundle_.files[text], Result<>{};
        if (record.name == "pattern") return pattern_ = text, bundle_.globs[text], Result<>{};
        if (record.name == "text") return bundle_.files[path_] = text, Result<>{};
        if (record.name == "match") return bundle_.globs[pattern_].push_back(text), Result<>{};
        if (record.name == "value" && !bundle_.overrides.empty())
            return bundle_.overrides.back().second = text, Result<>{};
        return put_number(record);
    }

private:
    Result<> put_number(Record const& record) {
        auto number = TRY(number_in(record.bytes));
        if (record.name == "revision") bundle_.revision = static_cast<int>(number);
        if (record.name == "when") bundle_.when = number;
        if (record.name == "programs") bundle_.programs = static_cast<int>(number);
        return {};
    }

    Bundle& bundle_;
    std::string path_, pattern_;
};

}  // namespace

World recording_world(World const& world, Bundle& bundle) {
    World recording = world;
    recording.read_file = [&world, &bundle](std::string const& path) {
        auto text = world.read_file(path);
        if (text) bundle.files[path] = *text;
        return text;
    };
    recording.glob = [&world, &bundle](std::string const& pattern) {
        auto paths = world.glob(pattern);
        bundle.globs[pattern] = paths;
        return paths;
    };
    return recording;
}

World replaying_world(World const& world, Bundle const& bundle) {
    World replaying = world;
    replaying.read_file = [&bundle](std::string const& path) -> Result<std::string> {
        auto file = bundle.files.find(path);
        if (file == bundle.files.end()) return Error{Error::Kind::not_found, "not in the revision"};
        return file->second;
    };
    replaying.glob = [&bundle](std::string const& pattern) {
        auto found = bundle.globs.find(pattern);
        return found == bundle.globs.end() ? std::vector<std::string>{} : found->second;
    };
    return replaying;
}

Loaded load_recorded(World const& world, std::string const& path, Overrides const& overrides,
                     Bundle& bundle) {
    bundle.main = path;
    bundle.overrides = overrides;
    return load(recording_world(world, bundle), path, overrides);
}

Loaded load_bundle(World const& world, Bundle const& bundle) {
    return load(replaying_world(world, bundle), bundle.main, bundle.overrides);
}

std::string contents_of(Bundle const& bundle) {
    std::string bytes;
    put_contents(bytes, bundle);
    return bytes;
}

std::string print_bundle(Bundle const& bundle) {
    std::string bytes(first_line);
    put(bytes, "revision", std::to_string(bundle.revision));
    put(bytes, "when", std::to_string(bundle.when));
    put(bytes, "by", bundle.by);
    put(bytes, "cause", bundle.cause);
    put(bytes, "programs", std::to_string(bundle.programs));
    put_contents(bytes, bundle);
    put(bytes, "end", "");
    return bytes;
}

Result<Bundle> parse_bundle(std::string_view bytes) {
    if (!bytes.starts_with(first_line)) return broken("it does not begin as one");
    bytes.remove_prefix(first_line.size());
    Bundle bundle;
    Filler filler(bundle);
    while (true) {
        auto record = TRY(take_record(bytes));
        if (record.name == "end") break;
        TRY(filler.put(record));
    }
    if (!bytes.empty()) return broken("something follows its end");
    return bundle;
}

std::string revision_path(std::string_view state_directory, int revision) {
    auto number = std::to_string(revision);
    constexpr std::size_t digits = 6;
    if (number.size() < digits) number.insert(0, digits - number.size(), '0');
    return std::string(state_directory) + "/revisions/" + number;
}

std::vector<int> revisions_in(World const& world, std::string_view state_directory) {
    std::vector<int> numbers;
    for (auto const& path : world.glob(std::string(state_directory) + "/revisions/[0-9]*")) {
        auto number = number_in(std::string_view(path).substr(path.rfind('/') + 1));
        if (number) numbers.push_back(static_cast<int>(*number));
    }
    std::ranges::sort(numbers);
    return numbers;
}

Result<Bundle> newest_revision(World const& world, std::string_view state_directory) {
    auto numbers = revisions_in(world, state_directory);
    for (std::size_t i = numbers.size(); i-- > 0;) {
        auto bytes = world.read_file(revision_path(state_directory, numbers[i]));
        if (!bytes) continue;
        if (auto bundle = parse_bundle(*bytes)) return bundle;
    }
    return Error{Error::Kind::not_found, "no revision is kept"};
}

Loaded load_applied(World const& world, std::string const& path, Overrides const& overrides,
                    Bundle& bundle) {
    auto loaded = load_recorded(world, path, overrides, bundle);
    auto state = loaded.settings ? loaded.settings->daemon.state_directory
                                 : default_state_directory(world, path);
    auto newest = newest_revision(world, state);
    if (!newest || newest->main != path) return loaded;
    auto applied = load_bundle(world, *newest);
    if (!applied.settings) return loaded;
    bundle = std::move(*newest);
    return applied;
}

std::vector<std::string> differing_files(Bundle const& one, Bundle const& other) {
    std::set<std::string> paths;
    auto look = [&](Bundle const& from, Bundle const& at) {
        for (auto const& [path, text] : from.files) {
            auto found = at.files.find(path);
            if (found == at.files.end() || found->second != text) paths.insert(path);
        }
    };
    look(one, other);
    look(other, one);
    return {paths.begin(), paths.end()};
}

}  // namespace lares::config
