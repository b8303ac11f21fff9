// apps/capture/writer.cc: messages in, files out.

#include "apps/capture/writer.h"

#include "apps/capture/disk.h"

namespace lares::capture {

namespace {

/// What is written to the file at once, at least, between flushes.
constexpr std::size_t block = 256u << 10;
/// Packers take a block much faster than its lines one by one.
constexpr std::size_t packed_at_once = 128u << 10;
/// Files of one source that can be opened in one second.
constexpr int most_numbers = 99'999;

}  // namespace

std::string source_folder(std::string const& archive, std::string const& source) {
    return archive + "/" + source;
}
std::string open_folder(std::string const& archive, std::string const& source) {
    return source_folder(archive, source) + "/.open";
}
std::string gap_path(std::string const& archive, std::string const& source) {
    return source_folder(archive, source) + "/gaps.jsonl";
}

std::string language_path(std::string const& archive, std::string const& source) {
    return source_folder(archive, source) + "/.language";
}

Result<std::unique_ptr<Writer>> Writer::open(WriterSettings settings, GapBook const& gaps,
                                             Moment now) {
    TRY(check_source_name(settings.source));
    TRY(disk::make_folders(open_folder(settings.archive, settings.source)));
    // For who has to finish the first file of a source after a crash.
    TRY(disk::replace(language_path(settings.archive, settings.source), settings.dialect));
    std::unique_ptr<Writer> writer(new Writer(std::move(settings), gaps));
    TRY(writer->begin_file(now));
    return writer;
}

Result<> Writer::begin_file(Moment now) {
    name_ = {.source = settings_.source, .opened = now.wall_ms / 1000, .format = settings_.format};
    for (;; ++name_.number) {
        if (name_.number > most_numbers)
            return Error{Error::Kind::conflict,
                         "too many files of '" + name_.source + "' were opened within one second"};
        auto file = file_name(name_);
        if (disk::exists(settings_.archive + "/" + folder_of(name_) + "/" + file)) continue;
        part_ = open_folder(settings_.archive, settings_.source) + "/" + file + ".part";
        auto made = disk::create(part_);
        if (made) {
            fd_ = std::move(made).take();
            break;
        }
        if (made.error().kind != Error::Kind::conflict) return std::move(made).error();
    }
    packer_ = make_packer(settings_.format, settings_.level);
    sum_ = {};
    tally_ = tally_.following();
    pace_ = {.opened = now.tick};
    opened_ms_ = now.wall_ms;
    file_bytes_ = 0;
    is_named_ = false;
    return {};
}

Result<> Writer::add(std::string_view message, Facts const& facts, Moment now) {
    if (must_rotate(settings_.rotation, pace_, now.tick)) {
        TRY(close(now));
        TRY(begin_file(now));
    }
    if (message.find_first_of("\r\n") != message.npos) {
        scratch_.assign(message);
        for (char& c : scratch_)
            if (c == '\r' || c == '\n') c = ' ';
        message = scratch_;
    }
    tally_.count(facts, message.size());
    lines_.append(message);
    lines_ += '\n';
    if (lines_.size() > packed_at_once) pack();
    pace_.bytes += static_cast<std::int64_t>(message.size()) + 1;
    if (!pace_.oldest_unflushed) pace_.oldest_unflushed = now.tick;
    ++all_messages_;
    return put_out(block);
}

void Writer::pack() {
    packer_->add(lines_, out_);
    lines_.clear();
}

Result<> Writer::put_out(std::size_t most_left) {
    if (out_.size() <= most_left) return {};
    TRY(disk::write_all(fd_.get(), out_, part_));
    sum_.add(out_);
    file_bytes_ += static_cast<std::int64_t>(out_.size());
    out_.clear();
    return {};
}

Result<> Writer::flush() {
    if (!pace_.oldest_unflushed) return {};
    pack();
    packer_->flush(out_);
    TRY(put_out(0));
    pace_.oldest_unflushed.reset();
    return {};
}

Result<> Writer::settle() {
    TRY(flush());
    TRY(disk::synchronise(fd_.get(), part_));
    if (is_named_) return {};
    TRY(disk::synchronise_folder(open_folder(settings_.archive, settings_.source)));
    is_named_ = true;
    return {};
}

Result<> Writer::tend(Moment now) {
    if (must_rotate(settings_.rotation, pace_, now.tick)) {
        TRY(close(now));
        return begin_file(now);
    }
    if (must_flush(settings_.rotation, pace_, now.tick)) return flush();
    return {};
}

Result<> Writer::close(Moment now) {
    pack();
    packer_->finish(out_);
    TRY(put_out(0));
    TRY(disk::synchronise(fd_.get(), part_));
    fd_.reset();
    Sidecar side{.source = settings_.source,
                 .dialect = settings_.dialect,
                 .opened = name_.opened,
                 .closed = now.wall_ms / 1000,
                 .file_bytes = file_bytes_,
                 .gaps = gaps_.within(opened_ms_, now.wall_ms),
                 .sha256 = sum_.hex()};
    side.take(tally_);
    return put_in_place(settings_.archive, name_, part_, std::move(side));
}

Result<> put_in_place(std::string const& archive, ArchiveName const& name, std::string const& part,
                      Sidecar side) {
    auto folder = archive + "/" + folder_of(name);
    auto path = folder + "/" + file_name(name);
    TRY(disk::make_folders(folder));
    if (disk::exists(path)) return Error{Error::Kind::conflict, "'" + path + "' is there already"};
    side.file = file_name(name);
    // The sidecar first: one without its file is completed from ".open"; a file without its sidecar
    // would have lost its gaps.
    TRY(disk::replace(path + ".json", print_sidecar(side)));
    TRY(disk::rename_new(part, path));
    return disk::synchronise_folder(folder);
}

}  // namespace lares::capture
