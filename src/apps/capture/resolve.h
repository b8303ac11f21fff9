// apps/capture/resolve.h: one link followed to its end, with every step kept.
//
// HEAD, and GET where a server will not say it by HEAD; bodies are not read. Which addresses may be
// looked at is decided below ports::Links, for each step anew.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/links.h"

namespace lares::capture {

struct LinkStep {
    int status = 0;
    std::string url;
    ports::Headers headers;
};
struct Resolved {
    std::vector<LinkStep> steps;  // the last one is where it ends, if anybody answered there
    enum class State {
        done,     // somebody answered and points no further, whatever the status
        later,    // no answer, or one that says to try again
        refused,  // it leads to where we do not go; for good
    } state = State::done;
    std::string words;  // of later and refused: why
};

constexpr std::size_t most_steps = 20;

Resolved resolve_link(ports::Links&, std::string const& url);

/// A JSON array of {"status","url","headers"}.
std::string print_chain(std::vector<LinkStep> const&);

/// When to try again after so many tries: 1 h, 4 h, 16 h, 64 h; 0: no more.
std::int64_t retry_link_after_ms(std::int64_t tries);

}  // namespace lares::capture
