// os/log_command.h: what the loop's thread asks of the log thread, as values of one closed variant.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "base/result.h"
#include "os/fd.h"
#include "os/log_compress.h"
#include "ports/logs.h"

namespace lares::os {

struct OpenLog {
    ports::ChannelId channel;
    ports::LogSpec spec;
};
struct CloseLog {
    ports::ChannelId channel;
};
struct WriteLog {
    ports::ChannelId channel;
    std::string bytes;
};
/// Bytes that write() did not take because too many waited.
struct LostBytes {
    ports::ChannelId channel;
    std::uint64_t bytes;
};
struct ReopenLogs {};
struct ClearLog {
    ports::ChannelId channel;
    std::function<void(Result<>)> done;
};
struct AttachPipe {
    ports::RunId run;
    ports::ChannelId channel;
    Fd read;
};
struct DrainRun {
    ports::RunId run;
    std::function<void()> done;
};
/// There is room for tapped bytes again.
struct TapsTaken {};
struct FlushLogs {
    std::function<void()> done;
};
/// From the compressing worker.
struct Compressed {
    ports::ChannelId channel;
    Compression job;
    int backups;
    Result<> result;
};

using LogCommand = std::variant<OpenLog, CloseLog, WriteLog, LostBytes, ReopenLogs, ClearLog,
                                AttachPipe, DrainRun, TapsTaken, FlushLogs, Compressed>;

}  // namespace lares::os
