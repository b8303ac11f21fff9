// core/states_doc.cc: two tables, padded so that the page also reads well as plain text.

#include "core/states_doc.h"

#include <algorithm>

#include "core/supervise.h"

namespace lares::supervise {

namespace {

constexpr State all_states[] = {State::stopped,  State::starting, State::running, State::backoff,
                                State::stopping, State::exited,   State::fatal};

char const* meaning(State state) {
    switch (state) {
    case State::stopped:
        return "not started yet, or stopped because someone asked";
    case State::starting:
        return "waits for the last run's post_stop, runs pre_start, is spawned, or is not yet up "
               "for startsecs or not ready";
    case State::running:
        return "up";
    case State::backoff:
        return "a start has failed; waits for the next try";
    case State::stopping:
        return "runs pre_stop, or has been sent a signal and is not gone yet";
    case State::exited:
        return "ended by itself; at rest, or waits for restart_delay";
    case State::fatal:
        return "could not be kept up; waits for someone to start it";
    }
    return "";
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string yes_or_no(bool yes) { return yes ? "yes" : "no "; }

}  // namespace

std::string edges_as_markdown() {
    std::string page =
        "# States of a process\n"
        "\n"
        "The names and numbers are supervisord's. *Up* is what supervisord calls running: a start\n"
        "answers \"already started\". A signal can be sent where the last column says so.\n"
        "\n"
        "This page is printed from the table in `src/core/supervise.cc`; a test compares them.\n"
        "\n"
        "| state    | number | up  | signal | meaning |\n"
        "|----------|--------|-----|--------|---------|\n";
    for (State s : all_states)
        page += "| " + padded(name(s), 8) + " | " + padded(std::to_string(wire_number(s)), 6) +
                " | " + yes_or_no(is_up(s)) + " | " + padded(yes_or_no(is_signallable(s)), 6) +
                " | " + meaning(s) + " |\n";
    page +=
        "\n"
        "## How a process goes from one to another\n"
        "\n"
        "| from     | to       | when |\n"
        "|----------|----------|------|\n";
    for (Edge const& e : edges())
        page += "| " + padded(name(e.from), 8) + " | " + padded(name(e.to), 8) + " | " + e.when +
                " |\n";
    return page;
}

}  // namespace lares::supervise
