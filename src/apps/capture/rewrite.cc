// apps/capture/rewrite.cc: read, packed anew beside it, put in its place.

#include "apps/capture/rewrite.h"

#include "apps/capture/disk.h"
#include "apps/capture/packing.h"
#include "apps/capture/reading.h"
#include "base/sha256.h"

namespace lares::capture {

namespace {

constexpr int level = 6;
constexpr std::size_t block = 256u << 10;

}  // namespace

Result<std::int64_t> rewrite_without(
    std::string const& path, Sidecar side, Language const& language,
    std::function<bool(DialectReader&, Facts const&, std::string_view)> const& keeps,
    std::int64_t Sidecar::* counter) {
    auto const fresh = path + ".mended.new";
    TRY(disk::remove(fresh));
    auto fd = TRY(disk::create(fresh));
    auto packer = make_packer(format_of(path), level);
    DialectReader reader(language);
    std::string out;
    Sha256 sum;
    Tally tally;
    std::int64_t removed = 0, bytes = 0;
    Result<> written;
    auto put_out = [&] {
        sum.add(out);
        bytes += static_cast<std::int64_t>(out.size());
        written = disk::write_all(fd.get(), out, fresh);
        out.clear();
    };
    TRY(read_messages(path, [&](std::string_view message) {
        auto const& facts = reader.read(message);
        if (!keeps(reader, facts, message)) {
            ++removed;
            return true;
        }
        tally.count(facts, message.size());
        packer->add(message, out);
        packer->add("\n", out);
        if (out.size() > block) put_out();
        return written.ok();
    }));
    TRY(std::move(written));
    packer->finish(out);
    put_out();
    TRY(std::move(written));
    TRY(disk::synchronise(fd.get(), fresh));
    side.replaces_sha256 = TRY(disk::digest(path));
    side.sha256 = sum.hex();
    side.file_bytes = bytes;
    side.state = "repaired";
    side.*counter += removed;
    auto const missed = side.missed;  // what the service kept back does not change
    side.take(tally);
    side.missed = missed;
    TRY(disk::replace(path + ".json", print_sidecar(side)));
    TRY(disk::rename_over(fresh, path));
    return removed;
}

}  // namespace lares::capture
