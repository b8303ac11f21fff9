// daemon/payload_files.cc: written before, removed behind, swept slice by slice.

#include "daemon/payload_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "base/limits.h"

namespace lares::daemon {

namespace {

/// Files that the store is asked about at once.
constexpr std::size_t files_a_look = 500;
/// Files of one sweep: a hundred bytes each are in memory until it is over.
constexpr std::size_t files_a_sweep = 100'000;
constexpr std::size_t hash_digits = 64;
constexpr std::string_view ending = ".json", unfinished = ".json.new";

/// The hash in a path of ours; empty: it is none.
std::string hash_of(std::string_view path) {
    auto name = path.substr(path.rfind('/') + 1);
    bool is_ours = name.size() == hash_digits + ending.size() && name.ends_with(ending) &&
                   name.find_first_not_of("0123456789abcdef") == hash_digits;
    return is_ours ? std::string(name.substr(0, hash_digits)) : std::string();
}

}  // namespace

void PayloadFiles::keep(job::Job& job, Files& files) const {
    if (job.payload.size() <= limits::payload_inline_bytes) return;
    auto hash = hands_.sha256(job.payload);
    job.payload_file = hash;
    files.emplace_back(path(hash), std::exchange(job.payload, {}));
}

std::string PayloadFiles::path(std::string const& hash) const {
    return fmt::format("{}/{}{}", folder_, hash, ending);
}

void PayloadFiles::note(job::Job const& job) {
    if (job.payload_file.empty()) return;
    coming_[job.payload_file] += 1;
    if (looks_ > 0) put_.insert(job.payload_file);
}

void PayloadFiles::forget(job::Job const& job) {
    auto found = coming_.find(job.payload_file);
    if (found != coming_.end() && --found->second == 0) coming_.erase(found);
}

void PayloadFiles::begin_look() {
    if (looks_++ == 0) put_.clear();
    // By the time the look has ended they may be there, and yet not in what it saw.
    for (auto const& [hash, jobs] : coming_) put_.insert(hash);
}

void PayloadFiles::remove(std::vector<std::string> const& hashes) {
    auto paths = std::make_shared<std::vector<std::string>>();
    for (auto const& hash : hashes)
        if (!put_.contains(hash)) paths->push_back(path(hash));
    if (paths->empty()) return;
    hands_.worker.run(
        [paths, remove = hands_.remove_file] {
            for (auto const& path : *paths) (void)remove(path).ok();
        },
        [] {});
}

void PayloadFiles::sweep() {
    if (is_sweeping_ || !hands_.glob || !hands_.remove_file) return;
    is_sweeping_ = true;
    begin_look();
    auto found = std::make_shared<std::vector<std::string>>();
    hands_.worker.run(
        [found, glob = hands_.glob, remove = hands_.remove_file, folder = folder_] {
            for (auto const& path : glob(folder + "/*")) {
                // Nobody writes one now: that is done on this thread.
                if (path.ends_with(unfinished)) (void)remove(path).ok();
                auto hash = hash_of(path);
                if (!hash.empty() && found->size() < files_a_sweep)
                    found->push_back(std::move(hash));
            }
        },
        [this, found] {
            to_sweep_ = std::move(*found);
            sweep_next();
        });
}

void PayloadFiles::sweep_next() {
    if (to_sweep_.empty()) {
        to_sweep_.shrink_to_fit();
        is_sweeping_ = false;
        return end_look();
    }
    auto from = to_sweep_.size() - std::min(to_sweep_.size(), files_a_look);
    std::vector<std::string> hashes(to_sweep_.begin() + static_cast<std::ptrdiff_t>(from),
                                    to_sweep_.end());
    to_sweep_.resize(from);
    std::vector<ports::Question> questions;
    questions.reserve(hashes.size());
    for (auto const& hash : hashes)
        questions.emplace_back(ports::JobsAsked{.payload_file = hash, .limit = 1});
    hands_.store.read_all(std::move(questions), [this, hashes = std::move(hashes)](
                                                    Result<ports::Found> found) mutable {
        // Without an answer nothing is known of any: they are asked about at the next sweep.
        if (!found) {
            to_sweep_.clear();
            return sweep_next();
        }
        std::set<std::string> needed;
        for (auto& job : found->jobs) needed.insert(std::move(job.payload_file));
        std::erase_if(hashes, [&](auto const& hash) { return needed.contains(hash); });
        remove(hashes);
        sweep_next();
    });
}

}  // namespace lares::daemon
