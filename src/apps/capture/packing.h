// apps/capture/packing.h: gzip and zstd as streams: packed piece by piece, and read back as far as
// they go.
//
// What was flushed can be read back even when the stream never ended: that is what kill -9 leaves.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "apps/capture/naming.h"
#include "base/result.h"

namespace lares::capture {

class Packer {
public:
    virtual ~Packer() = default;
    /// Appends what is ready to `out`; most of it comes later.
    virtual void add(std::string_view bytes, std::string& out) = 0;
    /// Appends all that was added so far, so that it can be read back.
    virtual void flush(std::string& out) = 0;
    /// Appends the rest and the end of the stream. The last call.
    virtual void finish(std::string& out) = 0;
};

/// @param level  gzip 1 to 9, zstd 1 to 19.
std::unique_ptr<Packer> make_packer(Format, int level);

class Unpacker {
public:
    enum class State {
        more,     // within a stream: what was added ends too early, unless more is added
        whole,    // a stream has ended, and nothing is left
        corrupt,  // what was added is no such stream; what came before it was appended
    };
    virtual ~Unpacker() = default;
    /// Appends what `bytes` unpack to. Streams may follow each other, as in files of files.
    virtual State add(std::string_view bytes, std::string& out) = 0;
};

std::unique_ptr<Unpacker> make_unpacker(Format);

}  // namespace lares::capture
