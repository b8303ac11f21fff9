// apps/capture/verify.cc: file by file, in the order in which they were opened.

#include "apps/capture/verify.h"

#include <algorithm>
#include <optional>

#include "apps/capture/disk.h"
#include "apps/capture/doubles.h"
#include "apps/capture/gaps.h"
#include "apps/capture/reading.h"
#include "apps/capture/recover.h"
#include "apps/capture/rewrite.h"
#include "apps/capture/writer.h"

namespace lares::capture {

namespace {

/// Messages within which one that came twice is found: hours of a usual stream, for 60 MB.
constexpr std::size_t remembered = 1'000'000;

class SourceCheck {
public:
    SourceCheck(std::string const& archive, std::string const& source, Mend mend, Verified& report)
        : archive_(archive), source_(source), mend_(mend), report_(report), known_(remembered) {}

    Result<> run();

private:
    Result<> finish_unfinished(std::vector<std::string> const& files);
    Result<> check(std::string const& file);
    Result<std::optional<Sidecar>> sidecar_of(std::string const& path, ArchiveName const&);
    Result<Sidecar> make_sidecar(std::string const& path, ArchiveName const&);
    Result<> compare(std::string const& path, Sidecar const&);
    Result<> take_out_doubles(std::string const& path, Sidecar);
    void fault(std::string const& path, std::string const& words) {
        report_.faults.push_back(path + ": " + words);
    }

    std::string const& archive_;
    std::string const& source_;
    Mend mend_;
    Verified& report_;
    Doubles known_;
    Language language_;  // of the last sidecar that was read
};

Result<> SourceCheck::run() {
    std::optional<disk::Lock> lock;
    if (mend_ == Mend::yes) {
        auto taken = disk::Lock::take(lock_path(archive_, source_), "verify --repair");
        if (taken)
            lock = std::move(taken).take();
        else if (taken.error().kind != Error::Kind::conflict)
            return std::move(taken).error();
        else
            mend_ = Mend::no;
    }
    auto files = disk::files_below(source_folder(archive_, source_));
    // The language is known from the sidecars of the files before.
    for (auto const& file : files)
        if (file.ends_with(".json"))
            if (auto side = parse_sidecar(
                    TRY(disk::read_all(source_folder(archive_, source_) + "/" + file))))
                if (auto language = parse_language(side->dialect)) language_ = *language;
    auto unfinished = disk::files_in(open_folder(archive_, source_));
    if (!unfinished.empty()) {
        TRY(finish_unfinished(unfinished));
        files = disk::files_below(source_folder(archive_, source_));
    }
    std::ranges::stable_sort(files, {}, [](std::string const& file) {
        auto name = parse_file_name(file.substr(file.rfind('/') + 1));
        return name ? std::pair(name->opened, name->number) : std::pair<std::int64_t, int>();
    });
    for (auto const& file : files) TRY(check(file));
    auto gaps = GapBook::read(gap_path(archive_, source_));
    if (!gaps)
        report_.faults.push_back(gaps.error().what);
    else
        report_.gaps += gaps->size();
    return {};
}

Result<> SourceCheck::finish_unfinished(std::vector<std::string> const& files) {
    if (mend_ == Mend::no) {
        // Of a source that is being captured one file is unfinished, as it should be.
        auto probe = disk::Lock::take(lock_path(archive_, source_), "verify");
        if (!probe && probe.error().kind == Error::Kind::conflict) return {};
        for (auto const& file : files)
            fault(open_folder(archive_, source_) + "/" + file,
                  "was not finished; 'verify --repair' finishes it");
        return {};
    }
    auto language = language_;
    if (auto told = disk::read_all(language_path(archive_, source_)))
        if (auto read = parse_language(*told)) language = *read;
    for (auto const& each : TRY(recover(archive_, source_, language)))
        report_.mended.push_back(each.file + ": finished with " + std::to_string(each.messages) +
                                 " messages");
    return {};
}

Result<> SourceCheck::check(std::string const& file) {
    auto const path = source_folder(archive_, source_) + "/" + file;
    auto const last = file.substr(file.rfind('/') + 1);
    if (last.ends_with(".json")) {
        if (!disk::exists(path.substr(0, path.size() - 5)))
            fault(path, "is the sidecar of a file that is missing");
        return {};
    }
    auto name = parse_file_name(last);
    if (!name) {
        bool const is_ours =
            last == "gaps.jsonl" || last == "removals.jsonl" || last.front() == '.';
        if (!is_ours) fault(path, "does not belong here");
        return {};
    }
    if (file != folder_of(*name).substr(source_.size() + 1) + "/" + last)
        fault(path, "lies in the wrong folder; expected '" + folder_of(*name) + "'");
    ++report_.files;
    auto side = TRY(sidecar_of(path, *name));
    if (!side) return {};
    if (auto language = parse_language(side->dialect)) language_ = *language;
    return compare(path, *side);
}

Result<std::optional<Sidecar>> SourceCheck::sidecar_of(std::string const& path,
                                                       ArchiveName const& name) {
    if (disk::exists(path + ".json")) {
        auto side = parse_sidecar(TRY(disk::read_all(path + ".json")));
        if (side) return std::optional(std::move(side).take());
        fault(path + ".json", side.error().what);
        return std::optional<Sidecar>();
    }
    if (mend_ == Mend::no) {
        fault(path, "has no sidecar; 'verify --repair' makes one");
        return std::optional<Sidecar>();
    }
    auto side = TRY(make_sidecar(path, name));
    TRY(disk::replace(path + ".json", print_sidecar(side)));
    report_.mended.push_back(path + ": sidecar made");
    return std::optional(std::move(side));
}

Result<Sidecar> SourceCheck::make_sidecar(std::string const& path, ArchiveName const& name) {
    auto gaps = TRY(GapBook::read(gap_path(archive_, source_)));
    auto const changed = TRY(disk::changed_at(path));
    Sidecar side{.file = file_name(name),
                 .source = source_,
                 .dialect = print_language(language_),
                 .opened = name.opened,
                 .closed = changed / 1000,
                 .state = "repaired",
                 .file_bytes = TRY(disk::size_of(path)),
                 .sha256 = TRY(disk::digest(path))};
    for (auto const& gap : gaps)
        if (gap.from <= changed && (gap.is_open || gap.until >= name.opened * 1000))
            side.gaps.push_back(gap);
    Tally tally;
    DialectReader reader(language_);
    TRY(read_messages(path, [&](std::string_view message) {
        tally.count(reader.read(message), message.size());
        return true;
    }));
    side.take(tally);
    return side;
}

Result<> SourceCheck::compare(std::string const& path, Sidecar const& side) {
    auto const digest = TRY(disk::digest(path));
    bool const was_replaced = digest == side.replaces_sha256;
    if (digest != side.sha256 && !was_replaced)
        fault(path, "has the SHA-256 " + digest + "; its sidecar says " + side.sha256);
    DialectReader reader(language_);
    std::int64_t doubles = 0;
    auto reading = TRY(read_messages(path, [&](std::string_view message) {
        reader.read(message);
        if (known_.meet(reader.key()) == Doubles::Met::again) ++doubles;
        return true;
    }));
    report_.messages += reading.messages;
    report_.missed += side.missed;
    if (!reading.is_whole) fault(path, reading.trouble);
    if (reading.messages != side.messages && !was_replaced)
        fault(path, "has " + std::to_string(reading.messages) + " messages; its sidecar says " +
                        std::to_string(side.messages));
    if (doubles == 0) return {};
    report_.doubles += doubles;
    bool const is_sound = reading.is_whole && (digest == side.sha256 || was_replaced);
    if (mend_ == Mend::yes && is_sound) return take_out_doubles(path, side);
    fault(path, std::to_string(doubles) + " messages are in the archive already" +
                    (is_sound ? "; 'verify --repair' takes them out" : ""));
    return {};
}

Result<> SourceCheck::take_out_doubles(std::string const& path, Sidecar side) {
    // Which ones is known by what the files before have, not by this one's own pass.
    Doubles before(remembered);
    DialectReader reader(language_);
    auto files = disk::files_below(source_folder(archive_, source_));
    auto const own = parse_file_name(path.substr(path.rfind('/') + 1));
    for (auto const& file : files) {
        auto name = parse_file_name(file.substr(file.rfind('/') + 1));
        bool const is_before =
            name && std::pair(name->opened, name->number) < std::pair(own->opened, own->number);
        if (!is_before) continue;
        TRY(read_messages(source_folder(archive_, source_) + "/" + file,
                          [&](std::string_view message) {
                              reader.read(message);
                              before.meet(reader.key());
                              return true;
                          }));
    }
    auto const removed = TRY(rewrite_without(
        path, std::move(side), language_,
        [&](DialectReader& each, Facts const&, std::string_view) {
            return before.meet(each.key()) == Doubles::Met::first_time;
        },
        &Sidecar::doubles_removed));
    report_.messages -= removed;
    report_.mended.push_back(path + ": " + std::to_string(removed) +
                             " messages that were there twice taken out");
    return {};
}

}  // namespace

std::string lock_path(std::string const& archive, std::string const& source) {
    return source_folder(archive, source) + "/.lock";
}

Result<Verified> verify(std::string const& archive, std::string const& only_source, Mend mend) {
    Verified report;
    std::vector<std::string> sources = {only_source};
    if (only_source.empty()) sources = disk::folders_in(archive);
    for (auto const& source : sources) {
        if (!disk::exists(source_folder(archive, source)))
            return Error{Error::Kind::not_found,
                         "the archive '" + archive + "' has no source '" + source + "'"};
        TRY(SourceCheck(archive, source, mend, report).run());
    }
    return report;
}

}  // namespace lares::capture
