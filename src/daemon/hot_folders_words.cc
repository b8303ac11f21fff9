// daemon/hot_folders_words.cc: what people are told of hot folders, and what they answer.

#include "daemon/hot_folders.h"

#include <algorithm>
#include <utility>

#include "daemon/hot_folder.h"
#include "text/glob.h"
#include "text/value.h"

namespace lares::daemon {

namespace {

constexpr std::size_t most_reasons = 100;

/// Why a file that has a row waits, or is left.
std::string words_of_row(ports::FileRow const& row) {
    if (row.state == "taken") return "job " + std::to_string(row.job) + " is for it";
    if (row.state == "moving") {
        return row.destination.empty() ? row.words : row.words + "; it is being moved";
    }
    if (row.state == "asked") {
        return row.words + "; waits for a person (file " + std::to_string(row.id) + ")";
    }
    if (row.state == "kept") return row.words + "; it lies here since, unchanged";
    return row.words;
}

/// Why a folder would not take a file of this name; empty: it would.
std::string why_not_named(config::Folder const& folder, std::string const& name) {
    if (name.empty() || name.size() > 255 || name.find('/') != name.npos || name == "." ||
        name == "..")
        return "a file's name has 1 to 255 bytes and no '/'";
    if (std::ranges::any_of(name, [](unsigned char c) { return c < ' ' || c == 0x7F; }))
        return "a file's name has no control characters";
    auto fits = [&](std::string const& pattern) { return text::glob_match(pattern, name); };
    bool is_matched = folder.match.empty() || std::ranges::any_of(folder.match, fits);
    if (name.starts_with('.') || !is_matched || std::ranges::any_of(folder.ignore, fits))
        return "the folder does not look at files of this name";
    return {};
}

}  // namespace

void HotFolders::drop_file(std::string_view folder, std::string const& name, std::string bytes,
                           std::string who, std::function<void(Result<std::string>)> done) {
    auto at = std::ranges::find_if(
        folders_, [&](auto const& each) { return each.second->config.name == folder; });
    if (at == folders_.end() || at->second->is_retired)
        return done(
            Error{Error::Kind::not_found, "there is no folder '" + text::clean_utf8(folder) + "'"});
    auto why = why_not_named(at->second->config, name);
    if (!why.empty())
        return done(
            Error{Error::Kind::invalid, "'" + text::clean_utf8(name.substr(0, 80)) + "': " + why});
    auto told = [this, who = std::move(who), folder = std::string(folder),
                 done = std::move(done)](Result<std::string> const& path) {
        if (path)
            hands_.note("operator", "file/" + *path, 0,
                        who + " dropped a file into folder '" + folder + "'", "");
        done(path);
    };
    intake_.put(at->second->config.path + "/" + name, std::move(bytes), std::move(told));
}

void HotFolders::settle_file(std::uint64_t file, bool run, std::string who, control::Done done) {
    Folder* folder = nullptr;
    for (auto& [id, each] : folders_) {
        if (each->rows.contains(file)) folder = each.get();
    }
    if (!folder) {
        return done(Error{Error::Kind::not_found,
                          "file " + std::to_string(file) + " does not wait for anybody"});
    }
    ports::FileRow row = folder->rows.at(file);
    if (row.state != "asked" && row.state != "problem") {
        return done(Error{
            Error::Kind::conflict,
            "file " + std::to_string(file) + " does not wait for anybody: " + words_of_row(row)});
    }
    std::string key = folder->key_of(row.path);
    std::vector<std::string> paths;
    for (auto& [id, each] : folder->rows) {
        if (folder->key_of(each.path) == key && each.state == row.state) paths.push_back(each.path);
    }
    for (std::string const& path : paths) {
        ports::FileRow& each = folder->rows.at(folder->by_path.at(path));
        if (run) {
            // Its row is used again when it is taken in.
            folder->row_again[identity_of(each)] = each.id;
            if (each.state == "asked") drop_row(*folder, each.id);
            continue;
        }
        folder->settler.forget(path);
        each.state = "kept", each.words = "left by " + who;
        each.ended = hands_.wall();
        write(each);
    }
    if (run) {
        folder->approved.insert(key);
        if (folder->is_watched) intake_.look(folder->id, std::move(paths));
    }
    hands_.note(run ? "folder.run" : "folder.left", "file/" + row.path, 0,
                (run ? "to be run, says " : "to be left, says ") + who, "");
    done({});
}

std::vector<control::FolderInfo> HotFolders::infos() const {
    std::vector<control::FolderInfo> infos;
    Instant now = hands_.now();
    for (auto const& [id, folder] : folders_) {
        if (folder->is_retired) continue;
        control::FolderInfo info;
        info.folder = &folder->config;
        info.is_polled = folder->is_polled;
        info.trouble = folder->trouble;
        info.blocked = folder->blocked;
        info.problems = folder->settler.problems();
        info.waiting = folder->settler.size() + folder->in_flight - info.problems;
        for (auto const& [number, row] : folder->rows) {
            info.taken += row.state == "taken" || row.state == "moving";
            info.problems += row.state == "asked";
            bool is_told = row.state == "asked" && info.reasons.size() < most_reasons;
            if (is_told) info.reasons.emplace_back(row.path, words_of_row(row));
        }
        for (auto& wait : folder->settler.reasons(now, most_reasons - info.reasons.size())) {
            info.reasons.emplace_back(std::move(wait.path), std::move(wait.words));
        }
        infos.push_back(std::move(info));
    }
    return infos;
}

std::optional<std::string> HotFolders::reason(std::string_view path) const {
    for (auto const& [id, folder] : folders_) {
        auto wait = folder->settler.reason(path, hands_.now());
        if (wait) {
            bool is_ready = wait->words.find("waits for its task") != std::string::npos;
            return is_ready && !folder->blocked.empty() ? wait->words + ": " + folder->blocked
                                                        : wait->words;
        }
        auto at = folder->by_path.find(std::string(path));
        if (at != folder->by_path.end()) return words_of_row(folder->rows.at(at->second));
    }
    return std::nullopt;
}

std::size_t HotFolders::arrived_since(std::string_view name, WallTime since) const {
    for (auto const& [id, folder] : folders_) {
        if (folder->config.name != name || folder->is_retired) continue;
        return static_cast<std::size_t>(
            std::ranges::count_if(folder->arrivals, [&](WallTime at) { return at >= since; }));
    }
    return 0;
}

}  // namespace lares::daemon
