// control/replays.cc: keeping and dropping.

#include "control/replays.h"

namespace lares::control {

namespace {

std::size_t size_of(ports::HttpReply const& reply) {
    std::size_t bytes = reply.body.size() + 200;
    for (auto const& [name, value] : reply.headers) bytes += name.size() + value.size();
    return bytes;
}

}  // namespace

Replays::Verdict Replays::begin(std::string const& key, std::string const& print, WallTime now) {
    drop_old(now);
    auto found = kept_.find(key);
    if (found != kept_.end()) {
        if (found->second.print != print) return {Sort::other};
        if (!found->second.reply) return {Sort::busy};
        return {Sort::replayed, *found->second.reply};
    }
    if (kept_.size() >= most) return {Sort::full};
    kept_.emplace(key, Kept{.print = print, .reply = {}, .at = now, .number = ++last_number_});
    order_.emplace_back(last_number_, key);
    return {Sort::fresh};
}

void Replays::settle(std::string const& key, ports::HttpReply const& reply) {
    auto found = kept_.find(key);
    if (found == kept_.end() || found->second.reply) return;
    found->second.reply = reply;
    bytes_ += size_of(reply);
    drop_old(found->second.at);
}

void Replays::forget(std::string const& key) {
    auto found = kept_.find(key);
    if (found != kept_.end()) drop(found);
}

void Replays::drop(std::map<std::string, Kept>::iterator kept) {
    if (kept->second.reply) bytes_ -= size_of(*kept->second.reply);
    kept_.erase(kept);
}

/// What is under way is not dropped: its second would be done, too. Those are bounded by `most`.
void Replays::drop_old(WallTime now) {
    std::size_t looked = order_.size();
    while (looked-- > 0 && !order_.empty()) {
        auto [number, key] = order_.front();
        auto found = kept_.find(key);
        bool is_here = found != kept_.end() && found->second.number == number;
        if (is_here) {
            auto const& kept = found->second;
            bool is_old = now - kept.at > kept_for || now < kept.at;
            bool is_over = is_old || kept_.size() >= most || bytes_ > most_bytes;
            if (!is_over) return;
            if (!kept.reply) {  // behind the others, to be looked at again
                order_.pop_front();
                order_.emplace_back(number, key);
                continue;
            }
            drop(found);
        }
        order_.pop_front();
    }
}

}  // namespace lares::control
