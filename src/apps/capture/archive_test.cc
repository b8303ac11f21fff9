// apps/capture/archive_test.cc: files that are written, killed, found again, verified and mended.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "apps/capture/disk.h"
#include "apps/capture/packing.h"
#include "apps/capture/reading.h"
#include "apps/capture/recover.h"
#include "apps/capture/verify.h"
#include "apps/capture/writer.h"

namespace lares::capture {

namespace {

using namespace std::chrono_literals;

/// A folder of its own, and the clock.
struct World {
    std::string folder;
    Moment now{Instant(1000s), 1'397'190'868'000};  // 2014-04-11T04:34:28Z
    Language language = *parse_language("lines id=n cursor=n");
    DialectReader reader{language};
    WriterSettings settings;

    World() {
        char name[] = "/tmp/lares-capture-XXXXXX";
        folder = mkdtemp(name);
        settings = {.archive = folder + "/a",
                    .source = "s",
                    .dialect = print_language(language),
                    .rotation = {.rotate_after = 900s, .rotate_bytes = 1 << 20, .flush_every = 5s}};
        REQUIRE(disk::make_folders(settings.archive + "/s").ok());
    }
    ~World() { std::filesystem::remove_all(folder); }

    std::unique_ptr<Result<GapBook>> book_or() {
        auto made =
            std::make_unique<Result<GapBook>>(GapBook::open(gap_path(settings.archive, "s")));
        REQUIRE(made->ok());
        return made;
    }
    void pass(Duration time) {
        now.tick += time;
        now.wall_ms += time.count();
    }
    void add(Writer& writer, int number) {
        auto message = "{\"n\":" + std::to_string(number) + "}";
        REQUIRE(writer.add(message, reader.read(message), now).ok());
    }
    std::vector<std::string> files(std::string_view end) {
        std::vector<std::string> out;
        for (auto& each : disk::files_below(settings.archive))
            if (each.ends_with(end)) out.push_back(std::move(each));
        return out;
    }
    std::string messages(std::string const& path) {
        std::string out;
        auto got = read_messages(path, [&](std::string_view message) {
            out.append(message);
            return true;
        });
        REQUIRE(got.ok());
        return out;
    }
    Sidecar sidecar(std::string const& file) {
        auto side = parse_sidecar(*disk::read_all(settings.archive + "/" + file + ".json"));
        REQUIRE(side.ok());
        return *side;
    }
    Verified verified(Mend mend) {
        auto report = verify(settings.archive, "", mend);
        if (!report) FAIL(report.error().what);
        return *report;
    }
    std::string part() {
        auto parts = disk::files_in(open_folder(settings.archive, "s"));
        REQUIRE(parts.size() == 1);
        return open_folder(settings.archive, "s") + "/" + parts[0];
    }
};

std::unique_ptr<Writer> opened(World& world, GapBook const& book) {
    auto writer = Writer::open(world.settings, book, world.now);
    if (!writer) FAIL(writer.error().what);
    return std::move(writer).take();
}

}  // namespace

TEST_CASE("a closed file lies in its dated folder beside a sidecar that says what is in it") {
    for (auto format : {Format::gzip, Format::zstd, Format::plain}) {
        World world;
        world.settings.format = format;
        world.settings.level = 1;
        auto book = world.book_or();
        auto writer = opened(world, **book);
        for (int i = 1; i <= 3; ++i) world.add(*writer, i);
        world.pass(10s);
        REQUIRE(writer->close(world.now).ok());

        auto file = "s/2014/04/11/04/s-2014-04-11T04-34-28Z" + std::string(suffix(format));
        CHECK(world.messages(world.settings.archive + "/" + file) == R"({"n":1}{"n":2}{"n":3})");
        auto side = world.sidecar(file);
        CHECK(side.messages == 3);
        CHECK(side.first.id == "1");
        CHECK(side.last.cursor == "3");
        CHECK(side.opened == 1397190868);
        CHECK(side.closed == 1397190878);
        CHECK(side.state == "closed");
        CHECK(world.verified(Mend::no).faults.empty());
        CHECK(disk::files_in(open_folder(world.settings.archive, "s")).empty());
    }
}

TEST_CASE("a file is rotated when its time is over though nothing came, and when it is full") {
    World world;
    auto book = world.book_or();
    auto writer = opened(world, **book);
    CHECK(writer->next_look() == world.now.tick + 900s);
    world.pass(900s);
    REQUIRE(writer->tend(world.now).ok());
    CHECK(world.files("04-34-28Z.gz").size() == 1);
    CHECK(world.files("04-49-28Z.gz").empty());  // is being written
    std::string big = "{\"n\":1,\"x\":\"" + std::string(600'000, 'x') + "\"}";
    for (int i = 0; i < 4; ++i) REQUIRE(writer->add(big, world.reader.read(big), world.now).ok());
    CHECK(world.files("04-49-28Z.gz").size() == 1);
    REQUIRE(writer->close(world.now).ok());
    // Both were opened in one second.
    CHECK(world.files("04-49-28Z-2.gz").size() == 1);
    CHECK(world.verified(Mend::no).files == 3);
}

TEST_CASE("what was flushed can be read from an unfinished file, and becomes a proper one") {
    for (auto format : {Format::gzip, Format::zstd}) {
        World world;
        world.settings.format = format;
        auto book = world.book_or();
        auto writer = opened(world, **book);
        world.add(*writer, 1);
        world.add(*writer, 2);
        CHECK(writer->next_look() == world.now.tick + 5s);
        world.pass(5s);
        REQUIRE(writer->tend(world.now).ok());
        world.add(*writer, 3);  // never flushed
        writer.reset();         // as by kill -9

        CHECK(world.messages(world.part()) == R"({"n":1}{"n":2})");
        CHECK(world.verified(Mend::no).faults.size() == 1);
        auto mended = world.verified(Mend::yes);
        CHECK(mended.faults.empty());
        CHECK(mended.mended.size() == 1);
        auto side = world.sidecar(world.files(suffix(format))[0]);
        CHECK(side.state == "recovered");
        CHECK(side.messages == 2);
        CHECK(side.last.id == "2");
        CHECK(world.verified(Mend::no).faults.empty());
        auto standing = find_standing(world.settings.archive, "s");
        REQUIRE(standing->has_value());
        CHECK((*standing)->last.cursor == "2");
    }
}

TEST_CASE("a file cut at any byte gives its whole messages and nothing else") {
    for (auto format : {Format::gzip, Format::zstd}) {
        World world;
        world.settings.format = format;
        auto book = world.book_or();
        auto writer = opened(world, **book);
        for (int i = 1; i <= 20; ++i) {
            world.add(*writer, i);
            REQUIRE(writer->flush().ok());
        }
        writer.reset();
        auto const whole = *disk::read_all(world.part());
        std::string all;
        for (int i = 1; i <= 20; ++i) all += "{\"n\":" + std::to_string(i) + "}";
        for (std::size_t size = 0; size < whole.size(); size += 7) {
            World cut;
            REQUIRE(disk::make_folders(open_folder(cut.settings.archive, "s")).ok());
            auto name = "/s-2014-04-11T04-34-28Z" + std::string(suffix(format)) + ".part";
            REQUIRE(
                disk::replace(open_folder(cut.settings.archive, "s") + name, whole.substr(0, size))
                    .ok());
            auto got = recover(cut.settings.archive, "s", cut.language);
            REQUIRE(got.ok());
            auto files = cut.files(suffix(format));
            REQUIRE(files.size() == got->size());
            if (files.empty()) continue;
            auto text = cut.messages(cut.settings.archive + "/" + files[0]);
            CHECK(all.starts_with(text));
            CHECK(text.ends_with("}"));
            CHECK(cut.verified(Mend::no).faults.empty());
        }
    }
}

TEST_CASE("recovery that was cut off anywhere can be done again") {
    World world;
    auto book = world.book_or();
    auto writer = opened(world, **book);
    world.add(*writer, 1);
    REQUIRE(writer->flush().ok());
    writer.reset();
    auto part = world.part();
    // A salvage that was half written, and a sidecar whose file was not renamed yet.
    REQUIRE(disk::replace(part.substr(0, part.size() - 5) + ".salvage", "half").ok());
    REQUIRE(disk::make_folders(world.settings.archive + "/s/2014/04/11/04").ok());
    REQUIRE(disk::replace(
                world.settings.archive + "/s/2014/04/11/04/s-2014-04-11T04-34-28Z.gz.json", "{}")
                .ok());
    CHECK(world.verified(Mend::yes).faults.empty());
    CHECK(world.verified(Mend::no).messages == 1);
    CHECK(disk::files_in(open_folder(world.settings.archive, "s")).empty());
}

TEST_CASE("messages that came twice are taken out of the later file, once") {
    World world;
    auto book = world.book_or();
    for (auto [from, to] : {std::pair(1, 5), std::pair(4, 8), std::pair(8, 9)}) {
        auto writer = opened(world, **book);
        for (int i = from; i <= to; ++i) world.add(*writer, i);
        world.pass(60s);
        REQUIRE(writer->close(world.now).ok());
    }
    auto before = world.verified(Mend::no);
    CHECK(before.doubles == 3);
    CHECK(before.faults.size() == 2);
    auto mended = world.verified(Mend::yes);
    CHECK(mended.faults.empty());
    CHECK(mended.messages == 9);
    std::string all;
    for (auto const& file : world.files(".gz"))
        all += world.messages(world.settings.archive + "/" + file);
    CHECK(all == R"({"n":1}{"n":2}{"n":3}{"n":4}{"n":5}{"n":6}{"n":7}{"n":8}{"n":9})");
    CHECK(world.sidecar(world.files(".gz")[1]).doubles_removed == 2);
    CHECK(world.verified(Mend::no).faults.empty());
}

TEST_CASE("damage is told and never mended") {
    World world;
    auto book = world.book_or();
    auto writer = opened(world, **book);
    for (int i = 1; i <= 100; ++i) world.add(*writer, i);
    REQUIRE(writer->close(world.now).ok());
    auto path = world.settings.archive + "/" + world.files(".gz")[0];
    auto bytes = *disk::read_all(path);
    bytes[bytes.size() / 2] ^= 0x55;
    REQUIRE(disk::replace(path, bytes).ok());
    CHECK(!world.verified(Mend::yes).faults.empty());
    CHECK(*disk::read_all(path) == bytes);
}

TEST_CASE("missing sidecars are made again with the book's gaps; strange files are told") {
    World world;
    auto book = world.book_or();
    auto writer = opened(world, **book);
    world.add(*writer, 1);
    REQUIRE((*book)
                ->begin({.from = world.now.wall_ms, .after = {.id = "1"}, .reason = "network"})
                .ok());
    REQUIRE((*book)->close(world.now.wall_ms + 50, {.id = "9"}).ok());
    world.add(*writer, 9);
    REQUIRE(writer->close(world.now).ok());
    auto file = world.files(".gz")[0];
    auto side = world.sidecar(file);
    REQUIRE(side.gaps.size() == 1);
    CHECK(side.gaps[0].before.id == "9");
    CHECK(!side.gaps[0].is_open);
    REQUIRE(disk::remove(world.settings.archive + "/" + file + ".json").ok());
    REQUIRE(disk::replace(world.settings.archive + "/s/2014/04/11/04/x.txt", "x").ok());
    CHECK(world.verified(Mend::no).faults.size() == 2);
    CHECK(world.verified(Mend::yes).faults.size() == 1);  // x.txt
    CHECK(world.sidecar(file).gaps == side.gaps);
    CHECK(world.sidecar(file).kinds == side.kinds);
}

TEST_CASE("a bag holds a source's files, and tells what was changed, lost or added") {
    World world;
    auto book = world.book_or();
    auto writer = opened(world, **book);
    world.add(*writer, 1);
    REQUIRE(writer->close(world.now).ok());
    auto bag = world.folder + "/bag";
    REQUIRE(make_bag(world.settings.archive, "s", bag, 1'397'190'900).ok());
    CHECK(verify_bag(bag)->faults.empty());
    auto info = *disk::read_all(bag + "/bag-info.txt");
    CHECK(info.find("Bagging-Date: 2014-04-11\n") != info.npos);
    CHECK(!make_bag(world.settings.archive, "s", bag, 0).ok());
    auto files = disk::files_below(bag + "/data");
    REQUIRE(files.size() == 3);  // file, sidecar, book of gaps
    REQUIRE(disk::replace(bag + "/data/" + files[0], "other").ok());
    REQUIRE(disk::remove(bag + "/data/" + files[1]).ok());
    REQUIRE(disk::replace(bag + "/data/more", "").ok());
    CHECK(verify_bag(bag)->faults.size() == 3);
}

TEST_CASE("the book of gaps survives a line that a crash cut short") {
    World world;
    auto const path = gap_path(world.settings.archive, "s");
    {
        auto book = world.book_or();
        REQUIRE((*book)->begin({.from = 5, .after = {.id = "1"}, .reason = "killed"}).ok());
        REQUIRE((*book)->begin({.from = 7, .after = {.id = "2"}, .reason = "network"}).ok());
    }
    REQUIRE(disk::replace(path, *disk::read_all(path) + "closed {\"fr").ok());
    auto book = world.book_or();
    REQUIRE((*book)->open_gap());
    CHECK((*book)->open_gap()->from == 5);
    REQUIRE((*book)->close(9, {.id = "3"}).ok());
    REQUIRE((*book)->begin({.from = 20, .reason = "stall"}).ok());
    REQUIRE((*book)->cover().ok());
    auto read = GapBook::read(path);
    REQUIRE(read.ok());
    REQUIRE(read->size() == 1);
    CHECK((*read)[0].until == 9);
    CHECK((*book)->within(0, 4).empty());
    CHECK((*book)->within(9, 10).size() == 1);
    CHECK((*book)->within(10, 11).empty());
}

TEST_CASE("a gap that was open begins after what the archive ends with, once a process has died") {
    World world;
    auto const path = gap_path(world.settings.archive, "s");
    {
        auto book = world.book_or();  // 9 was received, but not kept by the time of the death
        REQUIRE((*book)->begin({.from = 50, .after = {.id = "9"}, .reason = "network"}).ok());
    }
    auto book = world.book_or();
    REQUIRE((*book)->begin_again({.from = 40, .after = {.id = "7"}, .reason = "killed"}).ok());
    REQUIRE((*book)->begin_again({.from = 45, .after = {.id = "7"}, .reason = "killed"}).ok());
    REQUIRE((*book)->close(60, {.id = "12"}).ok());
    auto read = GapBook::read(path);
    REQUIRE(read.ok());
    REQUIRE(read->size() == 1);
    CHECK((*read)[0].after.id == "7");
    CHECK((*read)[0].before.id == "12");
    CHECK((*read)[0].from == 40);
    CHECK((*read)[0].reason == "network");
    REQUIRE((*book)->begin_again({.from = 70, .after = {.id = "12"}, .reason = "killed"}).ok());
    CHECK((*book)->open_gap()->reason == "killed");
}

TEST_CASE("older archives with CR LF and blank lines are read as they are") {
    World world;
    auto packer = make_packer(Format::gzip, 6);
    std::string out;
    packer->add("{\"n\":1}\r\n\r\n{\"n\":2}\r\n", out);
    packer->finish(out);
    auto path = world.folder + "/old.gz";
    REQUIRE(disk::replace(path, out + out).ok());  // members may follow each other
    CHECK(world.messages(path) == R"({"n":1}{"n":2}{"n":1}{"n":2})");
}

}  // namespace lares::capture
