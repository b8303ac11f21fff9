// apps/capture/writer.h: the archive files of one source, one after the other.
//
// A file is written as ".open/NAME.part" in the source's folder, flushed at a stated interval,
// ended, synchronised, and only then renamed into its dated folder beside its sidecar. What is in a
// dated folder is whole for ever; what is in ".open" is being written, or was when the process died
// (apps/capture/recover.h). A file is opened at once and rotated by time also when nothing comes:
// an empty file says that the stream was silent, not that nobody listened.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apps/capture/gaps.h"
#include "apps/capture/naming.h"
#include "apps/capture/pace.h"
#include "apps/capture/packing.h"
#include "apps/capture/tally.h"
#include "base/result.h"
#include "base/sha256.h"
#include "os/fd.h"

namespace lares::capture {

struct WriterSettings {
    std::string archive;  // its folder
    std::string source;
    std::string dialect = "lines";  // as print_language() has it
    Format format = Format::gzip;
    int level = 6;
    Rotation rotation;
};

/// What the clocks show.
struct Moment {
    Instant tick{};
    std::int64_t wall_ms = 0;  // since 1970
};

/// The folder of unfinished files, and that of the source.
std::string source_folder(std::string const& archive, std::string const& source);
std::string open_folder(std::string const& archive, std::string const& source);
/// "gaps.jsonl" of the source.
std::string gap_path(std::string const& archive, std::string const& source);
/// ".language": of the source's messages, as print_language() has it.
std::string language_path(std::string const& archive, std::string const& source);

class Writer {
public:
    /// Opens the first file. The book outlives the writer: sidecars take their gaps from it.
    static Result<std::unique_ptr<Writer>> open(WriterSettings, GapBook const&, Moment);

    /// One message; an end of a line within it becomes a space (it can only stand between the
    /// values of JSON). On an Error the message may be lost, and the writer is of no more use.
    Result<> add(std::string_view message, Facts const&, Moment);
    /// Flushes and rotates as it is time for. After each batch of messages, and at next_look().
    Result<> tend(Moment);
    Instant next_look() const { return capture::next_look(settings_.rotation, pace_); }
    /// Everything that was added can be read back from the file after this.
    Result<> flush();
    /// The same also after a power cut. Before anything is noted that says where to go on.
    Result<> settle();
    /// Ends the file and puts it in its place. The last call.
    Result<> close(Moment);
    void connection_ended() { tally_.connection_ended(); }
    std::int64_t messages() const { return all_messages_; }

private:
    Writer(WriterSettings settings, GapBook const& gaps)
        : settings_(std::move(settings)), gaps_(gaps) {}
    Result<> begin_file(Moment);
    void pack();
    Result<> put_out(std::size_t most_left);

    WriterSettings settings_;
    GapBook const& gaps_;
    ArchiveName name_;
    std::string part_;  // path
    os::Fd fd_;
    std::unique_ptr<Packer> packer_;
    std::string lines_, out_, scratch_;  // lines_: not packed yet
    Sha256 sum_;
    Tally tally_;
    FilePace pace_;
    std::int64_t opened_ms_ = 0, file_bytes_ = 0, all_messages_ = 0;
    bool is_named_ = false;  // its name in ".open" lasts
};

/// Puts a finished file into its dated folder beside its sidecar, which it completes with the
/// file's name. Synchronised in an order in which a crash leaves either the unfinished or the
/// finished one.
Result<> put_in_place(std::string const& archive, ArchiveName const&, std::string const& part,
                      Sidecar);

}  // namespace lares::capture
