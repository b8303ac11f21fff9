// bin/deliver.h: lares-deliver's own loop: orders come as lines on standard input, each channel's
// lanes carry them out, answers go to the receipts and then to standard output.

#pragma once

#include <string>

namespace lares::bin {

struct DeliverOptions {
    std::string receipts;  // path; empty: none are written
    bool is_once = false;  // one order, one answer
};

/// Until end of input, TERM, INT or HUP; then what is under way ends, what was not begun stays
/// unanswered, and it returns 0. 1: it could not begin, or the receipts can no longer be written.
/// With is_once: 0 when the message was sent. Blocks signals for the whole process.
int deliver(DeliverOptions const&);

}  // namespace lares::bin
