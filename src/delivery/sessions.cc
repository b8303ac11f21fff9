// delivery/sessions.cc: a table of sessions, each with a lock of its own.

#include "delivery/sessions.h"

#include "base/sha256.h"

namespace lares::deliver {

Sessions::Held Sessions::hold(std::string const& name) {
    Held held;
    {
        std::lock_guard const lock(mutex_);
        if (entries_.size() >= most && !entries_.contains(name)) entries_.clear();
        Entry const& entry = entries_[name];
        held.session_ = entry.session;
        held.mutex_ = entry.mutex;
    }
    held.lock_ = std::unique_lock(*held.mutex_);
    return held;
}

std::string session_name(std::string const& channel, std::string const& credentials) {
    return channel + "/" + sha256_hex(credentials);
}

}  // namespace lares::deliver
