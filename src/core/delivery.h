// core/delivery.h: one message on its way through a channel, as the outbox keeps it.
//
// A delivery is in exactly one state. waiting: for its time, its turn or its channel. sending:
// handed to the sender, which may have sent it already. All others are ends, and stay readable.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "core/job.h"

namespace lares::delivery {

/// Of the one sequence of jobs and events. 0: none.
using Id = job::Id;

enum class State {
    waiting,
    sending,
    sent,      // the service took it
    failed,    // it never will: refused for good, or tried until give_up
    expired,   // what it said is no longer worth saying
    dropped,   // a person took it back
    gathered,  // it went out as part of another: a digest, which its words name
    unsure,    // the sender died between sending and saying so, and the channel cannot be asked
};
std::string_view name(State);
bool is_end(State);

struct Delivery {
    Id id = 0;
    std::string channel;
    /// Deliveries of one channel and thread go out one after the other, in the order of their ids;
    /// empty: of its own.
    std::string thread;
    /// Unique for good in its channel: the same thing is told once. Empty: none.
    std::string key;
    std::string message;  // JSON: core/message.h
    WallTime created{}, not_before{};
    WallTime expires{};  // epoch: never
    WallTime ended{};
    State state = State::waiting;
    int attempts = 0;      // begun
    std::string provider;  // what the service calls it: Message-ID, status id, URI
    std::string words;     // of the last answer, or why it is as it is
    std::string source;    // "alert/12", "notify by anna", "letter", "test"
    Id cause = 0;          // the event it reports
    bool operator==(Delivery const&) const = default;
};

/// What one try came to.
enum class Outcome {
    sent,
    refused,  // for good: this message or recipient will never be taken (5xx, 400, 404)
    later,    // try again: 4xx of SMTP, 5xx and time-outs of HTTP
    limited,  // the service says: not now, all of you (429, Retry-After)
    blocked,  // the channel itself does not work: login refused, host unknown, no connection
    unsure,   // the connection broke after all was sent and before the answer
};
std::string_view name(Outcome);

struct Answer {
    Id id = 0;
    int attempt = 0;
    Outcome outcome = Outcome::later;
    Duration retry_after{0};  // as the service says; 0: it did not
    std::string provider;
    std::string words;  // for people: "452 4.2.2 mailbox full"
    std::int64_t cost_micros =
        0;  // what the service says it cost, in millionths of its currency; 0: nothing said
    std::int64_t units = 1;  // parts of an SMS, posts of a thread
    /// The service gave a new one (OAuth 2) and takes the channel's never again: a secret, to be
    /// kept as the channel's before anything else. Empty: nothing new.
    std::string refresh_token;
    bool operator==(Answer const&) const = default;
};

}  // namespace lares::delivery
