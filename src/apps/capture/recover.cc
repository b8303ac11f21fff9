// apps/capture/recover.cc: read as far as it goes, written anew, put in its place.

#include "apps/capture/recover.h"

#include <algorithm>

#include "apps/capture/disk.h"
#include "apps/capture/gaps.h"
#include "apps/capture/packing.h"
#include "apps/capture/reading.h"
#include "apps/capture/writer.h"

namespace lares::capture {

namespace {

constexpr std::string_view unfinished = ".part", salvage = ".salvage";
constexpr int salvage_level = 6;

/// The whole messages of `part`, packed anew into its place.
Result<> pack_anew(std::string const& part, Format format) {
    std::string fresh = part.substr(0, part.size() - unfinished.size()) + std::string(salvage);
    TRY(disk::remove(fresh));
    auto fd = TRY(disk::create(fresh));
    auto packer = make_packer(format, salvage_level);
    std::string out;
    Result<> written;
    TRY(read_messages(part, [&](std::string_view message) {
        packer->add(message, out);
        packer->add("\n", out);
        if (out.size() > (256u << 10)) {
            written = disk::write_all(fd.get(), out, fresh);
            out.clear();
        }
        return written.ok();
    }));
    TRY(std::move(written));
    packer->finish(out);
    TRY(disk::write_all(fd.get(), out, fresh));
    TRY(disk::synchronise(fd.get(), fresh));
    return disk::rename_over(fresh, part);
}

Result<std::optional<Recovered>> recover_one(std::string const& archive, std::string const& source,
                                             std::string const& file, Language const& language,
                                             GapBook const& gaps) {
    auto part = open_folder(archive, source) + "/" + file;
    auto name = parse_file_name(std::string_view(file).substr(0, file.size() - unfinished.size()));
    if (!name || name->source != source) return std::optional<Recovered>();
    auto const written = TRY(disk::changed_at(part));
    Tally tally;
    DialectReader reader(language);
    auto reading = TRY(read_messages(part, [&](std::string_view message) {
        tally.count(reader.read(message), message.size());
        return true;
    }));
    if (reading.messages == 0) {
        TRY(disk::remove(part));
        return std::optional<Recovered>();
    }
    if (!reading.is_whole) TRY(pack_anew(part, name->format));
    Sidecar side{.source = source,
                 .dialect = print_language(language),
                 .opened = name->opened,
                 .closed = written / 1000,
                 .state = "recovered",
                 .file_bytes = TRY(disk::size_of(part)),
                 .gaps = gaps.within(name->opened * 1000, written),
                 .sha256 = TRY(disk::digest(part))};
    side.take(tally);
    // Its name can be taken only by what is the same file, where a file system has no better way
    // to rename than a link.
    auto path = archive + "/" + folder_of(*name) + "/" + file_name(*name);
    if (disk::exists(path) && TRY(disk::digest(path)) == side.sha256)
        TRY(disk::remove(part));
    else
        TRY(put_in_place(archive, *name, part, side));
    return std::optional(Recovered{path, reading.messages, reading.cut_bytes});
}

}  // namespace

Result<std::vector<Recovered>> recover(std::string const& archive, std::string const& source,
                                       Language const& language) {
    std::vector<Recovered> out;
    auto const folder = open_folder(archive, source);
    auto const files = disk::files_in(folder);
    if (files.empty()) return out;
    auto gaps = TRY(GapBook::open(gap_path(archive, source)));
    for (auto const& file : files) {
        if (file.ends_with(salvage)) TRY(disk::remove(folder + "/" + file));
        if (!file.ends_with(unfinished)) continue;
        auto one = TRY(recover_one(archive, source, file, language, gaps));
        if (one) out.push_back(std::move(*one));
    }
    return out;
}

Result<std::optional<Standing>> find_standing(std::string const& archive,
                                              std::string const& source) {
    auto files = disk::files_below(source_folder(archive, source));
    // By the time they were opened: their names sort so, but for the numbers within a second.
    std::ranges::reverse(files);
    for (auto const& file : files) {
        if (!file.ends_with(".json")) continue;
        auto path = source + "/" + file;
        auto side = parse_sidecar(TRY(disk::read_all(archive + "/" + path)));
        if (!side) return std::move(side).error().during(path);
        if (side->messages == 0) continue;
        return std::optional(Standing{.last = side->last,
                                      .at_ms = side->closed * 1000,
                                      .file = path.substr(0, path.size() - 5)});
    }
    return std::optional<Standing>();
}

}  // namespace lares::capture
