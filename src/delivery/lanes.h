// delivery/lanes.h: the threads of lares-deliver: each channel has its own, so that a slow one
// stops no other.
//
// A lane is a thread with a Post, whose connections it keeps from one order to the next. A channel
// gets as many as its `connections` says, and no more than there is work for; orders of one channel
// run on any of its lanes, in no order that could be relied upon. Everything is bounded: what does
// not fit is refused at once. An idle lane sleeps.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/result.h"
#include "core/delivery.h"
#include "delivery/wire_form.h"
#include "ports/post.h"

namespace lares::deliver {

struct LaneLimits {
    /// Threads of all channels together: each costs some 100 KB with its connection.
    std::size_t threads = 256;
    /// Of one channel, whatever it asks for: what a mail server takes from one client.
    std::size_t threads_of_channel = 32;
    /// Orders that wait in one channel: the daemon hands over no more than `connections`.
    std::size_t orders_of_channel = 1'000;
    /// Bytes of all orders that wait: 32 of the largest.
    std::size_t bytes = 64u << 20;
};

class Lanes {
public:
    struct Doors {
        /// Called on each new lane's thread, for that thread.
        std::function<std::unique_ptr<ports::Post>()> make_post;
        std::function<delivery::Answer(Order const&, ports::Post&)> send;
        /// Called on the lane's thread.
        std::function<void(delivery::Answer)> answered;
    };
    explicit Lanes(Doors, LaneLimits = {});
    /// As finish().
    ~Lanes();
    Lanes(Lanes const&) = delete;
    Lanes& operator=(Lanes const&) = delete;

    /// @param bytes  that the order takes here.
    /// unavailable: it was not taken; too much waits already, or no thread can be had.
    Result<> put(Order, std::size_t bytes);
    /// Begins no other exchange, and returns when those under way have ended and were answered.
    /// Orders that were not begun get no answer.
    void finish();
    std::size_t threads() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace lares::deliver
