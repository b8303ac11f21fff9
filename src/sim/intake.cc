// sim/intake.cc: a map of paths, and who is told of it when.

#include "sim/intake.h"

#include <algorithm>
#include <utility>

#include "text/glob.h"

namespace lares::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t device = 1;
constexpr std::size_t entries_in_a_piece = 3;
/// Births are told in ticks of the kernel's clock: two files of one tick have the same.
constexpr Duration tick = 4ms;
constexpr std::int64_t first_birth_ns = 1'700'000'000'000'000'000;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/')); }

std::string numbered(std::string const& path, int number) {
    if (number == 0) return path;
    std::size_t dot = path.rfind('.');
    if (dot == std::string::npos || dot <= path.rfind('/') + 1) dot = path.size();
    return path.substr(0, dot) + "-" + std::to_string(number) + path.substr(dot);
}

}  // namespace

void Intake::touch(File& file) { file.mtime_ns = file.ctime_ns = ++ticks_; }

std::pair<std::map<std::string, Intake::File>::iterator, bool> Intake::make(
    std::string const& path) {
    auto [at, is_new] = files_.try_emplace(path);
    if (!is_new) return {at, false};
    File& file = at->second;
    file.inode =
        free_inodes_.empty() ? ++last_inode_ : free_inodes_.extract(free_inodes_.begin()).value();
    std::int64_t ticks = kernel_.time().time_since_epoch() / tick;
    if (has_births_) file.birth_ns = first_birth_ns + ticks * tick.count() * 1'000'000;
    touch(file);
    return {at, true};
}

void Intake::free_number(std::string const& path) {
    auto at = files_.find(path);
    if (at != files_.end()) free_inodes_.insert(at->second.inode);
}

bool Intake::is_at(std::string const& path, Identity const& identity) const {
    auto at = files_.find(path);
    if (at == files_.end()) return false;
    if (identity.inode == 0) return true;
    bool is_born_then = identity.birth_ns == 0 || at->second.birth_ns == 0 ||
                        identity.birth_ns == at->second.birth_ns;
    return at->second.inode == identity.inode && is_born_then;
}

void Intake::open(std::string const& path) {
    kernel_.note("someone opens " + path);
    auto [at, is_new] = make(path);
    at->second.is_open = true;
    if (is_new) notify(path, Sign::none);
}

void Intake::append(std::string const& path, std::string const& text) {
    File& file = files_.at(path);
    file.contents += text;
    file.size += static_cast<std::int64_t>(text.size());
    touch(file);
}

void Intake::close(std::string const& path) {
    kernel_.note("someone closes " + path);
    files_.at(path).is_open = false;
    notify(path, Sign::closed);
}

void Intake::write(std::string const& path, std::string const& text) {
    open(path);
    append(path, text);
    close(path);
}

void Intake::rename(std::string const& from, std::string const& to) {
    kernel_.note("someone renames " + from + " to " + to);
    File file = files_.at(from);
    file.ctime_ns = ++ticks_;
    files_.erase(from);
    free_number(to);
    files_[to] = file;
    notify_rename(from, to);
}

void Intake::erase(std::string const& path) {
    kernel_.note("someone removes " + path);
    free_number(path);
    files_.erase(path);
    notify(path, Sign::none);
}

void Intake::change(std::string const& path, std::function<void(File&)> how) {
    auto [at, is_new] = make(path);
    how(at->second);
    at->second.ctime_ns = ++ticks_;
    notify(path, Sign::none);
}

void Intake::mend() {
    is_deaf_ = false;
    for (auto const& [id, spec] : watches_) scan(id, /*overflowed=*/true);
}

bool Intake::is_watched(std::string const& path) const {
    return std::ranges::any_of(watches_,
                               [&](auto const& each) { return each.second.path == path; });
}

bool Intake::sees(ports::FolderSpec const& spec, std::string const& path) const {
    if (!path.starts_with(spec.path + "/")) return false;
    if (folder_of(path) != spec.path && !spec.recursive) return false;
    for (std::string const& excluded : spec.excluded) {
        if (path == excluded || path.starts_with(excluded + "/")) return false;
    }
    std::string_view name = name_of(path);
    if (name.starts_with('.') || name.ends_with(".part")) return false;
    auto matches = [&](std::string const& glob) { return text::glob_match(glob, name); };
    if (!spec.match.empty() && std::ranges::none_of(spec.match, matches)) return false;
    return std::ranges::none_of(spec.ignore, matches);
}

ports::FolderEntry Intake::entry(std::string const& path, bool looked) const {
    File const& file = files_.at(path);
    ports::FolderEntry made;
    made.path = path;
    made.device = device, made.inode = file.inode, made.birth_ns = file.birth_ns;
    made.size = file.size, made.mtime_ns = file.mtime_ns, made.ctime_ns = file.ctime_ns;
    made.is_special = file.is_special, made.is_readable = file.is_readable;
    made.is_folder = file.is_folder, made.files = file.files, made.newest_ns = file.mtime_ns;
    made.looked = looked;
    made.is_open = looked && file.is_open;
    made.can_tell_open = looked;
    return made;
}

void Intake::tell(ports::FolderId id, ports::FolderSeen seen) {
    seen.folder = id;
    kernel_.tell({Lane::Of::watch, 1'000'000 + static_cast<std::uint64_t>(id)}, std::move(seen));
}

void Intake::tell(ports::FolderTrouble trouble) {
    kernel_.tell({Lane::Of::watch, 1'000'000 + static_cast<std::uint64_t>(trouble.folder)},
                 std::move(trouble));
}

/// A moment later, and how it is then.
void Intake::notify(std::string const& path, Sign sign) {
    if (is_deaf_) return;
    for (auto const& [id, spec] : watches_) {
        if (!sees(spec, path)) continue;
        kernel_.after(Duration(kernel_.pick(3)), kernel_.in_this_life([this, id = id, path, sign] {
            if (!watches_.contains(id)) return;
            ports::FolderSeen seen;
            if (files_.contains(path)) {
                seen.entries.push_back(entry(path, sign != Sign::none));
                seen.entries[0].closed = sign == Sign::closed;
                seen.entries[0].moved_in = sign == Sign::moved;
            } else {
                seen.gone.push_back(path);
            }
            tell(id, std::move(seen));
        }));
    }
}

/// Both names in one, as one reading of the kernel's queue gives them.
void Intake::notify_rename(std::string const& from, std::string const& to) {
    if (is_deaf_) return;
    for (auto const& [id, spec] : watches_) {
        ports::FolderSeen seen;
        if (sees(spec, to)) {
            seen.entries.push_back(entry(to, true));
            seen.entries[0].moved_in = true;
        }
        if (sees(spec, from)) seen.gone.push_back(from);
        if (!seen.entries.empty() || !seen.gone.empty()) tell(id, std::move(seen));
    }
}

void Intake::scan(ports::FolderId id, bool overflowed) {
    ports::FolderSpec const& spec = watches_.at(id);
    ports::FolderSeen piece{.whole = true, .overflowed = overflowed};
    for (auto const& [path, file] : files_) {
        if (!sees(spec, path)) continue;
        piece.entries.push_back(entry(path, false));
        if (piece.entries.size() < entries_in_a_piece) continue;
        piece.more = true;
        tell(id, std::exchange(piece, {.whole = true, .overflowed = overflowed}));
    }
    tell(id, std::move(piece));
}

void Intake::watch(ports::FolderId id, ports::FolderSpec spec) {
    watches_[id] = std::move(spec);
    kernel_.after(1ms, kernel_.in_this_life([this, id] {
        if (watches_.contains(id)) scan(id, false);
    }));
}

void Intake::rescan(ports::FolderId id) {
    kernel_.after(1ms, kernel_.in_this_life([this, id] {
        if (watches_.contains(id)) scan(id, false);
    }));
}

void Intake::look(ports::FolderId id, std::vector<std::string> paths) {
    kernel_.after(Duration(1 + kernel_.pick(5)), kernel_.in_this_life([this, id, paths] {
        if (!watches_.contains(id)) return;
        ports::FolderSeen seen;
        for (std::string const& path : paths) {
            if (files_.contains(path)) {
                seen.entries.push_back(entry(path, true));
            } else {
                seen.gone.push_back(path);
            }
        }
        tell(id, std::move(seen));
    }));
}

Result<std::string> Intake::move_now(std::string const& from, std::string const& to,
                                     Identity identity) {
    if (!move_error_.empty()) return Error{Error::Kind::unavailable, move_error_};
    auto is_it = [&](std::string const& path) { return is_at(path, identity); };
    if (!is_it(from)) {
        for (int number = 0; number < 10; number++) {
            std::string path = numbered(to, number);
            if (identity.inode != 0 && is_it(path)) return path;
        }
        return Error{Error::Kind::not_found, "'" + from + "' is not there any more"};
    }
    for (int number = 0;; number++) {
        std::string path = numbered(to, number);
        if (files_.contains(path)) continue;
        moves_++;
        rename(from, path);
        return path;
    }
}

void Intake::move(std::string from, std::string to, Identity identity,
                  std::function<void(Result<std::string>)> done) {
    // The move happens in this life or not at all; its answer may not come any more.
    kernel_.after(Duration(1 + kernel_.pick(4)), kernel_.in_this_life([=, this] {
        auto result = move_now(from, to, identity);
        kernel_.after(1ms, kernel_.in_this_life([done, result] { done(result); }));
    }));
}

void Intake::put(std::string path, std::string bytes,
                 std::function<void(Result<std::string>)> done) {
    kernel_.after(Duration(1 + kernel_.pick(4)), kernel_.in_this_life([=, this] {
        if (!move_error_.empty()) return done(Error{Error::Kind::unavailable, move_error_});
        auto free = path;
        for (int number = 1; files_.contains(free); ++number)
            free = path + "-" + std::to_string(number);
        write(free, bytes);
        kernel_.after(1ms, kernel_.in_this_life([done, free] { done(free); }));
    }));
}

void Intake::remove(std::string path, Identity identity, std::function<void(Result<>)> done) {
    kernel_.after(1ms, kernel_.in_this_life([=, this] {
        if (!move_error_.empty()) return done(Error{Error::Kind::unavailable, move_error_});
        if (is_at(path, identity)) erase(path);
        // Told a while after: meanwhile somebody may make the next file, with its number.
        kernel_.after(Duration(1 + kernel_.pick(4)), kernel_.in_this_life([done] { done({}); }));
    }));
}

void Intake::hash(std::string path, std::function<void(Result<std::string>)> done) {
    kernel_.after(2ms, kernel_.in_this_life([=, this] {
        auto at = files_.find(path);
        if (at == files_.end())
            return done(Error{Error::Kind::not_found, "'" + path + "' is gone"});
        done("hash of " + at->second.contents);
    }));
}

}  // namespace lares::sim
