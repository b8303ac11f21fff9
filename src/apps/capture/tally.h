// apps/capture/tally.h: what is counted of the messages of one archive file, and its sidecar.
//
// Pure. The sidecar is a JSON object beside each file, "NAME.json" (docs/formats/capture.md): it
// says what is in the file, and what is not: gaps, and what the service kept back.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/capture/dialect.h"
#include "base/result.h"

namespace lares::capture {

/// The first or last message of a file, as it named itself.
struct Bound {
    std::string id, time, cursor;
    bool operator==(Bound const&) const = default;
};

/// What was not received, between two messages that were.
struct Gap {
    std::int64_t from = 0, until = 0;  // milliseconds since 1970, by our clock
    Bound after, before;               // the last message before it and the first one behind it
    std::string reason;                // "network", "stall", "http 503", "stopped", "killed", …
    bool is_open = false;              // no message has come since: `until` and `before` are empty
    bool operator==(Gap const&) const = default;
};

std::string print_gap(Gap const&);
Result<Gap> parse_gap(std::string_view json);

class Tally {
public:
    void count(Facts const&, std::size_t bytes);
    /// The service tells totals of one connection: with the next they begin at nothing again.
    void connection_ended();
    /// For the next file of the same connection: what was told until now was counted here.
    Tally following() const;

    std::int64_t messages() const { return messages_; }
    std::int64_t bytes() const { return bytes_; }
    std::int64_t of(Kind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }
    std::int64_t missed() const { return missed_ + missed_here_ - missed_before_; }
    Bound const& first() const { return first_; }
    Bound const& last() const { return last_; }

private:
    std::array<std::int64_t, kind_count> kinds_{};
    std::int64_t messages_ = 0, bytes_ = 0, missed_ = 0;
    std::int64_t missed_here_ = 0, missed_before_ = 0;  // totals of this connection
    Bound first_, last_;
};

struct Sidecar {
    std::string file, source, dialect;
    std::int64_t opened = 0, closed = 0;  // seconds since 1970
    std::string state = "closed";         // or "recovered" after a crash, "repaired"
    std::int64_t messages = 0, bytes = 0, file_bytes = 0, missed = 0, doubles_removed = 0;
    std::int64_t posts_removed = 0;  // because their removal was asked for
    std::array<std::int64_t, kind_count> kinds{};
    Bound first, last;
    std::vector<Gap> gaps;
    std::string sha256;
    std::string replaces_sha256;  // of a repair: what the file was before
    bool operator==(Sidecar const&) const = default;

    void take(Tally const&);
};

std::string print_sidecar(Sidecar const&);
Result<Sidecar> parse_sidecar(std::string_view json);

}  // namespace lares::capture
