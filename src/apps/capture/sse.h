// apps/capture/sse.h: server-sent events as messages, one a line.
//
// Pure. By the HTML standard, 9.2. The data of an event is kept byte for byte; an event with a name
// or an id gets an envelope, {"event":"update","id":"7","data":…}, because without them it could
// not be told what it says (docs/formats/capture.md).

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apps/capture/reading.h"

namespace lares::capture {

class SseReader {
public:
    /// Gives each event that ended. Comments, which services send to show that they live, give
    /// nothing.
    void add(std::string_view bytes, std::function<void(std::string_view)> const& take);
    /// A new connection: what was half received is gone.
    void clear();

private:
    void line(std::string_view line, std::function<void(std::string_view)> const& take);

    LineSplitter splitter_;
    std::string event_, id_, data_;
    bool has_data_ = false, is_first_ = true, is_too_long_ = false;
};

}  // namespace lares::capture
