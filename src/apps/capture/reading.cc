// apps/capture/reading.cc: unpacked, and cut into lines.

#include "apps/capture/reading.h"

#include "apps/capture/disk.h"
#include "apps/capture/packing.h"

namespace lares::capture {

Result<FileReading> read_messages(std::string const& path,
                                  std::function<bool(std::string_view)> const& take) {
    // A file that is being written has one more end to its name.
    std::string_view name = path;
    if (name.ends_with(".part")) name.remove_suffix(5);
    auto unpacker = make_unpacker(format_of(name));
    FileReading reading;
    LineSplitter splitter;
    std::string out;
    bool was_stopped = false;
    auto state = format_of(name) == Format::plain ? Unpacker::State::whole : Unpacker::State::more;
    auto message = [&](std::string_view line) {
        if (line.empty()) return true;
        ++reading.messages;
        reading.bytes += static_cast<std::int64_t>(line.size());
        was_stopped = !take(line);
        return !was_stopped;
    };
    TRY(disk::read_pieces(path, [&](std::string_view bytes) {
        out.clear();
        state = unpacker->add(bytes, out);
        if (!splitter.add(out, message)) return false;
        return state != Unpacker::State::corrupt && splitter.rest().size() <= longest_message;
    }));
    if (was_stopped) return reading;
    reading.cut_bytes = static_cast<std::int64_t>(splitter.rest().size());
    reading.is_whole = state == Unpacker::State::whole && reading.cut_bytes == 0;
    if (state == Unpacker::State::corrupt)
        reading.trouble = "is damaged after message " + std::to_string(reading.messages);
    else if (!reading.is_whole)
        reading.trouble = "has no proper end after message " + std::to_string(reading.messages);
    return reading;
}

}  // namespace lares::capture
