// os/log_capture.h: what a program says between <!--XSUPERVISOR:BEGIN--> and
// <!--XSUPERVISOR:END--> (supervisord's capture mode), taken out of its output.
//
// Pure: bytes in, bytes and captured texts out. One of these belongs to one pipe. Unlike
// supervisord's it loses nothing at the end of output: half a token, and a text whose end never
// came, are output like any other.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lares::os {

class Capture {
public:
    /// Of one text the last `most` bytes are kept.
    explicit Capture(std::size_t most) : most_(most) {}
    void set_most(std::size_t most) { most_ = most; }

    /// Appends to `plain` what is certainly outside of tokens, and to `captured` each text that
    /// ended in `chunk`. Up to 23 bytes that may begin a token wait for the next chunk.
    void write(std::string_view chunk, std::string& plain, std::vector<std::string>& captured);
    /// The output is at its end: appends what waited, also a text without an end.
    void finish(std::string& plain);

    /// Nothing waits, and no text is open.
    bool is_clean() const { return !inside_ && partial_.empty(); }
    /// What write() would need to go on elsewhere; of an open text at most the last `most` bytes.
    std::string save(std::size_t most) const;
    void restore(std::string_view saved);

private:
    void put(std::string_view bytes, std::string& plain);
    void keep(std::string_view bytes);
    std::string take_text();

    std::size_t most_;
    bool inside_ = false;
    std::string partial_;  // the beginning of a token
    std::string text_;
};

}  // namespace lares::os
