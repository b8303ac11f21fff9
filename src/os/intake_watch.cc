// os/intake_watch.cc: pieces and differences.

#include "os/intake_watch.h"

#include <utility>

namespace lares::os {

Pieces::Pieces(WatchKey key, WatchHands const& hands, bool whole, bool overflowed)
    : key_(key), hands_(hands) {
    seen_.folder = key.folder;
    seen_.whole = whole;
    seen_.overflowed = overflowed;
}

void Pieces::add(ports::FolderEntry entry) {
    seen_.entries.push_back(std::move(entry));
    if (seen_.entries.size() >= entries_in_a_piece) tell(/*more=*/true);
}

void Pieces::add_gone(std::string path) {
    seen_.gone.push_back(std::move(path));
    if (seen_.gone.size() >= entries_in_a_piece) tell(/*more=*/true);
}

void Pieces::end(bool is_whole) {
    if (!is_whole) seen_.whole = false;
    if (seen_.whole || !seen_.entries.empty() || !seen_.gone.empty()) tell(/*more=*/false);
}

void Pieces::tell(bool more) {
    ports::FolderSeen piece = std::move(seen_);
    piece.more = more && piece.whole;
    seen_ = {};
    seen_.folder = piece.folder;
    seen_.whole = piece.whole;
    seen_.overflowed = piece.overflowed;
    hands_.tell(key_, std::move(piece));
}

Snapshot::Facts Snapshot::facts_of(ports::FolderEntry const& entry) {
    return {entry.device,   entry.inode,    entry.birth_ns, entry.size,
            entry.mtime_ns, entry.ctime_ns, entry.files,    entry.newest_ns};
}

Scanned Snapshot::tell_changes(WatchKey key, WatchHands const& hands, ports::FolderSpec const& spec,
                               NameRules const& rules, bool whole,
                               std::function<void(std::string const&)> enter) {
    round_++;
    Pieces pieces(key, hands, whole, /*overflowed=*/false);
    ScanHands scan_hands;
    scan_hands.enter = std::move(enter);
    scan_hands.tell = [&](ports::FolderEntry entry) {
        Facts facts = facts_of(entry);
        auto [at, is_new] = known_.try_emplace(entry.path, Known{facts, round_});
        bool is_changed = is_new || at->second.facts != facts;
        at->second = {facts, round_};
        if (is_changed || whole) pieces.add(std::move(entry));
    };
    Scanned scanned = scan(spec, rules, spec.path, scan_hands);
    if (scanned.is_whole) {
        std::erase_if(known_, [&](auto const& each) {
            if (each.second.round == round_) return false;
            pieces.add_gone(each.first);
            return true;
        });
    }
    pieces.end(scanned.is_whole);
    return scanned;
}

void tell_looks(WatchKey key, WatchHands const& hands, ports::FolderSpec const& spec,
                std::vector<std::string> const& paths) {
    Pieces pieces(key, hands, /*whole=*/false, /*overflowed=*/false);
    for (std::string const& path : paths) {
        ports::FolderEntry entry;
        if (look_at(spec, path, /*ask_writers=*/true, entry)) {
            pieces.add(std::move(entry));
        } else {
            pieces.add_gone(path);
        }
    }
    pieces.end();
}

}  // namespace lares::os
